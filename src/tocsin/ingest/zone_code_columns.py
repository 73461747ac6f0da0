"""Which columns of a map hold codes that others have for its areas: neighbours' alerts name areas by them.

A column is known by its name, however that is written; the name of the scheme is the one under which CAP messages give
the code. Codes are kept as the file has them, but for the `.0` that a table adds to those that look like numbers.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tocsin.model.errors import BadFile
from tocsin.model.value import UNREADABLE, Name

# Letters and digits of a column's name -> the scheme.
SCHEMES: dict[str, str] = {
    "emmaid": "EMMA_ID",
    "iso31661": "ISO3166-1", "iso31662": "ISO3166-2", "shapeiso": "ISO3166-2", "hasc": "HASC",
    "pcode": "PCODE", "unlocode": "UN/LOCODE", "geonameid": "GeoNames", "geonames": "GeoNames",
    "nuts": "NUTS", "nutsid": "NUTS", "nuts2": "NUTS2", "nuts3": "NUTS3", "lau": "LAU", "lauid": "LAU",
    "katottg": "KATOTTG", "koatuu": "KOATUU", "warncellid": "WARNCELLID", "ags": "AGS", "ars": "ARS",
    "insee": "INSEE", "istat": "ISTAT", "teryt": "TERYT", "siruta": "SIRUTA", "ksh": "KSH", "bfs": "BFS",
    "fips": "FIPS6", "fips6": "FIPS6", "same": "SAME", "ugc": "UGC", "gss": "GSS",
}  # fmt: skip
# `adm2_pcode`, `ref:katottg`, `hasc_1`, `pcode2`: what stands before and after names a level or a tagging scheme.
_BEFORE = re.compile(r"^(?:adm(?:in)?\d|ref|code|geocode)[_:.-]?", re.IGNORECASE)
_AFTER = re.compile(r"[_:.-]?(?:code|\d)$", re.IGNORECASE)
_OWN = "codes"


def code_columns(columns: list[str]) -> dict[str, str]:
    """Column -> scheme, for those whose name is a usual one; the column `codes`, an object, has none of its own."""
    return {column: scheme for column in columns if (scheme := _scheme(column)) is not None}


def codes_in(row: dict[str, Any], schemes: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Scheme -> codes of one feature; `row` holds its values by column. Raises BadFile."""
    found: dict[str, tuple[str, ...]] = {}
    for column, value in row.items():
        if column.casefold() == _OWN:
            found |= _object(value)
            continue
        # Several in one cell are written with commas, semicolons or blanks between.
        codes = tuple(dict.fromkeys(re.split(r"[\s,;|]+", _text(value)))) if _text(value) else ()
        if codes:
            scheme = schemes[column]
            found[scheme] = tuple(dict.fromkeys((*found.get(scheme, ()), *codes)))
    return found


def _scheme(column: str) -> str | None:
    if column.casefold() == _OWN:
        return ""
    bare = _BEFORE.sub("", column)
    return next((SCHEMES[key] for name in (column, bare, _AFTER.sub("", bare)) if (key := _key(name)) in SCHEMES), None)


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _text(value: Any) -> str:
    """A cell as text; a number read from a table without its `.0`, an empty cell (also NaN) as nothing."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _object(value: Any) -> dict[str, tuple[str, ...]]:
    """Scheme -> codes as Tocsin writes them, which map programs hand on as text."""
    if not _text(value):
        return {}
    try:
        return msgspec.json.decode(_text(value), type=dict[str, tuple[Name, ...]])
    except UNREADABLE as error:
        raise BadFile(f"codes is {_text(value)[:80]!r}; it must be an object of scheme to codes") from error
