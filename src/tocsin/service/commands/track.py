"""`tocsin track`: radar plots in, tracks out; the tracker alone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.model.plots import PlotTable
    from tocsin.model.sensor import Sensor
    from tocsin.track.table import TrackTable


def track(
    plots: Annotated[str, typer.Argument(help="Plots: .csv, .parquet, .jsonl, an ASTERIX recording, or - for stdin.")],
    sensors: Annotated[Path, typer.Option(help="The sensors (.json).")],
    out: Annotated[Path, typer.Option(help="Where the tracks go: .csv or .parquet.")],
    every: Annotated[float | None, typer.Option(min=0.05, help="Seconds between rows of a track; default 1.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts and times as JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw tracks over plots into this .png.")] = None,
) -> None:
    """Track radar plots, offline and as fast as it can.

    Example: `tocsin track plots.csv --sensors sensors.json --out tracks.csv --json`
    """
    from tocsin.ingest.files import read_plots
    from tocsin.ingest.rejects import Rejects
    from tocsin.model.errors import BadFile
    from tocsin.model.wire import sensors_from_json
    from tocsin.service.track_files import write_tracks
    from tocsin.track.table import track_plots
    from tocsin.track.warm import warm

    if not sensors.is_file():
        raise BadFile(f"{sensors} is not a file; give the sensors as a JSON list")
    known = sensors_from_json(sensors.read_bytes())
    rejects = Rejects(None)
    start = time.perf_counter()
    table = read_plots(plots, known, rejects)
    read_s = time.perf_counter() - start
    warm()
    with _bar(len(table)) as advance:
        start = time.perf_counter()
        tracks = track_plots(table, known, every_s=every, progress=advance)
        track_s = time.perf_counter() - start
    start = time.perf_counter()
    write_tracks(tracks, out)
    write_s = time.perf_counter() - start
    number = len(set(tracks.track[tracks.status > 0].tolist()))
    if plot is not None:
        _draw(plot, table, tracks, known)
    if as_json:
        figures = {"plots": len(table), "tracks": number, "track_s": track_s, "read_s": read_s, "write_s": write_s}
        typer.echo(json.dumps(figures))
    else:
        typer.echo(f"{len(table)} plots, {number} confirmed tracks in {track_s:.2f} s; {out}")


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


def _draw(path: Path, plots: PlotTable, tracks: TrackTable, sensors: tuple[Sensor, ...]) -> None:
    """Confirmed tracks over the plots they were made of, kilometres about the sensors."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    from tocsin.earth.frames import LocalFrame
    from tocsin.model.threat import THREAT_CLASSES
    from tocsin.track.table import frame_of

    frame = frame_of(sensors)
    figure, axes = plt.subplots(figsize=(10, 10), layout="constrained")
    place = {sensor.id: sensor for sensor in sensors}
    for number, name in enumerate(plots.sensors):
        mine = plots.sensor == number
        azimuth, range_m = np.radians(plots.azimuth_deg[mine]), plots.range_m[mine]
        own = LocalFrame(place[name].lat, place[name].lon)
        east, north = frame.to_local(*own.to_geodetic(range_m * np.sin(azimuth), range_m * np.cos(azimuth)))
        axes.plot(east / 1e3, north / 1e3, ",", color="0.7", zorder=1)
    east, north = frame.to_local(tracks.lat, tracks.lon)
    shown = tracks.status > 0
    for number in np.unique(tracks.track[shown]).tolist():
        mine = shown & (tracks.track == number)
        last = int(np.flatnonzero(mine)[-1])
        axes.plot(east[mine] / 1e3, north[mine] / 1e3, "-", lw=1, color=f"C{int(tracks.threat[last])}", zorder=2)
    for number in np.unique(tracks.threat[shown]).tolist():
        axes.plot([], [], "-", color=f"C{number}", label=THREAT_CLASSES[number])
    axes.set(xlabel="east, km", ylabel="north, km", aspect="equal", title=f"{len(plots)} plots")
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=120)
    plt.close(figure)
