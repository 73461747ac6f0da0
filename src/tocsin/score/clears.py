"""All clears: how long after the last threat was gone, and whether one came before a strike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.score.sightings import CIVIL
from tocsin.score.strikes import Struck
from tocsin.score.truth import Path4, Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# An all clear this soon before a strike by something that was tracked was a false one.
FALSE_CLEAR_S = 600.0
# A threat to a zone is gone when nothing hostile is within this much flight of it any more.
GONE_S = 300.0
SAMPLE_S = 10.0


def waits_s(warnings: Sequence[Warning], truth: Truth, index: ZoneIndex) -> Floats:
    """Seconds from the last threat gone to the all clear, of all clears that ended cover; float64 [N]."""
    zone, at_s = _ended_cover(warnings, index)
    gone_s = np.full(len(zone), -np.inf)
    if len(zone):
        for path in truth.paths:
            if path.threat != CIVIL:
                gone_s = np.maximum(gone_s, _gone_s(path, zone, at_s, index))
    return np.asarray((at_s - gone_s)[np.isfinite(gone_s)], float)


def false_all_clears(warnings: Sequence[Warning], struck: Struck, index: ZoneIndex) -> list[tuple[str, int]]:
    """All clears within `FALSE_CLEAR_S` before a strike in that zone by something that was tracked when they came.

    (id of the all clear, number of the strike), in the order of the strikes
    """
    clears = [(w.id, index.number.get(w.zone), seconds_of(w.time)) for w in warnings if w.level == "all_clear"]
    found = []
    for k, (zone, time_s, seen_s) in enumerate(zip(struck.zone, struck.time_s, struck.seen_s, strict=True)):
        before_s = min(FALSE_CLEAR_S, float(seen_s))  # NaN, never tracked, is no bound that anything meets
        if not np.isnan(seen_s):
            found += [(name, k) for name, z, at_s in clears if z == zone and 0 <= time_s - at_s <= before_s]
    return found


def _ended_cover(warnings: Sequence[Warning], index: ZoneIndex) -> tuple[Ints, Floats]:
    """(zone, time) of all clears of zones that had been under cover since their last one."""
    covered: set[str] = set()
    rows: list[tuple[int, float]] = []
    for warning in sorted(warnings, key=lambda w: seconds_of(w.time)):
        if warning.level == "take_cover":
            covered.add(warning.zone)
        elif warning.level == "all_clear":
            if warning.zone in covered and warning.zone in index.number:
                rows.append((index.number[warning.zone], seconds_of(warning.time)))
            covered.discard(warning.zone)
    return np.array([z for z, _ in rows], np.int64), np.array([t for _, t in rows], float)


def _gone_s(path: Path4, zone: Ints, at_s: Floats, index: ZoneIndex) -> Floats:
    """The last moment up to `at_s` at which an object was within `GONE_S` of flight of a zone; -inf: at none."""
    seconds = np.append(np.arange(path.time_s[0], path.time_s[-1], SAMPLE_S), path.time_s[-1])
    lat, lon = path.at(seconds)
    east, north = index.frame.to_local(lat, lon)
    length = np.hypot(np.diff(east), np.diff(north)).sum()
    reach_m = GONE_S * length / max(path.time_s[-1] - path.time_s[0], 1.0)
    places, column = np.unique(zone, return_inverse=True)
    away = np.hypot(east[:, None] - index.east_m[places], north[:, None] - index.north_m[places])
    near_s = np.where(away - index.radius_m[places] <= reach_m, seconds[:, None], -np.inf)
    last_s = np.vstack([np.full(len(places), -np.inf), np.maximum.accumulate(near_s)])
    return np.asarray(last_s[np.searchsorted(seconds, at_s, side="right"), column], float)
