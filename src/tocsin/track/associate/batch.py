"""Association of one batch of reports with the tracks of one status."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.track.associate.accept import accept
from tocsin.track.associate.candidates import Pairs, paired
from tocsin.track.associate.gate import Look, near
from tocsin.track.associate.joint import JOINT_PLOTS, JOINT_TRACKS, assign, clusters, joint
from tocsin.track.bank import CONFIRMED
from tocsin.track.report_rows import SENSOR
from tocsin.track.sensors.clutter import detection
from tocsin.track.sky import Sky

Floats = NDArray[np.float64]


@kernel
def decide(status: int, free: Floats, miss: float, count: int, pairs: Pairs) -> None:
    """Fill in the probability of each pair, cluster by cluster of tracks that share rows."""
    n = len(free)
    first, total = pairs.first, pairs.first[count]
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
            alone(first[members[0]], first[members[0] + 1], free, miss, status == CONFIRMED, pairs)
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
                pairs.beta[k] = beta[t, column[pairs.row[k]]]
        column[used[:columns]] = -1
        a = b


@leaf
def alone(lo: int, hi: int, free: Floats, miss: float, joint: bool, pairs: Pairs) -> None:
    """Probabilities lo:hi of a track that shares no row: a joint event is one of its pairs, or none."""
    total, best, found = miss, lo, pairs.beta
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
def stage(status: int, sky: Sky, look: Look) -> None:
    """Associate one look with the tracks of a status and update them."""
    sees = detection(sky.sites, sky.sensed, int(look.rows[0, SENSOR]))
    count, seen = near(status, sky.bank, look, sky.settings.height_sigma_m**2)
    if count == 0:
        return
    count, to, pairs = paired(sky.bank, sky.sites, look, math.log(sees) - look.clutter, count, seen, sky.room)
    decide(status, look.free, 1.0 - sees, count, pairs)
    for c in range(count):
        accept(sky, look, to, c, pairs)
