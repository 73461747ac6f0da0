"""Association of one batch of reports with the tracks of one status."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.track.accept import accept
from tocsin.track.arc_frame import foreseen
from tocsin.track.associate import JOINT_PLOTS, JOINT_TRACKS, assign, clusters, joint
from tocsin.track.bank import CONFIRMED, ICAO, MODE3A, MODELS, STATUS, TIME, Bank
from tocsin.track.clutter import clutter_log, detection
from tocsin.track.fit import GATE, adapted, density, height_density, spread
from tocsin.track.measure import ACROSS, ALONG, MEASUREMENT, SLOPE, Z_EAST, Z_NORTH
from tocsin.track.motion import ARC, climb, combined, mix, move
from tocsin.track.rows import ICAO as ROW_ICAO
from tocsin.track.rows import MODE3A as ROW_MODE3A
from tocsin.track.rows import SENSOR
from tocsin.track.rows import TIME as ROW_TIME
from tocsin.track.sensed import Sensed
from tocsin.track.sites import Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIGMAS = 5.0
# A pair less likely than this is never better than a miss.
RATIO_MIN = 0.02
IDENTITY_LOG = 14.0
CODE_SAME_LOG, CODE_OTHER_LOG = 3.0, -3.0


@njit(cache=True, error_model="numpy")
def widest(a: float, b: float, c: float) -> float:
    """The variance of (a, b; b, c) in the direction where it is greatest: the same however the frame is turned."""
    return (a + c) / 2.0 + math.sqrt(((a - c) / 2.0) ** 2 + b * b)


@njit(cache=True, error_model="numpy")
def stage(
    status: int, bank: Bank, sites: Sites, sensed: Sensed, rows: Floats, z: Floats, order: Ints, free: Floats,
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
    sees = detection(sites, sensed, s)
    chance = math.log(sees)
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
            vmax = max(vmax, math.sqrt(bank.x[i, m, 2] ** 2 + bank.x[i, m, 3] ** 2))
            if w > 1e-3:
                vv = widest(bank.p[i, m, 7], bank.p[i, m, 8], bank.p[i, m, 9])
                # A speed nobody knows yet opens the gate widest: 3.5 sigma for what flies; few fall from space, so
                # two sigma for those.
                part = 0.16 if m == ARC else 0.5
                radius = max(radius, widest(bank.p[i, m, 0], bank.p[i, m, 1], bank.p[i, m, 4]) + part * vv * dt * dt)
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
            if d2 <= radius * radius and free[j] > 0.01 and d2 < near2:
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
        if foreseen(bank, i, sites.origin, dt, xs[c], ps[c], hs[c], hps[c]):
            combined(xs[c], ps[c], mus[c], xcs[c], pcs[c])
        # The height its own kind of flight gives it.
        own = 1 if mus[c, ARC] > 0.5 else 0
        any_pair = False
        for k in range(lo, stop):
            j = order[k]
            d2 = (z[j, Z_EAST] - east) ** 2 + (z[j, Z_NORTH] - north) ** 2
            if d2 > radius * radius or free[j] <= 0.01:
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
            adapted(rows[j], sites, pz, xcs[c], pcs[c], hs[c, own], hps[c, own], rows[j, ROW_TIME] - when[c])
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
    miss = 1.0 - sees
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
