"""Who may act where: what the settings say of each duty officer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.earth.zone_index import ZoneIndex
from tocsin.service.settings import Operator

# Parents above parents; a zones file that names a zone its own ancestor must not hold anybody up.
_PARENTS_MAX = 10


def why_not(operator: Operator, action: str, zones: Iterable[str], index: ZoneIndex) -> str | None:
    """Why an officer may not do this in these zones, in a sentence; None: he may."""
    if action not in operator.actions:
        return f"{operator.id} may not {action}; the settings let {operator.id} {', '.join(operator.actions)}"
    if not operator.zones:
        return None
    own = set(operator.zones)
    outside = next((zone for zone in zones if own.isdisjoint(_within(zone, index))), None)
    return None if outside is None else f"{operator.id} may not act in {outside}; the settings say where"


def _within(zone: str, index: ZoneIndex) -> Iterator[str]:
    """A zone, and the zones it is part of."""
    name: str | None = zone
    for _ in range(_PARENTS_MAX):
        if name is None:
            return
        yield name
        name = index.zones[index.number[name]].parent if name in index.number else None
