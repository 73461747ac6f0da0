"""The fewest sensors that do what is asked."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.test_siting_laws import choices, network, small
from tests.some import some
from tests.tried import tried
from tocsin.bench.sitings_made import colourings, of_one_kind
from tocsin.plan.site_fewest import fewest


@tried(20, 500)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_nothing_that_reaches_as_many_costs_less_than_the_bound(seed: int, share: float) -> None:
    siting = small(seed)
    every = [(siting.value(network(siting, one)), float(siting.price[one].sum())) for one in some(choices(siting))]
    wanted = share * max(people for people, _ in every)
    found = fewest(siting, wanted)
    cheapest = min(price for people, price in every if people >= wanted)
    assert found is not None and siting.allowed(found.chosen)
    assert found.people >= wanted and found.price == siting.price[found.chosen].sum()
    assert found.bound <= cheapest + 1e-9 and cheapest <= found.price


def test_what_nobody_can_reach_is_said() -> None:
    assert fewest(of_one_kind(np.ones((2, 1), bool), np.array([5.0]), 2), 6.0) is None


def test_everybody_is_reached_by_a_set_cover_where_greedy_takes_more() -> None:
    fours, _ = colourings(10)
    found = fewest(of_one_kind(fours, np.ones(fours.shape[1]), len(fours)), float(fours.shape[1]))
    assert found is not None and found.people == fours.shape[1]
    assert len(found.chosen) == 25
