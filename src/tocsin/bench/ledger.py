"""The ledger: how fast it takes in and shows what happened, and whether what somebody changed in it is found."""

from __future__ import annotations

from tocsin.bench.parts import chosen, measure


def run(*, json: bool = False, part: str | None = None) -> None:
    """Measure and print; `part`: these parts only, by their names with commas between."""
    measure("ledger_", chosen("ledger_", part), json=json)
