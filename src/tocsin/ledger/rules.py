"""Simple rules to be measured against, on the same tracks: a whole region, a circle, a cone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.cover import Cover, cover_of_rows
from tocsin.ledger.sightings import Sightings

# Rules look at the picture this often, and keep cover this long after the sighting it rests on.
STEP_S = 10.0
KEEP_S = 60.0
CIRCLE_S = 300.0


def region_cover(sightings: Sightings, index: ZoneIndex) -> Cover:
    """Everyone in the first-level unit of any hostile track. A zone without a parent is its own unit."""
    unit = _units(index)
    rows = sightings.every(STEP_S)
    lat, lon = index.frame.to_geodetic(rows.east_m, rows.north_m)
    row, zone = index.at(lat, lon) if len(rows.time_s) and len(index) else (np.empty(0, np.int64),) * 2
    touched = {(int(unit[z]), float(rows.time_s[r])) for r, z in zip(row, zone, strict=True)}
    members: dict[int, list[int]] = {}
    for z, u in enumerate(unit):
        members.setdefault(int(u), []).append(z)
    return cover_of_rows((z, time_s, time_s + STEP_S + KEEP_S) for u, time_s in sorted(touched) for z in members[u])


def circle_cover(sightings: Sightings, index: ZoneIndex, flight_s: float = CIRCLE_S) -> Cover:
    """Everyone within `flight_s` seconds' flight of the last sighting of any hostile track."""
    return cone_cover(sightings, index, flight_s, 180.0)


def cone_cover(sightings: Sightings, index: ZoneIndex, flight_s: float, half_deg: float) -> Cover:
    """Everyone within `flight_s` of a hostile track and within `half_deg` of its course."""
    rows = sightings.every(STEP_S)
    radius = np.sqrt([outline.area / np.pi for outline in index.outlines]) if len(index) else np.empty(0)
    found: list[tuple[int, float, float]] = []
    for r in range(len(rows.time_s)):
        east, north = index.east_m - rows.east_m[r], index.north_m - rows.north_m[r]
        away = np.hypot(east, north)
        inside = away - radius <= flight_s * rows.speed_mps[r]
        if half_deg < 180.0:
            bearing = np.degrees(np.arctan2(east, north))
            off = np.abs((bearing - rows.heading_deg[r] + 180) % 360 - 180)
            inside &= (off <= half_deg) | (away <= radius)
        begin = float(rows.time_s[r])
        found += [(int(z), begin, begin + STEP_S + KEEP_S) for z in np.flatnonzero(inside)]
    return cover_of_rows(found)


def _units(index: ZoneIndex) -> NDArray[np.int64]:
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
