"""What comes of spotters' reports: for those who sent them, and for the operators, how far a post can be relied on.

A sender learns nothing that the public page does not show him: whether people are warned where he saw it. Who else
saw it, a person or a sensor, only moves figures that operators see.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.lines import asked_by
from tocsin.forecast.heard import PAIR_S, Columns, Heard, Said, endangers, heard_of
from tocsin.model.access import Access
from tocsin.model.effect import Picture
from tocsin.model.event import Event
from tocsin.model.observation import ChannelReport, Impact, Launch, Position, Sighting
from tocsin.model.threat import alike
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.model.warning import ZoneState
from tocsin.service.spotters.settings import SOURCE
from tocsin.service.spotters.store import Fate, Worth
from tocsin.service.worker import Decided

# By then whoever else was to see it has, and said so.
OVER_S = 600.0
# Tracks are looked at this often, and compared with reports of nearly that moment.
SAMPLE_S, SAMPLES_MAX = 10.0, 70
SAME_MOMENT_S = 45.0
# Fates are looked at this often, and whenever a zone changes.
SETTLE_S = 1.0
# Of the newest reports of everybody, and of ours that are not over: a flood costs no more.
RECENT_MAX, OPEN_MAX, NEW_MAX = 500, 2_000, 100


class Settling(Protocol):
    """Where fates are written."""

    def settle(self, name: str, fate: Fate, worth: Worth | None = None) -> None:
        """Write one down."""

    def lapse(self, name: str, fate: Fate) -> None:
        """Write down that one is over, and not what it was worth."""


@dataclass(slots=True)
class _Open:
    """One of our reports, not over yet."""

    name: str
    heard: Heard
    zones: frozenset[str]
    fate: Fate = "kept"
    echoed: bool = False
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class _Sky:
    """Where tracks were at one moment, in the frame; float64 [N] each."""

    at_s: float
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    slack_m: NDArray[np.float64]
    threat: tuple[str, ...]


class Fates:
    """Hears all that is decided, in a thread of its own."""

    def __init__(self, index: ZoneIndex, access: Access, store: Settling) -> None:
        self._index, self._access, self._store = index, access, store
        self._recent: deque[tuple[Heard, str | None]] = deque(maxlen=RECENT_MAX)
        self._open: dict[str, _Open] = {}
        self._levels: dict[str, ZoneState] = {}
        self._skies: deque[_Sky] = deque(maxlen=SAMPLES_MAX)
        self._numbers: dict[str, int] = {}
        self._settled_s = -math.inf

    def recall(self, events: Iterable[Event], unsettled: Mapping[str, Fate]) -> None:
        """Hear again what was said before this start, so that what is not over yet is counted when it is.

        events      the journal's last, in its order
        unsettled   our reports that nobody has counted, and what came of them so far

        What sensors saw then is not known any more: a report that they alone bore out counts as unanswered.
        """
        told = (one for event in events for one in self._said(event))
        said = [(one, ours if ours in unsettled else None) for one, ours in told]
        for first in range(0, len(said), NEW_MAX):
            self._compare(said[first : first + NEW_MAX])
        for name, one in self._open.items():
            one.fate = unsettled[name]
        for name in unsettled.keys() - self._open.keys():
            # The journal's end does not hold it.
            self._store.lapse(name, "cover" if unsettled[name] == "cover" else "quiet")

    def hear(self, decided: Decided) -> None:
        """Take in what one tick brought."""
        self._compare([one for step in decided.steps for one in self._said(step.event)][:NEW_MAX])
        for effect in (*decided.effects, *decided.whole):
            if isinstance(effect, Picture):
                self._levels |= {state.zone: state for state in effect.zones}
                now_s = seconds_of(effect.time)
                if not self._skies or now_s - self._skies[-1].at_s >= SAMPLE_S:
                    self._skies.append(self._sky(now_s, effect.tracks))
                    for one in self._open.values():
                        _look(one, self._skies[-1])
                if effect.zones or now_s - self._settled_s >= SETTLE_S:
                    self._settled_s = now_s
                    self._settle(now_s)

    def _said(self, event: Event) -> list[tuple[Said, str | None]]:
        """What an event tells of that may endanger somebody, and under which id of ours."""
        if isinstance(event, ChannelReport):
            voice = self._access.word(event).voice
            asked = (one for one in asked_by(event) if not one.line.vague)
            return [(Said(0, 0, voice, seconds_of(one.time), False, one, line), None) for one, line in asked]
        if not isinstance(event, (Sighting, Position, Launch, Impact)) or not endangers(event):
            return []
        ours = event.id if event.via == SOURCE else None
        return [(Said(0, 0, self._access.word(event).voice, seconds_of(event.time), False, event), ours)]

    def _compare(self, said: list[tuple[Said, str | None]]) -> None:
        """Which new reports fit which of other voices: as the engine asks it before it sends people into cover."""
        if not said:
            return
        heard = heard_of([one for one, _ in said], self._index.frame)
        new = [(one, ours) for one, (_, ours) in zip(heard, said, strict=True)]
        for one, ours in new:
            if ours is not None and len(self._open) < OPEN_MAX:
                self._open[ours] = found = _Open(ours, one, self._zones(one))
                for sky in self._skies:
                    _look(found, sky)
        both = [*self._recent, *new]
        if len(self._numbers) > 10 * RECENT_MAX:
            self._numbers.clear()
        numbers = [self._numbers.setdefault(one.voice, len(self._numbers)) for one, _ in both]
        columns = Columns.of([one for one, _ in both], numbers)
        for row in range(len(self._recent), len(both)):
            for other in columns.fitting(row).tolist():
                for name in (both[row][1], both[other][1]):
                    if name in self._open:
                        self._open[name].echoed = True
        self._recent.extend(new)

    def _zones(self, heard: Heard) -> frozenset[str]:
        """Where it was and where whoever tells of it stood."""
        lat, lon = self._index.frame.to_geodetic([heard.east_m, heard.post_east_m], [heard.north_m, heard.post_north_m])
        _, numbers = self._index.at(lat, lon)
        return frozenset(self._index.zones[number].id for number in numbers.tolist())

    def _sky(self, now_s: float, tracks: tuple[Track, ...]) -> _Sky:
        """What sensors see; tracks that only channels tell of are no sensor's."""
        seen = [one for one in tracks if one.sensors > 0 and one.status != "tentative"]
        east, north = self._index.frame.to_local([one.lat for one in seen], [one.lon for one in seen])
        slack = np.array([2.0 * one.sigma_m + one.speed_mps * SAMPLE_S for one in seen], float)
        return _Sky(now_s, east, north, slack, tuple(one.threat for one in seen))

    def _settle(self, now_s: float) -> None:
        for one in list(self._open.values()):
            over = now_s - one.heard.at_s > OVER_S
            fate = self._fate(one, over=over)
            if over:
                self._store.settle(one.name, fate, _worth(one))
                del self._open[one.name]
            elif fate != one.fate:
                one.fate = fate
                self._store.settle(one.name, fate)

    def _fate(self, one: _Open, *, over: bool) -> Fate:
        """What a sender may know: how people stand there, as everybody can see, at its gravest since his report."""
        levels = {self._levels[zone].level for zone in one.zones if zone in self._levels}
        if "take_cover" in levels or one.fate == "cover":
            return "cover"
        if over:
            return "quiet"
        return "watched" if "prepare" in levels or one.fate == "watched" else "kept"


def _look(one: _Open, sky: _Sky) -> None:
    """Compare a report with what sensors saw at its moment."""
    heard = one.heard
    if one.echoed or abs(sky.at_s - heard.at_s) > SAME_MOMENT_S:
        return
    away = np.hypot(sky.east_m - heard.east_m, sky.north_m - heard.north_m)
    for k in np.flatnonzero(away <= heard.sigma_m + sky.slack_m).tolist():
        if sky.threat[k] == "civil":
            one.harmless = True
        elif heard.fell or alike(sky.threat[k], heard.threat):
            one.echoed = True


def _worth(one: _Open) -> Worth:
    if one.echoed:
        return "borne_out"
    return "contradicted" if one.harmless else "unanswered"


assert PAIR_S < OVER_S, "a report is over before another can bear it out"
