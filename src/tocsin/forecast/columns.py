"""Tracks as the columns the kernels work on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.forecast.limits import LIMITS, Limits
from tocsin.forecast.settings import ForecastSettings
from tocsin.forecast.track_row import (
    ACCEL_MPS2,
    BEGIN_EAST_M,
    BEGIN_NORTH_M,
    BELIEF,
    COURSE_SIGMA_RAD,
    DETOUR,
    EAST_M,
    EAST_MPS,
    LEG_EAST,
    LEG_M,
    LEG_NORTH,
    LEG_SIGMA_RAD,
    NORTH_M,
    NORTH_MPS,
    NOWHERE,
    SIGMA_M,
    SPEED_MAX_MPS,
    SPEED_MIN_MPS,
    SPEED_MPS,
    STANDOFF_M,
    STRAIGHT_M,
    TURN_MPS2,
    TURNING,
    TURNS_BACK_PER_S,
    WANDER_RAD,
    WIDTH,
)
from tocsin.model.threat import BALLISTIC, ThreatClass
from tocsin.model.track import Track

Floats = NDArray[np.float64]

# A course is believed to hold its meaning for this long before a new decision may have been taken.
LEG_S = 90.0
# Time to a place grows by this share per radian of turn.
TURNING_SHARE = 0.15
# Faster than any aircraft served here (Mach 3 at height): whatever it is, it falls along an arc.
ARC_SPEED_MPS = 900.0
# Cells of `Track.covariance`, the upper triangle row by row of (east, north, up, and their speeds).
VE_VE, VE_VN, VN_VN = 15, 16, 18
# A class less likely than this does not widen what a track is thought able to do.
CLASS_MIN = 0.1
_BY_NAME = sorted(LIMITS)
# Classes that fly by their own power and may mean harm, by name; and how fast those can fly that are something.
_MAY_HARM = [name for name in _BY_NAME if name not in BALLISTIC and LIMITS[name].hostile > 0]
_SPEED_MAX_MPS = [(name, LIMITS[name].speed_max_mps) for name in _MAY_HARM if name not in ("civil", "unknown")]


def is_arc(track: Track) -> bool:
    """Whether its impact follows from mechanics."""
    share = track.classes.get("ballistic_missile", 0.0) + track.classes.get("rocket", 0.0)
    return (
        track.arc is not None
        or track.threat in BALLISTIC
        or share >= 0.5
        or math.hypot(track.speed_mps, track.climb_mps) > ARC_SPEED_MPS
    )


def belief(track: Track, settings: ForecastSettings) -> float:
    """Probability that this is a real object that means harm; 0 for those that say who they are.

    A tentative track of one sensor is most often a few false plots in a row: it waits for the next.
    """
    if track.cooperative or (track.status == "tentative" and track.sensors < 2):
        return 0.0
    mix = track.classes or {track.threat: 1.0}
    total, hostile = sum(mix.values()), 0.0
    # By name: a sum in another order is another number.
    for name in _BY_NAME:
        if name in mix:
            hostile += mix[name] * LIMITS[name].hostile
    hostile = hostile / total if total > 0 else 0.0
    return hostile * (settings.tentative if track.status == "tentative" else 1.0)


def likeliest(track: Track) -> ThreatClass:
    """The likeliest class that flies by its own power and may mean harm; `unknown` when there is none."""
    found, most = None, CLASS_MIN
    for name in _MAY_HARM:
        share = track.classes.get(name, 0.0)
        # Of equals the first by name.
        if share > most or (share == most and found is None):
            found, most = name, share
    if found is not None:
        return found
    return "unknown" if track.threat in BALLISTIC or track.threat == "civil" else track.threat


def fastest_mps(track: Track, limits: Limits) -> float:
    """What it may fly at: the most any likely class can, and never less than what it does."""
    able = [mps for name, mps in _SPEED_MAX_MPS if track.classes.get(name, 0.0) >= CLASS_MIN]
    return max(max(able, default=limits.speed_max_mps), track.speed_mps * 1.02)


def course_sigma_rad(track: Track) -> float:
    """One standard deviation of the course, from the velocity's covariance across it; pi where it hardly moves."""
    if track.speed_mps < 1.0:
        return math.pi
    if len(track.covariance) != 21:
        return 0.1
    east2, cross, north2 = track.covariance[VE_VE], track.covariance[VE_VN], track.covariance[VN_VN]
    heading = math.radians(track.heading_deg)
    east, north = -math.cos(heading), math.sin(heading)
    across2 = east * east * east2 + 2 * east * north * cross + north * north * north2
    return min(math.pi, math.sqrt(max(across2, 0.0)) / track.speed_mps)


def rows_of(tracks: Sequence[Track], frame: LocalFrame, settings: ForecastSettings) -> Floats:
    """float64 [N, WIDTH]; the path's and the leg's beginning is where each track is now."""
    if not tracks:
        return np.empty((0, WIDTH))
    east, north = frame.to_local([track.lat for track in tracks], [track.lon for track in tracks])
    places = zip(tracks, east.tolist(), north.tolist(), strict=True)
    return np.array([_row(track, east_m, north_m, settings) for track, east_m, north_m in places])


def _row(track: Track, east_m: float, north_m: float, settings: ForecastSettings) -> list[float]:
    row, limits = [0.0] * WIDTH, LIMITS[likeliest(track)]
    heading, speed = math.radians(track.heading_deg), max(track.speed_mps, 0.1)
    row[EAST_M] = row[BEGIN_EAST_M] = east_m
    row[NORTH_M] = row[BEGIN_NORTH_M] = north_m
    row[LEG_EAST], row[LEG_NORTH] = math.sin(heading), math.cos(heading)
    row[EAST_MPS], row[NORTH_MPS], row[SPEED_MPS] = speed * row[LEG_EAST], speed * row[LEG_NORTH], speed
    row[SPEED_MIN_MPS], row[SPEED_MAX_MPS] = max(limits.speed_min_mps, 5.0), fastest_mps(track, limits)
    row[SIGMA_M] = track.sigma_m
    row[COURSE_SIGMA_RAD] = row[LEG_SIGMA_RAD] = course_sigma_rad(track)
    row[ACCEL_MPS2], row[TURN_MPS2], row[TURNING] = limits.accel_mps2, limits.turn_mps2, TURNING_SHARE
    row[LEG_M] = LEG_S * max(limits.speed_mps, speed)
    row[DETOUR], row[WANDER_RAD] = limits.detour, math.radians(limits.wander_deg)
    row[STRAIGHT_M], row[STANDOFF_M] = limits.straight_m, limits.standoff_m
    row[NOWHERE] = settings.nowhere / max(1e-9, 1.0 - settings.nowhere)
    row[TURNS_BACK_PER_S], row[BELIEF] = limits.turns_back_per_s, belief(track, settings)
    return row
