"""Simple rules that are told where every attacker is: what knows all but the targets, and how far that carries.

They are the bound that an oracle with the same ignorance of targets reaches: no sensor, tracker or classifier errs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.score.cover import Cover
from tocsin.score.rules import FAMILY_DEG, reach_of
from tocsin.score.sightings import CIVIL, Sightings, sightings_of
from tocsin.score.truth import Path4, Truth

Floats = NDArray[np.float64]

# (shape, seconds of flight)
RULES = (("cone", 200.0), ("cone", 120.0), ("circle", 200.0))
EVERY_S = 1.0


def true_sightings(truth: Truth, index: ZoneIndex) -> Sightings:
    """Every attacker as a perfect tracker would follow it from when it appears: each second, without any error."""
    rows = [_rows(number, path, index) for number, path in enumerate(truth.paths) if path.threat != CIVIL]
    return sightings_of(np.concatenate([np.empty((0, 7)), *rows]), index)


def knowing_covers(truth: Truth, index: ZoneIndex) -> Iterator[tuple[str, float, Cover]]:
    """Every rule of `RULES` on the true attackers: (circle or cone, seconds of flight, its cover)."""
    sightings = true_sightings(truth, index)
    for name, half_deg in FAMILY_DEG.items():
        sizes = [flight_s for shape, flight_s in RULES if shape == name]
        reach = reach_of(sightings, index, half_deg, max(sizes))
        for flight_s in sizes:
            yield name, flight_s, reach.cover(flight_s)


def _rows(number: int, path: Path4, index: ZoneIndex) -> Floats:
    """Rows of `sightings_of` of one path; speed and course over the ground are those of the leg it is on."""
    if len(path.time_s) < 2:
        return np.empty((0, 7))
    seconds = np.arange(path.time_s[0], path.time_s[-1], EVERY_S)
    lat, lon = path.at(seconds)
    leg = np.searchsorted(path.time_s, seconds, side="right") - 1
    east, north = (np.diff(column) for column in index.frame.to_local(path.lat, path.lon))
    speed = np.hypot(east, north) / np.maximum(np.diff(path.time_s), 1e-9)
    heading = np.degrees(np.arctan2(east, north)) % 360
    same = np.full(len(seconds), float(number))
    return np.stack([same, seconds, lat, lon, speed[leg], heading[leg], np.zeros(len(seconds))], axis=-1)
