"""What a line tells, without what its source may not speak of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from tocsin.ingest.area import at, from_middle, holds
from tocsin.model.access import Circle
from tocsin.model.told import PLACES_MAX, Place, Spot, Told

# A town is where its middle is; of what is wider, as a region is, a part may lie in the area and the rest not.
WIDE_M_MIN = 10_000.0
# So many standard deviations from its middle a wide place ends.
ENDS = 2.0
# A disc spreads along one axis by half of its radius.
DISC = 0.5


def within(told: Sequence[Told], area: Sequence[Circle]) -> tuple[tuple[Told, ...], int, int]:
    """The same, as far as it lies in an area; how many spots lie outside, and of how many only parts are left.

    What named only such as lie outside is left out. A wide place is cut to each circle that it reaches.
    """
    kept, outside, cut = [], 0, 0
    for one in told:
        places: list[Place] = []
        for place in one.places:
            whole = [spot for spot in place.spots if _is_inside(spot, area)]
            parted = [
                (spot, parts)
                for spot in place.spots
                if spot.sigma_m >= WIDE_M_MIN and spot not in whole and (parts := _parts(spot, area))
            ]
            outside += len(place.spots) - len(whole) - len(parted)
            cut += len(parted)
            mixture = [*whole, *(parts[0] for _, parts in parted)]
            if mixture:
                mixture.sort(key=lambda spot: -spot.weight)
                places.append(Place(role=place.role, spots=tuple(mixture)))
            # Where it reaches several circles it is in each of them, and not in one or another.
            places += (Place(role=place.role, spots=(part,)) for _, parts in parted for part in parts[1:])
        if places or not one.places:
            kept.append(msgspec.structs.replace(one, places=tuple(places[:PLACES_MAX])))
    return tuple(kept), outside, cut


def _is_inside(spot: Spot, area: Sequence[Circle]) -> bool:
    """Whether a place is believed as it is."""
    if spot.sigma_m < WIDE_M_MIN:
        return holds(area, spot.lat, spot.lon)
    return any(math.hypot(*from_middle(one, spot.lat, spot.lon)) + ENDS * spot.sigma_m <= one.radius_m for one in area)


def _parts(spot: Spot, area: Sequence[Circle]) -> list[Spot]:
    """A wide place in each circle that it reaches, the nearest to its middle first."""
    found = []
    for circle in area:
        east_m, north_m = from_middle(circle, spot.lat, spot.lon)
        away_m = math.hypot(east_m, north_m)
        if away_m < circle.radius_m + ENDS * spot.sigma_m:
            found.append((away_m - circle.radius_m, _part(spot, circle, east_m, north_m, away_m)))
    found.sort(key=lambda row: row[0])
    return [part for _, part in found]


def _part(spot: Spot, circle: Circle, east_m: float, north_m: float, away_m: float) -> Spot:
    """What a wide place and a circle have in common: the product of two normal distributions, moved into the circle."""
    precise, disc = 1 / spot.sigma_m**2, 1 / (DISC * circle.radius_m) ** 2
    sigma_m = 1 / math.sqrt(precise + disc)
    middle_m = min(away_m * precise / (precise + disc), circle.radius_m - sigma_m)
    share = middle_m / away_m if away_m else 0.0
    lat, lon = at(circle, share * east_m, share * north_m)
    return msgspec.structs.replace(spot, lat=lat, lon=lon, sigma_m=sigma_m)
