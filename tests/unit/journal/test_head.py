"""The head of a journal is on the disk when it must be: at its beginning and its end, and soon after every commit."""

from __future__ import annotations

import os
import stat
import time
from itertools import pairwise
from pathlib import Path

import pytest
from pytest import approx

from tests.some import some
from tocsin.journal import head as module
from tocsin.journal.head import HeadFile, head_path, read_head


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


def written(path: Path, last: int) -> list[bytes]:
    """The file after each event up to the last was noted."""
    head = HeadFile(path, b"j" * 16, 4)
    head.begin(1, b"a" * 32)
    found = [head_path(path).read_bytes()]
    for seq in range(2, last + 1):
        head.write(seq, bytes([seq]) * 32)
        found.append(head_path(path).read_bytes())
    head.close()
    return found


def test_a_write_that_is_torn_leaves_what_was_noted_before_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    states = written(path, 6)
    torn = 0
    for seq, (before, after) in enumerate(pairwise(states), 2):
        changed = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        for reached in some(range(changed[0], changed[-1])):
            head_path(path).write_bytes(after[: reached + 1] + before[reached + 1 :])
            found = read_head(path)
            # Of what is the same before and after nothing can be torn.
            assert found is not None and found.seq == seq - 1
            torn += 1
        head_path(path).write_bytes(after)
        found = read_head(path)
        assert found is not None and found[:4] == (b"j" * 16, 4, seq, bytes([seq]) * 32)
        assert found.at_s == approx(time.time(), abs=600)
    assert torn > 100


@pytest.mark.parametrize("lost", [0, 1])
def test_after_a_beginning_either_half_of_the_file_says_where_it_began(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "journal.db"
    written(path, 9)
    head = HeadFile(path, b"j" * 16, 4)
    head.begin(3, b"c" * 32)
    head.close()
    halves = bytearray(head_path(path).read_bytes())
    half = len(halves) // 2
    halves[lost * half : (lost + 1) * half] = bytes(half)
    head_path(path).write_bytes(halves)
    found = read_head(path)
    assert found is not None and (found.seq, found.hash) == (3, b"c" * 32)


def test_a_head_that_is_opened_again_is_newer_than_what_it_said_before(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    written(path, 9)
    head = HeadFile(path, b"j" * 16, 4)
    head.write(10, b"x" * 32)
    head.close()
    found = read_head(path)
    assert found is not None and found.seq == 10


@pytest.mark.parametrize("harm", ["gone", "empty", "short", "zeros", "another's"])
def test_where_no_half_is_whole_there_is_no_head(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "journal.db"
    (whole,) = written(path, 1)
    made = {
        "empty": b"",
        "short": whole[:87],
        "zeros": bytes(len(whole)),
        "another's": whole.replace(b"TCSN", b"NSCT"),
    }
    if harm == "gone":
        head_path(path).unlink()
    else:
        head_path(path).write_bytes(made[harm])
    assert read_head(path) is None
