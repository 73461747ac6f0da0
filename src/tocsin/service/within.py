"""What a zone is part of: the settings name zones, or what holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.earth.zone_index import ZoneIndex

# Parents above parents; a zones file that names a zone its own ancestor must not hold anybody up.
PARENTS_MAX = 10


def within(zone: str, parent_of: Callable[[str], str | None]) -> Iterator[str]:
    """A zone, and then all it is part of, nearest first."""
    name: str | None = zone
    for _ in range(PARENTS_MAX):
        if name is None:
            return
        yield name
        name = parent_of(name)


def parents_in(index: ZoneIndex) -> Callable[[str], str | None]:
    """What a zone of an index is part of; None: nothing, or the index has no such zone."""

    def parent_of(zone: str) -> str | None:
        return index.zones[index.number[zone]].parent if zone in index.number else None

    return parent_of
