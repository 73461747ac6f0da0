"""Birth, support and death of tracks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import fill, inlined, leaf
from tocsin.track.arc.frame import lands_s, released
from tocsin.track.bank import (
    BIRTHS,
    CONFIRMED,
    COOPERATIVE,
    DEAD,
    ENDS,
    HEIGHT_KNOWN,
    HIT,
    HITS,
    ICAO,
    LOOK,
    MODE3A,
    MODELS,
    NEWEST,
    NUMBER,
    OTHERS_TIME,
    PEAK,
    SCORE,
    STATUS,
    SUPPORTERS,
    TAKEN,
    TENTATIVE,
    TIME,
    Bank,
)
from tocsin.track.likelihood import spread
from tocsin.track.motion import ARC, CRUISE, START, START_CLIMB_MPS, START_SPEED_MPS, falls
from tocsin.track.report_rows import CLASS, HEADING, KIND, SENSOR, TIE, WEIGHT
from tocsin.track.report_rows import COOPERATIVE as ROW_COOPERATIVE
from tocsin.track.report_rows import ICAO as ROW_ICAO
from tocsin.track.report_rows import MODE3A as ROW_MODE3A
from tocsin.track.report_rows import SPEED as ROW_SPEED
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.sensors.clutter import expected_looks, raised
from tocsin.track.sensors.learned import Sensed
from tocsin.track.sensors.measure import HEIGHT, HEIGHT_VAR, SLOPE, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.sensors.sites import Sites
from tocsin.track.settings import KernelSettings
from tocsin.track.state import E_E, E_N, EAST, N_N, NORTH, UP_UP, UP_VU, VE_VE, VN_VN, VU_VU
from tocsin.track.update import velocity_update

Floats = NDArray[np.float64]

# A track is called after the report it began with, never by counting: a late report that begins another one must not
# rename all that were born since. Tables of plots, where nothing comes late, are counted.
NUMBERS = 2 * 10**9
SCORE_MAX = 40.0
SCORE_MIN = -4.0
TENTATIVE_S = 60.0
# Reports on their way and a network that stutters keep all radars from a track together: what ten quick ones have not
# said of it for so long is not ten misses each.
PAUSE_S = 4.0
SIGMA_LOST_M = 25_000.0
# Places are moved together when more than one in this many is a dead track's: moving is dearer than passing over.
DEAD_SHARE = 4
BIRTH_SCORE = np.array([0.0, 3.0, 2.0, 2.0, 4.0])
# How a reporter's word about the class is to be believed: it is often wrong.
WORD_RIGHT_LOG = 1.2


@leaf
def supported(bank: Bank, i: int, s: int) -> bool:
    """Note that sensor s supports track i; whether it already did."""
    for k in range(SUPPORTERS):
        if bank.support[i, k] == s:
            return True
    for k in range(SUPPORTERS - 1):
        bank.support[i, k] = bank.support[i, k + 1]
    bank.support[i, SUPPORTERS - 1] = s
    return False


@leaf
def spoken(bank: Bank, i: int, s: int, when: float) -> None:
    """Note a hit of track i by sensor s, and until when others than s have seen it."""
    life = bank.life[i]
    if life[NEWEST] != s + 1.0:
        life[OTHERS_TIME] = life[HIT] if life[NEWEST] > 0.0 else -math.inf
        life[NEWEST] = s + 1.0
    life[HIT] = when


@leaf
def learned(bank: Bank, i: int, row: Floats, believe: float) -> None:
    """What a report says beyond its place: identity, class, cooperation."""
    if believe < 0.5:
        return
    if row[ROW_ICAO] >= 0.0:
        bank.tag[i, ICAO] = int(row[ROW_ICAO])
    if row[ROW_MODE3A] >= 0.0:
        bank.tag[i, MODE3A] = int(row[ROW_MODE3A])
    if row[ROW_COOPERATIVE] > 0.5:
        bank.tag[i, COOPERATIVE] = 1
    if row[CLASS] >= 0.0:
        c = int(row[CLASS])
        # Ten reports that agree are not ten independent witnesses.
        bank.said[i, c] = min(bank.said[i, c] + WORD_RIGHT_LOG * row[WEIGHT], 5.0)


@leaf
def called(bank: Bank, i: int, row: Floats) -> int:
    """The number of track i, born of a row: no other track alive has it."""
    if row[TIE] <= 0.0:
        return int(bank.tally[BIRTHS])
    number = int(row[TIE]) % NUMBERS
    k = 0
    while k < i:
        k += 1
        if bank.tag[k - 1, NUMBER] == number and bank.tag[k - 1, STATUS] != DEAD:
            number, k = number + 1, 0
    return number


@leaf
def born(bank: Bank, sites: Sites, sensed: Sensed, row: Floats, z: Floats, settings: KernelSettings) -> None:
    """Start a tentative track on a report nothing else explains."""
    i = bank.tally[TAKEN]
    bank.tally[TAKEN] += 1
    r00, r01, r11 = spread(z)
    var = settings.height_sigma_m**2
    if z[SLOPE] != 0.0 and math.isnan(z[HEIGHT]):
        extra = z[SLOPE] ** 2 * var
        r00 += extra * z[U_EAST] ** 2
        r01 += extra * z[U_EAST] * z[U_NORTH]
        r11 += extra * z[U_NORTH] ** 2
    # What it does is unknown: one state for all that flies and one for what falls, until a second report tells.
    bank.x[i], bank.p[i], bank.mu[i] = 0.0, 0.0, 0.0
    bank.mu[i, ARC] = START[ARC] if math.isnan(z[HEIGHT]) else falls(z[HEIGHT], z[HEIGHT_VAR])
    bank.mu[i, CRUISE] = 1.0 - bank.mu[i, ARC]
    for m in (CRUISE, ARC):
        x, p = bank.x[i, m], bank.p[i, m]
        x[EAST], x[NORTH] = z[Z_EAST], z[Z_NORTH]
        p[E_E], p[E_N], p[N_N] = r00, r01, r11
        p[VE_VE] = p[VN_VN] = START_SPEED_MPS[m] ** 2
    for k in range(2):
        bank.h[i, k, 0], bank.h[i, k, 1] = settings.height_m, 0.0
        bank.hp[i, k, UP_UP], bank.hp[i, k, UP_VU], bank.hp[i, k, VU_VU] = var, 0.0, START_CLIMB_MPS[k] ** 2
        if k == 1:
            # Falling from anywhere: a height nobody measured says nothing.
            bank.hp[i, k, UP_UP] = 30_000.0**2
        if not math.isnan(z[HEIGHT]):
            bank.h[i, k, 0], bank.hp[i, k, UP_UP] = z[HEIGHT], z[HEIGHT_VAR]
    if math.isnan(z[HEIGHT]):
        raised(bank.h[i], sites, row)
    if not math.isnan(row[ROW_SPEED]) and not math.isnan(row[HEADING]):
        east, north = row[ROW_SPEED] * math.sin(row[HEADING]), row[ROW_SPEED] * math.cos(row[HEADING])
        velocity_update(bank.x[i], bank.p[i], east, north, 100.0)
    bank.life[i] = 0.0
    bank.life[i, TIME] = row[ROW_TIME]
    spoken(bank, i, int(row[SENSOR]), row[ROW_TIME])
    bank.life[i, SCORE] = bank.life[i, PEAK] = BIRTH_SCORE[int(row[KIND])]
    bank.life[i, HEIGHT_KNOWN] = 0.0 if math.isnan(z[HEIGHT]) else 1.0
    s = int(row[SENSOR])
    bank.life[i, LOOK] = expected_looks(bank, i, sites, sensed, row[ROW_TIME], z[Z_EAST], z[Z_NORTH], s)
    bank.said[i] = 0.0
    bank.tag[i] = 0
    bank.tag[i, NUMBER] = called(bank, i, row)
    bank.tally[BIRTHS] += 1
    bank.tag[i, STATUS] = TENTATIVE
    bank.tag[i, ICAO] = bank.tag[i, MODE3A] = -1
    bank.tag[i, HITS] = 1
    bank.support[i] = -1
    supported(bank, i, int(row[SENSOR]))
    learned(bank, i, row, 1.0)
    if row[ROW_COOPERATIVE] > 0.5:
        bank.tag[i, STATUS] = CONFIRMED
        bank.life[i, SCORE] = bank.life[i, PEAK] = SCORE_MAX
    bank.life[i, ENDS] = ends_s(bank, i, settings)


@leaf
def ends_s(bank: Bank, i: int, settings: KernelSettings) -> float:
    """When track i has too little behind it to be kept, unless it is seen again."""
    life, p = bank.life[i], bank.p[i, 0]
    look = max(life[LOOK], 1e-12)
    if bank.tag[i, STATUS] == TENTATIVE:
        ends = min(life[TIME] + (life[SCORE] - SCORE_MIN) / look, life[HIT] + TENTATIVE_S)
    else:
        least = max(life[PEAK] - settings.drop_score, 0.0)
        spent = life[TIME] + (life[SCORE] - least) / look
        ends = min(max(spent, life[HIT] + PAUSE_S), life[HIT] + settings.coast_s)
        strays2 = max((p[VE_VE] + p[VN_VN]) / 2.0, 1e-12)
        ends = min(ends, life[HIT] + math.sqrt(max(SIGMA_LOST_M**2 - p[E_E], 0.0) / strays2))
    return float(min(ends, lands_s(bank, i)))


@leaf
def weeded(bank: Bank, at: float) -> None:
    """End the tracks that are lost by time `at`; their places are given back when they are many."""
    dead = 0
    for i in range(bank.tally[TAKEN]):
        if bank.tag[i, STATUS] != DEAD and at > bank.life[i, ENDS]:
            released(bank, i)
            bank.tag[i, STATUS] = DEAD
        if bank.tag[i, STATUS] == DEAD:
            dead += 1
    if DEAD_SHARE * dead > bank.tally[TAKEN]:
        compacted(bank)


@leaf
def compacted(bank: Bank) -> None:
    """Close the gaps that dead tracks leave; the others keep their order."""
    kept = 0
    for i in range(bank.tally[TAKEN]):
        if bank.tag[i, STATUS] != DEAD:
            if kept != i:
                copied(bank, i, kept)
            kept += 1
    bank.tally[TAKEN] = kept


@leaf
def copied(bank: Bank, source: int, target: int) -> None:
    """Copy one track to another place of the bank."""
    stored(bank, target, bank.x[source], bank.p[source], bank.mu[source], bank.h[source], bank.hp[source])
    fill(bank.life[target], bank.life[source])
    fill(bank.said[target], bank.said[source])
    fill(bank.tag[target], bank.tag[source])
    fill(bank.support[target], bank.support[source])


@inlined
def stored(bank: Bank, i: int, x: Floats, p: Floats, mu: Floats, h: Floats, hp: Floats) -> None:
    """Put a state into place i."""
    for m in range(MODELS):
        fill(bank.x[i, m], x[m])
        fill(bank.p[i, m], p[m])
    for k in range(2):
        fill(bank.h[i, k], h[k])
        fill(bank.hp[i, k], hp[k])
    fill(bank.mu[i], mu)
