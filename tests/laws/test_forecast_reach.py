from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.forecast.reach import path_m, seconds_to


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(-1, 1), min_size=5, max_size=60), st.floats(50, 400), st.floats(0, 2_000))
def test_nothing_that_obeys_its_turning_limit_arrives_before_the_earliest_time(
    turns: list[float], speed_mps: float, radius_m: float
) -> None:
    radius_m = max(radius_m, 50.0)
    east = north = heading = 0.0
    for step, turn in enumerate(turns, 1):
        # One second of flight on an arc, in ten straight pieces: shorter than the arc, so on the unsafe side.
        for _ in range(10):
            heading += turn * speed_mps / radius_m / 10
            east += math.sin(heading) * speed_mps / 10
            north += math.cos(heading) * speed_mps / 10
        soonest = seconds_to(path_m(north, abs(east), radius_m, 0.0), speed_mps, 1.0, speed_mps)
        # The pieces cut corners by at most a piece's length.
        assert soonest <= step + 0.2 + 0.02 * step


@given(st.floats(-50_000, 50_000), st.floats(0, 50_000), st.floats(10, 5_000), st.floats(0, 3))
def test_doubt_about_the_course_never_makes_the_earliest_later(
    ahead_m: float, abeam_m: float, radius_m: float, slack_rad: float
) -> None:
    assert path_m(ahead_m, abeam_m, radius_m, slack_rad) <= path_m(ahead_m, abeam_m, radius_m, 0.0) + 1e-6
