"""The land about a network of sensors, on a grid of the frame, and how low each sensor sees over it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.sight import EFFECTIVE_RADIUS_FACTOR
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor
from tocsin.plan.flown import Land
from tocsin.plan.viewshed import viewshed_m

# Rasters of all sensors together; beyond it cells are made larger.
BYTES_MAX = 1_000_000_000
SIDE_MAX = 600
# Cells this large or larger would hide a valley: then the country must be planned in parts.
CELL_MAX_M = 3_000.0

SMOOTH = Land(np.empty((0, 0), np.float32), np.empty((0, 0, 0), np.float32), 0.0, 0.0, 1.0)


def land_of(
    elevation: Elevation | None,
    sensors: Sequence[Sensor],
    frame: LocalFrame,
    *,
    refraction: float = EFFECTIVE_RADIUS_FACTOR,
) -> tuple[Land, list[int]]:
    """(the land, for each of some `counted` sensors the number of its raster or -1: it needs none).

    Sensors on land whose heights are not known, and all without any elevation, see over a smooth Earth at sea level.
    Raises BadValue where cells would be too large.
    """
    if elevation is None:
        return SMOOTH, [-1] * len(sensors)
    looking = [s for s in sensors if s.kind in ("radar", "spotter") and bool(elevation.holds(s.lat, s.lon))]
    east, north, cell_m, side = _grid(elevation, frame, len(looking))
    lat, lon = frame.to_geodetic(*np.meshgrid(east, north))
    held = elevation.holds(lat, lon)
    rows, cols = elevation.rows_cols(lat, lon)
    row = np.clip(np.rint(rows), 0, elevation.heights_m.shape[0] - 1).astype(np.int64)
    col = np.clip(np.rint(cols), 0, elevation.heights_m.shape[1] - 1).astype(np.int64)
    lowest = np.empty((len(looking), *side), np.float32)
    number = {sensor.id: k for k, sensor in enumerate(looking)}
    for k, sensor in enumerate(looking):
        eye = (sensor.lat, sensor.lon, sensor.altitude_m)
        seen = viewshed_m(elevation, eye, sensor.range_m or 0.0, refraction)
        lowest[k] = np.where(held, seen[row, col], 0.0)
    ground = elevation.at(lat, lon).astype(np.float32)
    land = Land(ground, lowest, float(east[0] - cell_m / 2), float(north[0] - cell_m / 2), cell_m)
    return land, [number.get(sensor.id, -1) for sensor in sensors]


def _grid(
    elevation: Elevation, frame: LocalFrame, rasters: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, tuple[int, int]]:
    """(east, north of columns and rows, metres; size of a cell; how many rows and columns)."""
    rows, cols = elevation.heights_m.shape
    lat = elevation.north_deg - np.linspace(0, rows - 1, 9) * elevation.step_lat_deg
    lon = elevation.west_deg + np.linspace(0, cols - 1, 9) * elevation.step_lon_deg
    east, north = frame.to_local(*np.meshgrid(lat, (lon + 180) % 360 - 180))
    width, height = float(np.ptp(east)), float(np.ptp(north))
    side = min(SIDE_MAX, int(math.sqrt(BYTES_MAX / 4 / max(rasters, 1))))
    finest_m = elevation.step_lat_deg * 111_000.0
    coarsest_m = max(width, height) / side
    cell_m = max(coarsest_m, finest_m)
    if coarsest_m > CELL_MAX_M:
        raise BadValue(
            f"terrain of {width / 1e3:.0f} x {height / 1e3:.0f} km under {rasters} sensors would need cells of "
            f"{coarsest_m:.0f} m, at most {CELL_MAX_M:.0f}: plan the country in parts"
        )
    across, up = max(2, math.ceil(width / cell_m)), max(2, math.ceil(height / cell_m))
    easts = np.asarray(float(east.min()) + (np.arange(across) + 0.5) * cell_m, np.float64)
    norths = np.asarray(float(north.min()) + (np.arange(up) + 0.5) * cell_m, np.float64)
    return easts, norths, cell_m, (up, across)
