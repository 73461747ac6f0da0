"""Where and when what is thrown comes down: its spread, its motor, and the zones under it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.some import some
from tests.unit.forecast.worlds import NOW_S, flying, grid
from tocsin.earth.boost import age_of, burns_on_s
from tocsin.earth.frames import LocalFrame, ecef_of, enu_axes, geodetic_of
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.arcs import arc_class, covariance_of, ends, of_track
from tocsin.forecast.ballistic import coast, fall, impact
from tocsin.model.threat import ThreatClass
from tocsin.model.track import Arc, Track

Floats = NDArray[np.float64]

INDEX = grid(9, 9)
SURE = Arc(beta_kg_m2=8_000.0, beta_factor=1.2)
# East, north, up and their speeds, none alike, and some of them together.
ROOT = np.diag([90.0, 140.0, 200.0, 6.0, 9.0, 4.0]) + np.diag([30.0, 20.0, 10.0, 2.0, 1.0], -1)
SPREAD: Floats = ROOT @ ROOT.T


def falling(spread: Floats | None = SPREAD, **fields: Any) -> Track:
    """A missile that comes from the south, 30 km high and 45 km away."""
    cells = () if spread is None else tuple(spread[np.triu_indices(6)].tolist())
    what: dict[str, Any] = {
        "threat": "ballistic_missile",
        "altitude_m": 30_000.0,
        "speed_mps": 900.0,
        "climb_mps": -500.0,
    }
    return flying(INDEX, 0.0, -45_000.0, **what | {"arc": SURE, "covariance": cells} | fields)


def lands(track: Track, off: Floats, log_beta: float = 0.0) -> Floats:
    """East, north (metres of where the undisturbed one lands) and seconds, of a track so far off in state and drag."""
    axes = enu_axes(track.lat, track.lon)
    heading = math.radians(track.heading_deg)
    velocity = [track.speed_mps * math.sin(heading), track.speed_mps * math.cos(heading), track.climb_mps]
    start = ecef_of(track.lat, track.lon, track.altitude_m) + off[:3] @ axes
    moves = (np.array(velocity) + off[3:]) @ axes
    assert track.arc is not None
    where, after = fall(start[None], moves[None], np.array([track.arc.beta_kg_m2 * math.exp(log_beta)]))
    lat, lon, _ = geodetic_of(where[0])
    east, north = LocalFrame(INDEX.frame.lat, INDEX.frame.lon).to_local(lat, lon)
    return np.array([float(east), float(north), float(after[0])])


def test_the_spread_of_an_impact_is_that_of_the_state_and_of_the_drag_carried_to_the_ground() -> None:
    track = falling(arc=Arc(beta_kg_m2=8_000.0, beta_factor=1.05))
    ((weight, end),) = ends(track, 0.0)
    middle, steps = lands(track, np.zeros(6)), np.diag(np.sqrt(np.diag(SPREAD)) / 50)
    slopes = [(lands(track, step) - lands(track, -step)) / (2 * step.sum()) for step in steps]
    drag = (lands(track, np.zeros(6), 0.01) - lands(track, np.zeros(6), -0.01)) / 0.02
    jacobian = np.array([*slopes, drag]).T
    whole = np.zeros((7, 7))
    whole[:6, :6], whole[6, 6] = SPREAD, math.log(1.05) ** 2
    wanted = jacobian @ whole @ jacobian.T
    assert weight == 1.0
    np.testing.assert_allclose(end.covariance_m2, wanted[:2, :2], rtol=0.03, atol=0.01 * wanted[:2, :2].max())
    assert end.sigma_s == pytest.approx(math.sqrt(wanted[2, 2]), rel=0.02)
    assert end.after_s == pytest.approx(middle[2], abs=0.1)
    assert INDEX.frame.to_local(end.lat, end.lon) == pytest.approx(middle[:2].tolist(), abs=60.0)


def test_what_does_not_come_down_endangers_nobody_and_what_is_on_the_ground_has_fallen_now() -> None:
    assert ends(falling(speed_mps=11_900.0, climb_mps=5_000.0), 0.0) == []
    assert len(of_track(falling(speed_mps=11_900.0, climb_mps=5_000.0), 0.0, INDEX).zone) == 0
    down = impact(50.0, 20.0, 0.0, np.array([0.0, 100.0, 0.0]), np.diag([1.0] * 6), 8_000.0, 1.5)
    assert down is not None
    assert (down.after_s, down.lat, down.lon) == pytest.approx((0.0, 50.0, 20.0), abs=0.1)


def test_the_earliest_impact_precedes_the_likely_one_by_two_sigma() -> None:
    for factor in (1.0, 5.0):
        track = falling(factor**2 * SPREAD)
        ((_, end),) = ends(track, 0.0)
        under = of_track(track, 0.0, INDEX)
        assert len(under.zone) > 0
        assert under.likely_s == pytest.approx(np.full(len(under.zone), NOW_S + end.after_s))
        assert under.likely_s - under.earliest_s == pytest.approx(np.full(len(under.zone), 2 * end.sigma_s), abs=1e-6)
        assert end.sigma_s > 0.2


@pytest.mark.parametrize("factor", [0.1, 8.0])
def test_a_zone_s_share_is_the_part_of_the_ellipse_that_lies_in_it_and_no_ellipse_is_narrower_than_400_m(
    factor: float,
) -> None:
    track = falling(factor**2 * SPREAD)
    ((_, end),) = ends(track, 0.0)
    rng = np.random.default_rng(1)
    spots = rng.multivariate_normal([0.0, 0.0], end.covariance_m2 + 400.0**2 * np.eye(2), 40_000)
    _, zones = INDEX.at(*LocalFrame(end.lat, end.lon).to_geodetic(*spots.T))
    wanted = np.bincount(zones, minlength=len(INDEX)) / len(spots)
    under = of_track(track, 0.0, INDEX)
    found = np.zeros(len(INDEX))
    found[under.zone] = under.probability
    assert wanted.max() > 0.05
    assert found == pytest.approx(wanted, abs=0.02)


def test_an_ellipse_reaches_as_far_as_the_floor_says_and_no_farther() -> None:
    # One zone whose southern edge lies a kilometre beyond the impact of a track that is known exactly.
    exact = falling(1e-6 * SPREAD, arc=Arc(beta_kg_m2=8_000.0, beta_factor=1.0))
    ((_, end),) = ends(exact, 0.0)
    frame = LocalFrame(end.lat, end.lon)
    for edge_m, share in ((0.0, 0.5), (400.0, 0.1587), (800.0, 0.0228)):
        corners = np.array([[-9e3, edge_m], [9e3, edge_m], [9e3, edge_m + 9e3], [-9e3, edge_m + 9e3], [-9e3, edge_m]])
        lat, lon = frame.to_geodetic(*corners.T)
        ring = tuple(zip(lon.tolist(), lat.tolist(), strict=True))
        zone = type(INDEX.zones[0])(id="beyond", name="beyond", polygons=((ring,),))
        assert of_track(exact, 0.0, ZoneIndex([zone])).probability.sum() == pytest.approx(share, abs=0.012)


def test_a_motor_that_may_still_burn_is_an_arc_for_now_and_five_for_the_times_that_it_may_go_on() -> None:
    thrust = (3.0, 25.0, 20.0)
    burning = Arc(beta_kg_m2=8_000.0, beta_factor=1.2, burning=0.6, thrust_mps2=thrust)
    track = falling(altitude_m=20_000.0, climb_mps=700.0, arc=burning)
    parts = ends(track, 0.0)
    assert [weight for weight, _ in parts] == pytest.approx([0.4] + [0.12] * 5)
    age_s = age_of(20_000.0, 700.0, math.sqrt(SPREAD[5, 5]))
    times_s = burns_on_s(age_s, float(np.linalg.norm(thrust)), (0.1, 0.3, 0.5, 0.7, 0.9))
    for more_s, (_, end) in zip([0.0, *times_s], parts, strict=True):
        place, velocity = np.array([0.0, 0.0, 20_000.0]), np.array([0.0, 900.0, 700.0])
        for _ in range(1_000):
            step_s = more_s / 1_000
            place, velocity = place + velocity * step_s, velocity + (np.array(thrust) - [0, 0, 9.80665]) * step_s
        lat, lon = LocalFrame(track.lat, track.lon).to_geodetic(*place[:2])
        start, axes = ecef_of(float(lat), float(lon), place[2]), enu_axes(float(lat), float(lon))
        where, after = fall(start[None], (velocity @ axes)[None], np.array([8_000.0]))
        assert end.after_s == pytest.approx(more_s + float(after[0]), rel=0.02)
        truth = geodetic_of(where[0])
        frame = LocalFrame(float(truth[0]), float(truth[1]))
        off, way = (np.hypot(*frame.to_local(*there)) for there in ((end.lat, end.lon), (track.lat, track.lon)))
        assert off < 0.03 * way, "what the drag may be bends the mean of a long arc"
    # The longer it may go on, the less is known of where: its thrust alone by 8 m/s in every second.
    widths = [np.trace(end.covariance_m2) for _, end in parts]
    assert all(some(later > before for before, later in pairwise(widths)))
    grown_m = math.sqrt(widths[3] / 2)
    assert grown_m > 0.7 * 8.0 * times_s[2] * (parts[3][1].after_s - times_s[2])


def test_a_motor_that_hardly_burns_any_more_is_taken_to_have_stopped() -> None:
    for burning, count in ((0.02, 1), (0.021, 6)):
        arc = Arc(beta_kg_m2=8_000.0, beta_factor=1.2, burning=burning, thrust_mps2=(0.0, 30.0, 20.0))
        parts = ends(falling(altitude_m=20_000.0, climb_mps=700.0, arc=arc), 0.0)
        assert len(parts) == count
        assert sum(weight for weight, _ in parts) == pytest.approx(1.0)


def test_what_gains_speed_may_end_farther_along_and_what_loses_it_is_no_surer() -> None:
    """Where the tracker follows no arc: 25 m/s of doubt in every direction, and what a motor adds along the path."""
    plain, braking, gaining = (ends(falling(arc=None), gain)[0][1].covariance_m2 for gain in (0.0, -20.0, 20.0))
    np.testing.assert_allclose(braking, plain)
    more, wider = ends(falling(arc=None), 0.0)[0][1], SPREAD.copy()
    wider[3:, 3:] += 25.0**2 * np.eye(3)
    known = falling(wider, arc=Arc(beta_kg_m2=8_000.0, beta_factor=1.8))
    np.testing.assert_allclose(more.covariance_m2, ends(known, 0.0)[0][1].covariance_m2, rtol=1e-6)
    along = np.array([0.0, 900.0, -500.0]) / math.hypot(900.0, 500.0)
    wider[3:, 3:] += (20.0 * 15.0) ** 2 * np.outer(along, along)
    known = falling(wider, arc=Arc(beta_kg_m2=8_000.0, beta_factor=1.8))
    np.testing.assert_allclose(gaining, ends(known, 0.0)[0][1].covariance_m2, rtol=1e-6)
    rocket = ends(falling(arc=None, threat="rocket", classes={"rocket": 0.9}), 0.0)[0][1]
    assert rocket.after_s > more.after_s, "a rocket is lighter for its size"


def test_a_covariance_is_what_its_upper_triangle_says_and_without_one_a_round_guess() -> None:
    np.testing.assert_allclose(covariance_of(falling()), SPREAD)
    np.testing.assert_allclose(covariance_of(falling(None, sigma_m=70.0)), np.diag([4_900.0] * 3 + [1_600.0] * 3))


@pytest.mark.parametrize(
    ("threat", "classes", "wanted"),
    [
        ("rocket", {"ballistic_missile": 0.9}, "rocket"),
        ("unknown", {"rocket": 0.3, "ballistic_missile": 0.2}, "rocket"),
        ("unknown", {"rocket": 0.3, "ballistic_missile": 0.3}, "ballistic_missile"),
        ("jet", {}, "ballistic_missile"),
    ],
)
def test_what_falls_is_of_the_likelier_kind(
    threat: ThreatClass, classes: dict[ThreatClass, float], wanted: str
) -> None:
    assert arc_class(falling(threat=threat, classes=classes)) == wanted


def test_coasting_on_is_where_one_would_be_later() -> None:
    track = falling()
    axes = enu_axes(track.lat, track.lon)
    start, velocity = ecef_of(track.lat, track.lon, 30_000.0)[None], (np.array([0.0, 900.0, -500.0]) @ axes)[None]
    beta = np.array([8_000.0])
    at, moves = start, velocity
    for _ in range(4):
        at, moves = coast(at, moves, beta, 2.5)
    once, fast = coast(start, velocity, beta, 10.0)
    np.testing.assert_allclose(at, once, atol=0.01)
    np.testing.assert_allclose(moves, fast, atol=0.001)
    assert coast(start, velocity, beta, 0.0)[0].tolist() == start.tolist()
