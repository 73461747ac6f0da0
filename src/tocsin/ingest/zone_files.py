"""Zones out of map files: GeoJSON, KML and KMZ, GeoPackage, Shapefile, FlatGeobuf, CSV, in any projection.

Quality: coordinates are turned to WGS 84 by what the file says of itself; every polygon of every collection is kept;
what is repaired, left out or taken otherwise than it is written is said. A file or feature that cannot be used costs
itself only, and is named with its reason: features read = zones + rejected + passed over.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
import shapely

from tocsin.ingest.maps.areas import Area, area_of
from tocsin.ingest.maps.degrees import in_degrees
from tocsin.ingest.maps.gdal import SUFFIXES, read_layers
from tocsin.ingest.maps.geojson import read_geojson, type_of
from tocsin.ingest.maps.kml import read_kml, read_kmz
from tocsin.ingest.maps.table import Table, bounded_bytes
from tocsin.ingest.maps.tables import holds_rings, read_csv, read_rings
from tocsin.ingest.maps.topojson import add_without_outline
from tocsin.ingest.rejects import Account
from tocsin.ingest.zone_parents import with_parents
from tocsin.ingest.zone_rows import Columns, Row, Usual, rows_of, texts_of, zone_of
from tocsin.model.errors import BadFile, BadInput, BadRecord
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE
from tocsin.model.zone import DEFAULT_SHELTER_S, Zone

__all__ = ["MAP_SUFFIXES", "Columns", "Imported", "import_zones"]

_GEOJSON = (".geojson", ".geojsonl", ".geojsons", ".geojsonseq", ".ndgeojson")
# Of JSON with another ending it is looked up what it is.
_JSON = (".json", ".topojson")
MAP_SUFFIXES = (*_GEOJSON, *SUFFIXES, ".kml", ".kmz")
# Of points beside areas, which are often as many, so many are named.
_SAID_EACH = 5
_USUAL_COLUMNS = Columns()
_PACKED = (".gz", ".zip", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".zst")
_READ = (*MAP_SUFFIXES, *_JSON, ".csv")


@dataclass(frozen=True)
class Imported:
    """The zones read, and what a person should know about how: one sentence each.

    read          how many features there were; zones + rejected + passed over
    rejected      features that should be zones and cannot be, each with its reason
    passed_over   what never was a zone -> how many
    refused       files that cannot be used, each with its reason
    """

    zones: tuple[Zone, ...]
    notes: tuple[str, ...] = ()
    read: int = 0
    rejected: tuple[str, ...] = ()
    passed_over: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    @property
    def account(self) -> Account:
        """What became of the features of the files that could be used."""
        return Account(self.read, len(self.zones), len(self.rejected), sum(self.passed_over.values()))


@dataclass
class _Import:
    """An import under way."""

    usual: Usual
    zones: list[Zone] = field(default_factory=list)
    # What is said of a file -> of which ones: the same is said once.
    of_files: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    read: int = 0
    rejected: list[str] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    origin: dict[tuple[str, datetime | None], str] = field(default_factory=dict)

    def take(self, table: Table, columns: Columns, lat_first: bool) -> None:
        """Make zones of a table's features. Raises BadFile where none can be made."""
        outlines, note = in_degrees(table.outlines, table.crs, table.where)
        if lat_first:
            outlines = shapely.transform(outlines, lambda points: points[:, ::-1])
            table.notes.append("read as latitude before longitude, as --lat-first says")
        areas = [_area(one.fault, outline) for one, outline in zip(table.features, outlines, strict=True)]
        if areas and all(area.fault is not None for area in areas):
            # Of features none of which can be read nobody knows the columns.
            self.read += len(areas)
            self.rejected += [
                f"{table.where}: feature {number} {area.fault}; left out" for number, area in enumerate(areas)
            ]
            return
        rows, notes = rows_of(table, columns, [bool(area.polygons) for area in areas]) if areas else ([], [])
        for said in (*table.notes, *([note] if note else []), *notes):
            self.of_files.setdefault(said, []).append(table.where)
        self.passed_over += table.passed_over
        self.read += len(areas) + table.passed_over.total()
        for row, area in zip(rows, areas, strict=True):
            self._take_one(row, area, f"{table.where}: feature {row.number} ({row.id!r})")

    def _take_one(self, row: Row, area: Area, which: str) -> None:
        if area.no_area is not None:
            kind = f"feature that is no area ({area.no_area})"
            self.passed_over[kind] += 1
            if self.passed_over[kind] <= _SAID_EACH:
                self.notes.append(f"{which} is a {area.no_area}, not an area; left out")
            return
        if area.fault is not None:
            self.rejected.append(f"{which} {area.fault}; left out")
            return
        self.notes += [f"{which} {said}" for said in area.said]
        try:
            zone, doubts = zone_of(row, area.polygons, self.usual)
        except (BadInput, msgspec.ValidationError) as error:
            self.rejected.append(f"{which} is not a zone: {error}; left out")
            return
        key = (zone.id, zone.valid_from)
        if key in self.origin:
            self.rejected.append(
                f"{which} is a second zone {zone.id!r} (the first is in {self.origin[key]}); left out: name a column "
                "with unique values with --id-field, or join the parts of one zone into one feature"
            )
            return
        self.origin[key] = which.rpartition(": ")[0]
        self.notes += [f"{which} {said}" for said in doubts]
        self.zones.append(zone)

    @property
    def said(self) -> list[str]:
        """All notes, those of whole files first."""
        whole = [
            f"{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}: {said}"
            for said, files in self.of_files.items()
        ]
        return [*whole, *self.notes]


def import_zones(
    paths: Sequence[Path],
    columns: Columns = _USUAL_COLUMNS,
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
    lat_first      the maps are written latitude first; a `.json` table of rings (name -> [[lat, lon], ...]) always is,
                   and is read only where this says so
    layer          the only one to be read of each file

    Raises BadFile where there is no zone in any of them, naming what is wrong.
    """
    shelters = _shelters(shelter_file) if shelter_file else {}
    made = _Import(Usual(kind=kind, shelter_s=shelter_s, shelters=shelters))
    files = list(_files(paths, made.refused))
    for number, file in enumerate(files):
        try:
            for table, rings in _tables(file, layer, lat_first):
                made.take(table, columns, lat_first and not rings)
        except BadFile as error:
            made.refused.append(str(error))
        progress(number + 1, len(files))
    if not made.zones:
        passed = ", ".join(f"{number} × {kind}" for kind, number in made.passed_over.items())
        nothing = f"passed over: {passed}" if passed else "there is no feature in them"
        reasons = [*made.refused, *made.rejected] or [f"{nothing}; give files that hold polygons"]
        more = f" (and {len(reasons) - 3} more reasons)" if len(reasons) > 3 else ""
        raise BadFile(f"no zone in {', '.join(map(str, paths[:10]))}: {'; '.join(reasons[:3])}{more}")
    zones, parents_said = with_parents(made.zones)
    if shelters:
        unknown = sorted(set(shelters) - {name for zone in zones for name in (zone.id, *texts_of(zone.name))})
        if unknown:
            made.notes.append(f"{shelter_file}: {len(unknown)} entries match no zone, {unknown[0]!r} first")
    return Imported(
        tuple(zones),
        (*made.said, *parents_said),
        made.read,
        tuple(made.rejected),
        dict(made.passed_over),
        tuple(made.refused),
    )


def _files(paths: Sequence[Path], refused: list[str]) -> Iterator[Path]:
    """The files to read; what is none of ours is refused with a sentence."""
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if file.suffix.lower() in MAP_SUFFIXES)
            if not found:
                refused.append(f"{path} holds no map; looked for {', '.join(MAP_SUFFIXES)}")
            yield from found
        elif not path.is_file():
            refused.append(
                f"there is no file {path}; give a GeoJSON, KML, GeoPackage or Shapefile, or a folder of them"
            )
        elif path.suffix.lower() not in _READ:
            do = "unpack it" if path.suffix.lower() in _PACKED else f"turn it into one of {', '.join(_READ)}"
            refused.append(f"{path}: {path.suffix or 'no ending'} is not read; {do}")
        else:
            yield path


def _tables(path: Path, layer: str | None, lat_first: bool) -> Iterator[tuple[Table, bool]]:
    """The layers of a file, and whether they are rings that were turned already. Raises BadFile."""
    suffix, where = path.suffix.lower(), str(path)
    if suffix in SUFFIXES:
        yield from ((table, False) for table in read_layers(path, layer))
        return
    body = bounded_bytes(path)
    if suffix in (".kml", ".kmz"):
        yield (read_kmz if suffix == ".kmz" else read_kml)(body, where), False
        return
    try:
        text = as_utf8(body)
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error
    if suffix == ".csv":
        yield read_csv(text, where), False
    elif suffix in _GEOJSON or (kind := type_of(text)) not in (None, "Topology"):
        yield read_geojson(text, where), False
    elif kind == "Topology":
        tables = read_layers(path, layer)
        if tables and layer is None:
            add_without_outline(tables[0], text)
        yield from ((table, False) for table in tables)
    elif b'"esri' in text[:10_000]:
        yield from ((table, False) for table in read_layers(path, layer))
    elif text.lstrip()[:1] != b"{":
        raise BadFile(f"{path} is not JSON with a map in it")
    elif not holds_rings(text):
        raise BadFile(f"{path} is JSON without a map that is read: neither GeoJSON, TopoJSON nor names with rings")
    elif not lat_first:
        raise BadFile(f"{path} is a table of rings and does not say which number is which; add --lat-first if it is so")
    else:
        table = read_rings(text, where)
        table.notes.append("read as latitude before longitude, as --lat-first says")
        yield table, True


def _area(fault: str | None, outline: shapely.Geometry | None) -> Area:
    return Area(fault=fault) if fault is not None else area_of(outline)


def _shelters(path: Path) -> dict[str, float]:
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give seconds to shelter by zone, as JSON or CSV")
    try:
        text = as_utf8(bounded_bytes(path))
        if path.suffix.lower() == ".json":
            return msgspec.json.decode(text, type=dict[str, float])
        rows = [row for row in csv.reader(io.StringIO(text.decode())) if row]
        if rows and not _is_number(rows[0][1]):
            rows = rows[1:]  # a header
        return {row[0]: float(row[1]) for row in rows}
    except (*UNREADABLE, BadRecord, ValueError, IndexError, csv.Error) as error:
        raise BadFile(f"{path} is not a table of zone to seconds: {error}") from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
