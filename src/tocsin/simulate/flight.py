"""Flights: where one object is at every moment, and how a pilot steers from waypoint to waypoint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from tocsin.earth.frames import Floats, LocalFrame, ecef_of
from tocsin.model.threat import ThreatClass
from tocsin.simulate.kinds import KINDS, Kind

# A pilot who never finds the last waypoint gives up after this many steps.
STEPS_MAX = 100_000


@dataclass(frozen=True)
class Flight:
    """One object's path: columns of length N >= 2, time increasing, seconds of the world's clock.

    identity   (icao24, callsign, mode3a) of an aircraft that answers or broadcasts; None: silent
    make       how it is seen and heard, where that is not as its class is
    """

    object: str
    threat: ThreatClass
    time_s: Floats
    lat: Floats
    lon: Floats
    altitude_m: Floats
    identity: tuple[str | None, str | None, str | None] | None = None
    make: Kind | None = None

    @property
    def kind(self) -> Kind:
        """How it is seen and heard, and what it is taken for."""
        return self.make or KINDS[self.threat]

    @cached_property
    def ecef_m(self) -> Floats:
        """Earth-centred positions [N, 3]."""
        return ecef_of(self.lat, self.lon, self.altitude_m)

    def ecef_at(self, time_s: ArrayLike) -> Floats:
        """Earth-centred positions [K, 3] at moments of the flight; between two samples straight on."""
        at_s = np.asarray(time_s, float)
        return np.stack([np.interp(at_s, self.time_s, column) for column in self.ecef_m.T], axis=-1)

    def course_at(self, time_s: Floats, half_s: float = 1.0) -> tuple[Floats, Floats]:
        """(speed_mps, heading_deg) over the ground, float64 [K]."""
        frame = LocalFrame(float(self.lat[0]), float(self.lon[0]))
        east, north = frame.to_local(self.lat, self.lon)
        early = np.clip(time_s - half_s, self.time_s[0], self.time_s[-1])
        late = np.clip(time_s + half_s, self.time_s[0], self.time_s[-1])
        span = np.maximum(late - early, 1e-3)
        rates = [(np.interp(late, self.time_s, x) - np.interp(early, self.time_s, x)) / span for x in (east, north)]
        return np.hypot(*rates), np.degrees(np.arctan2(*rates)) % 360


def steer(waypoints_m: Floats, speed_mps: float, turn_mps2: float, step_s: float, duration_s: float) -> Floats:
    """Positions [N, 2] every `step_s` along waypoints [W, 2] at constant speed and bounded sideways acceleration.

    A waypoint counts as passed within one turning radius; the last is flown through exactly, for which the last two
    radii allow any turn. Ends at the last waypoint or after `duration_s`.
    """
    east, north = map(float, waypoints_m[0])
    points = [(east, north)]
    target = 1
    heading = math.atan2(*(waypoints_m[1] - waypoints_m[0]))
    stride = speed_mps * step_s
    radius = speed_mps**2 / turn_mps2
    turn = turn_mps2 / speed_mps * step_s
    way = [(float(x), float(y)) for x, y in waypoints_m]
    for _ in range(min(STEPS_MAX, int(duration_s / step_s))):
        last = target == len(way) - 1
        to_east, to_north = way[target][0] - east, way[target][1] - north
        distance = math.hypot(to_east, to_north)
        if not last and distance < max(radius, stride):
            target += 1
            continue
        if last and distance <= stride:
            points.append(way[-1])
            break
        wanted = math.atan2(to_east, to_north)
        change = (wanted - heading + math.pi) % (2 * math.pi) - math.pi
        limit = math.pi if last and distance < 2 * radius else turn
        heading += max(-limit, min(limit, change))
        east += stride * math.sin(heading)
        north += stride * math.cos(heading)
        points.append((east, north))
    return np.array(points)
