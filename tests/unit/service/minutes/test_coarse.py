"""What the public is told of fewer minutes: no more than of which region, and late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tests.unit.service.minutes.left import left
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone
from tocsin.service.minutes.coarse import ZONES_MIN, Coarse, regions
from tocsin.service.minutes.kept import Left

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def zone(name: str, east: float, people: float = 9_000) -> Zone:
    ring = ((east, 46.0), (east + 0.05, 46.0), (east + 0.05, 46.05), (east, 46.05), (east, 46.0))
    return Zone(id=name, name=name, population=people, polygons=((ring,),))


# Two regions of twelve zones, 150 km apart.
WEST, EAST = [f"w{k}" for k in range(12)], [f"e{k}" for k in range(12)]
INDEX = ZoneIndex([zone(f"w{k}", 8 + k / 20) for k in range(12)] + [zone(f"e{k}", 10 + k / 20) for k in range(12)])


def blown(west: int, east: int, share: float = 0.5) -> Left:
    """So many zones of each region are left with that share of what is usual."""
    now = [share] * west + [1.0] * (12 - west) + [share] * east + [1.0] * (12 - east)
    return left(INDEX, [1.0] * 24, now, "radar")


def after(coarse: Coarse, stood: Left | None, begun: float, minutes: float) -> frozenset[str]:
    """What is told when it has stood so for some minutes, asked every minute."""
    told: frozenset[str] = frozenset()
    for minute in np.arange(begun, begun + minutes + 0.5):
        told = coarse.told(stood, START + timedelta(minutes=float(minute)))
    return told


@tried(30, nightly=500)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 90)), max_size=8))
def test_it_is_said_of_whole_regions_whatever_fails_and_when(story: list[tuple[int, int, int]]) -> None:
    coarse, begun, before = Coarse(INDEX), 0, frozenset[str]()
    for west, east, minutes in story:
        for minute in range(begun, begun + minutes):
            told = coarse.told(blown(west, east), START + timedelta(minutes=minute))
            assert told in (frozenset(), frozenset(WEST), frozenset(EAST), frozenset(WEST + EAST))
            assert told == before or minute % 15 == 0, "a change betrays when something failed"
            before = told
        begun += minutes


def test_it_is_told_when_it_was_so_for_a_whole_quarter_of_an_hour_and_for_an_hour_after() -> None:
    coarse = Coarse(INDEX)
    assert after(coarse, blown(12, 0), 1, 28) == frozenset()
    assert after(coarse, blown(12, 0), 30, 4) == set(WEST)
    assert after(coarse, blown(0, 0), 35, 54) == set(WEST)
    assert after(coarse, blown(0, 0), 90, 15) == frozenset()


def test_what_fails_for_some_minutes_in_each_quarter_is_not_told() -> None:
    coarse = Coarse(INDEX)
    for quarter in range(8):
        assert after(coarse, blown(12, 12), 15 * quarter, 12) == frozenset()
        assert after(coarse, blown(0, 0), 15 * quarter + 13, 1) == frozenset()


@pytest.mark.parametrize(("stood", "told"), [(blown(5, 0), False), (blown(6, 0), True), (blown(12, 0, 0.81), False)])
def test_a_region_is_told_of_where_half_of_its_people_live_in_zones_that_lost_a_fifth(stood: Left, told: bool) -> None:
    assert bool(after(Coarse(INDEX), stood, 0, 30)) is told


def test_while_nothing_is_known_nothing_is_told() -> None:
    assert after(Coarse(INDEX), None, 0, 60) == frozenset()
    assert Coarse(ZoneIndex([])).told(None, START) == frozenset()


@tried(30, nightly=500)
@given(st.lists(st.tuples(st.floats(0, 5e5), st.floats(0, 5e5)), min_size=1, max_size=60))
def test_no_region_is_so_small_that_it_would_say_too_much_of_a_town(places: list[tuple[float, float]]) -> None:
    region = regions(np.array(places))
    assert len(region) == len(places) and region.min() == 0
    assert min(some(np.bincount(region).tolist())) >= min(ZONES_MIN, len(places))
