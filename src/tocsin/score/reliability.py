"""Reliability of forecasts: of the zones given x %, how many were struck within the horizon.

The diagram and the expected calibration error are those of Murphy (1973) and of Naeini, Cooper and Hauskrecht (2015):
sum over bins of (rows in the bin / all rows) * |mean probability - share struck|.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.threat import Expected, ThreatClass
from tocsin.model.value import seconds_of
from tocsin.score.sightings import CIVIL
from tocsin.score.truth import Truth

Floats = NDArray[np.float64]

# Most rows are small probabilities; even bins alone would put nearly all of them into one.
EDGES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# Below this a forecast moves nobody; the error over the rest is stated beside that over all.
SERIOUS = 0.05
# What flew until this shortly before the end of the record had not come down.
IN_THE_AIR_S = 30.0


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What was forecast, as columns of length N: at_s (POSIX), zone (int64, its number), probability."""

    at_s: Floats
    zone: NDArray[np.int64]
    probability: Floats


def forecasts_by_class(moments: Sequence[Expected], index: ZoneIndex) -> dict[ThreatClass, Forecasts]:
    """The same by what the track that endangers the zone most was called: every forecast is of one class."""
    found = sorted({name for one in moments for name in one.classes})
    return {name: forecasts_of([_only(one, name) for one in moments], index) for name in found}


def forecasts_of(moments: Iterable[Expected], index: ZoneIndex) -> Forecasts:
    """From what was expected at each moment; zones that are not in the index are left out."""
    rows = [
        (one.at_s, index.number[zone], p)
        for one in moments
        for zone, p in zip(one.zones, one.probability.tolist(), strict=True)
        if zone in index.number
    ]
    return _forecasts(rows)


def read_forecasts(path: Path, index: ZoneIndex) -> Forecasts:
    """From a run's `forecast.csv`; none where it has none. Raises BadFile naming the line that is wrong."""
    rows: list[tuple[float, int, float]] = []
    if not path.exists():
        return _forecasts(rows)
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            try:
                at_s, probability = seconds_of(datetime.fromisoformat(row["time"])), float(row["probability"])
            except (KeyError, TypeError, ValueError) as error:
                raise BadFile(f"{path}:{reader.line_num}: not a row of a forecast: {error}") from error
            if row["zone"] in index.number:
                rows.append((at_s, index.number[row["zone"]], probability))
    return _forecasts(rows)


def bins_of(
    forecasts: Forecasts, truth: Truth, index: ZoneIndex, horizon_s: float, end_s: float
) -> list[dict[str, float]]:
    """Per bin of EDGES: `from`, `to`, `rows`, `expected` (sum of probabilities) and `struck` (rows that came true).

    end_s   when the record ends; forecasts that reach beyond it count only when nothing hostile was in the air then
    """
    known = forecasts.at_s + horizon_s <= _known_until_s(truth, end_s)
    came = _came_true(forecasts, truth, index, horizon_s)[known]
    probability = forecasts.probability[known]
    number = np.clip(np.searchsorted(EDGES, probability, side="right") - 1, 0, len(EDGES) - 2)
    rows, expected, struck = (
        np.bincount(number, weight, len(EDGES) - 1) for weight in (np.ones(len(number)), probability, came)
    )
    return [
        {"from": EDGES[k], "to": EDGES[k + 1], "rows": int(rows[k]), "expected": float(expected[k]),
         "struck": int(struck[k])}
        for k in range(len(EDGES) - 1)
    ]  # fmt: skip


def pooled(many: Iterable[Sequence[dict[str, float]]]) -> list[dict[str, float]]:
    """The bins of several runs as those of one."""
    return [
        {"from": same[0]["from"], "to": same[0]["to"]}
        | {key: sum(one[key] for one in same) for key in ("rows", "expected", "struck")}
        for same in zip(*many, strict=True)
    ]


def reliability(bins: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Bins with their calibration errors: `ece` over all rows, `ece_serious` over those of at least SERIOUS."""
    serious = [one for one in bins if one["from"] >= SERIOUS]
    return {"ece": _ece(bins), "ece_serious": _ece(serious), "bins": list(bins)}


def _only(one: Expected, threat: ThreatClass) -> Expected:
    kept = [k for k, name in enumerate(one.classes) if name == threat]
    zones = tuple(one.zones[k] for k in kept)
    return Expected(one.at_s, zones, one.probability[kept], one.eta_likely_s[kept], (threat,) * len(kept))


def _ece(bins: Sequence[dict[str, float]]) -> float | None:
    rows = sum(one["rows"] for one in bins)
    return round(sum(abs(one["expected"] - one["struck"]) for one in bins) / rows, 5) if rows else None


def _forecasts(rows: Sequence[tuple[float, int, float]]) -> Forecasts:
    at_s, zone, probability = zip(*rows, strict=True) if rows else ((), (), ())
    return Forecasts(np.array(at_s, float), np.array(zone, np.int64), np.array(probability, float))


def _known_until_s(truth: Truth, end_s: float) -> float:
    """Until when it is known what struck: for ever, where nothing was left in the air when the record ended."""
    down = {strike.object for strike in truth.strikes}
    left = (path for path in truth.paths if path.threat != CIVIL and path.object not in down)
    return end_s if any(path.time_s[-1] > end_s - IN_THE_AIR_S for path in left) else np.inf


def _came_true(forecasts: Forecasts, truth: Truth, index: ZoneIndex, horizon_s: float) -> NDArray[np.bool_]:
    """Which rows' zones were struck within the horizon, bool [N]."""
    came = np.zeros(len(forecasts.at_s), bool)
    for strike in truth.strikes:
        if strike.threat == CIVIL:
            continue
        ahead_s = seconds_of(strike.time) - forecasts.at_s
        _, zones = index.at(strike.lat, strike.lon)
        # Zones may overlap: whatever holds the place was struck.
        here = np.isin(forecasts.zone, [*zones, index.number.get(strike.zone or "", -1)])
        came |= here & (ahead_s > 0) & (ahead_s <= horizon_s)
    return came
