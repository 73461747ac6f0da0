"""Zones that strangers' outlines touch, against Shapely on outlines that are sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.earth.footprint import Circle, Ring, Work, zones_touched
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone


def _zone(row: int, column: int) -> Zone:
    x, y = 30 + 0.11 * column, 50 + 0.06 * row
    ring = ((x, y), (x + 0.1, y), (x + 0.1, y + 0.05), (x + 0.04, y + 0.05), (x, y))
    return Zone(id=f"{row}-{column}", name="z", polygons=((ring,),))


INDEX = ZoneIndex([_zone(row, column) for row in range(8) for column in range(8)])
MIDDLE = (50.235, 30.425)


def _touched(rings: Sequence[Ring] = (), circles: Sequence[Circle] = (), work: Work | None = None) -> set[int]:
    return set(zones_touched(INDEX, rings, circles, work or Work())[0].tolist())


def _ring(corners: list[tuple[float, float]], lat: float, lon: float) -> Ring:
    points = [(lat + 0.6 * r * np.sin(a), lon + r * np.cos(a)) for a, r in sorted(corners)]
    return (*points, points[0])


rings = st.builds(
    _ring,
    st.lists(
        st.tuples(st.floats(0, 6.28), st.floats(0.01, 0.45)),
        min_size=3,
        max_size=24,
        unique_by=lambda corner: corner[0],
    ),
    st.floats(49.9, 50.6),
    st.floats(29.9, 31.0),
)


@settings(deadline=None)
@given(rings)
def test_a_sound_outline_touches_what_shapely_says_it_does(ring: Ring) -> None:
    east, north = INDEX.frame.to_local([lat for lat, _ in ring], [lon for _, lon in ring])
    outline = shapely.Polygon(np.column_stack([east, north]))
    if outline.is_valid:
        other = _touched([ring]) ^ set(INDEX.touching(outline).tolist())
        # An edge is straight in degrees here and straight in the frame there: up to 60 m lie between the two.
        assert not [zone for zone in other if outline.boundary.distance(INDEX.outlines[zone]) >= 60]


@tried(40, nightly=400)
@given(st.lists(rings, min_size=1, max_size=6))
def test_many_outlines_touch_what_each_touches_alone(many: list[Ring]) -> None:
    assert _touched(many) == set().union(*(_touched([ring]) for ring in many))


@settings(deadline=None)
@given(st.floats(49.5, 51), st.floats(29.5, 31.5), st.floats(1, 80_000))
def test_a_circle_touches_what_lies_within_it(lat: float, lon: float, radius_m: float) -> None:
    assert _touched(circles=[Circle(lat, lon, radius_m)]) == set(INDEX.within(lat, lon, radius_m).tolist())


def test_an_outline_drawn_twice_still_holds_what_lies_inside() -> None:
    lat, lon = MIDDLE
    box = ((lat - 0.2, lon - 0.4), (lat - 0.2, lon + 0.4), (lat + 0.2, lon + 0.4), (lat + 0.2, lon - 0.4))
    assert _touched([(*box, *box, box[0])]) == _touched([(*box, box[0])]) != set()


def test_long_edges_are_straight_in_degrees() -> None:
    # Due east along 50.5 for 30 degrees: bent in the frame by tens of kilometres, and still north of every zone.
    assert _touched([((50.5, 15.0), (50.5, 45.0), (55.0, 45.0), (55.0, 15.0), (50.5, 15.0))]) == set()


def test_an_outline_across_the_date_line_goes_the_short_way() -> None:
    assert _touched([((49, 179), (49, -179), (52, -179), (52, 179), (49, 179))]) == set()


def test_one_monstrous_outline_costs_itself_and_no_other() -> None:
    rng = np.random.default_rng(1)
    star = [tuple(point) for point in rng.uniform([49, 29], [52, 32], (20_000, 2))]
    star.append(star[0])
    small = ((50.01, 30.01), (50.01, 30.02), (50.02, 30.02), (50.01, 30.01))
    work = Work(crossings=10_000)
    rows, refused = zones_touched(INDEX, [star, small], [Circle(*MIDDLE, 10.0)], work)
    assert refused == 1 and INDEX.number["0-0"] in rows.tolist()


def test_work_is_shared_by_all_that_one_message_asks() -> None:
    small = ((50.01, 30.01), (50.01, 30.02), (50.02, 30.02), (50.01, 30.01))
    work = Work(outlines=3)
    assert zones_touched(INDEX, [small] * 2, [], work)[1] == 0
    assert zones_touched(INDEX, [small] * 2, [Circle(*MIDDLE, 10.0)], work)[1] == 2


def test_no_zones_are_touched_by_anything() -> None:
    assert zones_touched(ZoneIndex([]), [((0, 0), (0, 1), (1, 1), (0, 0))], [Circle(0, 0, 1)], Work())[0].tolist() == []
