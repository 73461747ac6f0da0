"""The filter update: one track, every model, and the reports that may be its own."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import inlined, leaf
from tocsin.track.bank import MODELS
from tocsin.track.likelihood import spread
from tocsin.track.motion import ARC
from tocsin.track.sensors.measure import HEIGHT, HEIGHT_VAR, Z_EAST, Z_NORTH
from tocsin.track.state import (
    E_E,
    E_N,
    E_VE,
    E_VN,
    EAST,
    N_N,
    N_VE,
    N_VN,
    NORTH,
    UP_UP,
    UP_VU,
    V_EAST,
    V_NORTH,
    VE_VE,
    VE_VN,
    VN_VN,
    VU_VU,
    Spread,
    State,
)

Floats = NDArray[np.float64]

# Aircraft and cruise missiles: hardly any flies faster level (jets dash at 400 m/s).
SPEED_MAX_MPS, SPEED_OVER_MPS = 400.0, 60.0


@inlined
def update(state: State, zs: Floats, each: Floats, weight: Floats, gain: Floats) -> float:
    """Probabilistic update of one track, in place, by measurements with their probabilities.

    zs     [K, MEASUREMENT]; weight [K]: probability of each
    each   [K, M] density of each measurement in each model; used up
    gain   [4, 2] scratch

    Returns the log-likelihood of the speeds it leads to: nothing but what falls flies at 600 m/s.
    """
    x, p, mu = state.x, state.p, state.mu
    seen, best = 0.0, 0
    for k in range(len(weight)):
        seen += weight[k]
        if weight[k] > weight[best]:
            best = k
    norm = weighed(mu, each, weight, seen)
    noise = spread(zs[best])
    for m in range(MODELS):
        corrected(x[m], p[m], zs, weight, seen, noise, gain)
    flies = 0.0
    for m in range(MODELS):
        if m != ARC:
            over = max(math.sqrt(x[m, V_EAST] ** 2 + x[m, V_NORTH] ** 2) - SPEED_MAX_MPS, 0.0) / SPEED_OVER_MPS
            mu[m] *= math.exp(-0.5 * min(over * over, 40.0) * seen)
        flies += mu[m]
    for m in range(MODELS):
        mu[m] /= flies
    if not math.isnan(zs[best, HEIGHT]) and weight[best] > 0.5:
        for k in range(2):
            risen(state.h[k], state.hp[k], zs[best])
    return math.log(flies / norm)


@inlined
def weighed(mu: Floats, each: Floats, weight: Floats, seen: float) -> float:
    """Judge the models by how likely each made the measurements, in place; the sum of their new probabilities."""
    for k in range(len(weight)):
        total = 0.0
        for m in range(MODELS):
            total += mu[m] * each[k, m]
        share = weight[k] / total if total > 0.0 else 0.0
        for m in range(MODELS):
            each[k, m] *= share
    norm = 0.0
    for m in range(MODELS):
        like = 1.0 - seen
        for k in range(len(weight)):
            like += each[k, m]
        mu[m] *= max(like, 1e-9)
        norm += mu[m]
    return norm


@leaf
def corrected(x: Floats, p: Floats, zs: Floats, weight: Floats, seen: float, noise: Spread, gain: Floats) -> None:
    """Update one model, x [4] and p [10], in place by the mean innovation; noise: covariance of the likeliest one."""
    r00, r01, r11 = noise
    s00, s01, s11 = p[E_E] + r00, p[E_N] + r01, p[N_N] + r11
    det = s00 * s11 - s01 * s01
    i00, i01, i11 = s11 / det, -s01 / det, s00 / det
    v0, v1, c00, c01, c11 = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(len(weight)):
        a, b = zs[k, Z_EAST] - x[EAST], zs[k, Z_NORTH] - x[NORTH]
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
        across0, across1 = p[a], p[E_N] if a == 0 else p[N_N - 1 + a]
        gain[a, 0] = across0 * i00 + across1 * i01
        gain[a, 1] = across0 * i01 + across1 * i11
    n = 0
    for a in range(4):
        x[a] += gain[a, 0] * v0 + gain[a, 1] * v1
        left0 = gain[a, 0] * c00 + gain[a, 1] * c01
        left1 = gain[a, 0] * c01 + gain[a, 1] * c11
        for b in range(a, 4):
            p[n] += left0 * gain[b, 0] + left1 * gain[b, 1]
            n += 1


@inlined
def risen(h: Floats, hp: Floats, z: Floats) -> None:
    """Update one height filter, h [2] and hp [3], in place by a measured height."""
    s = hp[UP_UP] + z[HEIGHT_VAR]
    v = z[HEIGHT] - h[0]
    g0, g1 = hp[UP_UP] / s, hp[UP_VU] / s
    h[0] += g0 * v
    h[1] += g1 * v
    hp[VU_VU] -= g1 * hp[UP_VU]
    hp[UP_VU] *= 1.0 - g0
    hp[UP_UP] *= 1.0 - g0


@leaf
def velocity_update(x: Floats, p: Floats, east: float, north: float, var: float) -> None:
    """Update every model by a reported velocity, component by component."""
    for m in range(MODELS):
        for axis in range(2):
            if axis == 0:
                c0, c1, c2, c3 = p[m, E_VE], p[m, N_VE], p[m, VE_VE], p[m, VE_VN]
                s = p[m, VE_VE] + var
                v = east - x[m, V_EAST]
            else:
                c0, c1, c2, c3 = p[m, E_VN], p[m, N_VN], p[m, VE_VN], p[m, VN_VN]
                s = p[m, VN_VN] + var
                v = north - x[m, V_NORTH]
            x[m, EAST] += c0 / s * v
            x[m, NORTH] += c1 / s * v
            x[m, V_EAST] += c2 / s * v
            x[m, V_NORTH] += c3 / s * v
            p[m, E_E] -= c0 * c0 / s
            p[m, E_N] -= c0 * c1 / s
            p[m, E_VE] -= c0 * c2 / s
            p[m, E_VN] -= c0 * c3 / s
            p[m, N_N] -= c1 * c1 / s
            p[m, N_VE] -= c1 * c2 / s
            p[m, N_VN] -= c1 * c3 / s
            p[m, VE_VE] -= c2 * c2 / s
            p[m, VE_VN] -= c2 * c3 / s
            p[m, VN_VN] -= c3 * c3 / s
