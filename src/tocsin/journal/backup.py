"""Copying a journal while it is written, and putting a copy back where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw

from tocsin.journal.check import check
from tocsin.journal.durable import sync_folder
from tocsin.journal.gap import Gap, keep_gap
from tocsin.journal.head import HeadFile
from tocsin.journal.opening import arrived
from tocsin.journal.reading import Reading
from tocsin.journal.snapshots import Snapshots, read
from tocsin.journal.store import SCHEMA_VERSION
from tocsin.model.errors import BadFile, JournalDamaged, JournalError

NAME = "journal.db"
# Pages copied at a time; whoever writes gets in between.
_PAGES = 500


def backup(path: Path, folder: Path) -> int:
    """Copy the journal at `path` into a new folder, with its head, archive and newest snapshot; its last event there.

    The service may go on writing. Raises BadFile where the folder is there already or cannot be written, and
    JournalDamaged where the copy is not whole.
    """
    try:
        return _backup(path, folder)
    except JournalError as error:
        if not folder.exists():
            raise
        # It may be the best there is, and must not be taken for a backup.
        kept = _damaged(folder)
        folder.rename(kept)
        raise JournalDamaged(f"{error}; what could be copied is in {kept}, which is no backup") from error
    except OSError as error:
        raise BadFile(f"{folder} cannot be written ({error}); check the disk, and remove what is there") from error


def _backup(path: Path, folder: Path) -> int:
    if there := [one for one in (folder, _damaged(folder)) if one.exists()]:
        raise BadFile(f"{there[0]} is there already; name a folder that is not, such as one with today's date")
    copy = folder / NAME
    with Reading(path) as reading:
        folder.mkdir(parents=True, mode=0o700)
        copy.touch(mode=0o600)
        _copy_database(reading.db, copy)
    with Reading(copy) as copied:
        # The archive only ever grows, so what the copy names is there.
        beside = reading.path.with_name(reading.path.name + ".archive")
        files = [file for one in copied.segments for file in (beside / one.name, beside / f"{one.name}.sha256")]
        _copy_files(files, copy)
        last, chain = copied.last_seq, copied.chain_at(copied.last_seq)
        journal_id = copied.journal_id
    assert chain is not None, "a copy whose last event ends no commit"
    head = HeadFile(copy, journal_id, SCHEMA_VERSION)
    head.begin(last, chain)
    head.close()
    _copy_snapshot(reading.path, copy, last)
    _must_be_whole(copy)
    return last


def _damaged(folder: Path) -> Path:
    return folder.with_name(folder.name + ".damaged")


def restore(folder: Path, path: Path) -> int:
    """Put the journal of a backup at `path`, where none may be; its last event.

    What came after the backup is missing, and the journal knows it: the service holds what stood until it is released.
    Raises BadFile, and JournalDamaged where the backup is not whole.
    """
    try:
        return _restore(folder, path)
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error}); check the disk, and remove what is there") from error


def _restore(folder: Path, path: Path) -> int:
    source = folder / NAME
    if not source.is_file():
        raise BadFile(f"{folder} holds no {NAME}; give the folder that `tocsin journal backup` wrote")
    there = sorted(file.name for file in path.parent.glob(path.name + "*") if not file.name.endswith(".lock"))
    if there:
        raise BadFile(f"{path} is there already ({', '.join(there)}); move it away first, or restore to another path")
    _must_be_whole(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".restoring")
    for suffix in (".archive", ".snapshots", ".head"):
        found = source.with_name(source.name + suffix)
        target = path.with_name(path.name + suffix)
        if found.is_dir():
            shutil.copytree(found, target)
        elif found.exists():
            shutil.copyfile(found, target)
            target.chmod(0o600)
    shutil.copyfile(source, part)
    part.chmod(0o600)
    part.replace(path)
    sync_folder(path.parent)
    with Reading(path) as reading:
        last, since = reading.last_seq, arrived(reading.db)
    _must_be_whole(path)
    newest = [bound.path for bound in Snapshots(path.with_name(path.name + ".snapshots")).bounds()]
    keep_gap(
        path,
        Gap(
            first=last + 1,
            last=None,
            since=since,
            why="it was restored from a backup",
            snapshot=str(newest[0].resolve()) if newest else None,
        ),
    )
    return last


def _copy_database(db: apsw.Connection, copy: Path) -> None:
    target = apsw.Connection(str(copy))
    try:
        with target.backup("main", db, "main") as copying:
            while not copying.done:
                copying.step(_PAGES)
        # A backup is one file: whoever carries it away need not know of a write-ahead log.
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        target.close()


def _copy_files(files: list[Path], copy: Path) -> None:
    folder = copy.with_name(copy.name + ".archive")
    if files:
        folder.mkdir(mode=0o700)
    for file in files:
        if file.exists():
            shutil.copyfile(file, folder / file.name)
            (folder / file.name).chmod(0o400)


def _copy_snapshot(path: Path, copy: Path, last: int) -> None:
    """The newest snapshot that is whole and no newer than the copy."""
    for bound in Snapshots(path.with_name(path.name + ".snapshots")).bounds():
        if bound.at <= last and read(bound.path) is not None:
            folder = copy.with_name(copy.name + ".snapshots")
            folder.mkdir(mode=0o700)
            shutil.copyfile(bound.path, folder / bound.path.name)
            (folder / bound.path.name).chmod(0o600)
            return


def _must_be_whole(path: Path) -> None:
    troubles = list(check(path))
    if troubles:
        raise JournalDamaged(f"{path} is not whole: {troubles[0]}; `tocsin journal check {path}` says all of it")
