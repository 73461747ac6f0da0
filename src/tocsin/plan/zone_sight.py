"""What radars see over the land, for the warnings and for the tracker: reckoned where files may be read, and kept in
the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.terrain.around import REACH_MAX_M
from tocsin.earth.zone_index import ZoneIndex
from tocsin.earth.zone_points import points_of
from tocsin.model.masking import Masking
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.plan.masking import masking_of
from tocsin.plan.terrain import Terrain
from tocsin.plan.viewshed import viewshed_m

# A valley in the shade of its ridge is a part of most zones in mountains: a radar that sees what comes over half of a
# zone sees a raid on it come.
ENOUGH = 0.5
# Places of a zone that are asked for.
PLACES = 25
# Each radar's cells are 0.1 MB in memory and up to 40 kB in every snapshot. Others count misses as on a smooth Earth.
MASKINGS_MAX = 200


class OverLand(NamedTuple):
    """What is known of the radars that stand on the land given.

    sight     the zones over half of which each sees something `over_m` above the ground, in their order
    masking   what the land hides from each of the first MASKINGS_MAX
    said      what is to be said of that land, a sentence each
    """

    sight: dict[str, tuple[str, ...]]
    masking: dict[str, Masking]
    said: list[str]


def over_land(terrain: Terrain, sensors: Iterable[Sensor], index: ZoneIndex, over_m: float) -> OverLand:
    """What each radar sees over the land. Raises BadFile, BadSettings and Missing."""
    places = points_of(index, PLACES)
    lat, lon = index.frame.to_geodetic(places[..., 0], places[..., 1])
    sight: dict[str, tuple[str, ...]] = {}
    masking: dict[str, Masking] = {}
    said: list[str] = []
    for sensor in (with_defaults(one) for one in sensors if one.kind == "radar"):
        reach_m = min(sensor.range_m or 0.0, REACH_MAX_M)
        land = terrain.around(sensor.lat, sensor.lon, reach_m)
        said += [f"around {sensor.id}: {sentence}" for sentence in land.said()]
        if land.unknown == 1:
            continue
        lowest = viewshed_m(land.elevation, (sensor.lat, sensor.lon, sensor.altitude_m), reach_m)
        share = _seen(land.elevation, lowest, lat, lon, over_m).mean(axis=1)
        sight[sensor.id] = tuple(index.zones[z].id for z in np.flatnonzero(share >= ENOUGH))
        if len(masking) < MASKINGS_MAX:
            masking[sensor.id] = masking_of(land.elevation, lowest, sensor, reach_m)
    if len(sight) > len(masking):
        said.append(
            f"{len(sight)} radars stand on this land; of what it hides from them the tracker is told for the first "
            f"{MASKINGS_MAX}: put those among hills first in the sensors file"
        )
    return OverLand(sight, masking, said)


def _seen(
    ground: Elevation, lowest: NDArray[np.float32], lat: NDArray[np.float64], lon: NDArray[np.float64], over_m: float
) -> NDArray[np.bool_]:
    """bool, of places in degrees: whether something so high over the ground is seen there."""
    row, col = (np.round(one).astype(np.int64) for one in ground.rows_cols(lat, lon))
    inside = (row >= 0) & (row < lowest.shape[0]) & (col >= 0) & (col < lowest.shape[1])
    seen = np.zeros(inside.shape, bool)
    seen[inside] = lowest[row[inside], col[inside]] <= over_m
    return seen
