"""Points that stand for a zone when something is so near that the zone is no point any more."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex

Floats = NDArray[np.float64]

# Points thrown over each zone's bounding box, per side; those inside are drawn from.
THROWN = 9


def points_of(index: ZoneIndex, count: int) -> Floats:
    """`count` points spread over each zone's area, in the index's frame, float64 [Z, count, 2]: east, north.

    A grid over the zone's bounds, what lies inside of it in rows that run to and fro, and every so many-th of those. Of
    a zone too thin for the grid it is its inner point, `count` times.
    """
    zones = len(index)
    if not zones:
        return np.empty((0, count, 2))
    share = (np.arange(THROWN) + 0.5) / THROWN
    across, up = np.meshgrid(share, share)
    across[1::2] = across[1::2, ::-1]
    bounds = shapely.bounds(index.outlines)
    east = bounds[:, :1] + (bounds[:, 2:3] - bounds[:, :1]) * across.ravel()
    north = bounds[:, 1:2] + (bounds[:, 3:4] - bounds[:, 1:2]) * up.ravel()
    inside = shapely.contains_xy(index.outlines[:, None], east, north)
    points = np.empty((zones, count, 2))
    points[:] = np.column_stack([index.east_m, index.north_m])[:, None]
    for z in np.flatnonzero(inside.any(axis=1)):
        found = np.flatnonzero(inside[z])
        chosen = found[((np.arange(count) + 0.5) / count * len(found)).astype(np.int64)]
        points[z, :, 0], points[z, :, 1] = east[z, chosen], north[z, chosen]
    return points
