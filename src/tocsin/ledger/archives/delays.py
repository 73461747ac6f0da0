"""How far two relays of the same alerts lie apart: the beginning, and the end, of each alert of one in the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.ledger.alert import Alert
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]

# Two beginnings further apart than this are of two alerts, not one told late.
APART_S = 300.0
_WHOLE_REGION = "oblast"


def delays(first: Iterable[Alert], second: Iterable[Alert]) -> dict[str, Any]:
    """By how much the second relay is later than the first, over all regions that both name.

    Of each alert of a whole region in the first, the nearest beginning in the second in that region; where it lies
    within `APART_S` both are taken for one. The same for ends that are known. Returns for `start` and `end`: `alerts`
    (of the first), `matched`, `median_s`, `p5_s`, `p95_s` (negative: the second was first); None where nothing matched.
    """
    mine, others = _by_region(first), _by_region(second)
    shared = sorted(mine.keys() & others.keys())
    return {
        "regions": len(shared),
        "start": _figures([(mine[one][0], others[one][0]) for one in shared]),
        "end": _figures([(mine[one][1], others[one][1]) for one in shared]),
    }


def nearest(times: Floats, other: Floats) -> Floats:
    """What has to be added to each time to get to the nearest of `other` (sorted, at least one), float64 [N].

    >>> nearest(np.array([10.0, 20.0]), np.array([9.0, 23.0])).tolist()
    [-1.0, 3.0]
    """
    after = np.searchsorted(other, times)
    low, high = other[np.maximum(after - 1, 0)] - times, other[np.minimum(after, len(other) - 1)] - times
    return np.where(np.abs(low) <= np.abs(high), low, high)


def _by_region(alerts: Iterable[Alert]) -> dict[str, tuple[Floats, Floats]]:
    begins: dict[str, list[float]] = defaultdict(list)
    ends: dict[str, list[float]] = defaultdict(list)
    for alert in alerts:
        if alert.level == _WHOLE_REGION:
            begins[alert.region].append(seconds_of(alert.window.begin))
            if alert.window.end is not None:
                ends[alert.region].append(seconds_of(alert.window.end))
    return {name: (np.sort(np.array(begins[name])), np.sort(np.array(ends[name]))) for name in begins}


def _figures(pairs: list[tuple[Floats, Floats]]) -> dict[str, Any]:
    found = [nearest(mine, others) for mine, others in pairs if len(others)]
    off_s = np.concatenate([np.empty(0), *found])
    one = off_s[np.abs(off_s) <= APART_S]
    said = {name: round(float(np.percentile(one, rank)), 1) if len(one) else None for name, rank in _RANKS.items()}
    return {"alerts": sum(len(mine) for mine, _ in pairs), "matched": len(one)} | said


_RANKS = {"p5_s": 5, "median_s": 50, "p95_s": 95}
