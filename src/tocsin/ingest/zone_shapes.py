"""What may be wrong with the outlines of zones: each by itself, ground in two of them, and ground in none between them.

The work is bounded by counts, so that a hostile file of a thousand zones on the same ground costs seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame, frame_around
from tocsin.ingest.maps.date_line import crosses_uncut
from tocsin.ingest.zone_problem import Problem
from tocsin.model.zone import Zone

# Outlines drawn by different people miss each other by some metres along every border; that harms nobody. An overlap
# counts when it is wider than this, taken as area over half its own outline's length, or larger than that.
OVERLAP_WIDTH_M, LARGE_M2 = 100.0, 1_000_000.0
# Enclosed ground that belongs to no zone: smaller holes are drawing errors.
HOLE_M2_MIN = 10_000.0
# A gap that is open at its ends is noticed where it is narrower than this and larger than LARGE_M2.
GAP_WIDTH_M = 500.0
# A farm may be a zone of its own; a room may not.
TINY_M2, NOTHING_M2 = 10_000.0, 100.0
# Two zones on the same ground are one zone entered twice; less than that is for their makers to settle.
SAME_GROUND = 0.9
# Neighbours among 1,449 zones are 5,000 pairs with 600,000 corners. Who draws everything over everything is told so.
PAIRS_CORNERS_MAX = 5_000_000
# Boxes that meet one, itself counted: 10 in real sets. With so many, whatever is drawn, the work takes seconds.
MEETING_MAX = 60
# To look for gaps takes 3 s for 70,000 corners.
GAPS_CORNERS_MAX = 400_000
HALF_TURN_DEG = 180.0
# A country of oases has a thousand gaps, and a desert in each: the largest are named.
GAPS_NAMED = 10


def shape_problems(zones: Sequence[Zone], degrees: NDArray[np.object_]) -> Iterator[Problem]:
    """What is wrong with the outlines, object [Z] in degrees, of zones: of each, then between them."""
    if not zones:
        return
    corners = shapely.get_coordinates(degrees)
    frame = frame_around(corners[:, 1], corners[:, 0])
    # It writes into the array that it is given.
    flat = shapely.set_coordinates(degrees.copy(), np.column_stack(frame.to_local(corners[:, 1], corners[:, 0])))
    # Over the date line an outline is drawn round the whole Earth here, and everything lies in it.
    whole = np.array([not _is_uncut(one) for one in degrees])
    # What is cut at the date line has two parts that touch along it on the ground, and not in degrees.
    sound = shapely.is_valid(flat) | shapely.is_valid(degrees)
    for row in np.flatnonzero(~(sound & whole)).tolist():
        reason = str(shapely.is_valid_reason(flat[row])).split("[")[0]
        said = f"has an outline that crosses itself ({reason})"
        uncut = "goes over the date line uncut; `tocsin zones import` cuts it there"
        yield Problem("error", zones[row].id, said if whole[row] else uncut)
    areas = shapely.make_valid(flat, method="structure", keep_collapsed=False)
    for zone, area_m2 in zip(zones, shapely.area(areas), strict=True):
        if area_m2 < TINY_M2:
            grade: Literal["error", "remark"] = "error" if area_m2 < NOTHING_M2 else "remark"
            yield Problem(grade, zone.id, f"covers {area_m2:.0f} square metres; that is smaller than a street block")
    # Zones that all lie over each other would take hours; the boxes tell before that.
    meeting = shapely.STRtree(areas[whole]).query(areas[whole]).shape[1]
    if meeting > MEETING_MAX * max(1_000, len(zones)):
        said = f"lies over so many others ({meeting // 2} pairs meet) that overlaps and gaps were not looked for"
        yield Problem("error", "every zone", said)
        return
    cut = [zone for zone, is_whole in zip(zones, whole, strict=True) if is_whole]
    yield from _overlaps(cut, areas[whole])
    yield from _gaps(cut, areas[whole], frame)


def _is_uncut(degrees: shapely.Geometry) -> bool:
    west, _, east, _ = degrees.bounds
    rings = shapely.get_rings(shapely.get_parts(degrees)) if east - west > HALF_TURN_DEG else ()
    return any(crosses_uncut(shapely.get_coordinates(ring)) for ring in rings)


def _overlaps(zones: Sequence[Zone], areas: NDArray[np.object_]) -> Iterator[Problem]:
    """Pairs that share ground at the same time; a zone and its parent may."""
    first, second = shapely.STRtree(areas).query(areas, "intersects")
    order = np.lexsort((second, first))
    pairs = [
        (a, b)
        for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True)
        if a < b and _may_not_overlap(zones[a], zones[b])
    ]
    looked = np.array(pairs, int).reshape(-1, 2)
    counts = shapely.get_num_coordinates(areas)
    few = np.cumsum(counts[looked[:, 0]] + counts[looked[:, 1]]) <= PAIRS_CORNERS_MAX
    if not few.all():
        said = f"{len(looked)} pairs of zones meet; only the first {few.sum()} were looked at for overlaps"
        yield Problem("error", "every zone", said)
    looked = looked[few]
    shared = shapely.intersection(areas[looked[:, 0]], areas[looked[:, 1]])
    shared_m2, round_m = shapely.area(shared), shapely.length(shared)
    wide = 2 * shared_m2 > OVERLAP_WIDTH_M * round_m
    for pair in np.flatnonzero((shared_m2 > 0) & (wide | (shared_m2 > LARGE_M2))):
        a, b = looked[pair].tolist()
        share = shared_m2[pair] / min(areas[a].area, areas[b].area)
        yield Problem(
            "error" if share > SAME_GROUND else "remark",
            zones[a].id,
            f"overlaps {zones[b].id} on {shared_m2[pair] / 1e6:.2f} km² ({share:.0%} of the smaller)",
        )


def _may_not_overlap(one: Zone, other: Zone) -> bool:
    """Whether two zones of one level hold at the same time."""
    if one.id == other.id or other.id == one.parent or one.id == other.parent:
        return False
    return (one.parent == other.parent or one.kind == other.kind) and _hold_together(one, other)


def _hold_together(one: Zone, other: Zone) -> bool:
    return not (
        (one.valid_to is not None and other.valid_from is not None and one.valid_to <= other.valid_from)
        or (other.valid_to is not None and one.valid_from is not None and other.valid_to <= one.valid_from)
    )


def _gaps(zones: Sequence[Zone], areas: NDArray[np.object_], frame: LocalFrame) -> Iterator[Problem]:
    """Ground between zones that belongs to none: enclosed, or in a slit that is open at its ends."""
    if not zones:
        return
    if (corners := int(shapely.get_num_coordinates(areas).sum())) > GAPS_CORNERS_MAX:
        said = f"has so many corners ({corners} in all) that gaps were not looked for; simplify the outlines"
        yield Problem("remark", "every zone", said)
        return
    union = shapely.union_all(areas)
    holes = _holes(union)
    taken = shapely.union_all([union, *holes])
    closed = shapely.buffer(shapely.buffer(union, GAP_WIDTH_M / 2, quad_segs=2), -GAP_WIDTH_M / 2, quad_segs=2)
    # What rounding left open by a millimetre is enclosed all the same.
    nearly = shapely.get_parts(shapely.difference(shapely.union_all([closed, *_holes(closed)]), taken))
    found = [("a hole", hole) for hole in holes if hole.area >= HOLE_M2_MIN]
    found += [("a gap", gap) for gap in nearly if gap.area > LARGE_M2]
    found.sort(key=lambda one: -one[1].area)
    for what, ground in found[:GAPS_NAMED]:
        place = shapely.point_on_surface(ground)
        lat, lon = frame.to_geodetic(place.x, place.y)
        near = zones[int(np.argmin(shapely.distance(areas, ground)))].id
        where = f"{float(lat):.4f}, {float(lon):.4f}"
        yield Problem("remark", near, f"borders {what} of {ground.area / 1e6:.2f} km² at {where} that is in no zone")
    if rest := found[GAPS_NAMED:]:
        km2 = sum(ground.area for _, ground in rest) / 1e6
        yield Problem("remark", "every zone", f"leaves {len(rest)} smaller gaps, {km2:.2f} km² in all, in no zone")


def _holes(union: shapely.Geometry) -> list[shapely.Geometry]:
    """What a union encloses and does not hold."""
    return [
        shapely.Polygon(ring)
        for part in shapely.get_parts(union)
        if part.geom_type == "Polygon"
        for ring in part.interiors
    ]
