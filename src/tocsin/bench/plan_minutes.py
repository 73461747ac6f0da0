"""Minutes promised against minutes delivered, on raids that nothing of the plan was chosen on; and after losses."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.skill_families import scenario_of, zones_of, zones_over
from tocsin.bench.skill_laws import law_scenario
from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.masking import Masking
from tocsin.model.sensor import Sensor, SensorKind
from tocsin.model.threat import ThreatClass
from tocsin.model.value import seconds_of
from tocsin.model.zone import Zone
from tocsin.plan.attacks import shared_out, usual
from tocsin.plan.masking import masking_of
from tocsin.plan.minutes import Minutes
from tocsin.plan.promise import GOLDEN, promise_of
from tocsin.plan.viewshed import viewshed_m
from tocsin.replay.configuration import read_policy
from tocsin.replay.many import done_in_any_order
from tocsin.replay.raids import play
from tocsin.score.cover import cover_of_warnings
from tocsin.score.score import end_s
from tocsin.score.strikes import struck_of
from tocsin.simulate.field import Field, field_of
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.siting import Station, stations_of
from tocsin.simulate.terrain import Ground
from tocsin.simulate.threats import Attacker, Threats
from tocsin.simulate.world import simulate
from tocsin.warn.policy import Policy, policy_from_table

Floats = NDArray[np.float64]

# Seeds from 1,001 on, and the laws that numbers may be chosen on, are what the plan's numbers were chosen on.
FAMILIES = ("drones", "cruise", "jets", "ballistic", "rockets", "mixed", "lost")
SEEDS = 4
LAWS = (
    ("spline", "drone", "whole"), ("spline", "cruise_missile", "whole"), ("spline", "jet", "whole"),
    ("swarm", "drone", "whole"), ("swarm", "cruise_missile", "whole"), ("spline", "drone", "ears"),
    ("spline", "cruise_missile", "ears"), ("ballistic", "ballistic_missile", "whole"),
)  # fmt: skip
# A country: so many zones, radars, posts, and microphones for the rest.
ZONES, SENSORS, RADARS, POSTS = 1_449, 500, 20, 80
REACH_M = {"radar": 150_000.0}
REACH = {"country_loss_s": 1.0}
POLICY = "default"
WAYS = 96
# A town is judged by itself where it was struck this often.
STRUCK_LEAST = 5
# Land of the simulator, sampled for the plan.
GROUND_STEP_M, GROUND_REACH_M = 500.0, 170_000.0


@dataclass(frozen=True)
class Struck:
    """One strike: what was promised (deciles' least, median) and what came, seconds before it."""

    raid: str
    zone: str
    threat: ThreatClass
    after_loss: bool
    tracked_s: float
    tracked_least_s: float
    tracked_median_s: float
    covered_s: float
    covered_least_s: float
    covered_median_s: float


def figures() -> dict[str, Any]:
    """Shares of strikes that had what nine ways of ten were promised, and how far towns' medians were off."""
    jobs: list[tuple[Any, ...]] = [(family, seed) for seed in range(1, SEEDS + 1) for family in FAMILIES]
    jobs += [(*law, 1) for law in LAWS]
    found = [one for _, strikes in done_in_any_order(raid, jobs, "raids") for one in strikes]
    return summary(found) | country(invented_zones(ZONES, radius_m=150_000.0))


def country(zones: Sequence[Zone]) -> dict[str, Any]:
    """Seconds until a country's minutes of all classes are there, and after the loss of each of some sensors."""
    index = ZoneIndex(zones)
    rng = np.random.default_rng(1)
    east, north = (
        rng.uniform(index.east_m.min(), index.east_m.max(), SENSORS),
        rng.uniform(index.north_m.min(), index.north_m.max(), SENSORS),
    )
    lat, lon = index.frame.to_geodetic(east, north)
    counts: dict[SensorKind, int] = {"radar": RADARS, "spotter": POSTS, "presence": SENSORS - RADARS - POSTS}
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    sensors = [
        Sensor(id=f"s{k}", kind=kind, lat=float(lat[k]), lon=float(lon[k]), altitude_m=40.0, range_m=REACH_M.get(kind))
        for k, kind in enumerate(kinds)
    ]
    groups = [usual(kind) for kind in get_args(Attacker)]
    # Kernels are compiled once, at the first plan ever made.
    Minutes(ZoneIndex(zones[:3]), sensors[:1], groups, draws=2).promises(Policy())
    begun = time.perf_counter()
    plan = Minutes(index, sensors, groups)
    plan.promises(Policy())
    first_s = time.perf_counter() - begun
    took, cpu = [], []
    for sensor in (sensors[0], sensors[1], sensors[RADARS], sensors[-1]):
        begun, spent = time.perf_counter(), time.process_time()
        plan.lose([sensor.id])
        plan.promises(Policy())
        took.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - spent)
        plan.restore([sensor.id])
    return {
        "country_zones": len(index),
        "country_sensors": SENSORS,
        "country_first_s": round(first_s, 2),
        "country_loss_s": round(max(took), 3),
        "country_loss_processor_s": round(max(cpu), 3),
    }


def summary(strikes: Sequence[Struck]) -> dict[str, Any]:
    """Figures of some strikes: all, by class, and those after sensors were lost."""
    rows: dict[str, Any] = {"strikes": len(strikes)}
    sets = {"": strikes, "after_loss": [one for one in strikes if one.after_loss]}
    sets |= {threat: [one for one in strikes if one.threat == threat] for threat in sorted({s.threat for s in strikes})}
    for name, some in sets.items():
        before = f"{name}_" if name else ""
        if some and name:
            rows[f"{before}strikes"] = len(some)
        for what in ("tracked", "covered") if some else ():
            came, least, median = (
                np.array([getattr(one, f"{what}{part}_s") for one in some]) for part in ("", "_least", "_median")
            )
            rows[f"{before}{what}_least_held"] = round(float((came >= least - 1.0).mean()), 3)
            rows[f"{before}{what}_median_ratio"] = round(float(np.median(came / np.maximum(median, 1.0))), 3)
    rows |= towns(strikes)
    return rows


def towns(strikes: Sequence[Struck]) -> dict[str, Any]:
    """Of towns struck often by one class: how many there are, and how many had their promised median within 20 %."""
    ratios: dict[tuple[str, str], list[float]] = {}
    for one in strikes:
        ratios.setdefault((one.zone, one.threat), []).append(one.tracked_s / max(one.tracked_median_s, 1.0))
    medians = [float(np.median(some)) for some in ratios.values() if len(some) >= STRUCK_LEAST]
    within = sum(abs(one - 1.0) <= 0.2 for one in medians)
    return {"towns": len(medians), "towns_within_20_percent": within}


def raid(*which: Any) -> list[Struck]:
    """One raid through the real chain: (family, seed), or (law, class, kit, seed)."""
    seed = int(which[-1])
    if len(which) == 2:
        scenario, zones = scenario_of(which[0], seed), zones_of(which[0])
    else:
        scenario = law_scenario(*which[:3])
        zones = zones_over(scenario.place.country)
    return list(compared(":".join(map(str, which)), scenario, zones, seed))


def compared(name: str, scenario: Scenario, zones: Sequence[Zone], seed: int) -> Iterator[Struck]:
    """Every strike of a raid beside what the plan of its network promised, without sensors lost before."""
    table = read_policy(POLICY)
    policy = policy_from_table(table)
    field = field_of(scenario, zones, seed)
    stations = stations_of(scenario, field, seed)
    elevation = elevation_of(field.ground, field.frame) if scenario.terrain.relief_m else None
    # The tracker is told of the land that the plan is made over, as a service is by the same files.
    masking = {} if elevation is None else maskings_of(elevation, [one.sensor for one in stations])
    run = play(simulate(scenario, zones, seed), table, masking=masking).run
    struck = struck_of(run.truth, run.sightings, run.index)
    leads = struck.leads_s(
        cover_of_warnings(run.warnings, run.index.number, end_s(run.warnings, run.sightings, run.truth))
    )
    begins = {path.object: float(path.time_s[0]) for path in run.truth.paths}
    start_s = seconds_of(scenario.start)
    hit = sorted(set(struck.zone.tolist()))
    promised = _Promised(scenario, [run.index.zones[z] for z in hit], field, stations, elevation)
    for k, strike in enumerate(struck.strikes):
        zone = run.index.zones[int(struck.zone[k])]
        lost = promised.lost_at(float(struck.time_s[k]) - start_s)
        # Flying already when a sensor was lost, it belongs to neither network.
        if lost != promised.lost_at(begins.get(strike.object or "", float(struck.time_s[k])) - start_s):
            continue
        firm = promised.firm_s(zone.id, strike.threat, lost)
        made = promise_of(strike.threat, firm[None], np.array([zone.shelter_s]), policy)
        yield Struck(
            raid=name, zone=zone.id, threat=strike.threat, after_loss=bool(lost),
            tracked_s=float(np.nan_to_num(struck.seen_s[k])), covered_s=float(leads[k]),
            tracked_least_s=float(made.tracked.least_s[0]), tracked_median_s=float(made.tracked.median_s[0]),
            covered_least_s=float(made.covered.least_s[0]), covered_median_s=float(made.covered.median_s[0]),
        )  # fmt: skip


class _Promised:
    """Plans of one raid's network for the zones that were struck, made as they are asked for."""

    def __init__(
        self,
        scenario: Scenario,
        zones: Sequence[Zone],
        field: Field,
        stations: Sequence[Station],
        elevation: Elevation | None,
    ) -> None:
        self._scenario, self._stations = scenario, stations
        self._index = ZoneIndex(zones, field.frame)
        self._elevation = elevation
        self._made: dict[tuple[str, frozenset[str]], NDArray[np.float32]] = {}

    def lost_at(self, moment_s: float) -> frozenset[str]:
        """Sensors that are out of service at a moment of the raid."""
        at = np.array([moment_s])
        faulty = [one for one in self._stations if any(fault.kind in ("lost", "silent") for fault in one.faults)]
        return frozenset(one.sensor.id for one in faulty if not one.working(at)[0])

    def firm_s(self, zone: str, threat: ThreatClass, lost: frozenset[str]) -> NDArray[np.float32]:
        """float32 [N]: what the plan expects of ways to a zone, without some sensors."""
        key = (threat, lost)
        if key not in self._made:
            sensors: list[Sensor] = [one.sensor for one in self._stations if one.sensor.id not in lost]
            groups = [group for group in self._scenario.threats if group.kind == threat]
            plan = Minutes(
                self._index, sensors, groups,
                elevation=self._elevation, about_zone=False, draws=WAYS,
            )  # fmt: skip
            firm_s, begins_s = plan.firm_s()[threat], plan.begins_s()[threat]
            # What has not arrived when a raid ends is no strike: the longest ways are left out as often as there.
            left_s = self._scenario.duration_s - np.concatenate([_appear_s(group, WAYS, groups) for group in groups])
            self._made[key] = np.where(begins_s <= left_s, firm_s, np.float32(np.nan))
        ways: NDArray[np.float32] = self._made[key][self._index.number[zone]]
        return ways


def _appear_s(group: Threats, ways: int, groups: Sequence[Threats]) -> Floats:
    """When attackers of a group appear, one for each of the ways that a plan draws for it."""
    count = shared_out(groups, ways)[list(groups).index(group)]
    return np.asarray(group.first_s + group.spread_s * ((0.5 + np.arange(count) * GOLDEN) % 1.0), np.float64)


def maskings_of(ground: Elevation, sensors: Sequence[Sensor]) -> dict[str, Masking]:
    """What the land hides from each radar."""
    found = {}
    for radar in (one for one in sensors if one.kind == "radar"):
        reach_m = radar.range_m or 0.0
        lowest_m = viewshed_m(ground, (radar.lat, radar.lon, radar.altitude_m), reach_m)
        found[radar.id] = masking_of(ground, lowest_m, radar, reach_m)
    return found


def elevation_of(ground: Ground, frame: LocalFrame) -> Elevation:
    """The simulator's land about its centre as heights on a grid of degrees."""
    south, west = (float(part) for part in frame.to_geodetic(-GROUND_REACH_M, -GROUND_REACH_M))
    rows = int(2 * GROUND_REACH_M / GROUND_STEP_M)
    step_lat = 2 * (frame.lat - south) / rows
    step_lon = 2 * (frame.lon - west) / rows
    north = south + rows * step_lat
    lat, lon = np.meshgrid(north - np.arange(rows + 1) * step_lat, west + np.arange(rows + 1) * step_lon, indexing="ij")
    heights = ground.height_m(*frame.to_local(lat, lon))
    return Elevation(heights.astype(np.float32), north, west, step_lat, step_lon)
