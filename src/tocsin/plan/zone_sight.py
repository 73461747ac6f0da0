"""Which zones each radar sees over the land: reckoned where files may be read, and kept in the configuration."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tocsin.earth.terrain.around import REACH_MAX_M
from tocsin.earth.zone_index import ZoneIndex
from tocsin.earth.zone_points import points_of
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.plan.terrain import Terrain
from tocsin.plan.viewshed import viewshed_m

# A valley in the shade of its ridge is a part of most zones in mountains: a radar that sees what comes over half of a
# zone sees a raid on it come.
ENOUGH = 0.5
# Places of a zone that are asked for.
PLACES = 25


def zones_seen(
    terrain: Terrain, sensors: Iterable[Sensor], index: ZoneIndex, over_m: float
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """For each radar that stands on the land given, the zones over half of which it sees something `over_m` above the
    ground, in their order; and what is to be said of that land, a sentence each.

    Raises BadFile, BadSettings and Missing.
    """
    places = points_of(index, PLACES)
    lat, lon = index.frame.to_geodetic(places[..., 0], places[..., 1])
    found: dict[str, tuple[str, ...]] = {}
    said: list[str] = []
    for sensor in (with_defaults(one) for one in sensors if one.kind == "radar"):
        reach_m = min(sensor.range_m or 0.0, REACH_MAX_M)
        land = terrain.around(sensor.lat, sensor.lon, reach_m)
        said += [f"around {sensor.id}: {sentence}" for sentence in land.said()]
        if land.unknown == 1:
            continue
        ground = land.elevation
        lowest = viewshed_m(ground, (sensor.lat, sensor.lon, sensor.altitude_m), reach_m)
        row, col = (np.round(one).astype(np.int64) for one in ground.rows_cols(lat, lon))
        inside = (row >= 0) & (row < lowest.shape[0]) & (col >= 0) & (col < lowest.shape[1])
        seen = np.zeros(inside.shape, bool)
        seen[inside] = lowest[row[inside], col[inside]] <= over_m
        share = seen.mean(axis=1)
        found[sensor.id] = tuple(index.zones[z].id for z in np.flatnonzero(share >= ENOUGH))
    return found, said
