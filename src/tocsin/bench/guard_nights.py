"""Small raids for the second opinion: what every decision rested on, what the guard says of it, and the truth."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.engine.engine import Engine
from tocsin.guard.guard import Guard
from tocsin.model.effect import Effect
from tocsin.model.event import Event, Tick
from tocsin.model.value import seconds_of
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.replay.configuration import configuration_of, read_policy
from tocsin.replay.offline import Offline
from tocsin.score.truth import Truth, truth_of
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Place, Scenario, Sensors
from tocsin.simulate.threats import Attacker, Threats
from tocsin.simulate.world import Simulation, simulate
from tocsin.warn.warner import Decision

Levels = NDArray[np.int8]
Floats = NDArray[np.float64]

ZONES = invented_zones(40, seed=2, radius_m=30_000)
LEVEL = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}
# An all clear this soon before a strike by something that had been reported so often by then (three looks of two
# radars) was a false one; and so was one while such a thing could be there within a minute.
FALSE_S, SEEN, NEAR_S = 600.0, 6, 60.0
RADARS = Sensors(
    name="radar", kind="radar", count=2, distance_m=(5_000, 20_000), mast_m=60, range_m=250_000, scan_s=5, height=True,
    false_plots_per_scan=3,
)  # fmt: skip
EARS = Sensors(
    name="mic", kind="presence", place="mesh", spacing_m=7_000, distance_m=(0, 35_000), range_m=4_000, scan_s=3,
    false_plots_per_scan=0.0002,
)  # fmt: skip
# Attacker, seconds, and from how far.
RAIDS: dict[str, tuple[Attacker, float, tuple[float, float]]] = {
    "drones": ("drone", 900.0, (22_000.0, 35_000.0)),
    "cruise": ("cruise_missile", 500.0, (60_000.0, 90_000.0)),
    "jets": ("jet", 500.0, (70_000.0, 90_000.0)),
    "helicopters": ("helicopter", 700.0, (22_000.0, 30_000.0)),
    "ballistic": ("ballistic_missile", 540.0, (200_000.0, 260_000.0)),
    "rockets": ("rocket", 300.0, (20_000.0, 35_000.0)),
}


@dataclass(frozen=True)
class Night:
    """One raid as the unchanged engine saw it.

    moments   what each decision rested on
    levels    how every zone stood after it, int8 [tick, zone]
    floors    below which the guard would let no zone be lowered then, int8 [tick, zone]
    danger    to whom an all clear then would have been a false one, bool [tick, zone]
    """

    moments: Sequence[Moment]
    levels: Levels
    floors: Levels
    danger: NDArray[np.bool_]


class Guarded(Engine):
    """An engine beside which a guard hears the same events and is asked about every zone at every tick.

    moments, levels, floors   of each tick: what it rested on, how zones stood, and below what none may be lowered
    cost_s                    processor seconds of the guard, of each tick and of what it heard before it
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        super().__init__()
        self._zones, self._number = [zone.id for zone in zones], {zone.id: z for z, zone in enumerate(zones)}
        self._guard: Guard | None = None
        self.moments, self.levels, self.floors = list[Moment](), list[Levels](), list[Levels]()
        self.cost_s = [0.0]

    def step(self, event: Event) -> list[Effect]:
        """As an engine does."""
        effects = super().step(event)
        if self._guard is None:
            assert self.configuration is not None, "the first event of a night configures the engine"
            self._guard = Guard(self.configuration)
            return effects
        begun_s = time.process_time()
        self._guard.hear(event)
        self.cost_s[-1] += time.process_time() - begun_s
        if isinstance(event, Tick):
            assert self.moment is not None, "a tick without a decision"
            self.moments.append(self.moment)
            level = self.levels[-1].copy() if self.levels else np.zeros(len(self._zones), np.int8)
            for state in self.moment.decision.changed:
                level[self._number[state.zone]] = LEVEL[state.level]
            self.levels.append(level)
            self._ask(self._guard, seconds_of(event.time))
        return effects

    def _ask(self, guard: Guard, now_s: float) -> None:
        begun_s, floors = time.process_time(), np.zeros(len(self._zones), np.int8)
        for zone, doubt in guard.doubts(now_s, self._zones).items():
            floors[self._number[zone]] = LEVEL[doubt.level]
        self.floors.append(floors)
        self.cost_s[-1] += time.process_time() - begun_s
        self.cost_s.append(0.0)


def guarded(drawn: Simulation) -> Guarded:
    """A simulated night through an engine with a guard beside."""
    engine, begin = Guarded(drawn.zones), drawn.observations[0].received_at
    configuration = configuration_of(drawn.zones, drawn.sensors, read_policy("default"), drill=True, time=begin)
    for _ in Offline(configuration, engine=engine).run(drawn.observations):
        pass
    return engine


def scenario_of(family: str, seed: int) -> Scenario:
    """Two waves of one kind of attacker at forty towns; every third seed has microphones, too."""
    kind, seconds, from_m = RAIDS[family]
    waves = [
        Threats(kind=kind, count=3, from_m=from_m, first_s=first_s, spread_s=60, launch_report=0.5, shot_down=0.2)
        for first_s in (20.0, 0.4 * seconds)
    ]
    sensors = (RADARS, EARS) if seed % 3 == 0 else (RADARS,)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return Scenario(
        name=family, start=start, duration_s=seconds, place=Place(radius_m=30_000.0), threats=tuple(waves),
        sensors=sensors,
    )  # fmt: skip


@lru_cache(maxsize=8)
def night(family: str, seed: int) -> Night:
    """One raid of a family, played."""
    drawn = simulate(scenario_of(family, seed), ZONES, seed)
    engine = guarded(drawn)
    at_s = [moment.now_s for moment in engine.moments]
    return Night(engine.moments, np.array(engine.levels), np.array(engine.floors), danger(drawn, at_s))


def followed(decisions: Sequence[Decision]) -> Levels:
    """How zones stood after each decision, int8 [tick, zone]."""
    number = {zone.id: z for z, zone in enumerate(ZONES)}
    levels = np.zeros((len(decisions), len(ZONES)), np.int8)
    for row, decision in enumerate(decisions):
        levels[row] = levels[row - 1] if row else 0
        for state in decision.changed:
            levels[row, number[state.zone]] = LEVEL[state.level]
    return levels


def danger(drawn: Simulation, at_s: Sequence[float]) -> NDArray[np.bool_]:
    """Where an all clear would be a false one, bool [tick, zone]."""
    truth: Truth = truth_of((to_json(one) for one in drawn.truth), "the simulation")
    index, at = ZoneIndex(ZONES), np.array(at_s)
    found = np.zeros((len(at), len(ZONES)), bool)
    seen_s = _seen_s(drawn)
    for strike in truth.strikes:
        if strike.zone in index.number and strike.object in seen_s and strike.object is not None:
            fell_s = seconds_of(strike.time)
            found[(at >= max(seen_s[strike.object], fell_s - FALSE_S)) & (at < fell_s), index.number[strike.zone]] = (
                True
            )
    for path in truth.paths:
        if path.object in seen_s:
            lat, lon = path.at(at)
            there = ~np.isnan(lat)
            east, north = (
                np.where(there, part, np.nan) for part in index.frame.to_local(np.nan_to_num(lat), np.nan_to_num(lon))
            )
            near = np.hypot(east[:, None] - index.east_m, north[:, None] - index.north_m) - index.radius_m
            flies = there & (at >= seen_s[path.object])
            found |= flies[:, None] & (near <= NEAR_S * np.minimum(flown_mps(east, north, at), 1_000.0)[:, None])
    return found


def flown_mps(east_m: Floats, north_m: Floats, at_s: Floats) -> Floats:
    """How fast something flies at each moment, float64 [T]: the faster of the steps before and after. NaN where it is
    not there; where a path begins or ends only the step that it flew counts."""
    steps = np.hypot(np.diff(east_m), np.diff(north_m)) / np.diff(at_s)
    return np.asarray(np.fmax(np.append(steps, np.nan), np.append(np.nan, steps)))


def _seen_s(drawn: Simulation) -> Mapping[str, float]:
    """Object -> when it had been reported `SEEN` times."""
    counts, seen_s = Counter[str](), dict[str, float]()
    for one in drawn.observations:
        name = drawn.origin.get(one.id)
        if name is not None:
            counts[name] += 1
            if counts[name] == SEEN:
                seen_s[name] = seconds_of(one.received_at)
    return seen_s


def published(levels: Levels, floors: Levels) -> Levels:
    """What is published of zones that stand so, with a guard beside: nothing falls below what it holds."""
    shown = np.zeros_like(levels)
    for row in range(len(levels)):
        shown[row] = np.maximum(levels[row], np.minimum(shown[row - 1], floors[row])) if row else levels[row]
    return shown


def false_clears(levels: Levels, one: Night) -> int:
    """How many times a zone is let go while it should not be."""
    return int(((levels[1:] == 0) & (levels[:-1] > 0) & one.danger[1:]).sum())
