"""The scorecard on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from tocsin.report.tables import table_console

_ROWS = (
    ("strikes in a zone", "strikes", "{}"),
    ("warned in time to reach shelter", "warned", "{:.0%}"),
    ("… of those tracked that early", "warned_observable", "{:.0%}"),
    ("warned at all", "warned_any", "{:.0%}"),
    ("burden: seconds under cover per person struck at", "burden", "{:,.0f}"),
    ("zone-hours under cover where nothing fell", "false_zone_hours", "{:,.1f}"),
)


def print_scorecard(result: dict[str, Any], console: Console | None = None) -> None:
    """Print a score, next to its baselines, for a person to read."""
    console = console or table_console()
    table = Table(title="Scorecard", title_justify="left")
    table.add_column("")
    for name in ("Tocsin", "circle", "region"):
        table.add_column(name, justify="right")
    columns = (result, result["circle"], result["region"])
    for label, key, form in _ROWS:
        table.add_row(label, *(_shown(column.get(key), form) for column in columns))
    table.add_row(
        "minutes of lead, median", *(_shown(_minutes(column["lead_s"]["p50"]), "{:.1f}") for column in columns)
    )
    table.add_row("minutes of lead, worst tenth", *(_shown(_minutes(c["lead_s"]["p10"]), "{:.1f}") for c in columns))
    clear = _shown(_minutes(result["all_clear_s"]["p50"]), "{:.1f}")
    table.add_row("minutes from the last threat gone to all clear", clear, "–", "–")
    table.add_row("false all clears", str(result["false_all_clears"]), "–", "–")
    calibration = result.get("reliability", {})
    for label, key in (("calibration error of forecasts", "ece"), ("… of those of 5 % and more", "ece_serious")):
        if calibration.get(key) is not None:
            table.add_row(label, f"{calibration[key]:.3f}", "–", "–")
    console.print(table)
    by_threat = Table(title="By threat", title_justify="left")
    for name in ("threat", "strikes", "in time", "of those tracked", "median lead, min"):
        by_threat.add_column(name, justify="left" if name == "threat" else "right")
    for threat, row in result["by_threat"].items():
        by_threat.add_row(
            threat.replace("_", " "), str(row["strikes"]), _shown(row["warned"], "{:.0%}"),
            _shown(row["warned_observable"], "{:.0%}"), _shown(_minutes(row["lead_s"]["p50"]), "{:.1f}"),
        )  # fmt: skip
    if result["by_threat"]:
        console.print(by_threat)
    missed = Counter(row["outcome"] for row in result["each"] if row["outcome"] != "warned in time")
    if missed:
        console.print("Missed: " + ", ".join(f"{count} {outcome}" for outcome, count in missed.most_common()))


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60
