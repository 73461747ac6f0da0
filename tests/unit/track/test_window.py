"""The reports of the late window lie in order of time, however they came."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.track.report_rows import TIE, TIME, WIDTH, ordered
from tocsin.track.window import LEFT, Window

times = st.integers(0, 12).map(float)
# Rows that are put in, or how many of those before some time are let go of.
arrivals = st.lists(st.lists(st.tuples(times, st.integers(0, 3)), max_size=6), max_size=12)


def row(time_s: float, tie: float, number: int) -> list[float]:
    made = [0.0] * WIDTH
    made[TIME], made[TIE], made[2] = time_s, float(tie), float(number)
    return made


@given(arrivals, times)
def test_rows_lie_as_if_all_were_put_in_order_together(groups: list[list[tuple[float, int]]], over_s: float) -> None:
    window, wanted, count = Window(), np.empty((0, WIDTH)), 0
    for turn, group in enumerate(groups):
        new = [row(time_s, tie, count := count + 1) for time_s, tie in group]
        earliest_s = window.add(new)
        assert earliest_s == min((one[TIME] for one in new), default=math.inf)
        wanted = ordered(np.concatenate([wanted, np.array(new).reshape(-1, WIDTH)]))
        if turn % 4 == 3:
            window.drop(window.until(over_s))
            wanted = wanted[wanted[:, TIME] > over_s]
        assert np.array_equal(window.rows, wanted)
        assert len(window) == len(wanted)
        for at_s in (-1.0, over_s, 12.0):
            assert window.until(at_s) == np.sum(wanted[:, TIME] <= at_s)


def test_room_for_a_flood_is_given_back_when_it_is_over() -> None:
    window = Window()
    window.add([row(float(second), 0, second) for second in range(1_000)])
    window.drop(990)
    assert len(window) == 10
    held = window.rows.base
    assert held is not None
    assert len(held) <= LEFT * 10
    assert window.rows[:, TIME].tolist() == [float(second) for second in range(990, 1_000)]


def test_what_was_read_from_a_snapshot_goes_on() -> None:
    held = np.array([row(1.0, 0, 1), row(5.0, 0, 2)])
    window = Window(held.copy())
    window.add([row(3.0, 0, 3)])
    assert window.rows[:, 2].tolist() == [1.0, 3.0, 2.0]
