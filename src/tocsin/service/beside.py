"""What the service keeps beside its journal, copied while it runs and put back: people, spotters, sites, log, pushes.

Each is a SQLite file of its own, written through its own log; copied by hand at the wrong moment it is two halves.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw

from tocsin.model.errors import BadFile
from tocsin.service.secret import secret_path

PEOPLE = "people.db"
# The folder beside the journal where channels keep what they must know after a restart.
CHANNELS = "channels"
# Worth nothing after a day.
_LEFT = "past.db"


def copy_beside(journal: Path, folder: Path, people: Path | None = None) -> list[str]:
    """Copy all of it into a folder, each readable by its owner alone; the names of the copies.

    people   the file of people, where it does not lie beside the journal

    Raises BadFile naming what cannot be read or is damaged.
    """
    found = {path.name: path for path in sorted(journal.parent.glob("*.db")) if path.name not in (journal.name, _LEFT)}
    found |= {f"{CHANNELS}/{path.name}": path for path in sorted((journal.parent / CHANNELS).glob("*.db"))}
    if people is not None:
        found[PEOPLE] = people
    for name, path in found.items():
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        _copy_database(path, folder / name)
    secret = secret_path(journal)
    if secret.exists():
        _copy(secret, folder / secret.name)
    return [*found, *([secret.name] if secret.exists() else [])]


def restore_beside(folder: Path, journal: Path, copied: str, people: Path | None = None) -> list[str]:
    """Put all that a backup holds beside a journal; their names. Nothing is overwritten.

    copied   what the journal itself is called in the backup

    Raises BadFile.
    """
    targets = targets_in(folder, journal, copied, people)
    for name, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(folder / name, target)
        if name == PEOPLE:
            _end_sessions(target)
    return list(targets)


def targets_in(folder: Path, journal: Path, copied: str, people: Path | None = None) -> dict[str, Path]:
    """Where each file of a backup would go, by its name there. Raises BadFile where something is there already."""
    names = [path.name for path in sorted(folder.glob("*.db")) if path.name != copied]
    names += [f"{CHANNELS}/{path.name}" for path in sorted((folder / CHANNELS).glob("*.db"))]
    names += [path.name for path in [secret_path(folder / copied)] if path.exists()]
    found = {name: journal.parent / name for name in names}
    if people is not None and PEOPLE in found:
        found[PEOPLE] = people
    there = [str(path) for path in found.values() if path.exists()]
    if there:
        raise BadFile(f"{', '.join(there)}: is there already; move it away first, or restore to another folder")
    return found


def _copy_database(path: Path, copy: Path) -> None:
    try:
        copy.touch(mode=0o600)
        source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        target = apsw.Connection(str(copy))
        try:
            with target.backup("main", source, "main") as copying:
                while not copying.done:
                    copying.step(500)
            target.execute("PRAGMA journal_mode = DELETE").fetchall()
            said = target.execute("PRAGMA quick_check(1)").fetchall()
        finally:
            target.close()
            source.close()
    except (OSError, apsw.Error) as error:
        raise BadFile(f"{path} cannot be copied ({error}); the journal is, and what comes before it by name") from error
    if said != [("ok",)]:
        raise BadFile(f"{path} is damaged ({said[0][0]}); restore it from an older copy")


def _end_sessions(path: Path) -> None:
    """Whatever session was ended since the copy was taken must not open anything again."""
    db = apsw.Connection(str(path))
    try:
        db.execute("DELETE FROM session")
    except apsw.Error as error:
        raise BadFile(f"{path} is no file of people ({error})") from error
    finally:
        db.close()


def _copy(path: Path, copy: Path) -> None:
    try:
        copy.touch(mode=0o600)
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
    except OSError as error:
        raise BadFile(f"{copy} cannot be written ({error}); check the disk") from error
