"""What people have left of their minutes, as tests make it up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.plan.promise import Promise, Times
from tocsin.service.minutes.kept import Left


def promise(could: Sequence[float]) -> Promise:
    some = np.asarray(could, float)
    times = Times(some, some, some, some)
    return Promise(times, times, some, some, some)


def left(index: ZoneIndex, usual: Sequence[float], now: Sequence[float], *lost: str) -> Left:
    """Of one class, the share of each zone's people who could be in shelter in time."""
    return Left(index, {"drone": promise(usual)}, {"drone": promise(now)}, lost)
