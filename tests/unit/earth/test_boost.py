"""How long motors burn: ages, survival and what is left."""

from __future__ import annotations

import math

import pytest

from tests.some import some
from tocsin.earth.boost import BURN_S, age_of, burns_on_s, goes_on


def test_what_gains_speed_evenly_from_rest_tells_its_age() -> None:
    assert age_of(0.5 * 10.0 * 40.0**2, 10.0 * 40.0, 20.0) == pytest.approx(40.0)


def test_what_falls_is_older_than_any_motor_and_what_may_do_either_as_old_as_one_gets() -> None:
    assert age_of(20_000.0, -300.0, 20.0) == math.inf
    assert age_of(20_000.0, 10.0, 20.0) == BURN_S


def test_a_young_missile_burns_on_and_an_old_or_a_hard_pushing_one_soon_stops() -> None:
    assert goes_on(20.0, 30.0, 10.0) > 0.9
    assert goes_on(90.0, 30.0, 10.0) < 0.6
    assert goes_on(8.0, 250.0, 5.0) < 0.2
    assert goes_on(math.inf, 30.0, 10.0) < 0.5


@pytest.mark.parametrize("age_s", [10.0, 50.0, 100.0, math.inf])
def test_the_quantiles_of_what_is_left_are_those_of_its_survival(age_s: float) -> None:
    shares = (0.1, 0.5, 0.9)
    for share, left_s in some(zip(shares, burns_on_s(age_s, 30.0, shares), strict=True)):
        assert left_s > 0.0
        assert goes_on(age_s, 30.0, left_s) == pytest.approx(1.0 - share, abs=1e-6)
