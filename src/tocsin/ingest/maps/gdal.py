"""GeoPackage, Shapefile and FlatGeobuf through GDAL, and the JSON of other map programs (TopoJSON, Esri's).

GDAL knows files by what is in them, and some kinds only say where else to look, also on the network. So a file's first
octets are looked at here, and nothing else is handed on.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from tocsin.ingest.maps.table import FEATURES_MAX, FILE_BYTES_MAX, Drawn, Table, few_enough, one_line
from tocsin.model.errors import BadFile

_BEGINS = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb"}
SUFFIXES = tuple(_BEGINS)
WARNINGS_MAX = 5
PRJ_BYTES_MAX = 20_000
_INTEGERS = ("OFTInteger", "OFTInteger64")


def read_layers(path: Path, layer: str | None) -> list[Table]:
    """The layers of a file that may hold areas, or the one asked for. Raises BadFile."""
    _is_what_it_says(path)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        tables = _layers(path, layer)
    if tables:
        # What GDAL mends it says so: a ring that is not closed, a text in another encoding.
        tables[0].notes += list(dict.fromkeys(f"GDAL: {one.message}" for one in heard))[:WARNINGS_MAX]
    return tables


def _layers(path: Path, layer: str | None) -> list[Table]:
    try:
        kinds = {str(name): kind for name, kind in pyogrio.list_layers(path)}
        if layer is not None and layer not in kinds:
            raise BadFile(f"{path} has no layer {layer!r}; it has {', '.join(kinds)}")
        wanted = [name for name in kinds if layer in (None, name)]
        return [_read(path, name, kinds[name], alone=len(kinds) == 1) for name in wanted]
    except (RuntimeError, ValueError, shapely.GEOSException) as error:
        raise BadFile(f"{path} cannot be read as a map: {error}") from error


def _is_what_it_says(path: Path) -> None:
    begins = _BEGINS.get(path.suffix.lower())
    try:
        if (size := path.stat().st_size) > FILE_BYTES_MAX:
            raise BadFile(f"{path} has {size} bytes; at most {FILE_BYTES_MAX} are read")
        with path.open("rb") as file:
            if begins is not None and not file.read(len(begins)).startswith(begins):
                raise BadFile(f"{path} is no {path.suffix.lower()} file: it begins otherwise; export it once more")
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of a map") from error


def _read(path: Path, layer: str, kind: str | None, *, alone: bool) -> Table:
    where = str(path) if alone else f"{path} ({layer})"
    if kind is None:
        table = Table(where, [], {})
        table.passed_over[f"table {layer!r} without outlines"] += 1
        return table
    meta, _, wkb, data = pyogrio.raw.read(path, layer=layer, max_features=FEATURES_MAX + 1, datetime_as_string=True)
    few_enough(len(wkb), where)
    columns = {}
    for name, column, declared in zip(meta["fields"], data, meta["ogr_types"], strict=True):
        # An integer beside an empty cell comes as a float: 1.0, and wrong beyond 2^53.
        lost = declared in _INTEGERS and column.dtype.kind == "f"
        columns[str(name)] = _exact(path, layer, str(name)) if lost else [_plain(value) for value in column.tolist()]
    return Table(where, [_drawn(one) for one in wkb], columns, str(meta["crs"]) if meta["crs"] else _beside(path))


def _beside(path: Path) -> str | None:
    """What stands in a Shapefile's .prj that GDAL made nothing of; None: nothing."""
    projection = path.with_suffix(".prj")
    if path.suffix.lower() != ".shp" or not projection.is_file():
        return None
    with projection.open("rb") as file:
        return file.read(PRJ_BYTES_MAX).decode(errors="replace").strip() or None


def _exact(path: Path, layer: str, column: str) -> list[Any]:
    """A column of whole numbers as text; None where there is none."""
    named, of = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (column, layer))
    query = f'SELECT CAST("{named}" AS character(40)) AS text FROM "{of}"'  # noqa: S608 - quoted as OGR SQL asks for
    _, _, _, (texts,) = pyogrio.raw.read(
        path, sql=query, sql_dialect="OGRSQL", read_geometry=False, max_features=FEATURES_MAX + 1
    )
    return list(texts.tolist())


def _plain(value: Any) -> Any:
    """A cell as text, or as a list; None where it is empty. A whole number has no decimals."""
    if value is None or value != value:
        return None
    if isinstance(value, list | np.ndarray):
        return list(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _drawn(wkb: bytes | None) -> Drawn:
    if wkb is None:
        return Drawn()
    try:
        return Drawn(shapely.from_wkb(wkb))
    except shapely.GEOSException:
        pass
    try:
        # A ring that is not closed, and the like.
        fixed: shapely.Geometry | None = shapely.from_wkb(wkb, on_invalid="fix")
    except shapely.GEOSException as error:
        return Drawn(fault=f"has an outline that cannot be read: {one_line(error)}")
    return Drawn(fixed) if fixed is not None else Drawn(fault="has an outline that cannot be read")
