"""Registration: range, azimuth and clock biases of radars, learned together from what two sensors say of one aircraft.

Two reports of the same track by different sensors, seconds apart, differ by noise and by the sensors' biases, each
turned into the frame: range along the line of sight, azimuth across it, time along the path. One Kalman filter over the
biases of all radars takes such pairs (Dela Cruz, Alouani, Rice and Blair, "Sensor registration in multisensor systems",
SPIE 1698, 1992; Okello and Ristic, *IEEE Transactions on Aerospace and Electronic Systems* 39:1074, 2003). Aircraft
that report their own position have no bias and anchor the rest. Without them only differences are observable: what
radars have in common stays at its prior, and the covariance says so.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import inlined, kernel, leaf
from tocsin.track.bank import (
    COOPERATIVE,
    HITS,
    WITNESS,
    WITNESS_EAST,
    WITNESS_NORTH,
    WITNESS_TIME,
    WITNESS_VAR,
    Bank,
)
from tocsin.track.report_rows import COOPERATIVE as ROW_COOPERATIVE
from tocsin.track.report_rows import KIND, PLOT, POSITION, SENSOR
from tocsin.track.sensors.learned import (
    AZIMUTH_BIAS,
    AZIMUTH_POWER,
    BIAS_SIGMAS,
    BIASES,
    RANGE_BIAS,
    RANGE_POWER,
    RESIDUALS,
    TIME_BIAS,
    TIME_SIGMA_S,
    Pad,
    Sensed,
)
from tocsin.track.sensors.measure import ACROSS, ALONG, SLOPE, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.sensors.sites import RADAR, Sites
from tocsin.track.state import E_E, E_N, EAST, N_N, NORTH, V_EAST, V_NORTH, VE_VE, VE_VN, VN_VN, Report, Spread, State

Floats = NDArray[np.float64]

# Beyond these it is a broken sensor, not a bias.
BOUND_SIGMAS = 30.0
TIME_BOUND_S = 5.0
# Reports farther apart in time say more about the target's motion than about the sensors.
PAIR_S = 12.0
# Acceleration noise of something that flies straight, m^2/s^3.
PAIR_NOISE = 5.0
# The position errors of one aircraft are alike from report to report: one counts as a fifteenth of an independent one.
# So are, less so, what a radar's errors share from plot to plot: refraction, the height of the target.
ANCHOR_ALIKE, PLOT_ALIKE = 15.0, 2.0
# Squared Mahalanobis distance of a pair, two dimensions: 1 in 3,000 is lost; a wrong association is rarely inside.
PAIR_GATE = 16.0
# Biases change with the weather and with repairs: within a day or so.
DRIFT_S = 86_400.0
# An estimate this near to nothing is taken for chance, and a larger one shrinks the less the larger it is (James and
# Stein, 1961): registering radars that need none must not make tracks worse.
CHANCE_SIGMAS = 2.0
# The noise of a radar: what is declared counts as this many residuals, and not more than so many are remembered.
DECLARED_RESIDUALS, RESIDUALS_MAX = 20.0, 500.0
SETTLED_HITS = 8


@kernel
def drift(sites: Sites, sensed: Sensed, s: int, past: float) -> None:
    """Past seconds lead the biases of radar s back to what was believed before anything was learned.

    A first-order Gauss-Markov process with the prior as its stationary variance: the covariance never exceeds it.
    """
    at = BIASES * sites.number[s]
    if past <= 0.0 or at >= sensed.cov.shape[0]:
        return
    stays = math.exp(-past / DRIFT_S)
    for k in range(BIASES):
        sensed.bias[sites.number[s], k] *= stays
        sensed.cov[at + k] *= stays
        sensed.cov[:, at + k] *= stays
        sensed.cov[at + k, at + k] += (1.0 - stays * stays) * prior_var(sites, s, k)


@leaf
def prior_var(sites: Sites, s: int, k: int) -> float:
    """Variance of bias k of radar s before anything was learned."""
    if k == TIME_BIAS:
        return TIME_SIGMA_S**2
    return float((BIAS_SIGMAS * (sites.sigma_range[s] if k == RANGE_BIAS else sites.sigma_azimuth[s])) ** 2)


@inlined
def bound_of(sites: Sites, s: int, k: int) -> float:
    """What bias k of radar s cannot exceed."""
    if k == TIME_BIAS:
        return TIME_BOUND_S
    return float(BOUND_SIGMAS * (sites.sigma_range[s] if k == RANGE_BIAS else sites.sigma_azimuth[s]))


@inlined
def judged(bank: Bank, i: int, sites: Sites, sensed: Sensed, report: Report, x: Floats, p: Floats) -> None:
    """Measure a radar's noise by how its plot lies to a settled track: x, p before the plot.

    Only tracks better known than the plot can judge it: one that microphones led astray says nothing about a radar.
    """
    z = report.z
    if bank.tag[i, HITS] < SETTLED_HITS or p[E_E] + p[N_N] > z[ALONG] + z[ACROSS]:
        return
    ue, un = z[U_EAST], z[U_NORTH]
    de, dn = z[Z_EAST] - x[EAST], z[Z_NORTH] - x[NORTH]
    along, across = de * ue + dn * un, de * un - dn * ue
    var_along = p[E_E] * ue * ue + 2.0 * p[E_N] * ue * un + p[N_N] * un * un
    var_across = p[E_E] * un * un - 2.0 * p[E_N] * ue * un + p[N_N] * ue * ue
    state = sensed.state[sites.number[int(report.row[SENSOR])]]
    state[RESIDUALS] = min(state[RESIDUALS] + 1.0, RESIDUALS_MAX)
    gain = 1.0 / (DECLARED_RESIDUALS + state[RESIDUALS])
    if state[RESIDUALS] == 1.0:
        state[RANGE_POWER] = state[AZIMUTH_POWER] = 1.0
    state[RANGE_POWER] += gain * ((along * along - var_along) / z[ALONG] - state[RANGE_POWER])
    state[AZIMUTH_POWER] += gain * ((across * across - var_across) / z[ACROSS] - state[AZIMUTH_POWER])


@leaf
def register(bank: Bank, i: int, sites: Sites, sensed: Sensed, report: Report, state: State, pad: Pad) -> None:
    """Compare a report of track i with the newest one of another sensor, or keep it for the next.

    state   the track before it
    """
    life, xc, pc = bank.life[i], state.mean, state.cov
    row, z, when = report.row, report.z, report.when
    s = int(row[SENSOR])
    radar = row[KIND] == PLOT and sites.kind[s] == RADAR
    anchor = row[KIND] == POSITION and row[ROW_COOPERATIVE] > 0.5
    if not radar and not (anchor and bank.tag[i, COOPERATIVE] == 1):
        return
    if radar and z[SLOPE] ** 2 * bank.hp[i, 0, 0] > sites.sigma_range[s] ** 2:
        # A slant range to an unknown height says little about the radar.
        return
    other = int(life[WITNESS]) - 1
    dt = when - life[WITNESS_TIME]
    if other >= 0 and other != s and abs(dt) <= PAIR_S and (radar or sites.kind[other] == RADAR):
        # The noise of the pair: both reports' own, and the track's motion between them.
        here = (z[Z_EAST], z[Z_NORTH], z[ALONG])
        there = (life[WITNESS_EAST], life[WITNESS_NORTH], life[WITNESS_VAR])
        a00, a01, a11 = apart(sites, s, radar, here, xc, 1.0, pad.moves[:BIASES])
        b00, b01, b11 = apart(sites, other, sites.kind[other] == RADAR, there, xc, -1.0, pad.moves[BIASES:])
        moved = PAIR_NOISE * abs(dt) ** 3 / 3.0
        off = (
            z[Z_EAST] - life[WITNESS_EAST] - xc[V_EAST] * dt,
            z[Z_NORTH] - life[WITNESS_NORTH] - xc[V_NORTH] * dt,
        )
        noise = (
            a00 + b00 + pc[VE_VE] * dt * dt + moved,
            a01 + b01 + pc[VE_VN] * dt * dt,
            a11 + b11 + pc[VN_VN] * dt * dt + moved,
        )
        learn(sites, sensed, s, other, off, noise, pad)
        life[WITNESS] = 0.0
        return
    life[WITNESS], life[WITNESS_TIME] = s + 1.0, when
    life[WITNESS_EAST], life[WITNESS_NORTH], life[WITNESS_VAR] = z[Z_EAST], z[Z_NORTH], z[ALONG]


@inlined
def apart(
    sites: Sites, s: int, radar: bool, place: tuple[float, float, float], xc: Floats, sign: float, moves: Floats
) -> Spread:
    """One report's part of a pair: the covariance of its noise, and what its sensor's biases do to it.

    place   east, north, and the variance along the line of sight of a plot, or of a position
    moves   [BIASES, 2]: how far each bias moves it, east and north
    """
    east, north, var = place
    if not radar:
        return var * ANCHOR_ALIKE, 0.0, var * ANCHOR_ALIKE
    de, dn = east - sites.east[s], north - sites.north[s]
    far = max(math.sqrt(de * de + dn * dn), 1.0)
    ue, un = de / far, dn / far
    across = (sites.sigma_azimuth[s] * far) ** 2 + 1.0
    moves[RANGE_BIAS, EAST], moves[RANGE_BIAS, NORTH] = sign * ue, sign * un
    moves[AZIMUTH_BIAS, EAST], moves[AZIMUTH_BIAS, NORTH] = sign * far * un, -sign * far * ue
    # A stamp that is late says that the target was there later than it was.
    moves[TIME_BIAS, EAST], moves[TIME_BIAS, NORTH] = -sign * xc[V_EAST], -sign * xc[V_NORTH]
    return (
        (var * ue * ue + across * un * un) * PLOT_ALIKE,
        (var - across) * ue * un * PLOT_ALIKE,
        (var * un * un + across * ue * ue) * PLOT_ALIKE,
    )


@inlined
def place_of(sites: Sites, sensed: Sensed, s: int) -> int:
    """Where the biases of sensor s stand in the covariance; -1 for positions and radars that have no place in it."""
    at = BIASES * sites.number[s]
    return int(at) if 0 <= at < sensed.cov.shape[0] else -1


@inlined
def shared(sensed: Sensed, at: int, moves: Floats, cross: Floats) -> tuple[float, float]:
    """How far one sensor's known biases move a pair, east and north; how all biases go with it is added to cross."""
    east, north = 0.0, 0.0
    if at >= 0:
        r = at // BIASES
        for k in range(BIASES):
            left = sensed.bias[r, k] - sensed.taken[r, k]
            east += moves[k, EAST] * left
            north += moves[k, NORTH] * left
            # Symmetric: a row of the covariance lies together in memory.
            row = sensed.cov[at + k]
            for i in range(len(row)):
                cross[i, EAST] += row[i] * moves[k, EAST]
                cross[i, NORTH] += row[i] * moves[k, NORTH]
    return east, north


@leaf
def learn(sites: Sites, sensed: Sensed, s: int, other: int, off: tuple[float, float], noise: Spread, pad: Pad) -> None:
    """One step of the joint filter: off = (biases of s and other, less what was taken) @ pad.moves + noise.

    off     east and north of what the pair differs by
    """
    moves, cross = pad.moves, pad.cross
    s00, s01, s11 = noise
    n = sensed.cov.shape[0]
    for i in range(n):
        cross[i, EAST] = cross[i, NORTH] = 0.0
    first, second = place_of(sites, sensed, s), place_of(sites, sensed, other)
    east0, north0 = shared(sensed, first, moves, cross)
    east1, north1 = shared(sensed, second, moves[BIASES:], cross)
    for k in range(2 * BIASES):
        start = first if k < BIASES else second - BIASES
        if (first if k < BIASES else second) >= 0:
            s00 += moves[k, EAST] * cross[start + k, EAST]
            s01 += moves[k, EAST] * cross[start + k, NORTH]
            s11 += moves[k, NORTH] * cross[start + k, NORTH]
    det = s00 * s11 - s01 * s01
    i00, i01, i11 = s11 / det, -s01 / det, s00 / det
    v0, v1 = off[EAST] - east0 - east1, off[NORTH] - north0 - north1
    w0, w1 = i00 * v0 + i01 * v1, i01 * v0 + i11 * v1
    if v0 * w0 + v1 * w1 > PAIR_GATE:
        return
    for i in range(n):
        r, k = i // BIASES, i % BIASES
        bound = bound_of(sites, sites.radars[r], k)
        sensed.bias[r, k] = min(max(sensed.bias[r, k] + cross[i, EAST] * w0 + cross[i, NORTH] * w1, -bound), bound)
        g0, g1 = cross[i, EAST] * i00 + cross[i, NORTH] * i01, cross[i, EAST] * i01 + cross[i, NORTH] * i11
        for j in range(n):
            sensed.cov[i, j] -= g0 * cross[j, EAST] + g1 * cross[j, NORTH]


@kernel
def believed(sites: Sites, sensed: Sensed) -> None:
    """Work out the part of each bias that is more than chance: what is to be taken off the plots to come.

    Once for a whole scan, whose plots are then all corrected alike.
    """
    n = sensed.cov.shape[0]
    sure = np.empty(n)
    for i in range(n):
        sure[i] = 1.0 / prior_var(sites, sites.radars[i // BIASES], i % BIASES)
    for i in range(n):
        # How far an estimate of no bias at all would stray: P - P P0^-1 P. What all radars share is not in it.
        chance = sensed.cov[i, i]
        for j in range(n):
            chance -= sensed.cov[i, j] * sensed.cov[i, j] * sure[j]
        bias = sensed.bias[i // BIASES, i % BIASES]
        stands = 1.0 - CHANCE_SIGMAS**2 * max(chance, 0.0) / max(bias * bias, 1e-30)
        sensed.taken[i // BIASES, i % BIASES] = bias * max(stands, 0.0)
