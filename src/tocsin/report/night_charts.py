"""Charts of real nights: how many were warned in time, and how long people sat in cover, night by night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tocsin.report.charts import CIRCLE, INK, OURS, SIZE, styled

# More nights than this are drawn as they are, and named by every so many.
NAMED_MAX = 8


@styled
def incidents_chart(nights: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Incidents of each night by what people there were told."""
    parts = (
        ("warned in time", CIRCLE, 1.0), ("warned too late", OURS, 0.55), ("not warned", OURS, 1.0),
        ("unverifiable", INK, 0.2),
    )  # fmt: skip
    return _stacked(nights, "incidents", parts, "incidents", 1.0)


@styled
def cover_chart(nights: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Person-hours under cover of each night by what came of it."""
    parts = (("hit", CIRCLE, 1.0), ("in vain", OURS, 1.0), ("unverifiable", INK, 0.2))
    return _stacked(nights, "person_minutes", parts, "person-hours under cover", 1 / 60)


def _stacked(
    nights: Mapping[str, Mapping[str, Any]], key: str, parts: tuple[tuple[str, str, float], ...], up: str, unit: float
) -> Figure:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    below = [0.0] * len(nights)
    for name, colour, alpha in parts:
        heights = [night[key][name] * unit for night in nights.values()]
        axes.bar(range(len(nights)), heights, bottom=below, color=colour, alpha=alpha, width=0.7, label=name)
        below = [base + height for base, height in zip(below, heights, strict=True)]
    step = -(-len(nights) // NAMED_MAX)
    shown = range(0, len(nights), max(step, 1))
    axes.set(ylabel=up, xlim=(-0.6, max(len(nights), 3) - 0.4), xticks=list(shown))
    axes.set_xticklabels([list(nights)[k][5:] for k in shown])
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y", alpha=0.2)
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9)
    return figure
