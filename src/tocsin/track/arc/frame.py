"""Arcs in the bank: where they begin, their slots, and the shadow they cast on the flat frame.

Association, scores and classes go on seeing an arc as one horizontal model among others: after every step the arc's
mean and covariance are written where that model's are.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.boost import age_of, burns_to
from tocsin.earth.fall import VX, VY, VZ, X, Y, Z
from tocsin.earth.geodesic import axes_of, centred, from_frame, geodetic, to_frame
from tocsin.earth.physics import EARTH_RADIUS_M, GRAVITY_MPS2
from tocsin.kernels import fill, inlined, leaf
from tocsin.track.arc.motion import (
    BETA,
    BURNING,
    COASTING,
    LOG_BETA,
    LOG_BETA_SIGMA,
    MODES,
    STATE,
    THRUST,
    THRUST_SIGMA_MAX,
    blended,
    carried,
    moved,
    parted,
    rejoined,
    thrust_sigma,
)
from tocsin.track.arc.room import Flight
from tocsin.track.arc.update import told
from tocsin.track.bank import ARCS_MAX, FALL, HEIGHT_KNOWN, HIT, HITS, TIME, Bank
from tocsin.track.motion import ARC, climb, combined
from tocsin.track.report_rows import ALTITUDE, SENSOR
from tocsin.track.sensors.learned import AZIMUTH_BIAS, RANGE_BIAS, Sensed
from tocsin.track.sensors.sites import Sites
from tocsin.track.state import EAST, NORTH, UP_UP, V_EAST, V_NORTH, VU_VU, Report, State

Floats = NDArray[np.float64]

# A track is followed as an arc from this probability of being one on, and no more below the other.
ARC_BEGINS, ARC_ENDS = 1e-3, 1e-4
# Two plots without heights that only an arc explains are two false ones, nearly always: the third decides.
PAIR_DOUBTED = 0.5
# Something new as young as a motor gets has it burning, more likely than not.
BURNING_FIRST = 0.75
# A track that becomes an arc later: its velocity has been followed as if it did not accelerate.
LATE_SPEED_MPS = 100.0
# An arc of which no more is known than this is none.
NOWHERE_M = 500_000.0
# No ground lies deeper below the ellipsoid.
GROUND_M = -450.0


@leaf
def _axes(lat: float, lon: float, turn: float, scale: float, out: Floats) -> None:
    """The frame's east and north and up at a place as the rows of out [3, 3], Earth-centred.

    turn   of the frame's north, see `to_frame`; scale shrinks east and north to what is seen over the ground
    """
    axes_of(lat, lon, out)
    c, s = scale * math.cos(turn), scale * math.sin(turn)
    for b in range(3):
        east, north = out[0, b], out[1, b]
        out[0, b], out[1, b] = c * east + s * north, c * north - s * east


@inlined
def _along(cov: Floats, i: int, u: Floats, j: int, v: Floats) -> float:
    """What cov's part from row i on along u [3] has in common with its part from column j on along v [3]."""
    total = 0.0
    for a in range(3):
        total += u[a] * (cov[i + a, j] * v[0] + cov[i + a, j + 1] * v[1] + cov[i + a, j + 2] * v[2])
    return total


@leaf
def shadow(room: Flight, origin: Floats, x: Floats, p: Floats, h: Floats, hp: Floats) -> None:
    """What the arc's mean and covariance are in the frame: x [4], p [10], height h [2] and hp [3]."""
    mean, cov, axes = room.mean, room.cov, room.axes
    lat, lon, height = geodetic(mean[X], mean[Y], mean[Z])
    east, north, turn = to_frame(origin[0], origin[1], lat, lon)
    # Over the ground everything is nearer together than at height.
    _axes(lat, lon, turn, EARTH_RADIUS_M / (EARTH_RADIUS_M + height), axes)
    x[EAST], x[NORTH] = east, north
    for a in range(3):
        speed = axes[a, X] * mean[VX] + axes[a, Y] * mean[VY] + axes[a, Z] * mean[VZ]
        if a < 2:
            x[V_EAST + a] = speed
        else:
            h[0], h[1] = height, speed
    n = 0
    for a in range(4):
        for b in range(a, 4):
            p[n] = _along(cov, 3 * (a // 2), axes[a % 2], 3 * (b // 2), axes[b % 2])
            n += 1
    for n in range(3):
        hp[n] = _along(cov, 3 * (n // 2), axes[2], 3 * ((n + 1) // 2), axes[2])


@leaf
def taken_out(bank: Bank, slot: int, room: Flight) -> None:
    """Copy a slot's states, covariances and probabilities to where they may be worked on."""
    for mode in range(MODES):
        fill(room.x[mode], bank.fall[slot, mode])
        for a in range(STATE):
            fill(room.p[mode, a], bank.fallp[slot, mode, a])
        room.w[mode] = bank.fallw[slot, mode]


@inlined
def put_back(bank: Bank, slot: int, room: Flight) -> None:
    """The other way about."""
    for mode in range(MODES):
        fill(bank.fall[slot, mode], room.x[mode])
        for a in range(STATE):
            fill(bank.fallp[slot, mode, a], room.p[mode, a])
        bank.fallw[slot, mode] = room.w[mode]


@leaf
def placed(cov: Floats) -> bool:
    """Whether an arc with covariance cov [STATE, STATE] is somewhere; one that is no number any more is not."""
    return bool(cov[X, X] + cov[Y, Y] + cov[Z, Z] <= NOWHERE_M**2)


@leaf
def foreseen(bank: Bank, i: int, origin: Floats, dt: float, state: State, room: Flight) -> bool:
    """The shadow of track i's arc in dt seconds, into its model's part of a state.

    False where nobody knows where it is.
    """
    taken_out(bank, bank.tag[i, FALL] - 1, room)
    carried(room, dt)
    blended(room)
    if not placed(room.cov):
        return False
    shadow(room, origin, state.x[ARC], state.p[ARC], state.h[1], state.hp[1])
    return True


@inlined
def completed(bank: Bank, i: int, origin: Floats, dt: float, state: State, least: float, room: Flight) -> None:
    """The rest of track i in dt seconds, its models being there already: height, arc, and the mixture of all.

    state   x, p and mu are given; h, hp, mean and cov are filled
    least   an arc less likely than this stays the flat model that x and p have
    """
    x, p, mu, mean, cov = state.x, state.p, state.mu, state.mean, state.cov
    for k in range(2):
        fill(state.h[k], bank.h[i, k])
        fill(state.hp[k], bank.hp[i, k])
    combined(x, p, mu, mean, cov)
    climb(state.h, state.hp, dt, mean[V_EAST] ** 2 + mean[V_NORTH] ** 2)
    if bank.tag[i, FALL] > 0 and mu[ARC] >= least and foreseen(bank, i, origin, dt, state, room):
        combined(x, p, mu, mean, cov)


@leaf
def followed(bank: Bank, i: int, sites: Sites, sensed: Sensed, report: Report, state: State, room: Flight) -> None:
    """Carry track i's arc to the time of a report, tell it that, cast its shadow.

    A track that looks like an arc (from ARC_BEGINS on) and is not followed as one yet, becomes one. state: the track
    then, already told. bank's own is still the one before.
    """
    row, mu, when = report.row, state.mu, report.when
    slot = bank.tag[i, FALL] - 1
    if slot >= 0 and mu[ARC] < ARC_ENDS:
        released(bank, i)
        return
    if slot < 0:
        deep = bank.life[i, HEIGHT_KNOWN] > 0.5 and not math.isnan(row[ALTITUDE])
        believed = deep or mu[ARC] < PAIR_DOUBTED or bank.tag[i, HITS] > 1
        if report.surely > 0.5 and believed:
            begun(bank, i, sites, when - bank.life[i, HIT], state, room)
        return
    dt = when - bank.life[i, TIME]
    taken_out(bank, slot, room)
    parted(room.x, room.p, room.w, abs(dt))
    for mode in range(MODES + 1):
        moved(room.x[mode], room.p[mode], dt, mode, room)
    if report.surely > 0.5:
        r = sites.number[int(row[SENSOR])]
        far, aside = (sensed.taken[r, RANGE_BIAS], sensed.taken[r, AZIMUTH_BIAS]) if r >= 0 else (0.0, 0.0)
        told(room, report, sites, far, aside)
    rejoined(room.x, room.p, room.w)
    blended(room)
    if not placed(room.cov):
        # Whatever was followed here was no arc; the track goes on without.
        released(bank, i)
        return
    put_back(bank, slot, room)
    shadow(room, sites.origin, state.x[ARC], state.p[ARC], state.h[1], state.hp[1])


@leaf
def spaced(state: State, sites: Sites, room: Flight) -> None:
    """Into the room's mean and covariance, what the arc of a flat state is in space."""
    x, p, h, hp = state.x[ARC], state.p[ARC], state.h[1], state.hp[1]
    mean, cov, axes, flat = room.mean, room.cov, room.axes, room.flat
    lat, lon = from_frame(sites.origin[0], sites.origin[1], x[EAST], x[NORTH])
    _, _, turn = to_frame(sites.origin[0], sites.origin[1], lat, lon)
    _axes(lat, lon, turn, (EARTH_RADIUS_M + h[0]) / EARTH_RADIUS_M, axes)
    flat[:] = 0.0
    # East, north, up and their speeds, from those of the plane and those of the height.
    n = 0
    for a in range(4):
        for b in range(a, 4):
            flat[3 * (a // 2) + a % 2, 3 * (b // 2) + b % 2] = p[n]
            n += 1
    for n in range(3):
        flat[3 * (n // 2) + 2, 3 * ((n + 1) // 2) + 2] = hp[n]
    for a in range(6):
        for b in range(a):
            flat[a, b] = flat[b, a]
    mean[:], cov[:] = 0.0, 0.0
    centred(lat, lon, h[0], mean)
    for a in range(6):
        if a < 3:
            mean[VX + a] = axes[0, a] * x[V_EAST] + axes[1, a] * x[V_NORTH] + axes[2, a] * h[1]
        for b in range(6):
            cov[a, b] = _along(flat, a - a % 3, axes[:, a % 3], b - b % 3, axes[:, b % 3])
    mean[BETA], cov[BETA, BETA] = LOG_BETA, LOG_BETA_SIGMA**2


@leaf
def begun(bank: Bank, i: int, sites: Sites, gap_s: float, flat: State, room: Flight) -> None:
    """Follow track i as an arc from its flat state, gap_s after its last plot."""
    h = flat.h[1]
    slot = 0
    while slot < ARCS_MAX and bank.fallw[slot, COASTING] + bank.fallw[slot, BURNING] > 0.0:
        slot += 1
    if slot == ARCS_MAX:
        return
    bank.tag[i, FALL] = slot + 1
    spaced(flat, sites, room)
    new = bank.tag[i, HITS] < 2
    f2 = thrust_sigma(gap_s) ** 2
    lag = gap_s / 2.0 if new else 0.0
    climb_sigma = math.sqrt(flat.hp[1, VU_VU])
    age_s = age_of(h[0], h[1], climb_sigma)
    rises = h[1] > climb_sigma
    for mode in range(MODES):
        state, spread = bank.fall[slot, mode], bank.fallp[slot, mode]
        fill(state, room.mean)
        for a in range(STATE):
            fill(spread[a], room.cov[a])
        for a in range(3):
            if not new:
                spread[VX + a, VX + a] += LATE_SPEED_MPS**2
            if mode == BURNING:
                f = THRUST + a
                if rises:
                    # What climbs has gained its speed since it left the ground, against gravity.
                    gain = state[VX + a] / max(age_s, 1.0) + GRAVITY_MPS2 * room.axes[2, a]
                    state[f] = min(max(gain, -THRUST_SIGMA_MAX), THRUST_SIGMA_MAX)
                    state[VX + a] += state[f] * lag
                spread[f, f] = f2
                # Two plots give the speed of the middle between them; a motor has added to it since.
                spread[VX + a, f] = spread[f, VX + a] = f2 * lag
                spread[VX + a, VX + a] += f2 * lag * lag
    burning = BURNING_FIRST * burns_to(age_s, 0.0)
    bank.fallw[slot, COASTING], bank.fallw[slot, BURNING] = 1.0 - burning, burning


@leaf
def released(bank: Bank, i: int) -> None:
    """Give the slot of track i's arc back."""
    slot = bank.tag[i, FALL] - 1
    if slot >= 0:
        bank.fallw[slot] = 0.0
        bank.tag[i, FALL] = 0


@leaf
def lands_s(bank: Bank, i: int) -> float:
    """When track i's arc is over: surely below the ground. Infinite where it is no arc."""
    if bank.tag[i, FALL] == 0 or bank.mu[i, ARC] < 0.5:
        return math.inf
    above = bank.h[i, 1, 0] - GROUND_M + 2.0 * math.sqrt(max(bank.hp[i, 1, UP_UP], 0.0))
    if above < 0.0:
        return -math.inf
    climb = bank.h[i, 1, 1]
    falls_s = (climb + math.sqrt(climb * climb + 2.0 * GRAVITY_MPS2 * above)) / GRAVITY_MPS2
    return float(bank.life[i, TIME] + max(falls_s, 0.0))
