"""The report of `tocsin compare`: each policy's curve of burden against share warned, over the simple rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.replay.raids import curve_of
from tocsin.report.charts import svg, tradeoff_chart
from tocsin.report.page import charts, heading, page, paragraph, table, write
from tocsin.report.run import minutes, number, share


def write_policies(
    folder: Path, means: Mapping[str, Mapping[str, Any]], raids: Sequence[Mapping[str, Any]], policies: Sequence[str]
) -> Path:
    """Write `report.html` of `tocsin compare`'s mean scores and its raids; returns its path."""
    rows = [
        (name, share(one["warned"]), share(one["warned_observable"]), minutes(one["lead_p50_s"]), number(one["burden"]),
         minutes(one["all_clear_p50_s"]), "–" if name in ("circle", "region") else number(one["false_all_clears"]))
        for name, one in means.items()
    ]  # fmt: skip
    head = ("", "in time", "of those tracked", "median lead", "burden", "all clear after", "false all clears")
    parts = [
        paragraph(f"Means over {len(raids)} raids. Burden: seconds under cover per person struck at."),
        table(head, rows),
        heading("Burden against share warned"),
        charts(
            (
                svg(tradeoff_chart(_curve(raids, name), "seconds per person struck at", name), f"Policy {name}"),
                f"{name}: a miss weighing 0.1, 0.3, 1, 3 and 10 times as much, over all raids together.",
            )
            for name in policies
        ),
    ]
    return write(folder, "report.html", page("Policies compared", parts))


def _curve(raids: Sequence[Mapping[str, Any]], policy: str) -> list[dict[str, Any]]:
    return curve_of([(raid["scores"][policy], raid["curves"][policy], raid["rules"]) for raid in raids])
