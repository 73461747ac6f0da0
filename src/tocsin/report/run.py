"""The report of one run: what fell where, who was warned, how early, at what burden, and how far forecasts held."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.report.charts import lead_chart, reliability_chart, svg, tradeoff_chart
from tocsin.report.page import charts, figures, heading, page, paragraph, table, write


def write_run(folder: Path, score: Mapping[str, Any], names: Mapping[str, str]) -> Path:
    """Write `report.html` of a score with its `rules`, `reliability` and `false_clears`; returns its path.

    names   zone id -> name for people
    """
    return write(folder, "report.html", run_page(score, names))


def run_page(score: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The page itself."""
    each = score["each"]
    missed = [row for row in each if row["outcome"] != "warned in time"]
    parts = [
        figures(_glance(score)),
        charts(_charts(score)),
        heading("Beside the simple rules"),
        _beside(score),
        heading("By threat"),
        _by_threat(score),
        heading(f"Missed: {len(missed)} of {len(each)}"),
        _strikes(missed, names) if missed else paragraph("Every strike in a zone was warned of in time."),
        heading("False all clears"),
        paragraph(
            f"{score['false_all_clears']}: all clears within 10 minutes before a strike in that zone by something that "
            "was tracked when they were given."
        ),
        *([table(["all clear", "struck", "zone"], _clears(score, names), words=3)] if score["false_clears"] else []),
        heading("Every strike"),
        _strikes(each, names),
    ]
    return page("How people were warned", parts)


def share(value: float | None) -> str:
    """71 %, or a dash."""
    return "–" if value is None else f"{value:.0%}".replace("%", " %")


def minutes(seconds: float | None) -> str:
    """4.2 min, or a dash."""
    return "–" if seconds is None else f"{seconds / 60:.1f} min"


def number(value: float | None) -> str:
    """12,345, or a dash."""
    return "–" if value is None else f"{value:,.0f}"


def error(value: float | None) -> str:
    """0.012, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def _glance(score: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("strikes in zones", str(score["strikes"])),
        ("warned in time", share(score["warned"])),
        ("of those tracked that early", share(score["warned_observable"])),
        ("median lead", minutes(score["lead_s"]["p50"])),
        ("burden, s per person struck at", number(score["burden"])),
        ("false all clears", str(score["false_all_clears"])),
        ("all clear after the threat", minutes(score["all_clear_s"]["p50"])),
        ("calibration error", error(score["reliability"]["ece"])),
    ]


def _charts(score: Mapping[str, Any]) -> list[tuple[str, str]]:
    calibration = score["reliability"]
    ours = {"kind": "policy", "size": 1.0, "warned": score["warned"], "burden": score["burden"]}
    rules = [{**one, "kind": one["rule"], "size": one["flight_s"]} for one in score["rules"]]
    shown = []
    if any(one["rows"] for one in calibration["bins"]):
        shown.append(
            (
                svg(reliability_chart(calibration["bins"]), "Reliability"),
                "Reliability: of the zones given a probability, how many were struck within the horizon; beside each "
                f"point the number of forecasts. Expected calibration error {error(calibration['ece'])}, of forecasts "
                f"of 5 % and more {error(calibration['ece_serious'])}.",
            )
        )
    if score["strikes"]:
        leads = [row["lead_s"] for row in score["each"] if row["lead_s"] > 0]
        tracked = [row["tracked_s"] for row in score["each"] if row["tracked_s"] is not None]
        shown += [
            (svg(lead_chart(leads, tracked), "Lead times"),
             "Lead: minutes under cover before a strike, and minutes for which what struck had been tracked."),
            (svg(tradeoff_chart([*rules, ours], "person-seconds per person struck at"), "Burden and share warned"),
             "Burden against the share warned in time, beside every simple rule on the same tracks."),
        ]  # fmt: skip
    return shown


def _beside(score: Mapping[str, Any]) -> str:
    rows = [
        (name, share(one["warned"]), share(one["warned_observable"]), minutes(one["lead_s"]["p50"]),
         number(one["burden"]), f"{one['false_zone_hours']:,.1f}")
        for name, one in (("this run", score), ("circle", score["circle"]), ("region", score["region"]))
    ]  # fmt: skip
    head = ("", "in time", "of those tracked", "median lead", "burden", "zone-hours in vain")
    return table(head, rows)


def _by_threat(score: Mapping[str, Any]) -> str:
    rows = [
        (threat.replace("_", " "), row["strikes"], share(row["warned"]), share(row["warned_any"]),
         share(row["observable"]), share(row["warned_observable"]), minutes(row["lead_s"]["p50"]))
        for threat, row in score["by_threat"].items()
    ]  # fmt: skip
    return table(("threat", "strikes", "in time", "at all", "tracked early", "of those in time", "median lead"), rows)


def _strikes(each: list[dict[str, Any]], names: Mapping[str, str]) -> str:
    rows = [
        (row["time"][11:19], names.get(row["zone"], row["zone"]), row["threat"].replace("_", " "), row["object"] or "–",
         minutes(row["tracked_s"]), minutes(row["shelter_s"]), minutes(row["lead_s"]), row["outcome"])
        for row in each
    ]  # fmt: skip
    head = ("time", "zone", "threat", "object", "tracked", "shelter", "lead", "outcome")
    return table(head, rows, words=4, bad=[row["outcome"] != "warned in time" for row in each])


def _clears(score: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    strikes = [(clear, score["each"][k]) for clear, k in score["false_clears"]]
    return [(clear, row["time"][11:19], names.get(row["zone"], row["zone"])) for clear, row in strikes]
