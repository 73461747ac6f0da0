"""A group of attackers that fly by a law: orders out, flights and blows back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.earth.frames import Floats
from tocsin.simulate.attack import Blow, drawn_aim_m, drawn_moment_s, drawn_start_m
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.kinds import KINDS
from tocsin.simulate.motion.registry import LAWS
from tocsin.simulate.motion.way import Order, Way
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.threats import Threats


def by_law(
    scenario: Scenario, field: Field, group: Threats, name: str, radars_m: Sequence[Floats], seed: int
) -> tuple[list[Flight], list[Blow]]:
    """One group's flights and what they strike; those shot down end on the way, with what they still carry."""
    law, scatter_m = LAWS[group.law], KINDS[group.kind].scatter_m
    flights: list[Flight] = []
    blows: list[Blow] = []
    for number in range(1 if law.together else group.count):
        rng = stream(seed, name, number)
        at_s = drawn_moment_s(group, number, rng)
        start_m = drawn_start_m(group, rng)
        aims = [
            drawn_aim_m(group, field, start_m, radars_m, rng) + rng.normal(0, scatter_m, 2) for _ in range(law.aims)
        ]
        ways = law.fly(Order(field, group, start_m, np.array(aims), scenario.duration_s - at_s, rng))
        carrier_ends_s = np.inf
        for member, way in enumerate(ways):
            if way.time_s[0] >= carrier_ends_s:
                continue
            # Fates are drawn apart from the flying: who is shot down flies the same way until then.
            fate = stream(seed, "fate", name, number, member)
            ends_s = scenario.duration_s - at_s
            if fate.random() < group.shot_down:
                ends_s = min(ends_s, float(way.time_s[0] + fate.uniform(0.3, 0.95) * (_lasts_s(way) - way.time_s[0])))
            object_id = f"{name}-{(member if law.together else number) + 1}"
            if member and not law.together:
                object_id += f"-bomb-{member}"
            elif not law.together:
                carrier_ends_s = ends_s
            flown = way.time_s <= ends_s
            if flown.sum() < 2:
                continue
            flights.append(_flight(field, object_id, way, flown, at_s))
            if way.hit is not None and way.hit.at_s <= ends_s:
                blows.append(Blow(object_id, way.threat, at_s + way.hit.at_s, way.hit.place_m))
    return flights, blows


def _lasts_s(way: Way) -> float:
    """Until when there is something to be shot down: until it has struck, or the end of its way."""
    return float(min(way.hit.at_s, way.time_s[-1]) if way.hit is not None else way.time_s[-1])


def _flight(
    field: Field, object_id: str, way: Way, flown: np.ndarray[tuple[int], np.dtype[np.bool_]], at_s: float
) -> Flight:
    points = way.points_m[flown]
    lat, lon = field.frame.to_geodetic(points[:, 0], points[:, 1])
    return Flight(object_id, way.threat, at_s + way.time_s[flown], lat, lon, way.altitude_m[flown], make=way.kind)
