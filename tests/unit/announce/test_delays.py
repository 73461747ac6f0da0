"""Shares of how long deliveries took, counted in steps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tocsin.announce.delays import STEP, WINDOW, Delays


@given(
    st.lists(st.floats(0.001, 80_000), min_size=1, max_size=300), st.integers(0, 50), st.sampled_from([0.5, 0.9, 0.99])
)
def test_a_share_is_never_said_to_be_sooner_than_it_was_nor_a_tenth_later(
    took_s: list[float], never: int, share: float
) -> None:
    delays = Delays()
    for one in took_s:
        delays.note(one)
    delays.never(never)
    rank = math.ceil(share * (len(took_s) + never))
    found = delays.time_to(share)
    if rank > len(took_s):
        assert found is None
    else:
        true_s = sorted(took_s)[rank - 1]
        assert found is not None and true_s * (1 - 1e-9) <= found <= true_s * STEP * (1 + 1e-9)


def test_a_bad_hour_is_not_hidden_by_a_good_year() -> None:
    delays = Delays()
    for _ in range(10 * WINDOW):
        delays.note(0.01)
    for _ in range(2 * WINDOW):
        delays.note(60.0)
    half_s = delays.time_to(0.5)
    assert half_s is not None and half_s >= 60.0
    assert delays.total <= 2 * WINDOW


def test_of_nothing_there_is_no_time() -> None:
    assert Delays().time_to(0.5) is None
