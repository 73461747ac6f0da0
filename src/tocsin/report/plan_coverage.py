"""The report of `tocsin plan coverage`: tables, maps and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.model.threat import ThreatClass
from tocsin.plan.coverage import Seen, Sight, losses
from tocsin.plan.looking import Conditions
from tocsin.report.page import charts, heading, page, paragraph, table
from tocsin.report.plan_files import write_plan
from tocsin.report.plan_page import FOR_PLANNERS, Given, csv_of, picture, zone_map

# Maps of so many pairs of class and height; the table has all.
MAPS_MAX = 12
# A map's darkest blue: seen by so many.
MANY = 4.0
ROWS_MAX = 40


@dataclass(frozen=True)
class Covered:
    """What a network sees over the inner points of its zones."""

    given: Given
    sight: Sight
    seen: list[Seen]
    summary: dict[str, Any]


def covered(
    given: Given, classes: Sequence[ThreatClass], heights_m: Sequence[float], conditions: Conditions
) -> Covered:
    """Ask a network what it sees."""
    index = given.index
    sight = Sight(given.sensors, index.frame, elevation=given.elevation, conditions=conditions)
    lat, lon = index.frame.to_geodetic(index.east_m, index.north_m)
    seen = [sight.at(threat, height, lat, lon) for threat in classes for height in heights_m]
    summary = {
        "zones": len(index),
        "sensors": len(sight.sensors),
        "terrain": given.elevation is not None,
        "coverage": [
            {
                "class": one.threat,
                "height_m": one.height_m,
                "zones_seen": int((one.by > 0).sum()),
                "zones_seen_twice": int((one.by > 1).sum()),
                "people_unseen": float(index.population[one.by == 0].sum()),
            }
            for one in seen
        ],
        "losses": losses(seen, sight.sensors, index.population),
    }
    return Covered(given, sight, seen, summary)


def write_coverage(folder: Path, found: Covered, more: Mapping[str, bytes]) -> list[str]:
    """Write coverage.csv, only_by.csv, coverage.html and its maps, and `more`, readable by their owner alone.

    Returns as `write_plan` does.
    """
    index, ids = found.given.index, [s.id for s in found.given.sensors if s.kind != "adsb"]
    rows = [
        (zone.id, one.threat, one.height_m, round(chance, 4), by, ids[alone] if alone >= 0 else None)
        for one in found.seen
        for zone, chance, by, alone in zip(
            index.zones, one.together.tolist(), one.by.tolist(), one.alone.tolist(), strict=True
        )
    ]
    files = {
        "coverage.csv": csv_of(("zone", "class", "height_m", "chance_at_one_look", "seen_by", "only_by"), rows),
        "only_by.csv": csv_of(
            ("sensor", "class", "zones", "people"),
            [(one["sensor"], one["class"], one["zones"], one["people"]) for one in found.summary["losses"]],
        ),
    }
    maps = []
    for one in found.seen[:MAPS_MAX]:
        name = f"{one.threat}-{one.height_m:.0f}m.png"
        files[name] = zone_map(index, one.by.astype(float), "sensors that see", MANY, sensors=found.given.sensors)
        maps.append((picture(files[name], name), f"{one.threat.replace('_', ' ')} at {one.height_m:,.0f} m"))
    files["coverage.html"] = _page(found, maps).encode()
    return write_plan(folder, "coverage", {**files, **more})


def _page(found: Covered, maps: list[tuple[str, str]]) -> str:
    summary = found.summary
    parts = [
        paragraph(FOR_PLANNERS),
        paragraph(
            f"{summary['sensors']} sensors over {summary['zones']} zones, {found.given.terrain}. A sensor sees a place "
            "where it notices what is there at one look of two. Receivers of transponders are not counted: who means "
            "harm sends nothing."
        ),
        charts(maps),
        heading("By class and height"),
        table(
            ("class", "height, m", "zones seen", "by two or more", "people unseen"),
            [
                (row["class"], f"{row['height_m']:,.0f}", row["zones_seen"], row["zones_seen_twice"],
                 f"{row['people_unseen']:,.0f}")
                for row in summary["coverage"]
            ],
        ),
        heading("What hangs on one sensor alone"),
        _losses(summary["losses"]),
    ]  # fmt: skip
    return page("What the network sees", parts)


def _losses(losses: Sequence[dict[str, Any]]) -> str:
    if not losses:
        return paragraph("No place is left unseen by the loss of any one sensor.")
    rows = [(row["sensor"], row["class"], row["zones"], f"{row['people']:,.0f}") for row in losses[:ROWS_MAX]]
    return table(("sensor", "class", "zones unseen without it", "people"), rows, words=2)
