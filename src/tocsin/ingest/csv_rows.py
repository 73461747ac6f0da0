"""The rows of a CSV whose quotes may be wrong: one that is not closed costs its row, not all that follow it."""

from __future__ import annotations

import csv
import io

# Without a bound of our own, csv gives up a table for a cell of 131,072 characters, which an open quote soon makes.
CELL_CHARS_MAX = 50_000_000
# A row of more lines than this has a quote that nobody closed.
ROW_LINES_MAX = 100


def csv_rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows that are not blank, the heading first. Raises ValueError where it is no table.

    A cell may hold line breaks between quotes. Where the quotes are wrong, or the row that comes of them is not as wide
    as the heading, its first line is read alone, and the next begins a row.

    >>> csv_rows('id,name\\n1,"A\\n2,"B"\\n', ",")
    [['id', 'name'], ['1', 'A'], ['2', 'B']]
    """
    before = csv.field_size_limit(CELL_CHARS_MAX)
    try:
        return _rows(list(io.StringIO(text, newline="")), delimiter)
    except csv.Error as error:
        raise ValueError(str(error)) from error
    finally:
        csv.field_size_limit(before)


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    at = 0
    if not any('"' in line for line in lines):
        return [row for row in csv.reader(lines, delimiter=delimiter) if any(row)]
    while at < len(lines):
        row, end = _row(lines, at, delimiter)
        if end - at > 1 and found and len(row) != len(found[0]):
            row, end = _alone(lines[at], delimiter), at + 1
        found.append(row)
        at = end
    return [row for row in found if any(row)]


def _row(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """The row that begins in a line, and the line after it; where its quotes are wrong, the line alone."""
    reader = csv.reader(lines[at : at + ROW_LINES_MAX], delimiter=delimiter, strict=True)
    try:
        return next(reader), at + reader.line_num
    except csv.Error:
        return _alone(lines[at], delimiter), at + 1


def _alone(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
