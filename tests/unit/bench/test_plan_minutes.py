"""A promise is held against what came, strike by strike and town by town."""

from __future__ import annotations

import numpy as np

from tocsin.bench.plan_minutes import STRUCK_LEAST, Struck, elevation_of, summary
from tocsin.earth.frames import LocalFrame
from tocsin.simulate.scenario import Terrain
from tocsin.simulate.terrain import ground_of


def struck(tracked_s: float, *, zone: str = "a", after_loss: bool = False) -> Struck:
    """A strike of which 100 s were promised nine ways of ten, and 200 s half of them."""
    return Struck("raid", zone, "jet", after_loss, tracked_s, 100.0, 200.0, tracked_s / 2, 50.0, 100.0)


def test_nine_of_ten_hold_where_nine_of_ten_came_in_time_and_after_a_loss_they_are_counted_apart() -> None:
    found = summary([struck(300.0) for _ in range(9)] + [struck(60.0, zone="b", after_loss=True)])
    assert found["strikes"] == 10
    assert found["tracked_least_held"] == found["covered_least_held"] == 0.9
    assert found["tracked_median_ratio"] == 1.5
    assert found["after_loss_strikes"] == 1 and found["after_loss_tracked_least_held"] == 0.0


def test_a_town_is_judged_where_it_was_struck_often() -> None:
    many = [struck(tracked, zone="often") for tracked in (50.0, 190.0, 210.0, 220.0, 900.0)]
    assert len(many) == STRUCK_LEAST
    found = summary([*many, *(struck(400.0, zone="off") for _ in range(STRUCK_LEAST)), struck(1.0, zone="once")])
    assert (found["towns"], found["towns_within_20_percent"]) == (2, 1)


def test_the_simulators_land_is_the_plans_land() -> None:
    frame = LocalFrame(47.0, 8.0)
    ground = ground_of(Terrain(relief_m=300, valley_deg=40), 5)
    east, north = np.array([10_000.0, -70_000.0, 33_000.0]), np.array([5_000.0, 40_000.0, -90_000.0])
    there = elevation_of(ground, frame).at(*frame.to_geodetic(east, north))
    assert np.allclose(there, ground.height_m(east, north), atol=5.0)
