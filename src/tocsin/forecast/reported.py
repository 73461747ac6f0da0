"""What people report, and others whose word alone is not a sensor's: it raises within bounds, and lowers nothing.

One voice, however often it speaks, makes people near what it reports *prepare*. A second voice from another place whose
report fits the first (near enough for the same thing to have flown there in the time between) makes those *take cover*
whom it can reach before they could otherwise be warned. Each report stands by itself and each pair by itself: nothing
that anybody adds takes anything away, and everything ends by itself. That is why none of it enters the tracker, where
one report can draw a track away from another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.sighted import sighted
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.limits import LIMITS
from tocsin.model.observation import Impact, Launch, Observation, Position, Sighting
from tocsin.model.threat import BALLISTIC, Floor, ThreatClass
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]
T = TypeVar("T")

# A single report is worth vigilance this long: a drone heard here is 30 km on by then.
PREPARE_S = 600.0
# Those whom it could reach within this prepare, but no farther than this from it: a mistaken "missile" must not reach
# across a country.
AHEAD_S, AHEAD_M_MAX = 300.0, 40_000.0
# Two reports farther apart in time are two stories.
PAIR_S = 300.0
# Two voices on the same spot may be one person with two telephones.
APART_M = 500.0
# Cover on two voices begins this much before the way to shelter would, and lasts this long after it should have struck.
EARLY_S, TAIL_S = 60.0, 180.0
# A course from two places: the object may have turned by this much on either side.
SWERVE_RAD = math.radians(35.0)
# A place less sure than this is no place: an observer who hears something 20 km off is wrong.
SIGMA_M_MAX = 8_000.0
# What people confuse.
KIN: tuple[frozenset[ThreatClass], ...] = (
    frozenset({"drone", "helicopter"}), frozenset({"jet", "cruise_missile", "aircraft"}), BALLISTIC,
)  # fmt: skip
# What fell is reported within this of where it fell, and shelters are held this long.
FELL_M, FELL_S = 1_000.0, 180.0
# A busy spotter at a drone a minute; beyond it, the newest are not taken.
PER_VOICE_MAX = 20
# Reports weighed at one tick, each voice in turn: about 10 ms over two thousand zones. The others wait their turn.
PER_TICK_MAX = 100
WAITING_MAX = 2_000
# A late report may confirm many; so many of these a tick, each voice in turn, the others at the next. And so many wait
# for one voice: more than the reports of all posts that one report can fit.
LATE_PER_TICK_MAX, LATE_PER_VOICE_MAX = 50, 200
KEPT_MAX = 10_000


class Heard(NamedTuple):
    """One report: whose, when, where the object was, and where whoever tells of it stood (metres in the frame).

    course_rad   clockwise from north; NaN: unknown
    alone        this voice needs no second one
    """

    voice: str
    at_s: float
    east_m: float
    north_m: float
    sigma_m: float
    post_east_m: float
    post_north_m: float
    threat: ThreatClass
    course_rad: float
    speed_mps: float
    fell: bool
    alone: bool


@dataclass
class Reported:
    """The reports of one sector: those kept to be compared with, and those that wait for the next tick."""

    index: ZoneIndex
    kept: list[Heard] = field(default_factory=list)
    waiting: list[Heard] = field(default_factory=list)
    # Reports that a late one confirms, each with it: (of what was made after it, the late one).
    confirmed_late: list[tuple[Heard, Heard]] = field(default_factory=list)
    # Voice -> when its reports, kept or waiting, were made.
    _made_s: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._count()

    def _count(self) -> None:
        self._made_s = {}
        for one in (*self.kept, *self.waiting):
            self._made_s.setdefault(one.voice, []).append(one.at_s)

    def take(self, observation: Observation, voice: str, *, alone: bool) -> str | None:
        """Take a report in. Returns why it is not used, or None."""
        heard = _heard(observation, voice, self.index, alone=alone)
        if heard is None:
            return "by what it says it endangers nobody: it is in the record, and changes no warning"
        made_s = self._made_s.setdefault(voice, [])
        if sum(at_s > heard.at_s - PREPARE_S for at_s in made_s) >= PER_VOICE_MAX:
            return f"{PER_VOICE_MAX} reports of one voice within {PREPARE_S / 60:.0f} min are used; this is one more"
        if len(self.waiting) >= WAITING_MAX:
            return f"{WAITING_MAX} reports are waiting to be weighed; nothing more is taken in"
        self.waiting.append(heard)
        made_s.append(heard.at_s)
        return None

    def floors(self, now_s: float, need_s: Floats) -> list[Floor]:
        """What the reports taken in since the last tick ask of the zones.

        need_s   seconds before an attack at which people of each zone must be told, float64 [Z]
        """
        self.kept = [one for one in self.kept if one.at_s > now_s - PREPARE_S][-KEPT_MAX:]
        turn, self.waiting = _fair(self.waiting, lambda one: one.voice, PER_TICK_MAX)
        turn = [heard for heard in turn if heard.at_s > now_s - PREPARE_S]
        every = _Columns([*self.kept, *turn])
        floors: list[Floor] = []
        for row, heard in enumerate(turn, len(self.kept)):
            floors.append(self._one(heard))
            fitting = every.fitting(row)
            before = fitting[every.at_s[fitting] <= heard.at_s]
            if len(before) or heard.alone:
                floors.append(self._several(heard, every.courses(row, before), need_s))
            # One that came late confirms each that was made after it.
            room = LATE_PER_VOICE_MAX - sum(late.voice == heard.voice for _, late in self.confirmed_late)
            later = fitting[every.at_s[fitting] > heard.at_s][: max(0, room)]
            self.confirmed_late += [(every.heard[k], heard) for k in later.tolist()]
        late, self.confirmed_late = _fair(self.confirmed_late, lambda pair: pair[1].voice, LATE_PER_TICK_MAX)
        for one, heard in late:
            both = _Columns([heard, one])
            floors.append(self._several(one, both.courses(1, np.array([0])), need_s))
        self.kept += turn
        self._count()
        return _joined([floor for floor in floors if floor.until_s > now_s])

    def _one(self, heard: Heard) -> Floor:
        """Whom one voice makes prepare."""
        east, north, away = self._away(heard)
        ahead_m = 0.0 if heard.fell else min(heard.speed_mps * AHEAD_S, AHEAD_M_MAX)
        near = away <= heard.sigma_m + ahead_m
        if not math.isnan(heard.course_rad):
            # What flies away from a place by what was said of it does not endanger it soon.
            before = east * math.sin(heard.course_rad) + north * math.cos(heard.course_rad) >= 0.0
            near &= before | (away <= heard.sigma_m)
        return Floor(np.flatnonzero(near), "prepare", heard.at_s + PREPARE_S, heard.threat)

    def _several(self, heard: Heard, courses: tuple[Floats, Floats], need_s: Floats) -> Floor:
        """Whom two voices that fit, or one that needs no second, send into cover.

        courses   where it may be bound, and half the width of each, in radians; none: anywhere
        """
        east, north, away = self._away(heard)
        if heard.fell:
            return Floor(np.flatnonzero(away <= heard.sigma_m), "take_cover", heard.at_s + FELL_S, heard.threat)
        reach_m = np.minimum(heard.speed_mps * (need_s + EARLY_S), AHEAD_M_MAX)
        soon = away - heard.sigma_m <= reach_m
        ahead = _within(np.arctan2(east, north), *courses)
        zones = np.flatnonzero(soon & (ahead | (away <= heard.sigma_m)))
        last_s = float((away[zones] / heard.speed_mps).max()) if len(zones) else 0.0
        return Floor(zones, "take_cover", heard.at_s + last_s + TAIL_S, heard.threat)

    def _away(self, heard: Heard) -> tuple[Floats, Floats, Floats]:
        """East, north to each zone, and the distance to its nearest part, in metres."""
        east, north = self.index.east_m - heard.east_m, self.index.north_m - heard.north_m
        return east, north, np.maximum(0.0, np.hypot(east, north) - self.index.radius_m)

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        return {
            "kept": [tuple(one) for one in self.kept],
            "waiting": [tuple(one) for one in self.waiting],
            "confirmed_late": [(tuple(one), tuple(late)) for one, late in self.confirmed_late],
        }

    @classmethod
    def load(cls, state: dict[str, Any], index: ZoneIndex) -> Reported:
        """What `dump` gave, going on."""
        return cls(
            index,
            [Heard(*one) for one in state["kept"]],
            [Heard(*one) for one in state["waiting"]],
            [(Heard(*one), Heard(*late)) for one, late in state["confirmed_late"]],
        )


def _heard(observation: Observation, voice: str, index: ZoneIndex, *, alone: bool) -> Heard | None:
    """What an observation reports; None: nothing that endangers anybody."""
    time_s, course, fell = seconds_of(observation.time), math.nan, False
    threat: ThreatClass = "unknown"
    if isinstance(observation, Sighting):
        seen = sighted(observation, index.frame)
        east, north, sigma = seen.east_m, seen.north_m, max(seen.along_m, seen.across_m)
        threat = observation.threat
    elif isinstance(observation, (Position, Launch, Impact)):
        east, north = (float(part) for part in index.frame.to_local(observation.lat, observation.lon))
        sigma, fell = observation.sigma_m or 500.0, isinstance(observation, Impact)
        threat = "unknown" if isinstance(observation, Position) else observation.threat or "unknown"
    else:
        return None
    if threat == "civil" or (isinstance(observation, Position) and observation.cooperative):
        return None
    if isinstance(observation, (Sighting, Position)) and observation.heading_deg is not None:
        course = math.radians(observation.heading_deg)
    if isinstance(observation, Launch) and observation.azimuth_deg is not None:
        course = math.radians(observation.azimuth_deg)
    post_east, post_north = (float(part) for part in index.frame.to_local(observation.lat, observation.lon))
    return Heard(
        voice, time_s, east, north, FELL_M + 2.0 * sigma if fell else min(sigma, SIGMA_M_MAX),
        post_east, post_north, threat, course, LIMITS[threat].speed_mps, fell, alone,
    )  # fmt: skip


class _Columns:
    """Reports as columns, in order: which fit which is asked of thousands at once.

    at_s   POSIX seconds, float64 [N]
    """

    def __init__(self, heard: Sequence[Heard]) -> None:
        self.heard = heard
        self.at_s = np.array([one.at_s for one in heard])
        self._place = np.array([(one.east_m, one.north_m) for one in heard]).reshape(-1, 2)
        self._post = np.array([(one.post_east_m, one.post_north_m) for one in heard]).reshape(-1, 2)
        self._sigma_m = np.array([one.sigma_m for one in heard])
        self._fell = np.array([one.fell for one in heard], bool)
        numbers: dict[str, int] = {}
        self._voice = np.array([numbers.setdefault(one.voice, len(numbers)) for one in heard])
        self._threat = np.array([CLASSES.index(one.threat) for one in heard])

    def fitting(self, row: int) -> NDArray[np.intp]:
        """Rows before `row` that are another voice, from another place, about what may be the same thing."""
        one, before = self.heard[row], slice(0, row)
        apart_s = np.abs(self.at_s[before] - one.at_s)
        fits = (self._voice[before] != self._voice[row]) & (self._fell[before] == one.fell) & (apart_s <= PAIR_S)
        posts = self._post[before] - (one.post_east_m, one.post_north_m)
        fits &= np.hypot(posts[:, 0], posts[:, 1]) >= APART_M
        threat = self._threat[before]
        fits &= one.fell | _ALIKE[self._threat[row], threat]
        way = self._place[before] - (one.east_m, one.north_m)
        way_m = np.hypot(way[:, 0], way[:, 1]) - one.sigma_m - self._sigma_m[before]
        fastest = np.minimum(LIMITS[one.threat].speed_max_mps, _FASTEST[threat])
        fits &= way_m <= (0.0 if one.fell else fastest * apart_s)
        return np.flatnonzero(fits)

    def courses(self, row: int, confirming: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """(course, half-width) in radians of where it may be bound, by its own heading and by each earlier report.

        Each pair by itself: where one of them tells no course, none of the others narrows that.
        """
        one = self.heard[row]
        way = (one.east_m, one.north_m) - self._place[confirming]
        flown, doubt = np.hypot(way[:, 0], way[:, 1]), one.sigma_m + self._sigma_m[confirming]
        told = flown > doubt
        if math.isnan(one.course_rad) and not told.all():
            return np.empty(0), np.empty(0)
        course = np.arctan2(way[told, 0], way[told, 1])
        half = SWERVE_RAD + np.arctan2(doubt[told], flown[told])
        if not math.isnan(one.course_rad):
            course, half = np.append(course, one.course_rad), np.append(half, SWERVE_RAD)
        return course, half


def _within(bearing: Floats, course: Floats, half: Floats) -> NDArray[np.bool_]:
    """Which bearings lie within half a width of any course; all of them where there is none."""
    if not len(course):
        return np.ones(len(bearing), bool)
    begins = (course - half) % (2 * math.pi)
    order = np.argsort(begins)
    begins, ends = begins[order], np.maximum.accumulate((begins + 2 * half)[order])
    turn = bearing % (2 * math.pi)
    last = np.searchsorted(begins, turn, side="right") - 1
    # Sectors that reach over north begin on the turn before.
    inside: NDArray[np.bool_] = ((last >= 0) & (ends[last] >= turn)) | (ends[-1] >= turn + 2 * math.pi)
    return inside


def _joined(floors: Sequence[Floor]) -> list[Floor]:
    """The same floors with every zone once a level, in the one that lasts longest: a flood costs no more than that."""
    kept: list[Floor] = []
    asked: dict[str, set[int]] = {"prepare": set(), "take_cover": set()}
    for floor in sorted(floors, key=lambda one: -one.until_s):
        already = asked[floor.level]
        zones = [z for z in floor.zones.tolist() if z not in already]
        if zones:
            already.update(zones)
            kept.append(Floor(np.array(zones, np.int64), floor.level, floor.until_s, floor.threat))
    return kept


def _alike(one: ThreatClass, other: ThreatClass) -> bool:
    """Whether people may well call one thing by both names."""
    return one == other or "unknown" in (one, other) or any({one, other} <= kin for kin in KIN)


CLASSES = tuple(LIMITS)
_ALIKE = np.array([[_alike(one, other) for other in CLASSES] for one in CLASSES])
_FASTEST = np.array([LIMITS[one].speed_max_mps for one in CLASSES])


def _fair(waiting: Sequence[T], voice_of: Callable[[T], str], most: int) -> tuple[list[T], list[T]]:
    """What has its turn at this tick, voice by voice, and what waits; both in order of arrival within a voice.

    However many one voice has waiting, another's first is weighed at once, unless more than `most` voices wait.
    """
    if len(waiting) <= most:
        return list(waiting), []
    spoken: dict[str, int] = {}
    turns = []
    for number, one in enumerate(waiting):
        voice = voice_of(one)
        spoken[voice] = spoken.get(voice, 0) + 1
        turns.append((spoken[voice], number))
    chosen = {number for _, number in sorted(turns)[:most]}
    return (
        [one for number, one in enumerate(waiting) if number in chosen],
        [one for number, one in enumerate(waiting) if number not in chosen],
    )
