"""Outlines made all at once are those made one by one."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tocsin.earth.zone_index import outline, outlines
from tocsin.model.zone import Polygon, Zone

places = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
rings = st.lists(places, min_size=3, max_size=6).map(lambda points: (*points, points[0]))
polygons = st.lists(rings, min_size=1, max_size=3).map(tuple)


@given(st.lists(st.lists(polygons, min_size=1, max_size=3).map(tuple), min_size=1, max_size=5))
def test_outlines_made_together_are_those_made_one_by_one(every: list[tuple[Polygon, ...]]) -> None:
    zones = [Zone(id=f"z{number}", name="", polygons=one) for number, one in enumerate(every)]
    together = outlines(zones)
    assert len(together) == len(zones)
    assert all(
        some([shapely.to_wkb(one) == shapely.to_wkb(outline(z)) for one, z in zip(together, zones, strict=True)])
    )


def test_no_zones_have_no_outlines() -> None:
    assert len(outlines([])) == 0
