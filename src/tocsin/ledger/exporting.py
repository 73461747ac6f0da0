"""The ledger into a file of one of our own forms: what is exported comes back as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from tocsin.journal.durable import durable_file
from tocsin.ledger.importing import FORMATS
from tocsin.ledger.pseudonyms import Pseudonyms
from tocsin.ledger.record import Record
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.wire import KINDS, AnyRecord
from tocsin.model.errors import BadFile, BadSettings

# Our own forms: their modules write, too.
WRITTEN = ("jsonl", "csv", "hxl", "geojson", "parquet")

Progress = Callable[[Iterable[AnyRecord]], Iterable[AnyRecord]]


def export_file(
    store: SqlStore,
    path: Path,
    format_: str,
    *,
    private: bool = False,
    kinds: Collection[str] = (),
    progress: Progress = lambda records: records,
) -> int:
    """Write the records of a ledger, in order of arrival; how many.

    path      it appears there when it is complete, and else what was there stays; a link gives way to the file, and
              what it led to stays as it was
    private   with the personal parts of records, into a file that only its owner may read; else with their seals alone,
              and witnesses by a pseudonym (`Pseudonyms`)
    kinds     of these kinds only; empty: all

    Raises BadSettings for a format or a kind that nobody knows, BadFile where the file cannot be written.
    """
    if format_ not in WRITTEN:
        also = " (it is for import only)" if format_ in FORMATS else ""
        raise BadSettings(f"nothing is exported as {format_!r}{also}; choose one of {', '.join(WRITTEN)}")
    if unknown := sorted(set(kinds) - KINDS.keys()):
        raise BadSettings(f"there is no kind of record {unknown[0]!r}; known are {', '.join(sorted(KINDS))}")
    records: Iterable[Record] = progress(store.read(kinds))
    if not private:
        records = map(Pseudonyms(store), records)
    try:
        with _whole(path, 0o600 if private else 0o644) as file:
            return int(import_module(FORMATS[format_]).write(records, file))
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}; choose another --out") from error


@contextmanager
def _whole(path: Path, mode: int) -> Iterator[BinaryIO]:
    if (path.exists() and not path.is_file()) or _is_of_the_system(path):
        # A pipe or a device keeps nothing, and must not be put a file in place of; nor must /dev/stdout.
        with path.open("wb") as file:
            yield file
        return
    with durable_file(path) as file:
        os.fchmod(file.fileno(), mode)
        yield file


def _is_of_the_system(path: Path) -> bool:
    """Whether a name is one of those that lead to what this program was started with."""
    folder = Path(os.path.realpath(path.parent))
    return any(folder.is_relative_to(one) for one in ("/dev", "/proc"))
