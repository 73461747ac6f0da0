"""Windows of arrival: whether an attack came when it was forecast to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.score.strikes import MATCH_M, Struck
from tocsin.score.truth import Truth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Windows:
    """When tracks were forecast to arrive in zones, as columns of length N.

    at_s           when it was forecast, POSIX seconds
    zone           int64, number of the zone
    threat         str, what the track was called
    seen_s, lat, lon, sigma_m   where the track was, and when
    low_s, high_s  the window stated, POSIX seconds; NaN: none was
    likely_s       POSIX seconds
    """

    at_s: Floats
    zone: NDArray[np.int64]
    threat: NDArray[np.str_]
    seen_s: Floats
    lat: Floats
    lon: Floats
    sigma_m: Floats
    low_s: Floats
    likely_s: Floats
    high_s: Floats

    def taken(self, rows: NDArray[np.intp]) -> Windows:
        """Some of the rows."""
        return Windows(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


class Came(NamedTuple):
    """One window and the attack that it was of, in seconds; None where that end, or the likely time, was not stated.

    threat          what the track was called
    after_low_s     the arrival minus the window's beginning: negative when it came before
    error_s         the arrival minus the likely time
    before_high_s   the window's end minus the arrival: negative when it came after
    """

    threat: str
    after_low_s: float | None
    error_s: float | None
    before_high_s: float | None


def joined(many: Iterable[Windows]) -> Windows:
    """Those of many moments as one."""
    nothing = Windows(
        *(np.empty(0, {"zone": np.int64, "threat": np.str_}.get(f.name, np.float64)) for f in fields(Windows))
    )
    parts = [nothing, *many]
    return Windows(**{f.name: np.concatenate([getattr(one, f.name) for one in parts]) for f in fields(Windows)})


def came(windows: Windows, struck: Struck, truth: Truth, index: ZoneIndex, horizon_s: float) -> list[Came]:
    """The windows of attackers that did strike the zone within the horizon, by strike and time of forecast.

    A row counts where the track followed, when it was forecast, the object that struck the zone afterwards; where it
    followed two of them (wingmen), the first that struck.
    """
    paths = {path.object: path for path in truth.paths}
    left = np.ones(len(windows.at_s), bool)
    found: list[Came] = []
    for strike, zone, time_s in zip(struck.strikes, struck.zone.tolist(), struck.time_s.tolist(), strict=True):
        path = paths.get(strike.object or "")
        if path is None:
            continue
        ahead_s = time_s - windows.at_s
        rows = np.flatnonzero(left & (windows.zone == zone) & (ahead_s > 0) & (ahead_s <= horizon_s))
        one = windows.taken(rows)
        true, said = index.frame.to_local(*path.at(one.seen_s)), index.frame.to_local(one.lat, one.lon)
        off = np.hypot(true[0] - said[0], true[1] - said[1])
        same = off <= MATCH_M + 2 * np.minimum(one.sigma_m, 5_000.0)
        left[rows[same]] = False
        one = one.taken(np.flatnonzero(same))
        found += map(
            Came, one.threat.tolist(), _seconds(time_s - one.low_s), _seconds(time_s - one.likely_s),
            _seconds(one.high_s - time_s),
        )  # fmt: skip
    return found


def figures(rows: Iterable[Came]) -> dict[str, Any]:
    """What `came` gave, of one class over any number of raids, every row counting alike; None where none says.

    rows         how many
    begun        share that came after the window had begun
    error_p10_s, error_p50_s, error_p90_s   of the arrival after the likely time
    coverage     share that came within the window, of those that state both its ends
    """
    rows = list(rows)
    errors = [one.error_s for one in rows if one.error_s is not None]
    stated = [one for one in rows if one.after_low_s is not None and one.before_high_s is not None]
    result: dict[str, Any] = {
        "rows": len(rows),
        "begun": _share([one.after_low_s >= 0 for one in rows if one.after_low_s is not None]),
        "coverage": _share([min(one.after_low_s or 0.0, one.before_high_s or 0.0) >= 0 for one in stated]),
    }
    for rank in (10, 50, 90):
        result[f"error_p{rank}_s"] = round(float(np.percentile(errors, rank)), 1) if errors else None
    return result


def _seconds(column: Floats) -> list[float | None]:
    return [None if np.isnan(value) else round(value, 1) for value in column.tolist()]


def _share(which: Sequence[bool]) -> float | None:
    return round(sum(which) / len(which), 4) if which else None
