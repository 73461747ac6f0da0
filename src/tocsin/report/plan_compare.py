"""The page of `tocsin plan compare`: what a change brings, for who decides; raids as a table, for who doubts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from tocsin.model.errors import BadSettings
from tocsin.model.sensor import DEFAULTS
from tocsin.plan.minutes import Minutes
from tocsin.replay.sides import Sides, network_of, side_of
from tocsin.report.charts import change_chart, lead_shares_chart, svg
from tocsin.report.page import charts, figures, heading, page, paragraph, table
from tocsin.report.plan_files import write_plan
from tocsin.report.plan_minutes import MANY_MIN
from tocsin.report.plan_page import FOR_PLANNERS, csv_of, picture, zone_map
from tocsin.report.run import minutes, number, share
from tocsin.warn.policy import Policy

# Figure, what it is called, how it is shown.
FIGURES = (
    ("strikes", "strikes in zones", number),
    ("in_time", "of them with people warned in time", share),
    ("people_in_time", "people of struck zones in time", share),
    ("tracked_in_time", "tracked early enough", share),
    ("lead_p50_s", "cover before the strike, half have", minutes),
    ("lead_p10_s", "nine of ten have", minutes),
    ("tracked_p50_s", "tracked before the strike, half", minutes),
    ("burden", "burden, s under cover per person struck at", number),
    ("false_all_clears", "false all clears", number),
    ("cost", "cost of the sensors", number),
)
NO_LAND = (
    "These raids flew over the scenario's own ground, not over your land: what a site gains by a ridge, or loses in a "
    "valley, is not in them. Where there are hills, go by `tocsin plan minutes --terrain` of each network."
)
SMOOTH = (
    "Over a smooth Earth, where no hill hides anything: between hills there are fewer minutes than these maps show. "
    "`tocsin plan minutes --terrain` has them over the land."
)
HEAD = (
    "scenario", "seed", "side", "strikes", "in_time", "tracked_in_time", "people_struck", "people_in_time",
    "person_hours", "false_all_clears", "lead_p50_s", "tracked_p50_s",
)  # fmt: skip


def priced(given: Sequence[str]) -> dict[str, float] | None:
    """`kind=price` as a table; None where nothing is given. Raises BadSettings."""
    prices = {}
    for text in given:
        kind, _, price = text.partition("=")
        try:
            prices[kind] = float(price)
        except ValueError as error:
            raise BadSettings(f"--price {text!r} is no kind=price; write radar=3000000") from error
        if kind not in DEFAULTS or not 0 <= prices[kind] < 1e15:
            raise BadSettings(f"--price {text!r}; give 0 or more for one of {', '.join(DEFAULTS)}")
    return prices or None


def shown_rows(result: Sides) -> list[tuple[str, ...]]:
    """Rows for people: figure, first side, second, change, and where it lies in 90 % of other raids."""
    rows: list[tuple[str, ...]] = []
    for key, name, form in FIGURES:
        if key in result.means[0]:
            first, second = (form(means[key]) for means in result.means)
            change, low, high = result.change.get(key, (None, None, None))
            between = "–" if low is None else f"{form(low)} to {form(high)}"
            rows.append(
                tuple(text.replace("-0.0 min", "0.0 min") for text in (name, first, second, form(change), between))
            )
    return rows


def minutes_maps(first: str, second: str, scenario: str) -> list[tuple[str, str]]:
    """(picture, what it shows) of the minutes that both networks promise, of the class with the most attackers.

    Over a smooth Earth, as the plan is made of the sensors alone; attackers come from where the scenario says.
    """
    shown = []
    for side in (first, second):
        index, sensors, groups = network_of(side, scenario)
        most = max(groups, key=lambda group: group.count)
        plan = Minutes(index, sensors, [one for one in groups if one.kind == most.kind], about_zone=False)
        promise = plan.promises(Policy())[most.kind]
        name = f"{side_of(side).name}: minutes tracked before {most.kind.replace('_', ' ')} strikes, nine ways of ten"
        png = zone_map(index, promise.tracked.least_s / 60, "minutes, nine ways of ten", MANY_MIN)
        shown.append((picture(png, name), name))
    return shown


def write_sides(folder: Path, result: Sides, maps: Sequence[tuple[str, str]] = ()) -> list[str]:
    """Write compare.html, raids.csv and compare.json, readable by their owner alone; `maps` stand in the page.

    Returns as `write_plan` does.
    """
    files = {
        "compare.html": _page(result, maps).encode(),
        "raids.csv": csv_of(HEAD, _table(result)),
        "compare.json": msgspec.json.encode(result),
    }
    return write_plan(folder, "compare", files)


def _table(result: Sides) -> list[tuple[object, ...]]:
    rows = []
    for raid in result.raids:
        for name, one in zip(result.names, raid["sides"], strict=True):
            middles = [float(np.median(one[key])) if one[key] else None for key in ("leads_s", "tracked_s")]
            rows.append((raid["scenario"], raid["seed"], name, *(one[key] for key in HEAD[3:10]), *middles))
    return rows


def _page(result: Sides, maps: Sequence[tuple[str, str]]) -> str:
    first, second = result.names
    leads = [[lead for raid in result.raids for lead in raid["sides"][k]["leads_s"]] for k in (0, 1)]
    changes = [(name, *result.change[key]) for key, name, form in FIGURES if form is share and key in result.change]
    parts = [
        paragraph(FOR_PLANNERS),
        paragraph(_sentence(result)),
        paragraph(NO_LAND),
        figures(_glance(result)),
        charts([
            (svg(lead_shares_chart(leads, result.names), "Minutes"),
             "Of all strikes, the share whose zone had been under cover for so many minutes or more."),
            (svg(change_chart(changes), "Change"),
             f"What {second} changes against {first}, in points of a hundred; lines: 90 % of other raids."),
        ]),
        *([heading("Minutes of both networks, as planned"), paragraph(SMOOTH), charts(maps)] if maps else []),
        heading("The figures"),
        table(("", first, second, "change", "90 % of other raids"), shown_rows(result)),
        heading("How it was found"),
        paragraph(
            f"{len(result.raids)} simulated raids, each played through the whole chain on both sides with the same "
            "attackers. In time: under cover for at least the seconds that people there need to shelter. The middle "
            "90 % is of raids drawn anew with replacement. Simulated raids do not promise what an enemy will do."
        ),
    ]  # fmt: skip
    return page(f"{first} or {second}", parts)


def _glance(result: Sides) -> list[tuple[str, str]]:
    sides = list(zip(result.names, result.means, strict=True))
    return [(f"in time, {name}", share(means["in_time"])) for name, means in sides] + [
        (f"cover before, half: {name}", minutes(means["lead_p50_s"])) for name, means in sides
    ]


def _sentence(result: Sides) -> str:
    """What the change is, in a sentence that says when it may be none."""
    change, low, high = result.change.get("in_time", (0.0, 0.0, 0.0))
    first, second = result.names
    if not result.means[0]["strikes"]:
        return "No zone was struck in these raids; play more of them."
    if round(change * 100) == 0:
        return f"With {second} instead of {first} as many strikes found people warned in time."
    points = f"{abs(change) * 100:.0f} {'more' if change > 0 else 'fewer'}"
    said = f"With {second} instead of {first}, of a hundred strikes {points} found people warned in time"
    if low <= 0 <= high:
        return f"{said}; in other raids it may as well be none: the middle 90 % holds 0."
    return f"{said}; in 90 % of other raids between {low * 100:+.0f} and {high * 100:+.0f}."
