"""Which sensors watch which zone, and when too few of them work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.warn.worlds import zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.warn.coverage import Coverage

INDEX = ZoneIndex([zone("north", 50.5), zone("south", 50.0)])
LAT_M = 111_229.0


def radar(name: str, lat: float = 50.05, **fields: Any) -> Sensor:
    usual: dict[str, Any] = {"lon": 20.05, "altitude_m": 50.0, "range_m": 30_000.0}
    return Sensor(id=name, kind="radar", lat=lat, **usual | fields)


def ear(name: str, lat: float = 50.05, lon: float = 20.05) -> Sensor:
    return Sensor(id=name, kind="presence", lat=lat, lon=lon, range_m=4_000.0)


def blind(sensors: Sequence[Sensor], **states: Any) -> dict[str, str]:
    return Coverage(INDEX, sensors).blind([SensorHealth(sensor=name, state=state) for name, state in states.items()])


def watches(sensor: Sensor) -> bool:
    return "south" not in blind([sensor])


def test_a_radar_watches_what_lies_within_its_reach() -> None:
    # The middle of the zone is at 50.05 degrees north.
    for away_m, watched in ((29_900.0, True), (30_100.0, False)):
        assert watches(radar("a", 50.05 - away_m / LAT_M)) == watched


@pytest.mark.parametrize("mast_m", [10.0, 400.0])
def test_a_radar_sees_no_farther_than_its_horizon_to_something_300_m_high(mast_m: float) -> None:
    # Rays bend as over an Earth of four thirds of its radius.
    horizon_m = math.sqrt(2 * 4 / 3 * 6_371_000.0) * (math.sqrt(mast_m) + math.sqrt(300.0))
    for share, watched in ((0.99, True), (1.01, False)):
        far = radar("a", 50.05 - share * horizon_m / LAT_M, altitude_m=mast_m, range_m=400_000.0)
        assert watches(far) == watched


def test_an_ear_watches_half_as_far_again_as_it_hears_beyond_the_zones_edge() -> None:
    radius_m = float(INDEX.radius_m[1])
    for away_m, watched in ((radius_m + 5_900.0, True), (radius_m + 6_100.0, False)):
        assert watches(ear("a", 50.05 - away_m / LAT_M)) == watched


@pytest.mark.parametrize(
    ("count", "down", "seen"),
    [(1, 0, True), (1, 1, False), (2, 1, True), (3, 1, True), (3, 2, False), (4, 2, True), (4, 3, False)],
)
def test_a_mesh_sees_while_half_of_it_works(count: int, down: int, seen: bool) -> None:
    ears = [ear(f"ear-{number}") for number in range(count)]
    health = [SensorHealth(sensor=f"ear-{number}", state="silent") for number in range(down)]
    assert ("south" not in Coverage(INDEX, ears).blind(health)) == seen


def test_ears_do_not_stand_in_for_a_radar_nor_fail_it() -> None:
    kit = [radar("a"), ear("e"), ear("f"), ear("g")]
    assert "south" in blind(kit, a="down")
    assert "south" not in blind(kit, e="down", f="down", g="down")


def test_one_radar_that_works_is_enough() -> None:
    assert "south" not in blind([radar("a"), radar("b"), radar("c")], a="down", b="silent")
    assert "south" in blind([radar("a"), radar("b")], a="down", b="silent")


def test_a_receiver_of_what_aircraft_say_watches_nothing() -> None:
    receiver = Sensor(id="adsb", kind="adsb", lat=50.05, lon=20.05, range_m=200_000.0)
    assert set(blind([receiver])) == {"north", "south"}


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({"a": "down", "b": "silent"}, "2 of 2 radar over this zone: reported down, silent"),
        ({"a": "clock", "b": "clock"}, "2 of 2 radar over this zone: refused for their clocks"),
        ({"a": "unheard", "b": "flooded"}, "2 of 2 radar over this zone: flooded with false reports, not heard yet"),
    ],
)
def test_the_reason_counts_what_failed_and_names_no_sensor(states: dict[str, Any], said: str) -> None:
    assert blind([radar("a"), radar("b"), ear("e")], e="down", **states)["south"] == said


def test_of_a_mesh_the_reason_counts_those_over_this_zone_alone() -> None:
    ears = [*(ear(name) for name in "abc"), ear("far", 50.55)]
    found = blind(ears, a="silent", b="down", far="down")
    assert found["south"] == "2 of 3 microphones and posts over this zone: reported down, silent"
    assert found["north"] == "1 of 1 microphones and posts over this zone: reported down"
    assert list(found) == ["north", "south"]


def test_what_failed_before_is_forgotten_when_it_works_again() -> None:
    coverage = Coverage(INDEX, [radar("a")])
    for state, seen in (("down", False), ("up", True), ("down", False), ("silent", False), ("up", True)):
        health = [SensorHealth(sensor="a", state=state)]  # type: ignore[arg-type]
        assert ("south" not in coverage.blind(health)) == seen
        assert coverage.blind(health) == coverage.blind(health)
    assert "silent" in coverage.blind([SensorHealth(sensor="a", state="silent")])["south"]
    assert "silent" not in coverage.blind([SensorHealth(sensor="a", state="down")])["south"]


def test_a_sensor_that_is_not_in_the_file_blinds_nobody() -> None:
    assert "south" not in blind([radar("a")], stranger="down")


def test_sight_was_never_lost_where_everything_that_fails_was_never_heard() -> None:
    coverage = Coverage(INDEX, [ear("a"), ear("b"), ear("c"), ear("d")])

    def unseen(**states: Any) -> bool:
        return "south" in coverage.unseen([SensorHealth(sensor=name, state=one) for name, one in states.items()])

    # Three unheard of four would blind the zone without the one that was lost; two would not.
    assert unseen(a="unheard", b="unheard", c="unheard", d="silent")
    assert not unseen(a="unheard", b="unheard", c="silent")
    assert not unseen(a="unheard", b="unheard")
