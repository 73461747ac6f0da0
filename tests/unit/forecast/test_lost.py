"""What is lost: where sensors look and where they do not, found again, taken for another, and let go of."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tests.unit.forecast.worlds import NOW_S, flying, grid
from tocsin.forecast.forecaster import LOST_MAX, Forecaster
from tocsin.model.threat import Outlook
from tocsin.model.track import Track
from tocsin.model.value import time_of

INDEX = grid()
EVERYWHERE = frozenset(zone.id for zone in INDEX.zones)


def look(forecaster: Forecaster, second: float, tracks: Collection[Track] = (), blind: Collection[str] = ()) -> Outlook:
    return forecaster.outlook(NOW_S + second, list(tracks), [], blind)


def drone(second: float, north_m: float, east_m: float = 0.0, **fields: Any) -> Track:
    return flying(INDEX, east_m, north_m, NOW_S + second, **fields)


def of(outlook: Outlook, track: str, zone: str = "r4c4") -> float:
    """Probability of an attack by a track on a zone."""
    if track not in outlook.tracks:
        return 0.0
    rows = (outlook.zone == INDEX.number[zone]) & (outlook.track == outlook.tracks.index(track))
    return float(outlook.probability[rows].sum())


def lost_at(north_m: float = -15_000.0, east_m: float = 0.0, **fields: Any) -> Forecaster:
    """A drone, seen once at 0 s and at 10 s not any more."""
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, north_m, east_m, **fields)])
    look(forecaster, 10)
    return forecaster


def test_a_drone_lost_over_a_blind_zone_endangers_more_than_one_lost_in_view_and_only_the_nearest_zone_says_which() -> (
    None
):
    before = of(look(Forecaster(INDEX), 0, [drone(0, -15_000.0)]), "T1")
    # 15 km south of the middle the nearest town is the one that lies 11 km south of it.
    assert of(look(lost_at(), 60, blind={"r3c4"}), "T1") == before
    for blind in ((), {"r4c4"}, {"r2c4"}, EVERYWHERE - {"r3c4"}):
        in_view = of(look(lost_at(), 60, blind=blind), "T1")
        hidden = 0.5 * math.exp(-60 / 90)
        assert in_view == pytest.approx(before * hidden / (hidden + 0.5))


def test_where_something_was_lost_is_where_it_was_seen_last() -> None:
    for east_m, zone in ((-30_000.0, "r4c1"), (30_000.0, "r4c7"), (200_000.0, "r4c8")):
        forecaster = lost_at(0.0, east_m, heading_deg=90.0 if east_m < 0 else 270.0)
        seen, unseen = (look(forecaster, 60, blind=blind).probability.sum() for blind in (EVERYWHERE - {zone}, {zone}))
        assert seen < 0.7 * unseen or (seen == unseen == 0.0 and east_m > 100_000)


def test_a_tentative_track_that_is_lost_is_forgotten_at_once_and_a_confirmed_one_that_became_tentative_is_not() -> None:
    assert look(lost_at(status="tentative"), 11).tracks == ()
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0)])
    look(forecaster, 5, [drone(5, -14_750.0, status="tentative")])
    assert look(forecaster, 20).tracks == ("T1",)


def test_what_is_seen_again_under_its_own_name_is_not_lost_any_more() -> None:
    forecaster = lost_at()
    again = look(forecaster, 30, [drone(30, -13_500.0)])
    assert again.tracks == ("T1",)
    fresh = Forecaster(INDEX)
    look(fresh, 0, [drone(0, -15_000.0)])
    assert of(again, "T1") == pytest.approx(of(look(fresh, 30, [drone(30, -13_500.0)]), "T1"), rel=0.05)


@pytest.mark.parametrize(
    ("north_m", "east_m", "same"),
    [
        # 50 m/s for 20 s: a kilometre on, in any direction; and some three sigma of what it may have flown besides.
        (-14_000.0, 0.0, True),
        (-15_000.0, 1_000.0, True),
        (-16_000.0, 0.0, True),
        (-15_000.0 + 1_000.0 + 2_400.0, 0.0, True),
        (-15_000.0 + 1_000.0 + 2_460.0, 0.0, False),
        (-15_000.0, 0.0, True),
    ],
)
def test_a_new_track_where_a_lost_one_would_be_by_now_takes_over_its_past(
    north_m: float, east_m: float, same: bool
) -> None:
    # A spread is hypot(100 + 0.4 x 50 x 20, 100) + 300 = 810 m.
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0)])
    found = look(forecaster, 20, [drone(20, north_m, east_m, id="T2")])
    assert found.tracks == (("T2",) if same else ("T2", "T1"))


def test_a_jet_s_past_is_not_taken_over_by_what_appears_where_it_was_lost_a_minute_ago() -> None:
    forecaster = Forecaster(INDEX)
    jet: dict[str, Any] = {"threat": "jet", "speed_mps": 260.0, "sigma_m": 200.0}
    look(forecaster, 0, [drone(0, -60_000.0, **jet)])
    spread = math.hypot(200.0 + 0.4 * 260.0 * 60, 200.0) + 300.0
    assert 3 * spread > 260.0 * 60, "it may have turned round on the spot"
    assert look(forecaster, 60, [drone(60, -60_000.0, id="T2", **jet)]).tracks == ("T2",)
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -60_000.0, **jet)])
    beyond = 260.0 * 60 + 3 * spread + 100.0
    assert look(forecaster, 60, [drone(60, -60_000.0 + beyond, id="T2", **jet)]).tracks == ("T2", "T1")


def test_of_two_lost_ones_a_new_track_is_the_one_that_is_likelier_there() -> None:
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0), drone(0, -12_500.0, id="T9")])
    found = look(forecaster, 20, [drone(20, -13_900.0, id="T2", heading_deg=0.0)])
    assert set(found.tracks) == {"T2", "T9"}
    # What was never confirmed is nobody's past.
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0, status="tentative")])
    found = look(forecaster, 20, [drone(20, -14_000.0, id="T2")])
    assert found.tracks == ("T2",)


def test_a_track_found_again_goes_on_with_the_leg_it_flew() -> None:
    def beside(found: bool) -> float:
        forecaster = Forecaster(INDEX)
        for second in range(0, 200, 5):
            look(forecaster, second, [drone(second, -25_000.0 + 50 * second)])
        if not found:
            forecaster = Forecaster(INDEX)
        outlook = look(forecaster, 220, [drone(220, -14_000.0, id="T2", sigma_m=30.0)])
        return of(outlook, "T2") / max(of(outlook, "T2", "r4c5"), 1e-9)

    assert beside(found=True) > 2 * beside(found=False)


@pytest.mark.parametrize(
    ("newest", "others", "status", "stands"),
    [
        ("east", False, "confirmed", False),
        ("north", True, "confirmed", False),
        ("north", False, "confirmed", True),
        ("east", False, "tentative", True),
        ("north", True, "tentative", True),
    ],
)
def test_a_lost_track_stands_until_another_is_borne_out_to_be_it(
    newest: str, others: bool, status: str, stands: bool
) -> None:
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0, newest="east")])
    fields: dict[str, Any] = {"newest": newest, "status": status}
    if others:
        fields["others"] = time_of(NOW_S + 15)
    found = look(forecaster, 20, [drone(20, -14_000.0, id="T2", **fields)])
    assert ("T1" in found.tracks) == stands


@pytest.mark.parametrize("order", [("T1", "T2"), ("T2", "T1")])
def test_what_was_lost_for_a_moment_is_not_taken_away_by_what_it_was_taken_for(order: tuple[str, str]) -> None:
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0, newest="east")])
    look(forecaster, 20, [drone(20, -14_000.0, id="T2", newest="east", status="tentative")])
    # A late report brings it back, in the very look in which the other is borne out.
    both = {
        name: drone(21, north_m, id=name, newest="east") for name, north_m in (("T1", -14_050.0), ("T2", -13_950.0))
    }
    found = look(forecaster, 21, [both[name] for name in order])
    assert sorted(found.tracks) == ["T1", "T2"]
    # From then on there are two, and each is lost for itself.
    assert sorted(look(forecaster, 25, []).tracks) == ["T1", "T2"]


def test_more_lost_tracks_than_any_raid_had_aircraft_are_not_kept_and_the_longest_lost_goes_first() -> None:
    forecaster = Forecaster(INDEX)
    early = [drone(0, -15_000.0, id="early")]
    many = [drone(5, -30_000.0 + 50.0 * k, 2_000.0, id=f"D{k}") for k in range(LOST_MAX)]
    look(forecaster, 0, early)
    look(forecaster, 5, many)
    kept = look(forecaster, 10).tracks
    assert len(kept) == LOST_MAX == 1_000
    assert "early" not in kept


def test_no_zones_and_no_tracks_are_no_danger() -> None:
    nowhere = Forecaster(grid(0, 0))
    assert len(nowhere.outlook(NOW_S, [drone(0, 0.0)], []).zone) == 0
    assert len(nowhere.outlook(NOW_S + 5, [], []).zone) == 0
    assert len(look(Forecaster(INDEX), 0).zone) == 0


def test_a_class_is_expected_as_long_as_it_may_be_near_and_what_it_becomes_counts() -> None:
    # Far off and flying away: bound for nowhere here, so that nothing shortens it.
    away = {"heading_deg": 270.0}
    for threat, speed_mps, lost_s in (("drone", 50.0, 600), ("cruise_missile", 235.0, 240), ("jet", 260.0, 300)):
        way = away | {"threat": threat, "speed_mps": speed_mps}
        for second, there in ((lost_s * 0.6, True), (lost_s + 1, False)):
            forecaster = Forecaster(INDEX)
            look(forecaster, 0, [drone(0, 0.0, -70_000.0, threat="unknown", speed_mps=speed_mps, heading_deg=270.0)])
            look(forecaster, 5, [drone(5, 0.0, -70_000.0 - 5 * speed_mps, **way)])
            assert ("T1" in look(forecaster, 5 + second).tracks) == there, (threat, second)


def apart_of(forecaster: Forecaster, second: float, blind: Collection[str] = ()) -> float:
    """What others said last endangers the middle."""
    outlook = look(forecaster, second, [led(second)], blind)
    return 0.0 if outlook.apart is None else of(outlook.apart, "T1")


def led(second: float, **fields: Any) -> Track:
    """A drone that a radar leads to the east, which the other ones saw last at 0 s."""
    way: dict[str, Any] = {"heading_deg": 90.0, "newest": "liar", "others": time_of(NOW_S), "sensors": 2}
    return drone(second, -15_000.0, 60.0 * second, **way | fields)


def led_away(until_s: int = 5) -> Forecaster:
    forecaster = Forecaster(INDEX)
    look(forecaster, 0, [drone(0, -15_000.0, newest="east")])
    for second in range(5, until_s + 1, 5):
        look(forecaster, second, [led(second)])
    return forecaster


def test_what_others_said_stands_apart_after_a_quarter_of_a_minute_and_fades_as_if_lost_then() -> None:
    seen = of(look(Forecaster(INDEX), 0, [drone(0, -15_000.0)]), "T1")
    assert apart_of(led_away(10), 15) == 0.0
    assert apart_of(led_away(10), 16) > 0.0
    hidden = 0.5 * math.exp(-40 / 90)
    assert apart_of(led_away(35), 40) == pytest.approx(seen * hidden / (hidden + 0.5), rel=1e-6)
    assert apart_of(led_away(35), 40, blind=EVERYWHERE) == pytest.approx(seen, rel=1e-6)


def test_what_others_say_anew_is_what_they_said_last() -> None:
    forecaster = led_away(30)
    look(forecaster, 35, [drone(35, -13_250.0, newest="east", others=time_of(NOW_S + 30), sensors=2)])
    # Ten seconds later nobody else has said anything since: what stands apart is 10 s old, and as good as new.
    outlook = look(forecaster, 45, [led(45, others=time_of(NOW_S + 35))])
    assert outlook.apart is None
    assert look(forecaster, 55, [led(55, others=time_of(NOW_S + 35))]).apart is not None


def test_what_others_said_of_a_tentative_track_is_nothing_and_of_one_that_is_gone_it_ends() -> None:
    forecaster = Forecaster(INDEX)
    for second in range(0, 40, 5):
        outlook = look(forecaster, second, [led(second, status="tentative")])
    assert outlook.apart is None
    forecaster = led_away(60)
    ended = [second for second in range(100, 1_000, 20) if look(forecaster, second).apart is None]
    assert ended and ended[0] <= 640
    assert np.all(some(np.diff(ended) == 20)), "once over it is over"
