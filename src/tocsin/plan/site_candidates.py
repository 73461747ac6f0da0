"""Where sensors could stand: high points for what sees, else the middles of cells; near roads, where it is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
import shapely
from msgspec import Meta
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor, SensorKind
from tocsin.model.value import Distance, Value

Floats = NDArray[np.float64]

# Cells of candidates a side, for each kind: 289 candidates.
SIDE = 17
SIDE_MAX = 100
# Points looked at in a cell, a side: the highest of them is at most a twelfth of a cell from the cell's highest.
LOOKED = 12
# Kinds that see along straight lines gain by height.
HIGH: tuple[SensorKind, ...] = ("radar", "adsb", "spotter")
MAST_M: dict[SensorKind, float] = {"radar": 20.0, "acoustic": 5.0, "presence": 5.0, "spotter": 2.0, "adsb": 10.0}


class Offer(Value, frozen=True, kw_only=True):
    """One kind of sensor that can be had.

    name    of the offer, which the sensors proposed are named by
    sensor  what it declares, but for its place
    price   in any money, the same for all
    mast_m  of its antenna, microphone or eyes above the ground
    """

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$")]
    sensor: dict[str, float | str]
    price: Annotated[float, Meta(ge=0, le=1e15)] = 1.0
    mast_m: Distance | None = None

    @property
    def kind(self) -> SensorKind:
        """Of what it declares."""
        return self.at("", 0.0, 0.0, 0.0).kind

    def at(self, name: str, lat: float, lon: float, ground_m: float) -> Sensor:
        """The sensor on a mast there. Raises BadValue for what no sensor declares."""
        import msgspec

        kind = str(self.sensor.get("kind"))
        mast = MAST_M.get(kind, 0.0) if self.mast_m is None else self.mast_m  # type: ignore[call-overload]
        place = {"id": name or "x", "lat": round(lat, 6), "lon": round(lon, 6), "altitude_m": round(ground_m + mast, 1)}
        try:
            return msgspec.convert({**self.sensor, **place}, Sensor)
        except msgspec.ValidationError as error:
            raise BadValue(f"the offer {self.name}: {error}") from error


@dataclass(frozen=True)
class Area:
    """Where candidates are looked for, in the frame.

    bounds_m   west, south, east, north
    forbidden  nothing stands inside these (None: nowhere forbidden)
    roads      nothing stands farther than `road_m` from these (None: anywhere)
    """

    frame: LocalFrame
    bounds_m: tuple[float, float, float, float]
    forbidden: shapely.Geometry | None = None
    roads: shapely.Geometry | None = None
    road_m: float = 500.0

    def allowed(self, east_m: Floats, north_m: Floats) -> NDArray[np.bool_]:
        """Whether something may stand at each of some points, the shape of the input."""
        points = shapely.points(east_m, north_m)
        allowed = np.ones(east_m.shape, bool)
        if self.forbidden is not None:
            shapely.prepare(self.forbidden)
            allowed &= ~shapely.intersects(self.forbidden, points)
        if self.roads is not None:
            shapely.prepare(self.roads)
            allowed &= shapely.dwithin(self.roads, points, self.road_m)
        return np.asarray(allowed, bool)


class Points(NamedTuple):
    """Candidate places in degrees, with the height of the ground, each [C]."""

    lat: Floats
    lon: Floats
    ground_m: Floats


def grid_of(area: Area, elevation: Elevation | None, kind: SensorKind, side: int = SIDE) -> Points:
    """One candidate for each cell with an allowed place: its highest for what sees, else the one nearest its middle.

    side   cells along the longer side of the area
    """
    if not 1 <= side <= SIDE_MAX:
        raise BadValue(f"{side} cells a side; give 1 to {SIDE_MAX}")
    west, south, east, north = area.bounds_m
    cell = max(east - west, north - south, 1.0) / side
    across, up = max(1, round((east - west) / cell)), max(1, round((north - south) / cell))
    share = (np.arange(LOOKED) + 0.5) / LOOKED
    x = west + (east - west) * ((np.arange(across)[:, None] + share) / across).ravel()
    y = south + (north - south) * ((np.arange(up)[:, None] + share) / up).ravel()
    easts, norths = np.meshgrid(x, y)
    lat, lon = area.frame.to_geodetic(easts, norths)
    ground = np.zeros(lat.shape) if elevation is None else np.asarray(elevation.at(lat, lon), float)
    off = np.hypot(*np.meshgrid(np.tile(share - 0.5, across), np.tile(share - 0.5, up)))
    high = kind in HIGH and elevation is not None
    # Of places equally high the one nearest the middle.
    allowed = area.allowed(easts, norths)
    if elevation is not None:
        allowed &= elevation.holds(lat, lon)
    score = np.where(allowed, (ground if high else 0.0) - 1e-3 * off, -np.inf)
    return _best_of_cells(score, Points(lat, lon, ground), (up, across))


def _best_of_cells(score: Floats, places: Points, cells: tuple[int, int]) -> Points:
    up, across = cells

    def by_cell(values: Floats) -> Floats:
        blocks = values.reshape(up, LOOKED, across, LOOKED).swapaxes(1, 2)
        return np.asarray(blocks.reshape(up * across, LOOKED * LOOKED), float)

    scores = by_cell(score)
    best = scores.argmax(axis=1)
    there = np.flatnonzero(np.isfinite(scores[np.arange(len(best)), best]))
    return Points(*(by_cell(values)[there, best[there]] for values in places))


def at_places(area: Area, elevation: Elevation | None, lat: Floats, lon: Floats) -> Points:
    """Given places as candidates: those of them where something may stand."""
    allowed = area.allowed(*area.frame.to_local(lat, lon))
    lat, lon = lat[allowed], lon[allowed]
    return Points(lat, lon, np.zeros(lat.shape) if elevation is None else np.asarray(elevation.at(lat, lon), float))


def even(area: Area, count: int, places: Points, elevation: Elevation | None) -> Points:
    """The layout to beat: the middles of `count` cells of a regular grid over the area.

    Where nothing may stand in a middle, its sensor stands at the nearest of some `places`. Rows and columns are as
    square as can be; where `count` is no product, the last rows have fewer, wider cells.
    """
    west, south, east, north = area.bounds_m
    rows = min(count, max(1, round(math.sqrt(count * (north - south) / max(east - west, 1.0)))))
    each = [count // rows + (row < count % rows) for row in range(rows)]
    x = np.concatenate([west + (east - west) * (np.arange(many) + 0.5) / many for many in each])
    y = np.repeat(south + (north - south) * (np.arange(rows) + 0.5) / rows, each)
    if not (there := area.allowed(x, y)).all() and len(places.lat):
        at = np.stack(area.frame.to_local(places.lat, places.lon), axis=-1)
        away = np.hypot(at[:, 0] - x[~there, None], at[:, 1] - y[~there, None])
        x[~there], y[~there] = at[away.argmin(axis=1)].T
    lat, lon = area.frame.to_geodetic(x, y)
    return Points(lat, lon, np.zeros(lat.shape) if elevation is None else np.asarray(elevation.at(lat, lon), float))
