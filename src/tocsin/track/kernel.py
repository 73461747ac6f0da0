"""The tracker's inner loop: rows in order of time in, the filter bank carried along. No I/O, no clock, no chance."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.track.associate import JOINT_PLOTS, JOINT_TRACKS, assign, clusters, joint
from tocsin.track.bank import (
    BORN,
    CONFIRMED,
    COOPERATIVE,
    HEIGHT_KNOWN,
    HIT,
    HITS,
    ICAO,
    LOOK,
    MISFITS,
    MODE3A,
    MODELS,
    NUMBER,
    PEAK,
    SCORE,
    SPEED,
    SPEED_MAX,
    STATUS,
    SUPPORTERS,
    TENTATIVE,
    TIME,
    Bank,
)
from tocsin.track.measure import (
    ACROSS,
    ALONG,
    HEIGHT,
    HEIGHT_VAR,
    MEASUREMENT,
    SLOPE,
    U_EAST,
    U_NORTH,
    Z_EAST,
    Z_NORTH,
    measured,
)
from tocsin.track.motion import (
    ARC,
    CHANGE,
    CRUISE,
    START,
    START_CLIMB_MPS,
    START_SPEED_MPS,
    climb,
    combined,
    copied,
    mix,
    move,
)
from tocsin.track.rows import (
    ALTITUDE,
    AZIMUTH,
    BEARING,
    CLASS,
    HEADING,
    KIND,
    PLOT,
    POSITION,
    PRESENCE,
    RANGE,
    SENSOR,
    SIGHTING,
    VAR_ACROSS,
    WEIGHT,
)
from tocsin.track.rows import COOPERATIVE as ROW_COOPERATIVE
from tocsin.track.rows import ICAO as ROW_ICAO
from tocsin.track.rows import MODE3A as ROW_MODE3A
from tocsin.track.rows import SPEED as ROW_SPEED
from tocsin.track.rows import TIME as ROW_TIME
from tocsin.track.sites import (
    ACOUSTIC,
    BIAS_RANGE,
    BIAS_RANGE_KNOWN,
    CELLS_AT,
    HEARD,
    RADAR,
    REPORTS,
    RINGS,
    SECTORS,
    UNEXPLAINED,
    UP,
    WATCHED,
    WATCHED_AT,
    Sites,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Clutter is remembered for this long (weather moves), and the declared density counts as this many scans.
CLUTTER_MEMORY_S = 120.0
DECLARED_SCANS = 2.0
# A sensor's bias may be a few times its declared noise; beyond the bound it is a broken sensor, not a bias.
BIAS_SIGMAS = 3.0
BIAS_BOUND_SIGMAS = 30.0
# The errors of one track are alike from plot to plot: a residual counts as a fifteenth of an independent one.
BIAS_ALIKE = 15.0
# A tentative track this good explains its plots: they are no clutter.
EXPLAINS_SCORE = 5.0

# Statistical gate: squared Mahalanobis distance in two dimensions, 1 true plot in 270,000 is lost by chance.
GATE = 25.0
SIGMAS = 5.0
# A pair less likely than this is never better than a miss.
RATIO_MIN = 0.02
# Heights of nearly everything that is not ballistic: the density of a false plot's height.
HEIGHT_SPREAD_M = 12_000.0
# A sensor that keeps hearing the same thing says little new for this long.
SAME_SOURCE_S = 40.0
SAME_SOURCE_WEIGHT = 0.15
# Aircraft and cruise missiles: hardly any flies faster level (jets dash at 400 m/s).
SPEED_MAX_MPS, SPEED_OVER_MPS = 400.0, 60.0
SIGHTING_TIME_S = 5.0
SOUND_MPS = 340.0
SCORE_MAX = 40.0
SCORE_MIN = -4.0
TENTATIVE_S = 60.0
SIGMA_LOST_M = 25_000.0
SILENT_SCANS = 3.0
HORIZON_M = 4_121.0  # sqrt(2 * 4/3 * R): metres of horizon per square root of a metre of height
BIRTH_SCORE = np.array([0.0, 3.0, 2.0, 2.0, 4.0])
IDENTITY_LOG = 14.0
CODE_SAME_LOG, CODE_OTHER_LOG = 3.0, -3.0
# How a reporter's word about the class is to be believed: it is often wrong.
WORD_RIGHT_LOG = 1.2


@njit(cache=True, error_model="numpy")
def expected_looks(bank: Bank, i: int, sites: Sites, sensed: Floats, at: float, east: float, north: float) -> float:
    """Evidence per second that working radars in reach should give about track i, nats."""
    total = 0.0
    height = max(bank.h[i, 0, 0], 0.0)
    for s in range(sites.kind.shape[0]):
        if sites.kind[s] != RADAR or sensed[s, UP] < 0.5 or at - sensed[s, HEARD] > SILENT_SCANS * sites.scan[s]:
            continue
        d2 = (sites.east[s] - east) ** 2 + (sites.north[s] - north) ** 2
        far = min(sites.reach[s], HORIZON_M * (math.sqrt(max(sites.altitude[s], 0.0)) + math.sqrt(height)))
        if d2 < far * far:
            total += sites.look[s]
    return total


@njit(cache=True, error_model="numpy")
def cell_of(row: Floats, sites: Sites) -> int:
    """The cell of a radar's coverage a plot lies in; every report of another sensor is in the first."""
    s = int(row[SENSOR])
    if sites.kind[s] != RADAR or row[KIND] != PLOT:
        return 0
    ring = min(int(RINGS * (row[RANGE] / sites.reach[s]) ** 2), RINGS - 1)
    sector = int(row[AZIMUTH] / (2.0 * math.pi) * SECTORS) % SECTORS
    return ring * SECTORS + sector


@njit(cache=True, error_model="numpy")
def clutter_log(row: Floats, sites: Sites, sensed: Floats) -> float:
    """Log density of unexplained plots per square metre and scan where a row lies: declared, then learned."""
    s = int(row[SENSOR])
    if sites.kind[s] != RADAR:
        return math.log(sites.clutter[s])
    area = math.pi * sites.reach[s] ** 2 / (RINGS * SECTORS)
    count = sites.clutter[s] * area * DECLARED_SCANS + sensed[s, CELLS_AT + cell_of(row, sites)]
    return math.log(count / (area * (DECLARED_SCANS + sensed[s, WATCHED])))


@njit(cache=True, error_model="numpy")
def watched(sites: Sites, sensed: Floats, s: int, at: float) -> None:
    """Let time pass for what is learned about sensor s."""
    past = at - sensed[s, WATCHED_AT]
    if sensed[s, REPORTS] == 0.0 or past <= 0.0:
        sensed[s, WATCHED_AT] = max(sensed[s, WATCHED_AT], at)
        return
    fade = math.exp(-past / CLUTTER_MEMORY_S)
    sensed[s, CELLS_AT:] *= fade
    sensed[s, WATCHED] = sensed[s, WATCHED] * fade + min(past / sites.scan[s], SILENT_SCANS)
    sensed[s, WATCHED_AT] = at


@njit(cache=True, error_model="numpy")
def adapted(row: Floats, sites: Sites, z: Floats, xc: Floats, pc: Floats, h: Floats, hp: Floats, dt: float) -> None:
    """Turn the general measurement of a row into the one of this track: its height, its motion, the sound's delay.

    xc, pc: the track's mean and covariance dt seconds before the row.
    """
    if z[SLOPE] != 0.0:
        believed, var = h[0, 0], hp[0, 0]
        if not math.isnan(row[ALTITUDE]):
            # Height measured and predicted: the better of both decides the slant.
            gain = var / (var + z[HEIGHT_VAR])
            believed += gain * (z[HEIGHT] - believed)
            var *= 1.0 - gain
        shift = z[SLOPE] * (believed - z[HEIGHT] if not math.isnan(z[HEIGHT]) else 0.0)
        z[Z_EAST] += shift * z[U_EAST]
        z[Z_NORTH] += shift * z[U_NORTH]
        z[ALONG] += z[SLOPE] * z[SLOPE] * var
    # Bring the report to the track's time by the track's own speed.
    delay = dt
    kind = row[KIND]
    s = int(row[SENSOR])
    if (kind in (BEARING, PRESENCE)) and sites.kind[s] != RADAR:
        d = math.sqrt((xc[0] - sites.east[s]) ** 2 + (xc[1] - sites.north[s]) ** 2)
        if kind == BEARING:
            z[ACROSS] = row[VAR_ACROSS] * max(d * d, 250_000.0)
        if sites.kind[s] == ACOUSTIC or kind == PRESENCE:
            delay -= min(d, sites.reach[s]) / SOUND_MPS
    z[Z_EAST] -= xc[2] * delay
    z[Z_NORTH] -= xc[3] * delay
    if delay != dt:
        z[ALONG] += (pc[7] + pc[9]) / 2.0 * delay * delay
        z[ACROSS] += (pc[7] + pc[9]) / 2.0 * delay * delay
    if kind == SIGHTING:
        blur = (xc[2] ** 2 + xc[3] ** 2) * SIGHTING_TIME_S**2
        z[ALONG] += blur
        z[ACROSS] += blur


@njit(cache=True, error_model="numpy")
def spread(z: Floats) -> tuple[float, float, float]:
    """The 2 x 2 covariance of a measurement in the frame."""
    a, c = z[ALONG], z[ACROSS]
    ue, un = z[U_EAST], z[U_NORTH]
    return a * ue * ue + c * un * un, (a - c) * ue * un, a * un * un + c * ue * ue


@njit(cache=True, error_model="numpy")
def density(x: Floats, p: Floats, z: Floats, r00: float, r01: float, r11: float) -> tuple[float, float]:
    """(Gaussian density per square metre, squared Mahalanobis distance) of a measurement under one model."""
    s00, s01, s11 = p[0] + r00, p[1] + r01, p[4] + r11
    det = s00 * s11 - s01 * s01
    ve, vn = z[Z_EAST] - x[0], z[Z_NORTH] - x[1]
    d2 = (s11 * ve * ve - 2.0 * s01 * ve * vn + s00 * vn * vn) / det
    return math.exp(-0.5 * min(d2, 200.0)) / (2.0 * math.pi * math.sqrt(det)), d2


@njit(cache=True, error_model="numpy")
def height_density(z: Floats, h: Floats, hp: Floats, k: int) -> float:
    """Density of a measured height, relative to a false plot's; 1 where none is measured."""
    if math.isnan(z[HEIGHT]):
        return 1.0
    var = hp[k, 0] + z[HEIGHT_VAR]
    d = z[HEIGHT] - h[k, 0]
    # A decoder's wrong height must not kill a good plot.
    return HEIGHT_SPREAD_M * math.exp(-0.5 * min(d * d / var, 200.0)) / math.sqrt(2.0 * math.pi * var) + 1e-3


@njit(cache=True, error_model="numpy")
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
        a0, a1, a2, a3 = p[m, 0], p[m, 1], p[m, 2], p[m, 3]
        b0, b1, b2, b3 = p[m, 1], p[m, 4], p[m, 5], p[m, 6]
        g = np.empty((4, 2))
        g[0, 0], g[0, 1] = a0 * i00 + b0 * i01, a0 * i01 + b0 * i11
        g[1, 0], g[1, 1] = a1 * i00 + b1 * i01, a1 * i01 + b1 * i11
        g[2, 0], g[2, 1] = a2 * i00 + b2 * i01, a2 * i01 + b2 * i11
        g[3, 0], g[3, 1] = a3 * i00 + b3 * i01, a3 * i01 + b3 * i11
        n = 0
        for a in range(4):
            x[m, a] += g[a, 0] * v0 + g[a, 1] * v1
            left0 = g[a, 0] * c00 + g[a, 1] * c01
            left1 = g[a, 0] * c01 + g[a, 1] * c11
            for b in range(a, 4):
                p[m, n] += left0 * g[b, 0] + left1 * g[b, 1]
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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def supported(bank: Bank, i: int, s: int) -> bool:
    """Note that sensor s supports track i; whether it already did."""
    for k in range(SUPPORTERS):
        if bank.support[i, k] == s:
            return True
    for k in range(SUPPORTERS - 1):
        bank.support[i, k] = bank.support[i, k + 1]
    bank.support[i, SUPPORTERS - 1] = s
    return False


@njit(cache=True, error_model="numpy")
def learned(bank: Bank, i: int, row: Floats, believe: float) -> None:
    """What a report says beyond its place: identity, class, cooperation."""
    if believe < 0.5:
        return
    if row[ROW_ICAO] >= 0.0:
        bank.tag[i, ICAO] = int(row[ROW_ICAO])
    if row[ROW_MODE3A] >= 0.0:
        bank.tag[i, MODE3A] = int(row[ROW_MODE3A])
    if row[ROW_COOPERATIVE] > 0.5 and bank.tag[i, MISFITS] == 0:
        bank.tag[i, COOPERATIVE] = 1
    if row[CLASS] >= 0.0:
        c = int(row[CLASS])
        # Ten reports that agree are not ten independent witnesses.
        bank.said[i, c] = min(bank.said[i, c] + WORD_RIGHT_LOG * row[WEIGHT], 5.0)


@njit(cache=True, error_model="numpy")
def born(bank: Bank, sites: Sites, sensed: Floats, row: Floats, z: Floats, settings: Floats) -> None:
    """Start a tentative track on a report nothing else explains."""
    i = bank.tally[0]
    bank.tally[0] += 1
    r00, r01, r11 = spread(z)
    var = settings[3] ** 2
    if z[SLOPE] != 0.0 and math.isnan(z[HEIGHT]):
        extra = z[SLOPE] ** 2 * var
        r00 += extra * z[U_EAST] ** 2
        r01 += extra * z[U_EAST] * z[U_NORTH]
        r11 += extra * z[U_NORTH] ** 2
    for m in range(MODELS):
        bank.x[i, m, 0], bank.x[i, m, 1], bank.x[i, m, 2], bank.x[i, m, 3] = z[Z_EAST], z[Z_NORTH], 0.0, 0.0
        bank.p[i, m] = 0.0
        bank.p[i, m, 0], bank.p[i, m, 1], bank.p[i, m, 4] = r00, r01, r11
        bank.p[i, m, 7] = bank.p[i, m, 9] = START_SPEED_MPS[m] ** 2
        bank.mu[i, m] = START[m]
    for k in range(2):
        bank.h[i, k, 0], bank.h[i, k, 1] = settings[2], 0.0
        bank.hp[i, k, 0], bank.hp[i, k, 1], bank.hp[i, k, 2] = var, 0.0, START_CLIMB_MPS[k] ** 2
        if k == 1:
            # Falling from anywhere: a height nobody measured says nothing.
            bank.hp[i, k, 0] = 30_000.0**2
        if not math.isnan(z[HEIGHT]):
            bank.h[i, k, 0], bank.hp[i, k, 0] = z[HEIGHT], z[HEIGHT_VAR]
    if not math.isnan(row[ROW_SPEED]) and not math.isnan(row[HEADING]):
        east, north = row[ROW_SPEED] * math.sin(row[HEADING]), row[ROW_SPEED] * math.cos(row[HEADING])
        velocity_update(bank.x[i], bank.p[i], east, north, 100.0)
    bank.life[i] = 0.0
    bank.life[i, TIME] = bank.life[i, HIT] = bank.life[i, BORN] = row[ROW_TIME]
    bank.life[i, SCORE] = bank.life[i, PEAK] = BIRTH_SCORE[int(row[KIND])]
    bank.life[i, HEIGHT_KNOWN] = 0.0 if math.isnan(z[HEIGHT]) else 1.0
    bank.life[i, LOOK] = expected_looks(bank, i, sites, sensed, row[ROW_TIME], z[Z_EAST], z[Z_NORTH])
    bank.said[i] = 0.0
    bank.tag[i] = 0
    bank.tag[i, NUMBER] = bank.tally[1]
    bank.tally[1] += 1
    bank.tag[i, STATUS] = TENTATIVE
    bank.tag[i, ICAO] = bank.tag[i, MODE3A] = -1
    bank.tag[i, HITS] = 1
    bank.support[i] = -1
    supported(bank, i, int(row[SENSOR]))
    learned(bank, i, row, 1.0)
    if row[ROW_COOPERATIVE] > 0.5:
        bank.tag[i, STATUS] = CONFIRMED
        bank.life[i, SCORE] = bank.life[i, PEAK] = SCORE_MAX


@njit(cache=True, error_model="numpy")
def lost(bank: Bank, i: int, at: float, settings: Floats) -> bool:
    """Whether track i has, by time `at`, too little behind it to be kept."""
    score = bank.life[i, SCORE] - bank.life[i, LOOK] * (at - bank.life[i, TIME])
    idle = at - bank.life[i, HIT]
    if bank.tag[i, STATUS] == TENTATIVE:
        return bool(score < SCORE_MIN or idle > TENTATIVE_S)
    if idle > settings[1] or score < bank.life[i, PEAK] - settings[5]:
        return True
    grown = bank.p[i, 0, 0] + (bank.p[i, 0, 7] + bank.p[i, 0, 9]) / 2.0 * idle * idle
    return bool(grown > SIGMA_LOST_M**2)


@njit(cache=True, error_model="numpy")
def weeded(bank: Bank, at: float, settings: Floats) -> None:
    """Delete the tracks that are lost; the others keep their order."""
    kept = 0
    for i in range(bank.tally[0]):
        if not lost(bank, i, at, settings):
            if kept != i:
                copied(bank, i, kept)
            kept += 1
    bank.tally[0] = kept


@njit(cache=True, error_model="numpy")
def stage(
    status: int, bank: Bank, sites: Sites, sensed: Floats, rows: Floats, z: Floats, order: Ints, free: Floats,
    clear: Floats, settings: Floats,
) -> None:  # fmt: skip
    """Associate one batch of one sensor's rows with the tracks of a status and update them.

    z [n, MEASUREMENT] of the rows; order: rows by east; free [n]: probability that no track explains the row yet;
    clear [n]: the same, counting only tracks that are good enough to be believed.
    """
    n = rows.shape[0]
    s = int(rows[0, SENSOR])
    tracks = bank.tally[0]
    at = rows[0, ROW_TIME]
    reach_z = 0.0
    for j in range(n):
        reach_z = max(reach_z, z[j, ALONG] + z[j, SLOPE] ** 2 * settings[3] ** 2, z[j, ACROSS])
    room = 64
    who = np.empty(room, np.int64)
    xs = np.empty((room, MODELS, 4))
    ps = np.empty((room, MODELS, 10))
    mus = np.empty((room, MODELS))
    hs = np.empty((room, 2, 2))
    hps = np.empty((room, 2, 3))
    xcs = np.empty((room, 4))
    pcs = np.empty((room, 10))
    when = np.empty(room)
    space = 256
    pair_track = np.empty(space, np.int64)
    pair_plot = np.empty(space, np.int64)
    pair_log = np.empty(space)
    pair_z = np.empty((space, MEASUREMENT))
    found = 0
    pairs = 0
    clutter = np.empty(n)
    for j in range(n):
        clutter[j] = clutter_log(rows[j], sites, sensed)
    chance = math.log(sites.detection[s])
    for i in range(tracks):
        if bank.tag[i, STATUS] != status:
            continue
        dt = at - bank.life[i, TIME]
        east, north, radius = 0.0, 0.0, 0.0
        vmax = 0.0
        for m in range(MODELS):
            w = bank.mu[i, m]
            east += w * (bank.x[i, m, 0] + bank.x[i, m, 2] * dt)
            north += w * (bank.x[i, m, 1] + bank.x[i, m, 3] * dt)
            vmax = max(vmax, abs(bank.x[i, m, 2]) + abs(bank.x[i, m, 3]))
            if w > 1e-3:
                vv = max(bank.p[i, m, 7], bank.p[i, m, 9])
                # A speed nobody knows yet opens the gate widest: 3.5 sigma for what flies; few fall from space, so
                # two sigma for those.
                part = 0.16 if m == ARC else 0.5
                radius = max(radius, max(bank.p[i, m, 0], bank.p[i, m, 4]) + part * vv * dt * dt)
        # What a turn or a burst of speed may add, and the spread of the row's own times.
        radius = SIGMAS * math.sqrt(radius + reach_z + 500.0 * abs(dt) ** 3) + 1.5 * vmax + 15.0 * dt * dt
        lo, hi = 0, n
        while lo < hi:
            middle = (lo + hi) // 2
            if z[order[middle], Z_EAST] < east - radius:
                lo = middle + 1
            else:
                hi = middle
        nearest, near2 = -1, 1e300
        stop = lo
        while stop < n and z[order[stop], Z_EAST] <= east + radius:
            j = order[stop]
            d2 = (z[j, Z_EAST] - east) ** 2 + (z[j, Z_NORTH] - north) ** 2
            if abs(z[j, Z_NORTH] - north) <= radius and free[j] > 0.01 and d2 < near2:
                nearest, near2 = j, d2
            stop += 1
        if nearest < 0:
            continue
        if found == room:
            room *= 4
            who = np.concatenate((who, np.empty(room - found, np.int64)))
            xs = np.concatenate((xs, np.empty((room - found, MODELS, 4))))
            ps = np.concatenate((ps, np.empty((room - found, MODELS, 10))))
            mus = np.concatenate((mus, np.empty((room - found, MODELS))))
            hs = np.concatenate((hs, np.empty((room - found, 2, 2))))
            hps = np.concatenate((hps, np.empty((room - found, 2, 3))))
            xcs = np.concatenate((xcs, np.empty((room - found, 4))))
            pcs = np.concatenate((pcs, np.empty((room - found, 10))))
            when = np.concatenate((when, np.empty(room - found)))
        c = found
        when[c] = rows[nearest, ROW_TIME]
        dt = when[c] - bank.life[i, TIME]
        mix(bank.x[i], bank.p[i], bank.mu[i], dt, xs[c], ps[c], mus[c])
        move(xs[c], ps[c], dt)
        hs[c] = bank.h[i]
        hps[c] = bank.hp[i]
        combined(xs[c], ps[c], mus[c], xcs[c], pcs[c])
        climb(hs[c], hps[c], dt, xcs[c, 2] ** 2 + xcs[c, 3] ** 2, -400.0)
        any_pair = False
        for k in range(lo, stop):
            j = order[k]
            if abs(z[j, Z_NORTH] - north) > radius or free[j] <= 0.01:
                continue
            if pairs == space:
                space *= 4
                pair_track = np.concatenate((pair_track, np.empty(space - pairs, np.int64)))
                pair_plot = np.concatenate((pair_plot, np.empty(space - pairs, np.int64)))
                pair_log = np.concatenate((pair_log, np.empty(space - pairs)))
                pair_z = np.concatenate((pair_z, np.empty((space - pairs, MEASUREMENT))))
            named = 0.0
            if rows[j, ROW_ICAO] >= 0.0 and bank.tag[i, ICAO] >= 0:
                if rows[j, ROW_ICAO] != bank.tag[i, ICAO]:
                    continue
                named = IDENTITY_LOG
            elif rows[j, ROW_MODE3A] >= 0.0 and bank.tag[i, MODE3A] >= 0:
                named = CODE_SAME_LOG if rows[j, ROW_MODE3A] == bank.tag[i, MODE3A] else CODE_OTHER_LOG
            pz = pair_z[pairs]
            pz[:] = z[j]
            adapted(rows[j], sites, pz, xcs[c], pcs[c], hs[c], hps[c], rows[j, ROW_TIME] - when[c])
            r00, r01, r11 = spread(pz)
            like, closest = 0.0, 1e300
            for m in range(MODELS):
                d, d2 = density(xs[c, m], ps[c, m], pz, r00, r01, r11)
                like += mus[c, m] * d * height_density(pz, hs[c], hps[c], 1 if m == ARC else 0)
                if mus[c, m] > 1e-4:
                    closest = min(closest, d2)
            if closest > (GATE if named < 5.0 else 4.0 * GATE):
                continue
            ratio = math.log(max(like, 1e-300)) + chance - clutter[j] + named
            if ratio < math.log(RATIO_MIN):
                continue
            pair_track[pairs], pair_plot[pairs], pair_log[pairs] = c, j, min(ratio, 60.0)
            pairs += 1
            any_pair = True
        if any_pair:
            who[c] = i
            found += 1
    if found == 0:
        return
    label = np.empty(found, np.int64)
    clusters(pair_track, pair_plot, pairs, found, n, label)
    begin = np.searchsorted(pair_track[:pairs], np.arange(found + 1))
    local = np.full(n, -1, np.int64)
    members = np.empty(found, np.int64)
    used = np.empty(n, np.int64)
    beta_all = np.zeros(pairs)
    miss = 1.0 - sites.detection[s]
    head = np.argsort(label, kind="mergesort")
    a = 0
    while a < found:
        b = a
        while b < found and label[head[b]] == label[head[a]]:
            members[b - a] = head[b]
            b += 1
        size = b - a
        columns = 0
        for t in range(size):
            for k in range(begin[members[t]], begin[members[t] + 1]):
                if local[pair_plot[k]] < 0:
                    local[pair_plot[k]] = columns
                    used[columns] = pair_plot[k]
                    columns += 1
        ratio2 = np.zeros((size, columns))
        beta = np.zeros((size, columns))
        for t in range(size):
            for k in range(begin[members[t]], begin[members[t] + 1]):
                j = pair_plot[k]
                ratio2[t, local[j]] = math.exp(pair_log[k]) * free[j]
        if size <= JOINT_TRACKS and columns <= JOINT_PLOTS and status == CONFIRMED:
            joint(ratio2, size, columns, miss, beta)
        else:
            assign(ratio2, size, columns, miss, beta)
        for t in range(size):
            for k in range(begin[members[t]], begin[members[t] + 1]):
                beta_all[k] = beta[t, local[pair_plot[k]]]
        for k in range(columns):
            local[used[k]] = -1
        a = b
    for c in range(found):
        accept(bank, who[c], sites, sensed, rows, xs[c], ps[c], mus[c], hs[c], hps[c], when[c], pair_plot, pair_log,
               pair_z, beta_all, begin[c], begin[c + 1], free, clear, settings)  # fmt: skip


@njit(cache=True, error_model="numpy")
def register(sites: Sites, sensed: Floats, s: int, z: Floats, x: Floats, p: Floats) -> None:
    """Learn sensor s's range and azimuth bias from how one of its plots lies to an aircraft that says where it is.

    x, p: the track before the plot. One scalar Kalman filter per bias (Bar-Shalom et al. 2001, 5.2). Targets that only
    radars see are left out: where only two radars disagree, nothing says which of them is wrong.
    """
    ue, un = z[U_EAST], z[U_NORTH]
    de, dn = z[Z_EAST] - x[0], z[Z_NORTH] - x[1]
    along, across = de * ue + dn * un, de * un - dn * ue
    var_along = z[ALONG] + p[0] * ue * ue + 2.0 * p[1] * ue * un + p[4] * un * un
    var_across = z[ACROSS] + p[0] * un * un - 2.0 * p[1] * ue * un + p[4] * ue * ue
    far = math.sqrt(max(z[ACROSS], 1.0)) / sites.sigma_azimuth[s]
    for k in range(2):
        sigma = sites.sigma_range[s] if k == 0 else sites.sigma_azimuth[s]
        off = along if k == 0 else across / far
        noise = (var_along if k == 0 else var_across / (far * far)) * BIAS_ALIKE
        if off * off > GATE * noise / BIAS_ALIKE:
            continue
        prior = (BIAS_SIGMAS * sigma) ** 2
        var = prior / (1.0 + sensed[s, BIAS_RANGE_KNOWN + k])
        gain = var / (var + noise)
        bias = sensed[s, BIAS_RANGE + k] + gain * off
        bound = BIAS_BOUND_SIGMAS * sigma
        sensed[s, BIAS_RANGE + k] = min(max(bias, -bound), bound)
        # Never surer than a thousand independent plots would make it: biases drift.
        known = prior / max(var * (1.0 - gain), 1e-30) - 1.0
        sensed[s, BIAS_RANGE_KNOWN + k] = min(known, 1_000.0)


@njit(cache=True, error_model="numpy")
def accept(
    bank: Bank, i: int, sites: Sites, sensed: Floats, rows: Floats, x: Floats, p: Floats, mu: Floats, h: Floats,
    hp: Floats, when: float, plot: Ints, log: Floats, zs: Floats, beta: Floats, lo: int, hi: int, free: Floats,
    clear: Floats, settings: Floats,
) -> None:  # fmt: skip
    """Update track i by its share of a batch: the pairs lo..hi, with the track already carried to `when`."""
    seen, best, gain = 0.0, lo, 0.0
    for k in range(lo, hi):
        seen += beta[k]
        free[plot[k]] = max(free[plot[k]] - beta[k], 0.0)
        gain += beta[k] * log[k]
        if beta[k] > beta[best]:
            best = k
        if bank.tag[i, STATUS] == CONFIRMED or bank.life[i, SCORE] > EXPLAINS_SCORE:
            clear[plot[k]] = max(clear[plot[k]] - beta[k], 0.0)
    if seen < 0.01:
        return
    row = rows[plot[best]]
    s = int(row[SENSOR])
    known = supported(bank, i, s) if seen > 0.5 else True
    kind = row[KIND]
    weak = kind in (BEARING, PRESENCE)
    for k in range(lo, hi):
        if kind == BEARING:
            # The side it came from is news; how far it was is not.
            zs[k, ALONG] *= 100.0
        elif kind == PRESENCE:
            again = max(1.0, SAME_SOURCE_S / sites.scan[s])
            zs[k, ALONG] *= again
            zs[k, ACROSS] *= again
    if kind == PLOT and beta[best] > 0.9 and bank.tag[i, COOPERATIVE] == 1:
        straight = mu[CRUISE] + mu[CHANGE]
        if straight > 0.8:
            register(sites, sensed, s, zs[best], x[CRUISE], p[CRUISE])
    gain += update(x, p, mu, h, hp, zs[lo:hi], beta[lo:hi], hi - lo)
    if beta[best] > 0.5 and not math.isnan(row[ROW_SPEED]) and not math.isnan(row[HEADING]):
        velocity_update(x, p, row[ROW_SPEED] * math.sin(row[HEADING]), row[ROW_SPEED] * math.cos(row[HEADING]), 25.0)
    bank.x[i], bank.p[i], bank.mu[i], bank.h[i], bank.hp[i] = x, p, mu, h, hp
    life = bank.life[i]
    score = life[SCORE] - life[LOOK] * (when - life[TIME])
    if sites.kind[s] == RADAR:
        score += -math.log(1.0 - sites.detection[s]) * seen
    score += gain * (SAME_SOURCE_WEIGHT if weak and known else 1.0)
    life[SCORE] = min(score, SCORE_MAX)
    life[PEAK] = max(life[PEAK], life[SCORE])
    if math.floor(when / 4.0) != math.floor(life[TIME] / 4.0):
        life[LOOK] = expected_looks(bank, i, sites, sensed, when, x[0, 0], x[0, 1])
    life[TIME] = when
    if seen > 0.5:
        life[HIT] = when
        bank.tag[i, HITS] += 1
        bank.tag[i, MISFITS] = 0
        if not math.isnan(zs[best, HEIGHT]):
            life[HEIGHT_KNOWN] = 1.0
        east, north = 0.0, 0.0
        for m in range(MODELS):
            east += mu[m] * x[m, 2]
            north += mu[m] * x[m, 3]
        speed = math.sqrt(east * east + north * north)
        if bank.tag[i, HITS] > 3:
            life[SPEED] += 0.1 * (speed - life[SPEED])
            life[SPEED_MAX] = max(life[SPEED_MAX], life[SPEED])
        else:
            life[SPEED] = speed
        learned(bank, i, row, beta[best])
    if bank.tag[i, STATUS] == TENTATIVE and life[SCORE] >= settings[4] and bank.tag[i, HITS] >= 3:
        bank.tag[i, STATUS] = CONFIRMED
        life[SCORE] = life[PEAK] = max(life[SCORE], settings[5])


@njit(cache=True, error_model="numpy")
def batch(bank: Bank, sites: Sites, sensed: Floats, rows: Floats, settings: Floats) -> None:
    """One look of one sensor: rows [n, WIDTH] close in time."""
    n = rows.shape[0]
    s = int(rows[0, SENSOR])
    z = np.empty((n, MEASUREMENT))
    free = np.ones(n)
    for j in range(n):
        measured(rows[j], sites, sensed[s], settings[2], settings[3] ** 2, z[j])
    order = np.argsort(z[:, Z_EAST], kind="mergesort")
    sensed[s, HEARD] = max(sensed[s, HEARD], rows[n - 1, ROW_TIME])
    watched(sites, sensed, s, rows[n - 1, ROW_TIME])
    sensed[s, REPORTS] += n
    clear = np.ones(n)
    stage(CONFIRMED, bank, sites, sensed, rows, z, order, free, clear, settings)
    stage(TENTATIVE, bank, sites, sensed, rows, z, order, free, clear, settings)
    for j in range(n):
        sensed[s, UNEXPLAINED] += clear[j]
        sensed[s, CELLS_AT + cell_of(rows[j], sites)] += clear[j]
        if free[j] > 0.5 and bank.tally[0] < bank.x.shape[0]:
            born(bank, sites, sensed, rows[j], z[j], settings)


@njit(cache=True, error_model="numpy")
def run(bank: Bank, sites: Sites, sensed: Floats, rows: Floats, begin: int, end: int, settings: Floats) -> int:
    """Work through rows begin..end (in order of time); the index of the first row not worked through.

    settings: slice, coast, height, its sigma, confirm and drop scores, tracks at most. Stops early only when the bank
    should grow first; at its largest, nothing new is started.
    """
    width = settings[0]
    taken = np.zeros(0, np.bool_)
    while begin < end:
        edge = math.ceil(rows[begin, ROW_TIME] / width) * width
        stop = begin + 1
        while stop < end and rows[stop, ROW_TIME] <= edge:
            stop += 1
        if bank.tally[0] + stop - begin > bank.x.shape[0]:
            weeded(bank, rows[begin, ROW_TIME], settings)
            if bank.tally[0] + stop - begin > bank.x.shape[0] < settings[6]:
                return begin
        taken = np.zeros(stop - begin, np.bool_)
        picked = np.empty(stop - begin, np.int64)
        for j in range(begin, stop):
            if taken[j - begin]:
                continue
            s = rows[j, SENSOR]
            span = min(width, sites.scan[int(s)] / 2.0)
            count = 0
            for k in range(j, stop):
                same = rows[k, SENSOR] == s and rows[k, KIND] == rows[j, KIND]
                if same and not taken[k - begin] and rows[k, ROW_TIME] - rows[j, ROW_TIME] < span:
                    picked[count] = k
                    taken[k - begin] = True
                    count += 1
                    if rows[j, KIND] == POSITION or rows[j, KIND] == SIGHTING:
                        break
            batch(bank, sites, sensed, rows[picked[:count]], settings)
        weeded(bank, rows[stop - 1, ROW_TIME], settings)
        begin = stop
    return begin


@njit(cache=True, error_model="numpy")
def picture(bank: Bank, at: float, settings: Floats, mean: Floats, cov: Floats, up: Floats, alive: Ints) -> int:
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
        dt = max(at - bank.life[i, TIME], -1.0)
        x[:], p[:], mu[:] = bank.x[i], bank.p[i], bank.mu[i]
        move(x, p, dt)
        combined(x, p, mu, mean[n], cov[n])
        h, hp = bank.h[i].copy(), bank.hp[i].copy()
        climb(h, hp, dt, mean[n, 2] ** 2 + mean[n, 3] ** 2, -400.0)
        k = 1 if mu[ARC] > 0.5 else 0
        mean[n, 4], mean[n, 5] = h[k, 0], h[k, 1]
        up[n] = hp[k]
        alive[n] = i
        n += 1
    return n
