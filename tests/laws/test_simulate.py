"""Laws of the simulated world."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.earth.zone_index import ZoneIndex
from tocsin.simulate.flight import steer
from tocsin.simulate.places import invented_zones
from tocsin.simulate.radar import ground_range_m
from tocsin.simulate.scenario import Terrain
from tocsin.simulate.terrain import ground_of

points = st.lists(st.tuples(st.floats(-80_000, 80_000), st.floats(-80_000, 80_000)), min_size=2, max_size=6)


@settings(max_examples=60, deadline=None)
@given(points, st.floats(40, 300), st.floats(3, 30))
def test_a_pilot_never_flies_faster_than_told_and_turns_within_limits_until_the_aim(
    way: list[tuple[float, float]], speed_mps: float, turn_mps2: float
) -> None:
    path = steer(np.array(way), speed_mps, turn_mps2, 1.0, 3_000.0)
    steps = np.diff(path, axis=0)
    assert np.hypot(*steps.T).max(initial=0.0) <= speed_mps * 1.001
    heading = np.unwrap(np.arctan2(steps[:-1, 0], steps[:-1, 1]))
    far = (
        np.hypot(*(path[1:-1] - np.array(way[-1])).T)[: max(len(heading) - 1, 0)]
        > 2.2 * speed_mps**2 / turn_mps2 + speed_mps
    )
    turned = np.abs(np.diff(heading))
    assert turned[far[: len(turned)]].max(initial=0.0) <= turn_mps2 / speed_mps * 1.001


@given(st.floats(1_000, 400_000), st.floats(0, 3_000), st.floats(0, 15_000))
def test_the_range_over_the_ground_is_never_longer_than_the_arc_of_the_slant_range(
    slant_m: float, antenna_m: float, target_m: float
) -> None:
    ground_m = float(ground_range_m(np.array([slant_m]), antenna_m, np.array([target_m]))[0])
    # At sea level the slant range is the chord of the way over the ground.
    assert 0 <= ground_m <= 2 * EARTH_RADIUS_M * np.arcsin(slant_m / (2 * EARTH_RADIUS_M)) * (1 + 1e-9)


@settings(deadline=None)
@given(
    st.integers(0, 50),
    st.floats(0, 2_000),
    st.floats(10, 300),
    st.floats(0, 5_000),
    st.floats(-9e4, 9e4),
    st.floats(-9e4, 9e4),
)
def test_who_is_seen_over_the_ridges_is_seen_when_flying_higher(
    seed: int, relief_m: float, mast_m: float, rise_m: float, east_m: float, north_m: float
) -> None:
    ground = ground_of(Terrain(relief_m=relief_m, valley_deg=30.0), seed)
    eye = np.array([0.0, 0.0, float(ground.height_m(0.0, 0.0)) + mast_m])
    target = np.array([[east_m, north_m, float(ground.height_m(east_m, north_m)) + 100.0]])
    if ground.visible(eye, target)[0]:
        assert ground.visible(eye, target + np.array([0.0, 0.0, rise_m]))[0]


@settings(max_examples=12, deadline=None)
@given(st.integers(3, 80), st.integers(0, 2**40))
def test_invented_towns_cover_the_land_without_overlap(count: int, seed: int) -> None:
    index = ZoneIndex(invented_zones(count, seed=seed))
    areas = sum(outline.area for outline in index.outlines)
    assert abs(areas / (np.pi * (1.05 * 80_000) ** 2) - 1) < 0.02
    assert some(np.diff(index.population) <= 0).all()
