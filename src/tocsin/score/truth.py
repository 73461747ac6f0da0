"""What really happened: strikes and the paths of the objects, as the contracts' `truth.jsonl` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from tocsin.model.errors import BadFile, BadRecord, BadValue
from tocsin.model.threat import ThreatClass
from tocsin.model.utf8 import as_utf8
from tocsin.model.value import UNREADABLE, Id, Latitude, Longitude, Time, Value, seconds_of


class Strike(Value, tag_field="kind", tag="strike", frozen=True, kw_only=True):
    """Something came down; `zone` is None outside every zone."""

    time: Time
    lat: Latitude
    lon: Longitude
    zone: Id | None = None
    threat: ThreatClass = "unknown"
    object: Id | None = None


class FlownObject(Value, tag_field="kind", tag="object", frozen=True, kw_only=True):
    """One object's path: (time, lat, lon, altitude_m), in order."""

    object: Id
    threat: ThreatClass
    path: Annotated[tuple[tuple[Time, float, float, float], ...], Meta(max_length=1_000_000)]


@dataclass(frozen=True, slots=True)
class Path4:
    """One object's path as columns: time_s (POSIX), lat, lon (degrees), altitude_m; float64 [N]."""

    object: str
    threat: ThreatClass
    time_s: NDArray[np.float64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    altitude_m: NDArray[np.float64]

    def at(self, time_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(lat, lon) at times, on straight lines between its points; NaN before and after."""
        inside = (time_s >= self.time_s[0]) & (time_s <= self.time_s[-1])
        lat = np.where(inside, np.interp(time_s, self.time_s, self.lat), np.nan)
        return lat, np.where(inside, np.interp(time_s, self.time_s, self.lon), np.nan)


@dataclass(frozen=True, slots=True)
class Truth:
    """Strikes in order of time, and every object's path."""

    strikes: tuple[Strike, ...]
    paths: tuple[Path4, ...]


_decoder: msgspec.json.Decoder[Strike | FlownObject] = msgspec.json.Decoder(Strike | FlownObject)


def read_truth(path: Path) -> Truth:
    """The truth of a run. Raises BadFile naming the line that is wrong."""
    try:
        text = as_utf8(path.read_bytes())
    except BadRecord as error:
        raise BadFile(f"{path}: {error}") from error
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror}); give the truth.jsonl of the run") from error
    return truth_of(text.splitlines(), str(path))


def truth_of(lines: Iterable[bytes], name: str) -> Truth:
    """The truth from lines of JSON; `name` says where they come from. Raises BadFile naming the line that is wrong."""
    strikes: list[Strike] = []
    paths: list[Path4] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = _decoder.decode(line)
        except (*UNREADABLE, BadValue) as error:
            raise BadFile(f"{name}:{number}: neither a strike nor an object: {error}") from error
        if isinstance(value, Strike):
            strikes.append(value)
        elif value.path:
            paths.append(path_of(value))
    return Truth(tuple(sorted(strikes, key=lambda s: s.time)), tuple(paths))


def path_of(value: FlownObject) -> Path4:
    """An object's path as columns."""
    rows = np.array([(seconds_of(time), lat, lon, height) for time, lat, lon, height in value.path], float)
    return Path4(value.object, value.threat, *np.ascontiguousarray(rows.T))
