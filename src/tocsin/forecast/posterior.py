"""Where is it going? Every zone is a hypothesis, "nowhere here" is one more, and the path flown is the evidence.

For one track the weight of zone z is

    prior(z) exp(-t / ENDS_S) * course(z) * exp(n (k c - ln I0(k)))
    course(z) = (1 - detour) N(course off the zone; sharp or loose) + detour v(course off the zone)

with t the time of flight to it (of two zones alike in all else the nearer is likelier), against `nowhere` * 1 / (2 pi)
for a course that has nothing to do with any zone. N is the density of the course about
the direction of the zone, widened by the zone's angular size and by the track's own errors; v is a von Mises density of
concentration 1: on a detour one still drifts the right way. The last factor is the path so far, following the idea of
maximum-entropy goal inference (Ziebart et al., AAAI 2008: the likelihood of a path falls exponentially with what it
wastes): c is the share of the path flown that brought it nearer, n the number of independent legs in it. Only the place
where its remembered path began and its length are needed, so the state per track is a few numbers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.forecast.reach import path_m, seconds_to

Floats = NDArray[np.float64]

LEG_CONCENTRATION = 1.6
LOG_BESSEL_LEG = 0.5372  # ln I0(1.6)
BESSEL_ONE = 1.2660658777520084  # I0(1)
LEGS_MAX = 3.0
# Share of direct courses that are flown exactly, and how exactly.
SHARP = 0.5
SHARP_RAD = 0.035
# A flight ends some time: of two zones alike in all else, the nearer is likelier by this e-folding time of flight.
ENDS_S = 900.0


@njit(cache=True)
def weigh(track: Floats, zone_m: Floats, prior: Floats, weights: Floats) -> float:
    """Fill `weights` [Z] with the unnormalised posterior of one track; returns that of "nowhere".

    track    one row of `columns.TRACK_COLUMNS`
    zone_m   float64 [3, Z]: east, north, and radius of the circle of the zone's area
    """
    east, north, speed = track[0], track[1], track[4]
    course_e = track[2] / max(speed, 0.1)
    course_n = track[3] / max(speed, 0.1)
    begin_e, begin_n, flown_m = track[10], track[11], track[12]
    legs = min(LEGS_MAX, flown_m / track[13])
    detour, wander2, sigma2_m2 = track[14], track[15] * track[15] + track[7] * track[7], track[6] * track[6]
    known = min(1.0, speed / track[16])
    near = 0.0
    for z in range(zone_m.shape[1]):
        de, dn = zone_m[0, z] - east, zone_m[1, z] - north
        away2 = de * de + dn * dn
        size2 = zone_m[2, z] * zone_m[2, z]
        away = math.sqrt(away2 + 1.0)
        cosine = (de * course_e + dn * course_n) / away
        off = math.acos(max(-1.0, min(1.0, cosine)))
        spread2 = wander2 + (size2 / 3.0 + sigma2_m2) / (away2 + size2 / 3.0 + 1.0)
        spread = min(math.sqrt(spread2), 1.8)
        loose = math.exp(-0.5 * (off / spread) ** 2) / (2.5066282746 * spread)
        # Most last legs are flown straight at the target: a course that stays on a zone says far more than one near it.
        sharp = min(1.8, math.sqrt(spread2 - wander2 + SHARP_RAD * SHARP_RAD + track[7] * track[7]))
        exact = math.exp(-0.5 * (off / sharp) ** 2) / (2.5066282746 * sharp)
        straight = SHARP * exact + (1.0 - SHARP) * loose
        drift = math.exp(cosine) / (2.0 * math.pi * BESSEL_ONE)
        course = known * ((1.0 - detour) * straight + detour * drift) + (1.0 - known) / (2.0 * math.pi)
        weight = prior[z] * course * math.exp(-away / (ENDS_S * max(speed, track[16])))
        if legs > 0.05:
            fe, fn = zone_m[0, z] - begin_e, zone_m[1, z] - begin_n
            nearer = (math.sqrt(fe * fe + fn * fn) - away) / max(flown_m, 1.0)
            weight *= math.exp(legs * (LEG_CONCENTRATION * max(-1.0, min(1.0, nearer)) - LOG_BESSEL_LEG))
        weights[z] = weight
        near += prior[z] * math.exp(-away / (ENDS_S * max(speed, track[16])))
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
