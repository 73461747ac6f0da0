"""What the forecast remembers of each track: where its path began, what was last expected, when it was lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.footprint import NOWHERE, Footprint, footprint_of, plain_of
from tocsin.model.threat import ThreatClass

# Path remembered, in legs: what it did longer ago says little about where it is bound now.
ANCHORS = 4
# A leg ends where the course lies this far off the leg's for this long.
TURN_RAD, TURN_S = 0.1, 10.0
# A tracker's errors of course hang together over this long; how large they are is remembered over the second; and right
# after a turn they are taken to be no smaller than the third.
ALIKE_S, SCATTER_S, SCATTER_RAD = 12.0, 90.0, 0.055
# Past its likely time of arrival a lost track's danger to a zone fades over this.
FADE_S = 30.0
# It may be late by this share of the time that was left when it was lost, and by this much.
LATE_SHARE, LATE_S = 0.2, 10.0
# What falls along an arc is on time: it may be late by this much, and its danger fades over the second.
ARC_LATE_S, ARC_FADE_S = 3.0, 8.0
# What flies within about this of the direction it came from, from at least so many legs away, flies home.
HOME_RAD, HOME_LEGS = 0.5, 0.5
# Of what is lost in full view about this share flies on, hidden; and what flies on is seen again within about so long.
HIDDEN, HIDDEN_S = 0.5, 90.0
# However surely a lost track has arrived, danger stands this long.
LOST_MIN_S = 45.0
# A path this straight (chord by length of its last leg or two) is no circling; one below the second number is.
STRAIGHT, ROUND = 0.7, 0.4


class Anchor(NamedTuple):
    """The end of a leg: where it was, and how long the path was by then."""

    east_m: float
    north_m: float
    flown_m: float


@dataclass
class Memory:
    """One track.

    first_s, first_lat, first_lon   when and where it was first seen
    home_east_m, home_north_m       that place, too
    last_s, speed_mps, gain_mps2    when it was last looked at, how fast it went and how fast it gained speed
    east_m, north_m, sigma_m        where it was then
    course_rad, straight_s          mean course of the leg it flies, and for how long it has flown that
    off_rad, scatter_rad2           how far its course lies off the leg's, smoothed over `TURN_S`; and how far it strays
                                    from it, as a variance
    flown_m                         length of its path
    anchors                         the ends of its last legs
    threat, lost_for_s              its class, and how long it is believed in once lost
    confirmed                       whether it ever was
    expected, expected_s            what was last forecast for it and when; for a lost track, what still is
    lost_s                          POSIX time it was lost; None while it is tracked
    arc_updated_s                   for an arc, the time of the state `expected` was computed from; None for the rest
    newest                          id of the sensor that saw it last
    found                           the lost track it is taken for, which stands until that is borne out; empty: none
    """

    first_s: float
    first_lat: float
    first_lon: float
    last_s: float
    speed_mps: float
    east_m: float
    north_m: float
    sigma_m: float
    threat: ThreatClass
    lost_for_s: float
    home_east_m: float = 0.0
    home_north_m: float = 0.0
    gain_mps2: float = 0.0
    course_rad: float | None = None
    straight_s: float = 0.0
    off_rad: float = 0.0
    scatter_rad2: float = SCATTER_RAD**2
    flown_m: float = 0.0
    anchors: list[Anchor] = field(default_factory=list)
    confirmed: bool = False
    expected: Footprint = NOWHERE
    expected_s: float = 0.0
    lost_s: float | None = None
    arc_updated_s: float | None = None
    newest: str = ""
    found: str = ""

    @property
    def arc(self) -> bool:
        """Whether it falls along an arc."""
        return self.arc_updated_s is not None

    def move(
        self, now_s: float, east_m: float, north_m: float, speed_mps: float, course_rad: float, leg_m: float
    ) -> None:
        """Take in where it is now and which way it goes; `leg_m` is the length of a leg."""
        elapsed = now_s - self.last_s
        assert elapsed >= 0.0, f"a path goes back by {-elapsed} s"
        if elapsed > 0:
            # Smoothed over about 5 s: a tracker's speed is noisy, a burning motor is not.
            blend = min(1.0, elapsed / 5.0)
            self.gain_mps2 += blend * ((speed_mps - self.speed_mps) / elapsed - self.gain_mps2)
            self.flown_m += speed_mps * elapsed
            self._fly(elapsed, course_rad)
        elif self.course_rad is None:
            self.course_rad = course_rad
        if not self.anchors or self.flown_m - self.anchors[-1].flown_m >= leg_m:
            self.anchors = [*self.anchors[-(ANCHORS - 1) :], Anchor(east_m, north_m, self.flown_m)]
        assert 1 <= len(self.anchors) <= ANCHORS, f"a path of {len(self.anchors)} legs"
        self.last_s, self.speed_mps = now_s, speed_mps
        self.east_m, self.north_m = east_m, north_m

    def lost_at(self, now_s: float) -> Memory:
        """A copy, of a track that is lost from now on."""
        # Nothing that it holds is changed where it stands. Field by field this would take ten times as long.
        made = object.__new__(Memory)
        made.__dict__.update(self.__dict__, lost_s=now_s)
        return made

    def circling(self, leg_m: float) -> float:
        """How surely it goes round and round: 0 to 1, from the newest stretch at least a leg long."""
        for east_m, north_m, flown_m in reversed(self.anchors):
            length = self.flown_m - flown_m
            if length >= leg_m:
                chord = math.hypot(self.east_m - east_m, self.north_m - north_m)
                return min(1.0, max(0.0, (STRAIGHT - chord / length) / (STRAIGHT - ROUND)))
        return 0.0

    def _fly(self, elapsed_s: float, course_rad: float) -> None:
        """Go on along the leg, or begin a new one: its course is the mean since the last turn."""
        if self.course_rad is None:
            self.course_rad = course_rad
            return
        off = math.remainder(course_rad - self.course_rad, math.tau)
        self.off_rad += min(1.0, elapsed_s / TURN_S) * (off - self.off_rad)
        if abs(self.off_rad) > TURN_RAD:
            self.course_rad = math.remainder(self.course_rad + self.off_rad, math.tau)
            self.straight_s, self.off_rad = 0.0, 0.0
            self.scatter_rad2 = max(self.scatter_rad2, SCATTER_RAD**2)
            return
        self.straight_s += elapsed_s
        self.course_rad += elapsed_s / (self.straight_s + ALIKE_S) * off
        share = elapsed_s / (min(self.straight_s, SCATTER_S) + ALIKE_S)
        self.scatter_rad2 += min(1.0, share) * (off * off - self.scatter_rad2)

    def leg_sigma_rad(self, course_sigma_rad: float) -> float:
        """One standard deviation of the leg's course: that of a mean, the better the longer the leg has been flown.

        course_sigma_rad   that of its course now, as the tracker says
        """
        assert self.scatter_rad2 >= 0.0, "a variance below zero"
        one = max(self.scatter_rad2, course_sigma_rad * course_sigma_rad)
        return math.sqrt(one * ALIKE_S / (self.straight_s + ALIKE_S))

    def homeward(self, leg_m: float) -> float:
        """How much likelier its course is if it flies back to where it came from than if it flies anywhere."""
        east_m, north_m = self.home_east_m - self.east_m, self.home_north_m - self.north_m
        if self.course_rad is None or math.hypot(east_m, north_m) < HOME_LEGS * leg_m:
            return 0.0
        off = math.remainder(math.atan2(east_m, north_m) - self.course_rad, math.tau) / HOME_RAD
        return math.sqrt(math.tau) / HOME_RAD * math.exp(-0.5 * off * off)

    def over_s(self) -> float:
        """POSIX time until which a lost track is believed in: less, the more of what it was bound for has passed."""
        assert self.lost_s is not None
        latest_s = self.latest_s()
        if self.arc:
            # It comes down whether it is seen or not.
            return max(float(latest_s.max(initial=self.lost_s)) + 2 * ARC_FADE_S, self.lost_s + LOST_MIN_S)
        due = latest_s <= self.lost_s + self.lost_for_s
        last = float(latest_s[due & (self.expected.probability > 0.05)].max(initial=self.lost_s))
        arrived = min(1.0, float(self.expected.probability[due].sum()))
        return max(last + FADE_S, self.lost_s + LOST_MIN_S, self.lost_s + self.lost_for_s * (1.0 - arrived))

    def latest_s(self) -> np.ndarray:
        """POSIX time by which it would have arrived at each expected zone, float64 [K]."""
        assert self.lost_s is not None
        if self.arc:
            return np.asarray(self.expected.likely_s + ARC_LATE_S)
        left_s = np.maximum(0.0, self.expected.likely_s - self.lost_s)
        return np.asarray(self.expected.likely_s + LATE_SHARE * left_s + LATE_S)

    def fading(self, now_s: float, in_view: bool) -> np.ndarray:
        """Probability per expected zone of a lost track now, float64 [K].

        in_view   sensors watch where it was lost: then that it is not seen again says that it has come down
        """
        assert self.lost_s is not None and self.lost_s <= now_s, "lost before it is"
        late = np.maximum(0.0, now_s - self.latest_s())
        fades = np.exp(-((late / (ARC_FADE_S if self.arc else FADE_S)) ** 2))
        flies = 1.0
        if in_view and not self.arc:
            hidden = HIDDEN * math.exp((self.lost_s - now_s) / HIDDEN_S)
            flies = hidden / (hidden + 1.0 - HIDDEN)
        return np.asarray(self.expected.probability * flies * fades)

    def still(self, now_s: float, in_view: bool) -> Footprint:
        """What a lost track still endangers now; in_view as for `fading`."""
        was = self.expected
        left = self.fading(now_s, in_view)
        return Footprint(was.zone, left, np.maximum(was.earliest_s, now_s), np.maximum(was.likely_s, now_s))


def plain_memory(memory: Memory) -> dict[str, Any]:
    """As plain containers, for a snapshot."""
    return {f.name: plain_of(getattr(memory, f.name)) for f in fields(Memory)}


def memory_of(plain: dict[str, Any], renumber: NDArray[np.int32]) -> Memory:
    """The memory `plain_memory` gave, over zones numbered anew; those numbered -1 are dropped."""
    anchors = [Anchor(*anchor) for anchor in plain["anchors"]]
    return Memory(**plain | {"expected": footprint_of(plain["expected"], renumber), "anchors": anchors})
