"""Laws of motion: what is true of everything that flies, by whichever of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.earth.frames import Floats
from tocsin.earth.physics import GRAVITY_MPS2
from tocsin.model.errors import BadValue
from tocsin.simulate.chance import stream
from tocsin.simulate.field import field_of
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.motion.ballistic import density, drag_share
from tocsin.simulate.motion.curves import every, heading_rad, lengths_m, sharpest, turn_onto
from tocsin.simulate.motion.lowland import height, smoothed, walk_m
from tocsin.simulate.motion.registry import LAWS
from tocsin.simulate.motion.spline import curve_m, with_loiter
from tocsin.simulate.motion.stand_off import GLIDE_BOMB, GLIDE_MPS, glide
from tocsin.simulate.motion.way import Order, Way
from tocsin.simulate.motion.waypoints import corners_m, rounded
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Place, Scenario, Terrain
from tocsin.simulate.threats import SUITS, Attacker, Law, Threats

ZONES = invented_zones(30, seed=1, radius_m=40_000)
START = datetime(2026, 1, 1, tzinfo=UTC)
FAR_M: dict[str, tuple[float, float]] = {
    "drone": (25_000, 45_000), "helicopter": (25_000, 45_000), "cruise_missile": (80_000, 120_000),
    "jet": (80_000, 120_000), "ballistic_missile": (150_000, 300_000), "rocket": (20_000, 40_000),
}  # fmt: skip
# What needs no recordings; these have tests of their own where they lie.
HERE = [(law, kind) for law in LAWS if law != "recorded" for kind in SUITS[law]]
WINGED = [(law, kind) for law, kind in HERE if law not in ("ballistic", "stand_off")]
places = st.tuples(st.floats(-90_000, 90_000), st.floats(-90_000, 90_000)).map(np.array)
seeds = st.integers(0, 2**40)


def scenario(law: Law, kind: Attacker, **keys: object) -> Scenario:
    group = Threats(kind=kind, law=law, count=4, from_m=FAR_M[kind], **keys)  # type: ignore[arg-type]
    return Scenario(
        name="t", start=START, duration_s=3_600.0, place=Place(radius_m=30_000.0), threats=(group,),
        terrain=Terrain(relief_m=150.0),
    )  # fmt: skip


def ordered(law: Law, kind: Attacker, seed: int, **keys: object) -> tuple[Order, tuple[Way, ...]]:
    """One order over invented towns, and the ways flown by it."""
    world = scenario(law, kind, **keys)
    field, rng = field_of(world, ZONES, seed), stream(seed, law, kind)
    angle, far_m = rng.uniform(0, 2 * np.pi), rng.uniform(*FAR_M[kind])
    start = far_m * np.array([np.sin(angle), np.cos(angle)])
    aims = np.array([field.among_people(rng) for _ in range(LAWS[law].aims)])
    order = Order(field, world.threats[0], start, aims, world.duration_s, rng)
    return order, LAWS[law].fly(order)


def motion_of(way: Way) -> tuple[Floats, Floats]:
    """(speed over the ground [N-1], turn rate [N-2] in rad/s) of a way."""
    step = np.diff(way.points_m, axis=0)
    seconds = np.diff(way.time_s)
    heading = np.arctan2(step[:, 0], step[:, 1])
    turned = np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
    return np.hypot(*step.T) / seconds, np.asarray(turned / np.maximum(seconds[1:], seconds[:-1]), float)


def test_each_law_has_a_function_and_suits_somebody() -> None:
    assert set(LAWS) | {"route"} == set(get_args(Law)) == set(SUITS)
    assert all(SUITS.values())


@pytest.mark.parametrize(("law", "kind"), HERE)
@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_what_strikes_does_so_at_an_aim_and_what_dives_ends_there(law: Law, kind: Attacker, seed: int) -> None:
    order, ways = ordered(law, kind, seed)
    near_m = 3_000.0 if law in ("swarm", "stand_off") else 1.0
    for way in ways:
        if way.hit is None:
            continue
        assert np.hypot(*(order.aims_m - way.hit.place_m).T).min() < near_m
        if way.kind.stand_off_m is None:
            assert np.hypot(*(way.points_m[-1] - way.hit.place_m)) < 1.0
            assert way.hit.at_s == way.time_s[-1]
            assert way.altitude_m[-1] < 160.0


@pytest.mark.parametrize(("law", "kind"), HERE)
def test_the_same_seed_is_the_same_way(law: Law, kind: Attacker) -> None:
    (_, first), (_, again), (_, other) = (ordered(law, kind, seed) for seed in (5, 5, 6))
    assert [way.points_m.tolist() for way in first] == [way.points_m.tolist() for way in again]
    assert first[0].points_m.tolist() != other[0].points_m.tolist()


@pytest.mark.parametrize(("law", "kind"), WINGED)
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_nothing_is_faster_or_turns_harder_than_its_class(law: Law, kind: Attacker, seed: int) -> None:
    order, ways = ordered(law, kind, seed)
    flies = KINDS[kind]
    for way in ways:
        speed, turn = motion_of(way)
        assert speed.max() <= flies.speed_mps[1] * 1.001
        # The last two turning radii before an aim allow any turn, as for those who fly from waypoint to waypoint.
        to_go = np.hypot(*(way.points_m[1:-1] - (way.hit.place_m if way.hit else 9e9)).T)
        free = (to_go < 2.2 * flies.speed_mps[1] ** 2 / flies.turn_mps2 + 600) if law == "swarm" else to_go < 0
        slowest = order.group.speed_mps[0] if order.group.speed_mps else flies.speed_mps[0]
        assert some(turn[~free] <= flies.turn_mps2 / slowest * 1.05).all()
        assert some(np.diff(way.time_s) > 0).all()
        assert some(way.altitude_m >= order.field.ground.height_m(*way.points_m.T) - 0.1).all()


@settings(max_examples=60, deadline=None)
@given(places, st.floats(-np.pi, np.pi), places, st.floats(300, 8_000))
def test_a_turn_onto_a_point_begins_as_flown_bends_no_tighter_and_ends_there(
    here: Floats, heading: float, goal: Floats, radius_m: float
) -> None:
    if np.hypot(*(goal - here)) < 2 * radius_m:
        return
    curve = turn_onto(here, heading, goal, radius_m)
    assert np.hypot(*(curve[0] - here)) < 1e-3
    assert some(curve[-1] == goal).all()
    fine = every(curve, radius_m / 5)
    assert sharpest(fine[:-1]) * radius_m < 1.1
    first = fine[1] - fine[0]
    off = (np.arctan2(first[0], first[1]) - heading + np.pi) % (2 * np.pi) - np.pi
    assert abs(off) < 0.11


@settings(max_examples=60, deadline=None)
@given(places, places, st.floats(300, 4_000), seeds)
def test_doglegs_lead_from_the_start_to_the_aim_in_arcs_of_one_radius(
    start: Floats, aim: Floats, radius_m: float, seed: int
) -> None:
    if np.hypot(*(aim - start)) < 5_000:
        return
    curve = rounded(corners_m(start, aim, radius_m, stream(seed, "corners")), radius_m)
    assert some(curve[0] == start).all()
    assert some(curve[-1] == aim).all()
    assert sharpest(every(curve, radius_m / 5)[:-1]) * radius_m < 1.1


@settings(max_examples=30, deadline=None)
@given(places, places, seeds)
def test_a_loiter_adds_whole_rounds_and_goes_on_as_before(start: Floats, aim: Floats, seed: int) -> None:
    if np.hypot(*(aim - start)) < 20_000:
        return
    rng = stream(seed, "loiter")
    curve = curve_m(start, aim, 1_000.0, rng)
    longer = with_loiter(curve, float(rng.uniform(0.1, 0.9)), 2_000.0, 3_000.0, rng)
    rounds = (lengths_m(longer)[-1] - lengths_m(curve)[-1]) / (2 * np.pi * 2_000 + 2 * 3_000)
    assert abs(rounds - round(rounds)) < 0.02
    assert 1 <= round(rounds) <= 3
    assert sharpest(every(longer, 50.0)[:-1]) * 1_000 < 1.2
    assert heading_rad(longer) == heading_rad(curve)


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_a_walk_on_low_ground_is_lower_than_the_straight_line_and_stays_so_when_smoothed(seed: int) -> None:
    field = field_of(scenario("terrain", "drone"), ZONES, seed)
    rng = stream(seed, "walk")
    start, aim = rng.uniform(-60_000, -30_000, 2), rng.uniform(30_000, 60_000, 2)
    walk = walk_m(field, start, aim)
    assert some(walk[0] == start).all()
    assert some(walk[-1] == aim).all()

    def mean_height(curve: Floats) -> float:
        return float(height(field, *every(curve, 200.0).T).mean())

    straight = mean_height(np.stack([start, aim]))
    assert mean_height(walk) < straight
    assert mean_height(smoothed(walk, 600.0)) < straight


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["drone", "cruise_missile"]), seeds)
def test_a_swarm_keeps_together_and_then_has_as_many_aims_as_parts(kind: Attacker, seed: int) -> None:
    order, ways = ordered("swarm", kind, seed, parts=(3, 3))
    shortest = min(len(way.points_m) for way in ways)
    together = np.array([way.points_m[: shortest // 4] for way in ways])
    assert np.hypot(*(together - together.mean(axis=0)).transpose(2, 0, 1)).max() < 3_000
    ends = np.array([way.points_m[-1] for way in ways])
    nearest = np.argmin(np.hypot(*(ends[:, None] - order.aims_m[:3]).transpose(2, 0, 1)), axis=1)
    distinct = len(np.unique(order.aims_m[:3].round(-3), axis=0))
    assert len(set(nearest.tolist())) >= min(distinct, 2)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([("swarm", "drone"), ("feint", "drone"), ("feint", "jet")]), seeds)
def test_decoys_strike_nothing(flown: tuple[Law, Attacker], seed: int) -> None:
    _, ways = ordered(*flown, seed, decoys=1.0)
    assert ways
    assert all(way.hit is None for way in some(ways))


@pytest.mark.parametrize("kind", ["jet", "cruise_missile", "drone"])
def test_feints_head_for_their_first_aim_and_then_no_longer(kind: Attacker) -> None:
    """All but those whose other aim lies so near or so much in line that there is nothing to turn to."""

    def turned_m(seed: int) -> float:
        order, (way,) = ordered("feint", kind, seed)
        to_go = order.aims_m[0] - way.points_m[:-1]
        step = np.diff(way.points_m, axis=0)
        ahead = (step * to_go).sum(axis=1) / np.maximum(np.hypot(*step.T) * np.hypot(*to_go.T), 1.0)
        return float(np.hypot(*to_go[int(np.argmax(ahead < 0.9995))]))

    turned = [4_000 < turned_m(seed) < 30_000 for seed in range(60)]
    assert sum(turned) > 0.9 * len(turned)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_a_glide_bomb_begins_at_its_carrier_and_falls_on_its_aim_20_to_70_km_on(seed: int) -> None:
    order, (jet, *bombs) = ordered("stand_off", "jet", seed)
    assert jet.hit is None
    assert bombs
    for bomb in bombs:
        assert bomb.kind is GLIDE_BOMB
        step = int(np.argmin(np.abs(jet.time_s - bomb.time_s[0])))
        assert np.hypot(*(jet.points_m[step] - bomb.points_m[0])) < 10.0
        assert abs(jet.altitude_m[step] - bomb.altitude_m[0]) < 10.0
        assert bomb.hit is not None
        assert np.hypot(*(bomb.points_m[0] - order.aims_m[0])) > 15_000
        assert some(np.diff(bomb.altitude_m) < 200).all()
        assert motion_of(bomb)[0].max() < GLIDE_MPS[1]


@given(st.floats(20_000, 70_000), st.floats(8_000, 12_000), st.floats(250, 300), st.floats(240, 300))
def test_a_glide_bomb_gains_no_energy(way_m: float, top_m: float, first_mps: float, last_mps: float) -> None:
    along, up, moment = glide(way_m, top_m, first_mps, last_mps)
    assert (along[0], along[-1], up[0], up[-1]) == pytest.approx((0, way_m, top_m, 0))
    speed = np.hypot(np.diff(along), np.diff(up)) / np.diff(moment)
    energy = 0.5 * speed**2 + GRAVITY_MPS2 * 0.5 * (up[1:] + up[:-1])
    free = (speed > GLIDE_MPS[0] * 1.02) & (speed < GLIDE_MPS[1] * 0.98)
    assert some(np.diff(energy)[free[1:] & free[:-1]] < 60.0).all()


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(["ballistic_missile", "rocket"]), seeds)
def test_a_throw_rises_under_thrust_falls_freely_and_pulls_aside_only_at_the_end(kind: Attacker, seed: int) -> None:
    order, (way,) = ordered("ballistic", kind, seed)
    assert np.hypot(*(way.points_m[0] - order.start_m)) < 10.0
    top = int(np.argmax(way.altitude_m))
    assert some(np.diff(way.altitude_m[1 : top + 1]) > 0).all()
    assert some(np.diff(way.altitude_m[top:]) < 0).all()
    line = way.points_m - way.points_m[0]
    ahead = line[top] / np.hypot(*line[top])
    side = line[:, 0] * ahead[1] - line[:, 1] * ahead[0]
    before = way.time_s < way.time_s[-1] - 31
    assert np.abs(side[before]).max() < 0.03 * float(np.hypot(*line[top])) + 200
    assert abs(float(side[-1])) < 4_000 + 0.06 * float(np.hypot(*line[-1]))


@given(st.floats(0, 60_000), st.floats(1, 5_000), st.floats(0, 8))
def test_air_thins_with_height_and_drag_peaks_just_above_the_speed_of_sound(
    height_m: float, more_m: float, mach: float
) -> None:
    assert density(height_m + more_m) < density(height_m)
    assert 0.4 < drag_share(mach) <= drag_share(1.15) + 1e-3


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"law": "stand_off", "kind": "drone"}, "stand_off"),
        ({"law": "spline", "kind": "drone", "route": "detours"}, "leave them out"),
        ({"law": "feint", "kind": "jet", "turn_back": 0.5}, "leave them out"),
        ({"law": "spline", "kind": "drone", "decoys": 0.5}, "decoys"),
        ({"law": "swarm", "kind": "drone", "parts": (3, 2)}, "parts"),
    ],
)
def test_keys_that_do_not_fit_a_law_are_refused(keys: dict[str, object], says: str) -> None:
    with pytest.raises(BadValue, match=says):
        Threats(**keys)  # type: ignore[arg-type]
