"""`csv`: records as a table (RFC 4180), a row each, in columns that a spreadsheet can work on; `hxl` tags them.

What is exported comes back as it was. A cell that a spreadsheet would run as a formula is written with an apostrophe in
front, which is taken off again on the way in; numbers stay numbers. With a second row of HXL tags
(https://hxlstandard.org, 1.1), humanitarian tools know the columns, and columns of others are found by their tags.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.flat import COLUMNS, FLAGS, FLOATS, WHOLES, Cell, cell, flat, record_of
from tocsin.ledger.importing import Row
from tocsin.ledger.record import Record
from tocsin.model.errors import BadFile, BadInput

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), with the apostrophes before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")  # fmt: skip
_QUOTED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")
_NUMBERS = FLOATS | WHOLES | FLAGS
# Core hashtags of HXL 1.1 where there are such, and attributes of ours.
HXL_TAGS = {
    "record": "#meta+record", "id": "#meta+id", "recorded": "#date+recorded", "by": "#meta+recorded+by",
    "incident": "#event+id", "begin": "#date+start", "end": "#date+end", "said": "#date+text",
    "lat": "#geo+lat", "lon": "#geo+lon", "sigma_m": "#geo+precision", "place": "#loc+name", "zone": "#loc+code",
    "struck": "#event+target", "threat": "#event+type", "weapon": "#event+weapon", "released": "#status+released",
    "drill": "#status+drill", "measure": "#indicator+name", "subject": "#affected+group",
    "low": "#indicator+num+min", "high": "#indicator+num+max", "about": "#indicator+approximate",
    "denied": "#status+denied", "source": "#org+source", "chain": "#meta+source", "published": "#date+published",
    "url": "#meta+url", "where": "#meta+publication", "language": "#meta+lang", "words": "#description",
    "more": "#meta+more",
}  # fmt: skip
_COLUMN_OF = {frozenset(tag.split("+")): column for column, tag in HXL_TAGS.items()}


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The record of every row, ours or kept by hand; rows that are none go to `rejects`. Raises BadFile."""
    known: dict[str, str] | None = None
    for one in read_csv(path, (), rejects):
        where = f"{path}:{one.line}"
        if known is None:
            known = _columns(one.fields, path)
            if is_tags(one.fields.values()):
                rejects.pass_over("row of HXL tags")
                continue
        try:
            record = record_of({known[name]: cell(known[name], plain(text)) for name, text in one.fields.items()
                                if name in known})  # fmt: skip
        except BadInput as error:
            rejects.add(str(error), one.text, where)
            continue
        rejects.use()
        yield Row(where, (record,))


def write(records: Iterable[Record], file: BinaryIO, *, tags: bool = False) -> int:
    """Write records as a table, with a row of HXL tags where they are wanted; how many."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    if tags:
        rows.writerow(HXL_TAGS[column] for column in COLUMNS)
    number = 0
    for record in records:
        row = flat(record)
        rows.writerow(written(column, row.get(column, "")) for column in COLUMNS)
        number += 1
    text.detach()
    return number


def written(column: str, value: Cell) -> str:
    """A cell as text that no spreadsheet runs.

    >>> written("words", "=1+1"), written("lon", -58.5), written("words", "'=x"), written("released", True)
    ("'=1+1", '-58.5', "''=x", 'true')
    """
    if column in FLAGS and value != "":
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if column not in _NUMBERS and _FORMULA.match(text) else text


def plain(text: str) -> str:
    """A cell without the apostrophe that `written` put in front.

    >>> plain("'=1+1"), plain("''=x"), plain("'Ayn al-Arab")
    ('=1+1', "'=x", "'Ayn al-Arab")
    """
    return text[1:] if _QUOTED.match(text) else text


def is_tags(cells: Iterable[str]) -> bool:
    """Whether a row is one of HXL tags: every cell that is not empty is one."""
    there = [one.strip() for one in cells if one.strip()]
    return bool(there) and all(re.fullmatch(r"#[a-zA-Z]\w*(?:\s*\+\s*\w+)*", one) for one in there)


def _columns(first: dict[str, str], path: Path) -> dict[str, str]:
    """Column of the file -> column of ours: by its HXL tag, where there are tags, else by its name."""
    if is_tags(first.values()):
        found = {name: _COLUMN_OF.get(_parts(tag)) for name, tag in first.items()}
    else:
        found = {name: name.lower() if name.lower() in COLUMNS else None for name in first}
    known = {name: column for name, column in found.items() if column is not None}
    if not {"begin", "record", "measure"} & set(known.values()):
        raise BadFile(
            f"{path} has no column begin, record or measure, by name or HXL tag; "
            "the reference of the ledger's forms lists all"
        )
    return known


def _parts(tag: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", tag).lower().split("+"))
