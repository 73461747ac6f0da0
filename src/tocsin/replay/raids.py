"""One simulated raid in memory: through the engine under a policy, with other policies beside it, and scored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.engine.engine import Engine
from tocsin.model.access import Authority
from tocsin.model.effect import Effect, Picture
from tocsin.model.masking import Masking
from tocsin.model.observation import Alert, Impact
from tocsin.model.threat import Expected, Floor
from tocsin.model.value import seconds_of, time_of
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.replay.configuration import configuration_of
from tocsin.replay.offline import Offline
from tocsin.replay.run_files import FORECAST_EVERY_S, FORECAST_LEAST
from tocsin.replay.scoring import Run, score_of
from tocsin.replay.windows import windows_of
from tocsin.score.clears import waits_s
from tocsin.score.cover import cover_of_warnings
from tocsin.score.noticed import arrivals_of
from tocsin.score.reliability import forecasts_of
from tocsin.score.score import end_s, score_cover, score_family
from tocsin.score.sightings import CIVIL, sightings_of
from tocsin.score.strikes import struck_of
from tocsin.score.truth import truth_of
from tocsin.score.windows import Windows, joined
from tocsin.simulate.world import Simulation
from tocsin.warn.policy import Policy, policy_from_table
from tocsin.warn.warner import Warner

Floats = NDArray[np.float64]

# Policies beside the one replayed look this rarely, as the simple rules do: a curve of five costs a third more.
BESIDE_EVERY_S = 10.0
# What a policy is varied by to draw its curve of burden against warned.
MISS_FACTORS = (0.1, 0.3, 3.0, 10.0)


@dataclass(frozen=True)
class Played:
    """What came of a raid.

    run        of the policy replayed
    beside     name -> warnings of each policy that decided beside it
    reported   object -> when reports that stem from it arrived, POSIX seconds, sorted
    expected   what was expected of every zone, now and then
    windows    when each track was expected in every zone, now and then
    """

    run: Run
    beside: dict[str, list[Warning]]
    reported: dict[str, Floats]
    expected: list[Expected]
    windows: Windows


def play(
    night: Simulation,
    policy: Mapping[str, Any],
    beside: Mapping[str, Policy] | None = None,
    *,
    sources: tuple[Authority, ...] | None = None,
    masking: dict[str, Masking] | None = None,
    engine: Engine | None = None,
) -> Played:
    """A night through the engine under a policy's table, and on the same outlooks through the policies beside it.

    sources   who may say what; None: everybody everything
    masking   what the tracker is told of the land; None: nothing
    engine    the one to take, new; by default a plain one
    """
    # Of a night in which nothing is reported there is nothing to play, and everything to score.
    begin = night.observations[0].received_at if night.observations else time_of(0.0)
    configuration = configuration_of(
        night.zones, night.sensors, dict(policy), drill=True, time=begin, sources=sources, masking=masking
    )
    offline = Offline(configuration, engine=engine)
    index = ZoneIndex(night.zones)
    others = {name: _Beside(index, one) for name, one in (beside or {}).items()}
    kept = _Kept()
    offline.watchers += [kept.forecast, *(other.watch for other in others.values())]
    for effect in offline.run(night.observations):
        kept.take(effect)
    run = Run(
        index=index,
        truth=truth_of((to_json(one) for one in night.truth), "the simulation"),
        sightings=sightings_of(np.array(kept.rows, float).reshape(-1, 7), index),
        forecasts=forecasts_of(kept.expected, index),
        warnings=kept.warnings,
    )
    origin = ((night.origin[one.id], one.received_at) for one in night.observations if one.id in night.origin)
    return Played(
        run=run,
        beside={name: other.warnings for name, other in others.items()},
        reported=arrivals_of(origin),
        expected=kept.expected,
        windows=joined(kept.windows),
    )


def varied(policy: Policy) -> dict[str, Policy]:
    """The policies of its curve: a miss weighing less and more; by factor, as text."""
    table = {name: getattr(policy, name) for name in Policy.__struct_fields__}
    return {
        f"{factor:g}": policy_from_table(table | {"miss_minutes": policy.miss_minutes * factor})
        for factor in MISS_FACTORS
    }


def scored(played: Played, *, family: bool = True) -> dict[str, Any]:
    """The score of a raid, with what a report and a mean over many raids need.

    score         as `tocsin score --json`
    all_clears_s  each wait from the last threat gone to the all clear
    bins          of the reliability of what was forecast
    rules         the whole family of simple rules on the same tracks; empty unless `family`
    curve         the policies beside: by what a miss was multiplied, share warned and burden
    """
    run = played.run
    struck = struck_of(run.truth, run.sightings, run.index)
    ends_s = end_s(run.warnings, run.sightings, run.truth)
    result = score_of(run)
    curve = []
    for name, warnings in played.beside.items():
        one = score_cover(cover_of_warnings(warnings, run.index.number, ends_s), struck, run.index)
        kept = ("warned", "warned_observable", "person_hours")
        curve.append({"factor": float(name)} | {key: one[key] for key in kept})
    return {
        "bins": result.pop("reliability")["bins"],
        "score": result,
        "all_clears_s": [round(wait, 1) for wait in waits_s(run.warnings, run.truth, run.index).tolist()],
        "rules": score_family(run.sightings, struck, run.index) if family else [],
        "curve": curve,
    }


def curve_of(raids: Sequence[tuple[Mapping[str, Any], Sequence[Any], Sequence[Any]]]) -> list[dict[str, Any]]:
    """Points of a policy's variants and of the simple rules over raids, every strike and every person counted alike.

    raids   (score, curve, rules) of each, as `scored` gives them

    Returns kind (`policy`, `circle`, `cone`), size (factor on a miss, or seconds of flight), warned, burden; by kind
    and size.
    """
    found: dict[tuple[str, float], list[Mapping[str, Any]]] = {}
    for figures, curve, rules in raids:
        points = [("policy", 1.0, figures)] + [("policy", one["factor"], one) for one in curve]
        for kind, size, one in points + [(one["rule"], one["flight_s"], one) for one in rules]:
            found.setdefault((kind, size), []).append(one)
    strikes = [figures["strikes"] for figures, _, _ in raids]
    people = sum(figures["people_struck"] for figures, _, _ in raids)
    return [
        {
            "kind": kind,
            "size": size,
            "warned": _ratio(
                sum(n * (one["warned"] or 0.0) for n, one in zip(strikes, ones, strict=True)), sum(strikes)
            ),
            "burden": _ratio(3600 * sum(one["person_hours"] for one in ones), people),
        }
        for (kind, size), ones in sorted(found.items())
    ]


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


class _Kept:
    """What a score needs of the effects of a run.

    rows   of tracks that rules act on: (track, time_s, lat, lon, speed_mps, heading_deg, sigma_m)
    """

    def __init__(self) -> None:
        self.warnings: list[Warning] = []
        self.expected: list[Expected] = []
        self.windows: list[Windows] = []
        self.rows: list[tuple[float, ...]] = []
        self._numbers: dict[str, int] = {}
        self._forecast_at_s = -math.inf

    def take(self, effect: Effect) -> None:
        if isinstance(effect, Warning):
            self.warnings.append(effect)
        elif isinstance(effect, Picture):
            for track in effect.tracks:
                if track.threat != CIVIL and track.status != "tentative":
                    number = self._numbers.setdefault(track.id, len(self._numbers))
                    place = (track.lat, track.lon, track.speed_mps, track.heading_deg, track.sigma_m)
                    self.rows.append((number, seconds_of(track.time), *place))

    def forecast(self, moment: Moment) -> None:
        if moment.now_s >= self._forecast_at_s + FORECAST_EVERY_S:
            self._forecast_at_s = moment.now_s
            self.expected.append(moment.expected(FORECAST_LEAST))
            self.windows.append(windows_of(moment))


class _Beside:
    """Another policy on the same outlooks, every `BESIDE_EVERY_S`."""

    def __init__(self, index: ZoneIndex, policy: Policy) -> None:
        self.warnings: list[Warning] = []
        self._warner = Warner(index, policy, drill=True)
        self._impacts: list[Impact] = []
        self._alerts: list[Alert] = []
        self._floors: list[Floor] = []
        self._decided_s = -math.inf

    def watch(self, moment: Moment) -> None:
        self._impacts += moment.impacts
        self._alerts += moment.alerts
        self._floors += moment.floors
        if moment.now_s < self._decided_s + BESIDE_EVERY_S:
            return
        self._decided_s = moment.now_s
        decision = self._warner.decide(
            moment.now_s, moment.outlook, moment.tracks,
            impacts=self._impacts, alerts=self._alerts, acts=(), blind=moment.blind,
            floors=self._floors, unseen=moment.unseen,
        )  # fmt: skip
        self._impacts, self._alerts, self._floors = [], [], []
        self.warnings += decision.warnings
