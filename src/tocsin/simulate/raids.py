"""The raid: who flies where, what falls where, and who reports a launch or an impact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import Floats, geodetic_of
from tocsin.model.observation import Impact, Launch
from tocsin.model.threat import BALLISTIC
from tocsin.model.value import seconds_of, time_of
from tocsin.simulate.arcs import ARTILLERY_ROCKET, SHORT_RANGE_MISSILE, shoot
from tocsin.simulate.attack import WEAPON_MPS, Blow, drawn_aim_m, drawn_moment_s, drawn_start_m
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.motion.ordered import by_law
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.routes import Route, way_home, way_in
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.threats import Threats
from tocsin.simulate.truth import Strike


@dataclass(frozen=True)
class Raid:
    """Flights, what they struck, and the reports of launches and impacts."""

    flights: tuple[Flight, ...]
    strikes: tuple[Strike, ...]
    reports: tuple[Draft, ...]


def raid_of(scenario: Scenario, field: Field, radars_m: Sequence[Floats], seed: int) -> Raid:
    """Everything hostile of one night; what would fall after its end does not."""
    flights: list[Flight] = []
    strikes: list[Strike] = []
    reports: list[Draft] = []
    for number, group in enumerate(scenario.threats):
        name = f"{group.kind}-{number + 1}"
        make = by_law if group.law != "route" else _arcs if group.kind in BALLISTIC else _aircraft
        made, blows = make(scenario, field, group, name, radars_m, seed)
        flights += made
        for blow in blows:
            if blow.at_s < scenario.duration_s:
                strikes.append(_strike(scenario, field, blow))
                reports += _impact_report(group, strikes[-1], blow, stream(seed, "impact", blow.object))
        if group.launch_report:
            reports += [
                one for flight in made for one in _launch_report(group, flight, stream(seed, "launch", flight.object))
            ]
    return Raid(tuple(flights), tuple(sorted(strikes, key=lambda one: (one.time, one.object))), tuple(reports))


def _strike(scenario: Scenario, field: Field, blow: Blow) -> Strike:
    lat, lon = field.frame.to_geodetic(*blow.place_m)
    return Strike(
        time=time_of(seconds_of(scenario.start) + round(blow.at_s, 3)),
        lat=round(float(lat), 6),
        lon=round(float(lon), 6),
        zone=field.zone_at(*blow.place_m),
        threat=blow.threat,
        object=blow.object,
    )


def _aircraft(
    scenario: Scenario, field: Field, group: Threats, name: str, radars_m: Sequence[Floats], seed: int
) -> tuple[list[Flight], list[Blow]]:
    """One group of drones, cruise missiles, jets or helicopters."""
    flights, blows = [], []
    kind = KINDS[group.kind]
    for number in range(group.count):
        rng = stream(seed, name, number)
        appears_s = drawn_moment_s(group, number, rng)
        start_m = drawn_start_m(group, rng)
        aim_m = drawn_aim_m(group, field, start_m, radars_m, rng) + rng.normal(0, kind.scatter_m, 2)
        fate, cut, wing = rng.random(), rng.uniform(0.3, 0.95), rng.random()
        turns_back = fate < group.turn_back
        shot_down = not turns_back and fate < group.turn_back + group.shot_down
        inward = way_in(field, group, start_m, aim_m, turns_back, rng)
        route = way_home(inward, group, start_m, aim_m, scenario.duration_s - appears_s, turns_back, rng)
        altitude_m = rng.uniform(*(group.altitude_m or kind.altitude_m))
        offsets = [np.zeros(2)]
        if wing < group.pairs:
            side = rng.uniform(0, 2 * np.pi)
            offsets.append(rng.uniform(500, 1_500) * np.array([np.sin(side), np.cos(side)]))
        for wingman, offset_m in enumerate(offsets):
            flown = int(cut * len(route.points_m)) if shot_down else len(route.points_m)
            if flown < 2:
                continue
            object_id = f"{name}-{number + 1}{'ab'[wingman] if len(offsets) > 1 else ''}"
            flights.append(_flight(field, group, object_id, appears_s, route, flown, offset_m, altitude_m))
            if route.hit_step is not None and not shot_down:
                fall_s = route.stand_off_m / WEAPON_MPS
                blows.append(
                    Blow(object_id, group.kind, appears_s + route.hit_step * kind.step_s + fall_s, aim_m + offset_m)
                )
    return flights, blows


def _flight(
    field: Field,
    group: Threats,
    name: str,
    appears_s: float,
    route: Route,
    flown: int,
    offset_m: Floats,
    above_m: float,
) -> Flight:
    kind = KINDS[group.kind]
    points = route.points_m[:flown] + offset_m
    lat, lon = field.frame.to_geodetic(points[:, 0], points[:, 1])
    height = np.full(len(points), above_m)
    if kind.dive_m and route.hit_step is not None:
        to_go = np.hypot(*(route.points_m[:flown] - route.points_m[route.hit_step]).T)
        height = above_m * np.clip(to_go / kind.dive_m, 0.0, 1.0)
    return Flight(
        name,
        group.kind,
        np.asarray(appears_s + np.arange(len(points)) * kind.step_s, np.float64),
        lat,
        lon,
        field.ground.height_m(points[:, 0], points[:, 1]) + height,
    )


def _arcs(
    scenario: Scenario, field: Field, group: Threats, name: str, radars_m: Sequence[Floats], seed: int
) -> tuple[list[Flight], list[Blow]]:
    """One salvo of rockets or ballistic missiles; those shot down end on the way."""
    kind = KINDS[group.kind]
    missile = SHORT_RANGE_MISSILE if group.kind == "ballistic_missile" else ARTILLERY_ROCKET
    rngs = [stream(seed, name, number) for number in range(group.count)]
    appears_s = [drawn_moment_s(group, number, rng) for number, rng in enumerate(rngs)]
    starts = np.array([drawn_start_m(group, rng) for rng in rngs])
    aims = np.array(
        [
            drawn_aim_m(group, field, start, radars_m, rng) + rng.normal(0, kind.scatter_m, 2)
            for start, rng in zip(starts, rngs, strict=True)
        ]
    )
    fates = [(rng.random(), rng.uniform(0.3, 0.95)) for rng in rngs]
    way = aims - starts
    launch_lat, launch_lon = field.frame.to_geodetic(starts[:, 0], starts[:, 1])
    aim_lat, aim_lon = field.frame.to_geodetic(aims[:, 0], aims[:, 1])
    azimuth = np.degrees(np.arctan2(way[:, 0], way[:, 1]))
    states, flown_s, impact = shoot(launch_lat, launch_lon, azimuth, np.hypot(*way.T), aim_lat, aim_lon, missile)
    hit_lat, hit_lon, _ = geodetic_of(impact)
    hits = np.stack(field.frame.to_local(hit_lat, hit_lon), axis=-1)
    flights, blows = [], []
    for number, (fate, cut) in enumerate(fates):
        object_id = f"{name}-{number + 1}"
        ends_s = float(flown_s[number]) * (cut if fate < group.shot_down else 1.0)
        ends_s = min(ends_s, scenario.duration_s - appears_s[number])
        grid = np.arange(len(states)) * missile.step_s
        times = np.asarray(np.append(grid[grid < ends_s], ends_s), float)
        if len(times) < 2 or ends_s <= 0:
            continue
        path = np.stack([np.interp(times, grid, column) for column in states[:, number, :3].T], axis=-1)
        lat, lon, altitude = geodetic_of(path)
        flown_at_s: Floats = np.asarray(appears_s[number] + times, np.float64)
        flights.append(Flight(object_id, group.kind, flown_at_s, lat, lon, np.maximum(altitude, 0.0)))
        if fate >= group.shot_down:
            blows.append(Blow(object_id, group.kind, appears_s[number] + float(flown_s[number]), hits[number]))
    return flights, blows


def _launch_report(group: Threats, flight: Flight, rng: np.random.Generator) -> list[Draft]:
    """A launch seen by somebody: the place to 2 km, the direction to 6 degrees, within 3 to 15 seconds."""
    if rng.random() >= group.launch_report:
        return []
    _, heading = flight.course_at(flight.time_s[:1], half_s=5.0)
    error = rng.normal(0, 2_000.0, 2) / 111_000.0
    at_s = float(flight.time_s[0])
    fields = {
        "lat": round(float(flight.lat[0]) + float(error[0]), 4),
        "lon": round(float(flight.lon[0]) + float(error[1]) / max(0.1, float(np.cos(np.radians(flight.lat[0])))), 4),
        "sigma_m": 2_000.0,
        "threat": group.kind,
        "azimuth_deg": round(float(heading[0] + rng.normal(0, 6)) % 360, 1),
    }
    return [Draft(at_s + rng.uniform(3, 15), at_s, "launch-watch", Launch, fields, flight.object)]


def _impact_report(group: Threats, strike: Strike, blow: Blow, rng: np.random.Generator) -> list[Draft]:
    """An impact reported by somebody: the place to 300 m, within 20 seconds to 4 minutes."""
    if rng.random() >= group.impact_report:
        return []
    error = rng.normal(0, 300.0, 2) / 111_000.0
    fields = {
        "lat": round(strike.lat + float(error[0]), 4),
        "lon": round(strike.lon + float(error[1]), 4),
        "sigma_m": 300.0,
        "threat": strike.threat,
    }
    return [Draft(blow.at_s + rng.uniform(20, 240), blow.at_s, "emergency-calls", Impact, fields)]
