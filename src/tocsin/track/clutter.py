"""What a sensor is expected to say: looks at a track, and plots that nothing explains, learned by cell."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.track.bank import Bank
from tocsin.track.rows import AZIMUTH, KIND, PLOT, RANGE, SENSOR
from tocsin.track.sites import CELLS_AT, HEARD, RADAR, REPORTS, RINGS, SECTORS, UP, WATCHED, WATCHED_AT, Sites

Floats = NDArray[np.float64]

# Clutter is remembered for this long (weather moves), and the declared density counts as this many scans.
CLUTTER_MEMORY_S = 120.0
DECLARED_SCANS = 2.0
SILENT_SCANS = 3.0
HORIZON_M = 4_121.0  # sqrt(2 * 4/3 * R): metres of horizon per square root of a metre of height


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
