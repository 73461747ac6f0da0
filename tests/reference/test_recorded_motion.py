"""Real motion flown by threats: scaled recordings of other people's flights."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.some import some
from tocsin.model.errors import Missing
from tocsin.simulate.chance import stream
from tocsin.simulate.field import field_of
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.motion.recorded import recorded
from tocsin.simulate.motion.recordings import recordings
from tocsin.simulate.motion.way import Order, Way
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.threats import SUITS, Attacker, Threats

ZONES = invented_zones(20, seed=1, radius_m=40_000)


@pytest.fixture
def recorded_flights(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(data_dir))


def flown(kind: Attacker, seed: int) -> tuple[Order, Way]:
    scenario = Scenario(name="t", start=datetime(2026, 1, 1, tzinfo=UTC), duration_s=1_500.0)
    rng = stream(seed, kind)
    start, aim = np.array([60_000.0, 30_000.0]), rng.uniform(-20_000, 20_000, 2)
    order = Order(field_of(scenario, ZONES, seed), Threats(kind=kind, law="recorded"), start, aim[None], 1_500.0, rng)
    return order, recorded(order)[0]


@pytest.mark.reference
@pytest.mark.usefixtures("recorded_flights")
def test_there_are_fire_fighters_helicopters_gliders_and_tankers_among_the_recordings() -> None:
    names = {piece.name.split()[0] for pieces in recordings() for piece in pieces}
    assert {"calfire", "rega_sg", "danube_valley", "inflight_refuelling"} <= names
    assert all(some(piece.bounds[0] < 400 for pieces in recordings() for piece in pieces))


@pytest.mark.reference
@pytest.mark.usefixtures("recorded_flights")
@pytest.mark.parametrize("kind", SUITS["recorded"])
@pytest.mark.parametrize("seed", range(8))
def test_a_recorded_flight_strikes_its_aim_and_stays_within_what_its_class_can(kind: Attacker, seed: int) -> None:
    order, way = flown(kind, seed)
    flies = KINDS[kind]
    assert way.hit is not None
    assert np.hypot(*(way.points_m - order.aims_m[0]).T).min() < 2 * flies.speed_mps[1]
    step, seconds = np.diff(way.points_m, axis=0), np.diff(way.time_s)
    speed = np.hypot(*step.T) / seconds
    assert speed.max() <= flies.speed_mps[1] * 1.02
    heading = np.arctan2(step[:, 0], step[:, 1])
    turned = np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)
    sideways = turned / seconds[1:] * speed[1:]
    assert sideways[seconds[1:] > 0.5].max() <= flies.turn_mps2 * 1.1
    assert way.time_s[-1] <= 1_500 or flies.stand_off_m is not None


@pytest.mark.reference
@pytest.mark.usefixtures("recorded_flights")
def test_the_same_seed_flies_the_same_recording() -> None:
    assert some(flown("drone", 3)[1].points_m == flown("drone", 3)[1].points_m).all()


def test_without_recordings_the_law_says_where_they_were_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    with pytest.raises(Missing, match="set TOCSIN_DATA"):
        recordings()
