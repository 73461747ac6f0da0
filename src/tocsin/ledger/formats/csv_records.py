"""Tables of CSV (RFC 4180) as records, whatever stands in them.

Quality: a quoted field may hold commas, quotes written twice and line ends. A quote that is never closed costs its own
line and none of those behind it. Records that are too long, or no text, are rejected with their line. Read = used +
rejected: whoever takes records counts each as used, or turns it away.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats.bounded import LINES_MAX, opened
from tocsin.model.errors import BadFile
from tocsin.model.utf8 import is_utf16

# As much as a record of the ledger may hold (`wire.RECORD_BYTES_MAX`).
RECORD_CHARS_MAX = 1_000_000
# A statement of 2,000 characters may be all line ends, and so may the texts beside it; a quote that is still open after
# more lines was never meant to be closed.
RECORD_LINES_MAX = 5_000
COLUMNS_MAX = 1_000
# One field: quoted (and what is wrongly written behind the quote), or bare; then what ends it.
_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"(?!")([^,]*)|([^",][^,]*|))(,|$)', re.DOTALL)
# gzip, zip (and with it .xlsx and .ods), zstd, xz, bzip2.
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh")
# What spreadsheets write instead of commas where a comma is the decimal sign, and what they copy with.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# How a file is shown to a person who gave the wrong one.
_HEADING_SHOWN_CHARS = 300


class CsvRecord(NamedTuple):
    """One record.

    line     the line that it begins on, from 1
    fields   by column; those that the heading does not name are not here
    text     as it was written, for the reject file
    """

    line: int
    fields: dict[str, str]
    text: str


def read_csv(path: Path, needed: tuple[str, ...], rejects: Rejects) -> Iterator[CsvRecord]:
    """Every record of a file under its heading; each is counted as read, and as rejected where it is none.

    needed   columns that must be there; others may be

    Raises BadFile where the file cannot be read, or its heading lacks one of them.
    """
    with opened(path, "a table (CSV)") as file:
        head = file.peek(64)[:64]
        if is_utf16(head):
            raise BadFile(f"{path} is UTF-16 text; save it as UTF-8")
        if head.startswith(_PACKED):
            raise BadFile(f"{path} is compressed, or a spreadsheet's own file; unpack it, or save it as CSV")
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        found = _records(lines, str(path), rejects)
        names = _heading(next(found, None), path, needed)
        for line, text in found:
            if line > LINES_MAX:
                raise BadFile(f"{path} has more than {LINES_MAX:,} lines; cut it into parts")
            rejects.read()
            fields = fields_of(text)
            if fields is None:
                rejects.add("a quote that is not closed", text, f"{path}:{line}")
            elif len(fields) != len(names):
                rejects.add(f"it has {len(fields)} fields under a heading of {len(names)}", text, f"{path}:{line}")
            elif not text.isascii() and not _is_text(text):
                rejects.add("it is no UTF-8 text", text.encode(errors="surrogateescape"), f"{path}:{line}")
            else:
                yield CsvRecord(line, dict(zip(names, fields, strict=True)), text)


def _heading(found: tuple[int, str] | None, path: Path, needed: tuple[str, ...]) -> list[str]:
    if found is None:
        wanted = f": {', '.join(needed)}" if needed else ""
        raise BadFile(f"{path} is empty; it should begin with the names of its columns{wanted}")
    names = [one.strip() for one in fields_of(found[1]) or ()]
    shown = ", ".join(names)[:_HEADING_SHOWN_CHARS].encode(errors="replace").decode()
    # A table of one column is none of those that are read here.
    if len(names) == 1 and (found_in := [said for mark, said in _SEPARATORS.items() if mark in names[0]]):
        raise BadFile(f"{path} has {found_in[0]} between its columns; save it with commas")
    missing = [one for one in needed if one not in names]
    if missing:
        raise BadFile(f"{path} has no column {missing[0]}; its columns are {shown}: is --format the right one?")
    if len(names) > COLUMNS_MAX or len(set(names)) < len(names):
        raise BadFile(f"{path} has columns of the same name, or more than {COLUMNS_MAX}: {shown}; name each once")
    return names


def _records(lines: io.TextIOBase, name: str, rejects: Rejects) -> Iterator[tuple[int, str]]:
    """(line that it begins on, text without its line end) of every record that is not blank."""
    again: deque[str] = deque()
    number = 0
    while line := again.popleft() if again else lines.readline(RECORD_CHARS_MAX + 1):
        number += 1
        if len(line) > RECORD_CHARS_MAX:
            rejects.read()
            rejects.add(f"a line longer than {RECORD_CHARS_MAX} characters", line, f"{name}:{number}")
            _skip(line, lines)
            continue
        held, chars, opened = [line], len(line), is_open(line)
        while opened:
            more = again.popleft() if again else lines.readline(RECORD_CHARS_MAX + 1)
            held.append(more)
            chars += len(more)
            if not more or len(held) > RECORD_LINES_MAX or chars > RECORD_CHARS_MAX:
                break
            opened = more.count('"') % 2 == 0
        if opened:
            again.extendleft(reversed([one for one in held[1:] if one]))
            rejects.read()
            rejects.add("a quote that is not closed", line, f"{name}:{number}")
            continue
        if text := "".join(held).rstrip("\r\n"):
            yield number, text
        number += len(held) - 1


def is_open(text: str) -> bool:
    """Whether a quoted field begins in a record's beginning and does not end there.

    >>> [is_open(text) for text in ('a,"b', 'a,"b","c"', 'a 5" gun,b', 'a,"b ""c"" d')]
    [True, False, False, True]
    """
    return text.count('"') % 2 == 1 and fields_of(text.rstrip("\r\n")) is None


def fields_of(text: str) -> list[str] | None:
    """The fields of a record; None where a quote in it is not closed.

    >>> fields_of('a,"b, ""c"" d",5" gun,')
    ['a', 'b, "c" d', '5" gun', '']
    """
    if '"' not in text:
        return text.split(",")
    fields: list[str] = []
    at = 0
    while found := _FIELD.match(text, at):
        quoted, behind, bare, ended = found.groups()
        fields.append(bare if quoted is None else quoted.replace('""', '"') + behind)
        if not ended:
            return fields
        at = found.end()
    return None


def _skip(line: str, lines: io.TextIOBase) -> None:
    """Read on to the end of a line that is too long, without holding it."""
    while line and not line.endswith(("\n", "\r")):
        line = lines.readline(RECORD_CHARS_MAX + 1)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
