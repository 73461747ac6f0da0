"""How far tracks are from the truth: GOSPA, errors per class, completeness, switches, initiation, consistency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tocsin.service.bench.track_scenario import CLASSES, STEP_S, Scenario

Floats = NDArray[np.float64]

CUTOFF_M = 2_000.0
FROM_S = 20.0


@dataclass(frozen=True, slots=True)
class Estimates:
    """Confirmed tracks at moments, as columns; east, north and speeds in the scenario's frame.

    cov   [K, 10] upper triangle of the covariance, or None where a peer gives none
    """

    time_s: Floats
    track: NDArray[np.int64]
    state: Floats
    cov: Floats | None = None


def measures(scenario: Scenario, seen: Estimates, every_s: float = 2.0) -> dict[str, float]:
    """The figures of one run; GOSPA is root mean square over time with p 2, c 2,000 m, alpha 2 (Rahmathullah 2017)."""
    gospa2, missed, false, counted, switches = [], 0, 0, 0, 0
    errors: list[list[float]] = [[] for _ in CLASSES]
    speeds: list[list[float]] = [[] for _ in CLASSES]
    nees: list[float] = []
    last = np.full(len(scenario.kind), -1)
    first = np.full(len(scenario.kind), np.inf)
    appears = scenario.time_s[np.isfinite(scenario.path[:, :, 0]).argmax(axis=1)]
    ticks = np.arange(every_s, scenario.time_s[-1] + 1e-9, every_s)
    lows = np.searchsorted(seen.time_s, ticks - 1e-6)
    highs = np.searchsorted(seen.time_s, ticks + 1e-6)
    for tick, lo, hi in zip(ticks, lows, highs, strict=True):
        truth = scenario.path[:, round(tick / STEP_S)]
        there = np.flatnonzero(np.isfinite(truth[:, 0]))
        state = seen.state[lo:hi]
        squared = ((truth[there, None, :2] - state[None, :, :2]) ** 2).sum(axis=2)
        rows, columns = linear_sum_assignment(np.minimum(squared, CUTOFF_M**2))
        close = squared[rows, columns] < CUTOFF_M**2
        rows, columns = rows[close], columns[close]
        who, which = there[rows], lo + columns
        first[who] = np.minimum(first[who], tick)
        if tick >= FROM_S:
            lost, extra = len(there) - len(rows), hi - lo - len(rows)
            gospa2.append(squared[rows, columns].sum() + CUTOFF_M**2 / 2 * (lost + extra))
            missed, false, counted = missed + lost, false + extra, counted + len(there)
            switches += int(((last[who] >= 0) & (last[who] != seen.track[which])).sum())
            for target, k, d2 in zip(who, which, squared[rows, columns], strict=True):
                errors[scenario.kind[target]].append(d2)
                off = seen.state[k] - truth[target]
                speeds[scenario.kind[target]].append(off[2] ** 2 + off[3] ** 2)
                if seen.cov is not None and scenario.kind[target] == 0:
                    nees.append(_nees(off, seen.cov[k]))
        last[who] = seen.track[which]
    figures = {"gospa_m": float(np.sqrt(np.mean(gospa2)))}
    figures["rmse_m"] = float(np.sqrt(np.mean(np.concatenate([np.array(e) for e in errors]))))
    for name, e, v in zip(CLASSES, errors, speeds, strict=True):
        figures[f"rmse_{name}_m"] = float(np.sqrt(np.mean(e))) if e else float("nan")
        figures[f"rmse_{name}_mps"] = float(np.sqrt(np.mean(v))) if v else float("nan")
    figures["complete"] = 1 - missed / max(counted, 1)
    figures["spurious"] = false / max(counted, 1)
    figures["switches"] = float(switches)
    late = (first - appears)[np.isfinite(first)]
    figures["start_s"] = float(np.median(late)) if len(late) else np.inf
    figures["nees_airliner"] = float(np.mean(nees)) if nees else float("nan")
    return figures


def _nees(off: Floats, cov: Floats) -> float:
    """Normalised estimation error squared of a four-dimensional state; 4 on average when honest."""
    full = np.zeros((4, 4))
    full[np.triu_indices(4)] = cov
    full = full + np.triu(full, 1).T
    return float(off @ np.linalg.solve(full, off))
