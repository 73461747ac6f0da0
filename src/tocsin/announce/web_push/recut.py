"""Zones that are re-cut: whoever asked for one is told of everything that lies now where it lay.

A subscription names zones, and nobody asks anew because a border was moved. So what zones looked like is kept beside
the subscriptions, and compared at every start; a change that the zones' own times announce is known before it comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import apsw
import numpy as np
import shapely

from tocsin.earth.zone_index import ZoneIndex, outlines
from tocsin.model.zone import Zone

LAYOUT = "CREATE TABLE IF NOT EXISTS lay (zone TEXT PRIMARY KEY, outline BLOB NOT NULL) WITHOUT ROWID"
# A hundred metres: what is kept of an outline is a kilobyte, and a border drawn a little otherwise is none that moved.
KEPT_DEG = 0.001
# Less than this of a zone's area is how borders are drawn, and not that people live elsewhere now.
SHARE_LEAST = 0.01

Shapes = dict[str, shapely.Geometry]


def lay_of(index: ZoneIndex) -> Shapes:
    """How zones lie, in degrees: of one that is there twice, with different times, all of it."""
    drawn = shapely.make_valid(shapely.simplify(outlines(index.zones), KEPT_DEG))
    by_id: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for zone, shape in zip(index.zones, drawn, strict=True):
        by_id[zone.id].append(shape)
    return {name: shapes[0] if len(shapes) == 1 else shapely.union_all(shapes) for name, shapes in by_id.items()}


def heirs_between(before: Shapes, after: Shapes) -> dict[str, tuple[str, ...]]:
    """Zone -> the zones that people who asked for it must be told of, of those that are gone or have lost a part.

    Only zones that are new, or were moved, are anybody's heirs: what lay there before and was not asked for is not.
    A zone that is gone, and of which nothing lies anywhere, has no heirs.
    """
    moved = [name for name in after if name not in before or not _alike(before[name], after[name])]
    if not moved and before.keys() <= after.keys():
        return {}
    tree = shapely.STRtree([after[name] for name in moved])
    found = {}
    for name, lay in before.items():
        if name in after and name not in moved:
            continue
        left = shapely.difference(lay, after[name]) if name in after else lay
        others = _taking(
            left, lay, [(moved[k], after[moved[k]]) for k in tree.query(left).tolist() if moved[k] != name]
        )
        found[name] = (*((name,) if name in after else ()), *others)
    return found


def heirs_in_time(zones: Sequence[Zone]) -> dict[str, tuple[str, ...]]:
    """The same of zones that hold until a time and are others' from then on, of those that have heirs."""
    ending = [zone for zone in zones if zone.valid_to is not None]
    coming = [zone for zone in zones if zone.valid_from is not None]
    if not ending or not coming:
        return {}
    ends, comes = (shapely.make_valid(outlines(some)) for some in (ending, coming))
    found: dict[str, tuple[str, ...]] = {}
    for zone, lay in zip(ending, ends, strict=True):
        later = [(one.id, shape) for one, shape in zip(coming, comes, strict=True) if _follows(one, zone)]
        own = shapely.union_all([shape for name, shape in later if name == zone.id])
        others = _taking(shapely.difference(lay, own), lay, [one for one in later if one[0] != zone.id])
        if others:
            found[zone.id] = (zone.id, *others)
    return found


def _follows(one: Zone, zone: Zone) -> bool:
    return zone.valid_to is not None and one.valid_from is not None and one.valid_from >= zone.valid_to


def _taking(left: shapely.Geometry, lay: shapely.Geometry, others: Sequence[tuple[str, shapely.Geometry]]) -> list[str]:
    """Which of these take what is left of a zone, in order of their names."""
    least = SHARE_LEAST * shapely.area(lay)
    return sorted({name for name, shape in others if shapely.area(shapely.intersection(left, shape)) > least})


def _alike(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    if shapely.equals_exact(one, other):
        return True
    # A few of its hundred metres here and there are no border that was moved.
    differing = shapely.area(shapely.symmetric_difference(one, other))
    return bool(differing <= SHARE_LEAST * min(shapely.area(one), shapely.area(other)))


def read(database: apsw.Connection) -> Shapes:
    """How zones lay when this was last written."""
    rows = list(database.execute("SELECT zone, outline FROM lay"))
    shapes = shapely.from_wkb(np.array([outline for _, outline in rows], object))
    return dict(zip((zone for zone, _ in rows), shapes, strict=True))


def write(database: apsw.Connection, shapes: Mapping[str, shapely.Geometry]) -> None:
    """Keep how they lie, in the place of what was kept."""
    database.execute("DELETE FROM lay")
    database.executemany("INSERT INTO lay VALUES (?, ?)", [(name, shapely.to_wkb(one)) for name, one in shapes.items()])
