"""The second opinion: false all clears of mutants that it lets out, and right ones of a sound engine that it holds."""

from __future__ import annotations

import json as to_json
from typing import Any

import numpy as np
import typer

from tocsin.bench.guard_mutants import MUTANTS
from tocsin.bench.guard_nights import RAIDS, false_clears, guarded, night, published
from tocsin.bench.skill_families import FAMILIES, scenario_of, zones_of
from tocsin.replay.many import done_in_any_order
from tocsin.simulate.world import simulate

# What numbers were chosen on, small nights of seed 1 and raids of seed 101, is not reported on.
SMALL_SEED, RAID_SEED = 10, 202
SEEDS = 5
# The most that it may let out, and the share of people's warned time that it may add.
REACH = {"let_out": 0, "added_share": 0.01}


def run(*, json: bool = False, seeds: int = SEEDS, workers: int = 0, part: str = "mutants,sound") -> None:
    """Measure and print: every mutant on nights of each kind of so many seeds; raids of `bench skill` of so many."""
    result: dict[str, Any] = {}
    wanted = part.split(",")
    if "mutants" in wanted:
        jobs = [(family, SMALL_SEED + seed) for seed in range(seeds) for family in RAIDS]
        result["mutants"] = of_mutants([row for _, row in done_in_any_order(mutated, jobs, "nights", workers=workers)])
    if "sound" in wanted:
        raids = [(family, RAID_SEED + seed) for seed in range(seeds) for family in FAMILIES]
        rows = [row for _, row in sorted(done_in_any_order(sound, raids, "raids", workers=workers))]
        result["sound"] = of_sound(rows)
    typer.echo(to_json.dumps(result) if json else shown(result))


def mutated(family: str, seed: int) -> dict[str, Any]:
    """One small night under every mutant: by name, how many false all clears it gives, and how many get out."""
    one, found = night(family, seed), {}
    for mutant in MUTANTS:
        levels = mutant.levels(one)
        gives = false_clears(levels, one)
        if gives:
            found[mutant.name] = [gives, false_clears(published(levels, one.floors), one)]
    return {"night": f"{family}/{seed}", "sound": false_clears(one.levels, one), "found": found}


def sound(family: str, seed: int) -> dict[str, Any]:
    """One raid under the engine as it is: what the guard holds of its all clears, in people's time."""
    drawn = simulate(scenario_of(family, seed), zones_of(family), seed)
    engine = guarded(drawn)
    levels, floors = np.array(engine.levels), np.array(engine.floors)
    people = np.array([max(zone.population, 1.0) for zone in drawn.zones])
    lasts_s = np.append(np.diff([moment.now_s for moment in engine.moments]), 0.0)[:, None]
    held = published(levels, floors) > levels
    begins = held & ~np.vstack([np.zeros_like(held[:1]), held[:-1]])
    return {
        "raid": f"{family}/{seed}",
        "warned": float((lasts_s * people * (levels > 0)).sum()),
        "added": float((lasts_s * people * held).sum()),
        "lowered": int((levels[1:] < levels[:-1]).sum()),
        "held": int(begins.sum()),
        "held_s": round(float((lasts_s * held).sum()) / max(int(begins.sum()), 1), 1),
        "tick_ms": round(1e3 * float(np.mean(engine.cost_s)), 2),
    }


def of_mutants(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All nights together."""
    names = {name for row in rows for name in row["found"]}
    out = {f"{name} ({row['night']})": o for row in rows for name, (_, o) in row["found"].items() if o}
    return {
        "nights": len(rows),
        "mutants": len(MUTANTS),
        "wrong": len(names),
        "false_all_clears": sum(gives for row in rows for gives, _ in row["found"].values()),
        "let_out": sum(out.values()),
        "let_out_of": dict(sorted(out.items())),
        "false_of_the_sound_engine": sum(row["sound"] for row in rows),
    }


def of_sound(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All raids together."""
    return {
        "raids": rows,
        "added_share": round(sum(row["added"] for row in rows) / max(sum(row["warned"] for row in rows), 1.0), 5),
        "lowered": sum(row["lowered"] for row in rows),
        "held": sum(row["held"] for row in rows),
    }


def shown(result: dict[str, Any]) -> str:
    """A few lines."""
    lines = []
    for name, figures in result.items():
        lines.append(f"{name}:")
        for key, value in figures.items():
            if isinstance(value, list):
                lines += [f"  {row['raid']:16} added {100 * row['added'] / max(row['warned'], 1.0):.2f} % of warned "
                          f"time, {row['held']} of {row['lowered']} lowerings held, {row['held_s']} s each, "
                          f"{row['tick_ms']} ms a tick" for row in value]  # fmt: skip
            else:
                kept = "" if key not in REACH else ": kept" if value <= REACH[key] else ": MISSED"
                lines.append(f"  {key:28} {value}{kept}")
    return "\n".join(lines)
