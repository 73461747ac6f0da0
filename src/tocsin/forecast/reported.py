"""What people report, and others whose word alone is not a sensor's: it raises within bounds, and lowers nothing.

One voice, however often it speaks, makes people near what it reports *prepare*. A second voice from another place whose
report fits the first (near enough for the same thing to have flown there in the time between) makes those *take cover*
whom it can reach before they could otherwise be warned. Each report stands by itself and each pair by itself: nothing
that anybody adds takes anything away, and everything ends by itself. That is why none of it enters the tracker, where
one report can draw a track away from another.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.copying import Copying, Fact
from tocsin.forecast.heard import Bools, Columns, Floats, Heard, Line, Said, endangers, heard_of, within
from tocsin.model.observation import Observation
from tocsin.model.threat import Floor, alike
from tocsin.model.value import seconds_of
from tocsin.model.wire import event_from_json, to_json

# A report that was confirmed late, and what confirms it.
Pair = tuple[Heard, Heard]

# A single report is worth vigilance this long: a drone heard here is 30 km on by then.
PREPARE_S = 600.0
# Those whom it could reach within this prepare, but no farther than this from it: a mistaken "missile" must not reach
# across a country.
AHEAD_S, AHEAD_M_MAX = 300.0, 40_000.0
# Who prepares is public, and a disc about whoever reports would show where he stands: it is about the middle of a
# square of this side in which he is, and so much wider that everybody about him is in it.
SQUARE_DEG, SQUARE_M = 0.09, 10_050.0
# Cover on two voices begins this much before the way to shelter would, and lasts this long after it should have struck.
EARLY_S, TAIL_S = 60.0, 180.0
# Shelters are held this long where something fell.
FELL_S = 180.0
# A busy spotter at a drone a minute; beyond it, the newest are not taken.
PER_VOICE_MAX = 20
TOO_OFTEN = f"{PER_VOICE_MAX} reports of one voice within {PREPARE_S / 60:.0f} min are used; this is one more"
# A channel speaks for many people; a line may name ten places.
PER_CHANNEL_MAX = 150
TOO_MUCH_SAID = f"a channel's lines may name {PER_CHANNEL_MAX} places within {PREPARE_S / 60:.0f} min; this is one more"
HARMLESS = "by what it says it endangers nobody: it is in the record, and changes no warning"
# Reports weighed at one tick, each voice in turn: a few milliseconds. The others wait their turn.
PER_TICK_MAX = 100
# When so many wait, only those are taken of whom nothing was heard yet; and at most so many of them.
WAITING_MAX, STRANGERS_MAX = 2_000, 2_000
TOO_MANY = f"{WAITING_MAX} reports are waiting to be weighed; nothing more is taken in"
# A late report may confirm many; so many of these a tick, each voice in turn, the others at the next. And so many wait
# for one voice: more than the reports of all posts that one report can fit.
LATE_PER_TICK_MAX, LATE_PER_VOICE_MAX = 50, 200
TOO_MANY_LATE = "{count} of the reports that it confirms are left out: {most} of one voice wait to be weighed"
KEPT_MAX = 10_000


class Reported:
    """The reports of one sector.

    kept             those that later ones are compared with
    waiting          those not weighed yet: a heap, so that whose turn it is need not be sought among thousands
    confirmed_late   reports that a late one confirms, each with it: (of what was made after it, the late one)
    copying          which channels repeat which
    left_out         reports of the last tick of whose confirmations some were too many, and how many
    """

    def __init__(
        self, index: ZoneIndex, kept: Sequence[Heard] = (), waiting: Sequence[Said] = (),
        confirmed_late: Sequence[Pair] = (), copying: Copying | None = None,
    ) -> None:  # fmt: skip
        self.copying = copying or Copying(alike)
        self.kept, self.waiting, self.confirmed_late = list(kept), list(waiting), list(confirmed_late)
        self.left_out: list[tuple[Observation, str]] = []
        self._index = index
        # The zones from south to north: those near a report are a stretch of them.
        self._order, self._north = index.by_north
        self._east, self._radius = index.east_m[self._order], index.radius_m[self._order]
        self._radius_most = float(self._radius.max(initial=0.0))
        # Voice -> when its reports, kept or waiting, were made, in order; its number in the columns of those kept.
        self._made_s: dict[str, list[float]] = {}
        self._number: dict[str, int] = {}
        self._numbers, self._taken = 0, max((one.number for one in self.waiting), default=0)
        made = [(one.voice, one.at_s) for one in self.kept] + [(one.voice, one.at_s) for one in self.waiting]
        for voice, at_s in made:
            insort(self._made_s.setdefault(voice, []), at_s)
        self._columns = self._columns_of(self.kept)

    def take(self, observation: Observation, voice: str, *, alone: bool, line: Line | None = None) -> str | None:
        """Take a report in. Returns why it is not used, or None. What is refused costs microseconds.

        line   where a channel told it
        """
        if not endangers(observation):
            return HARMLESS
        made_s, at_s = self._made_s.get(voice, []), seconds_of(observation.time)
        most = PER_VOICE_MAX if line is None else PER_CHANNEL_MAX
        if len(made_s) >= most and len(made_s) - bisect_right(made_s, at_s - PREPARE_S) >= most:
            return TOO_OFTEN if line is None else TOO_MUCH_SAID
        if len(self.waiting) >= WAITING_MAX + (0 if made_s else STRANGERS_MAX):
            return TOO_MANY
        self._taken += 1
        heapq.heappush(self.waiting, Said(len(made_s), self._taken, voice, at_s, alone, observation, line))
        insort(self._made_s.setdefault(voice, made_s), at_s)
        return None

    def floors(self, now_s: float, need_s: Floats) -> list[Floor]:
        """What the reports taken in since the last tick ask of the zones.

        need_s   seconds before an attack at which people of each zone must be told, float64 [Z]
        """
        self._forget(now_s)
        self.left_out = []
        said = self._turn(now_s)
        turn = [self._told_before(one) for one in heard_of(said, self._index.frame)]
        if not turn and not self.confirmed_late:
            return []
        need_s = need_s[self._order]
        begin, self.kept = len(self.kept), [*self.kept, *turn]
        every = self._columns = self._columns.joined(self._columns_of(turn))
        waiting_late = Counter(late.voice for _, late in self.confirmed_late)
        floors = self._ones(turn)
        for row, heard in enumerate(turn, begin):
            fitting = self._independent(heard, every.fitting(row))
            if not len(fitting) and not heard.alone:
                continue
            before = fitting[every.at_s[fitting] <= heard.at_s]
            if len(before) or heard.alone:
                floors.append(self._several(heard, every.courses(row, before, heard.course_rad), need_s))
            # One that came late confirms each that was made after it.
            later = fitting[every.at_s[fitting] > heard.at_s]
            room = max(0, LATE_PER_VOICE_MAX - waiting_late[heard.voice])
            if len(later) > room:
                why = TOO_MANY_LATE.format(count=len(later) - room, most=LATE_PER_VOICE_MAX)
                self.left_out.append((said[row - begin].report, why))
            later = later[:room]
            waiting_late[heard.voice] += len(later)
            self.confirmed_late += [(self.kept[k], heard) for k in later.tolist()]
        late, self.confirmed_late = _fair(self.confirmed_late, LATE_PER_TICK_MAX)
        for one, confirming in late:
            both = Columns.of([confirming, one], [0, 1])
            floors.append(self._several(one, both.courses(1, np.array([0]), one.course_rad), need_s))
        return _joined([floor for floor in floors if floor.until_s > now_s], len(self._order))

    def _told_before(self, heard: Heard) -> Heard:
        """A report with whom it echoes, where a channel told it."""
        if heard.line is None or heard.vague:
            return heard
        line = heard.line
        fact = Fact(line.posted_s, heard.east_m, heard.north_m, heard.threat, line.wording)
        return heard._replace(echoes=self.copying.echoes(heard.voice, fact))

    def _independent(self, heard: Heard, fitting: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of fitting reports that are no echo of this one, and of which it is none."""
        if heard.line is None or not len(fitting):
            return fitting
        apart = [
            heard.voice not in self.kept[k].echoes and self.kept[k].voice not in heard.echoes for k in fitting.tolist()
        ]
        found: NDArray[np.intp] = fitting[np.array(apart, bool)]
        return found

    def _forget(self, now_s: float) -> None:
        """Drop what is over, and the oldest of what is more than can be kept."""
        still = self._columns.at_s > now_s - PREPARE_S
        still[: max(0, len(still) - KEPT_MAX)] = False
        if still.all():
            return
        kept = []
        for stays, one in zip(still.tolist(), self.kept, strict=True):
            if stays:
                kept.append(one)
            else:
                self._release(one.voice, one.at_s)
        self.kept, self._columns = kept, self._columns.only(still)

    def _turn(self, now_s: float) -> list[Said]:
        """The reports whose turn it is, in order of arrival; whoever has said least in the last minutes comes first."""
        turn = [heapq.heappop(self.waiting) for _ in range(min(PER_TICK_MAX, len(self.waiting)))]
        timely = [said for said in turn if said.at_s > now_s - PREPARE_S]
        for said in turn:
            if said.at_s <= now_s - PREPARE_S:
                self._release(said.voice, said.at_s)
        return sorted(timely, key=lambda one: one.number)

    def _release(self, voice: str, at_s: float) -> None:
        """A report of a voice counts no more; a voice of which none does is forgotten."""
        self._made_s[voice].remove(at_s)
        if not self._made_s[voice]:
            del self._made_s[voice]
            self._number.pop(voice, None)

    def _columns_of(self, heard: Sequence[Heard]) -> Columns:
        numbers = []
        for one in heard:
            if one.voice not in self._number:
                self._numbers += 1
                self._number[one.voice] = self._numbers
            numbers.append(self._number[one.voice])
        return Columns.of(heard, numbers)

    def _ones(self, turn: Sequence[Heard]) -> list[Floor]:
        """Whom each voice by itself makes prepare; all of them at once, because a crowd may have its turn."""
        if not turn:
            return []
        names = ("east_m", "north_m", "sigma_m", "speed_mps", "course_rad")
        place_east, place_north, sigma, speed, course = np.array([[getattr(one, k) for k in names] for one in turn]).T
        ahead = np.where([one.fell or one.vague for one in turn], 0.0, np.minimum(speed * AHEAD_S, AHEAD_M_MAX))
        # Where something fell is no secret, nor the town that a channel names.
        person = np.array([not one.fell and one.line is None for one in turn])
        middle_east, middle_north = _middle_of_square(self._index.frame, place_east, place_north)
        place_east, place_north = np.where(person, (middle_east, middle_north), (place_east, place_north))
        sigma = sigma + np.where(person, SQUARE_M / np.sqrt(2.0), 0.0)
        most = sigma + ahead + self._radius_most
        stretch = self._between(float((place_north - most).min()), float((place_north + most).max()))
        # A crowd stands in one place: most of the country at its latitude is too far east or west for all of it.
        beside = (self._east[stretch] >= (place_east - most).min()) & (self._east[stretch] <= (place_east + most).max())
        zones = stretch.start + np.flatnonzero(beside)
        order, radius = self._order[zones], self._radius[zones]
        east = self._east[zones] - place_east[:, None]
        north = self._north[zones] - place_north[:, None]
        away_squared = east * east + north * north
        near = away_squared <= ((sigma + ahead)[:, None] + radius) ** 2
        told = np.flatnonzero(~np.isnan(course))
        # What flies away from a place by what was said of it does not endanger it soon.
        along = east[told] * np.sin(course[told, None]) + north[told] * np.cos(course[told, None])
        near[told] &= (along >= 0.0) | (away_squared[told] <= (sigma[told, None] + radius) ** 2)
        return [
            Floor(order[mine], "prepare", one.at_s + PREPARE_S, one.threat)
            for one, mine in zip(turn, near, strict=True)
        ]

    def _several(self, heard: Heard, courses: tuple[Floats, Floats], need_s: Floats) -> Floor:
        """Whom two voices that fit, or one that needs no second, send into cover.

        courses   where it may be bound, and half the width of each, in radians; none: anywhere
        need_s    of the zones from south to north
        """
        if heard.fell:
            stretch, _, _, away = self._around(heard, 0.0)
            near = away <= heard.sigma_m
            return Floor(self._order[stretch][near], "take_cover", heard.at_s + FELL_S, heard.threat)
        stretch, east, north, away = self._around(heard, AHEAD_M_MAX)
        reach_m = np.minimum(heard.speed_mps * (need_s[stretch] + EARLY_S), AHEAD_M_MAX)
        soon = np.flatnonzero(away - heard.sigma_m <= reach_m)
        ahead = within(np.arctan2(east[soon], north[soon]), *courses)
        found = soon[ahead | (away[soon] <= heard.sigma_m)]
        last_s = float((away[found] / heard.speed_mps).max()) if len(found) else 0.0
        return Floor(self._order[stretch][found], "take_cover", heard.at_s + last_s + TAIL_S, heard.threat)

    def _around(self, heard: Heard, reach_m: float) -> tuple[slice, Floats, Floats, Floats]:
        """The zones that may be that near: which of those from south to north; east, north and how far, in metres.

        How far   to the nearest part of each zone
        """
        most_m = heard.sigma_m + reach_m + self._radius_most
        stretch = self._between(heard.north_m - most_m, heard.north_m + most_m)
        east, north = self._east[stretch] - heard.east_m, self._north[stretch] - heard.north_m
        return stretch, east, north, np.maximum(0.0, np.hypot(east, north) - self._radius[stretch])

    def _between(self, south_m: float, north_m: float) -> slice:
        return slice(*np.searchsorted(self._north, (south_m, north_m)).tolist())

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        return {
            "kept": [tuple(one) for one in self.kept],
            "waiting": [
                (one.before, one.number, one.voice, one.alone, one.line, to_json(one.report)) for one in self.waiting
            ],
            "copying": self.copying.dump(),
            "confirmed_late": [(tuple(one), tuple(late)) for one, late in self.confirmed_late],
        }

    @classmethod
    def load(cls, state: dict[str, Any], index: ZoneIndex) -> Reported:
        """What `dump` gave, going on."""
        waiting = [(*said, event_from_json(text)) for *said, text in state["waiting"]]
        copying = Copying(alike)
        copying.load(state["copying"])
        return cls(
            index,
            [_heard_again(one) for one in state["kept"]],
            [
                Said(before, number, voice, seconds_of(one.time), alone, one, _line_again(line))
                for before, number, voice, alone, line, one in waiting
                if endangers(one)
            ],
            [(_heard_again(one), _heard_again(late)) for one, late in state["confirmed_late"]],
            copying,
        )


def _middle_of_square(frame: LocalFrame, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """The middle of the square that holds each place; squares of the Earth, so that every sector has the same."""
    lat, lon = frame.to_geodetic(east_m, north_m)
    lat = (np.floor(lat / SQUARE_DEG) + 0.5) * SQUARE_DEG
    wide_deg = SQUARE_DEG / np.cos(np.radians(lat))
    return frame.to_local(lat, (np.floor(lon / wide_deg) + 0.5) * wide_deg)


def _line_again(state: Sequence[Any] | None) -> Line | None:
    return None if state is None else Line(*state)


def _heard_again(state: Sequence[Any]) -> Heard:
    heard = Heard(*state)
    return heard._replace(line=_line_again(heard.line), echoes=tuple(heard.echoes))


def _joined(floors: Sequence[Floor], count: int) -> list[Floor]:
    """The same floors with every zone once a level, in the one that lasts longest: a flood costs no more than that."""
    kept: list[Floor] = []
    asked = {"prepare": np.zeros(count, bool), "take_cover": np.zeros(count, bool)}
    for floor in sorted(floors, key=lambda one: -one.until_s):
        already: Bools = asked[floor.level]
        zones = floor.zones[~already[floor.zones]]
        if len(zones):
            already[zones] = True
            kept.append(Floor(np.sort(zones), floor.level, floor.until_s, floor.threat))
    return kept


def _fair(waiting: Sequence[Pair], most: int) -> tuple[list[Pair], list[Pair]]:
    """Whose turn it is among late confirmations, voice by voice, and what waits; both in order of arrival.

    However many one voice has waiting, another's first is weighed at once, unless more than `most` voices wait.
    """
    if len(waiting) <= most:
        return list(waiting), []
    spoken: Counter[str] = Counter()
    turns = []
    for number, (_, late) in enumerate(waiting):
        spoken[late.voice] += 1
        turns.append((spoken[late.voice], number))
    chosen = {number for _, number in heapq.nsmallest(most, turns)}
    return (
        [one for number, one in enumerate(waiting) if number in chosen],
        [one for number, one in enumerate(waiting) if number not in chosen],
    )
