"""A file that is whole or not there: what reaches the disk, and in which order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tocsin.journal.durable import durable_file


class Disk:
    """Watches what is asked of the disk: (what, name, size at that moment), in order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, str, int]] = []
        fsync, rename = os.fsync, os.replace

        def watched_fsync(handle: int) -> None:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.asked.append(("fsync", path.name, 0 if path.is_dir() else path.stat().st_size))
            fsync(handle)

        def watched_rename(source: Any, target: Any, **more: Any) -> None:
            self.asked.append(("rename", Path(target).name, Path(source).stat().st_size))
            rename(source, target, **more)

        patch.setattr(os, "fsync", watched_fsync)
        patch.setattr(os, "replace", watched_rename)


def test_a_file_is_on_the_disk_whole_before_it_takes_its_name_and_the_name_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with durable_file(tmp_path / "kept") as file:
        # Small enough that it waits in a buffer until it is asked for.
        file.write(b"a word")
        assert not (tmp_path / "kept").exists()
    assert disk.asked == [("fsync", "kept.part", 6), ("rename", "kept", 6), ("fsync", tmp_path.name, 0)]
    assert (tmp_path / "kept").read_bytes() == b"a word"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "kept").write_bytes(b"old")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(OSError, match="No space"), durable_file(tmp_path / "kept") as file:
        file.write(b"new")
    monkeypatch.undo()
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"kept": b"old"}


def test_a_writer_that_gives_up_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), durable_file(tmp_path / "kept") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with durable_file(tmp_path / "kept"):
            pass
    finally:
        os.umask(old)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
