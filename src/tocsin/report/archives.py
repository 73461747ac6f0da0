"""The report of `tocsin ledger alerts`: alerts of an archive against attacks of another, and two relays' delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.report.archive_charts import hours_chart, ranges_chart
from tocsin.report.charts import svg
from tocsin.report.page import charts, figures, heading, page, paragraph, table, write
from tocsin.report.run import number, share

LIMITS = (
    "The archive of attacks tells most of them as one night and a country, or a direction. So the share is a range: at "
    "least the alerts that met an attack on their own region by name, at most those that met one which may have been "
    "there. Neither end is the truth; it lies between them.",
    "By chance: the share of all hours in which such an attack is told; moments chosen at random would reach it. Where "
    "the most is near it, this archive says nothing about the alerts of that region.",
    "An alert counts whole when any moment of it lies within an attack. Long alerts, and those that others merged into "
    "days, are thereby flattered; and an alert in which everything was shot down met an attack, too.",
    "Drones and missiles that only looked are left out. Rows whose words no rule maps to a region are counted and not "
    "used. Alerts of a part of a region count for all of it.",
)


def write_archives(folder: Path, result: Mapping[str, Any]) -> Path:
    """Write `report.html` of what the command found; returns its path."""
    return write(folder, "report.html", archives_page(result))


def archives_page(result: Mapping[str, Any]) -> str:
    """The page itself: of `met`, `delays` or both."""
    parts: list[str] = []
    if met := result.get("met"):
        parts += _met(met)
    if delays := result.get("delays"):
        parts += _delays(delays)
    return page("Alerts and what came of them", parts)


def summed(rows: Sequence[Mapping[str, Any]], key: str, total: Any) -> list[tuple[str, dict[str, Any]]]:
    """(value, its rows as one) for every value of a column, in order."""
    values = sorted({row[key] for row in rows})
    return [(str(value), total([row for row in rows if row[key] == value])) for value in values]


def _met(met: Mapping[str, Any]) -> list[str]:
    from tocsin.ledger.archives.met import total_of

    rows, total = met["rows"], met["total"]
    by_year, by_region = summed(rows, "year", total_of), summed(rows, "region", total_of)
    by_region.sort(key=lambda one: -(one[1]["met_named"] or 0.0))
    glance = [
        ("hours under alert", number(total["hours"])),
        ("met an attack, at least", share(total["met_named"])),
        ("at most", share(total["met_possible"])),
        ("by chance", f"{share(total['chance_named']).removesuffix(' %')}–{share(total['chance_possible'])}"),
        ("attacks told of a region by name", number(total["attacks_named"])),
        ("of which an alert stood there", share(total["alerted"])),
    ]
    left_out = met["attack_rows"]
    return [
        paragraph(f"{met['from']} to {met['to']}, the time of which both archives tell."),
        figures(glance),
        charts(
            [
                (svg(hours_chart(by_year), "Hours by year"), "Hours under alert, all regions together, by year."),
                (svg(ranges_chart(by_year), "Share by year"), "By year, all regions together; the tick is the least."),
                (svg(ranges_chart(by_region), "Share by region"), "By region, all years together."),
            ]
        ),
        heading("What this cannot tell"),
        *map(paragraph, LIMITS),
        paragraph(
            f"Of the rows of attacks {left_out['strikes']:,} were used, {left_out['reconnaissance']:,} only looked, "
            f"{left_out['unmapped']:,} map to no region. Words without a rule: {_counted(met['targets_unmapped'])}. "
            f"Regions of alerts without one: {_counted(met['regions_unmapped'])}."
        ),
        heading("By region and year"),
        table(_HEAD, [_cells(row) for row in sorted(rows, key=lambda row: (row["region"], row["year"]))], words=2),
    ]


_HEAD = ("region", "year", "alerts", "hours", "least", "most", "chance, least", "chance, most", "attacks", "alerted")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    shares = (share(row[key]) for key in ("met_named", "met_possible", "chance_named", "chance_possible"))
    counts = (number(row["attacks_named"]), number(row["attacks_alerted"]))
    return (row["region"], str(row["year"]), number(row["alerts"]), number(row["hours"]), *shares, *counts)


def _delays(delays: Mapping[str, Any]) -> list[str]:
    rows = [
        (what, number(one["alerts"]), number(one["matched"]), *(_seconds(one[key]) for key in _RANKS))
        for what, one in (("beginning", delays["start"]), ("end", delays["end"]))
    ]
    return [
        heading("One relay after the other"),
        paragraph(
            f"How much later the second archive tells of the alerts of the first, in {delays['regions']} regions that "
            "both name. Beginnings further apart than five minutes are of two alerts, not one told late."
        ),
        table(("", "alerts", "matched", "5 % earlier than", "median", "5 % later than"), rows),
    ]


_RANKS = ("p5_s", "median_s", "p95_s")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} s"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({times})" for name, times in counts.items()) or "none"
