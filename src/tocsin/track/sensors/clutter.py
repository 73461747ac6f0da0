"""What a radar is expected to say: looks at a track, and plots that nothing explains, learned by cell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.model.masking import CLEAR, LEAST, LOW_M, NEVER, STEP_M, SURE
from tocsin.track.bank import HEIGHT_KNOWN, LOOKERS, Bank
from tocsin.track.motion import ARC
from tocsin.track.report_rows import AZIMUTH, KIND, PLOT, RANGE, SENSOR
from tocsin.track.sensors.learned import HEARD, LOOK_RATE, LOOKS, LOOKS_HIT, UP, WATCHED, WATCHED_AT, Sensed
from tocsin.track.sensors.sites import RADAR, RINGS, SECTORS, Sites

Floats = NDArray[np.float64]

# Clutter is remembered for this long (weather moves), and the declared density counts as this many scans.
CLUTTER_MEMORY_S = 120.0
DECLARED_SCANS = 2.0
SILENT_SCANS = 3.0
HORIZON_M = 4_121.0  # sqrt(2 * 4/3 * R): metres of horizon per square root of a metre of height
# The declared detection probability counts as this many looks, and what is measured fades: equipment wears, weather
# moves. A radar that sees less than the least is no help against a track, and none sees everything.
DECLARED_LOOKS = 50.0
DETECTION_MEMORY_S = 600.0
DETECTION_MIN, DETECTION_MAX = 0.3, 0.99
# A float holds this many bits exactly.
LOOKERS_MAX = 50


@leaf
def detection(sites: Sites, sensed: Sensed, s: int) -> float:
    """Probability that sensor s sees a target in its reach at one look: declared, then measured."""
    declared, r = sites.detection[s], sites.number[s]
    if r < 0:
        return float(declared)
    state = sensed.state[r]
    found = (declared * DECLARED_LOOKS + state[LOOKS_HIT]) / (DECLARED_LOOKS + state[LOOKS])
    return float(min(max(found, min(DETECTION_MIN, declared)), DETECTION_MAX))


@leaf
def expected_looks(
    bank: Bank, i: int, sites: Sites, sensed: Sensed, at: float, east: float, north: float, saw: int
) -> float:
    """Evidence per second that working radars in reach should give about track i, nats: -ln(1 - Pd) a scan.

    Those that reach it even where it is lowest are noted: whether they see it tells how well they see. Sensor `saw` has
    just seen it: where land may hide it, that one alone is expected to see it again.
    """
    total, bits = 0.0, 0
    known = bank.life[i, HEIGHT_KNOWN] > 0.5
    kind = 1 if bank.mu[i, ARC] > 0.5 else 0
    height = max(bank.h[i, kind, 0], 0.0)
    # Where nobody has measured a height, only looks that would see the lowest flier tell how well a radar sees.
    low, high = LOW_M, math.inf
    if known:
        strays = 2.0 * math.sqrt(bank.hp[i, kind, 0])
        low, high = max(height - strays, 0.0), height + strays
    for r in range(sites.radars.shape[0]):
        s, state = sites.radars[r], sensed.state[r]
        if state[UP] < 0.5 or at - state[HEARD] > SILENT_SCANS * sites.scan[s]:
            continue
        d2 = (sites.east[s] - east) ** 2 + (sites.north[s] - north) ** 2
        own = math.sqrt(max(sites.altitude[s], 0.0))
        if d2 < min(sites.reach[s], HORIZON_M * (own + math.sqrt(height))) ** 2:
            sure = sites.land[s] < 0
            if not sure:
                above, least, clear = masked(sites, s, east, north)
                sure = above < NEVER and low >= STEP_M * above if known else clear > 0
                if not sure and not (s == saw and high >= STEP_M * least):
                    continue
            total += state[LOOK_RATE]
            if r < LOOKERS_MAX and sure and d2 < (HORIZON_M * (own + math.sqrt(low))) ** 2:
                bits |= 1 << r
    bank.life[i, LOOKERS] = float(bits)
    return total


@leaf
def masked(sites: Sites, s: int, east: float, north: float) -> tuple[int, int, int]:
    """What the land hides from radar s at a place in the frame: SURE, LEAST and CLEAR of its cell.

    The frame is turned to the radar's own north; what is left of its distortion is less than a cell's surroundings.
    """
    across, up = east - sites.east[s], north - sites.north[s]
    cells = sites.masked[sites.land[s]]
    round_ = (math.atan2(across, up) - sites.turn[s]) / (2.0 * math.pi)
    ray = min(int((round_ - math.floor(round_)) * cells.shape[0]), cells.shape[0] - 1)
    ring = min(int(math.sqrt(across * across + up * up) / sites.ring[s]), cells.shape[1] - 1)
    return int(cells[ray, ring, SURE]), int(cells[ray, ring, LEAST]), int(cells[ray, ring, CLEAR])


@leaf
def looked(bank: Bank, i: int, sites: Sites, sensed: Sensed, s: int, seen: float, past: float) -> None:
    """Count the looks at confirmed track i of the past seconds for every radar, and the hit of sensor s.

    seen: probability that s saw it. What a radar misses while others see it is counted, and so is what it misses
    between two hits of its own; the misses that end a track are not: it may be the target that is gone.
    """
    bits = int(bank.life[i, LOOKERS])
    for r in range(min(sites.radars.shape[0], LOOKERS_MAX)):
        if bits >> r & 1:
            sensed.state[r, LOOKS] += past / sites.scan[sites.radars[r]]
            if sites.radars[r] == s:
                sensed.state[r, LOOKS_HIT] += seen


@leaf
def raised(h: Floats, sites: Sites, row: Floats) -> None:
    """Raise the believed level height h [2, 2] to where the radar that sent a plot can see it: above its horizon.

    Else a track born far out would be believed to lie beyond every radar's horizon, and no look could ever end it.
    """
    s = int(row[SENSOR])
    if sites.kind[s] == RADAR and row[KIND] == PLOT:
        over = min(row[RANGE], sites.reach[s]) / HORIZON_M - math.sqrt(max(sites.altitude[s], 0.0))
        h[0, 0] = max(h[0, 0], max(over, 0.0) ** 2)


@leaf
def cell_of(row: Floats, sites: Sites) -> int:
    """The cell of a radar's coverage that its plot lies in."""
    ring = min(int(RINGS * (row[RANGE] / sites.reach[int(row[SENSOR])]) ** 2), RINGS - 1)
    sector = int(row[AZIMUTH] / (2.0 * math.pi) * SECTORS) % SECTORS
    return ring * SECTORS + sector


@leaf
def clutter_log(row: Floats, sites: Sites, sensed: Sensed) -> float:
    """Log density of unexplained plots per square metre and scan where a row lies: declared, then learned."""
    s = int(row[SENSOR])
    if sites.kind[s] != RADAR:
        return float(math.log(sites.clutter[s]))
    r = sites.number[s]
    area = math.pi * sites.reach[s] ** 2 / (RINGS * SECTORS)
    count = sites.clutter[s] * area * DECLARED_SCANS + sensed.cells[r, cell_of(row, sites)]
    return math.log(count / (area * (DECLARED_SCANS + sensed.state[r, WATCHED])))


@kernel
def watched(sites: Sites, sensed: Sensed, s: int, at: float) -> float:
    """Let time pass for what is learned about radar s; how much time has."""
    r = sites.number[s]
    state = sensed.state[r]
    past = at - state[WATCHED_AT]
    if past <= 0.0:
        return 0.0
    if past == math.inf:
        state[WATCHED_AT] = at
        return 0.0
    fade = math.exp(-past / CLUTTER_MEMORY_S)
    sensed.cells[r] *= fade
    state[WATCHED] = state[WATCHED] * fade + min(past / sites.scan[s], SILENT_SCANS)
    state[WATCHED_AT] = at
    fade = math.exp(-past / DETECTION_MEMORY_S)
    state[LOOKS] *= fade
    state[LOOKS_HIT] *= fade
    state[LOOK_RATE] = -math.log(1.0 - detection(sites, sensed, s)) / sites.scan[s]
    return float(past)
