"""Tracks × zones into an outlook: how likely an attack is where, and when."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.earth.zone_points import points_of
from tocsin.forecast.apart import Apart
from tocsin.forecast.arcs import arc_class, coasting, flown_from, launch_over_s, of_launch, of_track
from tocsin.forecast.columns import belief, is_arc, likeliest, rows_of
from tocsin.forecast.footprint import Footprint, footprint_of, joined, plain_of, released
from tocsin.forecast.limits import LIMITS
from tocsin.forecast.memory import Memory, memory_of, plain_memory
from tocsin.forecast.prior import prior_of
from tocsin.forecast.settings import ForecastSettings
from tocsin.forecast.track_row import (
    BEGIN_EAST_M,
    BEGIN_NORTH_M,
    BELIEF,
    CIRCLING,
    COURSE_SIGMA_RAD,
    EAST_M,
    FLOWN_M,
    LEG_EAST,
    LEG_M,
    LEG_NORTH,
    LEG_SIGMA_RAD,
    NORTH_M,
)
from tocsin.model.identity import launch_track
from tocsin.model.observation import Launch
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.model.wire import pack, unpack

Floats = NDArray[np.float64]

# More lost tracks than any raid on record had aircraft; beyond it the longest lost is let go.
LOST_MAX = 1_000
# A launch gives way to its track once that has been followed this long, and coasts.
SETTLED_S = 15.0
# A new track within this many standard deviations of where a lost one would be, is taken to be that one.
SAME_SIGMAS = 3.0
# What of a track's row says where its path is now, and what of its path is written into it.
_READ = [EAST_M, NORTH_M, LEG_M, COURSE_SIGMA_RAD, BELIEF]
_WRITTEN = [BEGIN_EAST_M, BEGIN_NORTH_M, FLOWN_M, LEG_EAST, LEG_NORTH, LEG_SIGMA_RAD, BELIEF, CIRCLING]


class Forecaster:
    """The outlook of one sector. It remembers each track's path, and tracks that were lost."""

    def __init__(self, index: ZoneIndex, settings: ForecastSettings = ForecastSettings()) -> None:  # noqa: B008
        self._index = index
        self._settings = settings
        self._memory: dict[str, Memory] = {}
        self._apart = Apart()
        self._flown: dict[str, str] = {}  # launch, by its name among tracks -> id of the track it became
        self._launched: dict[str, Footprint] = {}
        self._prior = prior_of(index, settings)
        radius = np.sqrt([outline.area / math.pi for outline in index.outlines]) if len(index) else np.empty(0)
        self._zone_m = np.vstack([index.east_m, index.north_m, radius, index.radius_m])
        self._points_m: Floats | None = None

    def outlook(
        self, now_s: float, tracks: Sequence[Track], launches: Sequence[Launch], blind: Collection[str] = ()
    ) -> Outlook:
        """Every track × zone pair that matters at `now_s`.

        A launch not yet seen in flight appears as a track named by `launch_track`. Lost tracks stay, under their own
        id, until they cannot be there any more. Tracks that identify themselves as civil contribute nothing.

        blind   ids of zones where we may be blind: a track lost over one of them may well fly on
        """
        powered: list[Track] = []
        arcs: list[Track] = []
        for track in tracks:
            if track.cooperative:
                continue
            if is_arc(track):
                arcs += [track] if _arc_alive(track) else []
            elif belief(track, self._settings) > 0:
                powered.append(track)
        rows = rows_of(powered, self._index.frame, self._settings)
        arc_rows = rows_of(arcs, self._index.frame, self._settings)
        self._lose(now_s, tracks)
        tracked = frozenset(track.id for track in tracks)
        self._follow(now_s, powered, rows, tracked)
        self._follow(now_s, arcs, arc_rows, tracked)
        parts = self._powered(now_s, powered, rows)
        parts += [(track.id, arc_class(track), self._arc(track)) for track in arcs]
        parts += self._lost(now_s, blind)
        parts += self._launches(now_s, arcs, launches)
        self._apart.hear(now_s, (*powered, *arcs), self._memory)
        apart = self._apart.expected(now_s, lambda memory: self._in_view(memory, blind))
        return joined(now_s, parts, joined(now_s, apart) if apart else None)

    def _follow(self, now_s: float, tracks: Sequence[Track], rows: Floats, tracked: Collection[str]) -> None:
        """Bring the memory of tracks up to date, and write the beginning of their paths into their rows.

        tracked   ids of all that is tracked now
        """
        written = []
        for track, (east, north, leg_m, course_sigma, sure) in zip(tracks, rows[:, _READ].tolist(), strict=True):
            memory = self._memory.get(track.id)
            speed = math.hypot(track.speed_mps, track.climb_mps)
            if memory is None:
                memory = self._inherited(now_s, track, east, north)
            if memory.found in tracked:
                # A late report brought back what was lost: this one is another.
                memory.found = ""
            if memory.found and self._borne_out(track, memory.found):
                self._memory.pop(memory.found, None)
                if track.others is not None:
                    self._apart.forget(memory.found)
                memory.found = ""
            powered = likeliest(track)
            memory.threat = arc_class(track) if is_arc(track) else powered
            memory.arc_updated_s = memory.arc_updated_s if is_arc(track) else None
            memory.lost_for_s = LIMITS[memory.threat].lost_s
            memory.confirmed |= track.status != "tentative"
            memory.sigma_m, memory.lost_s, memory.newest = track.sigma_m, None, track.newest
            memory.move(now_s, east, north, speed, math.radians(track.heading_deg), leg_m)
            self._memory[track.id] = memory
            circling = memory.circling(leg_m)
            assert 0.0 <= circling <= 1.0, f"{track.id} circles with probability {circling}"
            begin, course = memory.anchors[0], memory.course_rad or 0.0
            written.append(
                (
                    begin.east_m,
                    begin.north_m,
                    memory.flown_m - begin.flown_m,
                    math.sin(course),
                    math.cos(course),
                    memory.leg_sigma_rad(course_sigma),
                    sure / (1.0 + (1.0 - circling) * LIMITS[powered].returns * memory.homeward(leg_m)),
                    circling,
                )
            )
        if written:
            rows[:, _WRITTEN] = written

    def _inherited(self, now_s: float, track: Track, east: float, north: float) -> Memory:
        """A new track's memory: that of the lost track it must be, else a fresh one.

        The lost one stands beside it until it is borne out: false plots near by would take away what it endangers.
        """
        best, found = SAME_SIGMAS, None
        for name, memory in self._memory.items():
            if memory.lost_s is None or not memory.confirmed:
                continue
            since = now_s - memory.lost_s
            spread = math.hypot(memory.sigma_m + 0.4 * memory.speed_mps * since, track.sigma_m) + 300.0
            off = math.hypot(east - memory.east_m, north - memory.north_m)
            # It moved on while it was lost: the distance it would have flown is no surprise.
            surprise = abs(off - memory.speed_mps * since) / spread
            if surprise < best:
                best, found = surprise, name
        if found is not None:
            return replace(self._memory[found], confirmed=False, found=found)
        return Memory(
            first_s=now_s, first_lat=track.lat, first_lon=track.lon, last_s=now_s,
            speed_mps=math.hypot(track.speed_mps, track.climb_mps), east_m=east, north_m=north, sigma_m=track.sigma_m,
            home_east_m=east, home_north_m=north, threat=track.threat, lost_for_s=0.0,
        )  # fmt: skip

    def _borne_out(self, track: Track, lost: str) -> bool:
        """Whether a track may be taken for a lost one: confirmed by two sensors, or by the one that saw that last."""
        was = self._memory.get(lost)
        found = track.others is not None or was is None or was.newest == track.newest
        return track.status != "tentative" and found

    def _lose(self, now_s: float, tracks: Sequence[Track]) -> None:
        """Mark what is no longer tracked as lost, and let go of what cannot be there any more."""
        tracked = {track.id for track in tracks}
        gone = []
        for name, memory in self._memory.items():
            if name in tracked:
                continue
            if memory.lost_s is None:
                memory.lost_s = memory.last_s
            if not memory.confirmed or now_s > memory.over_s():
                gone.append(name)
        for name in gone:
            del self._memory[name]
        lost = sorted(
            (name for name, memory in self._memory.items() if memory.lost_s is not None),
            key=lambda name: self._memory[name].lost_s or 0.0,
        )
        for name in lost[: max(0, len(lost) - LOST_MAX)]:
            del self._memory[name]
        assert len(self._memory) <= LOST_MAX + len(tracked), "what is remembered of what is gone has a bound"

    def _powered(self, now_s: float, tracks: Sequence[Track], rows: Floats) -> list[tuple[str, ThreatClass, Footprint]]:
        """What each track under its own power endangers."""
        if not tracks or not len(self._index):
            return []
        # Imported here: a compiled kernel takes a second to load, and a quiet sky does not need it.
        from tocsin.forecast.posterior import POINTS, outlook_rows

        if self._points_m is None:
            self._points_m = points_of(self._index, POINTS)
        settings = self._settings
        (probability, earliest_s, likely_s), zone, ends = outlook_rows(
            rows,
            self._zone_m,
            self._points_m,
            self._prior,
            settings.horizon_s,
            settings.reach_s,
            settings.keep_probability,
        )
        assert len(ends) == len(tracks) and ends[-1] == len(zone), "rows that belong to no track"
        parts = []
        for track, begin, end in zip(tracks, [0, *ends.tolist()], ends.tolist(), strict=False):
            mine, memory = slice(begin, end), self._memory[track.id]
            # Copies: what is remembered of one track must not keep in memory what was expected of all.
            footprint = Footprint(
                zone[mine].copy(), probability[mine].copy(), now_s + earliest_s[mine], now_s + likely_s[mine]
            )
            threat = memory.threat
            if LIMITS[threat].standoff_m > 0:
                footprint = released(memory.expected, memory.expected_s, now_s, footprint)
            memory.expected, memory.expected_s = footprint, now_s
            parts.append((track.id, threat, footprint))
        return parts

    def _arc(self, track: Track) -> Footprint:
        """What a ballistic track endangers; unchanged as long as nothing new is known of it."""
        memory = self._memory[track.id]
        updated = seconds_of(track.updated)
        if memory.arc_updated_s != updated:
            memory.expected, memory.arc_updated_s = of_track(track, memory.gain_mps2, self._index), updated
        return memory.expected

    def _lost(self, now_s: float, blind: Collection[str]) -> list[tuple[str, ThreatClass, Footprint]]:
        parts = []
        for name, memory in self._memory.items():
            if memory.lost_s is None:
                continue
            parts.append((name, memory.threat, memory.still(now_s, self._in_view(memory, blind))))
        return parts

    def _in_view(self, memory: Memory, blind: Collection[str]) -> bool:
        """Whether sensors watch where a track was lost: over the nearest zone."""
        if not blind or not len(self._index):
            return True
        away2 = (self._index.east_m - memory.east_m) ** 2 + (self._index.north_m - memory.north_m) ** 2
        return self._index.zones[int(np.argmin(away2))].id not in blind

    def _launches(
        self, now_s: float, arcs: Sequence[Track], launches: Sequence[Launch]
    ) -> list[tuple[str, ThreatClass, Footprint]]:
        """Launches not yet seen in flight. One track stands for one launch only."""
        current = {launch_track(launch): launch for launch in launches if launch_over_s(launch) > now_s}
        self._flown = {name: track for name, track in self._flown.items() if name in current}
        self._launched = {name: footprint for name, footprint in self._launched.items() if name in current}
        taken = set(self._flown.values())
        parts: list[tuple[str, ThreatClass, Footprint]] = []
        for name, launch in current.items():
            if name in self._flown:
                continue
            for track in arcs:
                memory = self._memory[track.id]
                first = (memory.first_s, memory.first_lat, memory.first_lon)
                settled = now_s - memory.first_s >= SETTLED_S and coasting(track, memory.gain_mps2)
                if (
                    track.id not in taken
                    and settled
                    and track.status != "tentative"
                    and flown_from(launch, track, *first)
                ):
                    self._flown[name] = track.id
                    taken.add(track.id)
                    break
            else:
                if name not in self._launched:
                    self._launched[name] = of_launch(launch, self._index, self._prior)
                was = self._launched[name]
                later = Footprint(
                    was.zone, was.probability, np.maximum(was.earliest_s, now_s), np.maximum(was.likely_s, now_s)
                )
                parts.append((name, launch.threat, later))
        return parts

    def dump(self) -> bytes:
        """Everything remembered; `load` goes on bit for bit as this would."""
        memory = {name: plain_memory(value) for name, value in self._memory.items()}
        zones = [zone.id for zone in self._index.zones]
        launched = {name: plain_of(value) for name, value in self._launched.items()}
        apart = self._apart.dump()
        return pack({"zones": zones, "memory": memory, "apart": apart, "flown": self._flown, "launched": launched})

    @classmethod
    def load(cls, data: bytes, index: ZoneIndex, settings: ForecastSettings = ForecastSettings()) -> Forecaster:  # noqa: B008
        """A forecaster that remembers what `dump` wrote; zones that are no more are dropped from it."""
        state = unpack(data)
        forecaster = cls(index, settings)
        renumber = np.array([index.number.get(name, -1) for name in state["zones"]], np.int32)
        forecaster._memory = {name: memory_of(plain, renumber) for name, plain in state["memory"].items()}
        forecaster._apart.load(state["apart"], renumber)
        forecaster._flown = state["flown"]
        forecaster._launched = {name: footprint_of(plain, renumber) for name, plain in state["launched"].items()}
        return forecaster


def _arc_alive(track: Track) -> bool:
    """An arc is believed once it is confirmed: a pair of false plots, of two radars as of one, can look like one."""
    return track.status != "tentative"
