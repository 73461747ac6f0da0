"""The planner: how far is seen, how many minutes that gives, and how good its choices of sites are."""

from __future__ import annotations

from tocsin.bench.parts import chosen, measure


def run(*, json: bool = False, part: str | None = None) -> None:
    """Measure and print; `part`: these parts only, by their names with commas between."""
    measure("plan_", chosen("plan_", part), json=json)
