"""How long what was lost is still expected."""

from __future__ import annotations

import numpy as np

from tocsin.forecast.footprint import Footprint
from tocsin.forecast.memory import Memory


def lost(arc: bool) -> Memory:
    """Lost at 100 s; expected at one zone at 110 s, surely."""
    memory = Memory(
        first_s=0.0, first_lat=0.0, first_lon=0.0, last_s=100.0, speed_mps=500.0, east_m=0.0, north_m=0.0,
        sigma_m=100.0, threat="rocket", lost_for_s=60.0, confirmed=True, lost_s=100.0,
    )  # fmt: skip
    memory.expected = Footprint(np.zeros(1, np.int32), np.ones(1), np.array([109.0]), np.array([110.0]))
    memory.arc_updated_s = 100.0 if arc else None
    return memory


def test_an_arc_has_struck_when_it_should_have_and_anything_else_may_be_late() -> None:
    assert lost(arc=True).fading(112.0, in_view=False)[0] == 1.0
    assert lost(arc=True).fading(135.0, in_view=False)[0] < 0.01
    assert lost(arc=False).fading(120.0, in_view=False)[0] == 1.0
    assert lost(arc=False).fading(135.0, in_view=False)[0] > 0.7


def test_danger_stands_three_quarters_of_a_minute_however_surely_it_has_struck() -> None:
    assert lost(arc=True).over_s() >= 145.0
