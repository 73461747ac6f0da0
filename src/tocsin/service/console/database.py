"""SQLite files of the console: private, and never a reason not to warn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import structlog

log = structlog.get_logger(__name__)


def opened(path: Path, application_id: int, tables: str, *, durable: bool = True) -> tuple[apsw.Connection, str | None]:
    """A file of ours, made where there is none; or a database in memory, and why, where it cannot be used."""
    try:
        # Private before anything is written to it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        return _made(apsw.Connection(str(path)), application_id, tables, durable=durable), None
    except (OSError, apsw.Error) as error:
        trouble = f"{path.name} cannot be used ({error}); what it holds is not shown, nothing is added; move it away"
        log.error("the console's file cannot be used", path=str(path), reason=str(error))
        return _made(apsw.Connection(":memory:"), application_id, tables, durable=False), trouble


@contextmanager
def written(db: apsw.Connection) -> Iterator[None]:
    """All of it, or nothing where the disk refuses. Raises apsw.Error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk takes the transaction back by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _made(db: apsw.Connection, application_id: int, tables: str, *, durable: bool) -> apsw.Connection:
    try:
        db.set_busy_timeout(5_000)
        ((found,),) = db.execute("PRAGMA application_id")
        ((empty,),) = db.execute("SELECT count(*) = 0 FROM sqlite_schema")
        if found != application_id and not (found == 0 and empty):
            raise OSError("it is another program's file")
        db.execute(f"PRAGMA application_id = {application_id}")
        db.execute("PRAGMA journal_mode = TRUNCATE")
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        db.execute(tables)
    except (OSError, apsw.Error):
        db.close()
        raise
    return db
