"""The tracks of a run, as rows that rules and scores work on."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadFile
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]

# Classes that no warning rule, ours or a baseline, acts on.
CIVIL = "civil"
COLUMNS = ("time", "track_id", "lat", "lon", "speed_mps", "heading_deg", "sigma_m", "threat", "status")


@dataclass(frozen=True, slots=True)
class Sightings:
    """Rows of confirmed or coasted tracks that are not civil, sorted by time; columns of length N.

    track      number of the track
    time_s     POSIX seconds
    east_m, north_m   in the frame of the zones
    """

    track: NDArray[np.int64]
    time_s: Floats
    east_m: Floats
    north_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    sigma_m: Floats

    def every(self, step_s: float) -> Sightings:
        """The last row of each track in each step of `step_s` seconds, stamped with the end of the step."""
        step = np.floor(self.time_s / step_s).astype(np.int64)
        order = np.lexsort((self.time_s, self.track, step))
        last = np.append((np.diff(step[order]) != 0) | (np.diff(self.track[order]) != 0), True)
        kept = order[last] if len(order) else order
        columns = {f.name: getattr(self, f.name)[kept] for f in fields(self)}
        columns["time_s"] = (step[kept] + 1) * step_s
        return Sightings(**columns)


def read_sightings(path: Path, index: ZoneIndex) -> Sightings:
    """The rows of a run's `tracks.csv`. Raises BadFile naming the line that is wrong."""
    numbers: dict[str, int] = {}
    rows: list[tuple[float, ...]] = []
    try:
        with path.open(newline="") as lines:
            reader = csv.DictReader(lines)
            missing = sorted(set(COLUMNS) - set(reader.fieldnames or ()))
            if missing:
                raise BadFile(f"{path}:1: no column {missing[0]!r}; a run's tracks.csv has {', '.join(COLUMNS)}")
            for row in reader:
                if row["threat"] == CIVIL or row["status"] == "tentative":
                    continue
                try:
                    rows.append(_numbers(row, numbers.setdefault(row["track_id"], len(numbers))))
                except (ValueError, TypeError) as error:
                    raise BadFile(f"{path}:{reader.line_num}: not a row of a track: {error}") from error
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror}); give the folder a replay wrote") from error
    return sightings_of(np.array(rows, float).reshape(-1, 7), index)


def sightings_of(table: Floats, index: ZoneIndex) -> Sightings:
    """From rows (track, time_s, lat, lon, speed_mps, heading_deg, sigma_m), float64 [N, 7]."""
    table = table[np.argsort(table[:, 1], kind="stable")]
    east, north = index.frame.to_local(table[:, 2], table[:, 3])
    return Sightings(table[:, 0].astype(np.int64), table[:, 1], east, north, table[:, 4], table[:, 5], table[:, 6])


def _numbers(row: dict[str, str], track: int) -> tuple[float, ...]:
    time_s = seconds_of(datetime.fromisoformat(row["time"]))
    return (track, time_s, *(float(row[name]) for name in ("lat", "lon", "speed_mps", "heading_deg", "sigma_m")))
