"""Simple rules to be measured against, on the same tracks: a whole region, a circle, a cone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.score.cover import Cover, cover_of_hits
from tocsin.score.sightings import Sightings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Rules look at the picture this often, and keep cover this long after the sighting it rests on.
STEP_S = 10.0
KEEP_S = 60.0
CIRCLE_S = 300.0
# The family a policy is held against: everyone within so much flight, all around or ahead.
FAMILY_S = (60.0, 90.0, 120.0, 150.0, 180.0, 240.0, 300.0, 360.0, 450.0)
FAMILY_DEG = {"circle": 180.0, "cone": 35.0}


@dataclass(frozen=True, slots=True)
class Reach:
    """How soon the nearest hostile track could be in which zone, as columns; only what is soon enough to matter.

    step, zone   int64 [N]; the time of a step is step * STEP_S, POSIX seconds
    flight_s     float64 [N], seconds of straight flight to the zone's edge
    """

    step: Ints
    zone: Ints
    flight_s: Floats

    def cover(self, flight_s: float) -> Cover:
        """Cover for everyone within so much flight."""
        near = self.flight_s <= flight_s
        return cover_of_hits(self.zone[near], self.step[near], STEP_S, STEP_S + KEEP_S)


def reach_of(sightings: Sightings, index: ZoneIndex, half_deg: float, within_s: float) -> Reach:
    """How soon hostile tracks could be in the zones within `half_deg` of their courses, up to `within_s`."""
    rows = sightings.every(STEP_S)
    step = np.round(rows.time_s / STEP_S).astype(np.int64)
    radius = np.sqrt([outline.area / np.pi for outline in index.outlines]) if len(index) else np.empty(0)
    course = np.radians(rows.heading_deg)
    sine, cosine, narrow = np.sin(course), np.cos(course), np.cos(np.radians(half_deg))
    steps, zones, flights = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    edges = np.append(np.flatnonzero(np.diff(step, prepend=-1)), len(step))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        one = slice(begin, end)
        east = index.east_m - rows.east_m[one, None]
        north = index.north_m - rows.north_m[one, None]
        away = np.hypot(east, north)
        flight_s = np.maximum(away - radius, 0.0) / np.maximum(rows.speed_mps[one, None], 1e-9)
        ahead = (east * sine[one, None] + north * cosine[one, None] >= away * narrow) | (away <= radius)
        soonest = np.where(ahead, flight_s, np.inf).min(axis=0)
        near = np.flatnonzero(soonest <= within_s)
        steps.append(np.full(len(near), step[begin]))
        zones.append(near)
        flights.append(soonest[near])
    return Reach(np.concatenate(steps), np.concatenate(zones), np.concatenate(flights))


def circle_cover(sightings: Sightings, index: ZoneIndex, flight_s: float = CIRCLE_S) -> Cover:
    """Everyone within `flight_s` seconds' flight of the last sighting of any hostile track."""
    return cone_cover(sightings, index, flight_s, 180.0)


def cone_cover(sightings: Sightings, index: ZoneIndex, flight_s: float, half_deg: float) -> Cover:
    """Everyone within `flight_s` of a hostile track and within `half_deg` of its course."""
    return reach_of(sightings, index, half_deg, flight_s).cover(flight_s)


def family(sightings: Sightings, index: ZoneIndex) -> Iterator[tuple[str, float, Cover]]:
    """Every rule of the family: (circle or cone, seconds of flight, its cover)."""
    for name, half_deg in FAMILY_DEG.items():
        reach = reach_of(sightings, index, half_deg, FAMILY_S[-1])
        for flight_s in FAMILY_S:
            yield name, flight_s, reach.cover(flight_s)


def region_cover(sightings: Sightings, index: ZoneIndex) -> Cover:
    """Everyone in the first-level unit of any hostile track. A zone without a parent is its own unit."""
    unit = _units(index)
    rows = sightings.every(STEP_S)
    lat, lon = index.frame.to_geodetic(rows.east_m, rows.north_m)
    row, zone = index.at(lat, lon) if len(rows.time_s) and len(index) else (np.empty(0, np.int64),) * 2
    step = np.round(rows.time_s[row] / STEP_S).astype(np.int64)
    touched = cover_of_hits(unit[zone], step, STEP_S, STEP_S + KEEP_S)
    members = [np.flatnonzero(unit == one) for one in touched.zone]
    size = [len(one) for one in members]
    zones = np.concatenate([np.empty(0, np.int64), *members])
    begin_s, end_s = np.repeat(touched.begin_s, size), np.repeat(touched.end_s, size)
    order = np.lexsort((begin_s, zones))
    return Cover(zones[order], begin_s[order], end_s[order])


def _units(index: ZoneIndex) -> Ints:
    """A number per zone of its first-level unit: the topmost of its parents."""
    parent = {zone.id: zone.parent for zone in index.zones}
    numbers: dict[str, int] = {}
    units = []
    for zone in index.zones:
        top, seen = zone.id, {zone.id}
        while (above := parent.get(top)) is not None and above not in seen:
            seen.add(above)
            top = above
        units.append(numbers.setdefault(top, len(numbers)))
    return np.array(units, np.int64)
