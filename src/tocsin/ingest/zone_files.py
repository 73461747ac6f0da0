"""Zones out of map files: GeoJSON, GeoPackage and Shapefile, any projection; and tables of rings as JSON.

Quality: coordinates are turned to WGS 84 by what the file says of itself; outlines that cross themselves are repaired
and counted; a feature without an area is left out and named; nothing is swapped or guessed without saying so in the
notes. Two features of one id stop the import: a zone silently lost is a town nobody warns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from tocsin.ingest.outlines import polygons_of
from tocsin.ingest.zone_code_columns import code_columns, codes_in
from tocsin.model.birth import unseen_in
from tocsin.model.errors import BadFile, BadInput, BadRecord
from tocsin.model.utf8 import as_utf8, is_utf16
from tocsin.model.value import Time
from tocsin.model.zone import DEFAULT_SHELTER_S, Zone

MAP_SUFFIXES = (".geojson", ".gpkg", ".shp")
# A country in full resolution is 4 MB; the bound keeps a wrong file from filling the memory.
FILE_BYTES_MAX = 2_000_000_000
FEATURES_MAX = 200_000
_ID_COLUMNS = ("id", "zone_id", "iso3166-2", "shapeiso", "code", "pcode", "shapeid", "osm_id")
_NAME_COLUMNS = ("name", "shapename", "name_en", "english_name")
# name_ar, name:ar
_NAME_IN = re.compile(r"^name[_:]([a-z]{2,3}(?:-[A-Za-z]{2,8})?)$")


@dataclass(frozen=True)
class Columns:
    """Which column of the files means what; None: found by its usual names, and said so in the notes."""

    id: str | None = None
    name: str | None = None
    population: str | None = None
    shelter: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Imported:
    """The zones read, and what a person should know about how: one sentence each."""

    zones: tuple[Zone, ...]
    notes: tuple[str, ...]


@dataclass
class _Table:
    """What one file holds: outlines in WGS 84 degrees, object [N], and its columns of length N."""

    path: Path
    outlines: NDArray[np.object_]
    columns: dict[str, list[Any]]
    notes: list[str] = field(default_factory=list)


def import_zones(
    paths: Sequence[Path],
    columns: Columns = Columns(),
    *,
    kind: str | None = None,
    shelter_s: float = DEFAULT_SHELTER_S,
    shelter_file: Path | None = None,
    lat_first: bool = False,
    layer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Imported:
    """The zones of map files and of folders of them, in the order given (folders by file name).

    shelter_s      where neither a column nor `shelter_file` says otherwise
    shelter_file   seconds to shelter by zone id or name: a JSON object, or a CSV of two columns
    lat_first      a `.json` table of rings (name -> [[lat, lon], ...]) is written latitude first
    layer          of a GeoPackage; the first one otherwise

    Raises BadFile naming the file and what to do.
    """
    shelters = _shelters(shelter_file) if shelter_file else {}
    files = [file for path in paths for file in _files(path)]
    zones: list[Zone] = []
    notes: list[str] = []
    origin: dict[tuple[str, datetime | None], Path] = {}
    for number, file in enumerate(files):
        table = _read_rings(file, lat_first) if file.suffix.lower() == ".json" else _read_map(file, layer)
        for zone in _zones(table, columns, kind, shelter_s, shelters):
            key = (zone.id, zone.valid_from)
            if key in origin:
                raise BadFile(
                    f"{file}: a second zone {zone.id!r} (the first is in {origin[key]}); name a column with "
                    "unique values with --id-field"
                )
            origin[key] = file
            zones.append(zone)
        notes += [f"{file.name}: {note}" for note in table.notes]
        progress(number + 1, len(files))
    if not zones:
        raise BadFile(f"no zone in {', '.join(map(str, paths))}; give files that hold polygons")
    if shelters:
        unknown = sorted(set(shelters) - {name for zone in zones for name in (zone.id, *_names(zone))})
        if unknown:
            notes.append(f"{shelter_file}: {len(unknown)} entries match no zone, {unknown[0]!r} first")
    return Imported(tuple(zones), tuple(notes))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in MAP_SUFFIXES)
        if not found:
            raise BadFile(f"{path} holds no map; looked for {', '.join(MAP_SUFFIXES)}")
        return found
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give a GeoJSON, GeoPackage or Shapefile, or a folder of them")
    if path.stat().st_size > FILE_BYTES_MAX:
        raise BadFile(f"{path} has {path.stat().st_size} bytes; at most {FILE_BYTES_MAX} are read")
    return [path]


def _read_map(path: Path, layer: str | None) -> _Table:
    """A file GDAL knows, its coordinates turned to WGS 84."""
    with path.open("rb") as file:
        if is_utf16(file.read(2)):
            raise BadFile(f"{path} is UTF-16 text; save it as UTF-8")
    notes = []
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path)]
        if layer is not None and layer not in layers:
            raise BadFile(f"{path} has no layer {layer!r}; it has {', '.join(layers)}")
        if layer is None and len(layers) > 1:
            notes.append(f"read the first of its layers, {layers[0]!r}; the others are {', '.join(layers[1:])}")
        meta, _, wkb, data = pyogrio.raw.read(
            path, layer=layer or layers[0], max_features=FEATURES_MAX + 1, datetime_as_string=True
        )
    except (RuntimeError, ValueError) as error:
        raise BadFile(f"{path} cannot be read as a map: {error}") from error
    if len(wkb) > FEATURES_MAX:
        raise BadFile(f"{path} has more than {FEATURES_MAX} features; cut it into parts")
    outlines = shapely.force_2d(shapely.from_wkb(wkb, on_invalid="fix"))
    if meta["crs"] is None:
        notes.append("says nothing of its projection; taken as longitude and latitude in degrees")
    else:
        source = CRS.from_user_input(meta["crs"])
        if not source.equals(CRS.from_epsg(4326), ignore_axis_order=True):
            turn = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
            outlines = shapely.transform(outlines, turn.transform, interleaved=False)
            notes.append(f"turned from {source.name} to WGS 84")
    columns = {str(name): column.tolist() for name, column in zip(meta["fields"], data, strict=True)}
    return _Table(path, outlines, columns, notes)


def _read_rings(path: Path, lat_first: bool) -> _Table:
    """A JSON object of name -> ring, which no map program reads but alert services publish; or a GeoJSON so named."""
    try:
        table = msgspec.json.decode(as_utf8(path.read_bytes()))
    except (msgspec.DecodeError, UnicodeDecodeError, BadRecord, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}") from error
    if isinstance(table, dict) and "type" in table:
        return _read_map(path, None)
    if not lat_first:
        raise BadFile(f"{path} is a table of rings and does not say which number is which; add --lat-first if it is so")
    try:
        rings = msgspec.convert(table, dict[str, list[tuple[float, float]]])
        outlines = np.array([shapely.Polygon([(lon, lat) for lat, lon in ring]) for ring in rings.values()], object)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadFile(f"{path} is not an object of name to ring of [lat, lon]: {error}") from error
    return _Table(path, outlines, {"name": list(rings)}, ["read as latitude before longitude, as --lat-first says"])


def _zones(
    table: _Table, columns: Columns, kind: str | None, shelter_s: float, shelters: dict[str, float]
) -> list[Zone]:
    count = len(table.outlines)
    by_lower = {name.lower(): name for name in table.columns}
    for wanted in (columns.id, columns.name, columns.population, columns.shelter, columns.parent):
        if wanted is not None and wanted not in table.columns:
            raise BadFile(f"{table.path} has no column {wanted!r}; it has {', '.join(table.columns) or 'none'}")
    name_column = columns.name or next((by_lower[n] for n in _NAME_COLUMNS if n in by_lower), None)
    id_column = columns.id or next((by_lower[n] for n in _ID_COLUMNS if _is_key(table, by_lower.get(n))), name_column)
    if id_column is None:
        raise BadFile(f"{table.path} has no column with ids; name one of {', '.join(table.columns)} with --id-field")
    if (columns.id, columns.name) == (None, None):
        table.notes.append(f"ids from {id_column!r}, names from {name_column or id_column!r}")
    schemes = code_columns(list(table.columns))
    if schemes:
        named = ", ".join(f"{column!r} as {scheme}" if scheme else repr(column) for column, scheme in schemes.items())
        table.notes.append(f"codes from {named}")
    languages = {match[1]: name for name in table.columns if (match := _NAME_IN.match(name))}
    invalid = ~shapely.is_valid(table.outlines) & ~shapely.is_missing(table.outlines)
    sound = table.outlines.copy()
    sound[invalid] = shapely.make_valid(table.outlines[invalid], method="structure", keep_collapsed=False)
    if invalid.any():
        table.notes.append(f"{int(invalid.sum())} outlines crossed themselves and were repaired")

    def value(column: str | None, row: int) -> Any:
        return table.columns[column][row] if column is not None else None

    zones = []
    for row in range(count):
        identifier = "_".join(str(value(id_column, row) or "").split())
        outline = sound[row]
        if outline is None or outline.is_empty or shapely.get_dimensions(outline) < 2:
            what = "empty" if outline is None or outline.is_empty else f"a {outline.geom_type}"
            table.notes.append(f"feature {row} ({identifier!r}) is {what}, not an area; left out")
            continue
        west, south, east, north = outline.bounds
        if not (west >= -360 and east <= 360 and south >= -90 and north <= 90):
            raise BadFile(
                f"{table.path}: feature {row} ({identifier!r}) reaches from {west:g}, {south:g} to "
                f"{east:g}, {north:g}; that is no longitude and latitude in degrees: the file needs its projection"
            )
        name = _name(value(name_column, row), {lang: value(col, row) for lang, col in languages.items()}, identifier)
        parent_name = value(by_lower.get("parent_name"), row)
        known = [shelters[key] for key in (identifier, *(_texts(name))) if key in shelters]
        try:
            zones.append(
                Zone(
                    id=identifier,
                    name=name,
                    spellings=_spellings(value(by_lower.get("spellings"), row)),
                    population=_number(value(columns.population or by_lower.get("population"), row), 0.0),
                    shelter_s=known[0] if known else _number(value(_shelter_column(columns, by_lower), row), shelter_s),
                    parent=_text(value(columns.parent or by_lower.get("parent"), row)),
                    parent_name=_name(parent_name, {}, "") if _text(parent_name) else None,
                    parent_spellings=_spellings(value(by_lower.get("parent_spellings"), row)),
                    kind=kind or _text(value(by_lower.get("kind"), row)),
                    codes=codes_in({column: value(column, row) for column in schemes}, schemes),
                    valid_from=_time(value(by_lower.get("valid_from"), row)),
                    valid_to=_time(value(by_lower.get("valid_to"), row)),
                    polygons=polygons_of(outline),
                )
            )
        except (BadInput, msgspec.ValidationError) as error:
            raise BadFile(f"{table.path}: feature {row} ({identifier!r}) is not a zone: {error}") from error
    return zones


def _shelter_column(columns: Columns, by_lower: dict[str, str]) -> str | None:
    return columns.shelter or by_lower.get("shelter_s")


def _is_key(table: _Table, column: str | None) -> bool:
    """Whether a column names every feature, and each differently."""
    if column is None:
        return False
    values = table.columns[column]
    return all(v not in (None, "") for v in values) and len({str(v) for v in values}) == len(values)


def _name(value: Any, by_language: dict[str, Any], identifier: str) -> str | dict[str, str]:
    """A string, or language -> string where the file has either several name columns or an object."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            by_key = msgspec.json.decode(value, type=dict[str, str])
            return {language: _seen(text) for language, text in by_key.items()}
        except msgspec.DecodeError:
            pass  # A name may begin with a brace.
    names = {language: text for language, v in by_language.items() if (text := _text(v))}
    if names:
        main = _text(value)
        return names if main is None or main in names.values() else {"und": main, **names}
    return _text(value) or identifier


def _spellings(value: Any) -> tuple[str, ...]:
    """A list of names: GDAL reads one from GeoJSON as an array; other formats keep no lists."""
    return tuple(_seen(str(text)) for text in value) if isinstance(value, (list, np.ndarray)) else ()


def _texts(name: str | dict[str, str]) -> list[str]:
    return [name] if isinstance(name, str) else list(name.values())


def _names(zone: Zone) -> list[str]:
    return _texts(zone.name)


def _text(value: Any) -> str | None:
    """A cell as text without what nobody sees; None where it is empty (also NaN, which empty numbers become)."""
    if value is None or value == "" or value != value:
        return None
    return _seen(str(value)) or None


def _seen(text: str) -> str:
    """A text as people see it: line breaks and tabs are spaces, and characters that nobody sees are gone."""
    plain = " ".join(text.split())
    return plain.translate(dict.fromkeys(map(ord, unseen_in(plain)))).strip()


def _number(value: Any, otherwise: float) -> float:
    text = _text(value)
    if text is None:
        return otherwise
    try:
        return float(text)
    except ValueError as error:
        raise BadFile(f"{text!r} is not a number; name the right column") from error


def _time(value: Any) -> datetime | None:
    """A time with its zone."""
    text = _text(value)
    try:
        return None if text is None else msgspec.convert(text, Time)
    except msgspec.ValidationError as error:
        raise BadFile(f"{text!r} is not a time with its zone; write it like 2026-01-31T00:00:00Z") from error


def _shelters(path: Path) -> dict[str, float]:
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give seconds to shelter by zone, as JSON or CSV")
    try:
        text = as_utf8(path.read_bytes())
        if path.suffix.lower() == ".json":
            return msgspec.json.decode(text, type=dict[str, float])
        rows = [row for row in csv.reader(io.StringIO(text.decode())) if row]
        if rows and not _is_number(rows[0][1]):
            rows = rows[1:]  # a header
        return {row[0]: float(row[1]) for row in rows}
    except (msgspec.DecodeError, BadRecord, ValueError, IndexError) as error:
        raise BadFile(f"{path} is not a table of zone to seconds: {error}") from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
