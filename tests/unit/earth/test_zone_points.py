from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.some import some
from tocsin.earth.zone_index import ZoneIndex
from tocsin.earth.zone_points import points_of
from tocsin.model.zone import Zone


def _zone(name: str, *corners: tuple[float, float]) -> Zone:
    return Zone(id=name, name=name, polygons=(((*corners, corners[0]),),))


# An L, and a sliver no grid hits.
BENT = _zone("bent", (20.0, 50.0), (20.3, 50.0), (20.3, 50.02), (20.03, 50.02), (20.03, 50.2), (20.0, 50.2))
THIN = _zone("thin", (21, 50), (21.2, 50), (21.2, 50.0001), (21.0001, 50.0001), (21.0001, 50.2), (21, 50.2))


def test_points_lie_in_their_zone_and_in_every_arm_of_it() -> None:
    index = ZoneIndex([BENT])
    points = points_of(index, 9)[0]
    assert points.shape == (9, 2)
    assert some(shapely.contains_xy(index.outlines[0], points[:, 0], points[:, 1])).all()
    west, south, east, north = index.outlines[0].bounds
    assert (points[:, 0] > west + 0.7 * (east - west)).any()
    assert (points[:, 1] > south + 0.7 * (north - south)).any()


def test_a_zone_too_thin_for_the_grid_is_its_inner_point() -> None:
    index = ZoneIndex([THIN])
    points = points_of(index, 5)[0]
    assert points == pytest.approx(np.tile([index.east_m[0], index.north_m[0]], (5, 1)))


def test_no_zones_have_no_points() -> None:
    assert points_of(ZoneIndex([]), 9).shape == (0, 9, 2)
