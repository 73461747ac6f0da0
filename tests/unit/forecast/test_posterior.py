"""Where a track is bound, against the formulas worked out zone by zone as `docs/why/forecast.md` tells them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import i0

from tests.unit.forecast.worlds import flying, grid
from tocsin.earth.zone_points import points_of
from tocsin.forecast import track_row as row_of
from tocsin.forecast.columns import rows_of
from tocsin.forecast.posterior import arrival, outlook_rows, weigh
from tocsin.forecast.prior import prior_of
from tocsin.forecast.settings import ForecastSettings

Floats = NDArray[np.float64]

INDEX = grid()
RADIUS_M = np.sqrt([outline.area / math.pi for outline in INDEX.outlines])
ZONES_M = np.vstack([INDEX.east_m, INDEX.north_m, RADIUS_M, INDEX.radius_m])
POINTS_M = points_of(INDEX, 9)
PRIOR = prior_of(INDEX, ForecastSettings(area_weight=0.0, sensitive={"r4c4": 3.0}))
LIMIT = {"drone": (25.0, 50.0), "jet": (100.0, 260.0), "cruise_missile": (150.0, 240.0), "helicopter": (5.0, 60.0)}


def normal(off: float, variance: float) -> float:
    return math.exp(-0.5 * off * off / variance) / math.sqrt(math.tau * variance) if off * off < 36 * variance else 0.0


def course_density(row: Floats, east: float, north: float, size2: float) -> float:
    """Of the course, per radian, if the track is bound for a place so far off: sharp on a last leg, loose before it."""
    away = math.sqrt(east**2 + north**2 + 1.0)
    cosine = max(-1.0, min(1.0, (east * row[row_of.LEG_EAST] + north * row[row_of.LEG_NORTH]) / away))
    off = math.acos(cosine)
    blur2 = (size2 + row[row_of.SIGMA_M] ** 2) / (away**2 + size2)
    exact = normal(off, min(blur2 + 0.015**2 + row[row_of.LEG_SIGMA_RAD] ** 2, 3.2))
    loose = normal(off, min(blur2 + row[row_of.COURSE_SIGMA_RAD] ** 2 + row[row_of.WANDER_RAD] ** 2, 3.2))
    drift = math.exp(cosine) / (math.tau * i0(1.0))
    last = (1 - row[row_of.DETOUR]) / (1 + (away**2 - 1.0) / row[row_of.STRAIGHT_M] ** 2)
    return last * exact + (1 - last) * (loose + drift) / 2


def likelihood(row: Floats, east: float, north: float, size2: float) -> float:
    """Of course and path together, for a place so far off."""
    circling, slow = row[row_of.CIRCLING], min(1.0, row[row_of.SPEED_MPS] / row[row_of.SPEED_MIN_MPS])
    known = (1 - circling) * slow
    course = known * course_density(row, east, north, size2) + (1 - known) / math.tau
    legs = (1 - circling) * min(3.0, row[row_of.FLOWN_M] / row[row_of.LEG_M])
    if legs <= 0.05:
        return course
    then = math.hypot(
        east + row[row_of.EAST_M] - row[row_of.BEGIN_EAST_M], north + row[row_of.NORTH_M] - row[row_of.BEGIN_NORTH_M]
    )
    nearer = max(-1.0, min(1.0, (then - math.hypot(east, north)) / max(row[row_of.FLOWN_M], 1.0)))
    return course * math.exp(legs * (2.5 * nearer - math.log(i0(2.5))))


def posterior(row: Floats) -> tuple[Floats, Floats]:
    """(share of each zone, metres to where in it the track is bound), float64 [Z] both."""
    speed = max(row[row_of.SPEED_MPS], row[row_of.SPEED_MIN_MPS])
    decay_m = (1 - row[row_of.CIRCLING]) * 350.0 * speed + row[row_of.CIRCLING] * 8_000.0
    weight, way, near = np.zeros(len(INDEX)), np.zeros(len(INDEX)), 0.0
    for z in range(len(INDEX)):
        east, north = ZONES_M[0, z] - row[row_of.EAST_M], ZONES_M[1, z] - row[row_of.NORTH_M]
        away = math.hypot(east, north)
        ends = PRIOR[z] * math.exp(-away / decay_m) if away <= 7.0 * decay_m else 0.0
        near += ends
        way[z] = away
        if away < max(3.0 * RADIUS_M[z], 1.5 * ZONES_M[3, z]) and ends > 0.0:
            at = POINTS_M[z] - [row[row_of.EAST_M], row[row_of.NORTH_M]]
            parts = np.array([likelihood(row, ahead, beside, RADIUS_M[z] ** 2 / 27) for ahead, beside in at.tolist()])
            weight[z], way[z] = ends * parts.mean(), (parts * np.hypot(*at.T)).sum() / parts.sum()
        else:
            weight[z] = ends * likelihood(row, east, north, RADIUS_M[z] ** 2 / 3)
    return weight / (weight.sum() + row[row_of.NOWHERE] * near / math.tau), way


@st.composite
def rows(draw: st.DrawFn) -> Floats:
    """A track of any class anywhere, as it is known after any path."""
    threat = draw(st.sampled_from(sorted(LIMIT)))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    fields: dict[str, Any] = {
        "threat": threat, "speed_mps": float(chance.uniform(*LIMIT[threat]) * chance.choice([0.5, 1.0])),
        "heading_deg": float(chance.uniform(0, 360)), "sigma_m": float(chance.uniform(50, 2_000)),
    }  # fmt: skip
    track = flying(INDEX, *chance.uniform(-50_000, 50_000, 2).tolist(), **fields)
    row: Floats = rows_of([track], INDEX.frame, ForecastSettings())[0]
    row[row_of.FLOWN_M] = chance.choice([0.0, 2_000.0, 10_000.0, 60_000.0])
    angle = chance.uniform(0, math.tau)
    row[row_of.BEGIN_EAST_M] -= math.sin(angle) * row[row_of.FLOWN_M] * 0.9
    row[row_of.BEGIN_NORTH_M] -= math.cos(angle) * row[row_of.FLOWN_M] * 0.9
    row[row_of.LEG_SIGMA_RAD] = chance.uniform(0.002, 0.3)
    row[row_of.COURSE_SIGMA_RAD] = chance.uniform(0.01, 0.5)
    row[row_of.CIRCLING] = chance.choice([0.0, 0.0, 0.4, 1.0])
    return row


@settings(max_examples=50, deadline=None)
@given(rows())
def test_where_a_track_is_bound_is_what_the_formulas_say_zone_by_zone(row: Floats) -> None:
    found = np.empty((4, len(INDEX)))
    total = weigh(row, ZONES_M, POINTS_M, PRIOR, found)
    share, way = posterior(row)
    # An angle is known to 7e-5 rad, a power to a thousandth.
    np.testing.assert_allclose(found[0] / total, share, rtol=0.03, atol=1e-6)
    likely = share > 1e-9
    np.testing.assert_allclose(found[1][likely], way[likely], rtol=2e-3, atol=2.0)
    assert found[0].sum() / total <= 1.0


def arrived(row: Floats, z: int, way_m: float) -> tuple[float, float]:
    """(earliest, likely) seconds to zone z: the shortest way to its edge at top speed; the way at the speed it has."""
    east, north = ZONES_M[0, z] - row[row_of.EAST_M], ZONES_M[1, z] - row[row_of.NORTH_M]
    away, radius, speed = math.hypot(east, north), float(ZONES_M[3, z]), row[row_of.SPEED_MPS]
    off = abs(
        math.remainder(math.atan2(east, north) - math.atan2(row[row_of.EAST_MPS], row[row_of.NORTH_MPS]), math.tau)
    )
    doubt = min(math.pi, 2 * row[row_of.COURSE_SIGMA_RAD]) + (math.asin(min(1.0, radius / away)) if away > 1 else 3.15)
    tightest = speed**2 / row[row_of.TURN_MPS2]
    ahead, across = away * math.cos(off), abs(away * math.sin(off)) - tightest
    if ahead**2 + across**2 <= tightest**2:
        way = away
    else:
        straight = math.sqrt(ahead**2 + across**2 - tightest**2)
        turn = (math.atan2(across, ahead) + math.atan2(tightest, straight)) % math.tau
        turn = 0.0 if turn > math.tau - 1e-6 else turn
        way = max(away, tightest * max(0.0, turn - doubt) + straight)
    near = max(0.0, min(way, way - radius - 2 * row[row_of.SIGMA_M] - row[row_of.STANDOFF_M]))
    top, gains = max(speed, row[row_of.SPEED_MAX_MPS]), row[row_of.ACCEL_MPS2]
    speeding_s = (top - speed) / gains
    speeding_m = (speed + top) / 2 * speeding_s
    if near <= speeding_m:
        soon = float(np.roots([gains / 2, speed, -near]).max())
    else:
        soon = speeding_s + (near - speeding_m) / top
    to_fly = max(0.0, way_m - row[row_of.STANDOFF_M] / 2) * (1 + 0.15 * off)
    return soon, max(soon, to_fly / max(speed, row[row_of.SPEED_MIN_MPS]))


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(0, len(INDEX) - 1))
def test_the_earliest_and_the_likely_arrival_are_those_of_the_ways_that_it_may_fly(row: Floats, z: int) -> None:
    away = math.hypot(ZONES_M[0, z] - row[row_of.EAST_M], ZONES_M[1, z] - row[row_of.NORTH_M])
    de, dn = float(ZONES_M[0, z] - row[row_of.EAST_M]), float(ZONES_M[1, z] - row[row_of.NORTH_M])
    found = arrival(row, de, dn, float(ZONES_M[3, z]), away, away)
    assert found == pytest.approx(arrived(row, z, away), rel=5e-3, abs=0.3)
    assert found[0] <= found[1]


@settings(max_examples=20, deadline=None)
@given(rows(), st.floats(0.0, 1.0))
def test_a_pair_is_kept_where_it_is_likely_or_within_reach_and_nothing_else_is(row: Floats, believed: float) -> None:
    row[row_of.BELIEF] = believed
    horizon_s, reach_s, keep = 500.0, 120.0, 0.01
    columns, zone, ends = outlook_rows(row[None, :], ZONES_M, POINTS_M, PRIOR, horizon_s, reach_s, keep)
    assert ends.tolist() == [len(zone)]
    share, way = posterior(row)
    for z in range(len(INDEX)):
        soon, when = arrived(row, z, float(way[z]))
        p = share[z] * math.exp(-row[row_of.TURNS_BACK_PER_S] * when) * believed if when <= horizon_s else 0.0
        kept = z in zone
        # What lies on an edge may fall either way: the formulas here and there differ by a hundredth.
        if p > 1.05 * keep or soon < 0.98 * reach_s - 0.5:
            assert kept
        elif p < 0.95 * keep and soon > 1.02 * reach_s + 0.5:
            assert not kept
        if kept and abs(when - horizon_s) > 5.0:
            assert columns[0][zone == z][0] == pytest.approx(p, rel=0.04, abs=1e-6)
            assert columns[1][zone == z][0] == pytest.approx(soon, rel=5e-3, abs=0.3)
            assert columns[2][zone == z][0] == pytest.approx(when, rel=5e-3, abs=0.3)
