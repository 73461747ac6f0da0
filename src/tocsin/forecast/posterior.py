"""Where is it going? Every zone is a hypothesis, "nowhere here" is one more, and the path flown is the evidence.

For one track the weight of zone z is

    prior(z) exp(-t / ENDS_S) * course(z) * exp(n (k c - ln I0(k)))
    course(z) = w N(off; leg) + (1 - w) (N(off; wander) + v(off)) / 2,    w = (1 - detour) / (1 + (d / straight)^2)

with t the time of flight to it (flights end some time: of two zones alike in all else the nearer is likelier) and d
the distance, against `nowhere` * 1 / (2 pi) for a course that has nothing to do with any zone. `off` is the angle
between the course of the leg it flies and the direction of the zone. The last leg of a flight is flown straight at its
target, and the longer a leg has been flown, the better is its course known, as the mean of many; the farther the zone,
the likelier another turn lies before it. N is a normal density, widened by the zone's angular size and the track's own
errors; v is a von Mises density of concentration 1: on a detour one still drifts the right way. The last factor is the
path so far, following the idea of maximum-entropy goal inference (Ziebart et al., AAAI 2008: the likelihood of a path
falls exponentially with what it wastes): c is the share of the path flown that brought it nearer, n the number of
independent legs in it. Only the place where its remembered path began and its length are needed, so the state per track
is a few numbers. What goes round and round says nothing by its course.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.forecast.reach import path_m, seconds_to
from tocsin.forecast.track_row import (
    ACCEL_MPS2,
    BEGIN_EAST_M,
    BEGIN_NORTH_M,
    BELIEF,
    CIRCLING,
    COURSE_SIGMA_RAD,
    DETOUR,
    EAST_M,
    EAST_MPS,
    FLOWN_M,
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
)
from tocsin.kernels import inlined, kernel

Floats = NDArray[np.float64]

LEG_CONCENTRATION = 2.5
LOG_BESSEL_LEG = 1.1908  # ln I0(2.5)
BESSEL_ONE = 1.2660658777520084  # I0(1)
LEGS_MAX = 3.0
# How exactly the last leg of the steadiest flight points at its target.
SHARP_RAD = 0.015
# A zone this many e-foldings away is as good as nowhere.
FAR_DECAYS = 7.0
# What is attacked by something that circles lies this near it.
CIRCLED_M = 8_000.0
# Within this many radii of its middle, or near its farthest corner, a zone is no point but so many.
NEAR_RADII, POINTS = 3.0, 9
# A flight ends some time: of two zones alike in all else, the nearer is likelier by this e-folding time of flight.
ENDS_S = 350.0
# Rows of the zones' circles: middle, radius of the circle of a zone's area, radius to its farthest corner.
ZONE_EAST, ZONE_NORTH, ZONE_RADIUS, ZONE_CORNER = range(4)
# Rows of what `weigh` finds of each zone, and of what `outlook_rows` finds of each pair.
WEIGHT, WAY, AWAY, ENDS = range(4)
PROBABILITY, SOON, LIKELY = range(3)


@inlined
def _exp(x: float) -> float:
    """Exponential to 1e-12, for -20 < x < 5: by its series at x / 256. The library's takes one number at a time."""
    y = x / 256.0
    power = 1.0 + y * (1.0 + y * (0.5 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y * (1 / 720 + y * (1 / 5040)))))))
    for _ in range(8):
        power *= power
    return power


@inlined
def _normal(off: float, variance: float) -> float:
    """Normal density; nothing beyond six standard deviations."""
    sharp = 1.0 / variance
    far = off * off * sharp
    density: float = _exp(-0.5 * min(far, 36.0)) * math.sqrt(sharp) / 2.5066282746
    return density if far < 36.0 else 0.0


@inlined
def _angle(cosine: float) -> float:
    """Arc cosine to 7e-5 rad (Abramowitz and Stegun, *Handbook of Mathematical Functions*, 1964, 4.4.45)."""
    x = abs(cosine)
    angle = math.sqrt(1.0 - x) * (1.5707288 + x * (-0.2121144 + x * (0.0742610 - 0.0187293 * x)))
    return angle if cosine >= 0.0 else math.pi - angle


@inlined
def _course(track: Floats, de: float, dn: float, size2: float) -> float:
    """Density, per radian, of the course of one track if it is bound for a place `de`, `dn` away of a size."""
    away2 = de * de + dn * dn
    away = math.sqrt(away2 + 1.0)
    cosine = max(-1.0, min(1.0, (de * track[LEG_EAST] + dn * track[LEG_NORTH]) / away))
    off = _angle(cosine)
    blur2 = (size2 + track[SIGMA_M] * track[SIGMA_M]) / (away2 + size2 + 1.0)
    exact = _normal(off, min(blur2 + SHARP_RAD * SHARP_RAD + track[LEG_SIGMA_RAD] * track[LEG_SIGMA_RAD], 3.2))
    wide2 = blur2 + track[COURSE_SIGMA_RAD] * track[COURSE_SIGMA_RAD] + track[WANDER_RAD] * track[WANDER_RAD]
    loose = _normal(off, min(wide2, 3.2))
    # exp(cosine) to 1e-3: it is called a million times a second.
    power = 1.0 + cosine * (1.0 + cosine * (0.5 + cosine * (1.0 / 6.0 + cosine * (1.0 / 24.0 + cosine / 120.0))))
    drift = power / (2.0 * math.pi * BESSEL_ONE)
    last = (1.0 - track[DETOUR]) / (1.0 + away2 / (track[STRAIGHT_M] * track[STRAIGHT_M]))
    density: float = last * exact + (1.0 - last) * 0.5 * (loose + drift)
    return density


@inlined
def _path(track: Floats, de: float, dn: float, size2: float, known: float, legs: float) -> float:
    """Likelihood of a track's course, as far as that is `known`, and of its path if it is bound for a place."""
    course: float = known * _course(track, de, dn, size2) + (1.0 - known) / (2.0 * math.pi)
    fe, fn = de + track[EAST_M] - track[BEGIN_EAST_M], dn + track[NORTH_M] - track[BEGIN_NORTH_M]
    nearer = (math.sqrt(fe * fe + fn * fn) - math.sqrt(de * de + dn * dn)) / max(track[FLOWN_M], 1.0)
    path: float = _exp(legs * (LEG_CONCENTRATION * max(-1.0, min(1.0, nearer)) - LOG_BESSEL_LEG))
    return course * path if legs > 0.05 else course


@inlined
def _within(track: Floats, points_m: Floats, radius: float, known: float, legs: float) -> tuple[float, float]:
    """`_path` to points spread over a zone [POINTS, 2], together, and the distance to where it is likely bound."""
    path, way = 0.0, 0.0
    for k in range(POINTS):
        pe, pn = points_m[k, 0] - track[EAST_M], points_m[k, 1] - track[NORTH_M]
        part = _path(track, pe, pn, radius * radius / (3.0 * POINTS), known, legs) / POINTS
        path += part
        way += part * math.sqrt(pe * pe + pn * pn)
    return path, way / max(path, 1e-300)


@kernel
def weigh(track: Floats, zone_m: Floats, points_m: Floats, prior: Floats, out: Floats) -> float:
    """Fill `out` with the unnormalised posterior of one track; returns the sum of it, with that of "nowhere".

    track      one row, as `track_row` says
    zone_m     float64 [4, Z]: ZONE_EAST and so on
    points_m   float64 [Z, POINTS, 2]: points spread over each zone, east and north
    out        float64 [4, Z]: WEIGHT, the WAY to where in the zone it is likely bound, how far AWAY its middle is, and
               the part of the weight that the path has no say in: that such a flight ENDS there
    """
    circling = track[CIRCLING]
    legs = (1.0 - circling) * min(LEGS_MAX, track[FLOWN_M] / track[LEG_M])
    # What circles has found what it came for: its course says nothing, its place does.
    decay_m = (1.0 - circling) * ENDS_S * max(track[SPEED_MPS], track[SPEED_MIN_MPS]) + circling * CIRCLED_M
    known = (1.0 - circling) * min(1.0, track[SPEED_MPS] / track[SPEED_MIN_MPS])
    for z in range(zone_m.shape[1]):
        de, dn = zone_m[ZONE_EAST, z] - track[EAST_M], zone_m[ZONE_NORTH, z] - track[NORTH_M]
        radius = zone_m[ZONE_RADIUS, z]
        away2 = de * de + dn * dn
        away = math.sqrt(away2 + 1.0)
        ends = prior[z] * _exp(-min(away / decay_m, FAR_DECAYS))
        ends = ends if away <= FAR_DECAYS * decay_m else 0.0
        out[WEIGHT, z] = ends * _path(track, de, dn, radius * radius / 3.0, known, legs)
        out[WAY, z], out[AWAY, z], out[ENDS, z] = away, math.sqrt(away2), ends
    near, total = 0.0, 0.0
    for z in range(zone_m.shape[1]):
        if out[WAY, z] < max(NEAR_RADII * zone_m[ZONE_RADIUS, z], 1.5 * zone_m[ZONE_CORNER, z]) and out[ENDS, z] > 0.0:
            # So near, the zone is no point: the target is anywhere in it, and what has been passed is not it.
            path, way = _within(track, points_m[z], zone_m[ZONE_RADIUS, z], known, legs)
            out[WEIGHT, z], out[WAY, z] = out[ENDS, z] * path, way
        near += out[ENDS, z]
        total += out[WEIGHT, z]
    nowhere: float = track[NOWHERE] * near / (2.0 * math.pi) + 1e-300
    return total + nowhere


@kernel
def arrival(track: Floats, de: float, dn: float, radius: float, away: float, way: float) -> tuple[float, float]:
    """(earliest, likely) seconds until one track is at a zone of a radius, `away` = hypot(de, dn) metres off.

    way   metres to where in the zone it is bound
    """
    speed = track[SPEED_MPS]
    course_e, course_n = track[EAST_MPS] / max(speed, 0.1), track[NORTH_MPS] / max(speed, 0.1)
    ahead, abeam = de * course_e + dn * course_n, abs(de * course_n - dn * course_e)
    give = min(math.pi, 2.0 * track[COURSE_SIGMA_RAD]) + (math.asin(min(1.0, radius / away)) if away > 1.0 else math.pi)
    path = path_m(ahead, abeam, speed * speed / track[TURN_MPS2], give)
    near = max(0.0, min(path - radius - 2.0 * track[SIGMA_M] - track[STANDOFF_M], path))
    soon = seconds_to(near, speed, track[ACCEL_MPS2], track[SPEED_MAX_MPS])
    turn = _angle(max(-1.0, min(1.0, ahead / max(away, 1.0))))
    flight = max(0.0, way - 0.5 * track[STANDOFF_M]) * (1.0 + track[TURNING] * turn) / max(speed, track[SPEED_MIN_MPS])
    return soon, max(soon, flight)


@kernel
def outlook_rows(
    tracks: Floats, zone_m: Floats, points_m: Floats, prior: Floats, horizon_s: float, reach_s: float, keep: float
) -> tuple[Floats, NDArray[np.int32], NDArray[np.int64]]:
    """Every pair that matters: (columns [3, K]: PROBABILITY, SOON and LIKELY seconds; zone [K]; ends [N]).

    tracks   float64 [N, track_row.WIDTH]
    zone_m, points_m   as in `weigh`
    Pairs come out sorted by (track, zone); those of track i end before number ends[i].
    """
    n, zones = tracks.shape[0], zone_m.shape[1]
    columns, zone = np.empty((3, n * zones)), np.empty(n * zones, np.int32)
    ends = np.empty(n, np.int64)
    weighed = np.empty((4, zones))
    count = 0
    for i in range(n):
        track = tracks[i]
        total = weigh(track, zone_m, points_m, prior, weighed)
        reach_m = reach_s * track[SPEED_MAX_MPS] + 2.0 * track[SIGMA_M] + track[STANDOFF_M]
        for z in range(zones):
            away, radius = weighed[AWAY, z], zone_m[ZONE_CORNER, z]
            if weighed[WEIGHT, z] < keep * total and away - radius > reach_m:
                continue
            de, dn = zone_m[ZONE_EAST, z] - track[EAST_M], zone_m[ZONE_NORTH, z] - track[NORTH_M]
            soon, when = arrival(track, de, dn, radius, away, weighed[WAY, z])
            p = weighed[WEIGHT, z] / total * math.exp(-track[TURNS_BACK_PER_S] * when) * track[BELIEF]
            p = p if when <= horizon_s else 0.0
            if p < keep and soon > reach_s:
                continue
            columns[PROBABILITY, count], columns[SOON, count], columns[LIKELY, count] = p, soon, when
            zone[count] = z
            count += 1
        ends[i] = count
    return columns[:, :count].copy(), zone[:count].copy(), ends
