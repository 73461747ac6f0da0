"""Tracks as people and the later steps read them: where, which way, how sure, how long ago, by whom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Geod

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.track.bank import (
    CONFIRMED,
    COOPERATIVE,
    DEAD,
    ENDS,
    HEIGHT_KNOWN,
    HIT,
    ICAO,
    MODE3A,
    NEWEST,
    NUMBER,
    OTHERS_TIME,
    STATUS,
    TAKEN,
    TENTATIVE,
    TIME,
    Bank,
    empty,
)  # fmt: skip
from tocsin.track.motion import ARC
from tocsin.track.report import look, pictures, tracks_of

Floats = NDArray[np.float64]

FRAME = LocalFrame(48.0, 31.0)
ORIGIN = np.radians([48.0, 31.0])
GEOD = Geod(ellps="WGS84")
NOW_S = 1_700_000_000.0


def bank(east: float = 150_000.0, north: float = 80_000.0, status: int = CONFIRMED) -> Bank:
    """One track that flies north-east at 100 m/s, 5 km high, seen now by sensor 1."""
    one = empty(2)
    one.tally[TAKEN] = 1
    one.mu[0, 0], one.x[0, :] = 1.0, [east, north, 60.0, 80.0]
    spread = np.diag([400.0, 900.0, 16.0, 25.0])
    spread[0, 1] = spread[1, 0] = 200.0
    spread[2, 3] = spread[3, 2] = 6.0
    one.p[0, :] = spread[np.triu_indices(4)]
    one.h[0], one.hp[0] = [[5_000.0, 0.0], [7_000.0, -3.0]], [[100.0, 5.0, 4.0], [900.0, 7.0, 9.0]]
    one.life[0, [TIME, HIT, ENDS]] = NOW_S, NOW_S, NOW_S + 100.0
    one.life[0, [NEWEST, OTHERS_TIME, HEIGHT_KNOWN]] = 2.0, -math.inf, 1.0
    one.tag[0, [STATUS, NUMBER, ICAO, MODE3A]] = status, 42, -1, -1
    one.support[0] = -1
    one.support[0, 6:] = 0, 1
    return one


def shown(one: Bank, at_s: float = NOW_S) -> tuple[Track, ...]:
    return tracks_of(pictures(look(one, at_s, ORIGIN), FRAME), {}, ("zero", "one"))


def test_a_track_lies_and_flies_where_the_frame_has_it_seen_from_true_north() -> None:
    (track,) = shown(bank())
    lat, lon = FRAME.to_geodetic(150_000.0, 80_000.0)
    assert (track.lat, track.lon) == pytest.approx((float(lat), float(lon)), abs=1e-5)
    ahead = FRAME.to_geodetic(150_000.0 + 60.0, 80_000.0 + 80.0)
    course, _, _ = GEOD.inv(float(lon), float(lat), float(ahead[1]), float(ahead[0]))
    assert track.heading_deg == pytest.approx(course % 360, abs=0.05)
    assert abs(track.heading_deg - math.degrees(math.atan2(60.0, 80.0))) > 1.0, "so far from the middle north turns"
    assert track.speed_mps == pytest.approx(100.0)
    assert (track.altitude_m, track.climb_mps) == (5_000.0, 0.0)
    assert track.sigma_m == pytest.approx(math.sqrt((400.0 + 900.0) / 2))
    assert (track.id, track.status, track.sensors, track.newest, track.others) == (
        "T000042",
        "confirmed",
        2,
        "one",
        None,
    )
    assert (track.cooperative, track.icao24) == (False, None)


@pytest.mark.parametrize("heading_deg", [0.0, 90.0, 180.0, 270.0, 359.9])
def test_a_course_is_told_once_round_wherever_it_points(heading_deg: float) -> None:
    one = bank(0.0, 0.0)
    angle = math.radians(heading_deg)
    one.x[0, :, 2:] = 100.0 * math.sin(angle), 100.0 * math.cos(angle)
    (track,) = shown(one)
    assert abs(math.remainder(track.heading_deg - heading_deg, 360.0)) < 1e-3
    assert 0.0 <= track.heading_deg <= 360.0


def test_its_covariance_is_turned_to_true_north() -> None:
    one = bank()
    (track,) = shown(one)
    full = np.zeros((6, 6))
    full[np.triu_indices(6)] = track.covariance
    full += np.triu(full, 1).T
    turn = math.atan2(60.0, 80.0) - math.radians(track.heading_deg)
    # Directions in the frame are that much clockwise of those on the ground.
    c, s = math.cos(turn), math.sin(turn)
    back = np.array([[c, -s], [s, c]])
    np.testing.assert_allclose(full[:2, :2], back @ [[400.0, 200.0], [200.0, 900.0]] @ back.T, rtol=1e-3)
    np.testing.assert_allclose(full[3:5, 3:5], back @ [[16.0, 6.0], [6.0, 25.0]] @ back.T, rtol=1e-3)
    assert full[[2, 2, 5], [2, 5, 5]].tolist() == [100.0, 5.0, 4.0]
    assert not some(full[[0, 0, 1, 1], [2, 5, 2, 5]]).any()


def test_a_track_says_when_it_was_seen_last_and_coasts_after_twelve_seconds() -> None:
    for idle_s, status in ((0.0, "confirmed"), (12.0, "confirmed"), (12.5, "coasted")):
        (track,) = shown(bank(), NOW_S + idle_s)
        assert track.status == status
        assert seconds_of(track.updated) == NOW_S
        assert seconds_of(track.time) == NOW_S + idle_s
    (track,) = shown(bank(status=TENTATIVE), NOW_S + 30.0)
    assert track.status == "tentative"


def test_who_saw_it_last_and_when_others_did_is_told_and_a_stranger_has_a_number() -> None:
    one = bank()
    one.life[0, [NEWEST, OTHERS_TIME]] = 8.0, NOW_S - 5.0
    one.tag[0, [COOPERATIVE, ICAO]] = 1, 0x00ABCD
    (track,) = shown(one)
    assert track.newest == "#7"
    assert track.others is not None and seconds_of(track.others) == NOW_S - 5.0
    assert (track.cooperative, track.icao24, track.threat) == (True, "00abcd", "civil")


def test_what_is_over_or_dead_is_not_shown_and_at_its_very_end_it_is() -> None:
    assert len(shown(bank(), NOW_S + 100.0)) == 1
    assert shown(bank(), NOW_S + 100.1) == ()
    assert shown(bank(status=DEAD)) == ()


def test_what_falls_is_shown_at_the_height_it_falls_from() -> None:
    one = bank(0.0, 0.0)
    one.mu[0] = np.eye(6)[ARC] * 0.6 + np.eye(6)[0] * 0.4
    (track,) = shown(one)
    assert (track.altitude_m, track.climb_mps) == (7_000.0, -3.0)
    assert track.covariance[11] == 900.0


def test_heights_speeds_and_doubts_beyond_the_contract_are_cut_to_it() -> None:
    one = bank(0.0, 0.0)
    one.h[0, :, 0], one.x[0, :, 2:], one.p[0, :, 0] = 3e6, 20_000.0, 1e16
    (track,) = shown(one)
    assert (track.altitude_m, track.speed_mps, track.sigma_m) == (2_000_000.0, 12_000.0, 20_000_000.0)
