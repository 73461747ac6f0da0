"""One raid with and without a liar: who stood lower, who stood higher than may be, what it cost a tick."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.bench.liar_attacks import LIARS, NET, lies
from tocsin.bench.skill_families import scenario_of, zones_of
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.access import Authority
from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Observation
from tocsin.model.value import seconds_of
from tocsin.replay.configuration import read_policy
from tocsin.replay.raids import Played, play
from tocsin.score.clears import false_all_clears
from tocsin.score.cover import cover_of_warnings
from tocsin.score.score import end_s
from tocsin.score.strikes import Struck, struck_of
from tocsin.simulate.world import Simulation, simulate
from tocsin.twins.guarded import Guarded

POLICY = "default"
PREPARE, COVER = 1, 2
LEVELS = {"none": 0, "all_clear": 0, "prepare": PREPARE, "take_cover": COVER}


def _clock_s() -> float:
    """What reading the processor's clock costs: as much as taking in one observation, on some machines."""
    begun_s, times = time.process_time(), 10_000
    for _ in range(times):
        time.process_time()
    return (time.process_time() - begun_s) / times


CLOCK_S = _clock_s()


class TimedEngine(Guarded):
    """An engine that writes down what each tick cost, observations taken in before it included, and what it changed.

    ticks   time_s, processor seconds, {zone: level} that changed
    """

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[tuple[float, float, dict[str, int]]] = []
        self._spent_s = 0.0

    def step(self, event: Event) -> list[Effect]:
        """As an engine does."""
        begun_s = time.process_time()
        effects = super().step(event)
        self._spent_s += max(0.0, time.process_time() - begun_s - CLOCK_S)
        if isinstance(event, Tick):
            changed = {
                state.zone: LEVELS[state.level]
                for effect in effects
                if isinstance(effect, Picture)
                for state in effect.zones
            }
            self.ticks.append((seconds_of(event.time), self._spent_s, changed))
            self._spent_s = 0.0
        return effects


@dataclass(frozen=True)
class Stood:
    """How every zone stood at every tick, and what came of the strikes.

    at_s, cost_s   of each tick
    levels         int8 [tick, zone]: 0 none, 1 prepare, 2 cover
    """

    played: Played
    at_s: NDArray[np.float64]
    cost_s: NDArray[np.float64]
    levels: NDArray[np.int8] = field(repr=False)


def raid(family: str, seed: int, attack: str) -> dict[str, Any]:
    """One family's raid of one seed, with one liar in it, beside the same without."""
    night, without, struck = honest(family, seed)
    told = lies(attack, night, seed)
    with_liar = stood(night, merged(night.observations, told))
    spoken = (seconds_of(told[0].received_at), seconds_of(told[-1].received_at)) if told else (0.0, 0.0)
    return {
        "family": family, "seed": seed, "attack": attack, "lies": len(told),
        **compared(without, with_liar), **costs(without, with_liar, spoken),
        "strikes": len(struck.strikes),
        **{f"{key}_without": value for key, value in outcome(without, struck).items()}, **outcome(with_liar, struck),
    }  # fmt: skip


@lru_cache(maxsize=1)
def honest(family: str, seed: int) -> tuple[Simulation, Stood, Struck]:
    """A night as the honest network reports it, how every zone stood, and what was struck."""
    drawn = simulate(scenario_of(family, seed), zones_of(family), seed)
    observations = tuple(msgspec.structs.replace(one, via=NET.id) for one in drawn.observations)
    night = replace(drawn, observations=observations)
    without = stood(night, observations)
    run = without.played.run
    return night, without, struck_of(run.truth, run.sightings, run.index)


def merged(honest_ones: Iterable[Observation], told: Iterable[Observation]) -> list[Observation]:
    """Both in order of arrival; of the same moment the liar is first."""
    return list(heapq.merge(told, honest_ones, key=lambda one: one.received_at))


def stood(night: Simulation, observations: Sequence[Observation], more: Sequence[Authority] = ()) -> Stood:
    """A night with these observations in it, through the engine as a replay would take it."""
    engine = TimedEngine()
    shown = replace(night, observations=tuple(observations))
    played = play(shown, read_policy(POLICY), sources=(*more, NET, *LIARS), engine=engine)
    number = ZoneIndex(night.zones).number
    levels = np.zeros((len(engine.ticks), len(number)), np.int8)
    for row, (_, _, changed) in enumerate(engine.ticks):
        levels[row] = levels[row - 1] if row else 0
        for zone, level in changed.items():
            levels[row, number[zone]] = level
    at_s, cost_s = (np.array([tick[k] for tick in engine.ticks], float) for k in (0, 1))
    return Stood(played, at_s, cost_s, levels)


def together(one: Stood, other: Stood) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int8]]:
    """Times at which either was decided while both were, and the levels of both then."""
    at_s = np.union1d(one.at_s, other.at_s)
    at_s = at_s[(at_s >= max(one.at_s[0], other.at_s[0])) & (at_s <= min(one.at_s[-1], other.at_s[-1]))]
    rows = [np.searchsorted(each.at_s, at_s, side="right") - 1 for each in (one, other)]
    return at_s, one.levels[rows[0]], other.levels[rows[1]]


def compared(without: Stood, with_liar: Stood) -> dict[str, Any]:
    """Zone-ticks lowered (a tick's grace: one may follow a tick later) and raised into cover, and where first.

    lowered_at_once   without that grace
    """
    at_s, before, after = together(without, with_liar)
    lowered = after[1:] < np.minimum(before[1:], before[:-1])
    raised = (after[1:] == COVER) & (np.maximum(before[1:], before[:-1]) < COVER)
    first = np.flatnonzero(lowered.any(axis=1))
    return {
        "zone_ticks": int(before.size),
        "lowered": int(lowered.sum()),
        "lowered_at_once": int((after < before).sum()),
        "lowered_zones": int(lowered.any(axis=0).sum()),
        "lowered_first_s": round(float(at_s[first[0] + 1] - at_s[0]), 1) if len(first) else None,
        "raised": int(raised.sum()),
        "raised_zones": int(raised.any(axis=0).sum()),
    }


def costs(without: Stood, with_liar: Stood, spoken: tuple[float, float]) -> dict[str, Any]:
    """What a tick cost while the liar spoke, of the ticks that both nights had."""
    at_s, mine, other = np.intersect1d(without.at_s, with_liar.at_s, return_indices=True)
    while_it_spoke = (at_s >= spoken[0]) & (at_s <= spoken[1] + 1.0)
    if not while_it_spoke.any():
        return {"cost": None, "cost_p99": None, "tick_ms": None}
    before, after = without.cost_s[mine[while_it_spoke]], with_liar.cost_s[other[while_it_spoke]]
    return {
        "cost": round(float(np.median(after) / np.median(before)), 2),
        "cost_p99": round(float(np.percentile(after, 99) / np.percentile(before, 99)), 2),
        "tick_ms": round(1e3 * float(np.median(after)), 1),
    }


def outcome(night: Stood, struck: Struck) -> dict[str, int]:
    """Strikes warned of in time, of those tracked early enough without a liar; and false all clears."""
    run = night.played.run
    cover = cover_of_warnings(run.warnings, run.index.number, end_s(run.warnings, run.sightings, run.truth))
    timely = struck.leads_s(cover) >= struck.shelter_s
    return {
        "in_time": int((timely & struck.early).sum()),
        "early": int(struck.early.sum()),
        "false_all_clears": len(false_all_clears(run.warnings, struck, run.index)),
    }
