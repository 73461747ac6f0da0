"""How targets move: straight, in gentle and in hard turns to either side, and on a ballistic arc; mixed as an IMM.

State of a model: east, north, and their speeds. Height is a filter of its own (level and ballistic): a radar measures
the plane to tens of metres and height to hundreds, if at all, so almost nothing is lost by keeping them apart.

Sources: Bar-Shalom, Li, Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001): white-noise
acceleration (6.2.2), coordinated turn with known rate (11.7.1), interacting multiple models (11.6.6).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.physics import EARTH_RADIUS_M, GRAVITY_MPS2
from tocsin.kernels import fill, inlined, leaf
from tocsin.track.bank import MODELS
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
)

Floats = NDArray[np.float64]


class Turn(NamedTuple):
    """A turn for some time: a velocity (ve, vn) becomes (c ve + s vn, c vn - s ve), and leads (a ve + b vn,
    a vn - b ve) away. To the other side b and s change sign.
    """

    a: float
    b: float
    c: float
    s: float


class Turns(NamedTuple):
    """dt seconds, and the hard and the gentle turn to the right in them."""

    dt: float
    hard: Turn
    gentle: Turn


CRUISE, RIGHT, LEFT, VEER_RIGHT, VEER_LEFT, ARC = range(6)

# Power of the acceleration noise, m^2/s^3: straight flight, hard turns, gentle ones. Found together with the numbers
# below by following simulated targets of every class, and real flights, one by one, each by its own plots. Less noise
# in turns and none along the path suited the simulated ones 1 % better, and real airliners 5 % worse.
NOISE = np.array([0.05, 500.0, 500.0, 20.0, 20.0, 4.0])
# The part of it along the path: who turns keeps his speed, but for a jet that brakes or dashes.
ALONG_PATH = np.array([1.0, 0.3, 0.3, 0.3, 0.3, 1.0])
# In turns it grows with the square of the speed, as lift does, up to this one.
LIFT_MPS = 200.0
# Rate of a turn, rad/s, clockwise: 6 degrees a second is 3 g for a jet and half a g for a drone, what neither does is
# left to the noise; 1.5 degrees is the gentle turn of an airliner, and what is not quite straight.
TURN_RATE = np.radians([0.0, 6.0, -6.0, 1.5, -1.5, 0.0])
# How often a target leaves each kind of motion (1/s), and where it goes.
LEAVE = np.array([1 / 200, 1 / 8, 1 / 8, 1 / 13, 1 / 13, 1 / 1000])
GO = np.array(
    [
        [0.0, 0.03, 0.03, 0.47, 0.47, 0.0],
        [0.1, 0.0, 0.1, 0.4, 0.4, 0.0],
        [0.1, 0.1, 0.0, 0.4, 0.4, 0.0],
        [0.3, 0.06, 0.06, 0.0, 0.58, 0.0],
        [0.3, 0.06, 0.06, 0.58, 0.0, 0.0],
        [0.2, 0.2, 0.2, 0.2, 0.2, 0.0],
    ]
)
START = np.array([0.54, 0.08, 0.08, 0.14, 0.14, 0.02])
# Nothing that flies is seen above this, and soon nothing at all: service ceilings end at 15-18 km.
CEILING_M, CEILING_SIGMA_M = 15_000.0, 2_000.0
# Speed, one standard deviation per axis, of something just seen: nearly everything, and what falls from space.
START_SPEED_MPS = np.array([160.0, 160.0, 160.0, 160.0, 160.0, 1_200.0])
# Height: climb noise m^2/s^3, level and ballistic; climb at first sight, m/s.
CLIMB_NOISE = np.array([1.0, 20.0])
START_CLIMB_MPS = np.array([10.0, 700.0])
# Nothing flies below the shores of the Dead Sea.
LOWEST_M = -400.0
# A model less likely than this adds nothing that anybody could see to what is reported.
NEGLIGIBLE = 1e-4
# The same of what one model takes over from another when they are mixed.
MIXED_MIN = 1e-7
# Between updates longer than this, motion models no longer know which one applies: mixing saturates.
STEP_MAX_S = 600.0


@inlined
def blend(x: Floats, p: Floats, w: Floats, least: float, xo: Floats, po: Floats) -> None:
    """Mean xo [4] and covariance po [10] of the models with weights w [M]; those below `least` add no covariance."""
    # In numbers of their own, not in xo and po: those might be where x and p are, and would be written at every step.
    east, north, ve, vn = 0.0, 0.0, 0.0, 0.0
    for m in range(MODELS):
        east += w[m] * x[m, EAST]
        north += w[m] * x[m, NORTH]
        ve += w[m] * x[m, V_EAST]
        vn += w[m] * x[m, V_NORTH]
    ee, en, eve, evn, nn, nve, nvn, veve, vevn, vnvn = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(MODELS):
        wm = w[m]
        if wm < least:
            continue
        d0, d1, d2, d3 = x[m, EAST] - east, x[m, NORTH] - north, x[m, V_EAST] - ve, x[m, V_NORTH] - vn
        ee += wm * (p[m, E_E] + d0 * d0)
        en += wm * (p[m, E_N] + d0 * d1)
        eve += wm * (p[m, E_VE] + d0 * d2)
        evn += wm * (p[m, E_VN] + d0 * d3)
        nn += wm * (p[m, N_N] + d1 * d1)
        nve += wm * (p[m, N_VE] + d1 * d2)
        nvn += wm * (p[m, N_VN] + d1 * d3)
        veve += wm * (p[m, VE_VE] + d2 * d2)
        vevn += wm * (p[m, VE_VN] + d2 * d3)
        vnvn += wm * (p[m, VN_VN] + d3 * d3)
    xo[EAST], xo[NORTH], xo[V_EAST], xo[V_NORTH] = east, north, ve, vn
    po[E_E], po[E_N], po[E_VE], po[E_VN], po[N_N] = ee, en, eve, evn, nn
    po[N_VE], po[N_VN], po[VE_VE], po[VE_VN], po[VN_VN] = nve, nvn, veve, vevn, vnvn


@leaf
def mix(x: Floats, p: Floats, mu: Floats, dt: float, xo: Floats, po: Floats, muo: Floats, w: Floats) -> None:
    """Interaction of the models over dt seconds: x [M, 4], p [M, 10], mu [M] -> xo, po, muo; w [M, M] is scratch."""
    t = min(abs(dt), STEP_MAX_S)
    for j in range(MODELS):
        muo[j] = 0.0
    for i in range(MODELS):
        gone = 1.0 - math.exp(-LEAVE[i] * t)
        for j in range(MODELS):
            w[i, j] = mu[i] * ((1.0 - gone) if i == j else gone * GO[i, j])
            muo[j] += w[i, j]
    for j in range(MODELS):
        muo[j] = max(muo[j], 1e-12)
        for i in range(MODELS):
            w[i, j] /= muo[j]
        blend(x, p, w[:, j], MIXED_MIN, xo[j], po[j])
    total = 0.0
    for j in range(MODELS):
        total += muo[j]
    for j in range(MODELS):
        muo[j] /= total


@leaf
def falls(height_m: float, height_var: float) -> float:
    """Probability that something just seen at a measured height falls: high above all that flies, nothing else does."""
    over = max(height_m - CEILING_M, 0.0)
    flies = (1.0 - START[ARC]) * math.exp(-0.5 * min(over * over / (CEILING_SIGMA_M**2 + height_var), 40.0))
    return float(START[ARC] / (START[ARC] + flies))


@leaf
def unfolded(x: Floats, p: Floats, mu: Floats, xo: Floats, po: Floats, muo: Floats) -> None:
    """In the place of `mix` for a track just born, which has only CRUISE and ARC: all that flies begins alike."""
    for m in range(MODELS):
        source = ARC if m == ARC else CRUISE
        fill(xo[m], x[source])
        fill(po[m], p[source])
        muo[m] = START[m] * mu[source] / (START[ARC] if m == ARC else 1.0 - START[ARC])


@inlined
def turn(rate: float, dt: float) -> Turn:
    """A turn at a rate, rad/s clockwise, for dt seconds."""
    # A turn does not go on for ever: after a half circle the heading says nothing.
    angle = min(max(rate * dt, -math.pi), math.pi)
    if abs(angle) <= 1e-9:
        return Turn(dt, 0.0, 1.0, 0.0)
    s, c = math.sin(angle), math.cos(angle)
    return Turn(s * dt / angle, (1.0 - c) * dt / angle, c, s)


@inlined
def step(m: int, x: Floats, p: Floats, dt: float, turned: Turn) -> None:
    """Carry model m's state [4] and covariance [10] forward (or, for a fraction of a second, back) by dt, in place.

    turned   its turn in this time
    """
    a, b, c, s = turned
    t = abs(dt)
    q = NOISE[m]
    if TURN_RATE[m] != 0.0:
        q *= min((x[V_EAST] ** 2 + x[V_NORTH] ** 2 + p[VE_VE] + p[VN_VN]) / LIFT_MPS**2, 1.0)
    # Right turn: heading grows clockwise, v' = (c ve + s vn, c vn - s ve).
    ve, vn = x[V_EAST], x[V_NORTH]
    x[EAST] += a * ve + b * vn
    x[NORTH] += a * vn - b * ve
    x[V_EAST] = c * ve + s * vn
    x[V_NORTH] = c * vn - s * ve
    # Acceleration noise along and across the path.
    speed2 = x[V_EAST] ** 2 + x[V_NORTH] ** 2 + 1.0
    less = q * (1.0 - ALONG_PATH[m]) / speed2
    q00, q01, q11 = q - less * x[V_EAST] ** 2, -less * x[V_EAST] * x[V_NORTH], q - less * x[V_NORTH] ** 2
    t2, t3 = dt * t / 2.0, t * t * t / 3.0
    # Blocks: pp, pv, vv; A = [[a, b], [-b, a]], B = [[c, s], [-s, c]].
    p22, p23, p33 = p[VE_VE], p[VE_VN], p[VN_VN]
    av00, av01 = a * p22 + b * p23, a * p23 + b * p33
    av10, av11 = a * p23 - b * p22, a * p33 - b * p23
    k00, k01 = p[E_VE], p[E_VN]
    k10, k11 = p[N_VE], p[N_VN]
    # pp' = pp + K A' + A K' + A V A'
    ka00, ka01 = k00 * a + k01 * b, -k00 * b + k01 * a
    ka10, ka11 = k10 * a + k11 * b, -k10 * b + k11 * a
    p[E_E] += 2.0 * ka00 + av00 * a + av01 * b + q00 * t3
    p[E_N] += ka01 + ka10 - av00 * b + av01 * a + q01 * t3
    p[N_N] += 2.0 * ka11 - av10 * b + av11 * a + q11 * t3
    # pv' = (K + A V) B'
    n00, n01, n10, n11 = k00 + av00, k01 + av01, k10 + av10, k11 + av11
    p[E_VE] = n00 * c + n01 * s + q00 * t2
    p[E_VN] = -n00 * s + n01 * c + q01 * t2
    p[N_VE] = n10 * c + n11 * s + q01 * t2
    p[N_VN] = -n10 * s + n11 * c + q11 * t2
    # vv' = B V B'
    bv00, bv01 = c * p22 + s * p23, c * p23 + s * p33
    bv10, bv11 = c * p23 - s * p22, c * p33 - s * p23
    p[VE_VE] = bv00 * c + bv01 * s + q00 * t
    p[VE_VN] = -bv00 * s + bv01 * c + q01 * t
    p[VN_VN] = -bv10 * s + bv11 * c + q11 * t


@inlined
def turns(dt: float) -> Turns:
    """The turns of every model in dt seconds."""
    return Turns(dt, turn(TURN_RATE[RIGHT], dt), turn(TURN_RATE[VEER_RIGHT], dt))


@inlined
def move(x: Floats, p: Floats, mu: Floats, least: float, ahead: Turns) -> None:
    """Carry every model that is not less likely than `least` ahead, in place."""
    for m in range(MODELS):
        if mu[m] < least:
            continue
        a, b, c, s = ahead.dt, 0.0, 1.0, 0.0
        if m in (RIGHT, LEFT):
            a, b, c, s = ahead.hard
        elif m in (VEER_RIGHT, VEER_LEFT):
            a, b, c, s = ahead.gentle
        side = -1.0 if TURN_RATE[m] < 0.0 else 1.0
        step(m, x[m], p[m], ahead.dt, Turn(a, side * b, c, side * s))


@leaf
def climb(h: Floats, hp: Floats, dt: float, speed2: float) -> None:
    """Carry both height filters forward, in place: h [2, 2], hp [2, 3]; speed2 is the ground speed squared."""
    t = abs(dt)
    for k in range(2):
        q = CLIMB_NOISE[k]
        if k == 1:
            # Gravity falls with height, and level flight at orbital speed does not fall at all.
            radius = EARTH_RADIUS_M + max(h[1, 0], 0.0)
            g = GRAVITY_MPS2 * (EARTH_RADIUS_M / radius) ** 2 - speed2 / radius
            h[1, 0] += h[1, 1] * dt - 0.5 * g * dt * t
            h[1, 1] -= g * dt
        else:
            # Nobody climbs for ever: the climb of an aircraft fades over a minute or so.
            fade = math.exp(-t / 60.0)
            h[0, 0] += h[0, 1] * dt * (1.0 + fade) / 2.0
            h[0, 1] *= fade
            hp[0, UP_VU] *= fade
            hp[0, VU_VU] *= fade * fade
        h[k, 0] = max(h[k, 0], LOWEST_M)
        hp[k, UP_UP] += 2.0 * dt * hp[k, UP_VU] + dt * dt * hp[k, VU_VU] + q * t * t * t / 3.0
        hp[k, UP_VU] += dt * hp[k, VU_VU] + q * dt * t / 2.0
        hp[k, VU_VU] += q * t


@leaf
def combined(x: Floats, p: Floats, mu: Floats, xc: Floats, pc: Floats) -> None:
    """Mean [4] and covariance [10] of the mixture."""
    blend(x, p, mu, NEGLIGIBLE, xc, pc)
