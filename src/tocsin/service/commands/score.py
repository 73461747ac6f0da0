"""`tocsin score`: a replay against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def score(
    run_dir: Annotated[Path, typer.Argument(help="The folder a replay wrote: tracks.csv, warnings.jsonl.")],
    truth: Annotated[Path, typer.Option("--truth", help="What happened: truth.jsonl.")],
    zones: Annotated[Path, typer.Option("--zones", help="The zones the replay used: zones.geojson.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for report.html, with charts and every strike.")] = None,
) -> None:
    """Score a replay against what happened, next to two simple rules on the same tracks.

    Example: `tocsin score out --truth raid/truth.jsonl --zones raid/zones.geojson --report out`
    """
    import msgspec

    from tocsin.service.scorecard import print_scorecard

    result = score_run(run_dir, truth, zones)
    if report is not None:
        from tocsin.service.configuration import read_zones
        from tocsin.service.report.run import write_run

        path = write_run(
            report, result | details(run_dir, truth, zones), {zone.id: zone.name_in("en") for zone in read_zones(zones)}
        )
        typer.echo(f"See {path}", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
    else:
        print_scorecard(result)


def score_run(run_dir: Path, truth: Path, zones: Path) -> dict[str, Any]:
    """The score of the run in a folder. Raises BadFile naming what cannot be read."""
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.forecast.settings import ForecastSettings
    from tocsin.ledger.reliability import bins_of, read_forecasts, reliability
    from tocsin.ledger.score import score as score_warnings
    from tocsin.ledger.sightings import read_sightings
    from tocsin.ledger.truth import read_truth
    from tocsin.service.configuration import read_zones

    index, happened = ZoneIndex(read_zones(zones)), read_truth(truth)
    sightings = read_sightings(run_dir / "tracks.csv", index)
    result = score_warnings(_warnings(run_dir / "warnings.jsonl"), sightings, happened, index)
    forecasts = read_forecasts(run_dir / "forecast.csv", index)
    result["reliability"] = reliability(bins_of(forecasts, happened, index, ForecastSettings().horizon_s))
    return result


def details(run_dir: Path, truth: Path, zones: Path) -> dict[str, Any]:
    """What a report shows beyond the score: `rules`, and `false_clears` as (id, number of the strike)."""
    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.ledger.clears import false_all_clears
    from tocsin.ledger.score import score_family
    from tocsin.ledger.sightings import read_sightings
    from tocsin.ledger.strikes import struck_of
    from tocsin.ledger.truth import read_truth
    from tocsin.service.configuration import read_zones

    index = ZoneIndex(read_zones(zones))
    sightings = read_sightings(run_dir / "tracks.csv", index)
    struck = struck_of(read_truth(truth), sightings, index)
    return {
        "rules": score_family(sightings, struck, index),
        "false_clears": false_all_clears(_warnings(run_dir / "warnings.jsonl"), struck, index),
    }


def _warnings(path: Path) -> list[Any]:
    """The warnings a replay wrote. Raises BadFile naming the line that is wrong."""
    from tocsin.model.errors import BadFile, BadRecord
    from tocsin.model.warning import Warning
    from tocsin.model.wire import effect_from_json

    warnings = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror}); give the folder a replay wrote") from error
    for number, line in enumerate(lines, 1):
        try:
            effect = effect_from_json(line)
        except BadRecord as error:
            raise BadFile(f"{path}:{number}: {error}") from error
        if isinstance(effect, Warning):
            warnings.append(effect)
    return warnings
