"""One object in the air, seen by all kinds of reporters."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Bearing, Observation, Plot, Position, Presence, Sighting, Status
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.track.bank import empty
from tocsin.track.settings import TrackSettings
from tocsin.track.tracker import Tracker

FRAME = LocalFrame(48.0, 31.0)
START_S = 1_700_000_000.0
RADAR = Sensor(
    id="radar", kind="radar", lat=48.0, lon=31.0, altitude_m=50, range_m=220_000, sigma_range_m=60,
    sigma_azimuth_deg=0.1, sigma_altitude_m=100, scan_s=5,
)  # fmt: skip


def plot(at_s: float, east_m: float, north_m: float, height_m: float, chance: np.random.Generator) -> Plot:
    range_m = math.sqrt(east_m**2 + north_m**2 + (height_m - 50) ** 2)
    return Plot(
        id=f"p{at_s}/{east_m}",
        time=time_of(START_S + at_s),
        sensor="radar",
        range_m=range_m + chance.normal(0, 60),
        azimuth_deg=(math.degrees(math.atan2(east_m, north_m)) + chance.normal(0, 0.1)) % 360,
        altitude_m=height_m + chance.normal(0, 100),
    )


def place(track: Track) -> tuple[float, float]:
    east, north = FRAME.to_local(track.lat, track.lon)
    return float(east), float(north)


def flown(tracker: Tracker, speed_mps: float, height_m: float, until_s: int = 120) -> tuple[Track, ...]:
    chance = np.random.default_rng(7)
    for at in range(0, until_s, 5):
        tracker.observe(plot(at, -40_000 + speed_mps * at, 30_000, height_m, chance))
    return tracker.advance(START_S + until_s)


def test_an_aircraft_seen_by_a_radar_is_one_confirmed_track_where_it_flies() -> None:
    (track,) = flown(Tracker([RADAR], FRAME), 220, 5_000)
    assert track.id.startswith("T")
    assert track.status == "confirmed"
    east, north = place(track)
    assert math.hypot(east - (-40_000 + 220 * 120), north - 30_000) < 250
    assert track.speed_mps == pytest.approx(220, abs=15)
    assert track.heading_deg == pytest.approx(90, abs=4)
    assert track.altitude_m == pytest.approx(5_000, abs=200)
    assert len(track.covariance) == 21
    assert sum(track.classes.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("speed_mps", "height_m", "kind"), [(48, 400, "drone"), (240, 100, "cruise_missile"), (300, 9_000, "jet")]
)
def test_speed_and_height_tell_classes_apart(speed_mps: float, height_m: float, kind: str) -> None:
    (track,) = flown(Tracker([RADAR], FRAME), speed_mps, height_m)
    assert track.threat == kind


def test_an_unseen_track_grows_less_sure_then_goes() -> None:
    tracker = Tracker([RADAR], FRAME)
    flown(tracker, 220, 5_000)
    sigmas = [tracker.advance(START_S + 120 + at)[0].sigma_m for at in (0, 5, 10)]
    assert sigmas == sorted(sigmas)
    assert sigmas[2] > sigmas[0]
    assert tracker.advance(START_S + 120 + 600) == ()


def test_a_radar_that_falls_silent_does_not_kill_its_tracks() -> None:
    tracker = Tracker([RADAR], FRAME)
    flown(tracker, 220, 5_000)
    tracker.observe(Status(id="s", time=time_of(START_S + 121), sensor="radar", state="down"))
    assert tracker.health(START_S + 122)[0].state == "down"
    tracks = tracker.advance(START_S + 121)
    assert [track.status for track in tracks] == ["confirmed"]


def test_ten_quick_radars_that_all_pause_for_seconds_lose_nothing() -> None:
    radars = [msgspec.structs.replace(RADAR, id=f"radar{n}", scan_s=1) for n in range(10)]
    tracker, chance = Tracker(radars, FRAME), np.random.default_rng(7)
    for tenth in range(200):
        at = tenth / 10
        seen = plot(at, -40_000 + 220 * at, 30_000, 5_000, chance)
        tracker.observe(msgspec.structs.replace(seen, sensor=f"radar{tenth % 10}"))
        if tenth % 10 == 9:
            tracker.advance(START_S + at)
    (track,) = tracker.advance(START_S + 19.9)
    assert [later.id for later in tracker.advance(START_S + 22.9)] == [track.id]
    assert tracker.advance(START_S + 40) == ()


def test_an_airliner_that_identifies_itself_is_civil_and_keeps_its_address() -> None:
    tracker = Tracker([RADAR], FRAME)
    for at in range(0, 60, 2):
        lat, lon = FRAME.to_geodetic(200.0 * at, 10_000.0)
        tracker.observe(
            Position(
                id=f"a{at}", time=time_of(START_S + at), source="receiver", lat=float(lat), lon=float(lon),
                altitude_m=10_000, icao24="4b1234", speed_mps=200, heading_deg=90, cooperative=True,
            )
        )  # fmt: skip
    (track,) = tracker.advance(START_S + 60)
    assert (track.threat, track.icao24, track.cooperative) == ("civil", "4b1234", True)
    assert track.probability > 0.9


def test_two_spotters_who_see_the_same_drone_make_one_track() -> None:
    tracker = Tracker([], FRAME)
    for number, (at, bearing) in enumerate([(0, 45.0), (40, 60.0), (80, 80.0)]):
        lat, lon = FRAME.to_geodetic(200.0 * number, -100.0 * number)
        reason = tracker.observe(
            Sighting(
                id=f"s{number}", time=time_of(START_S + at), source=f"post{number}", lat=float(lat), lon=float(lon),
                threat="drone", bearing_deg=bearing, distance_m=3_000,
            )
        )  # fmt: skip
        assert reason is None
    (track,) = tracker.advance(START_S + 81)
    assert track.sensors == 3
    assert track.threat == "drone"


def mesh() -> list[Sensor]:
    sensors = []
    for row in range(5):
        for column in range(5):
            lat, lon = FRAME.to_geodetic(6_000.0 * column, 6_000.0 * row)
            sensors.append(Sensor(id=f"m{row}{column}", kind="presence", lat=float(lat), lon=float(lon), range_m=4_000))
    return sensors


def test_a_drone_through_a_mesh_of_microphones_is_followed() -> None:
    sensors = mesh()
    tracker = Tracker(sensors, FRAME)
    chance = np.random.default_rng(3)
    errors, missing = [], 0
    for at in range(0, 480, 2):
        east, north = 50.0 * at, 2_000 + 30.0 * at
        for sensor in sensors:
            there_east, there_north = FRAME.to_local(sensor.lat, sensor.lon)
            far = math.hypot(east - float(there_east), north - float(there_north))
            if far < 4_000 and chance.random() < 0.8:
                heard = Presence(
                    id=f"{sensor.id}/{at}", time=time_of(START_S + at + far / 340), sensor=sensor.id, threat="drone"
                )
                assert tracker.observe(heard) is None
        tracks = tracker.advance(START_S + at)
        if at > 60:
            off = [math.dist(place(track), (east, north)) for track in tracks if track.status != "tentative"]
            missing += not off or min(off) > 5_000
            errors.append(min(off, default=9_999.0))
    assert missing <= 0.05 * len(errors)
    assert np.median(errors) < 2_000


def test_crossing_acoustic_bearings_place_a_drone_in_spite_of_the_sounds_delay() -> None:
    sensors = [
        Sensor(id="a", kind="acoustic", lat=48.0, lon=31.0, range_m=5_000),
        Sensor(id="b", kind="acoustic", lat=48.0, lon=31.06, range_m=5_000),
    ]
    tracker = Tracker(sensors, FRAME)
    for at in range(0, 80, 2):
        east, north = -500.0 + 50 * at, 2_500.0
        for sensor in sensors:
            there_east, there_north = FRAME.to_local(sensor.lat, sensor.lon)
            de, dn = east - float(there_east), north - float(there_north)
            tracker.observe(
                Bearing(
                    id=f"{sensor.id}{at}", time=time_of(START_S + at + math.hypot(de, dn) / 340), sensor=sensor.id,
                    azimuth_deg=math.degrees(math.atan2(de, dn)) % 360, sigma_deg=5,
                )
            )  # fmt: skip
    tracks = tracker.advance(START_S + 80)
    best = min(math.dist(place(track), (-500.0 + 50 * 80, 2_500.0)) for track in tracks)
    assert best < 500


def test_what_cannot_be_used_says_why() -> None:
    tracker = Tracker([RADAR], FRAME)
    chance = np.random.default_rng(1)
    stranger: Observation = Presence(id="x", time=time_of(START_S), sensor="nobody")
    assert "no sensor is called nobody" in str(tracker.observe(stranger))
    future = Presence(id="y", time=time_of(START_S + 100), received=time_of(START_S), sensor="radar")
    assert "clock" in str(tracker.observe(future))
    tracker.observe(plot(500, 1_000, 40_000, 1_000, chance))
    tracker.advance(START_S + 500)
    assert "late" in str(tracker.observe(plot(0, 1_000, 40_000, 1_000, chance)))


def test_a_silent_radar_is_said_to_be_silent() -> None:
    tracker = Tracker([RADAR], FRAME)
    flown(tracker, 220, 5_000)
    assert tracker.health(START_S + 121)[0].state == "up"
    assert tracker.health(START_S + 300)[0].state == "silent"


def test_tracks_alive_are_bounded() -> None:
    tracker = Tracker([RADAR], FRAME, TrackSettings(tracks_max=50))
    chance = np.random.default_rng(2)
    for k in range(400):
        tracker.observe(plot(k / 400, chance.uniform(-9e4, 9e4), chance.uniform(-9e4, 9e4), 1_000, chance))
    assert len(tracker.advance(START_S + 2)) <= 50


def test_bound_memory_of_one_track() -> None:
    # A kibibyte while tentative, four when confirmed.
    few, many = (sum(column.nbytes for column in empty(room)) for room in (1_000, 2_000))
    assert (many - few) / 1_000 <= 1_024


def test_a_track_seen_beyond_the_horizon_of_low_flyers_ends_when_it_is_no_longer_seen() -> None:
    far_radar = Sensor(
        id="radar", kind="radar", lat=48.0, lon=31.0, altitude_m=50, range_m=400_000, sigma_range_m=60,
        sigma_azimuth_deg=0.1, scan_s=5, range_kind="ground",
    )  # fmt: skip
    tracker = Tracker([far_radar], FRAME)
    for at in range(0, 120, 5):
        places = [(50_000.0, 1_000.0)] if at >= 30 else [(50_000.0, 1_000.0), (0.0, 330_000.0 + 200 * at)]
        for east, north in places:
            tracker.observe(
                Plot(
                    id=f"{at}/{east}", time=time_of(START_S + at), sensor="radar", range_m=math.hypot(east, north),
                    azimuth_deg=math.degrees(math.atan2(east, north)) % 360,
                )
            )  # fmt: skip
    sure = [track for track in tracker.advance(START_S + 116) if track.status != "tentative"]
    assert len(sure) == 1
