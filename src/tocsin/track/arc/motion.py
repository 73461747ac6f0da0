"""How what is thrown flies: an arc through air over a turning Earth, coasting or with its motor still burning.

State of a mode, Earth-fixed: position, velocity, what its motor adds (specific force), and the logarithm of its
ballistic coefficient. Two modes, mixed as an interacting multiple model (Bar-Shalom, Li, Kirubarajan 2001, 11.6.6):
COASTING has no motor, BURNING one whose thrust wanders as white jerk makes it (6.2.3). The mean is carried by the
forecast's own mechanics (`earth.fall`), the covariance by their linearisation.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.boost import age_of, goes_on
from tocsin.earth.fall import VX, VY, VZ, X, Y, Z, air_density, derivative, height_of
from tocsin.earth.physics import EARTH_RATE_RADPS, MU_M3PS2
from tocsin.kernels import fill, inlined, leaf
from tocsin.track.arc.room import Flight
from tocsin.track.bank import ARC_MODES, ARC_STATE

Floats = NDArray[np.float64]

COASTING, BURNING, BURNT = 0, 1, 2
MODES = ARC_MODES
# Columns of a state: position and velocity as in `earth.fall`, then these.
THRUST, BETA = 6, 9
STATE = ARC_STATE

# Ballistic coefficient m / (Cd A) before anything is seen of it: 7,000 kg/m2, within a factor of 1.7; shells and
# rockets have 3,000-8,000, re-entering missiles 5,000-20,000.
LOG_BETA, LOG_BETA_SIGMA = math.log(7_000.0), 0.5
# No report may lead farther from that: false plots below the ground once led to a feather, and to no number at all.
BETA_SIGMAS = 4.0
# How seldom a motor lights in flight: once in this time.
LIGHT_S = 20_000.0
# A part of a mixture this small is left out of it.
NOTHING = 1e-4
# Noise: velocity while coasting and burning (m2/s3; tumbling, separation, wind), jerk of the thrust (m2/s5), and the
# coefficient's (1/s; it changes with Mach number and attitude, and no day's air is the standard's).
COAST_NOISE, BURN_NOISE, JERK_NOISE, BETA_NOISE = 0.02, 2.0, 9.0, 4e-4
# Thrust of a motor of which only two plots are known, one standard deviation per axis: what acts between them is a
# missile's 20-40 m/s2 where they lie 10 s apart, a rocket's 100-300 m/s2 where they lie 1 s apart.
THRUST_SIGMA_MPS, THRUST_SIGMA_MIN, THRUST_SIGMA_MAX = 250.0, 25.0, 150.0
# What yaw and fins add across the drag: a tenth of it, for seconds on end; its square times this is a noise, m2/s3.
LIFT_NOISE_S = 0.02
# Steps: where the air takes more than this part of the speed a second, and where it does not; and no step is so long
# that the air would take more than half of the speed: what false plots throw into the thick of it would grow for ever.
STEP_S, STEP_FREE_S, DRAG_FELT, STEP_DRAG = 2.5, 10.0, 5e-4, 0.5
STEP_MIN_S = 0.05
AIR_SCALE_M = 7_200.0


@leaf
def thrust_sigma(gap_s: float) -> float:
    """Prior of a motor's thrust, m/s2 per axis, for plots this far apart."""
    return min(max(THRUST_SIGMA_MPS / max(gap_s, 0.1), THRUST_SIGMA_MIN), THRUST_SIGMA_MAX)


@leaf
def _burnt(x: Floats, p: Floats, t: float, xo: Floats, po: Floats) -> None:
    """A burning state whose motor stops at some moment of the next t seconds, as a coasting one now.

    The moment is uniform: the velocity gains half the thrust's share, and the rest of it is uncertainty.
    """
    fill(xo, x)
    for a in range(STATE):
        fill(po[a], p[a])
    for a in range(3):
        f = x[THRUST + a]
        xo[a] -= f * t * t / 6.0
        xo[VX + a] += f * t / 2.0
        for b in range(3):
            late = f * x[THRUST + b] * t * t / 12.0
            loose = p[THRUST + a, THRUST + b] * t * t / 4.0
            po[a, b] += late * t * t / 4.0
            po[a, VX + b] -= late * t / 2.0
            po[VX + a, b] -= late * t / 2.0
            po[VX + a, VX + b] += late + loose
    for a in range(3):
        for b in range(3):
            cross = (p[VX + a, THRUST + b] + p[VX + b, THRUST + a]) * t / 2.0
            po[VX + a, VX + b] += cross
    xo[THRUST:BETA] = 0.0
    po[THRUST:BETA, :] = 0.0
    po[:, THRUST:BETA] = 0.0


@leaf
def _joined(x: Floats, p: Floats, w1: float, x1: Floats, p1: Floats) -> None:
    """Take a state x1 in, in the place of the share w1 of a state x: mean and covariance of the mixture, in place."""
    w0 = 1.0 - w1
    for a in range(STATE):
        apart = w0 * w1 * (x[a] - x1[a])
        for b in range(STATE):
            p[a, b] = w0 * p[a, b] + w1 * p1[a, b] + apart * (x[b] - x1[b])
    for a in range(STATE):
        x[a] = w0 * x[a] + w1 * x1[a]


@leaf
def _goes_on(x: Floats, p: Floats, t: float) -> float:
    """Probability that the motor of a state x [STATE], p [STATE, STATE] burns on for t seconds."""
    radius = math.sqrt(x[X] ** 2 + x[Y] ** 2 + x[Z] ** 2)
    climb, var, push2 = 0.0, 0.0, 0.0
    for a in range(3):
        climb += x[a] * x[VX + a] / radius
        push2 += x[THRUST + a] ** 2
        for b in range(3):
            var += x[a] * x[b] * p[VX + a, VX + b] / radius**2
    age_s = age_of(height_of(x[X], x[Y], x[Z]), climb, math.sqrt(max(var, 0.0)))
    return float(goes_on(age_s, math.sqrt(push2), t))


@leaf
def parted(x: Floats, p: Floats, w: Floats, t: float) -> None:
    """What may have become of both modes t seconds later, in place: x, p, w as in `Flight`.

    A motor that stops within these seconds is the third, BURNT, until a report has judged it: taken in among what
    coasts at once, its doubt would be that of every arc.
    """
    on = _goes_on(x[BURNING], p[BURNING], t)
    lit = 1.0 - math.exp(-t / LIGHT_S)
    w[BURNT] = w[BURNING] * (1.0 - on)
    burns, lights = w[BURNING] * on, w[COASTING] * lit
    w[COASTING] = max(w[COASTING] * (1.0 - lit), 1e-12)
    w[BURNING] = max(burns + lights, 1e-12)
    _burnt(x[BURNING], p[BURNING], t, x[BURNT], p[BURNT])
    if lights > NOTHING * w[BURNING]:
        share = lights / w[BURNING]
        _joined(x[BURNING], p[BURNING], share, x[COASTING], p[COASTING])
        for a in range(3):
            # What coasts has no thrust; what it has when lit is anybody's guess.
            p[BURNING, THRUST + a, THRUST + a] += share * thrust_sigma(t) ** 2


@leaf
def rejoined(x: Floats, p: Floats, w: Floats) -> None:
    """Take what has burnt out in among what coasts, in place; arrays as in `parted`."""
    coasts = w[COASTING] + w[BURNT]
    if w[BURNT] > NOTHING * coasts:
        _joined(x[COASTING], p[COASTING], w[BURNT] / coasts, x[BURNT], p[BURNT])
    total = coasts + w[BURNING]
    w[COASTING], w[BURNING], w[BURNT] = coasts / total, w[BURNING] / total, 0.0


@leaf
def _step(x: Floats, dt: float, at: Floats, rates: Floats) -> None:
    """One Runge-Kutta step of fourth order, in place: mechanics, and what the motor adds. at, rates: scratch."""
    beta = math.exp(x[BETA])
    fill(at, x)
    rates[1] = 0.0
    for stage in range(4):
        derivative(at, beta, rates[0])
        for a in range(3):
            rates[0, VX + a] += x[THRUST + a]
        share, weight = (dt if stage == 2 else 0.5 * dt), (2.0 if 0 < stage < 3 else 1.0)
        for a in range(6):
            rates[1, a] += weight * rates[0, a]
            at[a] = x[a] + share * rates[0, a]
    for a in range(6):
        x[a] += dt / 6.0 * rates[1, a]


@leaf
def _slopes(x: Floats, out: Floats) -> float:
    """Jacobian [3, STATE] of the acceleration, but for the thrust's part; drag over speed in 1/s."""
    r2 = x[X] ** 2 + x[Y] ** 2 + x[Z] ** 2
    r = math.sqrt(r2)
    pull = MU_M3PS2 / (r2 * r)
    speed = max(math.sqrt(x[VX] ** 2 + x[VY] ** 2 + x[VZ] ** 2), 1.0)
    drag = 0.5 * air_density(height_of(x[X], x[Y], x[Z])) * math.exp(-x[BETA])
    for a in range(3):
        for b in range(3):
            out[a, b] = x[b] * (3.0 * pull * x[a] / r2 + drag * speed * x[VX + a] / (r * AIR_SCALE_M))
            out[a, VX + b] = -drag * x[VX + a] * x[VX + b] / speed
        out[a, a] -= pull
        out[a, VX + a] -= drag * speed
        out[a, BETA] = drag * speed * x[VX + a]
    out[X, VY] += 2.0 * EARTH_RATE_RADPS
    out[Y, VX] -= 2.0 * EARTH_RATE_RADPS
    return float(drag * speed)


@leaf
def _flow(slopes: Floats, h: float, phi: Floats) -> None:
    """The columns of position and velocity in (1 + S h + S^2 h^2 / 2)', S the whole Jacobian, into phi [STATE, 6]."""
    half = 0.5 * h * h
    for a in range(3):
        beta = 0.0
        for b in range(3):
            same = 1.0 if a == b else 0.0
            place, speed = 0.0, 0.0
            for k in range(3):
                place += slopes[a, VX + k] * slopes[k, b]
                speed += slopes[a, VX + k] * slopes[k, VX + b]
            beta += slopes[a, VX + b] * slopes[b, BETA]
            phi[b, a] = same + half * slopes[a, b]
            phi[VX + b, a] = phi[THRUST + b, VX + a] = same * h + half * slopes[a, VX + b]
            phi[THRUST + b, a] = same * half
            phi[b, VX + a] = h * slopes[a, b] + half * place
            phi[VX + b, VX + a] = same + h * slopes[a, VX + b] + half * (slopes[a, b] + speed)
        phi[BETA, a] = half * slopes[a, BETA]
        phi[BETA, VX + a] = h * slopes[a, BETA] + half * beta


@inlined
def _times(v: Floats, phi: Floats, last: int, out: Floats) -> None:
    """The row v [STATE] times phi [STATE, 6] into out [6]; of v only BETA and what is before `last` is not zero."""
    # In numbers of their own, not in out: that might be where phi is, and would be written at every step.
    w, f = v[BETA], phi[BETA]
    s0, s1, s2, s3, s4, s5 = w * f[X], w * f[Y], w * f[Z], w * f[VX], w * f[VY], w * f[VZ]
    for k in range(last):
        w, f = v[k], phi[k]
        s0 += w * f[X]
        s1 += w * f[Y]
        s2 += w * f[Z]
        s3 += w * f[VX]
        s4 += w * f[VY]
        s5 += w * f[VZ]
    out[X], out[Y], out[Z], out[VX], out[VY], out[VZ] = s0, s1, s2, s3, s4, s5


@leaf
def _spread(p: Floats, phi: Floats, mode: int, side: Floats) -> None:
    """Carry a covariance [STATE, STATE] in place by phi [STATE, 6]; thrust and coefficient themselves stay.

    side   [STATE, 6] scratch
    """
    # What coasts has no thrust, and no covariance with it.
    last = BETA if mode == BURNING else THRUST
    for b in range(STATE):
        if b < last or b == BETA:
            _times(p[b], phi, last, side[b])
    for a in range(6):
        _times(side[:, a], phi, last, p[a])
        for b in range(THRUST, STATE):
            if b < last or b == BETA:
                p[a, b] = p[b, a] = side[b, a]


@leaf
def moved(x: Floats, p: Floats, dt: float, mode: int, room: Flight) -> None:
    """Carry one mode by dt seconds (forward, or back by a moment), in place: x [STATE], p [STATE, STATE]."""
    slopes, phi = room.slopes, room.phi
    left = dt
    while left != 0.0:
        drag = _slopes(x, slopes)
        longest = min(STEP_S, max(STEP_DRAG / drag, STEP_MIN_S)) if drag > DRAG_FELT else STEP_FREE_S
        h = min(max(left, -longest), longest)
        left -= h
        t = abs(h)
        _flow(slopes, h, phi)
        _step(x, h, room.at, room.rates)
        _spread(p, phi, mode, room.side)
        lift = slopes[X, BETA] ** 2 + slopes[Y, BETA] ** 2 + slopes[Z, BETA] ** 2
        q = (BURN_NOISE if mode == BURNING else COAST_NOISE) + LIFT_NOISE_S * lift
        j = JERK_NOISE if mode == BURNING else 0.0
        p[BETA, BETA] += BETA_NOISE * t
        pv, pf, vf = q * t**2 / 2.0 + j * t**4 / 8.0, j * t**3 / 6.0, j * t**2 / 2.0
        for a in range(3):
            v, f = VX + a, THRUST + a
            p[a, a] += q * t**3 / 3.0 + j * t**5 / 20.0
            p[v, v] += q * t + j * t**3 / 3.0
            p[f, f] += j * t
            p[a, v] += pv
            p[v, a] += pv
            p[a, f] += pf
            p[f, a] += pf
            p[v, f] += vf
            p[f, v] += vf


@leaf
def carried(room: Flight, dt: float) -> None:
    """Carry both modes by dt seconds in place. A mode all but excluded is left behind."""
    parted(room.x, room.p, room.w, abs(dt))
    rejoined(room.x, room.p, room.w)
    for mode in range(MODES):
        if room.w[mode] > NOTHING:
            moved(room.x[mode], room.p[mode], dt, mode, room)


@leaf
def blended(room: Flight) -> None:
    """Mean and covariance of both modes together, into `room`."""
    w, mean, cov = room.w, room.mean, room.cov
    first = BURNING if w[BURNING] > 1.0 - NOTHING else COASTING
    fill(mean, room.x[first])
    for a in range(STATE):
        fill(cov[a], room.p[first, a])
    # What is no number takes the rest along: nobody knows where such an arc is.
    if not w[first] > 1.0 - NOTHING:
        _joined(mean, cov, w[BURNING], room.x[BURNING], room.p[BURNING])
