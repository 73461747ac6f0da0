"""Flights that real aircraft flew, read in place from a folder of recordings and cleaned; none is part of Tocsin."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d, median_filter

from tocsin.earth.frames import Floats, frame_around
from tocsin.model.errors import BadFile, Missing

FOLDER = Path("tracks") / "adsb" / "traffic"
# Fire-fighters, rescue helicopters, gliders, tankers, carriers, border patrol, surveys, shows, faulty receivers.
KINDS_OF_FLYING = (
    "ambulances", "featured", "firefighting", "gliders", "military", "noisy", "surveillance", "surveys",
)  # fmt: skip
FOOT_M = 0.3048
# Between two samples farther apart than this nobody knows where it was; a shorter piece is too short to fly.
GAP_S = 45.0
PIECE_S = 420.0
# Resampled this often; errors of position and time stamps are smoothed over three samples.
EVERY_S = 4.0
SMOOTH = 1.5
# A sample that is faster than this many times the piece's usual speed is a fault of the recording.
OUTLIER = 1.5
# What never flies faster than this is on the ground.
MOVES_MPS = 8.0


@dataclass(frozen=True)
class Recording:
    """A cleaned piece of one flight, every `EVERY_S`: points_m [N, 2] about its beginning, altitude_m [N]."""

    name: str
    points_m: Floats
    altitude_m: Floats

    @property
    def lasts_s(self) -> float:
        """How long it lasts."""
        return EVERY_S * (len(self.points_m) - 1)

    @cached_property
    def curve(self) -> CubicSpline:
        """Its place [..., 2] at seconds [...] from its beginning."""
        return CubicSpline(EVERY_S * np.arange(len(self.points_m)), self.points_m)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """(greatest speed, m/s; greatest sideways acceleration, m/s2)."""
        at_s = np.arange(0.0, self.lasts_s, 1.0)
        velocity, change = self.curve(at_s, 1), self.curve(at_s, 2)
        speed = np.hypot(*velocity.T)
        sideways = np.abs(velocity[:, 0] * change[:, 1] - velocity[:, 1] * change[:, 0]) / np.maximum(speed, 1.0)
        return float(speed.max()), float(sideways.max())


def recordings() -> tuple[tuple[Recording, ...], ...]:
    """The pieces of each file that has any. Raises Missing where there is no file, BadFile where one cannot be read."""
    return _read(str(Path(os.environ.get("TOCSIN_DATA", "../shared/data")) / FOLDER))


@cache
def _read(folder: str) -> tuple[tuple[Recording, ...], ...]:
    paths = [path for kind in KINDS_OF_FLYING for path in sorted((Path(folder) / kind).glob("*.json.gz"))]
    if not paths:
        raise Missing(
            f"the law 'recorded' flies recorded flights, and {folder} holds none; set TOCSIN_DATA to the folder of "
            "recordings, or leave the law out"
        )
    return tuple(pieces for pieces in map(_pieces, paths) if pieces)


def _pieces(path: Path) -> tuple[Recording, ...]:
    try:
        table = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise BadFile(f"{path} cannot be read as recorded flights: {error}; fetch it again or remove it") from error
    if isinstance(table, dict):
        table = [
            dict(zip(table, row, strict=True))
            for row in zip(*(column.values() for column in table.values()), strict=True)
        ]
    flights: dict[str, list[Any]] = {}
    for row in table:
        if None not in (row.get("timestamp"), row.get("latitude"), row.get("longitude")):
            flights.setdefault(f"{row.get('icao24')} {row.get('callsign')}", []).append(row)
    stem = path.name.removesuffix(".json.gz")
    found = []
    for name, rows in sorted(flights.items()):
        for number, columns in enumerate(_cut(rows)):
            found.append(Recording(f"{stem} {name} {number}", *columns))
    return tuple(found)


def _cut(rows: list[Any]) -> list[tuple[Floats, Floats]]:
    """(points_m, altitude_m) of the pieces of one flight that are long enough."""
    columns = np.array(
        [(row["timestamp"] / 1_000, row["latitude"], row["longitude"], row.get("altitude") or np.nan) for row in rows],
        float,
    )
    columns = columns[np.argsort(columns[:, 0], kind="stable")]
    columns = columns[np.unique(columns[:, 0], return_index=True)[1]]
    frame = frame_around(columns[:1, 1], columns[:1, 2])
    time_s, points = columns[:, 0], np.stack(frame.to_local(columns[:, 1], columns[:, 2]), axis=-1)
    keep = np.hypot(*(points - median_filter(points, (5, 1))).T) < 2_000.0
    time_s, points, feet = time_s[keep], points[keep], columns[keep, 3]
    breaks = np.flatnonzero(np.diff(time_s) > GAP_S) + 1
    pieces = []
    for piece in np.split(np.arange(len(time_s)), breaks):
        if len(piece) >= 8 and time_s[piece[-1]] - time_s[piece[0]] >= PIECE_S:
            pieces += _cleaned(time_s[piece], points[piece], feet[piece])
    return pieces


def _cleaned(time_s: Floats, points_m: Floats, feet: Floats) -> list[tuple[Floats, Floats]]:
    """The longest stretch of a piece that moves and jumps nowhere, resampled and smoothed; none where there is none."""
    grid = np.arange(time_s[0], time_s[-1], EVERY_S)
    points = np.stack([np.interp(grid, time_s, column) for column in points_m.T], axis=-1)
    points = gaussian_filter1d(points, SMOOTH, axis=0)
    known = np.isfinite(feet)
    altitude = np.interp(grid, time_s[known], feet[known]) * FOOT_M if known.any() else np.zeros(len(grid))
    speed = np.hypot(*np.diff(points, axis=0).T) / EVERY_S
    usual = float(np.median(speed))
    moves = np.flatnonzero((speed < max(MOVES_MPS, 0.3 * usual)) | (speed > OUTLIER * usual))
    runs = np.split(np.arange(len(speed)), moves)
    longest = max(runs, key=len)[1:]
    if usual < MOVES_MPS or len(longest) * EVERY_S < PIECE_S:
        return []
    return [(points[longest] - points[longest[0]], gaussian_filter1d(altitude[longest], 3.0))]
