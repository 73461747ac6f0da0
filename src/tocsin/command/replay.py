"""`tocsin replay`: a recording through the whole chain, offline and deterministic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def replay(
    observations: Annotated[str, typer.Argument(help="`.jsonl`, `.csv`, `.parquet`, `.pcap`, `.ast`; `-` is stdin.")],
    sensors: Annotated[Path, typer.Option(help="The sensors file (JSON).")],
    zones: Annotated[Path, typer.Option(help="The zones file (GeoJSON).")],
    out: Annotated[Path, typer.Option(help="Folder for tracks.csv, warnings.jsonl, forecast.csv and summary.json.")],
    policy: Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")] = "default",
    drill: Annotated[bool, typer.Option("--drill", help="Mark every warning as a drill.")] = False,
    sources: Annotated[Path | None, typer.Option(help="TOML with [[source]] tables: who may say what.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    date: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording without one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Take [track] and [forecast] from this settings file.")] = None,
) -> None:
    """Replay a recording offline: tracks, forecasts and warnings as the live service would have made them.

    Example: `tocsin replay observations.jsonl --sensors sensors.json --zones zones.geojson --out run`
    """
    import json
    from functools import partial

    from tocsin.command import day_of
    from tocsin.ingest.rejects import by_reason, unused
    from tocsin.replay import replay as replayed
    from tocsin.replay.progress import progress

    summary = replayed(
        observations,
        sensors=sensors,
        zones=zones,
        out=out,
        policy=policy,
        drill=drill,
        sources=sources,
        day_s=day_of(date),
        config=config,
        progress=partial(progress, text="replaying"),
    )
    if as_json:
        typer.echo(json.dumps(summary))
        return
    warnings = ", ".join(f"{count} {level}" for level, count in summary["warnings"].items()) or "no warnings"
    typer.echo(
        f"{sum(summary['observations'].values())} observations over {summary['world_s']:.0f} s in "
        f"{summary['spent_s']:.1f} s ({summary['times_real_time']:g} × real time): {summary['tracks']} tracks, "
        f"{warnings}; see {out}"
    )
    if summary["refused"]:
        typer.echo(f"not used, or not wholly: {by_reason(summary['refused'])}", err=True)
    if said := unused(summary["rejected"], summary["passed_over"], out / "rejects.jsonl"):
        typer.echo(said, err=True)
