"""`tocsin track`: radar plots in, tracks out; the tracker alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def track(
    plots: Annotated[str, typer.Argument(help="Reports: .csv, .parquet, .jsonl, an ASTERIX recording, - for stdin.")],
    sensors: Annotated[Path, typer.Option(help="The sensors (.json).")],
    out: Annotated[Path, typer.Option(help="Where the tracks go: .csv or .parquet.")],
    every: Annotated[float, typer.Option(min=0.05, help="Seconds between rows of a track.")] = 1.0,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording that holds none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and times as JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw tracks over reports into this .png.")] = None,
    truth: Annotated[Path | None, typer.Option(help="What really flew (truth.jsonl), for --plot.")] = None,
    config: Annotated[Path | None, typer.Option(help="Take [track] from this settings file.")] = None,
) -> None:
    """Track recorded reports, offline and as fast as it can, and say what was learned about the radars.

    Example: `tocsin track plots.csv --sensors sensors.json --out tracks.csv --json`

    Example: `tocsin track radar.pcap --sensors sensors.json --out tracks.csv --plot tracks.png`
    """
    import json

    from tocsin.command import day_of
    from tocsin.ingest.rejects import unused
    from tocsin.replay import track as tracked
    from tocsin.replay.progress import share_shown
    from tocsin.report.radars import lines

    with share_shown("tracking") as progress:
        run = tracked(
            plots, sensors=sensors, out=out, every_s=every, day_s=day_of(date), config=config, progress=progress
        )
    if plot is not None:
        from tocsin.report.track_plot import draw

        draw(plot, run.rows, run.tracks, run.sensors, run.frame, truth)
    if as_json:
        figures = {
            "plots": len(run.rows), "tracks": run.confirmed, "track_s": run.track_s, "read_s": run.read_s,
            "write_s": run.write_s, "sensors": run.radars,
        } | run.records  # fmt: skip
        typer.echo(json.dumps(figures))
        return
    typer.echo(f"{len(run.rows)} plots, {run.confirmed} confirmed tracks in {run.track_s:.2f} s; {out}")
    typer.echo("\n".join(lines(run.radars)))
    if said := unused(run.records):
        typer.echo(said, err=True)
