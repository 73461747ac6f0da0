"""Tracks as files: the contract's `.csv` and `.parquet`."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np

from tocsin.model.errors import BadSettings
from tocsin.model.threat import THREAT_CLASSES
from tocsin.track.bulk import TrackTable
from tocsin.track.report import STATUSES

# What the figures mean: 1e-6 degree is 0.1 m.
_QUERY = """
SELECT strftime(make_timestamp(time_us), '%Y-%m-%dT%H:%M:%S.%fZ') AS time,
       printf('T%06d', track) AS track_id,
       round(lat, 6) AS lat, round(lon, 6) AS lon, round(altitude_m, 1) AS altitude_m,
       round(speed_mps, 2) AS speed_mps, round(heading_deg, 2) % 360 AS heading_deg, round(sigma_m, 1) AS sigma_m,
       threats[threat + 1] AS threat, round(probability, 3) AS probability,
       statuses[status + 1] AS status, sensors
FROM rows
"""


def write_tracks(table: TrackTable, path: Path) -> None:
    """Write tracks in the contract's columns, by time and then by age of the track.

    Raises BadSettings where the ending is neither .csv nor .parquet or the folder does not exist.
    """
    form = {".csv": "(FORMAT csv, HEADER)", ".parquet": "(FORMAT parquet)"}.get(path.suffix.lower())
    if form is None:
        raise BadSettings(f"tracks cannot be written to {path}; the name must end in .csv or .parquet")
    if not path.absolute().parent.is_dir():
        raise BadSettings(f"the folder {path.absolute().parent} does not exist; make it first")
    columns = {name: getattr(table, name) for name in TrackTable.__slots__ if name != "time_s"}
    columns["time_us"] = np.round(table.time_s * 1e6).astype(np.int64)
    threats = "[" + ", ".join(f"'{name}'" for name in THREAT_CLASSES) + "]"
    statuses = "[" + ", ".join(f"'{name}'" for name in STATUSES) + "]"
    query = _QUERY.replace("threats[", f"{threats}[").replace("statuses[", f"{statuses}[")
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.register("rows", columns)
        connection.execute(f"COPY ({query}) TO '{target}' {form}")
