"""A look at every track at a time, without touching it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.track.arc_frame import foreseen
from tocsin.track.bank import MODELS, TIME, Bank
from tocsin.track.life import lost
from tocsin.track.motion import ARC, NEGLIGIBLE, climb, combined, step
from tocsin.track.register import TIME_BOUND_S

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, error_model="numpy")
def picture(
    bank: Bank, at: float, settings: Floats, origin: Floats, mean: Floats, cov: Floats, up: Floats, alive: Ints
) -> int:
    """Carry a look at every track to time `at` without touching it.

    mean [N, 6]: east, north, their speeds, height, climb; cov [N, 10]; up [N, 3] of height and climb; alive: the
    tracks not lost by then. Returns how many those are.
    """
    n = 0
    x = np.empty((MODELS, 4))
    p = np.empty((MODELS, 10))
    mu = np.empty(MODELS)
    for i in range(bank.tally[0]):
        if lost(bank, i, at, settings):
            continue
        dt = max(at - bank.life[i, TIME], -TIME_BOUND_S)
        x[:], p[:], mu[:] = bank.x[i], bank.p[i], bank.mu[i]
        for m in range(MODELS):
            if mu[m] >= NEGLIGIBLE:
                step(m, x[m], p[m], dt)
        combined(x, p, mu, mean[n], cov[n])
        h, hp = bank.h[i].copy(), bank.hp[i].copy()
        climb(h, hp, dt, mean[n, 2] ** 2 + mean[n, 3] ** 2, -400.0)
        if foreseen(bank, i, origin, dt, x, p, h, hp):
            combined(x, p, mu, mean[n], cov[n])
        k = 1 if mu[ARC] > 0.5 else 0
        mean[n, 4], mean[n, 5] = h[k, 0], h[k, 1]
        up[n] = hp[k]
        alive[n] = i
        n += 1
    return n
