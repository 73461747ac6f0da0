"""The head of a journal is on the disk when it must be: at its beginning and its end, and soon after every commit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tocsin.journal import head as module
from tocsin.journal.head import HeadFile


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for every time the disk was asked to make a head durable."""
    asked: list[int] = []
    fdatasync = os.fdatasync

    def watched(handle: int) -> None:
        asked.append(len(asked))
        fdatasync(handle)

    monkeypatch.setattr(os, "fdatasync", watched)
    monkeypatch.setattr(module, "SYNC_EVERY_S", 3_600.0)
    return asked


def test_a_head_is_durable_at_its_beginning_and_when_it_is_closed(tmp_path: Path, synced: list[int]) -> None:
    head = HeadFile(tmp_path / "journal.db", b"j" * 16, 4)
    head.begin(1, b"a" * 32)
    assert len(synced) == 1
    head.write(2, b"b" * 32)
    head.close()
    assert len(synced) == 2, "closing waits for no interval"


def test_in_between_it_is_made_durable_only_so_often_and_not_when_nothing_was_written(
    tmp_path: Path, synced: list[int]
) -> None:
    head = HeadFile(tmp_path / "journal.db", b"j" * 16, 4)
    head.begin(1, b"a" * 32)
    head.write(2, b"b" * 32)
    head.sync(at_once=False)
    assert len(synced) == 1, "too soon after the last time"
    head.sync()
    assert len(synced) == 2
    head.sync()
    assert len(synced) == 2, "nothing was written since"
    head.close()


def test_only_its_owner_may_read_a_head(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        HeadFile(tmp_path / "journal.db", b"j" * 16, 4).close()
    finally:
        os.umask(before)
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
