"""How targets move: straight, in gentle and in hard turns to either side, and on a ballistic arc; mixed as an IMM.

State of a model: east, north, and their speeds. Height is a filter of its own (level and ballistic): a radar measures
the plane to tens of metres and height to hundreds, if at all, so almost nothing is lost by keeping them apart.

Sources: Bar-Shalom, Li, Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001): white-noise
acceleration (6.2.2), coordinated turn with known rate (11.7.1), interacting multiple models (11.6.6).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import fill, leaf
from tocsin.track.bank import MODELS

Floats = NDArray[np.float64]

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
GRAVITY_MPS2 = 9.81
EARTH_M = 6_371_000.0
# Nothing flies below the shores of the Dead Sea.
LOWEST_M = -400.0
# A model less likely than this adds nothing that anybody could see to what is reported.
NEGLIGIBLE = 1e-4
# Between updates longer than this, motion models no longer know which one applies: mixing saturates.
STEP_MAX_S = 600.0


@leaf
def mix(x: Floats, p: Floats, mu: Floats, dt: float, xo: Floats, po: Floats, muo: Floats, w: Floats) -> None:
    """Interaction of the models over dt seconds: x [M, 4], p [M, 10], mu [M] -> xo, po, muo; w [M, M] is scratch."""
    t = min(abs(dt), STEP_MAX_S)
    for j in range(MODELS):
        muo[j] = 0.0
        for a in range(4):
            xo[j, a] = 0.0
        for a in range(10):
            po[j, a] = 0.0
    for i in range(MODELS):
        gone = 1.0 - math.exp(-LEAVE[i] * t)
        for j in range(MODELS):
            w[i, j] = mu[i] * ((1.0 - gone) if i == j else gone * GO[i, j])
            muo[j] += w[i, j]
    for j in range(MODELS):
        muo[j] = max(muo[j], 1e-12)
        for i in range(MODELS):
            w[i, j] /= muo[j]
            for a in range(4):
                xo[j, a] += w[i, j] * x[i, a]
        for i in range(MODELS):
            wi = w[i, j]
            if wi < 1e-7:
                continue
            d0 = x[i, 0] - xo[j, 0]
            d1 = x[i, 1] - xo[j, 1]
            d2 = x[i, 2] - xo[j, 2]
            d3 = x[i, 3] - xo[j, 3]
            po[j, 0] += wi * (p[i, 0] + d0 * d0)
            po[j, 1] += wi * (p[i, 1] + d0 * d1)
            po[j, 2] += wi * (p[i, 2] + d0 * d2)
            po[j, 3] += wi * (p[i, 3] + d0 * d3)
            po[j, 4] += wi * (p[i, 4] + d1 * d1)
            po[j, 5] += wi * (p[i, 5] + d1 * d2)
            po[j, 6] += wi * (p[i, 6] + d1 * d3)
            po[j, 7] += wi * (p[i, 7] + d2 * d2)
            po[j, 8] += wi * (p[i, 8] + d2 * d3)
            po[j, 9] += wi * (p[i, 9] + d3 * d3)
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


@leaf
def step(m: int, x: Floats, p: Floats, dt: float) -> None:
    """Carry model m's state [4] and covariance [10] forward (or, for a fraction of a second, back) by dt, in place."""
    t = abs(dt)
    a, b, c, s = dt, 0.0, 1.0, 0.0
    q, rate = NOISE[m], TURN_RATE[m]
    if rate != 0.0:
        q *= min((x[2] ** 2 + x[3] ** 2 + p[7] + p[9]) / LIFT_MPS**2, 1.0)
        # A turn does not go on for ever: after a half circle the heading says nothing.
        angle = min(max(rate * dt, -math.pi), math.pi)
        if abs(angle) > 1e-9:
            s, c = math.sin(angle), math.cos(angle)
            a, b = s * dt / angle, (1.0 - c) * dt / angle
    # Right turn: heading grows clockwise, v' = (c ve + s vn, c vn - s ve).
    ve, vn = x[2], x[3]
    x[0] += a * ve + b * vn
    x[1] += a * vn - b * ve
    x[2] = c * ve + s * vn
    x[3] = c * vn - s * ve
    # Acceleration noise along and across the path.
    speed2 = x[2] ** 2 + x[3] ** 2 + 1.0
    less = q * (1.0 - ALONG_PATH[m]) / speed2
    q00, q01, q11 = q - less * x[2] ** 2, -less * x[2] * x[3], q - less * x[3] ** 2
    t2, t3 = dt * t / 2.0, t * t * t / 3.0
    # Blocks: pp, pv, vv; A = [[a, b], [-b, a]], B = [[c, s], [-s, c]].
    p22, p23, p33 = p[7], p[8], p[9]
    av00, av01 = a * p22 + b * p23, a * p23 + b * p33
    av10, av11 = a * p23 - b * p22, a * p33 - b * p23
    k00, k01 = p[2], p[3]
    k10, k11 = p[5], p[6]
    # pp' = pp + K A' + A K' + A V A'
    ka00, ka01 = k00 * a + k01 * b, -k00 * b + k01 * a
    ka10, ka11 = k10 * a + k11 * b, -k10 * b + k11 * a
    p[0] += 2.0 * ka00 + av00 * a + av01 * b + q00 * t3
    p[1] += ka01 + ka10 - av00 * b + av01 * a + q01 * t3
    p[4] += 2.0 * ka11 - av10 * b + av11 * a + q11 * t3
    # pv' = (K + A V) B'
    n00, n01, n10, n11 = k00 + av00, k01 + av01, k10 + av10, k11 + av11
    p[2] = n00 * c + n01 * s + q00 * t2
    p[3] = -n00 * s + n01 * c + q01 * t2
    p[5] = n10 * c + n11 * s + q01 * t2
    p[6] = -n10 * s + n11 * c + q11 * t2
    # vv' = B V B'
    bv00, bv01 = c * p22 + s * p23, c * p23 + s * p33
    bv10, bv11 = c * p23 - s * p22, c * p33 - s * p23
    p[7] = bv00 * c + bv01 * s + q00 * t
    p[8] = -bv00 * s + bv01 * c + q01 * t
    p[9] = -bv10 * s + bv11 * c + q11 * t


@leaf
def move(x: Floats, p: Floats, dt: float) -> None:
    """Carry every model by dt seconds, in place."""
    for m in range(MODELS):
        step(m, x[m], p[m], dt)


@leaf
def climb(h: Floats, hp: Floats, dt: float, speed2: float) -> None:
    """Carry both height filters forward, in place: h [2, 2], hp [2, 3]; speed2 is the ground speed squared."""
    t = abs(dt)
    for k in range(2):
        q = CLIMB_NOISE[k]
        if k == 1:
            # Gravity falls with height, and level flight at orbital speed does not fall at all.
            radius = EARTH_M + max(h[1, 0], 0.0)
            g = GRAVITY_MPS2 * (EARTH_M / radius) ** 2 - speed2 / radius
            h[1, 0] += h[1, 1] * dt - 0.5 * g * dt * t
            h[1, 1] -= g * dt
        else:
            # Nobody climbs for ever: the climb of an aircraft fades over a minute or so.
            fade = math.exp(-t / 60.0)
            h[0, 0] += h[0, 1] * dt * (1.0 + fade) / 2.0
            h[0, 1] *= fade
            hp[0, 1] *= fade
            hp[0, 2] *= fade * fade
        h[k, 0] = max(h[k, 0], LOWEST_M)
        hp[k, 0] += 2.0 * dt * hp[k, 1] + dt * dt * hp[k, 2] + q * t * t * t / 3.0
        hp[k, 1] += dt * hp[k, 2] + q * dt * t / 2.0
        hp[k, 2] += q * t


@leaf
def combined(x: Floats, p: Floats, mu: Floats, xc: Floats, pc: Floats) -> None:
    """Mean [4] and covariance [10] of the mixture."""
    xc[:] = 0.0
    pc[:] = 0.0
    for m in range(MODELS):
        for a in range(4):
            xc[a] += mu[m] * x[m, a]
    for m in range(MODELS):
        if mu[m] < NEGLIGIBLE:
            continue
        d0, d1, d2, d3 = x[m, 0] - xc[0], x[m, 1] - xc[1], x[m, 2] - xc[2], x[m, 3] - xc[3]
        pc[0] += mu[m] * (p[m, 0] + d0 * d0)
        pc[1] += mu[m] * (p[m, 1] + d0 * d1)
        pc[2] += mu[m] * (p[m, 2] + d0 * d2)
        pc[3] += mu[m] * (p[m, 3] + d0 * d3)
        pc[4] += mu[m] * (p[m, 4] + d1 * d1)
        pc[5] += mu[m] * (p[m, 5] + d1 * d2)
        pc[6] += mu[m] * (p[m, 6] + d1 * d3)
        pc[7] += mu[m] * (p[m, 7] + d2 * d2)
        pc[8] += mu[m] * (p[m, 8] + d2 * d3)
        pc[9] += mu[m] * (p[m, 9] + d3 * d3)
