"""Ways in and what is noticed of them: the planner's kernels.

An approach is `NODES` moments of a way, denser towards its end, and at each how many looks a second see what flies
there. Looks are counted in millionths, as whole numbers: a sensor taken away leaves exactly what was there without it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.physics import SOUND_MPS
from tocsin.kernels import leaf, released
from tocsin.plan.looking import EAR, RADAR, Lookers

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Counts = NDArray[np.int32]

# 64 moments, the last ones a second apart, those of an hour's flight a minute or so.
NODES, DENSER = 64, 1.5
# The share of a flight's time that is left at each.
LEFT = np.linspace(1.0, 0.0, NODES) ** DENSER
MILLION = 1_000_000.0
# Metres of horizon per square root of a metre of height: sqrt(2 * 4/3 * R), as in `earth.sight`.
HORIZON_M = 4_121.0
# Ways are looked through in so many parts: one that lies out of a sensor's reach is passed over whole.
PARTS = 8
EACH = NODES // PARTS
BENDS = 8
# Who follows valleys looks for the lowest land so far to both sides, in so many steps each.
ABREAST_M, ABREAST = 6_000.0, 8


class Draws(NamedTuple):
    """N ways in of one group of attackers, about whatever place they are bound for; arrays of length N.

    east_m, north_m   where one appears
    about_zone        1: from the zone it is bound for; 0: in the frame
    reach_m           it is bound for nothing farther than this from where it appears
    speed_mps, above_m   above the ground
    release_m, release_mps   it lets something go at this distance, which flies on so fast; 0: it flies to the end
    bends, jitter, swing   waypoints to both sides: at most how many, where, how far; [N, BENDS]
    bend_m            one waypoint for so much way
    dive_m            it comes down over this last distance
    arc               1: thrown, by the table of arcs
    valley            1: it keeps to the lowest land near its way
    """

    east_m: Floats
    north_m: Floats
    about_zone: int
    reach_m: float
    speed_mps: Floats
    above_m: Floats
    release_m: Floats
    release_mps: float
    jitter: Floats
    swing: Floats
    bend_m: float
    dive_m: float
    arc: int
    valley_m: float


class Arcs(NamedTuple):
    """Thrown objects by range: at each of the `NODES` moments the share of the way, and the height.

    range_m, flight_s   [M], ascending
    share, height_m     [M, NODES]
    """

    range_m: Floats
    flight_s: Floats
    share: Floats
    height_m: Floats


class Tally(NamedTuple):
    """What a look counts: `weight` [3] by each kind of noticing; `sign` 1 adds, -1 takes away."""

    weight: Floats
    sign: int


class Seen(NamedTuple):
    """What is known of N ways to each of Z aims.

    counts   int32 [Z, N, NODES], millionths of looks a second
    spans    float32 [Z, N, 2], (begins_s, ends_s) before the strike. -1: it is bound for nothing so far away
    circles  float32 [Z, N, 3], (east, north, radius) that hold each way; where the radius is NaN neither is known yet
    changed  bool [Z, N]: where anything was added or taken away
    """

    counts: Counts
    spans: Singles
    circles: Singles
    changed: NDArray[np.bool_]


class Land(NamedTuple):
    """The ground on a grid of the frame, rows from south to north; without rows a smooth Earth at sea level.

    ground_m   float32 [R, C]
    lowest_m   float32 [L, R, C]: least height above the ground that each sensor with a raster sees
    """

    ground_m: Singles
    lowest_m: NDArray[np.float32]
    west_m: float
    south_m: float
    cell_m: float


@leaf
def _cell(land: Land, x: float, y: float) -> tuple[int, int]:
    """(row, column) of a place; -1, -1 beyond the grid."""
    r, c = math.floor((y - land.south_m) / land.cell_m), math.floor((x - land.west_m) / land.cell_m)
    if r < 0 or c < 0 or r >= land.ground_m.shape[0] or c >= land.ground_m.shape[1]:
        return -1, -1
    return int(r), int(c)


@leaf
def _thrown(arcs: Arcs, from_e: float, from_n: float, aim_e: float, aim_n: float, way: Floats) -> tuple[float, float]:
    """Fill `way` [4, NODES] with an arc; returns (seconds it flies, 0)."""
    length = math.hypot(aim_e - from_e, aim_n - from_n)
    m = 0
    while m < len(arcs.range_m) - 2 and arcs.range_m[m + 1] < length:
        m += 1
    w = min(max((length - arcs.range_m[m]) / (arcs.range_m[m + 1] - arcs.range_m[m]), 0.0), 1.0)
    for k in range(NODES):
        share = (1.0 - w) * arcs.share[m, k] + w * arcs.share[m + 1, k]
        way[0, k] = from_e + share * (aim_e - from_e)
        way[1, k] = from_n + share * (aim_n - from_n)
        way[2, k] = (1.0 - w) * arcs.height_m[m, k] + w * arcs.height_m[m + 1, k]
    return (1.0 - w) * arcs.flight_s[m] + w * arcs.flight_s[m + 1], 0.0


@leaf
def _winged(
    draws: Draws, n: int, from_e: float, from_n: float, aim_e: float, aim_n: float, corner: Floats, way: Floats
) -> tuple[float, float]:
    """Fill `way` with one that flies from waypoint to waypoint; heights are above the ground.

    Returns (seconds from where it appears to its strike, seconds that what it lets go flies).
    """
    length = math.hypot(aim_e - from_e, aim_n - from_n)
    bends = 0
    if draws.bend_m > 0.0:
        bends = int(min(BENDS, math.floor(length / draws.bend_m + 0.5)))
    side_e, side_n = (aim_n - from_n) / max(length, 1.0), -(aim_e - from_e) / max(length, 1.0)
    corner[0, 0], corner[0, 1], corner[0, 2] = from_e, from_n, 0.0
    for b in range(1, bends + 2):
        share, swing = 1.0, 0.0
        if b <= bends:
            share = (b + draws.jitter[n, b - 1]) / (bends + 1)
            swing = draws.swing[n, b - 1] * min(length, 150_000.0) * (1.0 - share)
        corner[b, 0] = from_e + share * (aim_e - from_e) + swing * side_e
        corner[b, 1] = from_n + share * (aim_n - from_n) + swing * side_n
        leg = math.hypot(corner[b, 0] - corner[b - 1, 0], corner[b, 1] - corner[b - 1, 1])
        corner[b, 2] = corner[b - 1, 2] + max(leg, 1e-6)
    release = min(draws.release_m[n], 0.9 * (corner[bends + 1, 2] - corner[bends, 2]))
    flown = corner[bends + 1, 2] - release
    falls_s = release / draws.release_mps if release > 0.0 else 0.0
    b = 1
    for k in range(NODES):
        at = flown * (1.0 - LEFT[k])
        while b < bends + 1 and corner[b, 2] < at:
            b += 1
        part = (at - corner[b - 1, 2]) / (corner[b, 2] - corner[b - 1, 2])
        way[0, k] = corner[b - 1, 0] + part * (corner[b, 0] - corner[b - 1, 0])
        way[1, k] = corner[b - 1, 1] + part * (corner[b, 1] - corner[b - 1, 1])
        above = draws.above_m[n]
        if draws.dive_m > 0.0:
            above *= min(1.0, (flown - at) / draws.dive_m)
        way[2, k] = above
    return flown / draws.speed_mps[n] + falls_s, falls_s


@leaf
def _lowered(land: Land, aim: Floats, valley_m: float, way: Floats) -> None:
    """Move each moment of a way sideways to the lowest land abreast of it, but for the last leg to its aim."""
    for k in range(1, NODES):
        east, north = aim[0] - way[0, k], aim[1] - way[1, k]
        length = math.hypot(east, north)
        if length < valley_m:
            continue
        best, where = math.inf, 0.0
        for side in range(-ABREAST, ABREAST + 1):
            off = side * ABREAST_M / ABREAST
            r, c = _cell(land, way[0, k] + off * north / length, way[1, k] - off * east / length)
            # A metre for each of so many off the way: of two valleys alike the nearer one.
            if r >= 0 and land.ground_m[r, c] + abs(off) / 1_000.0 < best:
                best, where = land.ground_m[r, c] + abs(off) / 1_000.0, off
        way[0, k] += where * north / length
        way[1, k] -= where * east / length


@leaf
def _way(draws: Draws, n: int, arcs: Arcs, land: Land, aim: Floats, corner: Floats, way: Floats) -> tuple[float, float]:
    """Fill `way` [4, NODES] with (east, north, altitude, height above the ground); returns (begins_s, ends_s) before
    the strike."""
    from_e, from_n = draws.east_m[n], draws.north_m[n]
    if draws.about_zone:
        from_e, from_n = from_e + aim[0], from_n + aim[1]
    if math.hypot(aim[0] - from_e, aim[1] - from_n) > draws.reach_m:
        return -1.0, 0.0
    if draws.arc:
        begins, ends = _thrown(arcs, from_e, from_n, aim[0], aim[1], way)
    else:
        begins, ends = _winged(draws, n, from_e, from_n, aim[0], aim[1], corner, way)
    if draws.valley_m > 0.0 and land.ground_m.shape[0] > 0:
        _lowered(land, aim, draws.valley_m, way)
    for k in range(NODES):
        r, c = _cell(land, way[0, k], way[1, k])
        ground = 0.0 if r < 0 else float(land.ground_m[r, c])
        if draws.arc:
            way[3, k] = way[2, k] - ground
        else:
            way[3, k] = way[2, k]
            way[2, k] += ground
    return begins, ends


@leaf
def _circled(way: Floats, first: int, last: int, out: Singles) -> None:
    """(east, north, radius) that hold a part of a way, into out [3]; the radius a little larger than must be."""
    east, north, radius = (way[0, first] + way[0, last]) / 2, (way[1, first] + way[1, last]) / 2, 0.0
    for k in range(first, last + 1):
        radius = max(radius, math.hypot(way[0, k] - east, way[1, k] - north))
    out[0], out[1], out[2] = east, north, radius + 1.0


@leaf
def _near(look: Lookers, circle: Singles) -> bool:
    """Whether any sensor reaches into a circle."""
    for s in range(len(look.kind)):
        reach = look.reach_m[s] + circle[2]
        east, north = circle[0] - look.east_m[s], circle[1] - look.north_m[s]
        if east * east + north * north <= reach * reach:
            return True
    return False


@leaf
def chance_at(
    look: Lookers, s: int, land: Land, x: float, y: float, altitude: float, above: float
) -> tuple[float, float]:
    """(chance that sensor s notices at one look what is there, distance_m)."""
    east, north, up = x - look.east_m[s], y - look.north_m[s], altitude - look.altitude_m[s]
    flat2 = east * east + north * north
    slant = math.sqrt(flat2 + up * up)
    if slant > look.reach_m[s] or altitude > look.ceiling_m[s] or above < 0.0:
        return 0.0, slant
    if look.kind[s] != EAR:
        r, c = -1, -1
        if look.raster[s] >= 0:
            r, c = _cell(land, x, y)
        if r >= 0:
            if above < land.lowest_m[look.raster[s], r, c]:
                return 0.0, slant
        else:
            reach = HORIZON_M * (math.sqrt(max(look.altitude_m[s], 0.0)) + math.sqrt(max(altitude, 0.0)))
            if flat2 > reach * reach:
                return 0.0, slant
    if look.kind[s] == RADAR:
        far = slant / look.reach_m[s]
        return look.chance[s] ** (far * far * far * far), slant
    return look.chance[s], slant


@leaf
def _noted(
    look: Lookers, s: int, tally: Tally, land: Land, way: Floats, span_s: float, first: int, out: Counts
) -> bool:
    """Add to `out` [NODES] what sensor s sees in a part of a way, when it is known; whether it sees any.

    first   the part's first moment, of `EACH`
    """
    any_seen = False
    for k in range(first, first + EACH):
        chance, slant = chance_at(look, s, land, way[0, k], way[1, k], way[2, k], way[3, k])
        if chance <= 0.0:
            continue
        delay = look.delay_s[s]
        if look.kind[s] == EAR:
            delay += slant / SOUND_MPS
        known, until = k, span_s * LEFT[k] - delay
        while known < NODES and span_s * LEFT[known] > until:
            known += 1
        if known < NODES:
            out[known] += tally.sign * int(MILLION * chance * look.rate[s] * tally.weight[look.kind[s]] + 0.5)
            any_seen = True
    return any_seen


@released
def looked(aims: Floats, draws: Draws, arcs: Arcs, land: Land, look: Lookers, tally: Tally, seen: Seen) -> None:
    """Add or take away what some sensors see of every way to every aim; fills spans and circles not known yet.

    aims   [Z, 2] east, north
    """
    way, corner, box = np.empty((4, NODES)), np.empty((BENDS + 2, 3)), np.empty((PARTS, 3), np.float32)
    for z in range(len(aims)):
        for n in range(len(draws.east_m)):
            circle = seen.circles[z, n]
            if not math.isnan(circle[2]) and not _near(look, circle):
                continue
            begins, ends = _way(draws, n, arcs, land, aims[z], corner, way)
            seen.spans[z, n, 0], seen.spans[z, n, 1] = begins, ends
            if begins < 0.0:
                continue
            _circled(way, 0, NODES - 1, circle)
            for part in range(PARTS):
                _circled(way, part * EACH, part * EACH + EACH - 1, box[part])
            for s in range(len(look.kind)):
                for part in range(PARTS):
                    reach = look.reach_m[s] + box[part, 2]
                    east, north = box[part, 0] - look.east_m[s], box[part, 1] - look.north_m[s]
                    if east * east + north * north <= reach * reach and _noted(
                        look, s, tally, land, way, begins - ends, part * EACH, seen.counts[z, n]
                    ):
                        seen.changed[z, n] = True


@released
def firm(counts: Counts, spans: Singles, needed: Floats, changed: NDArray[np.bool_], out: Singles) -> None:
    """Seconds before the strike at which each way's looks suffice for a firm track, into out [Z, N]; 0: never.

    needed   looks, [N]
    changed  bool [Z, N]: only these are counted anew; unset
    A moment stands for the time half-way to the moments before and after it. Where nothing sees what flies there, it is
    forgotten: the tracker ends what its radars should see and do not, within seconds.
    """
    for z in range(counts.shape[0]):
        for n in range(counts.shape[1]):
            if not changed[z, n]:
                continue
            changed[z, n] = False
            span, ends = float(spans[z, n, 0] - spans[z, n, 1]), float(spans[z, n, 1])
            had, out[z, n] = 0.0, 0.0 if spans[z, n, 0] >= 0.0 else math.nan
            for k in range(NODES):
                begins = span * (LEFT[k] + LEFT[max(k - 1, 0)]) / 2
                lasts = begins - span * (LEFT[k] + LEFT[min(k + 1, NODES - 1)]) / 2
                rate = counts[z, n, k] / MILLION
                if rate > 0.0 and had + rate * lasts >= needed[n]:
                    out[z, n] = ends + begins - (needed[n] - had) / rate
                    break
                had = had + rate * lasts if rate > 0.0 else 0.0


@released
def seen_at(look: Lookers, land: Land, places: Floats, out: Singles) -> None:
    """Chance that each sensor notices at one look what is at a place, into out [S, P].

    places   [P, 2] east, north, and [P, 2:4] altitude and height above the ground
    """
    for s in range(len(look.kind)):
        for p in range(len(places)):
            chance, _ = chance_at(look, s, land, places[p, 0], places[p, 1], places[p, 2], places[p, 3])
            out[s, p] = chance
