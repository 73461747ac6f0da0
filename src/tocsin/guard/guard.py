"""The second opinion: from raw sightings and given words alone, in which zones no all clear may go out now.

It can only hold a warning, never raise one, and what it rests on ends by itself: docs/decisions/0049-the-guard.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.guard.chains import EAST, LAST, NORTH, SIGMA, Bools, Chains, Floats
from tocsin.guard.sites import FLIGHT_S, POSTS_S, Sites, launched, reported
from tocsin.guard.word import Level, Word
from tocsin.model.access import Access
from tocsin.model.event import Configuration, Event, Loss, OperatorAct, Tick
from tocsin.model.observation import Alert, Bearing, Launch, Observation, Plot, Position, Presence, Sighting
from tocsin.model.value import seconds_of, time_of
from tocsin.model.wire import pack, unpack

# More of one sensor between two ticks than any raid shows: the rest is left out, and it counts as silent.
EACH_MAX = 500
# An aircraft that says where it is speaks for what a sensor sees beside it.
BESIDE_S, BESIDE_M, BESIDE_MPS = 6.0, 500.0, 300.0
# How many of what was heard are kept, and for how long, seconds.
KEPT = {"seen": (20_000, 60.0), "civil": (2_000, BESIDE_S), "posts": (400, 2 * POSTS_S), "launches": (400, FLIGHT_S)}
# Where one sensor alone holds a zone against the engine, it does so for half an hour.
LONE_S = 1_800.0


class Doubt(NamedTuple):
    """The level that a zone must not stand below now, and why."""

    level: Level
    why: str


class Guard:
    """Hears every event that the engine takes, ticks included, in order; then it is asked about a tick's lowerings.

    In `_plain`: how often and when last each was heard, since when one alone holds a zone, and rows of what was seen,
    of aircraft that identify themselves, of reports of posts and people, of launches (`Sites.row`).
    """

    def __init__(self, configuration: Configuration, frame: LocalFrame | None = None) -> None:
        self._chains, self._word = Chains(), Word()
        self._frame = frame or ZoneIndex(configuration.zones).frame
        self._plain: dict[str, Any] = {"frame": [self._frame.lat, self._frame.lon], "count": {}, "heard_s": {}}
        self._plain |= {"now_s": seconds_of(configuration.time), "alone": {}} | {kind: [] for kind in KEPT}
        self._configure(configuration)

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Tick):
            self._tick(seconds_of(event.time))
        elif isinstance(event, Configuration):
            if event.drill != self._configuration.drill:
                self._word.plain["raises"] = {}
            self._configure(event)
        elif isinstance(event, OperatorAct):
            self._word.obey(event, self._configuration.acts, self._zones)
        elif isinstance(event, Loss):
            for zone in event.zones:
                ends_s = np.inf if zone.level != "none" else 0.0
                self._word.change("raises", [zone.zone], (zone.level, ends_s, 0.0, "", ""))
        elif isinstance(event, Alert):
            unended_s = float(self._configuration.policy.get("alert_max_s", 3_600.0))
            self._word.alert(event, self._access, self._zones, unended_s)
        else:
            name, count = getattr(event, "sensor", event.source), self._plain["count"]
            count[name] = count.get(name, 0) + 1
            # What is left out is asked nothing: it is most of a flood.
            if count[name] <= EACH_MAX and (kind := self._kind(event)):
                self._plain[kind].append(self._sites.row(event))

    def doubts(self, now_s: float, zones: Iterable[str]) -> dict[str, Doubt]:
        """Of these zones, those that may not be lowered below some level now, and which."""
        names = [zone for zone in zones if zone in self._index.number and zone not in self._word.plain["cancelled"]]
        rows, plain, placed = [self._index.number[zone] for zone in names], self._plain, self._sites.placed
        at = np.stack([self._index.east_m, self._index.north_m, self._index.radius_m])[:, rows]
        clear, cover, whose = self._chains.holding(now_s, at)
        alone = [zone for k, zone in enumerate(names) if len({*whose[clear[:, k]].tolist()}) == 1]
        plain["alone"] = {zone: plain["alone"].get(zone, now_s) for zone in alone}
        trusted = np.array([now_s - plain["alone"].get(zone, now_s) <= LONE_S for zone in names], bool)
        reasons: list[tuple[Level, str, Bools]] = [
            ("prepare", "the radars that watched here are silent", self._sites.dark(now_s, plain["heard_s"])[rows]),
            ("prepare", "something is reported close by", reported(now_s, placed(plain["posts"]), at)),
            ("prepare", "a launch may still be in flight", launched(now_s, placed(plain["launches"]), at)),
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
        return pack([self._plain, self._word.plain, self._chains.of])

    @classmethod
    def load(cls, data: bytes, configuration: Configuration) -> Guard:
        """A guard as `dump` wrote it, under the configuration that the engine has."""
        plain, word, chains = unpack(data)
        guard = cls(configuration, LocalFrame(*plain["frame"]))
        guard._plain, guard._word.plain, guard._chains.of = plain, word, chains
        guard._configure(configuration)
        return guard

    def _configure(self, configuration: Configuration) -> None:
        time = time_of(self._plain["now_s"])
        self._configuration, self._zones = configuration, {zone.id: zone for zone in configuration.zones}
        edges = [edge for zone in configuration.zones for edge in (zone.valid_from, zone.valid_to) if edge is not None]
        self._edges_s = sorted({seconds_of(edge) for edge in edges})
        self._index = ZoneIndex([zone for zone in configuration.zones if zone.valid_at(time)], self._frame)
        self._sites = Sites(configuration, self._index)
        self._access = Access(configuration.sources, self._sites.sensors)

    def _kind(self, one: Observation) -> str:
        """What an observation may hold as, if anything: a sensor's, or a person's that tells of danger."""
        if isinstance(one, Position) and one.cooperative:
            return "civil" if self._access.trusting or self._access.authority(one).identifies else ""
        if isinstance(one, Sighting):
            return "posts" if one.threat != "civil" else ""
        if not (hasattr(one, "lat") or getattr(one, "sensor", "") in self._sites.sensors):
            return ""
        kinds = {Plot: "seen", Position: "seen", Bearing: "posts", Presence: "posts", Launch: "launches"}
        return kinds.get(type(one), "") if self._access.word(one).measured else ""

    def _tick(self, now_s: float) -> None:
        """Join what was seen since the last tick, and let go of what is old."""
        plain, last_s = self._plain, self._plain["now_s"]
        plain["now_s"], count, plain["count"] = now_s, plain["count"], {}
        if bisect_right(self._edges_s, last_s) != bisect_right(self._edges_s, now_s):
            self._configure(self._configuration)
        self._word.turn()
        plain["heard_s"] |= {name: now_s for name, n in count.items() if n <= EACH_MAX and name in self._sites.sensors}
        for kind, (most, old_s) in KEPT.items():
            plain[kind] = [row for row in plain[kind][-most:] if now_s - row[0] <= old_s]
        seen, plain["seen"] = self._sites.placed(plain["seen"]), []
        self._chains.join(now_s, seen[:, ~self._civil(seen)])

    def _civil(self, seen: Floats) -> Bools:
        """Which sightings [N] are beside an aircraft that said where it is, and so are that aircraft."""
        civil = self._plain["civil"] if seen.shape[1] else ()
        if not civil:
            return np.zeros(seen.shape[1], bool)
        placed = self._sites.placed(civil)
        away = np.hypot(seen[EAST][:, None] - placed[EAST], seen[NORTH][:, None] - placed[NORTH])
        apart_s = np.abs(seen[LAST][:, None] - placed[LAST])
        beside = away <= BESIDE_M + 3.0 * seen[SIGMA][:, None] + BESIDE_MPS * apart_s
        return np.asarray(beside.any(axis=1), bool)
