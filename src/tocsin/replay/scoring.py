"""A run, from the folder a replay wrote or from memory, and all that is scored of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.settings import ForecastSettings
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.warning import Warning
from tocsin.model.wire import effect_from_json
from tocsin.replay.configuration import read_zones
from tocsin.score.clears import false_all_clears
from tocsin.score.reliability import Forecasts, bins_of, read_forecasts, reliability
from tocsin.score.score import end_s, score_family, score_warnings
from tocsin.score.sightings import Sightings, read_sightings
from tocsin.score.strikes import struck_of
from tocsin.score.truth import Truth, read_truth

# A forecast speaks of attacks within this, unless it was told otherwise.
HORIZON_S = ForecastSettings().horizon_s


@dataclass(frozen=True)
class Run:
    """What was tracked, forecast and warned of, and what happened."""

    index: ZoneIndex
    truth: Truth
    sightings: Sightings
    forecasts: Forecasts
    warnings: list[Warning]
    horizon_s: float = HORIZON_S


def read_run(folder: Path, truth: Path, index: ZoneIndex) -> Run:
    """The run that a replay wrote into a folder. Raises BadFile naming what cannot be read, and its line."""
    return Run(
        index=index,
        truth=read_truth(truth),
        sightings=read_sightings(folder / "tracks.csv", index),
        forecasts=read_forecasts(folder / "forecast.csv", index),
        warnings=read_warnings(folder / "warnings.jsonl"),
        horizon_s=_horizon_s(folder / "summary.json"),
    )


def score(run_dir: str | PathLike[str], *, truth: str | PathLike[str], zones: str | PathLike[str]) -> dict[str, Any]:
    """The score of a replay against what happened, as `tocsin score --json` prints it.

    run_dir   the folder a replay wrote
    truth     what happened, truth.jsonl
    zones     the zones that the replay used, GeoJSON

    Raises BadFile naming what cannot be read, and its line.
    """
    return score_of(read_run(Path(run_dir), Path(truth), ZoneIndex(read_zones(Path(zones)))))


def score_of(run: Run) -> dict[str, Any]:
    """The score, and the `reliability` of what was forecast."""
    ends_s = end_s(run.warnings, run.sightings, run.truth)
    bins = bins_of(run.forecasts, run.truth, run.index, run.horizon_s, ends_s)
    return score_warnings(run.warnings, run.sightings, run.truth, run.index) | {"reliability": reliability(bins)}


def details_of(run: Run) -> dict[str, Any]:
    """What a report shows beyond the score: `rules`, and `false_clears` as (id, number of the strike)."""
    struck = struck_of(run.truth, run.sightings, run.index)
    return {
        "rules": score_family(run.sightings, struck, run.index),
        "false_clears": false_all_clears(run.warnings, struck, run.index),
    }


def _horizon_s(path: Path) -> float:
    """How far ahead the run forecast; a live drill writes no summary, and forecasts as far as is usual."""
    if not path.is_file():
        return HORIZON_S
    try:
        return float(json.loads(path.read_bytes()).get("horizon_s", HORIZON_S))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadFile(f"{path}: is not what a replay writes ({error})") from error


def read_warnings(path: Path) -> list[Warning]:
    """The warnings of a file that a replay wrote, in order. Raises BadFile naming the line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror}); give what a replay wrote") from error
    warnings = []
    for number, line in enumerate(lines, 1):
        try:
            effect = effect_from_json(line)
        except BadRecord as error:
            raise BadFile(f"{path}:{number}: {error}") from error
        if isinstance(effect, Warning):
            warnings.append(effect)
    return warnings
