"""What may be wrong with a set of zones: one sentence per problem, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.frames import frame_around
from tocsin.earth.zone_index import outline
from tocsin.model.birth import unseen_in
from tocsin.model.value import EPOCH, time_text
from tocsin.model.zone import Zone

# Outlines drawn by different people miss each other by some metres along every border; that harms nobody. An overlap
# counts when it is wider than this, taken as area over half its own outline's length.
OVERLAP_WIDTH_M = 100.0
# Enclosed ground that belongs to no zone: smaller holes are drawing errors, larger ones are lakes or somebody's choice.
HOLE_M2 = (10_000.0, 25_000_000.0)
# A farm may be a zone of its own; a room may not.
TINY_M2, NOTHING_M2 = 10_000.0, 100.0
# Two zones on the same ground are one zone entered twice; less than that is for their makers to settle.
SAME_GROUND = 0.9


@dataclass(frozen=True)
class Problem:
    """One finding. An error makes warnings wrong or late; a remark is for somebody to look at."""

    grade: Literal["error", "remark"]
    zone: str
    text: str


def check_zones(zones: Sequence[Zone]) -> tuple[Problem, ...]:
    """Everything found, errors first, then in the order of the zones."""
    found = [*_values(zones), *_times(zones), *_shapes(zones)]
    return tuple(sorted(found, key=lambda problem: problem.grade))


def _values(zones: Sequence[Zone]) -> Iterator[Problem]:
    ids = {zone.id for zone in zones}
    anybody = any(zone.population for zone in zones)
    if zones and not anybody:
        yield Problem("remark", "every zone", "has population 0; give --population-field, or nobody weighs anything")
    has_parents_here = any(zone.parent in ids for zone in zones)
    for zone in zones:
        names = _texts(zone.name)
        if not any(name.strip() for name in names):
            yield Problem("error", zone.id, "has no name; people cannot find themselves in it")
        unseen = [character for name in (*names, *_texts(zone.parent_name or "")) for character in unseen_in(name)]
        if unseen:
            marks = ", ".join(sorted({f"U+{ord(character):04X}" for character in unseen}))
            yield Problem("error", zone.id, f"has a name with characters that nobody sees ({marks}); retype it")
        if zone.population == 0 and anybody:
            yield Problem("remark", zone.id, "has population 0; its people weigh nothing in forecasts and scores")
        if zone.shelter_s > 3_600:
            yield Problem("remark", zone.id, f"gives people {zone.shelter_s:g} s to reach shelter; are those seconds?")
        # Where no zone at all names a zone of this file, parents are names of units kept elsewhere.
        if zone.parent == zone.id:
            yield Problem("error", zone.id, "is its own parent")
        elif has_parents_here and zone.parent is not None and zone.parent not in ids:
            yield Problem("error", zone.id, f"names the parent {zone.parent!r}, which is not in this file")


def _texts(name: str | dict[str, str]) -> list[str]:
    return [name] if isinstance(name, str) else list(name.values())


def _times(zones: Sequence[Zone]) -> Iterator[Problem]:
    """Two outlines of one zone may follow each other in time, never hold together."""
    by_id: dict[str, list[Zone]] = {}
    for zone in zones:
        by_id.setdefault(zone.id, []).append(zone)
        if zone.valid_from and zone.valid_to and zone.valid_from >= zone.valid_to:
            yield Problem(
                "error",
                zone.id,
                f"is valid from {time_text(zone.valid_from)} to {time_text(zone.valid_to)}, which is no time",
            )
    for versions in by_id.values():
        for first, second in pairwise(sorted(versions, key=lambda zone: zone.valid_from or EPOCH)):
            if first.valid_to is None or second.valid_from is None or first.valid_to > second.valid_from:
                yield Problem("error", first.id, "is in the file twice with outlines that hold at the same time")


def _shapes(zones: Sequence[Zone]) -> Iterator[Problem]:
    if not zones:
        return
    degrees = np.array([outline(zone) for zone in zones], dtype=object)
    corners = shapely.get_coordinates(degrees)
    frame = frame_around(corners[:, 1], corners[:, 0])
    flat = shapely.set_coordinates(degrees, np.column_stack(frame.to_local(corners[:, 1], corners[:, 0])))
    for zone, sound, reason in zip(zones, shapely.is_valid(flat), shapely.is_valid_reason(flat), strict=True):
        if not sound:
            yield Problem("error", zone.id, f"has an outline that crosses itself ({str(reason).split('[')[0]})")
    areas = shapely.make_valid(flat, method="structure", keep_collapsed=False)
    for zone, area_m2 in zip(zones, shapely.area(areas), strict=True):
        if area_m2 < TINY_M2:
            grade: Literal["error", "remark"] = "error" if area_m2 < NOTHING_M2 else "remark"
            yield Problem(grade, zone.id, f"covers {area_m2:.0f} square metres; that is smaller than a street block")
    yield from _overlaps(zones, areas)
    for hole in _holes(areas):
        lat, lon = frame.to_geodetic(hole.centroid.x, hole.centroid.y)
        where = f"{float(lat):.4f}, {float(lon):.4f}"
        near = zones[int(np.argmin(shapely.distance(areas, hole)))].id
        yield Problem("remark", near, f"borders a hole of {hole.area / 1e6:.2f} km² at {where} that is in no zone")


def _overlaps(zones: Sequence[Zone], areas: NDArray[np.object_]) -> Iterator[Problem]:
    """Pairs that share ground at the same time; a zone and its parent may."""
    first, second = shapely.STRtree(areas).query(areas, "intersects")
    order = np.lexsort((second, first))
    for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True):
        one, other = zones[a], zones[b]
        if a >= b or one.id == other.id or other.id == one.parent or one.id == other.parent:
            continue
        if one.parent != other.parent and one.kind != other.kind:
            continue
        if not _hold_together(one, other):
            continue
        shared = shapely.intersection(areas[a], areas[b])
        if shared.area > 0 and 2 * shared.area / shared.length > OVERLAP_WIDTH_M:
            share = shared.area / min(areas[a].area, areas[b].area)
            yield Problem(
                "error" if share > SAME_GROUND else "remark",
                one.id,
                f"overlaps {other.id} on {shared.area / 1e6:.2f} km² ({share:.0%} of the smaller)",
            )


def _hold_together(one: Zone, other: Zone) -> bool:
    return not (
        (one.valid_to is not None and other.valid_from is not None and one.valid_to <= other.valid_from)
        or (other.valid_to is not None and one.valid_from is not None and other.valid_to <= one.valid_from)
    )


def _holes(areas: NDArray[np.object_]) -> list[shapely.Geometry]:
    """Ground enclosed by zones that belongs to none."""
    union = shapely.union_all(areas)
    holes = [
        shapely.Polygon(ring)
        for part in shapely.get_parts(union)
        if part.geom_type == "Polygon"
        for ring in part.interiors
    ]
    return [hole for hole in holes if HOLE_M2[0] <= hole.area <= HOLE_M2[1]]
