"""Zones are re-cut between two starts: whoever asked for one is told of all that lies now where it lay."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tests.unit.announce.test_web_push import Browser
from tocsin.announce.web_push.recut import heirs_between, heirs_in_time, lay_of
from tocsin.announce.web_push.subscription import DevicePosition
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone

ENDPOINT = "https://push.example/a"


def zone(name: str, west: float, east: float, **more: Any) -> Zone:
    ring = ((west, 50.0), (east, 50.0), (east, 50.5), (west, 50.5), (west, 50.0))
    return Zone(id=name, name=name.title(), population=9_000, polygons=((ring,),), **more)


def told_of(folder: Path, *cuts: tuple[Zone, ...], zones: tuple[str, ...] = ("brim",), **asked: Any) -> tuple[str, ...]:
    """The zones of which somebody is told who asked at the first of these cuts, at the last of them."""
    store = Subscriptions(folder / "push.db", ZoneIndex(cuts[0]), most=9)
    asyncio.run(store.put(store.made(Browser(ENDPOINT).asks(zones=zones, **asked))))
    store.close()
    for cut in cuts[1:]:
        store = Subscriptions(folder / "push.db", ZoneIndex(cut), most=9)
        found = store.crowd.find(ENDPOINT)
        store.close()
    assert found is not None
    return found.zones


WHOLE = (zone("brim", 8.0, 9.0), zone("cole", 9.0, 10.0))
SPLIT = (zone("brim-west", 8.0, 8.4), zone("brim-east", 8.4, 9.0))


@pytest.mark.parametrize(
    ("after", "told"),
    [
        pytest.param((*SPLIT, WHOLE[1]), {"brim-west", "brim-east"}, id="split"),
        pytest.param((zone("brim", 8.0, 8.7), zone("cole", 8.7, 10.0)), {"brim", "cole"}, id="a part given away"),
        pytest.param((zone("brim", 8.0, 8.7), zone("new", 8.7, 9.0), WHOLE[1]), {"brim", "new"}, id="a part cut off"),
        pytest.param((zone("brim", 8.0, 9.3), zone("cole", 9.3, 10.0)), {"brim"}, id="grown"),
        pytest.param((zone("all", 8.0, 10.0),), {"all"}, id="merged"),
        pytest.param((zone("brim", 8.0, 9.001), zone("cole", 9.001, 10.0)), {"brim"}, id="drawn otherwise"),
        pytest.param((*WHOLE, zone("region", 7.0, 11.0)), {"brim"}, id="a region around it is new"),
        pytest.param((WHOLE[1],), {"brim"}, id="gone, and nothing there"),
        pytest.param(WHOLE, {"brim"}, id="nothing"),
    ],
)  # fmt: skip
def test_zones_are_split_and_whoever_asked_for_one_is_told_of_all_that_lies_there_now(
    tmp_path: Path, after: tuple[Zone, ...], told: set[str]
) -> None:
    assert set(told_of(tmp_path, WHOLE, after)) == told
    # It is kept: at the next start nothing was re-cut, and the same is told.
    store = Subscriptions(tmp_path / "push.db", ZoneIndex(after), most=9)
    found = store.crowd.find(ENDPOINT)
    store.close()
    assert found is not None and set(found.zones) == told


def test_what_lay_there_before_and_was_not_asked_for_is_nobodys_heir(tmp_path: Path) -> None:
    region = zone("region", 7.0, 11.0)
    assert set(told_of(tmp_path, (*WHOLE, region), (*SPLIT, WHOLE[1], region))) == {"brim-west", "brim-east"}


def test_a_cut_that_is_announced_is_followed_at_its_hour_without_a_start(tmp_path: Path) -> None:
    hour = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    announced = (
        zone("brim", 8.0, 9.0, valid_to=hour),
        zone("brim-west", 8.0, 8.4, valid_from=hour),
        zone("brim-east", 8.4, 9.0, valid_from=hour),
        WHOLE[1],
    )
    assert set(told_of(tmp_path, announced, announced)) == {"brim", "brim-west", "brim-east"}
    # Under the same name there is nothing to follow.
    same = (zone("brim", 8.0, 9.0, valid_to=hour), zone("brim", 8.0, 9.0, valid_from=hour))
    assert heirs_in_time(same) == {}


def test_who_gave_a_position_is_told_of_what_lies_there_and_of_nothing_else(tmp_path: Path) -> None:
    assert told_of(tmp_path, WHOLE, (*SPLIT, WHOLE[1]), zones=(), position=DevicePosition(50.25, 8.2)) == ("brim-west",)


# In twentieths: a twentieth of the whole is more than is left out as a border drawn otherwise.
borders = st.lists(st.integers(1, 19), min_size=1, max_size=6, unique=True).map(sorted)


def strip(borders: list[int], names: str) -> ZoneIndex:
    edges = [0, *borders, 20]
    return ZoneIndex([zone(f"{names}{west}", 8 + west / 20, 8 + east / 20) for west, east in pairwise(edges)])


@tried(40, 400)
@given(borders, borders, st.sampled_from("zy"))
def test_of_every_place_that_was_asked_for_somebody_is_told_after_any_cut(
    before: list[int], after: list[int], names: str
) -> None:
    # Under the same names, and under others.
    old, new = strip(before, "z"), strip(after, names)
    heirs = heirs_between(lay_of(old), lay_of(new))
    for one, (west, east) in zip(some(old.zones), pairwise([0, *before, 20]), strict=True):
        told = set(heirs.get(one.id, (one.id,)))
        middles = 8 + (np.arange(west, east) + 0.5) / 20
        points, zones = new.at(np.full(len(middles), 50.25), middles)
        assert len(points) == len(middles)
        assert {new.zones[number].id for number in zones.tolist()} <= told
