"""The rows of a CSV whose quotes may be wrong: one that is not closed costs its row, not all that follow it."""

from __future__ import annotations

import csv
import io

# Without a bound of our own, csv gives up a table for a cell of 131,072 characters, which an open quote soon makes.
CELL_CHARS_MAX = 50_000_000


def csv_rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows that are not blank, the heading first. Raises ValueError where it is no table.

    A cell may hold line breaks between quotes. Where the row that comes of it is not as wide as the heading, its lines
    are read one by one.

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
    reader = csv.reader(lines, delimiter=delimiter)
    found: list[list[str]] = []
    end = 0
    for row in reader:
        begin, end = end, reader.line_num
        if end - begin > 1 and found and len(row) != len(found[0]):
            found += (next(csv.reader([line], delimiter=delimiter), []) for line in lines[begin:end])
        else:
            found.append(row)
    return [row for row in found if any(row)]
