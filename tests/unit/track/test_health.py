"""Radars that measure wrongly, see badly or lie are found out, and the tracks are as good as if they did not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Plot, Position
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.model.value import time_of
from tocsin.track.sensors.learned import Pad, unlearned
from tocsin.track.sensors.registration import believed, drift, learn
from tocsin.track.sensors.sites import sites_of
from tocsin.track.settings import TrackSettings
from tocsin.track.tracker import Tracker

pytestmark = pytest.mark.compiled

START_S = 1_700_000_000.0
FRAME = LocalFrame(48.0, 31.0)
HEIGHT_M = 3_000.0
NOTHING = (0.0, 0.0, 0.0)


def radar(name: str, lon: float) -> Sensor:
    return Sensor(
        id=name, kind="radar", lat=48.0, lon=lon, range_m=300_000, sigma_range_m=60, sigma_azimuth_deg=0.08,
        sigma_altitude_m=100, scan_s=4, detection_probability=0.9,
    )  # fmt: skip


SENSORS = (radar("west", 30.5), radar("middle", 31.0), radar("east", 31.5))


@dataclass
class World:
    """Twelve airliners before three radars; off: what each says too much (m, deg, s)."""

    off: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    adsb: bool = True
    noise: Mapping[str, float] = field(default_factory=dict)
    sees: Mapping[str, float] = field(default_factory=dict)
    registration: bool = True
    seed: int = 4

    def flown(self, scans: int = 45) -> tuple[dict[str, SensorHealth], float]:
        """(health by sensor, RMS of the tracks' error in the last third, metres)."""
        tracker = Tracker(SENSORS, FRAME, TrackSettings(registration=self.registration))
        chance = np.random.default_rng(self.seed)
        starts, speeds = chance.uniform(-8e4, 8e4, (12, 2)), chance.uniform(-180, 180, (12, 2))
        squares = []
        for scan in range(scans):
            if self.adsb:
                self._positions(tracker, starts, speeds, 4.0 * scan + 3, chance)
            for number, sensor in enumerate(SENSORS):
                at = 4.0 * scan + number
                for east, north in starts + speeds * at:
                    if chance.random() < self.sees.get(sensor.id, 1.0):
                        tracker.observe(self._plot(sensor, at, east, north, chance))
            now = 4.0 * scan + 5
            tracks = [one for one in tracker.advance(START_S + now) if one.status == "confirmed"]
            if scan > scans * 2 / 3:
                places = np.array([FRAME.to_local(one.lat, one.lon) for one in tracks], float)
                true = starts + speeds * now
                squares += (((places[:, None] - true) ** 2).sum(axis=2)).min(axis=1).tolist()
        return {one.sensor: one for one in tracker.health(START_S + 4.0 * scans)}, math.sqrt(np.mean(squares))

    def _plot(self, sensor: Sensor, at_s: float, east: float, north: float, chance: np.random.Generator) -> Plot:
        range_m, azimuth_deg, late_s = self.off.get(sensor.id, NOTHING)
        noise = self.noise.get(sensor.id, 1.0)
        de, dn = LocalFrame(sensor.lat, sensor.lon).to_local(*FRAME.to_geodetic(east, north))
        return Plot(
            id=f"{sensor.id}/{at_s}/{east}",
            time=time_of(START_S + at_s + late_s),
            sensor=sensor.id,
            range_m=math.sqrt(float(de) ** 2 + float(dn) ** 2 + HEIGHT_M**2) + range_m + chance.normal(0, 60 * noise),
            azimuth_deg=(math.degrees(math.atan2(float(de), float(dn))) + azimuth_deg + chance.normal(0, 0.08 * noise))
            % 360,
            altitude_m=HEIGHT_M + chance.normal(0, 100),
        )

    def _positions(
        self, tracker: Tracker, starts: np.ndarray, speeds: np.ndarray, at_s: float, chance: np.random.Generator
    ) -> None:
        for number, (east, north) in enumerate(starts + speeds * at_s + chance.normal(0, 30, starts.shape)):
            lat, lon = FRAME.to_geodetic(east, north)
            tracker.observe(
                Position(
                    id=f"a{at_s}/{number}", time=time_of(START_S + at_s), lat=float(lat), lon=float(lon),
                    altitude_m=HEIGHT_M, icao24=f"4b00{number:02x}", cooperative=True,
                )
            )  # fmt: skip


def astray(one: SensorHealth, true: tuple[float, float, float]) -> tuple[float, ...]:
    """Errors of the three biases in their own sigmas."""
    found = (one.range_bias_m, one.azimuth_bias_deg, one.time_bias_s)
    sigmas = (one.range_bias_sigma_m, one.azimuth_bias_sigma_deg, one.time_bias_sigma_s)
    return tuple(abs(f - t) / (s or math.nan) for f, t, s in zip(found, true, sigmas, strict=True))


WRONG = {"east": (150.0, 0.33, 0.8)}


def test_range_azimuth_and_clock_of_a_wrong_radar_are_found_by_aircraft_that_say_where_they_are() -> None:
    health, _ = World(off=WRONG).flown()
    for sensor, one in health.items():
        assert max(astray(one, WRONG.get(sensor, NOTHING))) < 3
        assert one.state == ("biased" if sensor in WRONG else "up")
    assert health["east"].range_bias_sigma_m < 30
    assert health["east"].azimuth_bias_sigma_deg < 0.05
    assert health["east"].time_bias_sigma_s < 0.3


def test_tracks_of_a_wrong_radar_are_nearly_as_good_as_of_a_right_one_once_it_is_registered() -> None:
    _, right = World().flown()
    _, registered = World(off=WRONG).flown()
    _, left_alone = World(off=WRONG, registration=False).flown()
    assert registered < 1.2 * right
    assert left_alone > 2 * right


def test_without_such_aircraft_what_radars_differ_by_is_found_and_what_they_share_is_said_to_be_unknown() -> None:
    wrong = {"east": (0.0, 0.33, 0.8), "west": (0.0, 0.0, 0.8), "middle": (0.0, 0.0, 0.8)}
    health, _ = World(off=wrong, adsb=False).flown()
    for sensor, one in health.items():
        assert one.time_bias_sigma_s > 0.5
        assert max(astray(one, wrong[sensor])) < 3
    assert health["east"].azimuth_bias_deg - health["middle"].azimuth_bias_deg == pytest.approx(0.33, abs=0.06)


@pytest.mark.parametrize("adsb", [True, False])
@pytest.mark.parametrize("seed", [5, 6])
def test_radars_without_a_bias_get_none(adsb: bool, seed: int) -> None:
    health, registered = World(adsb=adsb, seed=seed).flown()
    for one in health.values():
        assert max(astray(one, NOTHING)) < 3
        assert one.state == "up"
    _, left_alone = World(adsb=adsb, seed=seed, registration=False).flown()
    assert registered == pytest.approx(left_alone, rel=0.03)


def test_how_often_a_radar_sees_is_measured() -> None:
    health, _ = World(sees={"west": 0.5, "middle": 0.9, "east": 0.97}).flown()
    assert health["west"].detection_probability == pytest.approx(0.5, abs=0.08)
    assert health["middle"].detection_probability == pytest.approx(0.9, abs=0.05)
    assert health["east"].detection_probability == pytest.approx(0.97, abs=0.05)


def test_a_radar_noisier_than_it_says_is_flagged() -> None:
    health, _ = World(noise={"west": 3.0}, adsb=False).flown()
    assert health["west"].state == "biased"
    assert health["west"].azimuth_noise_deg == pytest.approx(0.24, rel=0.3)
    assert health["middle"].state == health["east"].state == "up"
    assert health["west"].azimuth_noise_deg > 2 * health["middle"].azimuth_noise_deg


def test_fourteen_thousand_microphones_make_no_larger_a_snapshot() -> None:
    one = Sensor(id="one", kind="presence", lat=47.0, lon=31.0, range_m=4_000)
    microphones = [msgspec.structs.replace(one, id=f"m{n}") for n in range(14_000)]
    tracker = Tracker([*SENSORS, *microphones], FRAME)
    for scan in range(60):
        tracker.observe(World()._plot(SENSORS[0], 4.0 * scan, 200.0 * scan, 30_000.0, np.random.default_rng(scan)))
        tracker.advance(START_S + 4.0 * scan)
    assert len(tracker.dump()) < 2_000_000


def test_what_only_differences_tell_stays_as_uncertain_as_before_however_long_they_are_watched() -> None:
    sites = sites_of(SENSORS[:2], FRAME, 0)
    sensed = unlearned(sites)
    prior = np.diag(sensed.cov).copy()
    chance = np.random.default_rng(3)
    true = np.array([100.0, 0.002, 0.5, -100.0, -0.002, -0.5])
    cross = np.empty((6, 2))
    for _ in range(3_000):
        turned = chance.normal(0, 1, (2, 3)) * (1.0, 60_000.0, 150.0)
        moves = np.concatenate([turned, -turned], axis=1).T.copy()
        east, north = (true - sensed.taken.ravel()) @ moves + chance.normal(0, 150.0, 2)
        learn(sites, sensed, 0, 1, (east, north), (150.0**2, 0.0, 150.0**2), Pad(moves, cross))
        believed(sites, sensed)
        drift(sites, sensed, 0, 0.5)
        drift(sites, sensed, 1, 0.5)
    relative = np.linalg.eigvalsh(sensed.cov / np.sqrt(np.outer(prior, prior)))
    assert relative.min() > 0
    assert relative.max() == pytest.approx(1.0, abs=0.01)
    assert sensed.bias.ravel() == pytest.approx(true, rel=0.1)
    assert sensed.taken.ravel() == pytest.approx(true, rel=0.1)
