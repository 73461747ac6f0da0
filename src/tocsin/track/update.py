"""The filter update: one track, every model, and the reports that may be its own."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.track.bank import MODELS
from tocsin.track.fit import density, height_density, spread
from tocsin.track.measure import HEIGHT, HEIGHT_VAR, Z_EAST, Z_NORTH
from tocsin.track.motion import ARC

Floats = NDArray[np.float64]

# Aircraft and cruise missiles: hardly any flies faster level (jets dash at 400 m/s).
SPEED_MAX_MPS, SPEED_OVER_MPS = 400.0, 60.0


@kernel
def update(x: Floats, p: Floats, mu: Floats, h: Floats, hp: Floats, zs: Floats, weight: Floats, count: int) -> float:
    """Probabilistic update of one track by `count` measurements [count, MEASUREMENT] with their probabilities.

    Returns the log-likelihood of the speeds it leads to: nothing but what falls flies at 600 m/s.
    """
    seen = 0.0
    best = 0
    for k in range(count):
        seen += weight[k]
        if weight[k] > weight[best]:
            best = k
    r00, r01, r11 = spread(zs[best])
    each = np.empty((count, MODELS))
    total = np.zeros(count)
    for k in range(count):
        for m in range(MODELS):
            d, _ = density(x[m], p[m], zs[k], r00, r01, r11)
            each[k, m] = d * height_density(zs[k], h, hp, 1 if m == ARC else 0)
            total[k] += mu[m] * each[k, m]
    norm = 0.0
    gain = np.empty((4, 2))
    for m in range(MODELS):
        like = 1.0 - seen
        for k in range(count):
            if total[k] > 0.0:
                like += weight[k] * each[k, m] / total[k]
        mu[m] *= max(like, 1e-9)
        norm += mu[m]
        s00, s01, s11 = p[m, 0] + r00, p[m, 1] + r01, p[m, 4] + r11
        det = s00 * s11 - s01 * s01
        i00, i01, i11 = s11 / det, -s01 / det, s00 / det
        v0, v1, c00, c01, c11 = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(count):
            a, b = zs[k, Z_EAST] - x[m, 0], zs[k, Z_NORTH] - x[m, 1]
            v0 += weight[k] * a
            v1 += weight[k] * b
            c00 += weight[k] * a * a
            c01 += weight[k] * a * b
            c11 += weight[k] * b * b
        # Spread of the innovations less the part of S that was not removed.
        c00 += -v0 * v0 - seen * s00
        c01 += -v0 * v1 - seen * s01
        c11 += -v1 * v1 - seen * s11
        # What of the innovation reaches each part of the state: the gain, row by row.
        for a in range(4):
            across0, across1 = p[m, a], p[m, 1] if a == 0 else p[m, 3 + a]
            gain[a, 0] = across0 * i00 + across1 * i01
            gain[a, 1] = across0 * i01 + across1 * i11
        n = 0
        for a in range(4):
            x[m, a] += gain[a, 0] * v0 + gain[a, 1] * v1
            left0 = gain[a, 0] * c00 + gain[a, 1] * c01
            left1 = gain[a, 0] * c01 + gain[a, 1] * c11
            for b in range(a, 4):
                p[m, n] += left0 * gain[b, 0] + left1 * gain[b, 1]
                n += 1
    flies = 0.0
    for m in range(MODELS):
        if m != ARC:
            over = max(math.sqrt(x[m, 2] ** 2 + x[m, 3] ** 2) - SPEED_MAX_MPS, 0.0) / SPEED_OVER_MPS
            mu[m] *= math.exp(-0.5 * min(over * over, 40.0) * seen)
        flies += mu[m]
    for m in range(MODELS):
        mu[m] /= flies
    flies /= norm
    if not math.isnan(zs[best, HEIGHT]) and weight[best] > 0.5:
        for k in range(2):
            s = hp[k, 0] + zs[best, HEIGHT_VAR]
            v = zs[best, HEIGHT] - h[k, 0]
            g0, g1 = hp[k, 0] / s, hp[k, 1] / s
            h[k, 0] += g0 * v
            h[k, 1] += g1 * v
            hp[k, 2] -= g1 * hp[k, 1]
            hp[k, 1] *= 1.0 - g0
            hp[k, 0] *= 1.0 - g0
    return math.log(flies)


@leaf
def velocity_update(x: Floats, p: Floats, east: float, north: float, var: float) -> None:
    """Update every model by a reported velocity, component by component."""
    for m in range(MODELS):
        for axis in range(2):
            if axis == 0:
                c0, c1, c2, c3 = p[m, 2], p[m, 5], p[m, 7], p[m, 8]
                s = p[m, 7] + var
                v = east - x[m, 2]
            else:
                c0, c1, c2, c3 = p[m, 3], p[m, 6], p[m, 8], p[m, 9]
                s = p[m, 9] + var
                v = north - x[m, 3]
            x[m, 0] += c0 / s * v
            x[m, 1] += c1 / s * v
            x[m, 2] += c2 / s * v
            x[m, 3] += c3 / s * v
            p[m, 0] -= c0 * c0 / s
            p[m, 1] -= c0 * c1 / s
            p[m, 2] -= c0 * c2 / s
            p[m, 3] -= c0 * c3 / s
            p[m, 4] -= c1 * c1 / s
            p[m, 5] -= c1 * c2 / s
            p[m, 6] -= c1 * c3 / s
            p[m, 7] -= c2 * c2 / s
            p[m, 8] -= c2 * c3 / s
            p[m, 9] -= c3 * c3 / s
