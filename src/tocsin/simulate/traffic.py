"""Civil aircraft crossing the play, most of them with a transponder."""

from __future__ import annotations

import numpy as np

from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight, steer
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.scenario import Scenario

# The sky is not empty when the play begins.
BEFORE_S = 1_800.0
FLIGHTS_MAX = 50_000
# Light aircraft without a transponder fly low and slow.
LIGHT_ALTITUDE_M = (400.0, 2_500.0)
LIGHT_SPEED_MPS = (45.0, 70.0)
# The usual glide path: three degrees.
GLIDE = 0.0524


def traffic_of(scenario: Scenario, field: Field, seed: int) -> tuple[Flight, ...]:
    """The civil flights of a night, in order of entry; each crosses the field with one bend, or lands in it."""
    rng = stream(seed, "traffic")
    until_s = scenario.traffic.until_s if scenario.traffic.until_s is not None else scenario.duration_s
    expected = scenario.traffic.flights_per_hour * (until_s + BEFORE_S) / 3_600
    enters_s = np.sort(rng.uniform(-BEFORE_S, until_s, min(int(rng.poisson(expected)), FLIGHTS_MAX)))
    made = (_crossing(scenario, field, number, float(at_s), seed) for number, at_s in enumerate(enters_s))
    return tuple(flight for flight in made if flight is not None)


def _crossing(scenario: Scenario, field: Field, number: int, enters_s: float, seed: int) -> Flight | None:
    rng = stream(seed, "civil", number)
    silent = rng.random() < scenario.traffic.silent
    edge_m = 1.2 * field.radius_m
    enters, crosses = rng.uniform(0, 2 * np.pi), rng.uniform(0.5 * np.pi, 1.5 * np.pi)
    ends = np.array([[np.sin(a), np.cos(a)] for a in (enters, enters + crosses)]) * edge_m
    # A stream of its own: who lands changes nothing of who crosses.
    arrives = stream(seed, "landing", number)
    lands = arrives.random() < scenario.traffic.landing
    if lands:
        ends[1] = field.anywhere(arrives)
    bend = ends.mean(axis=0) + rng.normal(0, 0.15 * edge_m, 2)
    speed_mps = float(rng.uniform(*(LIGHT_SPEED_MPS if silent else scenario.traffic.speed_mps)))
    altitude = rng.uniform(*(LIGHT_ALTITUDE_M if silent else scenario.traffic.altitude_m))
    climbs_mps = float(rng.choice([-5.0, 0.0, 0.0, 5.0]))
    address, code, company = int(rng.integers(1, 2**24)), int(rng.integers(0, 4096)), rng.integers(0, 26, 3)
    kind = KINDS["civil"]
    points = steer(np.stack([ends[0], bend, ends[1]]), speed_mps, kind.turn_mps2, kind.step_s, 4 * 3_600.0)
    times = np.asarray(enters_s + np.arange(len(points)) * kind.step_s, float)
    inside = (times >= 0) & (times <= scenario.duration_s)
    if inside.sum() < 2:
        return None
    lat, lon = field.frame.to_geodetic(points[inside, 0], points[inside, 1])
    low, high = LIGHT_ALTITUDE_M if silent else scenario.traffic.altitude_m
    ground = field.ground.height_m(points[inside, 0], points[inside, 1])
    height = np.maximum(np.clip(altitude + climbs_mps * (times[inside] - enters_s), low, high), ground + 300.0)
    if lands:
        to_go_m = np.hypot(*(points[inside] - ends[1]).T)
        height = np.minimum(height, ground + GLIDE * to_go_m)
    callsign = "".join(chr(65 + int(letter)) for letter in company) + str(number % 10_000)
    identity = None if silent else (f"{address:06x}", callsign, f"{code:04o}")
    return Flight(f"civil-{number + 1}", "civil", times[inside], lat, lon, height, identity)
