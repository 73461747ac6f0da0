"""Tracks out of what channels tell, for operators: how many things there are, about where, and where they go.

No warning follows from them: a track is drawn together from what several say, and whoever lies could draw it away. What
channels say raises through `forecast.reported`, line by line. What sensors hold is not shown a second time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.model.identity import identity_of_report
from tocsin.model.observation import ChannelReport
from tocsin.model.threat import ThreatClass, alike
from tocsin.model.told import LIKELY, Place, Told
from tocsin.model.track import Track, TrackStatus
from tocsin.model.value import seconds_of, time_of
from tocsin.track.told_motion import Mark, State, all_at, at, misfits, path
from tocsin.track.told_repute import Reputes

# What a class flies at, mostly; lines without a class are of drones, nearly always. What flies an arc is no track.
SPEED_MPS: dict[ThreatClass, float] = {
    "drone": 50.0, "helicopter": 60.0, "cruise_missile": 235.0, "jet": 260.0, "aircraft": 200.0, "unknown": 60.0,
}  # fmt: skip
# What is "over" a village may be half-way to the next.
SIGMA_M_MIN = 2_500.0
# A wider place is no place of one object.
SIGMA_M_MAX = 20_000.0
# What is less likely meant is not looked at.
WEIGHT_MIN = 0.1
# Squared distance within which a line tells of an object that is known.
GATE = 6.0
# The same place told by another channel so soon after is the same sighting.
ECHO_S, SAME_M = 240.0, 2_500.0
TRACKS_MAX, MARKS_MAX = 200, 24
# Since the last line: shown as lost, and let go.
COASTED_S, GONE_S = 300.0, 900.0
# What sensors hold within this of a track, or three standard deviations, is the same.
HELD_M = 10_000.0
# Places that are drawn of one line, and of one voice within so many seconds of their arrival. Each costs a millisecond
# or so; warnings, which rest on all that a line says, must not wait for the picture.
PER_LINE_MAX, PER_VOICE_MAX, PER_VOICE_S = 20, 150, 600.0


@dataclass
class Flying:
    """One object that channels tell of.

    marks    in order of time
    classes  how often each was named
    count    at least so many, of any one line
    gone     voices that say it is gone
    held     whether sensors ever held it, too
    """

    number: int
    marks: list[Mark]
    classes: Counter[ThreatClass]
    count: int = 1
    gone: set[str] = field(default_factory=set)
    held: bool = False

    @property
    def threat(self) -> ThreatClass:
        """What it is called most; `unknown` only where nobody says more."""
        named = [(count, name) for name, count in self.classes.items() if name != "unknown"]
        return max(named)[1] if named else "unknown"

    @property
    def voices(self) -> set[str]:
        """Whose word it is."""
        return {mark.voice for mark in self.marks}

    @property
    def newest_s(self) -> float:
        """When something was last said of it."""
        return max(mark.posted_s for mark in self.marks)

    @property
    def speed_mps(self) -> float:
        """What its class flies at."""
        return SPEED_MPS[self.threat]

    def state(self) -> State:
        """Where it was at its newest mark."""
        return path(self.marks, self.speed_mps)


class ToldTracks:
    """What is in the air by channels' word alone."""

    def __init__(self, frame: LocalFrame, flying: Sequence[Flying] = (), numbers: int = 0) -> None:
        self._frame, self._flying, self._numbers = frame, list(flying), numbers
        self.reputes = Reputes()
        # Voice -> when the lines came whose places were drawn lately, once for each place.
        self._drawn: dict[str, list[float]] = {}
        self._states: dict[int, State] = {}

    def note(self, line: ChannelReport, voice: str) -> None:
        """Take in what a line of a voice tells, as far as one line and one voice are drawn."""
        post = identity_of_report(line).rpartition("\n")[0]
        if line.edited:
            self._take_back(post)
        came_s = seconds_of(line.received_at)
        drawn = [at_s for at_s in self._drawn.get(voice, ()) if at_s > came_s - PER_VOICE_S]
        left = min(PER_LINE_MAX, PER_VOICE_MAX - len(drawn))
        for told in line.told:
            places = _places(told)[: max(0, left)]
            left -= len(places)
            drawn += [came_s] * len(places)
            if told.stage == "gone":
                self._go(places, voice)
            else:
                for marks, sure in self._meant(line, told, voice, post, places):
                    self._place(marks, told, voice, sure=sure)
        if drawn:
            self._drawn[voice] = drawn

    def advance(self, now_s: float, held: Sequence[Track]) -> tuple[Track, ...]:
        """The tracks at a time, oldest first, without those that sensors hold."""
        for one in [one for one in self._flying if one.newest_s <= now_s - GONE_S]:
            self._end(one)
        if self._numbers:
            # Where no channel ever told of anything there is nothing to learn.
            self.reputes.note(now_s, held, self._frame)
        self._drawn = {voice: at_s for voice, at_s in self._drawn.items() if at_s[-1] > now_s - PER_VOICE_S}
        if not self._flying:
            return ()
        states = [at(self._state(one), now_s, one.speed_mps) for one in self._flying]
        east, north = np.array([state.mean[:2] for state in states]).T
        lat, lon = self._frame.to_geodetic(east, north)
        shown = []
        for one, state, place in zip(self._flying, states, zip(lat.tolist(), lon.tolist(), strict=True), strict=True):
            track = _track(one, state, *place, now_s)
            if _is_held(track, held):
                one.held = True
            else:
                shown.append(track)
        return tuple(shown)

    def _meant(
        self, line: ChannelReport, told: Told, voice: str, post: str, places: Sequence[Place]
    ) -> list[tuple[list[Mark], bool]]:
        """What a line tells of each object: the places that it may mean, likeliest first; whether that one is sure."""
        return [
            (marks, place.likeliest.weight >= LIKELY)
            for place in places
            if (marks := self._marks(line, told, voice, post, place, bound=place.role == "towards"))
        ]

    def _marks(
        self, line: ChannelReport, told: Told, voice: str, post: str, place: Place, *, bound: bool
    ) -> list[Mark]:
        spots = [spot for spot in place.spots if spot.sigma_m <= SIGMA_M_MAX and spot.weight >= WEIGHT_MIN]
        if not spots:
            return []
        east, north = self._frame.to_local([spot.lat for spot in spots], [spot.lon for spot in spots])
        posted_s = seconds_of(line.time)
        course, sigma = told.heading_deg, told.heading_sigma_deg
        return [
            Mark(
                posted_s - told.delay_s - self.reputes.lag_s(voice), told.delay_sigma_s, posted_s, e, n,
                max(spot.sigma_m, SIGMA_M_MIN),
                bound, math.nan if course is None else math.radians(course),
                math.nan if sigma is None else math.radians(sigma), voice, post,
            )
            for spot, e, n in zip(spots, east.tolist(), north.tolist(), strict=True)
        ]  # fmt: skip

    def _place(self, marks: Sequence[Mark], told: Told, voice: str, *, sure: bool) -> None:
        """Give one object's marks to the track that they fit best, or begin one where the place is sure."""
        best: tuple[float, Flying, Mark] | None = None
        flying = [
            one for one in self._flying if alike(one.threat, told.threat) and not (told.further and voice in one.voices)
        ]
        if flying:
            speeds = np.array([one.speed_mps for one in flying])
            # They are of one line: all of one time.
            states = all_at([self._state(one) for one in flying], marks[0].at_s, speeds)
            for mark in marks:
                squared, cost = misfits(states, mark)
                nearest = int(np.argmin(np.where(squared <= GATE, cost, np.inf)))
                if squared[nearest] <= GATE and (best is None or cost[nearest] < best[0]):
                    best = float(cost[nearest]), flying[nearest], mark
        if best is not None:
            self._add(best[1], best[2], told)
        elif sure:
            self._begin(marks[0], told)

    def _begin(self, mark: Mark, told: Told) -> None:
        self._numbers += 1
        self._flying.append(Flying(self._numbers, [mark], Counter([told.threat]), told.count))
        if len(self._flying) > TRACKS_MAX:
            self._end(min(self._flying, key=lambda one: (len(one.voices), one.newest_s)))

    def _end(self, one: Flying) -> None:
        """Let an object go."""
        self.reputes.told(one.voices, borne_out=one.held or len(one.voices) > 1)
        self._flying.remove(one)
        self._states.pop(one.number, None)

    def _add(self, one: Flying, mark: Mark, told: Told) -> None:
        one.classes[told.threat] += 1
        one.count = max(one.count, told.count)
        one.gone.clear()
        if any(_echoes(mark, known) for known in one.marks):
            return
        self._learn(one, mark)
        one.marks = sorted([*one.marks, mark])[-MARKS_MAX:]
        self._states.pop(one.number, None)

    def _learn(self, one: Flying, mark: Mark) -> None:
        """What a place says of its channel's delay: where sensors hold the object by them, else by others' words."""
        if mark.bound:
            return
        passed_s = self.reputes.passed_s(mark.east_m, mark.north_m, mark.sigma_m, one.threat)
        if passed_s is not None:
            self.reputes.late(mark.voice, mark.at_s - passed_s)
            return
        others = {known.voice for known in one.marks} - {mark.voice}
        state = at(self._state(one), mark.at_s, one.speed_mps)
        speed = math.hypot(*state.mean[2:].tolist())
        if len(others) < 2 or speed < 0.5 * one.speed_mps:
            return
        off = np.array([mark.east_m, mark.north_m]) - state.mean[:2]
        self.reputes.late(mark.voice, -float(off @ state.mean[2:]) / speed**2)

    def _go(self, places: Sequence[Place], voice: str) -> None:
        """One channel's word that something is gone ends what it alone told; with another's, what others told too."""
        for place in places:
            spot = place.likeliest
            east, north = (float(part) for part in self._frame.to_local(spot.lat, spot.lon))
            for one in list(self._flying):
                mean = self._state(one).mean
                if math.hypot(mean[0] - east, mean[1] - north) <= 3 * spot.sigma_m + SAME_M:
                    one.gone.add(voice)
                    if len(one.gone) > 1 or one.voices <= one.gone:
                        self._end(one)

    def _take_back(self, post: str) -> None:
        for one in self._flying:
            left = [mark for mark in one.marks if mark.post != post]
            if len(left) < len(one.marks):
                one.marks = left
                self._states.pop(one.number, None)
        self._flying = [one for one in self._flying if one.marks]

    def _state(self, one: Flying) -> State:
        if one.number not in self._states:
            self._states[one.number] = one.state()
        return self._states[one.number]

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        flying = [
            (one.number, [tuple(mark) for mark in one.marks], dict(one.classes), one.count, sorted(one.gone), one.held)
            for one in self._flying
        ]
        return {
            "flying": flying, "numbers": self._numbers, "reputes": self.reputes.dump(), "drawn": self._drawn,
        }  # fmt: skip

    @classmethod
    def load(cls, state: dict[str, Any], frame: LocalFrame) -> ToldTracks:
        """What `dump` gave, going on."""
        flying = [
            Flying(number, [Mark(*mark) for mark in marks], Counter(classes), count, set(gone), held)
            for number, marks, classes, count, gone, held in state["flying"]
        ]
        tracks = cls(frame, flying, state["numbers"])
        tracks.reputes = Reputes.load(state["reputes"])
        tracks._drawn = {voice: list(at_s) for voice, at_s in state["drawn"].items()}
        return tracks


def _places(told: Told) -> tuple[Place, ...]:
    """Which of its places are drawn: where it is or is gone from, or else the first that it is bound for."""
    if told.threat not in SPEED_MPS or told.stage not in ("in_flight", "over", "launch", "gone"):
        return ()
    if told.stage == "gone":
        return told.places
    there = tuple(place for place in told.places if place.role in ("over", "via", "between"))
    return there or tuple(place for place in told.places if place.role == "towards")[:1]


def _echoes(mark: Mark, known: Mark) -> bool:
    """Whether a mark says again what is known: by another channel, of the same place, about the same time."""
    near = math.hypot(mark.east_m - known.east_m, mark.north_m - known.north_m) <= SAME_M
    return near and mark.bound == known.bound and abs(mark.posted_s - known.posted_s) <= ECHO_S


def _is_held(track: Track, held: Sequence[Track]) -> bool:
    """Whether sensors hold what channels tell of."""
    near = [one for one in held if one.status != "tentative" and alike(one.threat, track.threat)]
    if not near:
        return False
    frame = LocalFrame(track.lat, track.lon)
    east, north = frame.to_local([one.lat for one in near], [one.lon for one in near])
    return bool((np.hypot(east, north) <= max(HELD_M, 3 * track.sigma_m)).any())


def _track(one: Flying, state: State, lat: float, lon: float, now_s: float) -> Track:
    east_mps, north_mps = state.mean[2:].tolist()
    status: TrackStatus = "confirmed" if len(one.voices) > 1 else "tentative"
    if status == "confirmed" and now_s - one.newest_s > COASTED_S:
        status = "coasted"
    named = sum(one.classes.values())
    classes = {name: count / named for name, count in sorted(one.classes.items())}
    return Track(
        id=f"R{one.number:06d}",
        time=time_of(now_s),
        lat=lat,
        lon=lon,
        altitude_m=0.0,
        speed_mps=min(math.hypot(east_mps, north_mps), 12_000.0),
        heading_deg=math.degrees(math.atan2(east_mps, north_mps)) % 360,
        sigma_m=min(math.sqrt(float(np.trace(state.cov[:2, :2])) / 2), 20_000_000.0),
        threat=one.threat,
        probability=classes[one.threat],
        classes=classes,
        status=status,
        sensors=len(one.voices),
        updated=time_of(min(one.newest_s, now_s)),
    )
