"""`tocsin track`: radar plots in, tracks out; the tracker alone."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def track(
    plots: Annotated[str, typer.Argument(help="Reports: .csv, .parquet, .jsonl, an ASTERIX recording, - for stdin.")],
    sensors: Annotated[Path, typer.Option(help="The sensors (.json).")],
    out: Annotated[Path, typer.Option(help="Where the tracks go: .csv or .parquet.")],
    every: Annotated[float | None, typer.Option(min=0.05, help="Seconds between rows of a track; default 1.")] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of a recording that holds none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and times as JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw tracks over reports into this .png.")] = None,
    truth: Annotated[Path | None, typer.Option(help="What really flew (truth.jsonl), for --plot.")] = None,
) -> None:
    """Track recorded reports, offline and as fast as it can, and say what was learned about the radars.

    Example: `tocsin track plots.csv --sensors sensors.json --out tracks.csv --json`

    Example: `tocsin track radar.pcap --sensors sensors.json --out tracks.csv --plot tracks.png`
    """
    from tocsin.command import day_of
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadFile
    from tocsin.model.wire import sensors_from_json
    from tocsin.replay.track_files import write_tracks
    from tocsin.replay.track_input import read_rows
    from tocsin.report.radars import lines, radars
    from tocsin.track.bulk import EVERY_S, frame_of, glanced, table_of
    from tocsin.track.report import pictures
    from tocsin.track.sensors.learned import unlearned
    from tocsin.track.sensors.sites import sites_of
    from tocsin.track.settings import TrackSettings
    from tocsin.track.warm import warm

    if not sensors.is_file():
        raise BadFile(f"{sensors} is not a file; give the sensors as a JSON list")
    known = sensors_from_json(sensors.read_bytes())
    frame = frame_of(known)
    rejects = Rejects(None)
    start = time.perf_counter()
    read = read_rows(plots, known, frame, rejects, day_s=day_of(date))
    read_s = time.perf_counter() - start
    warm()
    with _bar(len(read.rows)) as advance:
        start = time.perf_counter()
        sites = sites_of(known, frame, read.strangers)
        sensed = unlearned(sites)
        tracks = table_of(
            pictures(glanced(read.rows, sites, sensed, every or EVERY_S, TrackSettings(), advance), frame)
        )
        track_s = time.perf_counter() - start
    start = time.perf_counter()
    write_tracks(tracks, out)
    write_s = time.perf_counter() - start
    number = len(set(tracks.track[tracks.status > 0].tolist()))
    if plot is not None:
        from tocsin.report.track_plot import draw

        draw(plot, read.rows, tracks, known, frame, truth)
    learned = radars(known, read.rows, sensed, sites, read.delay_s)
    if as_json:
        figures = {"plots": len(read.rows), "tracks": number, "track_s": track_s, "read_s": read_s, "write_s": write_s}
        unused = {"rejected": rejects.counts, "passed_over": rejects.passed_over}
        typer.echo(json.dumps(figures | unused | {"sensors": learned}))
        return
    typer.echo(f"{len(read.rows)} plots, {number} confirmed tracks in {track_s:.2f} s; {out}")
    typer.echo("\n".join(lines(learned)))
    if said := rejects.summary():
        typer.echo(said, err=True)


class _bar:  # noqa: N801 - reads as a function
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, plots: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self._progress = Progress(console=console, disable=not console.is_terminal, transient=True)
        self._task = self._progress.add_task(f"tracking {plots} plots", total=1.0)

    def __enter__(self) -> _bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, share: float) -> None:
        self._progress.update(self._task, completed=share)
