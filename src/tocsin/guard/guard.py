"""The second opinion: from raw sightings and given words alone, in which zones no all clear may go out now.

It can only hold a warning, never raise one, and what it rests on ends by itself: docs/decisions/0049-the-guard.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.guard.chains import Bools, Chains, Floats
from tocsin.guard.sites import FLIGHT_S, POSTS_S, Sites, launched, reported
from tocsin.guard.word import Level, Word
from tocsin.model.access import Access
from tocsin.model.event import Configuration, Event, Loss, OperatorAct, Tick
from tocsin.model.observation import Alert, Bearing, Launch, Observation, Plot, Position, Presence, Sighting
from tocsin.model.value import seconds_of, time_of
from tocsin.model.wire import observation_from_json, pack, to_json, unpack

# More of one sensor between two ticks than any raid shows: the rest is left out, and it counts as silent.
EACH_MAX, NAMES_MAX, RECENT_MAX, CIVIL_MAX, OLD_S = 500, 20_000, 400, 2_000, 60.0
# An aircraft that says where it is speaks for what a sensor sees beside it.
BESIDE_S, BESIDE_M, BESIDE_MPS = 6.0, 500.0, 300.0
# Where one sensor alone holds a zone against the engine, it does so for half an hour.
LONE_S = 1_800.0


class Doubt(NamedTuple):
    """The level that a zone must not stand below now, and why."""

    level: Level
    why: str


class Guard:
    """Hears every event that the engine takes, ticks included, in order; then it is asked about a tick's lowerings.

    In `_plain`: numbers of names, when each was last heard, since when one alone holds a zone, places of aircraft that
    identify themselves, reports of posts and people, launches.
    """

    def __init__(self, configuration: Configuration, frame: LocalFrame | None = None) -> None:
        self._chains, self._word = Chains(), Word()
        self._new, self._count = list[Observation](), Counter[str]()
        self._frame = frame or ZoneIndex(configuration.zones).frame
        self._plain: dict[str, Any] = {
            "frame": [self._frame.lat, self._frame.lon], "now_s": seconds_of(configuration.time),
            "names": {}, "heard_s": {}, "alone": {}, "civil": {}, "posts": [], "launches": [],
        }  # fmt: skip
        self._configure(configuration, configuration.time)

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Tick):
            self._tick(event.time)
        elif isinstance(event, Configuration):
            if event.drill != self._configuration.drill:
                self._word.plain["raises"] = {}
            self._configure(event, time_of(self._plain["now_s"]))
        elif isinstance(event, OperatorAct):
            self._word.obey(event, self._configuration.acts, self._zones)
        elif isinstance(event, Loss):
            for zone in event.zones:
                self._word.raised((zone.zone,), zone.level, np.inf if zone.level != "none" else 0.0, 0.0)
        elif isinstance(event, Alert):
            unended_s = float(self._configuration.policy.get("alert_max_s", 3_600.0))
            self._word.alert(event, self._access, self._zones, unended_s)
        else:
            name = getattr(event, "sensor", event.source)
            if self._count[name] < EACH_MAX and self._counts(event):
                self._new.append(event)
            self._count[name] += 1

    def doubts(self, now_s: float, zones: Iterable[str]) -> dict[str, Doubt]:
        """Of these zones, those that may not be lowered below some level now, and which."""
        names = [zone for zone in zones if zone in self._index.number and zone not in self._word.plain["cancelled"]]
        rows, plain = [self._index.number[zone] for zone in names], self._plain
        at = np.stack([self._index.east_m, self._index.north_m, self._index.radius_m])[:, rows]
        clear, cover, whose = self._chains.holding(now_s, at)
        alone = [zone for k, zone in enumerate(names) if len({*whose[clear[:, k]].tolist()}) == 1]
        plain["alone"] = {zone: plain["alone"].get(zone, now_s) for zone in alone}
        trusted = np.array([now_s - plain["alone"].get(zone, now_s) <= LONE_S for zone in names], bool)
        reasons: list[tuple[Level, str, Bools]] = [
            ("prepare", "the radars that watched here are silent", self._sites.dark(now_s, plain["heard_s"])[rows]),
            ("prepare", "something is reported close by", reported(now_s, plain["posts"], at)),
            ("prepare", "a launch may still be in flight", launched(now_s, plain["launches"], at)),
            ("prepare", "something that was seen may come here", clear.any(axis=0) & trusted),
            ("take_cover", "something that was seen is nearly here", cover.any(axis=0) & trusted),
        ]
        found = {names[k]: Doubt(level, why) for level, why, held in reasons for k in np.flatnonzero(held).tolist()}
        for zone, level in self._word.asked(now_s, names).items():
            if zone not in found or level == "take_cover":
                found[zone] = Doubt(level, "an operator's order or a neighbour's alert stands")
        return found

    def dump(self) -> bytes:
        """All it knows but the configuration; `load` goes on exactly as this would."""
        new = [to_json(one) for one in self._new]
        return pack([self._plain, self._word.plain, self._chains.of, new, self._count])

    @classmethod
    def load(cls, data: bytes, configuration: Configuration) -> Guard:
        """A guard as `dump` wrote it, under the configuration that the engine has."""
        plain, word, chains, new, count = unpack(data)
        guard = cls(configuration, LocalFrame(*plain["frame"]))
        guard._plain, guard._word.plain, guard._chains.of = plain, word, chains
        guard._new, guard._count = [observation_from_json(one) for one in new], Counter(count)
        guard._configure(configuration, time_of(plain["now_s"]))
        return guard

    def _configure(self, configuration: Configuration, time: datetime) -> None:
        self._configuration, self._zones = configuration, {zone.id: zone for zone in configuration.zones}
        self._index = ZoneIndex([zone for zone in configuration.zones if zone.valid_at(time)], self._frame)
        self._sites = Sites(configuration, self._index)
        self._access = Access(configuration.sources, self._sites.sensors)

    def _counts(self, one: Observation) -> bool:
        """Whether an observation may hold anything: a sensor's, or a person's that tells of danger."""
        word = self._access.word(one)
        if isinstance(one, Position) and one.cooperative:
            return self._access.trusting or word.authority.identifies
        if isinstance(one, Sighting):
            return one.threat != "civil"
        return word.measured and isinstance(one, (Plot, Bearing, Presence, Position, Launch))

    def _tick(self, time: datetime) -> None:
        """Join what was seen since the last tick, and let go of what is old."""
        now_s, plain, new = seconds_of(time), self._plain, self._new
        if any(zone.valid_at(time) != (zone.id in self._index.number) for zone in self._zones.values()):
            self._configure(self._configuration, time)
        self._word.turn()
        plain["now_s"], self._new, count, self._count = now_s, [], self._count, Counter()
        plain["heard_s"] |= {name: now_s for name in count if count[name] <= EACH_MAX and name in self._sites.sensors}
        by_sensor: dict[str, list[Any]] = {}
        for one in new:
            name = getattr(one, "sensor", one.source)
            number = plain["names"].setdefault(name, len(plain["names"]))
            if isinstance(one, Plot) or (isinstance(one, Position) and not one.cooperative):
                by_sensor.setdefault(name, []).append(one)
            elif isinstance(one, Position):
                plain["civil"][one.icao24 or one.callsign or name] = self._sites.row(one)
            else:
                plain["launches" if isinstance(one, Launch) else "posts"].append(self._sites.row(one, number))
        plain["civil"] = {name: row for name, row in plain["civil"].items() if now_s - row[0] <= BESIDE_S}
        plain["posts"] = [row for row in plain["posts"][-RECENT_MAX:] if now_s - row[0] <= 2 * POSTS_S]
        plain["launches"] = [row for row in plain["launches"][-RECENT_MAX:] if now_s - row[0] <= FLIGHT_S]
        seen = [
            np.vstack([np.full(len(each), float(plain["names"][name])), self._sites.seen(each)])
            for name, each in by_sensor.items()
        ]
        self._chains.forget(now_s, np.array([self._sites.scan_s(name) for name in plain["names"]]))
        if seen:
            rows = np.hstack(seen)
            rows = rows[:, rows[1] >= now_s - OLD_S]
            self._chains.join(np.vstack([rows, self._beside(rows)]))

    def _beside(self, seen: Floats) -> Floats:
        """Which sightings are beside an aircraft that said where it is, 0 or 1."""
        at, east, north, _, _ = np.array([*self._plain["civil"].values()], float).reshape(-1, 5).T
        away = np.hypot(seen[2][:, None] - east, seen[3][:, None] - north)
        near = away <= BESIDE_M + 3.0 * seen[4][:, None] + BESIDE_MPS * np.abs(seen[1][:, None] - at)
        return np.asarray(near.any(axis=1), float)
