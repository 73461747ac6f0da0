"""Where what a person reports was: from where the observer stood, and what was said of direction and distance."""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Sighting

# A person's distance is wrong by half of itself (one standard deviation) and never better than this.
DISTANCE_ERROR = 0.5
SIGMA_MIN_M = 300.0
# Without a distance: an object that is seen or heard is typically 2-3 km away.
USUAL_M = {"seen": 3_000.0, "heard": 2_000.0, "both": 2_500.0}
BEARING_SIGMA_DEG = 10.0


class Sighted(NamedTuple):
    """A place in the frame, and one standard deviation of it along `axis_rad` (clockwise from north) and across."""

    east_m: float
    north_m: float
    along_m: float
    across_m: float
    axis_rad: float


def sighted(sighting: Sighting, frame: LocalFrame) -> Sighted:
    """Where the object of a sighting was. Without a bearing it was anywhere near the observer."""
    post_east, post_north = (float(part) for part in frame.to_local(sighting.lat, sighting.lon))
    return sighted_from(sighting, post_east, post_north)


def sighted_from(sighting: Sighting, post_east: float, post_north: float) -> Sighted:
    """The same, from where the observer stood in the frame."""
    distance = USUAL_M[sighting.sense] if sighting.distance_m is None else sighting.distance_m
    if sighting.bearing_deg is None:
        around = max(SIGMA_MIN_M, distance)
        return Sighted(post_east, post_north, around, around, 0.0)
    axis = math.radians(sighting.bearing_deg)
    return Sighted(
        post_east + distance * math.sin(axis),
        post_north + distance * math.cos(axis),
        max(SIGMA_MIN_M, distance * DISTANCE_ERROR),
        max(SIGMA_MIN_M, distance * math.radians(BEARING_SIGMA_DEG)),
        axis,
    )
