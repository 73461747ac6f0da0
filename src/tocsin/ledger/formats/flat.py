"""Records as flat rows, for tables and maps: a column for what people sort and sum by, `more` for the rest as JSON.

A row that others write needs no more than `incident` or `measure`, a time and a source: what is missing of `record`,
`id`, `recorded` and `by` is filled in, from what is there, so that the same row gives the same record every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from tocsin.ledger.formats.by_hand import complete_place, complete_times
from tocsin.ledger.formats.ids import imported_id
from tocsin.ledger.record import Record
from tocsin.ledger.wire import AnyRecord
from tocsin.model.errors import BadRecord
from tocsin.model.wire import in_words

Cell = str | float | int | bool

# Column -> where it stands in a record's JSON.
PATHS: dict[str, tuple[str, ...]] = {
    "record": ("record",),
    "id": ("id",),
    "recorded": ("recorded",),
    "by": ("by",),
    "incident": ("incident",),
    "begin": ("window", "begin"),
    "end": ("window", "end"),
    "said": ("window", "said"),
    "lat": ("place", "lat"),
    "lon": ("place", "lon"),
    "sigma_m": ("place", "sigma_m"),
    "place": ("place", "name"),
    "zone": ("place", "zone"),
    "struck": ("struck",),
    "threat": ("threat",),
    "weapon": ("weapon",),
    "released": ("released",),
    "drill": ("drill",),
    "measure": ("measure",),
    "subject": ("subject",),
    "low": ("figure", "low"),
    "high": ("figure", "high"),
    "about": ("figure", "about"),
    "denied": ("denied",),
    "source": ("source",),
    "chain": ("chain",),
    "published": ("published",),
    "url": ("url",),
    "where": ("where",),
    "language": ("language",),
    "words": ("words",),
}
MORE = "more"
COLUMNS = (*PATHS, MORE)
FLOATS = {"lat", "lon", "sigma_m"}
WHOLES = {"low", "high"}
FLAGS = {"released", "drill", "about", "denied"}
# Between the names of a chain: no name holds white space.
ARROW = " > "
_BY = "import/table"


def flat(record: Record) -> dict[str, Cell]:
    """A record's columns that are not empty, and `more`.

    >>> from tocsin.ledger.claim import Figure
    >>> from tocsin.model.value import time_of
    >>> from tocsin.ledger.claim import Claim
    >>> at = time_of(0)
    >>> row = flat(Claim(id="c", recorded=at, by="desk", incident="i", measure="killed", chain=("sohr", "afp"),
    ...     published=at, figure=Figure(low=9)))
    >>> row["chain"], row["low"], row["measure"]
    ('sohr > afp', 9, 'killed')
    """
    rest: dict[str, Any] = msgspec.to_builtins(record)
    row: dict[str, Cell] = {}
    for column, path in PATHS.items():
        holder = rest if len(path) == 1 else rest.get(path[0])
        value = holder.get(path[-1]) if isinstance(holder, dict) else None
        if column == "chain" and value is not None:
            value = ARROW.join(value)
        # What a cell cannot tell from nothing stays where it is.
        if value is None or value == "" or isinstance(value, dict | list):
            continue
        row[column] = value
        assert isinstance(holder, dict), "what was in it"
        del holder[path[-1]]
        if not holder and holder is not rest:
            del rest[path[0]]
    if rest:
        row[MORE] = msgspec.json.encode(rest, order="sorted").decode()
    return row


def record_of(row: Mapping[str, Cell]) -> AnyRecord:
    """The record of a row, from us or from others; empty cells are absent. Raises BadRecord saying what is wrong."""
    row = {column: _meant(column, value) for column, value in row.items()}
    plain = _more(row.get(MORE, ""))
    for column, path in PATHS.items():
        value: Any = row.get(column, "")
        if value == "":
            continue
        if column == "chain":
            value = [one.strip() for one in str(value).split(ARROW.strip())]
        holder = plain if len(path) == 1 else plain.setdefault(path[0], {})
        if not isinstance(holder, dict):
            raise BadRecord(f"{column} is {str(value)[:40]!r}, and more has {path[0]} as something else")
        holder[path[-1]] = value
    if not plain.keys() >= {"record", "id", "recorded", "by"}:
        _complete(plain, row)
    try:
        found: AnyRecord = msgspec.convert(plain, AnyRecord, strict=True)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise BadRecord(f"not a record of the ledger: {in_words(error, *get_args(AnyRecord))}") from error
    return found


def _meant(column: str, value: Any) -> Any:
    """A value as its column holds it: other programs write 9 as 9.0, where any cell is empty, and names as numbers.

    >>> _meant("low", 9.0), _meant("low", 9.5), _meant("incident", 17), _meant("released", True)
    (9, 9.5, '17', True)
    """
    if isinstance(value, float) and value.is_integer() and column not in FLOATS:
        value = int(value)
    # A flag is a whole number to Python.
    if isinstance(value, int) and not isinstance(value, bool) and column not in FLOATS | WHOLES | FLAGS:
        return str(value)
    return value


def cell(column: str, text: str) -> Cell:
    """What a text in a column means: a number, a flag, or itself. Raises BadRecord naming the column.

    >>> cell("low", "9"), cell("lat", "-33.5"), cell("denied", "true"), cell("words", "9")
    (9, -33.5, True, '9')
    """
    if not text:
        return ""
    try:
        if column in WHOLES:
            return int(text)
        if column in FLOATS:
            return float(text)
        if column in FLAGS:
            return {"true": True, "false": False}[text.strip().lower()]
    except (ValueError, KeyError) as error:
        what = "true or false" if column in FLAGS else "a whole number" if column in WHOLES else "a number"
        raise BadRecord(f"{column} is {text[:40]!r}; it must be {what}") from error
    return text


def _more(text: Cell) -> dict[str, Any]:
    if text == "":
        return {}
    try:
        found = msgspec.json.decode(str(text))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"more is {str(text)[:40]!r}; it must be a JSON object") from error
    return found


def _complete(plain: dict[str, Any], row: Mapping[str, Cell]) -> None:
    """Fill in what people leave out of a table that they keep by hand."""
    plain.setdefault("record", "claim" if "measure" in plain else "incident")
    name = imported_id("table", *(f"{key}={row[key]}" for key in sorted(row) if row[key] != ""))
    plain.setdefault("id", name)
    plain.setdefault("by", _BY)
    complete_place(plain)
    complete_times(plain)
    window = plain.get("window")
    if plain["record"] == "incident":
        plain.setdefault("incident", plain["id"])
        plain.setdefault("origin", "import")
    if plain["record"] == "claim" and "source" in plain:
        plain.setdefault("chain", [plain.pop("source")])
    times = [plain.get("published"), window.get("end") if isinstance(window, dict) else None]
    times.append(window.get("begin") if isinstance(window, dict) else None)
    if known := [one for one in times if one is not None]:
        plain.setdefault("recorded", known[0])
