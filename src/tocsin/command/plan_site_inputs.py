"""What `tocsin plan site` is given besides a network (kinds, offers, shapes of areas and roads), and what it says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import shapely
import typer

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile, BadRecord, BadSettings, BadValue
from tocsin.model.sensor import Sensor, SensorKind
from tocsin.model.utf8 import as_utf8
from tocsin.plan.site_candidates import Area, Floats, Offer, Points, at_places
from tocsin.replay.configuration import read_sensors
from tocsin.replay.files import read_text

# Of each kind; a choice of more is a matter of days.
MOST_MAX = 1_000
SHAPES_BYTES_MAX = 64_000_000


def offers_of(kinds: str | None, file: Path | None, budget: float | None) -> tuple[list[Offer], list[int]]:
    """(offers, the most of each), from `radar=2,acoustic=40` and a file (TOML). Raises BadSettings, BadFile."""
    known = {offer.name: offer for offer in _read_offers(file)}
    known |= {kind: Offer(name=kind, sensor={"kind": kind}) for kind in get_args(SensorKind) if kind not in known}
    if kinds is None:
        if budget is None or file is None:
            raise BadSettings("nothing to choose; give --kinds radar=2,acoustic=40, or --budget and --offers")
        named = [offer for offer in known.values() if offer.price > 0 and offer.name not in get_args(SensorKind)]
        return named, [MOST_MAX] * len(named)
    offers, most = [], []
    for part in kinds.split(","):
        name, _, count = part.partition("=")
        if name not in known:
            raise BadSettings(f"--kinds {part!r}: there is no {name!r}; take one of {', '.join(known)}")
        if not count.isdecimal() or not 1 <= int(count) <= MOST_MAX:
            raise BadSettings(f"--kinds {part!r}; write how many, 1 to {MOST_MAX}: {name}=2")
        offers.append(known[name])
        most.append(int(count))
    if budget is not None and file is None:
        raise BadSettings("--budget needs prices; give them with --offers")
    return offers, most


def _read_offers(file: Path | None) -> list[Offer]:
    if file is None:
        return []
    try:
        table = tomllib.loads(read_text(file, "a file of offers (TOML)").decode())
        offers = msgspec.convert(table.get("offer", []), list[Offer], strict=False)
        for offer in offers:
            offer.at("", 0.0, 0.0, 0.0)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, BadValue, AttributeError) as error:
        raise BadFile(f"{file}: {error}; each [[offer]] has name, sensor = {{kind, ...}}, price, mast_m") from error
    if not offers:
        raise BadFile(f"{file} holds no [[offer]]; write one for each kind that can be had")
    return offers


def shapes_of(file: Path | None, what: str, frame: LocalFrame) -> shapely.Geometry | None:
    """All geometries of a GeoJSON file as one, in the frame; None without a file. Raises BadFile."""
    if file is None:
        return None
    try:
        if file.stat().st_size > SHAPES_BYTES_MAX:
            raise BadFile(f"{file} is larger than {SHAPES_BYTES_MAX / 1e6:.0f} MB; cut out the area planned for")
        shape = shapely.from_geojson(as_utf8(file.read_bytes()))
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}; give {what} as GeoJSON") from error
    except (shapely.errors.GEOSException, BadRecord) as error:
        raise BadFile(f"{file} is no GeoJSON: {error}; give {what} as GeoJSON") from error
    corners = shapely.get_coordinates(shape)
    if not len(corners) or not np.isfinite(corners).all() or (np.abs(corners) > (180, 90)).any():
        raise BadFile(f"{file} holds no geometry in degrees; give {what} as GeoJSON (lon, lat)")
    flat = shapely.set_coordinates(shape, np.column_stack(frame.to_local(corners[:, 1], corners[:, 0])))
    return shapely.make_valid(flat)


def points_of(file: Path) -> tuple[Floats, Floats]:
    """(lat, lon) of the points of a GeoJSON file. Raises BadFile."""
    try:
        features = json.loads(read_text(file, "candidates (GeoJSON points)"))["features"]
        at = np.array([one["geometry"]["coordinates"][:2] for one in features if one["geometry"]["type"] == "Point"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadFile(f"{file} is no GeoJSON of points: {error!r}; give candidates as a FeatureCollection") from error
    if at.ndim != 2 or at.dtype.kind not in "if" or not np.isfinite(at).all() or (np.abs(at) > (180, 90)).any():
        raise BadFile(f"{file} holds no points in degrees; give candidates as GeoJSON points (lon, lat)")
    return at[:, 1].astype(float), at[:, 0].astype(float)


def area_of(index: ZoneIndex, around_m: float, roads: Path | None, road_m: float, forbidden: Path | None) -> Area:
    """Where sensors may stand: about the zones, near roads, outside what is forbidden. Raises BadFile."""
    west, south, east, north = shapely.total_bounds(index.outlines).tolist()
    return Area(
        index.frame,
        (west - around_m, south - around_m, east + around_m, north + around_m),
        shapes_of(forbidden, "areas", index.frame),
        shapes_of(roads, "roads", index.frame),
        road_m,
    )


def places_of(candidates: str, area: Area, elevation: Elevation | None) -> Points | None:
    """The candidates of a file; None: a grid is to be made. Raises BadFile."""
    return None if candidates == "grid" else at_places(area, elevation, *points_of(Path(candidates)))


def experts_of(files: list[Path]) -> dict[str, tuple[Sensor, ...]]:
    """Layouts to compare with, by their files' names. Raises BadFile."""
    return {file.name: read_sensors(file) for file in files}


def say_sites(summary: dict[str, Any]) -> None:
    """What is proposed, what else was compared, and how good it is at most, for people to read."""
    for row in summary["layouts"]:
        share = row["people_with_enough"] / max(summary["people"], 1)
        typer.echo(
            f"{row['layout']:24} {row['sensors']:5} more sensors: {row['people_with_enough']:12,} people with enough "
            f"minutes ({share:.1%})"
        )
    if summary["aim"] == "cheapest":
        bound = f"costs {summary['reached']:,.0f}, and nothing cheaper than {summary['bound']:,.0f} does"
    else:
        unit = "s in the worst town" if summary["aim"] == "worst" else "people"
        bound = f"{summary['reached']:,.0f} {unit}, and no choice gives more than {summary['bound']:,.0f}"
    typer.echo(f"by what each sensor gives alone: {bound} ({summary['bound_by']})")
    for loss in summary["losses"][:5]:
        typer.echo(f"without {loss['sensor']}: {loss['people_fewer']:,} people fewer have enough")
