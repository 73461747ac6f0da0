"""Draws the operators' picture from a look at the engine and one around it, and says what changed since the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of
from tocsin.service.console.around import Around
from tocsin.service.console.glance import Glance
from tocsin.service.console.leaning import Growth
from tocsin.service.console.needed import needed
from tocsin.service.console.shown import ConsoleChange, ConsolePicture, Declared, Needed
from tocsin.service.console.tracks import Tracks, declared_of, sensors_shown
from tocsin.service.console.voices import voices_shown
from tocsin.service.console.zones import standing_acts, zones_shown

_PARTS = (
    "drill", "doubtful", "troubles", "standing", "proposals", "waiting", "channels", "feeds", "decisions", "voices",
)  # fmt: skip


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_Row = TypeVar("_Row", bound=_Named)


class Drawing:
    """Draws pictures one after the other; used by one thread at a time.

    seq   number of the last: the next are greater, also after a restart
    """

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self._tracks = Tracks()
        self._growth = Growth()
        self._declared: tuple[Sequence[Sensor], dict[str, tuple[Sensor, Declared]]] = ((), {})
        self._since: dict[str, datetime] = {}

    def draw(self, glance: Glance, around: Around, heard: Mapping[str, datetime]) -> ConsolePicture:
        """The picture; `heard`: when the newest report of each sensor was made."""
        self.seq += 1
        self._growth.note(glance)
        sensors = glance.configuration.sensors
        if sensors is not self._declared[0]:
            self._declared = sensors, declared_of(sensors)
        standing = standing_acts(glance.orders.standing)
        return ConsolePicture(
            seq=self.seq,
            time=time_of(glance.moment.now_s),
            now=around.now,
            drill=around.drill,
            doubtful=around.doubtful,
            troubles=around.troubles,
            tracks=self._tracks.shown(tuple(glance.moment.tracks), glance.words),
            sensors=sensors_shown(self._declared[1], glance.health, heard),
            zones=zones_shown(glance),
            standing=standing,
            proposals=glance.orders.proposals,
            waiting=glance.orders.waiting,
            channels=around.channels,
            feeds=around.feeds,
            decisions=self._dated(needed(glance, around, standing, self._growth), around.now),
            voices=voices_shown(glance.voices),
        )

    def _dated(self, found: Sequence[Needed], now: datetime) -> tuple[Needed, ...]:
        """Each with since when it has asked for a decision."""
        self._since = {one.id: self._since.get(one.id, one.since or now) for one in found}
        return tuple(msgspec.structs.replace(one, since=self._since[one.id]) for one in found)


def change(before: ConsolePicture, after: ConsolePicture) -> ConsoleChange:
    """What is other in the later picture."""
    parts: dict[str, Any] = {name: value for name in _PARTS if (value := getattr(after, name)) != getattr(before, name)}
    tracks, tracks_gone = _rows(before.tracks, after.tracks)
    sensors, sensors_gone = _rows(before.sensors, after.sensors)
    zones_before = {one.zone: one for one in before.zones}
    zones_gone = zones_before.keys() - {one.zone for one in after.zones}
    return ConsoleChange(
        seq=after.seq,
        after=before.seq,
        time=after.time,
        now=after.now,
        tracks=tracks,
        tracks_gone=tracks_gone,
        sensors=sensors,
        sensors_gone=sensors_gone,
        zones=tuple(one for one in after.zones if zones_before.get(one.zone) != one),
        zones_gone=tuple(sorted(zones_gone)),
        **parts,
    )


def _rows(before: Sequence[_Row], after: Sequence[_Row]) -> tuple[tuple[_Row, ...], tuple[str, ...]]:
    """Those that changed or are new, and the ids of those that are gone."""
    known = {one.id: one for one in before}
    gone = known.keys() - {one.id for one in after}
    return tuple(one for one in after if known.get(one.id) != one), tuple(sorted(gone))
