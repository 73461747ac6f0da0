"""Who sees over the land: laws for every ground, eye and target, and lines of sight one by one as the judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.some import some
from tests.tried import tried
from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.sight import curvature_pm, horizon_m, lowest_seen_m, sees, stood
from tocsin.earth.terrain.line import lowest
from tocsin.model.errors import BadValue
from tocsin.plan.viewshed import viewshed_m

FAR_M = 400_000.0


def land(
    seed: int, relief_m: float = 800.0, lat: float = 45.0, posts: int = 61, step_deg: float = 1 / 240
) -> Elevation:
    """Rough ground: a walk over each axis, and posts that stand out."""
    rng = np.random.default_rng(seed)
    walks = rng.normal(size=(2, posts)).cumsum(axis=1)
    ground = walks[0][:, None] + walks[1] + rng.normal(scale=0.1, size=(posts, posts))
    heights = (800 * (ground - ground.min()) / np.ptp(ground)).astype(np.float32)
    return Elevation(heights, lat, 11.0, step_deg, step_deg * 4 / 3)


def eye_on(ground: Elevation, down: float, right: float, up_m: float) -> tuple[float, float, float]:
    """An eye above a place that lies a share of the way down and across the grid."""
    rows, cols = ground.heights_m.shape
    lat = ground.north_deg - down * (rows - 1) * ground.step_lat_deg
    lon = ground.west_deg + right * (cols - 1) * ground.step_lon_deg
    return lat, lon, float(ground.at(lat, lon)) + up_m


def posts_of(ground: Elevation, over_m: float | NDArray[np.float32]) -> NDArray[np.float64]:
    """Places [R * C, 3] over each post."""
    rows, cols = np.indices(ground.heights_m.shape)
    lat, lon = ground.north_deg - rows * ground.step_lat_deg, ground.west_deg + cols * ground.step_lon_deg
    return np.stack([lat, lon, ground.heights_m + over_m], axis=-1).reshape(-1, 3).astype(float)


seeds, shares, masts = st.integers(0, 1_000), st.floats(0, 1), st.sampled_from([0.0, 2.0, 30.0, 500.0])


@tried(12, 400)
@given(seeds, shares, shares, masts, st.sampled_from([1.0, 30.0, 300.0]), st.sampled_from([-60.0, 1.0, 45.0, 70.0]))
def test_the_sweep_judges_as_each_line_of_sight_does(
    seed: int, down: float, right: float, up_m: float, over_m: float, lat: float
) -> None:
    ground = land(seed, lat=lat)
    eye = eye_on(ground, down, right, up_m)
    swept = (lowest_seen_m(ground, *eye, FAR_M) <= over_m).ravel()
    exact = sees(ground, eye, posts_of(ground, over_m))
    # Small and rough ground is judged wrongly more often than mountains are: of 3,721 posts a few may differ.
    assert np.mean(swept == exact) >= 0.96


def test_the_sweep_errs_upwards_as_much_as_downwards() -> None:
    errors = []
    for seed in range(6):
        ground, rng = land(seed), np.random.default_rng(seed)
        eye = eye_on(ground, rng.random(), rng.random(), 30.0)
        exact, point = np.empty(ground.heights_m.size), stood(ground, [eye])[0].tolist()
        places = np.radians(posts_of(ground, 0.0)[:, :2])
        lowest(ground.heights_m, ground.grid, (point[0], point[1], point[2]), places, curvature_pm(), exact)
        hidden = np.maximum(exact - ground.heights_m.ravel(), 0.0)
        errors.append((lowest_seen_m(ground, *eye, FAR_M).ravel() - hidden)[hidden > 0])
    every = np.concatenate(errors)
    # Were rays to pass over columns without looking, or come from elsewhere than the eye, it would be by eight metres.
    assert abs(every.mean()) < 0.3
    assert np.median(np.abs(every)) < 0.06


@tried(12, 400)
@given(seeds, shares, shares, masts, st.floats(0, 200), st.floats(0, 300))
def test_a_higher_target_is_seen_wherever_a_lower_one_is(
    seed: int, down: float, right: float, up_m: float, low_m: float, raise_m: float
) -> None:
    ground = land(seed)
    eye = eye_on(ground, down, right, up_m)
    low, high = (sees(ground, eye, posts_of(ground, over)) for over in (low_m, low_m + raise_m))
    assert not some(low & ~high).any()


@tried(12, 400)
@given(seeds, shares, shares, masts, st.floats(0.6, 3), st.floats(0, 3))
def test_more_refraction_never_hides(
    seed: int, down: float, right: float, up_m: float, refraction: float, more: float
) -> None:
    ground = land(seed, step_deg=1 / 60)
    eye = eye_on(ground, down, right, up_m)
    less_bent, bent = (lowest_seen_m(ground, *eye, FAR_M, k) for k in (refraction, refraction + more))
    assert some(bent <= less_bent + 1e-3).all()
    first, second = (sees(ground, eye, posts_of(ground, 40.0), k) for k in (refraction, refraction + more))
    assert not some(first & ~second).any()


@tried(12, 400)
@given(seeds, shares, shares, masts, shares, shares, st.floats(0, 200))
def test_over_the_land_too_who_sees_is_seen(
    seed: int, down: float, right: float, up_m: float, there: float, across: float, over_m: float
) -> None:
    ground = land(seed)
    one, other = eye_on(ground, down, right, up_m), eye_on(ground, there, across, over_m)
    assert sees(ground, one, [other]) == sees(ground, other, [one])


@pytest.mark.parametrize("lat", [-50.0, 0.6, 60.0])
@pytest.mark.parametrize("up_m", [0.0, 5.0, 10.0])
def test_over_flat_land_an_eye_sees_as_far_as_the_horizon(lat: float, up_m: float) -> None:
    # The last post before the horizon is up to 130 m before it: that is all that posts can be wrong by.
    ground = Elevation(np.zeros((301, 301), np.float32), lat, 179.9, 1 / 1200, 1 / 1200)
    eye = (lat - 0.02, 179.98, up_m)
    places = posts_of(ground, 0.0)
    east, north = LocalFrame(eye[0], eye[1]).to_local(places[:, 0], (places[:, 1] + 180) % 360 - 180)
    away = np.hypot(east, north).reshape(ground.heights_m.shape)
    seen_from_m = lowest_seen_m(ground, *eye, FAR_M)
    for over_m in (0.5, 5.0):
        reach = float(horizon_m(up_m, over_m))
        places[:, 2] = over_m
        one_by_one = sees(ground, eye, places[::53])
        for seen, far in ((seen_from_m <= over_m, away), (one_by_one, away.ravel()[::53])):
            assert some(seen[far < reach - 130]).all()
            assert not some(seen[far > reach + 130]).any()


def test_threads_share_out_the_rays_and_change_nothing() -> None:
    ground = land(3)
    eye = eye_on(ground, 0.3, 0.6, 10.0)
    alone = lowest_seen_m(ground, *eye, 9_000.0)
    assert np.isfinite(alone).any() and np.isinf(alone).any()
    for threads in (1, 2, 7):
        assert some(viewshed_m(ground, eye, 9_000.0, threads=threads) == alone).all()


def test_nothing_is_seen_beyond_the_reach_and_every_post_within_it_is_judged() -> None:
    ground = land(5)
    eye = eye_on(ground, 0.4, 0.4, 10.0)
    places = posts_of(ground, 0.0)
    away = np.hypot(*LocalFrame(eye[0], eye[1]).to_local(places[:, 0], places[:, 1])).reshape(ground.heights_m.shape)
    seen_from_m = lowest_seen_m(ground, *eye, 8_000.0)
    assert np.isfinite(some(seen_from_m[away < 7_999])).all()
    assert some(seen_from_m[away > 8_001] == np.inf).all()


@pytest.mark.parametrize("at", [(0, 0), (60, 60), (30, 30), (0, 17)])
def test_an_eye_on_a_post_sees_its_own_post_and_all_of_a_bowl(at: tuple[int, int]) -> None:
    rows, cols = np.indices((61, 61))
    bowl = ((rows - at[0]) ** 2 + (cols - at[1]) ** 2).astype(np.float32)
    ground = Elevation(bowl, 45.0, 11.0, 1 / 1200, 1 / 1200)
    eye = eye_on(ground, at[0] / 60, at[1] / 60, 2.0)
    assert some(lowest_seen_m(ground, *eye, FAR_M) <= 0.01).all()


def test_a_wall_hides_what_is_behind_it_up_to_the_line_over_its_top() -> None:
    heights = np.zeros((41, 41), np.float32)
    heights[20] = 100.0
    ground = Elevation(heights, 0.02, 11.0, 1 / 1000, 1 / 1000)
    seen_from_m = lowest_seen_m(ground, -0.02, 11.02, 0.0, FAR_M)
    # Twenty rows behind a wall that stands twenty rows from the eye: twice as high, and 4.4 km of the Earth's bend.
    assert seen_from_m[0, 20] == pytest.approx(200.0 + 4_423.0**2 * curvature_pm() / 2, abs=0.02)
    assert some(seen_from_m[21:] < 1.0).all()


def test_an_eye_that_stands_beside_the_land_is_refused_and_so_is_land_that_is_none() -> None:
    ground = land(1)
    with pytest.raises(BadValue, match="beside the elevation"):
        lowest_seen_m(ground, 50.0, 11.0, 10.0, FAR_M)
    with pytest.raises(BadValue, match="a reach of"):
        lowest_seen_m(ground, *eye_on(ground, 0.5, 0.5, 1.0), -1.0)
    with pytest.raises(BadValue, match="refraction"):
        sees(ground, eye_on(ground, 0.5, 0.5, 1.0), posts_of(ground, 0.0), 0.0)
    with pytest.raises(BadValue, match="not a number"):
        Elevation(np.full((3, 3), np.nan, np.float32), 45.0, 11.0, 0.1, 0.1)
    with pytest.raises(BadValue, match="two rows"):
        Elevation(np.zeros((1, 3), np.float32), 45.0, 11.0, 0.1, 0.1)
    with pytest.raises(BadValue, match="steps"):
        Elevation(np.zeros((3, 3), np.float32), 45.0, 11.0, 0.0, 0.1)
    with pytest.raises(BadValue, match="at most 85"):
        Elevation(np.zeros((3, 3), np.float32), 89.0, 11.0, 0.1, 0.1)
    with pytest.raises(BadValue, match="not on Earth"):
        Elevation(np.zeros((3, 3), np.float32), 45.0, 200.0, 0.1, 0.1)


def test_between_posts_the_ground_is_bilinear_and_beyond_the_grid_as_at_its_border() -> None:
    ground = Elevation(np.array([[0, 10], [20, 50]], np.float32), 1.0, 179.5, 1.0, 1.0)
    assert ground.at([1.0, 0.0, 0.5], [179.5, -179.5, 180.0]).tolist() == [0.0, 50.0, 20.0]
    assert ground.at([1.1, 0.5], [180.0, -179.0]).tolist() == [5.0, 30.0]
    assert some(ground.holds([0.5, 0.5], [-179.6, -179.4]).tolist()) == [True, False]
