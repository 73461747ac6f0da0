"""Which zones a point or a footprint touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from tocsin.earth.frames import LocalFrame, frame_around
from tocsin.model.zone import Zone


class ZoneIndex:
    """The zones of a sector, ready to be asked; built once per configuration.

    zones          the zones given, in their order: every answer is an index into them
    frame          the sector's flat frame, about the middle of all zones
    outlines       shapely geometries in the frame, object [Z]
    east_m, north_m   a point inside each zone, float64 [Z]
    radius_m       distance from that point to the farthest corner, float64 [Z]
    population, shelter_s   float64 [Z]
    """

    def __init__(self, zones: Sequence[Zone], frame: LocalFrame | None = None) -> None:
        self.zones = tuple(zones)
        degrees = outlines(self.zones)
        corners = shapely.get_coordinates(degrees)
        if frame is None:
            frame = frame_around(corners[:, 1], corners[:, 0]) if len(corners) else LocalFrame(0.0, 0.0)
        self.frame = frame
        east, north = frame.to_local(corners[:, 1], corners[:, 0])
        flat = shapely.set_coordinates(degrees, np.column_stack([east, north])) if len(corners) else degrees
        # Outlines drawn by hand cross themselves now and then; a repaired outline still answers.
        self.outlines = shapely.make_valid(flat) if len(corners) else flat
        points = shapely.point_on_surface(self.outlines)
        self.east_m = np.asarray(shapely.get_x(points), float)
        self.north_m = np.asarray(shapely.get_y(points), float)
        self.radius_m = np.asarray(shapely.hausdorff_distance(self.outlines, points), float)
        self.population = np.array([zone.population for zone in self.zones], float)
        self.shelter_s = np.array([zone.shelter_s for zone in self.zones], float)
        self.number = {zone.id: i for i, zone in enumerate(self.zones)}
        self._tree = shapely.STRtree(self.outlines)
        shapely.prepare(self.outlines)

    def __len__(self) -> int:
        return len(self.zones)

    def at(self, lat: ArrayLike, lon: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(point, zone) pairs: zone `zone[i]` holds or touches point `point[i]`; points in degrees."""
        east, north = self.frame.to_local(np.atleast_1d(lat), np.atleast_1d(lon))
        points, zones = self._tree.query(shapely.points(east, north), predicate="intersects")
        order = np.lexsort((zones, points))
        return points[order], zones[order]

    def within(self, lat: float, lon: float, radius_m: float) -> NDArray[np.int64]:
        """The zones a circle touches, in order."""
        east, north = self.frame.to_local(lat, lon)
        return np.sort(self._tree.query(shapely.Point(float(east), float(north)), "dwithin", distance=radius_m))

    def touching(self, footprint: shapely.Geometry) -> NDArray[np.int64]:
        """The zones a geometry in the frame touches, in order."""
        return np.sort(self._tree.query(footprint, "intersects"))

    def pairs(self, geometries: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(geometry, zone) pairs whose bounding boxes meet."""
        geometry, zone = self._tree.query(geometries)
        return geometry, zone

    @cached_property
    def by_north(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Zones in order of their inner point's north, and those norths."""
        order = np.argsort(self.north_m, kind="stable")
        return order, self.north_m[order]

    def distance_m(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
        """float64 [N, Z]: ground distance from each point to each zone's outline; 0 inside."""
        east, north = self.frame.to_local(np.atleast_1d(lat), np.atleast_1d(lon))
        points = shapely.points(east, north)
        return np.asarray(shapely.distance(points[:, None], self.outlines[None, :]), float)

    def valid_at(self, time: datetime) -> NDArray[np.bool_]:
        """Which zones' outlines hold at a time, bool [Z]."""
        return np.array([zone.valid_at(time) for zone in self.zones], bool)


def outline(zone: Zone) -> shapely.Geometry:
    """A zone as it is given, in degrees (lon, lat): it may cross itself."""
    return shapely.MultiPolygon([(polygon[0], list(polygon[1:])) for polygon in zone.polygons])


def outlines(zones: Sequence[Zone]) -> NDArray[np.object_]:
    """`outline` of each zone, object [Z]: made all at once, which takes a tenth of the time."""
    if not zones:
        return np.empty(0, object)
    polygons = [(z, polygon) for z, zone in enumerate(zones) for polygon in zone.polygons]
    rings = [(p, ring) for p, (_, polygon) in enumerate(polygons) for ring in polygon]
    points = np.array([point for _, ring in rings for point in ring], float)
    of_ring = np.repeat(np.arange(len(rings)), [len(ring) for _, ring in rings])
    whole = shapely.polygons(shapely.linearrings(points, indices=of_ring), indices=[p for p, _ in rings])
    made: NDArray[np.object_] = shapely.multipolygons(whole, indices=[z for z, _ in polygons])
    assert len(made) == len(zones), "a zone without an outline"
    return made
