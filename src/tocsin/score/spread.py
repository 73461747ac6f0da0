"""How many people were told at once, beside how many lived near anything that fell."""

from __future__ import annotations

import numpy as np
import shapely

from tocsin.earth.zone_index import ZoneIndex
from tocsin.score.cover import Cover
from tocsin.score.sightings import CIVIL
from tocsin.score.truth import Truth

# Who lives nearer than this to where something falls hears and feels it.
NEAR_M = 5_000.0


def most_covered(cover: Cover, index: ZoneIndex) -> float:
    """People under cover at the moment when they were most; a zone's end and another's begin do not meet."""
    people = index.population[cover.zone]
    at_s = np.concatenate([cover.end_s, cover.begin_s])
    change = np.concatenate([-people, people])
    # Stable: of the same moment, who comes out goes first.
    return float(np.cumsum(change[np.argsort(at_s, kind="stable")]).max(initial=0.0))


def people_near(truth: Truth, index: ZoneIndex, radius_m: float = NEAR_M) -> float:
    """People within a distance of any strike, wherever it fell.

    People live evenly over their zone, so that cutting or joining zones changes nothing.
    """
    fallen = [(strike.lat, strike.lon) for strike in truth.strikes if strike.threat != CIVIL]
    if not fallen or not len(index):
        return 0.0
    east, north = index.frame.to_local(*np.array(fallen).T)
    near = shapely.union_all(shapely.buffer(shapely.points(east, north), radius_m, quad_segs=32))
    zones = index.touching(near)
    outlines = index.outlines[zones]
    share = shapely.area(shapely.intersection(outlines, near)) / np.maximum(shapely.area(outlines), 1e-9)
    return float((index.population[zones] * share).sum())
