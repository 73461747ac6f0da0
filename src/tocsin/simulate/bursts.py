"""Bursts: when something is wrong for a while, and again; outages, bad reception, tired people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import Floats

NONE: Floats = np.zeros((0, 2))


def bursts(share: float, mean_s: float, duration_s: float, rng: np.random.Generator) -> Floats:
    """[B, 2] beginnings and ends of bursts within a duration; lengths and the times between are exponential.

    On average `share` of the time is within one; a burst may already be on at the beginning.
    """
    if share <= 0:
        return NONE
    if share >= 1:
        return np.array([[0.0, duration_s]])
    found, at_s, on = [], 0.0, bool(rng.random() < share)
    while at_s < duration_s:
        lasts_s = float(rng.exponential(mean_s if on else mean_s * (1 - share) / share))
        if on:
            found.append((at_s, at_s + lasts_s))
        at_s, on = at_s + lasts_s, not on
    return np.array(found).reshape(-1, 2)


def within(spans_s: Floats, time_s: Floats) -> NDArray[np.bool_]:
    """bool [K]: whether moments lie within one of some bursts, which are in order and apart."""
    number = np.searchsorted(spans_s[:, 0], time_s, side="right") - 1
    ends_s = np.append(spans_s[:, 1], -np.inf)
    return np.asarray((number >= 0) & (np.asarray(time_s) < ends_s[number]))
