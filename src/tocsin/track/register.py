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

from tocsin.kernels import kernel, leaf
from tocsin.track.bank import (
    COOPERATIVE,
    HITS,
    MISFITS,
    WITNESS,
    WITNESS_EAST,
    WITNESS_NORTH,
    WITNESS_TIME,
    WITNESS_VAR,
    Bank,
)
from tocsin.track.measure import ACROSS, ALONG, SLOPE, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.motion import combined
from tocsin.track.rows import COOPERATIVE as ROW_COOPERATIVE
from tocsin.track.rows import KIND, PLOT, POSITION, SENSOR
from tocsin.track.sensed import (
    AZIMUTH_POWER,
    BIAS_SIGMAS,
    BIASES,
    RANGE_POWER,
    RESIDUALS,
    TIME_BIAS,
    TIME_SIGMA_S,
    Sensed,
)
from tocsin.track.sites import RADAR, Sites

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
    return float((BIAS_SIGMAS * (sites.sigma_range[s] if k == 0 else sites.sigma_azimuth[s])) ** 2)


@leaf
def bound_of(sites: Sites, s: int, k: int) -> float:
    """What bias k of radar s cannot exceed."""
    if k == TIME_BIAS:
        return TIME_BOUND_S
    return float(BOUND_SIGMAS * (sites.sigma_range[s] if k == 0 else sites.sigma_azimuth[s]))


@leaf
def judged(bank: Bank, i: int, sites: Sites, sensed: Sensed, s: int, z: Floats, x: Floats, p: Floats) -> None:
    """Measure radar s's noise by how its plot lies to a settled track: x, p before the plot.

    Only tracks better known than the plot can judge it: one that microphones led astray says nothing about a radar.
    """
    if bank.tag[i, HITS] < SETTLED_HITS or p[0] + p[4] > z[ALONG] + z[ACROSS]:
        return
    ue, un = z[U_EAST], z[U_NORTH]
    de, dn = z[Z_EAST] - x[0], z[Z_NORTH] - x[1]
    along, across = de * ue + dn * un, de * un - dn * ue
    var_along = p[0] * ue * ue + 2.0 * p[1] * ue * un + p[4] * un * un
    var_across = p[0] * un * un - 2.0 * p[1] * ue * un + p[4] * ue * ue
    state = sensed.state[sites.number[s]]
    state[RESIDUALS] = min(state[RESIDUALS] + 1.0, RESIDUALS_MAX)
    gain = 1.0 / (DECLARED_RESIDUALS + state[RESIDUALS])
    if state[RESIDUALS] == 1.0:
        state[RANGE_POWER] = state[AZIMUTH_POWER] = 1.0
    state[RANGE_POWER] += gain * ((along * along - var_along) / z[ALONG] - state[RANGE_POWER])
    state[AZIMUTH_POWER] += gain * ((across * across - var_across) / z[ACROSS] - state[AZIMUTH_POWER])


@kernel
def register(
    bank: Bank, i: int, sites: Sites, sensed: Sensed, row: Floats, z: Floats, x: Floats, p: Floats, mu: Floats,
    when: float,
) -> None:  # fmt: skip
    """Compare a report of track i with the newest one of another sensor, or keep it for the next.

    z: the report at the track's time `when`; x, p, mu: the track before it.
    """
    life = bank.life[i]
    s = int(row[SENSOR])
    radar = row[KIND] == PLOT and sites.kind[s] == RADAR
    anchor = row[KIND] == POSITION and row[ROW_COOPERATIVE] > 0.5
    if not radar and not (anchor and bank.tag[i, COOPERATIVE] == 1 and bank.tag[i, MISFITS] == 0):
        return
    if radar and z[SLOPE] ** 2 * bank.hp[i, 0, 0] > sites.sigma_range[s] ** 2:
        # A slant range to an unknown height says little about the radar.
        return
    other = int(life[WITNESS]) - 1
    dt = when - life[WITNESS_TIME]
    if other >= 0 and other != s and abs(dt) <= PAIR_S and (radar or sites.kind[other] == RADAR):
        xc, pc = np.empty(4), np.empty(10)
        combined(x, p, mu, xc, pc)
        off = np.array([z[Z_EAST] - life[WITNESS_EAST] - xc[2] * dt, z[Z_NORTH] - life[WITNESS_NORTH] - xc[3] * dt])
        noise = np.zeros((2, 2))
        moved = PAIR_NOISE * abs(dt) ** 3 / 3.0
        noise[0, 0] = pc[7] * dt * dt + moved
        noise[0, 1] = pc[8] * dt * dt
        noise[1, 1] = pc[9] * dt * dt + moved
        turned = np.zeros((2, 2 * BIASES))
        add(sites, s, radar, z[Z_EAST], z[Z_NORTH], z[ALONG], xc, 1.0, noise, turned[:, :BIASES])
        add(sites, other, sites.kind[other] == RADAR, life[WITNESS_EAST], life[WITNESS_NORTH], life[WITNESS_VAR], xc,
            -1.0, noise, turned[:, BIASES:])  # fmt: skip
        noise[1, 0] = noise[0, 1]
        learn(sites, sensed, s, other, off, turned, noise)
        life[WITNESS] = 0.0
        return
    life[WITNESS], life[WITNESS_TIME] = s + 1.0, when
    life[WITNESS_EAST], life[WITNESS_NORTH], life[WITNESS_VAR] = z[Z_EAST], z[Z_NORTH], z[ALONG]


@leaf
def add(
    sites: Sites, s: int, radar: bool, east: float, north: float, var: float, xc: Floats, sign: float, noise: Floats,
    turned: Floats,
) -> None:  # fmt: skip
    """Add one report's part of a pair: its noise [2, 2], and how its sensor's biases move it [2, BIASES].

    var: variance along the line of sight of a plot, or of a position.
    """
    if not radar:
        noise[0, 0] += var * ANCHOR_ALIKE
        noise[1, 1] += var * ANCHOR_ALIKE
        return
    de, dn = east - sites.east[s], north - sites.north[s]
    far = max(math.sqrt(de * de + dn * dn), 1.0)
    ue, un = de / far, dn / far
    across = (sites.sigma_azimuth[s] * far) ** 2 + 1.0
    noise[0, 0] += (var * ue * ue + across * un * un) * PLOT_ALIKE
    noise[0, 1] += (var - across) * ue * un * PLOT_ALIKE
    noise[1, 1] += (var * un * un + across * ue * ue) * PLOT_ALIKE
    turned[0, 0], turned[1, 0] = sign * ue, sign * un
    turned[0, 1], turned[1, 1] = sign * far * un, -sign * far * ue
    # A stamp that is late says that the target was there later than it was.
    turned[0, 2], turned[1, 2] = -sign * xc[2], -sign * xc[3]


@leaf
def place_of(sites: Sites, sensed: Sensed, s: int) -> int:
    """Where the biases of sensor s stand in the covariance; -1 for positions and radars that have no place in it."""
    at = BIASES * sites.number[s]
    return int(at) if 0 <= at < sensed.cov.shape[0] else -1


@leaf
def shared(sensed: Sensed, at: int, turned: Floats, off: Floats, cross: Floats) -> None:
    """Take what is known of one sensor's biases off a pair, and add how all biases go with it to cross [n, 2]."""
    if at < 0:
        return
    r = at // BIASES
    for k in range(BIASES):
        left = sensed.bias[r, k] - sensed.taken[r, k]
        along, across = turned[0, k], turned[1, k]
        off[0] -= along * left
        off[1] -= across * left
        # Symmetric: a row of the covariance lies together in memory.
        row = sensed.cov[at + k]
        for i in range(len(row)):
            cross[i, 0] += row[i] * along
            cross[i, 1] += row[i] * across


@kernel
def learn(sites: Sites, sensed: Sensed, s: int, other: int, off: Floats, turned: Floats, noise: Floats) -> None:
    """One step of the joint filter: off [2] = turned [2, 6] @ (biases of s and other, less what was taken) + noise."""
    n = sensed.cov.shape[0]
    cross = np.zeros((n, 2))
    s00, s01, s11 = noise[0, 0], noise[0, 1], noise[1, 1]
    first, second = place_of(sites, sensed, s), place_of(sites, sensed, other)
    shared(sensed, first, turned, off, cross)
    shared(sensed, second, turned[:, BIASES:], off, cross)
    for k in range(2 * BIASES):
        at = first + k if k < BIASES else second + k - BIASES
        if (first if k < BIASES else second) >= 0:
            s00 += turned[0, k] * cross[at, 0]
            s01 += turned[0, k] * cross[at, 1]
            s11 += turned[1, k] * cross[at, 1]
    det = s00 * s11 - s01 * s01
    i00, i01, i11 = s11 / det, -s01 / det, s00 / det
    w0, w1 = i00 * off[0] + i01 * off[1], i01 * off[0] + i11 * off[1]
    if off[0] * w0 + off[1] * w1 > PAIR_GATE:
        return
    for i in range(n):
        r, k = i // BIASES, i % BIASES
        bound = bound_of(sites, sites.radars[r], k)
        sensed.bias[r, k] = min(max(sensed.bias[r, k] + cross[i, 0] * w0 + cross[i, 1] * w1, -bound), bound)
        g0, g1 = cross[i, 0] * i00 + cross[i, 1] * i01, cross[i, 0] * i01 + cross[i, 1] * i11
        for j in range(n):
            sensed.cov[i, j] -= g0 * cross[j, 0] + g1 * cross[j, 1]


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
