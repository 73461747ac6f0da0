"""Where is it going? Every zone is a hypothesis, "nowhere here" is one more, and the path flown is the evidence.

For one track the weight of zone z is

    prior(z) exp(-t / ENDS_S) * course(z) * exp(n (k c - ln I0(k)))
    course(z) = w N(off; steady) + (1 - w) (N(off; wander) + v(off)) / 2,    w = (1 - detour) exp(-d / LEG_M)

with t the time of flight to it (flights end some time: of two zones alike in all else the nearer is likelier) and d
the distance, against `nowhere` * 1 / (2 pi) for a course that has nothing to do with any zone. `off` is the angle
between the course and the direction of the zone. The last leg of a flight is flown straight at its target, as steadily
as this track flies; the farther the zone, the likelier another turn lies before it. N is a normal density, widened by
the zone's angular size and the track's own errors; v is a von Mises density of concentration 1: on a detour one still
drifts the right way. The last factor is the path so far, following the idea of maximum-entropy goal inference (Ziebart
et al., AAAI 2008: the likelihood of a path falls exponentially with what it wastes): c is the share of the path flown
that brought it nearer, n the number of independent legs in it. Only the place where its remembered path began and its
length are needed, so the state per track is a few numbers. What goes round and round says nothing by its course.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.forecast.reach import path_m, seconds_to

Floats = NDArray[np.float64]

LEG_CONCENTRATION = 2.5
LOG_BESSEL_LEG = 1.1908  # ln I0(2.5)
BESSEL_ONE = 1.2660658777520084  # I0(1)
LEGS_MAX = 3.0
# Straight legs are about this long.
LEG_M = 50_000.0
# How exactly the last leg of the steadiest flight points at its target.
SHARP_RAD = 0.015
# What is attacked by something that circles lies this near it.
CIRCLED_M = 8_000.0
# Within this many radii of its middle, a zone is no point.
NEAR_RADII = 3.0
# A flight ends some time: of two zones alike in all else, the nearer is likelier by this e-folding time of flight.
ENDS_S = 450.0


@njit(cache=True)
def _normal(off: float, sigma: float) -> float:
    density: float = math.exp(-0.5 * (off / sigma) ** 2) / (2.5066282746 * sigma)
    return density


@njit(cache=True)
def _course(track: Floats, de: float, dn: float, size2: float) -> float:
    """Density, per radian, of the course of one track if it is bound for a place `de`, `dn` away of a size."""
    speed = max(track[4], 0.1)
    away2 = de * de + dn * dn
    away = math.sqrt(away2 + 1.0)
    cosine = max(-1.0, min(1.0, (de * track[2] + dn * track[3]) / (speed * away)))
    off = math.acos(cosine)
    blur2 = (size2 + track[6] * track[6]) / (away2 + size2 + 1.0) + track[7] * track[7]
    exact = _normal(off, min(math.sqrt(blur2 + SHARP_RAD * SHARP_RAD + track[22] * track[22]), 1.8))
    loose = _normal(off, min(math.sqrt(blur2 + track[15] * track[15]), 1.8))
    drift = math.exp(cosine) / (2.0 * math.pi * BESSEL_ONE)
    last = (1.0 - track[14]) * math.exp(-away / LEG_M)
    density: float = last * exact + (1.0 - last) * 0.5 * (loose + drift)
    return density


@njit(cache=True)
def weigh(track: Floats, zone_m: Floats, prior: Floats, weights: Floats) -> float:
    """Fill `weights` [Z] with the unnormalised posterior of one track; returns that of "nowhere".

    track    one row of `columns.TRACK_COLUMNS`
    zone_m   float64 [3, Z]: east, north, and radius of the circle of the zone's area
    """
    flown_m = track[12]
    legs = min(LEGS_MAX, flown_m / track[13])
    circling = track[23]
    # What circles has found what it came for: its course says nothing, its place does.
    decay_m = (1.0 - circling) * ENDS_S * max(track[4], track[16]) + circling * CIRCLED_M
    known = (1.0 - circling) * min(1.0, track[4] / track[16])
    legs *= 1.0 - circling
    near = 0.0
    for z in range(zone_m.shape[1]):
        de, dn, radius = zone_m[0, z] - track[0], zone_m[1, z] - track[1], zone_m[2, z]
        away = math.sqrt(de * de + dn * dn + 1.0)
        if away < NEAR_RADII * radius:
            # So near, the zone is no point: the target is anywhere in it, and what has been passed is not it.
            course = _course(track, de, dn, radius * radius / 24.0) / 9.0
            for k in range(8):
                at = k * math.pi / 4.0
                re, rn = de + 0.75 * radius * math.sin(at), dn + 0.75 * radius * math.cos(at)
                course += _course(track, re, rn, radius * radius / 24.0) / 9.0
        else:
            course = _course(track, de, dn, radius * radius / 3.0)
        course = known * course + (1.0 - known) / (2.0 * math.pi)
        ends = prior[z] * math.exp(-away / decay_m)
        weight = ends * course
        if legs > 0.05:
            fe, fn = zone_m[0, z] - track[10], zone_m[1, z] - track[11]
            nearer = (math.sqrt(fe * fe + fn * fn) - away) / max(flown_m, 1.0)
            weight *= math.exp(legs * (LEG_CONCENTRATION * max(-1.0, min(1.0, nearer)) - LOG_BESSEL_LEG))
        weights[z] = weight
        near += ends
    nowhere: float = track[17] * near / (2.0 * math.pi) + 1e-300
    return nowhere


@njit(cache=True)
def outlook_rows(
    tracks: Floats, zone_m: Floats, prior: Floats, horizon_s: float, reach_s: float, keep: float
) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32]]:
    """Every pair that matters: (rows [K, 3]: probability, earliest, likely, in seconds from now; zone [K]; track [K]).

    tracks   float64 [N, columns.WIDTH]
    zone_m   float64 [4, Z]: east, north, radius of equal area, radius to the farthest corner
    Pairs come out sorted by (zone, track).
    """
    n, zones = tracks.shape[0], zone_m.shape[1]
    probability = np.zeros((zones, n), np.float32)
    earliest = np.zeros((zones, n), np.float32)
    likely = np.zeros((zones, n), np.float32)
    kept = np.zeros((zones, n), np.bool_)
    weights = np.zeros(zones)
    count = 0
    for i in range(n):
        track = tracks[i]
        nowhere = weigh(track, zone_m, prior, weights)
        total = nowhere
        for z in range(zones):
            total += weights[z]
        speed = track[4]
        radius = speed * speed / track[9]
        fastest, accel, cruise = track[5], track[8], max(speed, track[16])
        course_e, course_n = track[2] / max(speed, 0.1), track[3] / max(speed, 0.1)
        slack = min(math.pi, 2.0 * track[7])
        for z in range(zones):
            de, dn = zone_m[0, z] - track[0], zone_m[1, z] - track[1]
            away = math.sqrt(de * de + dn * dn)
            p = weights[z] / total
            clear_m = away - zone_m[3, z] - 2.0 * track[6] - track[19]
            if clear_m / fastest > reach_s and p < keep:
                continue
            ahead = de * course_e + dn * course_n
            abeam = abs(de * course_n - dn * course_e)
            give = slack + (math.asin(min(1.0, zone_m[3, z] / away)) if away > 1.0 else math.pi)
            way = path_m(ahead, abeam, radius, give)
            near = max(0.0, min(way - zone_m[3, z] - 2.0 * track[6] - track[19], way))
            soon = seconds_to(near, speed, accel, fastest)
            turn = math.acos(max(-1.0, min(1.0, ahead / max(away, 1.0))))
            when = max(soon, max(0.0, away - 0.5 * track[19]) * (1.0 + track[20] * turn) / cruise)
            alive = math.exp(-track[18] * when)
            p *= alive * track[21]
            if when > horizon_s:
                p = 0.0
            if p < keep and soon > reach_s:
                continue
            kept[z, i] = True
            probability[z, i], earliest[z, i], likely[z, i] = p, soon, when
            count += 1
    rows = np.empty((count, 3))
    zone, number = np.empty(count, np.int32), np.empty(count, np.int32)
    k = 0
    for z in range(zones):
        for i in range(n):
            if kept[z, i]:
                rows[k, 0], rows[k, 1], rows[k, 2] = probability[z, i], earliest[z, i], likely[z, i]
                zone[k], number[k] = z, i
                k += 1
    return rows, zone, number
