"""What is thrown is followed as an arc: speed, height and errors told honestly, from a missile's boost to its fall."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame, destination, ecef_of, enu_axes, geodetic_of
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.simulate.arcs import SHORT_RANGE_MISSILE, shoot
from tocsin.track.arc.frame import placed
from tocsin.track.arc.motion import BETA, BETA_SIGMAS, COASTING, LOG_BETA, LOG_BETA_SIGMA, STATE, blended, moved
from tocsin.track.arc.report import arcs_of
from tocsin.track.arc.room import flight
from tocsin.track.arc.update import told
from tocsin.track.bank import ARCS_MAX
from tocsin.track.motion import ARC, START, falls
from tocsin.track.report import SPEED_MAX_MPS, look, pictures, tracks_of
from tocsin.track.report_rows import AZIMUTH, KIND, PLOT, RANGE, SENSOR, TIME, WIDTH
from tocsin.track.sensors.measure import MEASUREMENT
from tocsin.track.sensors.sites import sites_of
from tocsin.track.state import Report
from tocsin.track.tracker import Tracker

FRAME = LocalFrame(47.0, 8.0)
START_S = 1_700_000_000.0
RADAR = Sensor(
    id="radar", kind="radar", lat=47.2, lon=8.1, altitude_m=60, range_m=450_000, sigma_range_m=120,
    sigma_azimuth_deg=0.14, sigma_altitude_m=500, scan_s=10, false_plots_per_scan=2,
)  # fmt: skip


def plot(at_s: float, place: np.ndarray, chance: np.random.Generator) -> Plot:
    line = enu_axes(RADAR.lat, RADAR.lon) @ (place - ecef_of(RADAR.lat, RADAR.lon, 60.0))
    return Plot(
        id=f"{at_s}/{place[0]:.0f}",
        time=time_of(START_S + at_s),
        sensor="radar",
        range_m=float(np.linalg.norm(line)) + chance.normal(0, 120),
        azimuth_deg=(math.degrees(math.atan2(line[0], line[1])) + chance.normal(0, 0.14)) % 360,
        altitude_m=max(float(geodetic_of(place)[2]) + chance.normal(0, 500), 0.0),
    )


@pytest.fixture(scope="module")
def missile() -> np.ndarray:
    """States [T, 6] every second of a missile from 300 km east."""
    lat, lon = destination(FRAME.lat, FRAME.lon, 90.0, 300_000.0)
    one = np.array([1.0])
    states, _, _ = shoot(
        lat * one, lon * one, 270.0 * one, 300_000.0 * one, FRAME.lat * one, FRAME.lon * one, SHORT_RANGE_MISSILE
    )
    return states[:, 0]


def errors(track: Track, truth: np.ndarray) -> np.ndarray:
    """East, north, up and their speeds: the track less the truth."""
    axes = enu_axes(track.lat, track.lon)
    heading = math.radians(track.heading_deg)
    velocity = [track.speed_mps * math.sin(heading), track.speed_mps * math.cos(heading), track.climb_mps]
    place = ecef_of(track.lat, track.lon, track.altitude_m)
    return np.concatenate([axes @ (place - truth[:3]), np.array(velocity) - axes @ truth[3:]])


def nees(track: Track, truth: np.ndarray) -> float:
    full = np.zeros((6, 6))
    full[np.triu_indices(6)] = track.covariance
    off = errors(track, truth)
    return float(off @ np.linalg.solve(full + np.triu(full, 1).T, off))


def test_a_missile_is_as_fast_as_its_track_says(missile: np.ndarray) -> None:
    chance = np.random.default_rng(1)
    tracker = Tracker([RADAR], FRAME)
    for at_s in range(30, 151, 10):
        tracker.observe(plot(at_s, missile[at_s, :3], chance))
    (track,) = tracker.advance(START_S + 150)
    off = errors(track, missile[150])
    assert track.threat == "ballistic_missile"
    assert track.arc is not None and track.arc.burning < 0.02
    assert float(np.linalg.norm(off[3:])) < 40.0
    assert float(np.linalg.norm(off[:3])) < 1_500.0


def test_a_motor_that_burns_is_noticed(missile: np.ndarray) -> None:
    chance = np.random.default_rng(2)
    tracker = Tracker([RADAR], FRAME)
    for at_s in range(28, 57, 4):
        tracker.observe(plot(at_s, missile[at_s, :3], chance))
    (track,) = tracker.advance(START_S + 56)
    assert track.arc is not None and track.arc.burning > 0.5
    assert math.hypot(*track.arc.thrust_mps2) > 15.0


def test_its_errors_are_what_it_says(missile: np.ndarray) -> None:
    late, early = [], []
    for seed in range(12):
        chance = np.random.default_rng(seed)
        tracker = Tracker([RADAR], FRAME)
        for at_s in range(70, 131, 10):
            tracker.observe(plot(at_s, missile[at_s, :3], chance))
            if at_s == 90:
                early.append(nees(tracker.advance(START_S + at_s)[0], missile[at_s]))
        late.append(nees(tracker.advance(START_S + 130)[0], missile[130]))
    # Six numbers each: consistent is 6; the mean of twelve strays by one.
    assert np.mean(early) < 10.0
    assert 2.0 < np.mean(late) < 9.0


def test_three_plots_of_what_coasts_tell_its_speed_as_sharply_as_they_can(missile: np.ndarray) -> None:
    sigmas, off = [], []
    for seed in range(12):
        chance = np.random.default_rng(100 + seed)
        tracker = Tracker([RADAR], FRAME)
        for at_s in (70, 80, 90):
            tracker.observe(plot(at_s, missile[at_s, :3], chance))
        (track,) = tracker.advance(START_S + 90)
        full = np.zeros((6, 6))
        full[np.triu_indices(6)] = track.covariance
        sigmas.append(math.sqrt(np.trace(full[3:, 3:])))
        off.append(nees(track, missile[90]))
    # The Cramér-Rao bound is 56 m/s. Where burnt-out states are taken in before their plot, it is more than 80.
    assert np.median(sigmas) < 62.0
    assert np.mean(off) < 10.0


def test_a_missile_in_boost_is_as_fast_as_three_plots_say(missile: np.ndarray) -> None:
    off = []
    for seed in range(12):
        chance = np.random.default_rng(200 + seed)
        tracker = Tracker([RADAR], FRAME)
        for at_s in (30, 40, 50):
            tracker.observe(plot(at_s, missile[at_s, :3], chance))
        (track,) = tracker.advance(START_S + 50)
        assert track.arc is not None and track.arc.burning > 0.3
        off.append(nees(track, missile[50]))
    assert np.mean(off) < 9.0


@pytest.mark.compiled
def test_more_arcs_than_there_are_slots_are_no_error(missile: np.ndarray) -> None:
    chance = np.random.default_rng(3)
    tracker = Tracker([RADAR], FRAME)
    count = ARCS_MAX + 20
    for at_s in (100, 110, 120):
        for k in range(count):
            turn = 2 * math.pi * k / count
            c, s = math.cos(turn), math.sin(turn)
            axes = enu_axes(RADAR.lat, RADAR.lon)
            line = axes @ (missile[at_s, :3] - ecef_of(RADAR.lat, RADAR.lon, 60.0))
            turned = np.array([c * line[0] - s * line[1], s * line[0] + c * line[1], line[2]])
            tracker.observe(plot(at_s, ecef_of(RADAR.lat, RADAR.lon, 60.0) + axes.T @ turned, chance))
    assert len(tracker.advance(START_S + 120)) >= count - 20


def test_a_dump_goes_on_with_its_arcs(missile: np.ndarray) -> None:
    chance = np.random.default_rng(4)
    tracker = Tracker([RADAR], FRAME)
    plots = [plot(at_s, missile[at_s, :3], chance) for at_s in range(60, 161, 10)]
    for one in plots[:6]:
        tracker.observe(one)
    tracker.advance(START_S + 115)
    other = Tracker.load(tracker.dump(), [RADAR], FRAME)
    for one in plots[6:]:
        tracker.observe(one)
        other.observe(one)
    assert tracker.advance(START_S + 165) == other.advance(START_S + 165)
    assert tracker.dump() == other.dump()


def test_what_is_first_seen_above_all_that_flies_falls_and_what_is_seen_among_it_may_fly() -> None:
    assert falls(80_000.0, 500.0**2) > 0.999
    assert falls(9_000.0, 500.0**2) == falls(0.0, 500.0**2) == START[ARC]


def test_two_plots_tell_a_missile_that_is_seen_high_above_all_that_flies(missile: np.ndarray) -> None:
    height = geodetic_of(missile[:, :3])[2]
    first = int(np.argmax(height > 40_000.0))
    tracker, chance = Tracker([RADAR], FRAME), np.random.default_rng(5)
    for at in (first, first + 10):
        tracker.observe(plot(at, missile[at, :3], chance))
    (track,) = tracker.advance(START_S + first + 11)
    assert track.threat == "ballistic_missile"
    assert track.arc is not None


def test_an_arc_whose_errors_are_none_any_more_is_let_go_and_stops_nothing() -> None:
    sites = sites_of([RADAR], FRAME, 0)
    room = flight()
    room.w[:] = 0.5, 0.5, 0.0
    room.x[:, :3], room.x[:, BETA] = ecef_of(RADAR.lat + 1.0, RADAR.lon, 20_000.0), LOG_BETA
    room.p[:] = np.diag([-1e8] * 3 + [1e6] * 3 + [1.0] * 3 + [0.25])
    row, z = np.full(WIDTH, np.nan), np.zeros(MEASUREMENT)
    row[[TIME, KIND, SENSOR, RANGE, AZIMUTH]] = 0.0, PLOT, 0, 110_000.0, 0.0
    told(room, Report(row, z, when=0.0, surely=1.0), sites, 0.0, 0.0)
    blended(room)
    assert not placed(room.cov)


def test_no_report_makes_a_feather_of_a_missile() -> None:
    sites = sites_of([RADAR], FRAME, 0)
    at = ecef_of(RADAR.lat + 1.0, RADAR.lon, 20_000.0)
    room = flight()
    room.w[:] = 1.0 / 3.0
    room.x[:, :3], room.x[:, BETA] = at, LOG_BETA
    room.p[:] = np.diag([1e8] * 3 + [1e6] * 3 + [1.0] * 3 + [0.25])
    # What is known of the place goes with what is known of the coefficient, as under the ground it may.
    room.p[:, BETA, :3] = room.p[:, :3, BETA] = 4_000.0
    row, z = np.full(WIDTH, np.nan), np.zeros(MEASUREMENT)
    row[[TIME, KIND, SENSOR, RANGE, AZIMUTH]] = 0.0, PLOT, 0, 300_000.0, 0.5
    told(room, Report(row, z, when=0.0, surely=1.0), sites, 0.0, 0.0)
    assert np.abs(room.x[:, BETA] - LOG_BETA).max() <= BETA_SIGMAS * LOG_BETA_SIGMA


def test_what_false_plots_throw_into_thick_air_slows_down_and_stays_a_number() -> None:
    state, spread = np.zeros(STATE), np.diag([1e4] * 3 + [1e5] * 3 + [1.0] * 3 + [0.25])
    axes = enu_axes(FRAME.lat, FRAME.lon)
    state[:3], state[3:6] = ecef_of(FRAME.lat, FRAME.lon, 3_000.0), axes[0] * 5_000.0 + axes[1] * 3_000.0
    state[BETA] = LOG_BETA - BETA_SIGMAS * LOG_BETA_SIGMA
    for _ in range(10):
        before = np.linalg.norm(state[3:6])
        moved(state, spread, 6.0, COASTING, flight())
        assert np.linalg.norm(state[3:6]) < before
        assert some(np.isfinite(spread)).all()
    assert np.linalg.norm(state[:3] - ecef_of(FRAME.lat, FRAME.lon, 3_000.0)) < 50_000.0


def test_what_seems_faster_than_anything_is_shown_as_fast_as_a_track_may_be(missile: np.ndarray) -> None:
    chance = np.random.default_rng(6)
    tracker = Tracker([RADAR], FRAME)
    for at_s in (100, 110, 120):
        tracker.observe(plot(at_s, missile[at_s, :3], chance))
    tracker.advance(START_S + 120)
    seen = look(tracker._bank, START_S + 120, tracker._sites.origin)
    arcs = {number: one._replace(speed_mps=13_020.0) for number, one in arcs_of(tracker._bank, seen).items()}
    (track,) = tracks_of(pictures(seen, FRAME), arcs)
    assert track.speed_mps == SPEED_MAX_MPS
    # An arc that is nowhere is shown as the flat frame has it.
    tracker._bank.fallp[0, :, 0, 0] = 1e14
    assert arcs_of(tracker._bank, seen) == {}
