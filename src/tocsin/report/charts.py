"""Charts: as SVG that takes the page's own colours, or as PNG for documents."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Drawn in this, and then given the page's colour of text: one picture for day and night.
INK = "#010203"
OURS, CIRCLE, CONE = "#d1495b", "#2e86ab", "#8f7f1f"
# Inches at 72 points: as wide as a phone, so that letters keep their size there.
SIZE = (5.0, 3.6)
# Of fewer forecasts than this the share struck is mostly chance: drawn hollow, and off the line.
FEW = 30
_STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "tocsin", "font.family": "sans-serif", "font.size": 10,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
}  # fmt: skip


P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draws in a report's colours and letters: matplotlib takes them when a thing is made, not when it is saved."""

    @wraps(draw)
    def drawn(*args: P.args, **more: P.kwargs) -> Figure:
        with matplotlib.rc_context(_STYLE):
            return draw(*args, **more)

    return drawn


def svg(figure: Figure, title: str) -> str:
    """The figure as an inline `<svg>` named for screen readers, without a background."""
    text = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    inner = text.getvalue()
    inner = inner[inner.index("<svg") :].replace(INK, "currentColor")
    # Several charts share one page: their ids must differ.
    prefix = re.sub(r"[^a-z]+", "-", title.lower())
    inner = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{prefix}-", inner)
    return inner.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def png(figure: Figure, path: Path) -> None:
    """The figure as a picture on white."""
    with matplotlib.rc_context(_STYLE):
        figure.savefig(path, format="png", dpi=160, facecolor="white", metadata={"Software": None})


@styled
def reliability_chart(bins: Sequence[dict[str, Any]]) -> Figure:
    """Share of zones struck against the probability they were given, with the count of forecasts at each point."""
    figure, axes = _axes("probability given", "share struck")
    used = [one for one in bins if one["rows"]]
    given = np.array([one["expected"] / one["rows"] for one in used])
    came = np.array([one["struck"] / one["rows"] for one in used])
    axes.plot([0.005, 1], [0.005, 1], "--", lw=1, color=INK, alpha=0.5)
    many = np.array([one["rows"] >= FEW for one in used], bool)
    axes.plot(given[many], np.maximum(came, 0.001)[many], "o-", color=OURS)
    axes.plot(given[~many], np.maximum(came, 0.001)[~many], "o", color=OURS, mfc="none")
    for x, y, one in zip(given, came, used, strict=True):
        axes.annotate(f"{one['rows']:,}", (x, max(y, 0.001)), xytext=(4, -11), textcoords="offset points", fontsize=8)
    ticks = [0.001, 0.01, 0.1, 1.0]
    axes.set(xscale="log", yscale="log", xlim=(0.004, 1.2), ylim=(0.0009, 1.2), yticks=ticks, xticks=ticks[1:])
    axes.set_xticklabels(["1 %", "10 %", "100 %"])
    axes.set_yticklabels(["0", "1 %", "10 %", "100 %"])
    axes.minorticks_off()
    return figure


@styled
def lead_chart(leads_s: Sequence[float], tracked_s: Sequence[float]) -> Figure:
    """How many strikes had how much lead, over how long what struck had been tracked."""
    figure, axes = _axes("minutes before the strike", "strikes")
    top = max([600.0, *leads_s]) / 60
    edges = np.arange(0, min(np.ceil(top), 30) + 1)
    axes.hist(np.minimum(np.array(tracked_s) / 60, edges[-1]), edges, color=CIRCLE, alpha=0.35, label="tracked")
    axes.hist(np.minimum(np.array(leads_s) / 60, edges[-1]), edges, color=OURS, alpha=0.75, label="under cover")
    axes.legend(frameon=False)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    return figure


@styled
def tradeoff_chart(points: Sequence[dict[str, Any]], unit: str, name: str = "Tocsin") -> Figure:
    """Share warned against burden: kind `policy` (ours), `circle` and `cone`, each in order of size."""
    figure, axes = _axes(f"burden, {unit}", "share of strikes warned in time")
    for kind, colour, marker in (("circle", CIRCLE, "s"), ("cone", CONE, "^"), ("policy", OURS, "o")):
        mine = [one for one in points if one["kind"] == kind and one["burden"] is not None]
        if mine:
            label = {"policy": name, "circle": "circle, 60–450 s", "cone": "cone ±35°, 60–450 s"}[kind]
            axes.plot(
                [one["burden"] for one in mine], [one["warned"] for one in mine], marker + "-", color=colour, ms=5,
                label=label,
            )  # fmt: skip
    axes.set(ylim=(-0.03, 1.05))
    axes.set_xlim(left=0)
    axes.legend(loc="lower right", frameon=False)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter("{x:,g}")
    return figure


@styled
def lead_shares_chart(leads_s: Sequence[Sequence[float]], names: Sequence[str]) -> Figure:
    """Share of strikes that had so many minutes or more, a line for each side."""
    figure, axes = _axes("minutes under cover before the strike", "share of strikes")
    top = max([600.0, *(lead for some in leads_s for lead in some)]) / 60
    for some, name, colour, line in zip(leads_s, names, (CIRCLE, OURS), ("--", "-"), strict=True):
        ordered = np.sort(np.array(some, float))[::-1] / 60
        had = np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
        axes.step([*ordered[::-1], top], [*had[::-1], 0.0], line, where="pre", color=colour, label=name)
    axes.set(xlim=(0, min(top, 20)), ylim=(0, 1.03))
    axes.legend(loc="upper right")
    return figure


@styled
def change_chart(changes: Sequence[tuple[str, float, float, float]]) -> Figure:
    """(name, change, low, high) of shares: a point and a line for each, in points of a hundred."""
    figure, axes = _axes("change, points of a hundred", "")
    for row, (name, change, low, high) in enumerate(reversed(changes)):
        axes.plot([100 * low, 100 * high], [row, row], "-", lw=2, color=OURS, alpha=0.6)
        axes.plot(100 * change, row, "o", color=OURS)
        axes.annotate(name, (100 * change, row), xytext=(0, 9), textcoords="offset points", ha="center", fontsize=9)
    axes.axvline(0, color=INK, lw=1, alpha=0.5)
    # Less than five points is little, and must not look like much.
    reach = 1.3 * max([5.0, *(100 * abs(edge) for _, *edges in changes for edge in edges)])
    axes.set(yticks=[], ylim=(-0.6, len(changes) - 0.2), xlim=(-reach, reach))
    return figure


def _axes(across: str, up: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=across, ylabel=up)
    axes.grid(alpha=0.2)
    return figure, axes
