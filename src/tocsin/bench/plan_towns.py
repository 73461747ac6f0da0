"""Each town's median of minutes, promised against delivered: raids on few towns, so that every one is struck often.

Of the families of `tocsin bench skill`, as `--part minutes` plays them, with several times as many attackers, of whom
each strikes one of three towns: there alone anybody lives. Nothing of the plan was chosen on them. When people are told
of it hangs on where they live, and is not measured here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from tocsin.bench.plan_minutes import Struck, compared
from tocsin.bench.skill_families import scenario_of, zones_of
from tocsin.model.zone import Zone
from tocsin.replay.many import done_in_any_order
from tocsin.simulate.field import field_of
from tocsin.simulate.scenario import Scenario

FAMILIES = ("drones", "cruise", "jets", "rockets", "ballistic")
SEEDS = (1, 2)
# The largest so near to the middle.
TOWNS, NEAR_M = 3, 30_000.0
PEOPLE = 50_000.0
TIMES = 3
# A median of fewer is off by a fifth by chance alone.
STRUCK_LEAST = 8
WITHIN = 0.2
# Whose medians were off is drawn again so often: what chance alone would do.
DRAWN_ANEW = 2_000


def figures() -> dict[str, Any]:
    """For each class: towns that were struck often, how many had the promised median within WITHIN, and each one's."""
    begun_s = time.monotonic()
    jobs = [(family, seed) for seed in SEEDS for family in FAMILIES]
    strikes = [one for _, found in done_in_any_order(raid, jobs, "raids") for one in found]
    rows: dict[str, Any] = {"strikes": len(strikes)}
    within = 0
    towns = by_town(strikes)
    for (name, zone, threat), some in sorted(towns.items()):
        came, promised = (np.array([getattr(one, f"tracked{part}_s") for one in some]) for part in ("", "_median"))
        ratio = float(np.median(came) / max(float(np.median(promised)), 1.0))
        low, high = _chance(came) / max(float(np.median(promised)), 1.0)
        within += abs(ratio - 1.0) <= WITHIN
        rows[f"{threat} {name} {zone}"] = (
            f"{ratio:.2f} of {np.median(promised):.0f} s ({len(some)} strikes; by chance {low:.2f} to {high:.2f})"
        )
    return rows | {
        "towns": len(towns), "towns_within_20_percent": within, "took_s": round(time.monotonic() - begun_s, 1),
    }  # fmt: skip


def by_town(strikes: Sequence[Struck]) -> dict[tuple[str, str, str], list[Struck]]:
    """Strikes by raid, zone and class, where there were STRUCK_LEAST or more: one network, one town."""
    towns: dict[tuple[str, str, str], list[Struck]] = {}
    for one in strikes:
        towns.setdefault((one.raid, one.zone, one.threat), []).append(one)
    return {key: some for key, some in towns.items() if len(some) >= STRUCK_LEAST}


def _chance(came: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Between which two the median lies in 90 % of draws with replacement."""
    rng = np.random.default_rng(1)
    drawn = np.median(rng.choice(came, (DRAWN_ANEW, len(came))), axis=1)
    return np.asarray(np.quantile(drawn, (0.05, 0.95)))


def raid(family: str, seed: int) -> list[Struck]:
    """One raid on few towns, through the real chain."""
    scenario, zones = on_few(scenario_of(family, seed), zones_of(family), seed)
    return list(compared(f"{family}:{seed}", scenario, zones, seed))


def on_few(scenario: Scenario, zones: Sequence[Zone], seed: int) -> tuple[Scenario, list[Zone]]:
    """The same with more attackers, of whom each strikes one of few towns; and the zones, people in these alone."""
    field = field_of(scenario, zones, seed)
    index = field.index
    near = np.flatnonzero(np.hypot(index.east_m, index.north_m) <= NEAR_M)
    struck = set(near[np.argsort(-index.population[near], kind="stable")][:TOWNS].tolist())
    people = [
        msgspec.structs.replace(zone, population=PEOPLE if z in struck else 0.0) for z, zone in enumerate(index.zones)
    ]
    groups = tuple(
        msgspec.structs.replace(
            group, count=TIMES * group.count, spread_s=TIMES * group.spread_s, elsewhere=0.0, shot_down=0.0,
            turn_back=0.0,
        )
        for group in scenario.threats
    )  # fmt: skip
    place = msgspec.structs.replace(scenario.place, radius_m=NEAR_M, centre=(field.frame.lat, field.frame.lon))
    longer_s = (TIMES - 1) * max(group.spread_s for group in scenario.threats)
    made = msgspec.structs.replace(scenario, threats=groups, place=place, duration_s=scenario.duration_s + longer_s)
    return made, people
