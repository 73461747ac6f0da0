"""The report of `tocsin plan minutes`: the minutes that every town has, as tables, maps and a page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.model.geojson import zones_to_geojson
from tocsin.model.threat import ThreatClass
from tocsin.plan.looking import Conditions
from tocsin.plan.minutes import Minutes
from tocsin.plan.promise import Promise
from tocsin.replay.configuration import read_policy
from tocsin.replay.progress import progress
from tocsin.report.page import charts, heading, page, paragraph, table
from tocsin.report.plan_files import write_plan
from tocsin.report.plan_page import FOR_PLANNERS, Given, csv_of, known, picture, zone_map
from tocsin.report.run import minutes, number, share
from tocsin.simulate.threats import Threats
from tocsin.warn.policy import policy_from_table

Floats = NDArray[np.float64]

# A map's darkest blue: so many minutes.
MANY_MIN = 10.0
ROWS_MAX = 40
HEAD = (
    "zone", "name", "population", "shelter_s", "class", "tracked_worst_s", "tracked_p10_s", "tracked_p50_s",
    "tracked_p90_s", "told_worst_s", "told_p10_s", "told_p50_s", "told_p90_s", "tracked_at_all", "could_be_inside",
    "inside",
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """The minutes of a network, and their sums over its people."""

    given: Given
    promises: dict[ThreatClass, Promise]
    summary: dict[str, Any]


def planned(
    given: Given, groups: Sequence[Threats], conditions: Conditions, *, about_zone: bool, policy: str, losses: bool
) -> Planned:
    """Work the minutes out. Raises BadSettings where the policy is none, BadValue where it would take too much."""
    rules = policy_from_table(read_policy(policy))
    begun_s = time.monotonic()
    plan = Minutes(
        given.index, given.sensors, groups, elevation=given.elevation, conditions=conditions, about_zone=about_zone
    )
    promises = plan.promises(rules)
    people = given.index.population
    summary: dict[str, Any] = {
        "zones": len(given.index),
        "people": float(people.sum()),
        "sensors": len(plan.sensors),
        "terrain": given.elevation is not None,
        "policy": rules.name,
        "delivery_s": rules.delivery_s,
        "took_s": round(time.monotonic() - begun_s, 2),
        "classes": [{"class": threat} | sums(promise, people) for threat, promise in promises.items()],
    }
    if losses:
        before = _inside(promises, people)
        rows = []
        for sensor in progress(plan.sensors, "losses"):
            plan.lose([sensor.id])
            left = _inside(plan.promises(rules), people)
            plan.restore([sensor.id])
            fewer = {threat: round(before[threat] - left[threat], 1) for threat in before}
            rows.append({"sensor": sensor.id, "people_fewer": max(fewer.values())} | fewer)
        summary["losses"] = sorted(rows, key=lambda row: -row["people_fewer"])
    return Planned(given, promises, summary)


def sums(promise: Promise, people: Floats) -> dict[str, float | None]:
    """What half of the people have of one class, or more; and the share of all who can be in shelter."""
    weight = people if people.sum() > 0 else np.ones(len(people))
    return {
        "tracked_least_s": known(_median(promise.tracked.least_s, weight)),
        "tracked_median_s": known(_median(promise.tracked.median_s, weight)),
        "covered_least_s": known(_median(promise.covered.least_s, weight)),
        "covered_median_s": known(_median(promise.covered.median_s, weight)),
        "could": known(_mean(promise.could, weight), 4),
        "inside": known(_mean(promise.inside, weight), 4),
    }


def write_minutes(folder: Path, found: Planned) -> list[str]:
    """Write minutes.csv, minutes.geojson, minutes.html, maps, and losses.csv, readable by their owner alone.

    Returns as `write_plan` does.
    """
    index = found.given.index
    files = {"minutes.csv": csv_of(HEAD, _rows(found)), "minutes.geojson": _geojson(found)}
    maps = []
    for threat, promise in found.promises.items():
        files[f"{threat}.png"] = zone_map(index, promise.tracked.least_s / 60, "minutes, nine ways of ten", MANY_MIN)
        maps.append((picture(files[f"{threat}.png"], f"Minutes of {threat}"), threat.replace("_", " ")))
    if "losses" in found.summary:
        names = list(found.promises)
        rows = [(row["sensor"], *(row[threat] for threat in names)) for row in found.summary["losses"]]
        files["losses.csv"] = csv_of(("sensor", *(f"people_fewer_{threat}" for threat in names)), rows)
    files["minutes.html"] = _page(found, maps).encode()
    return write_plan(folder, "minutes", files)


def _rows(found: Planned) -> list[tuple[Any, ...]]:
    rows = []
    for threat, one in found.promises.items():
        columns = [
            *(getattr(one.tracked, name) for name in ("worst_s", "least_s", "median_s", "most_s")),
            *(getattr(one.covered, name) for name in ("worst_s", "least_s", "median_s", "most_s")),
        ]
        for z, zone in enumerate(found.given.index.zones):
            times = [known(column[z], 1) for column in columns]
            shares = [known(column[z], 4) for column in (one.noticed, one.could, one.inside)]
            rows.append((zone.id, zone.name_in("en"), zone.population, zone.shelter_s, threat, *times, *shares))
    return rows


def _geojson(found: Planned) -> bytes:
    """The zones with, by class, the seconds that nine ways of ten and half of them leave, and the share inside."""
    collection = msgspec.json.decode(zones_to_geojson(found.given.index.zones))
    for z, feature in enumerate(collection["features"]):
        feature["properties"] |= {
            f"{threat}_{name}": known(column[z], 3)
            for threat, one in found.promises.items()
            for name, column in (
                ("tracked_p10_s", one.tracked.least_s),
                ("tracked_p50_s", one.tracked.median_s),
                ("told_p50_s", one.covered.median_s),
                ("inside", one.inside),
            )
        }
    return msgspec.json.encode(collection)


def _page(found: Planned, maps: list[tuple[str, str]]) -> str:
    summary = found.summary
    parts = [
        paragraph(FOR_PLANNERS),
        paragraph(
            f"{summary['sensors']} sensors, {number(summary['people'])} people in {summary['zones']} zones, "
            f"{found.given.terrain}; policy {summary['policy']}, {summary['delivery_s']:g} s from a decision to "
            "people's ears. Tracked: since when a firm track can be there. Told: when the policy sends people to "
            "shelter, which of what comes slowly is late on purpose."
        ),
        charts(maps),
        heading("By class: half of the people have this or more"),
        table(
            ("class", "tracked, nine ways of ten", "tracked, half of the ways", "told, nine of ten", "told, half",
             "could be in shelter", "are, told by the policy"),
            [
                (row["class"].replace("_", " "), minutes(row["tracked_least_s"]), minutes(row["tracked_median_s"]),
                 minutes(row["covered_least_s"]), minutes(row["covered_median_s"]), share(row["could"]),
                 share(row["inside"]))
                for row in summary["classes"]
            ],
        ),
        heading("Least warned: zones by people who cannot be in shelter"),
        table(("zone", "class", "people", "tracked, nine ways of ten", "could be in shelter"), _worst(found), words=2),
    ]  # fmt: skip
    if summary.get("losses"):
        rows = [(row["sensor"], number(row["people_fewer"])) for row in summary["losses"][:ROWS_MAX]]
        parts += [heading("Without one sensor"), table(("sensor", "people fewer who could be in shelter"), rows)]
    return page("Minutes of warning", parts)


def _worst(found: Planned) -> list[tuple[str, ...]]:
    index = found.given.index
    rows: list[tuple[float, int, ThreatClass]] = []
    for threat, one in found.promises.items():
        left = np.nan_to_num((1.0 - one.could) * np.maximum(index.population, 1e-6))
        least = 0.01 * np.maximum(index.population, 1e-6)
        rows += [(float(left[z]), z, threat) for z in np.argsort(-left)[:ROWS_MAX].tolist() if left[z] > least[z]]
    return [
        (index.zones[z].name_in("en"), threat.replace("_", " "), number(float(index.population[z])),
         minutes(known(found.promises[threat].tracked.least_s[z])), share(known(found.promises[threat].could[z], 4)))
        for _, z, threat in sorted(rows, key=lambda row: -row[0])[:ROWS_MAX]
    ]  # fmt: skip


def _inside(promises: dict[ThreatClass, Promise], people: Floats) -> dict[str, float]:
    return {threat: float(np.nansum(one.could * people)) for threat, one in promises.items()}


def _median(values: Floats, weight: Floats) -> float:
    """The value that half of the weight has, or more; NaN where nothing is known."""
    kept = np.isfinite(values)
    if not kept.any():
        return float("nan")
    order = np.argsort(values[kept], kind="stable")
    total = np.cumsum(weight[kept][order])
    return float(values[kept][order][np.searchsorted(total, total[-1] / 2)])


def _mean(values: Floats, weight: Floats) -> float:
    kept = np.isfinite(values)
    return float(np.average(values[kept], weights=weight[kept])) if weight[kept].sum() > 0 else float("nan")
