"""Who may act where: what the settings say of each duty officer."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.earth.zone_index import ZoneIndex
from tocsin.service.people_settings import Officer
from tocsin.service.within import parents_in, within


def why_not(operator: Officer, action: str, zones: Iterable[str], index: ZoneIndex) -> str | None:
    """Why an officer may not do this in these zones, in a sentence; None: he may."""
    if action not in operator.actions:
        return f"{operator.id} may not {action}; the settings let {operator.id} {', '.join(operator.actions)}"
    if not operator.zones:
        return None
    own = set(operator.zones)
    outside = next((zone for zone in zones if own.isdisjoint(within(zone, parents_in(index)))), None)
    return None if outside is None else f"{operator.id} may not act in {outside}; the settings say where"
