"""Raids by other laws of motion: `tocsin bench skill --laws`, and the split into laws chosen on and laws left out."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from tocsin.bench.skill_families import FAMILIES, measure, zones_over
from tocsin.model.errors import BadSettings
from tocsin.simulate.motion.recordings import recordings
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.threats import SUITS, Attacker, Law

# In the order of the table.
LAWS: tuple[Law, ...] = (
    "waypoints", "terrain", "feint", "spline", "swarm", "stand_off", "ballistic", "recorded",
)  # fmt: skip
# Rows of the table: a law that shares its name with a family of raids is told from it.
ROWS_OF_LAWS = {law: f"{law} law" if law in FAMILIES else law for law in LAWS}
KITS = ("whole", "flat", "ears")
Job = tuple[Law, Attacker, str, int, str]


def laws_named(text: str) -> tuple[Law, ...]:
    """`all`, or names with commas between. Raises BadSettings for others, Missing without recordings."""
    names = LAWS if text == "all" else tuple(text.split(","))
    for name in names:
        if name not in LAWS:
            raise BadSettings(f"there is no law {name!r}; take all, or some of {', '.join(LAWS)}")
    chosen = tuple(law for law in LAWS if law in names)
    if "recorded" in chosen:
        recordings()
    return chosen


def law_jobs(laws: Sequence[Law], raids: int, policy: str) -> list[Job]:
    """As many raids: every law, class and kit in turn, then the next seed."""
    each = [(law, kind, kit) for law in laws for kind in SUITS[law] for kit in KITS]
    return [(*one, seed, policy) for seed in range(1, raids // len(each) + 2) for one in each][:raids]


def law_raid(law: Law, kind: Attacker, kit: str, seed: int, policy: str) -> dict[str, Any]:
    """One raid of a law, a class and a kit of sensors: simulated, replayed, scored. Its family is the law's row."""
    scenario = law_scenario(law, kind, kit)
    row = measure(scenario, zones_over(scenario.place.country), seed, policy)
    return {"family": ROWS_OF_LAWS[law], "class": kind, "kit": kit} | row


def law_scenario(law: Law, kind: Attacker, kit: str) -> Scenario:
    """The scenario of a law, a class and a kit."""
    tables = _tables()
    threats = {"kind": kind, "law": law} | tables["classes"][kind] | tables["laws"].get(law, {})
    name = f"{law}-{kind}-{kit}".replace("_", "-")
    return msgspec.convert({"name": name, "threats": [threats]} | tables["world"] | tables["kits"][kit], Scenario)


def chosen_on(family: str) -> bool:
    """Whether parameters may be chosen on a family or law; Tocsin's own families always were chosen on."""
    return family in FAMILIES or bool(_tables()["chosen_on"][family.removesuffix(" law")])


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((resources.files("tocsin.bench") / "laws.toml").read_text(encoding="utf-8"))
