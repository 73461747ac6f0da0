"""A look at every track at a time, without touching it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel
from tocsin.track.arc_frame import foreseen
from tocsin.track.bank import DEAD, ENDS, HEIGHT_KNOWN, HIT, MODELS, STATUS, SUPPORTERS, TAGS, TIME, Bank
from tocsin.track.motion import ARC, NEGLIGIBLE, climb, combined, step
from tocsin.track.register import TIME_BOUND_S

Floats = NDArray[np.float64]


class Glance(NamedTuple):
    """K tracks as they were seen at their times, as columns; glances at several times may follow each other.

    at_s       float64 [K]
    mean       float64 [K, 6]: east, north, their speeds, height, climb
    cov        float64 [K, 10]: upper triangle of (east, north, their speeds)
    up         float64 [K, 3] of height and climb
    arc        float64 [K]: probability of the ballistic model
    state_s, hit_s   float64 [K]: time of the bank's own state, and of the last report
    measured   bool [K]: whether a height was ever measured
    said       float32 [K, 9], tag int32 [K, TAGS]: as in the bank
    sensors    int64 [K]: how many support it
    """

    at_s: Floats
    mean: Floats
    cov: Floats
    up: Floats
    arc: Floats
    state_s: Floats
    hit_s: Floats
    measured: NDArray[np.bool_]
    said: NDArray[np.float32]
    tag: NDArray[np.int32]
    sensors: NDArray[np.int64]


def unseen(room: int) -> Glance:
    """Room for `room` tracks."""
    return Glance(
        at_s=np.empty(room),
        mean=np.empty((room, 6)),
        cov=np.empty((room, 10)),
        up=np.empty((room, 3)),
        arc=np.empty(room),
        state_s=np.empty(room),
        hit_s=np.empty(room),
        measured=np.empty(room, np.bool_),
        said=np.empty((room, 9), np.float32),
        tag=np.empty((room, TAGS), np.int32),
        sensors=np.empty(room, np.int64),
    )


@kernel
def picture(bank: Bank, at: float, origin: Floats, seen: Glance, n: int) -> int:
    """Carry a look at every track alive at time `at` there, into `seen` from row n on. Returns the row after the last.

    origin   [2] latitude and longitude of the frame's origin, radians
    """
    x, p = np.empty((MODELS, 4)), np.empty((MODELS, 10))
    h, hp = np.empty((2, 2)), np.empty((2, 3))
    for i in range(bank.tally[0]):
        life, tag = bank.life[i], bank.tag[i]
        if tag[STATUS] == DEAD or at > life[ENDS]:
            continue
        dt = max(at - life[TIME], -TIME_BOUND_S)
        mu, mean, cov = bank.mu[i], seen.mean[n], seen.cov[n]
        x[:], p[:], h[:], hp[:] = bank.x[i], bank.p[i], bank.h[i], bank.hp[i]
        for m in range(MODELS):
            if mu[m] >= NEGLIGIBLE:
                step(m, x[m], p[m], dt)
        combined(x, p, mu, mean, cov)
        climb(h, hp, dt, mean[2] ** 2 + mean[3] ** 2, -400.0)
        if foreseen(bank, i, origin, dt, x, p, h, hp):
            combined(x, p, mu, mean, cov)
        k = 1 if mu[ARC] > 0.5 else 0
        mean[4], mean[5] = h[k, 0], h[k, 1]
        seen.up[n] = hp[k]
        seen.at_s[n], seen.state_s[n], seen.hit_s[n], seen.arc[n] = at, life[TIME], life[HIT], mu[ARC]
        seen.measured[n] = life[HEIGHT_KNOWN] > 0.5
        seen.said[n], seen.tag[n] = bank.said[i], tag
        seen.sensors[n] = 0
        for k in range(SUPPORTERS):
            seen.sensors[n] += bank.support[i, k] >= 0
        n += 1
    return n
