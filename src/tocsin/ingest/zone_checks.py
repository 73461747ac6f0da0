"""What may be wrong with a set of zones: one sentence per problem, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tocsin.earth.zone_index import outlines
from tocsin.ingest.zone_parents import same_number
from tocsin.ingest.zone_problem import Problem
from tocsin.ingest.zone_shapes import shape_problems
from tocsin.ingest.zone_swapped import exchanged
from tocsin.model.birth import unseen_in
from tocsin.model.value import EPOCH, time_text
from tocsin.model.zone import Zone


def check_zones(zones: Sequence[Zone]) -> tuple[Problem, ...]:
    """Everything found, errors first, then in the order of the zones."""
    degrees = outlines(zones)
    found = [*_values(zones), *_times(zones), *shape_problems(zones, degrees), *exchanged(zones, degrees)]
    return tuple(sorted(found, key=lambda problem: problem.grade))


def _values(zones: Sequence[Zone]) -> Iterator[Problem]:
    ids = {zone.id for zone in zones}
    anybody = any(zone.population for zone in zones)
    if zones and not anybody:
        yield Problem("remark", "every zone", "has population 0; give --population-field, or nobody weighs anything")
    has_parents_here = any(zone.parent in ids for zone in zones)
    numbers = {same_number(name) for name in ids}
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
        elif zone.parent is not None and zone.parent not in ids:
            if has_parents_here:
                yield Problem("error", zone.id, f"names the parent {zone.parent!r}, which is not in this file")
            elif same_number(zone.parent) in numbers:
                yield Problem("error", zone.id, f"names the parent {zone.parent!r}; the id is written otherwise here")


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
