"""Charts of what archives tell: ranges of the share of alert-hours that met an attack, beside chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tocsin.report.charts import CIRCLE, INK, OURS, styled

# As high as a row of letters needs, in inches.
_ROW = 0.24
_WIDTH = 5.0


@styled
def ranges_chart(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Figure:
    """A bar from the least to the most of each row's share, and from the least to the most that chance gives."""
    figure = Figure(figsize=(_WIDTH, 1.1 + _ROW * 1.25 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    at = np.arange(len(rows))[::-1]
    for key, colour, off, label in (("met", OURS, 0.17, "met an attack"), ("chance", CIRCLE, -0.17, "by chance")):
        low = np.array([row[f"{key}_named"] or 0.0 for _, row in rows])
        high = np.array([row[f"{key}_possible"] or 0.0 for _, row in rows])
        axes.barh(at + off, high - low, left=low, height=0.28, color=colour, alpha=0.8, label=label)
        axes.plot(low, at + off, "|", color=INK, ms=6)
    axes.set(yticks=at, xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xlabel="share of alert-hours, least to most")
    axes.set_yticklabels([name for name, _ in rows])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}".replace("%", " %"))
    axes.grid(axis="x", alpha=0.2)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


@styled
def hours_chart(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Figure:
    """Hours under alert a year, with those that met an attack on the region by name, and may have met one, in it."""
    figure = Figure(figsize=(_WIDTH, 3.6), layout="constrained")
    axes = figure.add_subplot()
    names = [name for name, _ in rows]
    for key, colour, alpha, label in (
        ("hours", INK, 0.18, "under alert"),
        ("hours_met_possible", OURS, 0.45, "met an attack that may have been there"),
        ("hours_met_named", OURS, 1.0, "met an attack on the region by name"),
    ):
        axes.bar(names, [row[key] for _, row in rows], color=colour, alpha=alpha, label=label, width=0.6)
    axes.set(ylabel="hours, all regions together")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y", alpha=0.2)
    figure.legend(loc="outside upper left", frameon=False, fontsize=9)
    return figure
