"""What places are called in a text: a zone by its name, a district with its city, a city told whole by its own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec

from tocsin.model.zone import Zone


def named(zone_ids: Sequence[str], zones: Mapping[str, Zone], language: str, most: int) -> tuple[tuple[str, ...], int]:
    """The names of the first places, so many at most, in order; and how many more places there are.

    Where every district of a city is among them, the city is one place. Names that are alike are one place, too.
    """
    whole = _whole_cities(zone_ids, zones)
    places: dict[str, str] = {}
    for zone_id in zone_ids:
        zone = zones.get(zone_id)
        city = zone.parent if zone is not None and zone.parent in whole else None
        places.setdefault(city or zone_id, zone_id)
    first = islice(places.items(), most)
    names = (_city(zones[one], language) if key in whole else place(one, zones, language) for key, one in first)
    return tuple(dict.fromkeys(names)), max(len(places) - most, 0)


def place(zone_id: str, zones: Mapping[str, Zone], language: str) -> str:
    """What people who read a language call a zone; a zone that is gone is called by its id.

    A district whose name does not begin with its city's is named with it: there is an Old Town in every city.
    """
    zone = zones.get(zone_id)
    name = (zone.name_in(language) if zone else "") or zone_id
    if zone is None or zone.parent_name is None:
        return name
    city = _city(zone, language)
    return name if not city or name.startswith(city) else f"{name} ({city})"


def _city(zone: Zone, language: str) -> str:
    """The name of the city that a zone is a district of, by the same rule as any zone's."""
    assert zone.parent_name is not None, "a district"
    return msgspec.structs.replace(zone, name=zone.parent_name).name_in(language)


def _whole_cities(zone_ids: Sequence[str], zones: Mapping[str, Zone]) -> set[str]:
    """Cities that are no zones themselves, every district of which is among these zones."""
    told = {zone.parent for one in zone_ids if (zone := zones.get(one)) is not None and zone.parent_name is not None}
    if not told:
        return set()
    among = set(zone_ids)
    left = {zone.parent for zone in zones.values() if zone.parent in told and zone.id not in among}
    return {city for city in told if city is not None} - left
