"""A track takes its share of a batch: state, score, identity, status."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import inlined
from tocsin.track.arc.frame import ARC_BEGINS, followed
from tocsin.track.associate.candidates import Carried, Pairs, state_of
from tocsin.track.associate.gate import Look
from tocsin.track.bank import (
    AGILE,
    CONFIRMED,
    ENDS,
    FALL,
    HEIGHT_KNOWN,
    HITS,
    LOOK,
    PEAK,
    SCORE,
    STATUS,
    TENTATIVE,
    TIME,
    Bank,
)
from tocsin.track.birth_and_death import SCORE_MAX, ends_s, learned, spoken, stored, supported
from tocsin.track.classify import turned
from tocsin.track.likelihood import densities
from tocsin.track.motion import ARC, CRUISE, LEFT, RIGHT
from tocsin.track.report_rows import BEARING, HEADING, KIND, PLOT, PRESENCE, SENSOR
from tocsin.track.report_rows import SPEED as ROW_SPEED
from tocsin.track.sensors.clutter import detection, expected_looks, looked, raised
from tocsin.track.sensors.learned import Sensed
from tocsin.track.sensors.measure import ACROSS, ALONG, HEIGHT
from tocsin.track.sensors.registration import judged, register
from tocsin.track.sensors.sites import RADAR, Sites
from tocsin.track.settings import KernelSettings
from tocsin.track.sky import Sky
from tocsin.track.state import EAST, NORTH, Report
from tocsin.track.update import update, velocity_update

Floats = NDArray[np.float64]

# A tentative track this good explains its plots: they are no clutter.
EXPLAINS_SCORE = 5.0
# A sensor that keeps hearing the same thing says little new for this long.
SAME_SOURCE_S = 40.0
SAME_SOURCE_WEIGHT = 0.15
# How often it is worked out anew which radars look at a track.
LOOK_S = 4.0


@inlined
def accept(sky: Sky, look: Look, to: Carried, c: int, pairs: Pairs) -> None:
    """Update carried track c by its share of a look: its pairs, each its own with probability beta."""
    bank, sites, sensed, beta, free, clear = sky.bank, sky.sites, sky.sensed, pairs.beta, look.free, look.clear
    i, when, lo, hi = to.who[c], to.when[c], pairs.first[c], pairs.first[c + 1]
    state = state_of(to, c)
    x, p, mu = state.x, state.p, state.mu
    seen, best, gain = 0.0, lo, 0.0
    for k in range(lo, hi):
        seen += beta[k]
        free[pairs.row[k]] = max(free[pairs.row[k]] - beta[k], 0.0)
        gain += beta[k] * pairs.log[k]
        if beta[k] > beta[best]:
            best = k
        if bank.tag[i, STATUS] == CONFIRMED or bank.life[i, SCORE] > EXPLAINS_SCORE:
            clear[pairs.row[k]] = max(clear[pairs.row[k]] - beta[k], 0.0)
    if seen < 0.01:
        return
    row, z, surely = look.rows[pairs.row[best]], pairs.z[best], beta[best]
    report = Report(row, z, when, surely)
    known = supported(bank, i, int(row[SENSOR])) if seen > 0.5 else True
    heard = row[KIND] == BEARING or row[KIND] == PRESENCE
    if heard:
        for k in range(lo, hi):
            weakened(row, sites, pairs.z[k])
            densities(state, pairs.z[k], pairs.each[k])
    if bank.tag[i, STATUS] == CONFIRMED:
        looked(bank, i, sites, sensed, int(row[SENSOR]), seen, when - bank.life[i, TIME])
        if surely > 0.9 and mu[RIGHT] + mu[LEFT] < 0.2:
            if row[KIND] == PLOT and mu[CRUISE] > 0.5:
                judged(bank, i, sites, sensed, report, x[CRUISE], p[CRUISE])
            if sky.settings.registration:
                register(bank, i, sites, sensed, report, state, sky.pad)
    gain += update(state, pairs.z[lo:hi], pairs.each[lo:hi], beta[lo:hi], to.w)
    if surely > 0.5 and not math.isnan(row[ROW_SPEED]) and not math.isnan(row[HEADING]):
        velocity_update(x, p, row[ROW_SPEED] * math.sin(row[HEADING]), row[ROW_SPEED] * math.cos(row[HEADING]), 25.0)
    if bank.tag[i, FALL] > 0 or mu[ARC] > ARC_BEGINS:
        followed(bank, i, sites, sensed, report, state, sky.room)
    if seen > 0.5 and math.isnan(z[HEIGHT]):
        raised(state.h, sites, row)
    stored(bank, i, x, p, mu, state.h, state.hp)
    scored(bank, i, sites, sensed, report, seen, gain * (SAME_SOURCE_WEIGHT if heard and known else 1.0))
    if seen > 0.5:
        hit(bank, i, report)
    bank.life[i, TIME] = when
    promoted(bank, i, row[KIND] == PLOT, sky.settings)


@inlined
def weakened(row: Floats, sites: Sites, z: Floats) -> None:
    """Take from a measurement by ear what is no news: the distance of a bearing, and what its source said before."""
    if row[KIND] == BEARING:
        z[ALONG] *= 100.0
    else:
        again = max(1.0, SAME_SOURCE_S / sites.scan[int(row[SENSOR])])
        z[ALONG] *= again
        z[ACROSS] *= again


@inlined
def scored(bank: Bank, i: int, sites: Sites, sensed: Sensed, report: Report, seen: float, gain: float) -> None:
    """The score after a report: the looks since the last one cost, the report gains."""
    life, s, when = bank.life[i], int(report.row[SENSOR]), report.when
    score = life[SCORE] - life[LOOK] * (when - life[TIME]) + gain
    if sites.kind[s] == RADAR:
        # Its own look was no miss.
        score += -math.log(1.0 - detection(sites, sensed, s)) * seen
    life[SCORE] = min(score, SCORE_MAX)
    life[PEAK] = max(life[PEAK], life[SCORE])
    if math.floor(when / LOOK_S) != math.floor(life[TIME] / LOOK_S):
        east, north = bank.x[i, CRUISE, EAST], bank.x[i, CRUISE, NORTH]
        life[LOOK] = expected_looks(bank, i, sites, sensed, when, east, north, s)


@inlined
def hit(bank: Bank, i: int, report: Report) -> None:
    """Note what a report that is the track's own says of it."""
    spoken(bank, i, int(report.row[SENSOR]), report.when)
    bank.tag[i, HITS] += 1
    if not math.isnan(report.z[HEIGHT]):
        bank.life[i, HEIGHT_KNOWN] = 1.0
    if bank.tag[i, HITS] > 3:
        bank.life[i, AGILE] = turned(bank.life[i, AGILE], bank.mu[i], report.when - bank.life[i, TIME])
    learned(bank, i, report.row, report.surely)


@inlined
def promoted(bank: Bank, i: int, plot: bool, settings: KernelSettings) -> None:
    """Confirm a track that has earned it, and say how long it lasts unseen."""
    life, tag = bank.life[i], bank.tag[i]
    # Two plots where false ones are rare are enough; people and microphones repeat themselves.
    needed = 2 if plot else 3
    if tag[STATUS] == TENTATIVE and life[SCORE] >= settings.confirm_score and tag[HITS] >= needed:
        tag[STATUS] = CONFIRMED
    # After two the track goes as soon as its score is spent; a third that fits makes it last. One that fits badly, in
    # the wide gate of a speed nobody knows, must not: that made false tracks that lived for a minute.
    lasts = settings.drop_score
    if tag[STATUS] == CONFIRMED and tag[HITS] >= 3 and settings.confirm_score <= life[SCORE] < lasts:
        life[SCORE] = life[PEAK] = max(life[PEAK], lasts)
    life[ENDS] = ends_s(bank, i, settings)
