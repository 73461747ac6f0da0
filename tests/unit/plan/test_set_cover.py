"""Set covering: everything is covered, cheaply, and the same way every time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.bench.sitings_made import balas_ho, colourings, hypercube
from tocsin.model.errors import BadValue
from tocsin.plan.set_cover import cheapest_cover


@tried(20, 1_000)
@given(st.integers(0, 2**32 - 1))
def test_whatever_is_to_be_covered_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sees, price = balas_ho(rng, int(rng.integers(1, 40)), int(rng.integers(2, 60)), 0.3)
    assert not np.flatnonzero(~sees[cheapest_cover(sees, price, steps=200)].any(axis=0)).size


def test_a_small_cover_is_nearly_always_the_cheapest_there_is() -> None:
    """It is a search, and proves nothing: of a thousand small ones it may miss a few."""
    dearer = []
    for seed in range(1_000):
        rng = np.random.default_rng(seed)
        sees, price = balas_ho(rng, int(rng.integers(1, 9)), int(rng.integers(2, 10)), 0.3)
        every = (list(one) for n in range(len(price) + 1) for one in itertools.combinations(range(len(price)), n))
        best = min(price[one].sum() for one in every if sees[one].any(axis=0).sum() == sees.shape[1])
        dearer.append(price[cheapest_cover(sees, price, steps=2_000)].sum() / best - 1)
    assert min(dearer) > -1e-9
    assert np.count_nonzero(np.array(dearer) > 1e-9) <= 10


@pytest.mark.parametrize(("points", "best"), [(10, 25), (11, 23)])
def test_colourings_are_covered_by_as_few_fours_as_anyone_has_found(points: int, best: int) -> None:
    sees, price = colourings(points)
    assert len(cheapest_cover(sees, price)) == best


@pytest.mark.parametrize(("dimensions", "best", "shape"), [(6, 60, (192, 240)), (7, 144, (448, 672))])
def test_cycles_of_a_hypercube_are_hit_by_few_edges(dimensions: int, best: int, shape: tuple[int, int]) -> None:
    sees, price = hypercube(dimensions)
    assert sees.shape == shape and np.unique(sees.sum(axis=0)).tolist() == [4]
    found = cheapest_cover(sees, price)
    assert np.asarray(sees[found].sum(axis=0)).min() >= 1
    assert best <= len(found) <= 1.05 * best


def test_more_steps_never_cost_more_and_the_same_steps_choose_the_same() -> None:
    sees, price = balas_ho(np.random.default_rng(3), 100, 400, 0.05)
    greedy, found = cheapest_cover(sees, price, steps=0), cheapest_cover(sees, price, steps=3_000)
    assert price[found].sum() < price[greedy].sum()
    assert found.tolist() == cheapest_cover(sees, price, steps=3_000).tolist()


def test_what_nobody_covers_is_named() -> None:
    with pytest.raises(BadValue, match="row 1 is covered by no column"):
        cheapest_cover(np.array([[True, False]]), np.ones(1))


def test_a_gift_is_refused() -> None:
    with pytest.raises(BadValue, match=r"a price is 0\.0; each must be above 0"):
        cheapest_cover(np.ones((1, 1), bool), np.zeros(1))
