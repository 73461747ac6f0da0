"""Which zone is part of which: parents written otherwise than the id that they mean, and levels of one country.

geoBoundaries keeps each level of a country in a file of its own and names only the country. Where several levels are
read together, a unit's parent is the unit of the level above that holds it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from msgspec.structs import replace

from tocsin.earth.zone_index import outline
from tocsin.model.zone import Zone

_LEVEL = re.compile(r"^ADM(\d)$", re.IGNORECASE)
_WHOLE = re.compile(r"^([+-]?\d+)\.0+$")


def with_parents(zones: Sequence[Zone]) -> tuple[list[Zone], list[str]]:
    """The zones with their parents' ids as those are written, and what was changed."""
    named, said = _as_written(zones)
    placed, more = _by_level(named)
    return placed, [*said, *more]


def same_number(text: str) -> str:
    """A whole number without the decimals that a table adds: 1.0 is 1; everything else as it is."""
    match = _WHOLE.match(text)
    return match[1] if match else text


def _as_written(zones: Sequence[Zone]) -> tuple[list[Zone], list[str]]:
    """Parents 1.0 where the only id like it is 1."""
    ids = {zone.id for zone in zones}
    like = defaultdict(set)
    for name in ids:
        like[same_number(name)].add(name)
    found, changed = [], []
    for zone in zones:
        meant = like.get(same_number(zone.parent), set()) if zone.parent and zone.parent not in ids else set()
        if len(meant) == 1:
            changed.append(zone.parent)
            zone = replace(zone, parent=next(iter(meant)))
        found.append(zone)
    said = f"{len(changed)} parents are written otherwise than the ids they mean, {changed[:1]}; taken as those"
    return found, [said.replace("[", "").replace("]", " first")] if changed else []


def _by_level(zones: Sequence[Zone]) -> tuple[list[Zone], list[str]]:
    """Units of levels ADM0 to ADM9 get the unit of the next level above that holds a point within them."""
    levels = [int(match[1]) if zone.kind and (match := _LEVEL.match(zone.kind)) else None for zone in zones]
    known = sorted({level for level in levels if level is not None})
    # The country itself is called by the name of its group.
    found = [
        replace(zone, parent=None) if level is not None and zone.parent == zone.id else zone
        for zone, level in zip(zones, levels, strict=True)
    ]
    said = []
    for above, below in pairwise(known):
        over = [row for row, level in enumerate(levels) if level == above]
        under = [row for row, level in enumerate(levels) if level == below]
        inside = shapely.point_on_surface(shapely.make_valid(np.array([outline(zones[row]) for row in under], object)))
        tree = shapely.STRtree([shapely.make_valid(outline(zones[row])) for row in over])
        held = dict(zip(*tree.query(inside, "within").tolist(), strict=True))
        for place, row in enumerate(under):
            if place in held:
                found[row] = replace(zones[row], parent=zones[over[held[place]]].id)
        said.append(f"{len(held)} of {len(under)} units ADM{below} have the unit ADM{above} that holds them as parent")
    return found, said
