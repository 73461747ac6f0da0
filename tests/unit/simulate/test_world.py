"""A night is an integer."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.some import some
from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.observation import Launch, Plot, Position, Presence, Sighting, Status
from tocsin.model.value import seconds_of
from tocsin.model.wire import observation_from_json, to_json
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Fault, Scenario, Sensors, scenario_from_toml
from tocsin.simulate.truth import Strike, TrueObject
from tocsin.simulate.world import Simulation, simulate

ROOT = Path(__file__).resolve().parents[3]
ZONES = invented_zones(40, seed=1, radius_m=70_000)
# A week is for the nights; here everything else.
SHORT = ["drill", "ballistic-salvo", "rockets", "cruise-missiles-up-a-valley", "jets-that-turn-back", "mixed-raid"]


@cache
def load(name: str) -> Scenario:
    return scenario_from_toml((ROOT / "scenarios" / f"{name}.toml").read_bytes(), name)


@cache
def played(name: str, seed: int) -> Simulation:
    return simulate(load(name), ZONES, seed)


@pytest.fixture(scope="module")
def drill() -> Simulation:
    return played("drill", 7)


@pytest.fixture(scope="module", params=SHORT)
def night(request: pytest.FixtureRequest) -> tuple[Scenario, Simulation]:
    scenario = load(request.param)
    return scenario, played(request.param, 7)


def test_the_same_seed_is_the_same_night_in_two_processes(drill: Simulation) -> None:
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); from test_world import *;"
        "n = played('drill', 7);"
        "print(hashlib.sha256(b''.join(map(to_json, (*n.observations, *n.truth, *n.sensors)))).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(b"".join(map(to_json, (*drill.observations, *drill.truth, *drill.sensors)))).hexdigest()
    assert run.stdout.strip() == here


def test_another_seed_is_another_night(drill: Simulation) -> None:
    other = simulate(load("drill"), ZONES, 4)
    assert [one for one in other.truth if isinstance(one, Strike)] != [
        one for one in drill.truth if isinstance(one, Strike)
    ]


def test_one_more_group_of_sensors_changes_nothing_of_what_the_others_report(drill: Simulation) -> None:
    scenario = load("drill")
    extra = Sensors(name="extra", kind="radar", count=2)
    more = simulate(msgspec.structs.replace(scenario, sensors=(extra, *scenario.sensors)), ZONES, 7)
    assert more.truth == drill.truth
    asked = [one for one in more.observations if not one.source.startswith("extra")]
    # ADS-B receivers share messages and the SAC/SIC count on, but reports stay as they are.
    assert asked == list(drill.observations)


def test_observations_come_in_order_of_arrival_with_unique_ids_and_survive_the_wire(
    night: tuple[Scenario, Simulation],
) -> None:
    _, world = night
    assert len({one.id for one in world.observations}) == len(world.observations) > 500
    assert all(some(a.received_at <= b.received_at for a, b in pairwise(world.observations)))
    assert all(observation_from_json(to_json(one)) == one for one in some(world.observations[::97]))


def test_what_stems_from_an_object_is_reported_while_it_flies_and_what_stems_from_none_has_no_origin(
    night: tuple[Scenario, Simulation],
) -> None:
    scenario, simulation = night
    start_s = seconds_of(scenario.start)
    flown = {
        one.object: [seconds_of(point[0]) for point in one.path]
        for one in simulation.truth
        if isinstance(one, TrueObject)
    }
    by_id = {one.id: one for one in simulation.observations}
    assert simulation.origin and set(simulation.origin) < set(by_id)
    for name, origin in simulation.origin.items():
        arrived_s = seconds_of(by_id[name].received_at)
        # Spotters take minutes to report, and sound its time to travel.
        assert flown[origin][0] <= arrived_s <= flown[origin][-1] + 700, (name, arrived_s - start_s)
    addresses = {
        (origin, by_id[name].icao24) for name, origin in simulation.origin.items() if isinstance(by_id[name], Position)
    }
    assert len(addresses) == len({address for _, address in addresses}), "an aircraft says who it is"
    without = [one for one in simulation.observations if one.id not in simulation.origin]
    assert not any(isinstance(one, Position) for one in some(without))


def test_strikes_name_the_zone_they_fall_in_and_the_object_they_came_from(night: tuple[Scenario, Simulation]) -> None:
    _, world = night
    index = ZoneIndex(ZONES)
    objects = {one.object: one for one in world.truth if isinstance(one, TrueObject)}
    strikes = [one for one in world.truth if isinstance(one, Strike)]
    assert strikes
    for strike in strikes:
        _, found = index.at(strike.lat, strike.lon)
        names = [index.zones[k].id for k in found]
        assert strike.zone in names if names else strike.zone is None
        assert objects[strike.object].path[0][0] < strike.time


def test_what_hits_by_itself_ends_where_and_when_it_strikes(night: tuple[Scenario, Simulation]) -> None:
    _, world = night
    objects = {one.object: one for one in world.truth if isinstance(one, TrueObject)}
    checked = 0
    for strike in (one for one in world.truth if isinstance(one, Strike)):
        if strike.threat in ("jet", "helicopter"):
            continue
        time, lat, lon, altitude_m = objects[strike.object].path[-1]
        east, north = LocalFrame(strike.lat, strike.lon).to_local(lat, lon)
        assert float(np.hypot(east, north)) < 20
        assert abs((strike.time - time).total_seconds()) < 1.1
        assert altitude_m < 1_000
        checked += 1
    assert checked or "jets" in night[0].name


def test_nothing_is_in_the_air_after_the_end(night: tuple[Scenario, Simulation]) -> None:
    scenario, world = night
    end_s = seconds_of(scenario.start) + scenario.duration_s
    assert all(seconds_of(one.received_at) <= end_s for one in some(world.observations))
    assert all(some(seconds_of(one.path[-1][0]) <= end_s + 1 for one in world.truth if isinstance(one, TrueObject)))


def test_drill_is_lively_from_its_first_seconds(drill: Simulation) -> None:
    start_s = seconds_of(load("drill").start)
    early = [one for one in drill.observations if seconds_of(one.received_at) < start_s + 20]
    assert len([one for one in early if isinstance(one, Plot)]) > 50
    kinds = {type(one) for one in drill.observations}
    assert {Plot, Presence, Sighting, Position, Launch} <= kinds


def test_a_lost_sensor_never_reports_again_and_only_the_told_loss_is_told() -> None:
    scenario = load("mixed-raid")
    world = played("mixed-raid", 7)
    start_s = seconds_of(scenario.start)
    silent = [
        sensor.id
        for sensor in world.sensors
        if sensor.kind == "radar"
        and all(some(seconds_of(one.time) < start_s + 1_400 for one in world.observations if one.source == sensor.id))
    ]
    told = [one.sensor for one in world.observations if isinstance(one, Status) and one.state == "down"]
    assert len(silent) == 2
    assert len(told) == 1
    assert told[0] in silent


def test_quiet_hours_hold_no_strike_and_only_civil_aircraft() -> None:
    quiet = msgspec.structs.replace(load("quiet-week"), duration_s=7_200.0, faults=())
    world = simulate(quiet, ZONES, 1)
    assert {one.threat for one in world.truth if isinstance(one, TrueObject)} == {"civil"}
    assert any(isinstance(one, Sighting) for one in world.observations)


def test_who_lands_comes_down_to_the_ground_in_the_play_and_changes_nothing_of_who_crosses() -> None:
    quiet = msgspec.structs.replace(load("quiet-week"), duration_s=7_200.0, faults=(), sensors=())

    def paths(landing: float) -> dict[str, tuple[tuple[datetime, float, float, float], ...]]:
        traffic = msgspec.structs.replace(quiet.traffic, flights_per_hour=20.0, landing=landing)
        world = simulate(msgspec.structs.replace(quiet, traffic=traffic), ZONES, 1)
        return {one.object: one.path for one in world.truth if isinstance(one, TrueObject)}

    none, part = paths(0.0), paths(0.4)
    assert min(path[-1][3] for path in none.values()) >= 300
    landed = [name for name, path in part.items() if path[-1][3] < 10]
    assert 0.1 < len(landed) / len(part) < 0.6
    assert any(part[name] == none[name] for name in none if name in part)
    for name in landed:
        falls = [(one[3] - other[3]) / (other[0] - one[0]).total_seconds() for one, other in pairwise(part[name][-6:])]
        assert all(0 < fall < 20 for fall in some(falls)), "it glides, and does not drop"


def test_a_scenario_that_cannot_be_played_is_refused() -> None:
    scenario = load("drill")
    with pytest.raises(BadValue, match="no zone"):
        simulate(scenario, (), 1)
    with pytest.raises(BadValue, match="seed"):
        simulate(scenario, ZONES, -1)
    crowded = Sensors(name="crowd", kind="presence", place="mesh", spacing_m=200, distance_m=(0, 200_000))
    with pytest.raises(BadValue, match="crowd"):
        simulate(msgspec.structs.replace(scenario, sensors=(crowded,)), ZONES, 1)


def test_a_faulty_clock_stamps_wrongly_and_arrives_rightly() -> None:
    scenario = load("drill")
    fault = Fault(kind="clock", group="radar", count=3, at_s=0.0, offset_s=-50.0)
    world = simulate(msgspec.structs.replace(scenario, faults=(fault,)), ZONES, 7)
    late_s = [(one.received_at - one.time).total_seconds() for one in world.observations if isinstance(one, Plot)]
    assert 50 < min(late_s) <= max(late_s) < 60
