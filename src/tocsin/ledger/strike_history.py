"""Where past strikes fell, as the forecast's prior takes them: by zone, the older the less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.incident import Incident
from tocsin.model.value import seconds_of

DAY_S = 86_400.0
# What is known no better says nothing of one zone.
SIGMA_M_MAX = 5_000.0
# Weights are of a day: the same all day long, so that a restart configures nothing anew.
_DIGITS = 3
# In mean zones' worth of prior for each zone there is: past strikes weigh at most as much as all else together. Ten
# thousand of them in one city must not take the warning from the next.
SHARE_MAX = 1.0


class History(NamedTuple):
    """Zone id -> strikes, decayed; how many incidents are in it, and how many are not, and why."""

    weights: dict[str, float]
    used: int
    left_out: dict[str, int]


def history_of(incidents: Iterable[Incident], index: ZoneIndex, at_s: float, half_life_days: float) -> History:
    """The strikes that an operator released, in the zones where they fell; each counts 0.5 ** (age / half-life).

    at_s   the age is of the midnight (UTC) before this, POSIX seconds
    """
    weights: dict[str, float] = defaultdict(float)
    left_out: dict[str, int] = defaultdict(int)
    used = 0
    midnight_s = at_s // DAY_S * DAY_S
    for one in incidents:
        if one.drill or not one.released:
            left_out["a drill" if one.drill else "not released"] += 1
            continue
        if one.place is None or one.place.sigma_m > SIGMA_M_MAX:
            left_out["no place that is known well enough"] += 1
            continue
        _, zones = index.at(one.place.lat, one.place.lon)
        if not len(zones):
            left_out["outside every zone"] += 1
            continue
        used += 1
        age_days = max(midnight_s - seconds_of(one.window.begin), 0.0) / DAY_S
        # Zones may overlap: whatever holds the place was struck.
        for zone in zones.tolist():
            weights[index.zones[zone].id] += 0.5 ** (age_days / half_life_days)
    total = sum(weights.values())
    scale = min(1.0, SHARE_MAX * len(index) / total) if total > 0 else 1.0
    kept = {zone: round(weight * scale, _DIGITS) for zone, weight in sorted(weights.items())}
    return History({zone: weight for zone, weight in kept.items() if weight > 0}, used, dict(left_out))
