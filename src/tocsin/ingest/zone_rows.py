"""Which column of a map means what, and one row of it as a zone: ids are text as written."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from tocsin.ingest.maps.table import Table
from tocsin.ingest.zone_code_columns import code_columns, codes_in
from tocsin.model.birth import unseen_in
from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE, Time
from tocsin.model.zone import DEFAULT_SHELTER_S, Polygon, Zone

# The first two say that they are ids: of areas that share one the first is kept. Of the others only one that names
# every area, and each differently, is taken.
_OWN_IDS = ("id", "zone_id")
_ID_COLUMNS = ("iso3166-2", "shapeiso", "code", "pcode", "shapeid", "osm_id")
# With more values twice than this a column tells no areas apart, whatever it is called.
_APART_SHARE = 0.9
_NAME_COLUMNS = ("name", "shapename", "name_en", "english_name")
# A point parts thousands where there are several; one alone may mark decimals, and is asked about.
_IN_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:(?:([ ',’])[0-9]{3})(?:\1[0-9]{3})*|(?:\.[0-9]{3}){2,})")
_MAY_BE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
# name_ar, name:ar
_NAME_IN = re.compile(r"^name[_:]([a-z]{2,3}(?:-[A-Za-z]{2,8})?)$")
_PEOPLE_MAX, _SHELTER_S_MAX = 2_000_000_000.0, 86_400.0


@dataclass(frozen=True)
class Columns:
    """Which column of the files means what; None: found by its usual names, and said so in the notes."""

    id: str | None = None
    name: str | None = None
    population: str | None = None
    shelter: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Usual:
    """What holds where a map says nothing; `shelters`, by id or name, holds before all."""

    kind: str | None = None
    shelter_s: float = DEFAULT_SHELTER_S
    shelters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Meaning:
    """Column by meaning; None where there is none."""

    id: str
    name: str | None
    population: str | None
    shelter: str | None
    parent: str | None
    parent_name: str | None
    kind: str | None
    spellings: str | None
    parent_spellings: str | None
    valid_from: str | None
    valid_to: str | None
    languages: dict[str, str]
    schemes: dict[str, str]


@dataclass(frozen=True)
class Row:
    """One feature: its number in the file, its id as text (empty where it has none), and its cells by column."""

    number: int
    id: str
    cells: dict[str, Any]
    meaning: _Meaning

    def at(self, column: str | None) -> Any:
        """What stands in a column; None where there is no such column."""
        return None if column is None else self.cells.get(column)


def rows_of(table: Table, columns: Columns, is_area: Sequence[bool]) -> tuple[list[Row], list[str]]:
    """The rows of a table, and notes about what was taken for what. Raises BadFile where nothing can be an id."""
    meaning, notes = _meaning(table, columns, is_area)
    rows = []
    for number in range(len(table.features)):
        cells = {name: column[number] for name, column in table.columns.items()}
        identifier = "_".join((text_of(cells.get(meaning.id)) or "").split())
        rows.append(Row(number, identifier, cells, meaning))
    return rows, notes


def zone_of(row: Row, polygons: tuple[Polygon, ...], usual: Usual) -> tuple[Zone, list[str]]:
    """A row as a zone, and what of it could not be taken as it is written.

    Raises BadFile, BadValue or msgspec.ValidationError where it is none.
    """
    meaning, at, doubts = row.meaning, row.at, list[str]()
    if not row.id:
        raise BadFile(f"it has no id in the column {meaning.id!r}")
    name = _name(at(meaning.name), {lang: at(column) for lang, column in meaning.languages.items()}, row.id)
    parent_name = at(meaning.parent_name)
    known = [usual.shelters[key] for key in (row.id, *texts_of(name)) if key in usual.shelters]
    shelter_s = _number(at(meaning.shelter), usual.shelter_s, _SHELTER_S_MAX, "seconds to shelter", doubts)
    zone = Zone(
        id=row.id,
        name=name,
        spellings=_spellings(at(meaning.spellings)),
        population=_number(at(meaning.population), 0.0, _PEOPLE_MAX, "population", doubts),
        shelter_s=known[0] if known else shelter_s,
        parent="_".join((text_of(at(meaning.parent)) or "").split()) or None,
        parent_name=_name(parent_name, {}, "") if text_of(parent_name) else None,
        parent_spellings=_spellings(at(meaning.parent_spellings)),
        kind=usual.kind or text_of(at(meaning.kind)),
        codes=codes_in({column: at(column) for column in meaning.schemes}, meaning.schemes),
        valid_from=_time(at(meaning.valid_from)),
        valid_to=_time(at(meaning.valid_to)),
        polygons=polygons,
    )
    return zone, doubts


def _meaning(table: Table, columns: Columns, is_area: Sequence[bool]) -> tuple[_Meaning, list[str]]:
    by_lower = {name.lower(): name for name in reversed(table.columns)}
    for wanted in (columns.id, columns.name, columns.population, columns.shelter, columns.parent):
        if wanted is not None and wanted not in table.columns:
            raise BadFile(f"{table.where} has no column {wanted!r}; it has {', '.join(table.columns) or 'none'}")
    name = columns.name or next((by_lower[known] for known in _NAME_COLUMNS if known in by_lower), None)
    identifier = columns.id or _id_column(table, by_lower, is_area) or name
    if identifier is None:
        named = (
            f"name one of {', '.join(table.columns)} with --id-field" if table.columns else "it has no column at all"
        )
        raise BadFile(f"{table.where} has no column with ids; {named}")
    notes = []
    if (columns.id, columns.name) == (None, None):
        notes.append(f"ids from {identifier!r}, names from {name or identifier!r}")
    schemes = code_columns(list(table.columns))
    if schemes:
        named = ", ".join(f"{column!r} as {scheme}" if scheme else repr(column) for column, scheme in schemes.items())
        notes.append(f"codes from {named}")
    # geoBoundaries calls the country shapeGroup and the level shapeType: ADM1.
    boundaries = "shapegroup" in by_lower and "shapetype" in by_lower
    parent, kind = ("shapegroup", "shapetype") if boundaries else ("parent", "kind")
    return _Meaning(
        id=identifier,
        name=name,
        population=columns.population or by_lower.get("population"),
        shelter=columns.shelter or by_lower.get("shelter_s"),
        parent=columns.parent or by_lower.get("parent") or by_lower.get(parent),
        kind=by_lower.get("kind") or by_lower.get(kind),
        parent_name=by_lower.get("parent_name"),
        spellings=by_lower.get("spellings"),
        parent_spellings=by_lower.get("parent_spellings"),
        valid_from=by_lower.get("valid_from"),
        valid_to=by_lower.get("valid_to"),
        languages={match[1]: column for column in table.columns if (match := _NAME_IN.match(column))},
        schemes=schemes,
    ), notes


def _id_column(table: Table, by_lower: dict[str, str], is_area: Sequence[bool]) -> str | None:
    """The column by whose usual name, and by whose values, areas are told apart."""
    none = not any(is_area)
    for name in (*_OWN_IDS, *_ID_COLUMNS):
        if name not in by_lower:
            continue
        values = [value for value, counts in zip(table.columns[by_lower[name]], is_area, strict=True) if counts or none]
        there = [text for value in values if (text := text_of(value))]
        # Outlines that follow each other in time have one id.
        share = 1.0 if "valid_from" in by_lower else len(set(there)) / max(1, len(there))
        if there and (share >= _APART_SHARE if name in _OWN_IDS else share == 1.0 and len(there) == len(values)):
            return by_lower[name]
    return None


def _name(value: Any, by_language: dict[str, Any], identifier: str) -> str | dict[str, str]:
    """A string, or language -> string where the file has either several name columns or an object."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            by_key = msgspec.json.decode(value, type=dict[str, str | None])
            return {language: seen for language, text in by_key.items() if (seen := _seen(text or ""))} or identifier
        except UNREADABLE:
            pass  # A name may begin with a brace.
    names = {language: text for language, v in by_language.items() if (text := text_of(v))}
    if names:
        main = text_of(value)
        return names if main is None or main in names.values() else {"und": main, **names}
    return text_of(value) or identifier


def _spellings(value: Any) -> tuple[str, ...]:
    """A list of names; of formats that keep no lists, one written as JSON."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = msgspec.json.decode(value)
        except UNREADABLE:
            return ()
    return tuple(_seen(str(text)) for text in value) if isinstance(value, list) else ()


def texts_of(name: str | dict[str, str]) -> list[str]:
    """A name in all its languages."""
    return [name] if isinstance(name, str) else list(name.values())


def text_of(value: Any) -> str | None:
    """A cell as text without what nobody sees; None where it is empty (also NaN, which empty numbers become)."""
    if value is None or value == "" or value != value:
        return None
    return _seen(str(value)) or None


def _seen(text: str) -> str:
    """A text as people see it: line breaks and tabs are spaces, and characters that nobody sees are gone."""
    plain = " ".join(text.split())
    return plain.translate(dict.fromkeys(map(ord, unseen_in(plain)))).strip()


def _number(value: Any, otherwise: float, most: float, what: str, doubts: list[str]) -> float:
    """A number that is not negative; what else stands there costs itself only, and is said."""
    text = text_of(value)
    if text is None:
        return otherwise
    try:
        # "12 345" and "12,345" are one number, which spreadsheets write so.
        number = float(re.sub(r"[ ',’.]", "", text) if _IN_THOUSANDS.fullmatch(text) else text)
    except ValueError:
        number = math.nan
    if 0 <= number <= most:
        if _MAY_BE_THOUSANDS.fullmatch(text):
            doubts.append(f"has {what} {text!r}, taken as {number:g}; if that is thousands, write it without the point")
        return number
    doubts.append(f"has {what} {text[:40]!r}, which cannot be; {otherwise:g} is taken")
    return otherwise


def _time(value: Any) -> datetime | None:
    """A time with its zone."""
    text = text_of(value)
    try:
        return None if text is None else msgspec.convert(text, Time)
    except msgspec.ValidationError as error:
        raise BadFile(f"{text!r} is not a time with its zone; write it like 2026-01-31T00:00:00Z") from error
