"""The tracker's inner loop: rows in order of time in, the filter bank carried along. No I/O, no clock, no chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.track.associate.batch import stage
from tocsin.track.associate.gate import Look
from tocsin.track.bank import CONFIRMED, TAKEN, TENTATIVE
from tocsin.track.birth_and_death import born, compacted, weeded
from tocsin.track.picture import Glance, picture
from tocsin.track.report_rows import KIND, POSITION, SENSOR, SIGHTING
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.sensors.clutter import cell_of, clutter_log, watched
from tocsin.track.sensors.learned import BIASES, HEARD, TIME_BIAS
from tocsin.track.sensors.measure import MEASUREMENT, Z_EAST, measured
from tocsin.track.sensors.registration import believed, drift
from tocsin.track.sky import Sky

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def batch(sky: Sky, rows: Floats) -> None:
    """One look of one sensor: rows [n, WIDTH] close in time, used up."""
    bank, sites, sensed, settings = sky.bank, sky.sites, sky.sensed, sky.settings
    n = rows.shape[0]
    s = int(rows[0, SENSOR])
    z = np.empty((n, MEASUREMENT))
    free = np.ones(n)
    r = sites.number[s]
    bias = np.zeros(BIASES)
    if r >= 0:
        newest = rows[n - 1, ROW_TIME]
        sensed.state[r, HEARD] = max(sensed.state[r, HEARD], newest)
        drift(sites, sensed, s, watched(sites, sensed, s, newest))
        believed(sites, sensed)
        bias[:] = sensed.taken[r]
        # `rows` is this batch's own copy: its times become the true ones.
        rows[:, ROW_TIME] -= bias[TIME_BIAS]
    clutter = np.empty(n)
    for j in range(n):
        measured(rows[j], sites, bias, settings.height_m, settings.height_sigma_m**2, z[j])
        clutter[j] = clutter_log(rows[j], sites, sensed)
    order = np.argsort(z[:, Z_EAST], kind="mergesort")
    clear = np.ones(n)
    look = Look(rows, z, order, clutter, free, clear)
    stage(CONFIRMED, sky, look)
    stage(TENTATIVE, sky, look)
    for j in range(n):
        if r >= 0:
            sensed.cells[r, cell_of(rows[j], sites)] += clear[j]
        if free[j] > 0.5 and bank.tally[TAKEN] < bank.x.shape[0]:
            born(bank, sites, sensed, rows[j], z[j], settings)


@kernel
def run(sky: Sky, rows: Floats, begin: int, end: int) -> int:
    """Work through rows begin..end (in order of time); the index of the first row not worked through.

    Stops early only when the bank should grow first; at its largest, nothing new is started.
    """
    bank, sites, width = sky.bank, sky.sites, sky.settings.slice_s
    taken = np.zeros(0, np.bool_)
    while begin < end:
        edge = math.ceil(rows[begin, ROW_TIME] / width) * width
        stop = begin + 1
        while stop < end and rows[stop, ROW_TIME] <= edge:
            stop += 1
        # Always here, not only when room is short: what lives must not depend on how large the bank is.
        weeded(bank, rows[begin, ROW_TIME])
        if bank.tally[TAKEN] + stop - begin > bank.x.shape[0]:
            compacted(bank)
            if bank.tally[TAKEN] + stop - begin > bank.x.shape[0] < sky.settings.tracks_max:
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
            batch(sky, rows[picked[:count]])
        begin = stop
    return begin


# Where a bulk run stands: the next tick, the next row, and how many tracks were seen so far.
TICK, ROW, SEEN = range(3)


@leaf
def played(sky: Sky, rows: Floats, ticks: Floats, ends: Ints, at: Ints, seen: Glance) -> bool:
    """Work through rows from tick to tick, with a look at every one. False when the bank should grow first.

    ends [T]: the first row after each tick; at [3]: where it stands, brought up to date. Stops early, and is to be
    called again, when the bank or `seen` needs more room.
    """
    while at[TICK] < len(ticks):
        tick = at[TICK]
        at[ROW] = run(sky, rows, at[ROW], ends[tick])
        if at[ROW] < ends[tick]:
            return False
        if at[SEEN] + sky.bank.tally[TAKEN] > len(seen.at_s):
            return True
        at[SEEN] = picture(sky.bank, ticks[tick], sky.sites.origin, seen, at[SEEN], sky.room)
        at[TICK] += 1
    return True
