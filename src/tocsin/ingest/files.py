"""Observations and plots from a file or stdin, whatever its format.

| name | format | file |
|---|---|---|
| `-`, `.jsonl`, `.ndjson` | JSON lines | lines.py |
| `.csv`, `.parquet` | tables of plots | plot_tables.py |
| `.json`, `.rss`, `.atom`, `.xml` | posts of channels: Telegram's export, a feed | text/posts.py |
| `.pcap`, `.pcapng`, `.ast`, `.asterix`, `.raw`, `.gps`, … | ASTERIX recordings, also with `.gz` behind | asterix/ |
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tocsin.ingest.asterix.recording import RECORDINGS, is_recording, read_recording
from tocsin.ingest.lines import read_lines
from tocsin.ingest.plot_tables import has_heading, read_plot_table
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile, BadRecord
from tocsin.model.observation import Observation, Plot
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import seconds_of, time_of

STDIN = "-"
_HEAD_BYTES = 4_096
LINES = frozenset({".jsonl", ".ndjson"})
TABLES = frozenset({".csv", ".parquet"})
FEEDS = frozenset({".rss", ".atom", ".xml"})


def read_observations(
    path: Path | str, sensors: Sequence[Sensor], rejects: Rejects, *, day_s: float = 0.0
) -> Iterator[Observation]:
    """Every observation of a file (or of stdin, `-`) in the order of the file; what is bad goes to `rejects`.

    day_s: midnight of the first report's day, for a recording without capture times.
    Raises BadFile where the file is not there or cannot be used as a whole.
    """
    if str(path) == STDIN:
        with open(sys.stdin.fileno(), "rb", closefd=False) as stream:
            yield from read_lines(stream, "stdin", rejects)
        return
    path = _existing(path)
    if is_table(path):
        yield from plots_of_table(read_plot_table(path, sensors, rejects))
        return
    if is_recording(path):
        yield from read_recording(path, sensors, rejects, day_s=day_s)
        return
    if _holds_posts(path):
        # Imported here: what reads feeds is not needed for anything else.
        from tocsin.ingest.text.posts import reports

        yield from reports(path, rejects)
        return
    if path.suffix.lower() not in LINES and not _begins_with_object(path):
        raise BadFile(f"{path} {_unknown(path)}")
    with path.open("rb") as stream:
        yield from read_lines(stream, str(path), rejects)


def read_plots(path: Path | str, sensors: Sequence[Sensor], rejects: Rejects) -> PlotTable:
    """The plots of a file as columns, in the order of the file; observations of other kinds are passed over.

    `sensors` of the table are the ids of all sensors given; a plot of any other sensor goes to `rejects`.
    Raises BadFile where the file is not there or cannot be used as a whole.
    """
    if str(path) != STDIN and is_table(Path(path)):
        return read_plot_table(_existing(path), sensors, rejects)
    plots = (one for one in read_observations(path, sensors, rejects) if isinstance(one, Plot))
    return table_of_plots(plots, sensors, rejects, str(path))


def is_table(path: Path) -> bool:
    """Whether a file is a table of plots: by its name, else by its heading; and no recording under such a name."""
    if path.suffix.lower() in LINES or is_recording(path):
        return False
    return path.suffix.lower() in TABLES or (path.is_file() and has_heading(path))


def _existing(path: Path | str) -> Path:
    path = Path(path)
    if not path.is_file():
        raise BadFile(f"{path} is not a file; give a recording, a table of plots or a file of observations")
    return path


def _holds_posts(path: Path) -> bool:
    """Whether it is a channel's feed, or an export of Telegram."""
    if path.suffix.lower() != ".json":
        return path.suffix.lower() in FEEDS
    with path.open("rb") as file:
        head = file.read(16 * _HEAD_BYTES)
    return b'"messages"' in head or b'"chats"' in head


def _begins_with_object(path: Path) -> bool:
    """Whether a text begins as JSON lines do, however its file is called."""
    with path.open("rb") as file:
        try:
            return as_utf8(file.read(_HEAD_BYTES)).lstrip(b" \t\r\n\x1e").startswith((b"{", b"[{"))
        except BadRecord:
            return False


def _unknown(path: Path) -> str:
    """Why a file is not read whose ending and beginning say nothing to us."""
    suffix = path.suffix.lower()
    if suffix in (".gz", ".tgz"):
        return "holds no recording of ASTERIX; unpack tables and lines first: gunzip"
    known = ", ".join(sorted(LINES | TABLES | FEEDS | RECORDINGS))
    return f"has the unknown ending {path.suffix!r}, and begins as none of ours; it may be {known}"


def table_of_plots(plots: Iterable[Plot], sensors: Sequence[Sensor], rejects: Rejects, name: str) -> PlotTable:
    """Single plots as columns, in their order; those of sensors not given go to `rejects`."""
    ids = tuple(sensor.id for sensor in sensors)
    index = {sensor: number for number, sensor in enumerate(ids)}
    rows = []
    for plot in plots:
        number = index.get(plot.sensor)
        if number is None:
            reason = f"its sensor {plot.sensor!r} is not in the sensors file"
            rejects.turn_away(reason, f"plot {plot.id} of {plot.sensor}", name)
            continue
        rows.append(
            (
                seconds_of(plot.time),
                number,
                plot.range_m,
                plot.azimuth_deg,
                np.nan if plot.altitude_m is None else plot.altitude_m,
                np.nan if plot.doppler_mps is None else plot.doppler_mps,
                0 if plot.icao24 is None else int(plot.icao24, 16),
                -1 if plot.mode3a is None else int(plot.mode3a, 8),
            )
        )
    columns = np.array(rows, np.float64).reshape(-1, 8).T
    return PlotTable(
        time_s=columns[0].copy(),
        sensor=columns[1].astype(np.int32),
        range_m=columns[2].copy(),
        azimuth_deg=columns[3].copy(),
        altitude_m=columns[4].copy(),
        doppler_mps=columns[5].copy(),
        icao24=columns[6].astype(np.uint32),
        mode3a=columns[7].astype(np.int16),
        sensors=ids,
    )


def plots_of_table(table: PlotTable) -> Iterator[Plot]:
    """The plots of a table one by one. Their ids come from their content, so reading a file twice adds nothing."""
    columns = (
        table.time_s.tolist(),
        table.sensor.tolist(),
        table.range_m.tolist(),
        table.azimuth_deg.tolist(),
        table.altitude_m.tolist(),
        table.doppler_mps.tolist(),
        table.icao24.tolist(),
        table.mode3a.tolist(),
    )
    for time_s, number, range_m, azimuth_deg, altitude_m, doppler_mps, icao24, mode3a in zip(*columns, strict=True):
        time = time_of(time_s)
        sensor = table.sensors[number]
        values = (range_m, azimuth_deg, altitude_m, doppler_mps, icao24, mode3a)
        yield Plot(
            id=f"{sensor}/{round(time_s * 1e6)}/{zlib.crc32(repr(values).encode()):08x}",
            time=time,
            source=sensor,
            sensor=sensor,
            range_m=range_m,
            azimuth_deg=azimuth_deg,
            altitude_m=None if altitude_m != altitude_m else altitude_m,
            doppler_mps=None if doppler_mps != doppler_mps else doppler_mps,
            icao24=f"{icao24:06x}" if icao24 else None,
            mode3a=f"{mode3a:04o}" if mode3a >= 0 else None,
        )
