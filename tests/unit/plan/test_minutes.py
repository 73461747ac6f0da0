"""Minutes that can be worked out on paper, and what conditions and land do to them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor
from tocsin.plan.attacks import usual
from tocsin.plan.coverage import Sight, losses
from tocsin.plan.looking import Conditions, counted, reach_m
from tocsin.plan.minutes import LOOKS_SCALE, LOOKS_SHAPE, Minutes
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.places import invented_zones
from tocsin.simulate.threats import Threats

ZONES = invented_zones(3)
INDEX = ZoneIndex(ZONES[:1])
LAT, LON = (float(part[0]) for part in INDEX.frame.to_geodetic(INDEX.east_m, INDEX.north_m))
RADAR = Sensor(id="r", kind="radar", lat=LAT, lon=LON, altitude_m=60.0, range_m=100_000.0, scan_s=5.0, delay_s=1.0)


def firm_s(sensors: list[Sensor], group: Threats, **more: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return Minutes(INDEX, sensors, [group], draws=64, **more).firm_s()[group.kind][0]  # type: ignore[arg-type]


def test_a_missile_that_comes_straight_is_tracked_since_it_rose_over_the_horizon_and_was_looked_at_thrice() -> None:
    group = Threats(kind="cruise_missile", speed_mps=(250, 250.001), altitude_m=(100, 100.001), from_m=(90_000, 90_001))
    found = firm_s(
        [Sensor(id="r", kind="radar", lat=LAT, lon=LON, altitude_m=60.0, range_m=150_000.0, scan_s=5.0)], group
    )
    over_s = float(horizon_m(60.0, 100.0)) / 250
    looks_s = LOOKS_SHAPE * LOOKS_SCALE / 0.98 * 5.0 + 1.0
    # Moments are 8 s apart there.
    assert abs(float(np.median(found)) - (over_s - looks_s)) < 9


def test_a_drone_is_seen_from_as_far_as_the_fourth_root_of_its_cross_section_says() -> None:
    group = Threats(kind="drone", speed_mps=(50, 50.001), altitude_m=(1_500, 1_501), from_m=(150_000, 150_001))
    found = firm_s([RADAR], group)
    assert float(np.median(found)) == pytest.approx(100_000 * KINDS["drone"].echo / 50, abs=60)


def test_a_receiver_of_transponders_gives_nobody_a_minute() -> None:
    receiver = Sensor(id="a", kind="adsb", lat=LAT, lon=LON)
    assert firm_s([receiver], usual("jet")).max() == 0.0
    assert reach_m(receiver, "jet", Conditions()) == 0.0
    assert counted([receiver, RADAR])[0].id == "r"


def test_what_cannot_come_so_far_is_no_way_to_a_town() -> None:
    found = firm_s([RADAR], Threats(kind="drone", from_m=(50_000, 60_000), reach_m=40_000))
    assert np.isnan(found).sum() == len(found) == 64


def test_a_salvo_is_tracked_within_its_flight_and_no_earlier_than_it_is_launched() -> None:
    found = firm_s([RADAR], usual("rocket"))
    assert 20 < float(np.median(found)) < 130
    assert found.max() < 180


def test_night_haze_and_noise_shorten_what_people_and_microphones_notice() -> None:
    post = Sensor(id="p", kind="spotter", lat=LAT, lon=LON, range_m=8_000.0)
    ear = Sensor(id="m", kind="presence", lat=LAT, lon=LON, range_m=4_000.0)
    assert reach_m(post, "jet", Conditions(night=False)) == 8_000
    assert reach_m(post, "jet", Conditions(night=False, visibility_m=5_000)) == 5_000
    assert reach_m(post, "jet", Conditions(night=True)) == pytest.approx(3_000 * KINDS["jet"].noise)
    assert reach_m(ear, "drone", Conditions(noise_db=20)) == pytest.approx(400)


def test_a_ridge_between_hides_what_flies_low_behind_it_and_not_what_flies_over_it() -> None:
    heights = np.zeros((81, 81), np.float32)
    heights[:, 50] = 900.0
    step = 0.01
    land = Elevation(heights, LAT + 0.4, LON - 0.4, step, step)
    sight = Sight([RADAR], INDEX.frame, elevation=land)
    behind = LON + 0.25
    low, high = (sight.at("jet", height, LAT, behind).by[0] for height in (100.0, 5_000.0))
    assert (low, high) == (0, 1)
    assert Sight([RADAR], INDEX.frame).at("jet", 100.0, LAT, behind).by[0] == 1


def test_detection_falls_to_what_is_declared_at_the_end_of_a_radars_reach() -> None:
    sight = Sight([RADAR], INDEX.frame)
    north = [50_000.0, 99_000.0, 101_000.0]
    lat, lon = INDEX.frame.to_geodetic(np.full(3, INDEX.east_m[0]), INDEX.north_m[0] + np.array(north))
    chance = sight.at("jet", 9_000.0, lat, lon).chance[0]
    assert chance[0] == pytest.approx(0.9 ** (math.hypot(50, 8.94) / 100) ** 4, abs=0.001)
    assert chance[1] == pytest.approx(0.9, abs=0.01) and chance[2] == 0


def test_who_alone_sees_a_town_is_named() -> None:
    far = Sensor(id="far", kind="radar", lat=LAT + 3, lon=LON, altitude_m=60.0, range_m=50_000.0)
    seen = Sight([far, RADAR], INDEX.frame).at("jet", 1_000.0, LAT, LON)
    assert losses([seen], [far, RADAR], np.array([7.0])) == [{"sensor": "r", "class": "jet", "zones": 1, "people": 7.0}]


def test_a_plan_that_would_not_fit_is_refused_before_it_begins() -> None:
    with pytest.raises(BadValue, match="GB"):
        Minutes(INDEX, [RADAR], [usual("jet")] * 2, draws=10_000_000)
