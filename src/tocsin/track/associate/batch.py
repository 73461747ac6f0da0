"""Association of one batch of reports with the tracks of one status."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.track.arc.room import Flight
from tocsin.track.associate.accept import accept
from tocsin.track.associate.candidates import Pairs, paired
from tocsin.track.associate.gate import near
from tocsin.track.associate.joint import JOINT_PLOTS, JOINT_TRACKS, assign, clusters, joint
from tocsin.track.bank import CONFIRMED, Bank
from tocsin.track.report_rows import SENSOR
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.sensors.clutter import detection
from tocsin.track.sensors.learned import BIASES, Sensed
from tocsin.track.sensors.sites import Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def decided(status: int, free: Floats, miss: float, count: int, pairs: Pairs) -> Floats:
    """Probability of each pair, cluster by cluster of tracks that share rows."""
    n = len(free)
    first, total = pairs.first, pairs.first[count]
    found = np.zeros(total)
    label = np.empty(count, np.int64)
    clusters(pairs.track, pairs.row, total, count, n, label)
    column = np.full(n, -1, np.int64)
    used = np.empty(n, np.int64)
    by_label = np.argsort(label, kind="mergesort")
    a = 0
    while a < count:
        b = a
        while b < count and label[by_label[b]] == label[by_label[a]]:
            b += 1
        members = by_label[a:b]
        if b - a == 1:
            alone(first[members[0]], first[members[0] + 1], free, miss, status == CONFIRMED, pairs, found)
            a = b
            continue
        columns = 0
        for t in members:
            for k in range(first[t], first[t + 1]):
                if column[pairs.row[k]] < 0:
                    column[pairs.row[k]] = columns
                    used[columns] = pairs.row[k]
                    columns += 1
        ratio, beta = np.zeros((b - a, columns)), np.zeros((b - a, columns))
        for t in range(b - a):
            for k in range(first[members[t]], first[members[t] + 1]):
                ratio[t, column[pairs.row[k]]] = math.exp(pairs.log[k]) * free[pairs.row[k]]
        if b - a <= JOINT_TRACKS and columns <= JOINT_PLOTS and status == CONFIRMED:
            joint(ratio, b - a, columns, miss, beta)
        else:
            assign(ratio, b - a, columns, miss, beta)
        for t in range(b - a):
            for k in range(first[members[t]], first[members[t] + 1]):
                found[k] = beta[t, column[pairs.row[k]]]
        column[used[:columns]] = -1
        a = b
    return found


@leaf
def alone(lo: int, hi: int, free: Floats, miss: float, joint: bool, pairs: Pairs, found: Floats) -> None:
    """Probabilities found[lo:hi] of a track that shares no row: a joint event is one of its pairs, or none."""
    total, best = miss, lo
    for k in range(lo, hi):
        found[k] = math.exp(pairs.log[k]) * free[pairs.row[k]]
        total += found[k]
        if found[k] > found[best]:
            best = k
    for k in range(lo, hi):
        if joint:
            found[k] /= total
        else:
            found[k] = 1.0 if k == best and found[k] > miss else 0.0


@kernel
def stage(
    status: int, bank: Bank, sites: Sites, sensed: Sensed, rows: Floats, z: Floats, order: Ints, clutter: Floats,
    free: Floats, clear: Floats, settings: Floats, room: Flight,
) -> None:  # fmt: skip
    """Associate one batch of one sensor's rows with the tracks of a status and update them.

    z [n, MEASUREMENT] of the rows; order: rows by east; clutter [n]: log density of false plots there; free [n]:
    probability that no track explains the row yet; clear [n]: the same, counting only tracks that are good enough to
    be believed.
    """
    sees = detection(sites, sensed, int(rows[0, SENSOR]))
    count, seen = near(status, bank, rows[0, ROW_TIME], z, order, free, settings[3] ** 2)
    if count == 0:
        return
    count, to, pairs = paired(bank, sites, rows, z, order, free, math.log(sees) - clutter, count, seen, room)
    beta = decided(status, free, 1.0 - sees, count, pairs)
    moves, cross = np.empty((2 * BIASES, 2)), np.empty((sensed.cov.shape[0], 2))
    for c in range(count):
        accept(bank, sites, sensed, rows, to, c, pairs, beta, free, clear, settings, moves, cross, room)
