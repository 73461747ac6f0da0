"""The field of play: the world's frame about its centre, the zones that can be struck, and points in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.frames import Floats, LocalFrame, frame_around
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.zone import Zone
from tocsin.simulate.scenario import Place, Scenario
from tocsin.simulate.terrain import Ground, ground_of

# A thin outline may need many throws; after these its inner point is taken.
THROWS = 64


@dataclass(frozen=True)
class Field:
    """index: the zones in the frame; played: int [P], those near the centre; weight: float64 [P], sums to 1."""

    index: ZoneIndex
    ground: Ground
    played: NDArray[np.intp]
    weight: Floats
    radius_m: float

    @property
    def frame(self) -> LocalFrame:
        """The world's flat frame; its origin is the centre."""
        return self.index.frame

    def zone_at(self, east_m: float, north_m: float) -> str | None:
        """The id of the first zone that holds a point."""
        lat, lon = self.frame.to_geodetic(east_m, north_m)
        found = self.index.within(float(lat), float(lon), 0.0)
        return self.index.zones[int(found[0])].id if len(found) else None

    def somewhere_in(self, zone: int, rng: np.random.Generator) -> Floats:
        """A point [2] of a zone's outline, evenly over its area."""
        outline = self.index.outlines[zone]
        west, south, east, north = outline.bounds
        points = rng.uniform((west, south), (east, north), (THROWS, 2))
        inside = np.flatnonzero(shapely.contains_xy(outline, points[:, 0], points[:, 1]))
        if len(inside):
            return np.asarray(points[inside[0]], float)
        return np.array([self.index.east_m[zone], self.index.north_m[zone]])

    def among_people(self, rng: np.random.Generator) -> Floats:
        """A point [2] in a zone drawn by population."""
        return self.somewhere_in(int(self.played[rng.choice(len(self.played), p=self.weight)]), rng)

    def anywhere(self, rng: np.random.Generator) -> Floats:
        """A point [2] of the field, evenly over its area."""
        distance, angle = self.radius_m * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        return np.array([distance * np.sin(angle), distance * np.cos(angle)])


def _centre(place: Place, zones: Sequence[Zone]) -> LocalFrame:
    if place.centre is not None:
        return LocalFrame(*place.centre)
    largest = max(zones, key=lambda zone: zone.population)
    chosen = [largest] if largest.population > 0 else zones
    corners = np.array([point for zone in chosen for polygon in zone.polygons for point in polygon[0]])
    return frame_around(corners[:, 1], corners[:, 0])


def field_of(scenario: Scenario, zones: Sequence[Zone], seed: int) -> Field:
    """The field of a scenario over the zones valid at its start. Raises BadValue where there is none to play over."""
    valid = [zone for zone in zones if zone.valid_at(scenario.start)]
    if not valid:
        raise BadValue(f"no zone is valid at {scenario.start.isoformat()}; give zones that are")
    index = ZoneIndex(valid, _centre(scenario.place, valid))
    played = np.flatnonzero(np.hypot(index.east_m, index.north_m) <= scenario.place.radius_m)
    if not len(played):
        raise BadValue(f"no zone lies within {scenario.place.radius_m:g} m of the centre; make place.radius_m larger")
    people = index.population[played]
    weight = people / people.sum() if people.sum() > 0 else np.full(len(played), 1 / len(played))
    return Field(index, ground_of(scenario.terrain, seed), played, weight, scenario.place.radius_m)
