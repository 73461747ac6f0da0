"""More than one machine: what deaths cost, what sectors carry, how much goes through the agreed log."""

from __future__ import annotations

from tocsin.bench.parts import chosen, measure


def run(*, json: bool = False, part: str | None = None) -> None:
    """Measure and print; `part`: these parts only, by their names with commas between."""
    measure("cluster_", chosen("cluster_", part), json=json)
