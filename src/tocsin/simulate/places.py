"""Towns that exist nowhere, for tests and for trying things without a gazetteer."""

from __future__ import annotations

import numpy as np
import shapely

from tocsin.earth.frames import LocalFrame
from tocsin.model.errors import BadValue
from tocsin.model.zone import Zone
from tocsin.simulate.chance import stream

TOWNS_MAX = 20_000
# The largest town; the others follow Zipf's law, as towns nearly everywhere do.
POPULATION_MAX = 600_000


def invented_zones(
    count: int = 60, seed: int = 0, lat: float = 47.0, lon: float = 8.0, radius_m: float = 80_000.0
) -> tuple[Zone, ...]:
    """Voronoi cells of `count` towns within a circle, the most populous first.

    Raises BadValue for fewer than 3 or more than TOWNS_MAX towns.
    """
    if not 3 <= count <= TOWNS_MAX:
        raise BadValue(f"{count} towns; between 3 and {TOWNS_MAX} can be invented")
    rng = stream(seed, "towns")
    distance = radius_m * np.sqrt(rng.random(count))
    angle = rng.uniform(0, 2 * np.pi, count)
    points = shapely.points(distance * np.sin(angle), distance * np.cos(angle))
    edge = shapely.buffer(shapely.Point(0, 0), radius_m * 1.05)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(list(points)), extend_to=edge))
    # Cells come in no particular order; each town owns the one it lies in.
    town, cell = shapely.STRtree(cells).query(points, "within")
    owned = dict(zip(town.tolist(), cell.tolist(), strict=True))
    frame = LocalFrame(lat, lon)
    zones = []
    for number in range(count):
        outline = shapely.intersection(cells[owned[number]], edge)
        corners = shapely.get_coordinates(outline)
        ring_lat, ring_lon = frame.to_geodetic(corners[:, 0], corners[:, 1])
        ring = tuple(zip(ring_lon.round(6).tolist(), ring_lat.round(6).tolist(), strict=True))
        zones.append(
            Zone(
                id=f"town-{number + 1}",
                name=f"Town {number + 1}",
                population=round(POPULATION_MAX / (number + 1)),
                parent=f"district-{1 + int(angle[number] * 4 / (2 * np.pi))}",
                polygons=((ring,),),
            )
        )
    return tuple(zones)
