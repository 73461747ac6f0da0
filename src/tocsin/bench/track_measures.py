"""How far tracks are from the truth: GOSPA, errors per class, completeness, switches, initiation, consistency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tocsin.bench.track_scenario import CLASSES, STEP_S, Scenario
from tocsin.model.threat import THREAT_CLASSES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CUTOFF_M = 2_000.0
FROM_S = 20.0
EVERY_S = 1.0
BINS = 10
AIRCRAFT, CIVIL = THREAT_CLASSES.index("aircraft"), THREAT_CLASSES.index("civil")
# What each class of the scenario is.
TRUE_CLASS = np.array([THREAT_CLASSES.index(name) for name in ("civil", "jet", "drone", "cruise_missile")])
# A probability less than this counts as this.
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Estimates:
    """Confirmed tracks at moments, as columns; east, north and speeds in the scenario's frame.

    cov       [K, 10] upper triangle of the covariance, or None where a peer gives none
    classes   [K, C] probabilities of the threat classes, or None
    """

    time_s: Floats
    track: Ints
    state: Floats
    cov: Floats | None = None
    classes: Floats | None = None


class Match(NamedTuple):
    """One moment: the targets there, the estimates lo..hi, and which of them belong together within the cut-off."""

    time_s: float
    truth: Floats
    there: Ints
    lo: int
    hi: int
    who: Ints
    which: Ints
    squared: Floats


def matches(scenario: Scenario, seen: Estimates) -> Iterator[Match]:
    """The best assignment of estimates to targets at every second."""
    ticks = np.arange(EVERY_S, scenario.time_s[-1] + 1e-9, EVERY_S)
    lows = np.searchsorted(seen.time_s, ticks - 1e-6)
    highs = np.searchsorted(seen.time_s, ticks + 1e-6)
    for tick, lo, hi in zip(ticks.tolist(), lows.tolist(), highs.tolist(), strict=True):
        truth = scenario.path[:, round(tick / STEP_S)]
        there = np.flatnonzero(np.isfinite(truth[:, 0]))
        squared = ((truth[there, None, :2] - seen.state[None, lo:hi, :2]) ** 2).sum(axis=2)
        rows, columns = linear_sum_assignment(np.minimum(squared, CUTOFF_M**2))
        close = squared[rows, columns] < CUTOFF_M**2
        rows, columns = rows[close], columns[close]
        yield Match(tick, truth, there, lo, hi, there[rows], lo + columns, squared[rows, columns])


def measures(scenario: Scenario, seen: Estimates) -> dict[str, float]:
    """The figures of one run; GOSPA is root mean square over time with p 2, c 2,000 m, alpha 2 (Rahmathullah 2017)."""
    gospa2, missed, false, counted, switches = [], 0, 0, 0, 0
    squares: list[Floats] = []
    kinds: list[Ints] = []
    off: list[Floats] = []
    rows: list[Ints] = []
    last = np.full(len(scenario.kind), -1)
    first = np.full(len(scenario.kind), np.inf)
    appears = scenario.time_s[np.isfinite(scenario.path[:, :, 0]).argmax(axis=1)]
    for one in matches(scenario, seen):
        first[one.who] = np.minimum(first[one.who], one.time_s)
        if one.time_s >= FROM_S:
            lost, extra = len(one.there) - len(one.who), one.hi - one.lo - len(one.who)
            gospa2.append(one.squared.sum() + CUTOFF_M**2 / 2 * (lost + extra))
            missed, false, counted = missed + lost, false + extra, counted + len(one.there)
            switches += int(((last[one.who] >= 0) & (last[one.who] != seen.track[one.which])).sum())
            squares.append(one.squared)
            kinds.append(scenario.kind[one.who])
            off.append(seen.state[one.which] - one.truth[one.who])
            rows.append(one.which)
        last[one.who] = seen.track[one.which]
    late, turning = first - appears, appears > 0.0
    d2, kind = np.concatenate(squares), np.concatenate(kinds)
    figures = {"gospa_m": float(np.sqrt(np.mean(gospa2))), "rmse_m": float(np.sqrt(np.mean(d2)))}
    figures |= _errors(d2, kind, np.concatenate(off))
    figures |= {
        "complete": 1 - missed / max(counted, 1),
        "spurious": false / max(counted, 1),
        "switches": float(switches),
        # Targets there from the beginning wait for the first scan to end, which says nothing about a tracker.
        "start_s": _median(late[turning & np.isfinite(first)]),
        "start_with_first_s": _median(late[np.isfinite(first)]),
    }
    which, there = np.concatenate(rows), np.concatenate(off)
    if seen.cov is not None:
        airliner = kind == 0
        figures["nees_airliner"] = _nees(there[airliner], seen.cov[which[airliner]])
    if seen.classes is not None:
        called = calibration(seen.classes[which], TRUE_CLASS[kind], np.ones(len(kind)))
        figures |= {"class_right": called.right, "class_ece": called.error, "class_log_loss": called.log_loss}
    return figures


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else np.inf


def _errors(d2: Floats, kind: Ints, off: Floats) -> dict[str, float]:
    """Root mean square errors of position and velocity per class."""
    found = {}
    for k, name in enumerate(CLASSES):
        mine = kind == k
        v2 = off[mine, 2] ** 2 + off[mine, 3] ** 2
        found[f"rmse_{name}_m"] = float(np.sqrt(np.mean(d2[mine]))) if mine.any() else float("nan")
        found[f"rmse_{name}_mps"] = float(np.sqrt(np.mean(v2))) if mine.any() else float("nan")
    return found


def second_plot_s(scenario: Scenario) -> float:
    """Median time from a target's appearance to the end of the second scan that can have seen it.

    Of those that appear while the radars turn, for radars whose plots have their scan's time. Where false plots are as
    many as true ones nobody can be sure of a target sooner; detections missed come on top.
    """
    appears = scenario.time_s[np.isfinite(scenario.path[:, :, 0]).argmax(axis=1)]
    scans_s = np.unique(scenario.plots.time_s)
    after = np.minimum(np.searchsorted(scans_s, appears) + 1, len(scans_s) - 1)
    return _median((scans_s[after] - appears)[appears > 0.0])


def _nees(off: Floats, cov: Floats) -> float:
    """Mean normalised estimation error squared of four-dimensional states [K, 4]; 4 when honest."""
    full = np.zeros((len(off), 4, 4))
    high, low = np.triu_indices(4)
    full[:, high, low] = full[:, low, high] = cov
    return float(np.mean((off * np.linalg.solve(full, off[:, :, None])[:, :, 0]).sum(axis=1)))


class Calibration(NamedTuple):
    """How right class probabilities are.

    right      share of tracks whose likeliest class is the true one
    sure       mean probability of the likeliest class
    error      expected calibration error of the likeliest class over ten bins (Guo et al. 2017)
    log_loss   mean of -ln of the true class's probability, nats
    """

    right: float
    sure: float
    error: float
    log_loss: float


def calibration(classes: Floats, true: Ints, weight: Floats) -> Calibration:
    """Class probabilities [K, C] beside the true classes [K], each row weighing so much.

    Civil aircraft and others are one class here: without a transponder nothing tells them apart.
    """
    one = np.where(true == CIVIL, AIRCRAFT, true)
    shares = classes.copy()
    shares[:, AIRCRAFT] += shares[:, CIVIL]
    shares[:, CIVIL] = 0.0
    weight = weight / weight.sum()
    each = np.arange(len(shares))
    best = shares.argmax(axis=1)
    sure, right = shares[each, best], (best == one).astype(float)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = np.bincount(place, weight * (right - sure), BINS)
    loss = -np.log(np.maximum(shares[each, one], LEAST))
    return Calibration(*(float(value) for value in (weight @ right, weight @ sure, np.abs(gaps).sum(), weight @ loss)))


def together(scenario: Scenario, ours: Estimates, theirs: Estimates) -> tuple[float, float]:
    """(our, their) position RMSE over targets and moments that both follow: nobody gains by losing the hard ones."""
    totals, counted = np.zeros(2), 0
    for mine, other in zip(matches(scenario, ours), matches(scenario, theirs), strict=True):
        if mine.time_s < FROM_S:
            continue
        _, a, b = np.intersect1d(mine.who, other.who, return_indices=True)
        totals += (mine.squared[a].sum(), other.squared[b].sum())
        counted += len(a)
    mean = np.sqrt(totals / max(counted, 1))
    return float(mean[0]), float(mean[1])
