"""The ledger's own form: one record a line, with everything in it; what is exported so comes back the same.

Quality: as lines of observations are read (`ingest.lines`); a bad line costs itself only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from tocsin.ingest.lines import bounded_lines
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats.bounded import LINES_MAX, opened
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record, record_json
from tocsin.ledger.wire import RECORD_BYTES_MAX, record_from_json
from tocsin.model.errors import BadFile, BadInput

_WHAT = "a .jsonl of records"


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """Every record of a file of JSON lines; the others go to `rejects`. Raises BadFile where it cannot be opened."""
    try:
        with opened(path, _WHAT) as stream:
            for number, line in bounded_lines(stream, str(path), rejects, RECORD_BYTES_MAX):
                if number > LINES_MAX:
                    raise BadFile(f"{path} has more than {LINES_MAX:,} lines; cut it into parts")
                rejects.read()
                where = f"{path}:{number}"
                try:
                    record = record_from_json(line)
                except BadInput as error:
                    rejects.add(str(error), line, where)
                    continue
                rejects.use()
                yield Row(where, (record,))
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of {_WHAT}") from error


def write(records: Iterable[Record], file: BinaryIO) -> int:
    """Write records, one a line; how many."""
    number = 0
    for record in records:
        file.write(record_json(record) + b"\n")
        number += 1
    return number
