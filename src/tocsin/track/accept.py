"""A track takes its share of a batch: state, score, identity, status."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import fill, leaf
from tocsin.track.arc_frame import followed
from tocsin.track.bank import (
    CONFIRMED,
    ENDS,
    HEIGHT_KNOWN,
    HIT,
    HITS,
    LOOK,
    MISFITS,
    MODELS,
    PEAK,
    SCORE,
    STATUS,
    TENTATIVE,
    TIME,
    Bank,
)
from tocsin.track.classify import turned
from tocsin.track.clutter import detection, expected_looks, looked, raised
from tocsin.track.life import SCORE_MAX, ends_s, learned, supported
from tocsin.track.measure import ACROSS, ALONG, HEIGHT
from tocsin.track.motion import CRUISE, LEFT, RIGHT
from tocsin.track.register import judged, register
from tocsin.track.rows import BEARING, HEADING, KIND, PLOT, PRESENCE, SENSOR
from tocsin.track.rows import SPEED as ROW_SPEED
from tocsin.track.sensed import Sensed
from tocsin.track.sites import RADAR, Sites
from tocsin.track.update import update, velocity_update

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A tentative track this good explains its plots: they are no clutter.
EXPLAINS_SCORE = 5.0
# A sensor that keeps hearing the same thing says little new for this long.
SAME_SOURCE_S = 40.0
SAME_SOURCE_WEIGHT = 0.15


@leaf
def accept(
    bank: Bank, i: int, sites: Sites, sensed: Sensed, rows: Floats, x: Floats, p: Floats, mu: Floats, h: Floats,
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
    if bank.tag[i, STATUS] == CONFIRMED:
        looked(bank, i, sites, sensed, s, seen, when - bank.life[i, TIME])
        if beta[best] > 0.9 and mu[RIGHT] + mu[LEFT] < 0.2:
            if kind == PLOT and sites.kind[s] == RADAR and mu[CRUISE] > 0.5:
                judged(bank, i, sites, sensed, s, zs[best], x[CRUISE], p[CRUISE])
            if settings[7] > 0.5:
                register(bank, i, sites, sensed, row, zs[best], x, p, mu, when)
    gain += update(x, p, mu, h, hp, zs[lo:hi], beta[lo:hi], hi - lo)
    if beta[best] > 0.5 and not math.isnan(row[ROW_SPEED]) and not math.isnan(row[HEADING]):
        velocity_update(x, p, row[ROW_SPEED] * math.sin(row[HEADING]), row[ROW_SPEED] * math.cos(row[HEADING]), 25.0)
    followed(bank, i, sites, sensed, row, zs[best], when, beta[best], x, p, mu, h, hp)
    for m in range(MODELS):
        fill(bank.x[i, m], x[m])
        fill(bank.p[i, m], p[m])
    for k in range(2):
        fill(bank.h[i, k], h[k])
        fill(bank.hp[i, k], hp[k])
    fill(bank.mu[i], mu)
    life = bank.life[i]
    score = life[SCORE] - life[LOOK] * (when - life[TIME])
    if sites.kind[s] == RADAR:
        score += -math.log(1.0 - detection(sites, sensed, s)) * seen
    score += gain * (SAME_SOURCE_WEIGHT if weak and known else 1.0)
    life[SCORE] = min(score, SCORE_MAX)
    life[PEAK] = max(life[PEAK], life[SCORE])
    if seen > 0.5 and math.isnan(zs[best, HEIGHT]):
        raised(h, sites, row)
        bank.h[i, 0, 0] = h[0, 0]
    if math.floor(when / 4.0) != math.floor(life[TIME] / 4.0):
        life[LOOK] = expected_looks(bank, i, sites, sensed, when, x[0, 0], x[0, 1])
    past = when - life[TIME]
    life[TIME] = when
    if seen > 0.5:
        life[HIT] = when
        bank.tag[i, HITS] += 1
        bank.tag[i, MISFITS] = 0
        if not math.isnan(zs[best, HEIGHT]):
            life[HEIGHT_KNOWN] = 1.0
        if bank.tag[i, HITS] > 3:
            turned(bank.said[i], mu, past)
        learned(bank, i, row, beta[best])
    # Two plots where false ones are rare are enough; people and microphones repeat themselves.
    needed = 2 if kind == PLOT else 3
    if bank.tag[i, STATUS] == TENTATIVE and life[SCORE] >= settings[4] and bank.tag[i, HITS] >= needed:
        bank.tag[i, STATUS] = CONFIRMED
    # After two the track goes as soon as its score is spent; a third that fits makes it last. One that fits badly, in
    # the wide gate of a speed nobody knows, must not: that made false tracks that lived for a minute.
    if bank.tag[i, STATUS] == CONFIRMED and bank.tag[i, HITS] >= 3 and settings[4] <= life[SCORE] < settings[5]:
        life[SCORE] = life[PEAK] = max(life[PEAK], settings[5])
    life[ENDS] = ends_s(bank, i, settings)
