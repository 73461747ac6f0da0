"""Zones whose latitude and longitude were exchanged, found by the towns they are named after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tocsin.earth.zone_index import outline
from tocsin.ingest.gazetteer import towns_called
from tocsin.model.zone import Zone

# A zone may be a county that is named after its seat.
NEAR_DEG = 1.5
# Of many zones so many tell; fewer towns than this may be found by chance.
ASKED_MAX, FOUND_MIN = 300, 3


def exchanged_zones(zones: Sequence[Zone]) -> str | None:
    """What to do about zones that lie where their towns are only with lat and lon exchanged; None: nothing.

    Half the named zones or more must say so, and none lie right as it is.
    """
    asked = [(zone, set(_names(zone))) for zone in zones[:: max(1, len(zones) // ASKED_MAX)]]
    towns = towns_called({name for _, names in asked for name in names})
    right, turned, known = 0, 0, 0
    for zone, names in asked:
        places = [place for name in names for place in towns.get(name, ())]
        if not places:
            continue
        known += 1
        middle = outline(zone).centroid
        at = np.array(places)
        right += bool(np.any(np.abs(at - (middle.y, middle.x)).max(axis=1) < NEAR_DEG))
        turned += bool(np.any(np.abs(at - (middle.x, middle.y)).max(axis=1) < NEAR_DEG))
    if right or turned < FOUND_MIN or turned < known / 2:
        return None
    return (
        f"{turned} zones lie where the towns of their names are only with lat and lon exchanged; in GeoJSON the "
        "longitude comes first: exchange them"
    )


def _names(zone: Zone) -> Iterator[str]:
    for name in [zone.name] if isinstance(zone.name, str) else zone.name.values():
        yield name.strip().casefold()
