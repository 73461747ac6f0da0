"""Reports as they are weighed: whose, when, where; one by one, and as columns to be compared by thousands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.sighted import sighted_from
from tocsin.forecast.limits import LIMITS
from tocsin.model.observation import Impact, Launch, Observation, Position, Sighting
from tocsin.model.threat import ThreatClass, alike

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Two reports farther apart in time are two stories.
PAIR_S = 300.0
# Two voices on the same spot may be one person with two telephones.
APART_M = 500.0
# A course from two places: the object may have turned by this much on either side.
SWERVE_RAD = math.radians(35.0)
# A place less sure than this is no place: an observer who hears something 20 km off is wrong.
SIGMA_M_MAX = 8_000.0
# What fell is reported within this of where it fell.
FELL_M = 1_000.0


class Line(NamedTuple):
    """What a channel's line adds to the place that it tells of.

    posted_s   POSIX time of the post
    wording    the same for the same words; 0: none
    vague      a wide or doubtful place: worth vigilance, and no second voice
    """

    threat: ThreatClass
    posted_s: float
    wording: int
    vague: bool


class Said(NamedTuple):
    """A report as it came in: where it was is worked out once its turn comes, for all whose turn it is together.

    before  how many of the same voice counted when it came: whoever has said less has an earlier turn
    number  of all reports, in order of arrival
    at_s    POSIX time of which it tells
    alone   this voice needs no second one
    line    where a channel told it
    """

    before: int
    number: int
    voice: str
    at_s: float
    alone: bool
    report: Sighting | Position | Launch | Impact
    line: Line | None = None


class Heard(NamedTuple):
    """One report: whose, when, where the object was, and where whoever tells of it stood (metres in the frame).

    course_rad   clockwise from north; NaN: unknown
    alone        this voice needs no second one
    line         where a channel told it: nobody knows where the channel's people stand
    echoes       voices that it repeats, and never confirms
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
    line: Line | None = None
    echoes: tuple[str, ...] = ()

    @property
    def vague(self) -> bool:
        """Whether it is worth vigilance and no more."""
        return self.line is not None and self.line.vague


def endangers(observation: Observation) -> TypeGuard[Sighting | Position | Launch | Impact]:
    """Whether an observation reports what may endanger anybody."""
    if isinstance(observation, Position):
        return not observation.cooperative
    return isinstance(observation, (Sighting, Launch, Impact)) and observation.threat != "civil"


def heard_of(said: Sequence[Said], frame: LocalFrame) -> list[Heard]:
    """Reports that endanger somebody, with where what they tell of was."""
    if not said:
        return []
    east, north = frame.to_local([one.report.lat for one in said], [one.report.lon for one in said])
    return [_heard(one, *post) for one, post in zip(said, zip(east.tolist(), north.tolist(), strict=True), strict=True)]


def _heard(said: Said, post_east: float, post_north: float) -> Heard:
    report, course, fell = said.report, math.nan, False
    threat: ThreatClass = "unknown"
    if isinstance(report, Sighting):
        east, north, along_m, across_m, _ = sighted_from(report, post_east, post_north)
        sigma, threat = max(along_m, across_m), report.threat
    else:
        east, north, sigma = post_east, post_north, report.sigma_m or 500.0
        fell = isinstance(report, Impact)
        threat = "unknown" if isinstance(report, Position) else report.threat or "unknown"
    if said.line is not None:
        threat = said.line.threat
    if isinstance(report, (Sighting, Position)) and report.heading_deg is not None:
        course = math.radians(report.heading_deg)
    if isinstance(report, Launch) and report.azimuth_deg is not None:
        course = math.radians(report.azimuth_deg)
    vague = said.line is not None and said.line.vague
    if not vague:
        sigma = FELL_M + 2.0 * sigma if fell else min(sigma, SIGMA_M_MAX)
    return Heard(
        said.voice, said.at_s, east, north, sigma, post_east, post_north, threat, course, LIMITS[threat].speed_mps,
        fell, said.alone, said.line,
    )  # fmt: skip


class Columns:
    """Reports as columns, in order: which fit which is asked of thousands at once.

    at_s   POSIX seconds, float64 [N]
    channel   told by a channel, bool [N]
    voice  a number for each voice, int64 [N]; the others are as of `Heard`
    """

    def __init__(
        self, at_s: Floats, east_m: Floats, north_m: Floats, sigma_m: Floats, post_east_m: Floats,
        post_north_m: Floats, fell: Bools, threat: Ints, voice: Ints, channel: Bools, vague: Bools,
    ) -> None:  # fmt: skip
        self.channel, self._vague = channel, vague
        self.at_s, self.voice, self._threat, self._fell = at_s, voice, threat, fell
        self._east_m, self._north_m, self._sigma_m = east_m, north_m, sigma_m
        self._post_east_m, self._post_north_m = post_east_m, post_north_m
        # A crowd in one place asks the same again and again.
        self._apart_of: dict[tuple[float, float], Bools] = {}

    @classmethod
    def of(cls, heard: Sequence[Heard], voice: Sequence[int]) -> Columns:
        """Columns of reports whose voices have these numbers."""
        names = ("at_s", "east_m", "north_m", "sigma_m", "post_east_m", "post_north_m")
        numbers: list[Any] = [np.array([getattr(one, name) for one in heard], float) for name in names]
        threat = np.array([_NUMBER[one.threat] for one in heard], np.int64)
        numbers += [np.array([one.fell for one in heard], bool), threat, np.array(voice, np.int64)]
        numbers += [np.array([one.line is not None for one in heard], bool)]
        numbers += [np.array([one.vague for one in heard], bool)]
        return cls(*numbers)

    def _all(self) -> tuple[NDArray[Any], ...]:
        return (
            self.at_s, self._east_m, self._north_m, self._sigma_m, self._post_east_m, self._post_north_m, self._fell,
            self._threat, self.voice, self.channel, self._vague,
        )  # fmt: skip

    def joined(self, more: Columns) -> Columns:
        """These, and more after them."""
        return Columns(*(np.concatenate(both) for both in zip(self._all(), more._all(), strict=True)))

    def only(self, rows: Bools) -> Columns:
        """Some of them."""
        return Columns(*(column[rows] for column in self._all()))

    def _apart(self, row: int) -> Bools:
        """Which were told from another place than a row was, bool [N]."""
        post = float(self._post_east_m[row]), float(self._post_north_m[row])
        if post not in self._apart_of:
            away_m = np.hypot(self._post_east_m - post[0], self._post_north_m - post[1])
            self._apart_of[post] = away_m >= APART_M
        return self._apart_of[post]

    def fitting(self, row: int) -> NDArray[np.intp]:
        """Rows before `row` that are another voice, from another place, about what may be the same thing."""
        before = slice(0, row)
        if self._vague[row]:
            return np.empty(0, np.intp)
        # Nobody knows where those stand who tell a channel.
        fits = (self._apart(row)[before] | self.channel[before] | self.channel[row]) & ~self._vague[before]
        if not fits.any():
            return np.empty(0, np.intp)
        apart_s = np.abs(self.at_s[before] - self.at_s[row])
        fits = fits & (self.voice[before] != self.voice[row]) & (apart_s <= PAIR_S)
        rows = np.flatnonzero(fits & (self._fell[before] == self._fell[row]))
        if self._fell[row]:
            fastest = np.zeros(len(rows))
        else:
            threat = self._threat[rows]
            rows = rows[_ALIKE[self._threat[row], threat]]
            fastest = np.minimum(_FASTEST[self._threat[row]], _FASTEST[self._threat[rows]])
        way_m = np.hypot(self._east_m[rows] - self._east_m[row], self._north_m[rows] - self._north_m[row])
        found: NDArray[np.intp] = rows[way_m - self._sigma_m[row] - self._sigma_m[rows] <= fastest * apart_s[rows]]
        return found

    def courses(self, row: int, confirming: NDArray[np.intp], course_rad: float) -> tuple[Floats, Floats]:
        """(course, half-width) in radians of where it may be bound, by its own heading and by each earlier report.

        Each pair by itself: where one of them tells no course, none of the others narrows that.
        """
        east, north = self._east_m[row] - self._east_m[confirming], self._north_m[row] - self._north_m[confirming]
        flown, doubt = np.hypot(east, north), self._sigma_m[row] + self._sigma_m[confirming]
        told = flown > doubt
        if math.isnan(course_rad) and not told.all():
            return np.empty(0), np.empty(0)
        course = np.arctan2(east[told], north[told])
        half = SWERVE_RAD + np.arctan2(doubt[told], flown[told])
        if not math.isnan(course_rad):
            course, half = np.append(course, course_rad), np.append(half, SWERVE_RAD)
        return course, half


def within(bearing: Floats, course: Floats, half: Floats) -> Bools:
    """Which bearings lie within half a width of any course; all of them where there is none."""
    if not len(course):
        return np.ones(len(bearing), bool)
    begins = (course - half) % (2 * math.pi)
    order = np.argsort(begins)
    begins, ends = begins[order], np.maximum.accumulate((begins + 2 * half)[order])
    turn = bearing % (2 * math.pi)
    last = np.searchsorted(begins, turn, side="right") - 1
    # Sectors that reach over north begin on the turn before.
    inside: Bools = ((last >= 0) & (ends[last] >= turn)) | (ends[-1] >= turn + 2 * math.pi)
    return inside


_NUMBER = {one: number for number, one in enumerate(LIMITS)}
_ALIKE = np.array([[alike(one, other) for other in LIMITS] for one in LIMITS])
_FASTEST = np.array([LIMITS[one].speed_max_mps for one in LIMITS])
