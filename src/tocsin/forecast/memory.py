"""What the forecast remembers of each track: where its path began, what was last expected, when it was lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tocsin.forecast.footprint import NOWHERE, Footprint
from tocsin.model.threat import ThreatClass

# Path remembered, in legs: what it did longer ago says little about where it is bound now.
ANCHORS = 4
# A course is followed over this; what it did longer ago than the second says little.
STEADY_S, STEADY_MEMORY_S = 10.0, 90.0
# Past its likely time of arrival a lost track's danger to a zone fades over this.
FADE_S = 30.0
# It may be late by this share of the time that was left when it was lost, and by this much.
LATE_SHARE, LATE_S = 0.2, 10.0
# What falls comes when mechanics says: it is late by this at most, and fades over this.
ARC_LATE_S, ARC_FADE_S = 3.0, 8.0
# However surely a lost track has arrived, danger stands this long.
LOST_MIN_S = 45.0
# A path this straight (chord by length of its last leg or two) is no circling; one below the second number is.
STRAIGHT, ROUND = 0.7, 0.4


@dataclass
class Memory:
    """One track.

    first_s, first_lat, first_lon   where it was first seen
    last_s, speed_mps, gain_mps2    when it was last looked at, how fast it went and how fast it gained speed
    east_m, north_m, sigma_m        where it was then
    course_rad, unsteady_rad        its course then, and how much that changed within `STEADY_S` of late, smoothed
    flown_m                         length of its path
    anchors                         (east_m, north_m, flown_m) at the ends of its last legs
    threat, lost_for_s              its class, and how long it is believed in once lost
    confirmed                       whether it ever was
    expected, expected_s            what was last forecast for it and when; for a lost track, what still is
    lost_s                          POSIX time it was lost; None while it is tracked
    arc_updated_s                   for an arc, the time of the state `expected` was computed from
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
    gain_mps2: float = 0.0
    course_rad: float | None = None
    unsteady_rad: float = 0.0
    flown_m: float = 0.0
    anchors: list[tuple[float, float, float]] = field(default_factory=list)
    confirmed: bool = False
    expected: Footprint = NOWHERE
    expected_s: float = 0.0
    lost_s: float | None = None
    arc_updated_s: float | None = None

    def move(
        self, now_s: float, east_m: float, north_m: float, speed_mps: float, course_rad: float, leg_m: float
    ) -> None:
        """Take in where it is now and which way it goes; `leg_m` is the length of a leg."""
        elapsed = now_s - self.last_s
        if elapsed > 0:
            # Smoothed over about 5 s: a tracker's speed is noisy, a burning motor is not.
            blend = min(1.0, elapsed / 5.0)
            self.gain_mps2 += blend * ((speed_mps - self.speed_mps) / elapsed - self.gain_mps2)
            self.flown_m += speed_mps * elapsed
            self._steady(elapsed, course_rad)
        if not self.anchors or self.flown_m - self.anchors[-1][2] >= leg_m:
            self.anchors = [*self.anchors[-(ANCHORS - 1) :], (east_m, north_m, self.flown_m)]
        self.last_s, self.speed_mps = now_s, speed_mps
        self.east_m, self.north_m = east_m, north_m

    def circling(self, leg_m: float) -> float:
        """How surely it goes round and round: 0 to 1, from the newest stretch at least a leg long."""
        for east_m, north_m, flown_m in reversed(self.anchors):
            length = self.flown_m - flown_m
            if length >= leg_m:
                chord = math.hypot(self.east_m - east_m, self.north_m - north_m)
                return min(1.0, max(0.0, (STRAIGHT - chord / length) / (STRAIGHT - ROUND)))
        return 0.0

    def _steady(self, elapsed_s: float, course_rad: float) -> None:
        """Smooth how fast the course turns, as radians per `STEADY_S`."""
        if self.course_rad is not None:
            turned = abs(math.remainder(course_rad - self.course_rad, math.tau)) * STEADY_S / max(elapsed_s, 1.0)
            blend = min(1.0, elapsed_s / STEADY_MEMORY_S)
            self.unsteady_rad += blend * (min(turned, 1.0) - self.unsteady_rad)
        self.course_rad = course_rad

    def over_s(self) -> float:
        """POSIX time until which a lost track is believed in: less, the more of what it was bound for has passed."""
        assert self.lost_s is not None
        due = self.latest_s() <= self.lost_s + self.lost_for_s
        arrived = min(1.0, float(self.expected.probability[due].sum()))
        last = float(self.latest_s()[due & (self.expected.probability > 0.05)].max(initial=self.lost_s))
        return max(last + FADE_S, self.lost_s + LOST_MIN_S, self.lost_s + self.lost_for_s * (1.0 - arrived))

    def latest_s(self) -> np.ndarray:
        """POSIX time by which it would have arrived at each expected zone, float64 [K]."""
        assert self.lost_s is not None
        late_s = LATE_S if self.arc_updated_s is None else ARC_LATE_S
        return np.asarray(
            self.expected.likely_s + LATE_SHARE * np.maximum(0.0, self.expected.likely_s - self.lost_s) + late_s
        )

    def fading(self, now_s: float) -> np.ndarray:
        """Probability per expected zone of a lost track now, float64 [K]."""
        late = np.maximum(0.0, now_s - self.latest_s())
        fade_s = FADE_S if self.arc_updated_s is None else ARC_FADE_S
        return np.asarray(self.expected.probability * np.exp(-((late / fade_s) ** 2)))
