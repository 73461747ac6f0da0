"""Which warnings stood where something fell, and which tracks were near: remembered while the service runs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.window import Place, Window
from tocsin.model.effect import Picture
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.score.spread import NEAR_M
from tocsin.service.worker import Decided

# An officer may open an incident at the end of his shift. A day of the largest barrage on record has 10,974 warnings.
WARNINGS_KEPT_S, WARNINGS_MAX = 86_400.0, 50_000
# Of tracks some ten megabytes: three hundred for three hours.
TRACKS_KEPT_S, SAMPLE_S, TRACKS_MAX = 10_800.0, 10.0, 300
# Nobody's watch is better, and a report tells of the moment at which it was written.
MOMENT_S = 30.0
# Within so many standard deviations a point is where it is said to be.
SIGMAS = 2.0
NAMED_MAX = 100


class Links(NamedTuple):
    """Ids of warnings, in order of time, and of tracks, the nearest first."""

    warnings: tuple[str, ...]
    tracks: tuple[str, ...]


class _Stood(NamedTuple):
    id: str
    zone: str
    begin_s: float
    end_s: float


class _Sky(NamedTuple):
    """Tracks of one moment: float64 [N] each in the frame; `slack_m`: how far off each may be, at any near moment."""

    at_s: float
    ids: tuple[str, ...]
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    slack_m: NDArray[np.float64]


class Related:
    """`hear` is called with what every tick brought, `to` from any thread."""

    def __init__(self, index: ZoneIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._stood: deque[_Stood] = deque(maxlen=WARNINGS_MAX)
        self._standing: dict[str, _Stood] = {}
        self._skies: deque[_Sky] = deque()

    def hear(self, decided: Decided) -> None:
        """Remember."""
        with self._lock:
            # What stands is told whole at the start; what is known already changes nothing.
            for effect in (*decided.whole, *decided.effects):
                if isinstance(effect, Warning):
                    self._warned(effect)
                elif isinstance(effect, Picture):
                    self._saw(seconds_of(effect.time), effect.tracks)

    def to(self, place: Place, window: Window) -> Links:
        """What stood and what flew where something fell; nothing where that is longer ago than is remembered."""
        begin_s = seconds_of(window.begin)
        end_s = begin_s if window.end is None else seconds_of(window.end)
        off_m = SIGMAS * place.sigma_m
        zones = {self._index.zones[z].id for z in self._index.within(place.lat, place.lon, off_m).tolist()}
        with self._lock:
            stood = [
                one
                for one in (*self._stood, *self._standing.values())
                if one.zone in zones and one.begin_s <= end_s and one.end_s >= begin_s
            ]
            skies = [one for one in self._skies if begin_s - MOMENT_S <= one.at_s <= end_s + MOMENT_S]
        named = sorted(stood, key=lambda one: (one.begin_s, one.id))[:NAMED_MAX]
        return Links(tuple(one.id for one in named), self._near(place, off_m, skies))

    def _warned(self, warning: Warning) -> None:
        at_s, before = seconds_of(warning.time), self._standing.pop(warning.zone, None)
        if before is not None and before.id != warning.id:
            self._stood.append(before._replace(end_s=min(before.end_s, at_s)))
        if warning.level != "all_clear":
            self._standing[warning.zone] = _Stood(warning.id, warning.zone, at_s, seconds_of(warning.expires))
        while self._stood and self._stood[0].end_s < at_s - WARNINGS_KEPT_S:
            self._stood.popleft()

    def _saw(self, at_s: float, tracks: Iterable[Track]) -> None:
        if self._skies and at_s - self._skies[-1].at_s < SAMPLE_S:
            return
        seen = [one for one in tracks if one.status != "tentative" and one.threat != "civil"][:TRACKS_MAX]
        east, north = self._index.frame.to_local([one.lat for one in seen], [one.lon for one in seen])
        slack = np.array([SIGMAS * one.sigma_m + one.speed_mps * SAMPLE_S for one in seen], float)
        self._skies.append(_Sky(at_s, tuple(one.id for one in seen), east, north, slack))
        while self._skies[0].at_s < at_s - TRACKS_KEPT_S:
            self._skies.popleft()

    def _near(self, place: Place, off_m: float, skies: Iterable[_Sky]) -> tuple[str, ...]:
        east_m, north_m = self._index.frame.to_local(place.lat, place.lon)
        nearest: dict[str, float] = {}
        for sky in skies:
            away = np.hypot(sky.east_m - east_m, sky.north_m - north_m)
            for k in np.flatnonzero(away <= NEAR_M + off_m + sky.slack_m).tolist():
                nearest[sky.ids[k]] = min(nearest.get(sky.ids[k], np.inf), float(away[k]))
        return tuple(sorted(nearest, key=lambda name: (nearest[name], name))[:NAMED_MAX])
