"""Tables as text, in any dialect of CSV, into a table `raw` of DuckDB with the columns that are wanted.

Quality: fields are parted by the comma, semicolon, tab or bar that parts the heading; `sep=` in front of it is heeded.
Names in the heading may be quoted, and in any case. Lines that begin with `#` are comments, and counted; a heading may
stand behind one. Lines end in LF, CR LF or CR. A row has as many fields as the heading; one that has more or
fewer keeps its text in the column `wrong`, so that decimals written with commas never slide into the next column. A
quote that is not closed costs its row only. Blank lines are no rows (`fields` is NULL). Lines that are too long or
no text are not in the table; their numbers come back.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadFile
from tocsin.model.utf8 import Utf8Stream, is_utf16

if TYPE_CHECKING:
    import duckdb

LINE_BYTES_MAX = 100_000
COLUMNS_MAX = 1_000
# Before the heading: `sep=;`, blank lines, comments.
HEAD_LINES_MAX = 100
HEAD_BYTES_MAX = 1 << 20
COMMENT = "#"
_DELIMITERS = ",;\t|"
# So many fields has a row with a quote that is not closed: nobody can say where they end.
UNCLOSED = -1
# So many has a comment.
REMARK = -2
# A character that parts nothing: each line is one field of DuckDB's, and is parted here.
_NO_DELIMITER = "\x01"

# Of a file's columns, those that are wanted; raises BadFile where one that must be there is missing.
Wanted = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How a file came into the table `raw`.

    fields       how many a row has by its heading
    delimiter    what parts them; empty: nothing does
    head_lines   lines up to and with the heading
    unreadable   int64 [N], the lines (from 1) that are not in the table
    """

    fields: int
    delimiter: str
    head_lines: int
    unreadable: NDArray[np.int64]


def sealed_connection() -> duckdb.DuckDBPyConnection:
    """A database in memory that touches nothing but the files it is told: no extensions from the network, no spill."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": "",
            "preserve_insertion_order": "true",
        },
    )


def heading_of(path: Path, wanted: Wanted) -> list[str]:
    """The names of a text's columns, whether they are wanted or not. Raises BadFile where it has no heading."""
    with path.open("rb") as file:
        return _heading(file, path, wanted)[1]


@contextmanager
def in_utf8(path: Path) -> Iterator[Path]:
    """A file's own path, or, of text in UTF-16, that of a copy in UTF-8 for as long as it is needed."""
    with path.open("rb") as file:
        if not is_utf16(file.peek(HEAD_BYTES_MAX)):
            yield path
            return
        with tempfile.NamedTemporaryFile(suffix=path.suffix) as copy:
            text = Utf8Stream(file)
            while chunk := text.read1(HEAD_BYTES_MAX):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)


def load_csv(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted, rows_max: int) -> Loaded:
    """Load a file as text. Raises BadFile where its heading cannot be used."""
    with path.open("rb") as file:
        delimiter, names, head_lines = _heading(file, path, wanted)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if len(names) > COLUMNS_MAX or twice:
        what = f"with {twice[0][:60]} twice" if twice else f"of {len(names)} columns"
        raise BadFile(f"{path} has a heading {what}; at most {COLUMNS_MAX}, each once, are read")
    columns = {name: f"f[{names.index(name) + 1}]" for name in wanted(names)}
    # No value that is wanted has a delimiter in it, quoted or not: 60000,5 under a heading of commas is two fields.
    # A sensor may be called so; nothing else that a row may begin with is.
    comments = "false" if names[0] == "sensor" else f"starts_with(trim(line), '{COMMENT}')"
    inside = " OR ".join(f"contains({field}, $d)" for field in columns.values())
    connection.execute(
        f"""CREATE TABLE raw AS
            WITH lines AS (
                SELECT CASE WHEN trim(line, ' \t\r') <> '' THEN line END AS line, string_split(line, $d) AS f
                FROM read_csv($path, columns={{'line': 'VARCHAR'}}, auto_detect=false, header=false, skip={head_lines},
                    delim='{_NO_DELIMITER}', quote='', escape='', strict_mode=false, store_rejects=true,
                    max_line_size={LINE_BYTES_MAX})
                LIMIT {rows_max + 1}),
            parted AS (
                SELECT line, len(f) AS bare, CASE WHEN NOT contains(line, '"') THEN f
                    WHEN regexp_full_match(line || $d, $whole) THEN regexp_extract_all(line || $d, $one, 1) END AS f
                FROM lines),
            judged AS (
                SELECT *, CASE WHEN line IS NULL THEN NULL WHEN {comments} THEN {REMARK} WHEN f IS NULL THEN {UNCLOSED}
                    WHEN len(f) = $n AND ({inside}) THEN bare ELSE len(f) END AS fields
                FROM parted)
            SELECT {", ".join(f"{field} AS {quoted(name)}" for name, field in columns.items())},
                CAST(fields AS INTEGER) AS fields, CASE WHEN fields <> $n THEN line END AS wrong
            FROM judged""",  # noqa: S608
        {
            "path": source_path(path), "d": delimiter, "n": len(names),
            "one": _field(delimiter), "whole": f"(?:{_field(delimiter)})*",
        },
    )  # fmt: skip
    found = connection.execute("SELECT DISTINCT line FROM reject_errors ORDER BY line").fetchnumpy()["line"]
    return Loaded(len(names), delimiter, head_lines, np.asarray(found, np.int64))


def _heading(file: BinaryIO, path: Path, wanted: Wanted) -> tuple[str, list[str], int]:
    """(what parts the fields, the names of the columns, lines up to and with the heading)."""
    said = ""
    for number, line in enumerate(_head_lines(file, path), 1):
        text = line.strip().strip('"')
        if text.lower().startswith("sep=") and len(text) == len("sep=") + 1:
            said = text[-1]
        elif text.startswith(COMMENT):
            delimiter, names = _dialect(line.replace(COMMENT, "", 1), said, wanted)
            if _known(names, wanted):
                return delimiter, names, number
        elif text:
            return *_dialect(line, said, wanted), number
    raise BadFile(f"{path} has no heading in its first {HEAD_LINES_MAX} lines; it has no column of plots")


def _head_lines(file: BinaryIO, path: Path) -> list[str]:
    head = file.read(HEAD_BYTES_MAX)
    lines = _decoded(head).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # A sep= line ends in the delimiter, which may be a tab.
    return [line[:LINE_BYTES_MAX] for line in lines[:HEAD_LINES_MAX]]


def _decoded(head: bytes) -> str:
    return head.decode("utf-16" if is_utf16(head) else "utf-8-sig", errors="replace")


def _known(names: Sequence[str], wanted: Wanted) -> bool:
    """Whether a heading names what must be there."""
    try:
        return bool(wanted(names))
    except BadFile:
        return False


def _dialect(line: str, said: str, wanted: Wanted) -> tuple[str, list[str]]:
    """The delimiter under which a heading names what is wanted; else the one that parts it into most."""
    headings = {one: [column_name(name) for name in line.split(one)] for one in said or _DELIMITERS}
    for delimiter, names in headings.items():
        if _known(names, wanted):
            return delimiter, names
    return max(headings.items(), key=lambda one: len(one[1]))


def column_name(written: str) -> str:
    """A column's name as we write it.

    >>> column_name(' "Range M"')
    'range_m'
    """
    return written.strip(' \t\r\n"\ufeff').casefold().replace(" ", "_")


def _field(delimiter: str) -> str:
    """A field, quoted or not, and the delimiter after it, as RE2 reads it."""
    d = {"\t": r"\t", "|": r"\|"}.get(delimiter, delimiter)
    return rf'([ ]*"(?:[^"]|"")*"[ \r]*|[ ]*(?:[^ "{d}][^{d}]*)?){d}'


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def source_path(path: Path) -> str:
    """A path in which DuckDB sees no pattern: `[x]` stands for the character x itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path.absolute()))
