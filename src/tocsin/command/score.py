"""`tocsin score`: a replay against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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

    from tocsin.earth.zone_index import ZoneIndex
    from tocsin.replay.configuration import read_zones
    from tocsin.replay.scoring import details_of, read_run, score_of
    from tocsin.report.scorecard import print_scorecard

    run = read_run(run_dir, truth, ZoneIndex(read_zones(zones)))
    result = score_of(run)
    if report is not None:
        from tocsin.report.run import write_run

        path = write_run(report, result | details_of(run), {zone.id: zone.name_in("en") for zone in run.index.zones})
        typer.echo(f"See {path}", err=True)
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
    else:
        print_scorecard(result)
