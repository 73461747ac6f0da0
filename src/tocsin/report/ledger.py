"""The report of a ledger: how people were warned, what came of it, and the incidents that were released.

It is for the public, but for the one that names sensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tocsin.report.charts import svg
from tocsin.report.night_charts import cover_chart, incidents_chart
from tocsin.report.page import charts, figures, heading, page, paragraph, table, write
from tocsin.report.run import minutes, number, share

LIMITS = (
    "An incident is known to some minutes and some hundred metres. What is said of it here holds for every moment "
    "and every zone in which it may have been; else it counts as unverifiable.",
    "A zone under cover was hit when something fell within 5 km of it from when it went under cover to two minutes "
    "after. In vain says that the ledger knows of nothing there; it may not know all. Of a night of which it keeps "
    "nothing, no cover is called in vain.",
    "Who was warned at all depends on what could be seen: this page says what people were told, not whose fault it is.",
)
# More zones than this make no table that anybody reads; those with most incidents and most cover in vain are shown.
ZONES_SHOWN = 50


def write_ledger(folder: Path, result: Mapping[str, Any]) -> Path:
    """Write `report.html` of `replay.ledger_nights.ledger_report`; returns its path. Raises BadFile."""
    return write(folder, "report.html", ledger_page(result), private="by_sensor" in result)


def ledger_page(result: Mapping[str, Any]) -> str:
    """The page itself."""
    parts = _nights(result, result["zones"]) if result["by_night"] else []
    parts += [
        heading(f"Incidents released: {len(result['released'])}"),
        *(_released(one) for one in result["released"]),
        *([] if result["released"] else [paragraph("No incident has been released yet.")]),
        paragraph(
            f"{result['withheld']} incidents are not released, and in the figures only." if result["withheld"] else ""
        ),
    ]
    marks = f"{'DRILL: ' if result.get('drill') else ''}{'FOR OPERATORS ONLY: ' if 'by_sensor' in result else ''}"
    return page(f"{marks}How people were warned, and what fell", filter(None, parts))


def _nights(result: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    total, by_night = result["total"], result["by_night"]
    told, covers, spent = total["incidents"], total["covers"], total["person_minutes"]
    glance = [
        ("nights", number(len(by_night))),
        ("incidents in zones", number(sum(told.values()))),
        ("warned in time, of those that can be told", share(total["in_time"])),
        ("median lead", minutes(total["lead_s"]["p50"])),
        ("not warned", number(told["not warned"])),
        ("covers in vain", f"{covers['in vain']:,} of {sum(covers.values()):,}"),
        ("person-hours in vain", number(spent["in vain"] / 60)),
        ("unverifiable incidents, covers", f"{told['unverifiable']:,}, {covers['unverifiable']:,}"),
    ]
    left_out = ", ".join(f"{reason} ({times})" for reason, times in result["left_out"].items())
    return [
        figures(glance),
        charts(
            [
                (svg(incidents_chart(by_night), "Incidents by night"), "Incidents by what people there were told."),
                (svg(cover_chart(by_night), "Cover by night"), "Person-hours under cover by what came of them."),
            ]
        ),
        heading("Night by night"),
        _table("night", by_night.items()),
        heading("By what it was"),
        _table("threat", ((name.replace("_", " "), one) for name, one in result["by_class"].items())),
        heading("By policy"),
        _table("policy", result["by_policy"].items()),
        heading("By zone"),
        _table("zone", ((names.get(name, name), one) for name, one in _worst(result["by_zone"]))),
        *_by_channel(result.get("by_channel", {})),
        *_channels(result.get("channels", {})),
        *_by_sensor(result.get("by_sensor", {})),
        *_reporters(result.get("reporters", ())),
        heading("How to read this"),
        *map(paragraph, LIMITS),
        paragraph(f"Incidents of these nights that could not be used: {left_out}." if left_out else ""),
    ]


_HEAD = (
    "incidents", "in time", "too late", "not warned", "unclear", "lead", "covers", "hit", "in vain",
    "person-h in vain",
)  # fmt: skip


def _table(first: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    return table((first, *_HEAD), [(name, *_cells(one)) for name, one in rows])


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    told, covers = one["incidents"], one["covers"]
    return (
        *(number(value) for value in (sum(told.values()), *told.values())), minutes(one["lead_s"]["p50"]),
        *(number(value) for value in (sum(covers.values()), covers["hit"], covers["in vain"])),
        number(one["person_minutes"]["in vain"] / 60),
    )  # fmt: skip


def _worst(zones: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    order = sorted(
        zones.items(),
        key=lambda one: (-sum(one[1]["incidents"].values()), -one[1]["person_minutes"]["in vain"], one[0]),
    )
    return order[:ZONES_SHOWN]


def _by_channel(channels: Mapping[str, Any]) -> list[str]:
    """What people were told who hear one channel alone."""
    if not channels:
        return []
    return [
        heading("By channel"),
        paragraph(
            "What people were told who hear one channel alone: each warning from when half of those it was for had it, "
            "and of the zones that the channel serves."
        ),
        _table("channel", channels.items()),
    ]


def _by_sensor(sensors: Mapping[str, Any]) -> list[str]:
    """What came of what each sensor had seen."""
    if not sensors:
        return []
    return [
        heading("By sensor"),
        paragraph(
            "What each sensor had seen before people were sent into cover; of what several had seen each has its row. "
            "A track names at each tick the sensor that saw it last: one that saw it in the same ticks as another, and "
            "never after it, is not counted, so a row is the least that its sensor had seen. "
            "Not for the public: where sensors see well says where they do not."
        ),
        _table("sensor", sensors.items()),
    ]


def _reporters(reporters: Sequence[Mapping[str, Any]]) -> list[str]:
    """What came of the impacts that each source reported."""
    if not reporters:
        return []
    keys = ("source", "borne_out", "alone", "not_so", "share", "advice")
    return [
        heading("What came of reported impacts"),
        paragraph(
            "Borne out: somebody else reported it or speaks of it, or an officer released it. Advice from ten on; "
            "nothing changes by itself."
        ),
        table([key.replace("_", " ") for key in keys], [[_shown(one[key]) for key in keys] for one in reporters]),
    ]


def _channels(channels: Mapping[str, Any]) -> list[str]:
    """How each channel delivered, as `tocsin journal deliveries` counts it."""
    if not channels:
        return []
    keys = sorted({key for one in channels.values() for key in one})
    rows = [(name, *(_shown(one.get(key)) for key in keys)) for name, one in channels.items()]
    return [heading("Deliveries by channel"), table(("channel", *(key.replace("_", " ") for key in keys)), rows)]


def _shown(value: Any) -> str:
    return "–" if value is None else f"{value:,.1f}" if isinstance(value, float) else str(value)


def _released(one: Mapping[str, Any]) -> str:
    """One incident: what is known of it, and every statement with its source."""
    place = one["place"]
    known = [one["when"]]
    if place is not None:
        known.append(f"{place['name'] or 'at'} {place['lat']:.4f} {place['lon']:.4f}, ± {place['sigma_m']:,.0f} m")
    known += [one["weapon"]] if one["weapon"] else []
    rows = [
        (_measure(finding), said["source"], _figure(said), _heard(said["published"]))
        for finding in one["findings"]
        for said in finding["statements"]
    ]
    return "".join(
        [
            f"<h3>{escape(one['struck'] or one['incident'])}</h3>",
            paragraph("; ".join(known)),
            table(("what", "who says so", "how many", "published"), rows, words=4) if rows else "",
            *(paragraph(text) for finding in one["findings"] for text in _together(finding)),
        ]
    )


def _together(finding: Mapping[str, Any]) -> list[str]:
    """What the voices come to, where there are several: what all allow, else the range, and who contradicts whom."""
    said = []
    if len(finding["statements"]) > 1 and (finding["agreed"] or finding["span"]):
        what = (
            f"all allow {finding['agreed']}" if finding["agreed"] else f"from the least to the most: {finding['span']}"
        )
        said.append(f"{_measure(finding)}: {what}.")
    return said + [
        f"{_measure(finding)}: {one['one']} and {one['other']} contradict each other, {one['why']}."
        for one in finding["contradictions"]
    ]


def _measure(finding: Mapping[str, Any]) -> str:
    return f"{finding['measure']}, {finding['subject']}" if finding["subject"] else str(finding["measure"])


def _figure(said: Mapping[str, Any]) -> str:
    return "denied" if said["denied"] else said["figure"] or "says so"


def _heard(published: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{' → '.join(one['by'])}, {one['at'][:16].replace('T', ' ')} UTC" for one in published)
