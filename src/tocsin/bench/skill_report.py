"""The report of `tocsin bench skill`: the table, the curve against the simple rules, reliability."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tocsin.bench.skill_costs import CLASSES, COSTS
from tocsin.bench.skill_table import COLUMNS, beside, by_class, shown
from tocsin.report.charts import png, reliability_chart, svg, tradeoff_chart
from tocsin.report.page import charts, heading, page, paragraph, table, write
from tocsin.report.run import error


def write_skill(folder: Path, result: dict[str, Any]) -> Path:
    """Write `report.html`, `tradeoff.png` and `reliability.png`; returns the page's path."""
    path = write(folder, "report.html", skill_page(result))
    png(tradeoff_chart(result["dominance"]["points"], "share of the circle's"), folder / "tradeoff.png")
    png(reliability_chart(result["reliability"]["bins"]), folder / "reliability.png")
    return path


def skill_page(result: dict[str, Any]) -> str:
    """The page itself."""
    columns = beside(result)
    calibration = result["reliability"]
    parts = [
        paragraph(
            "Burden is person-seconds under cover over people in zones struck; circle is everyone within five minutes' "
            "flight of a hostile track, on the same tracks. Tracked early enough: what struck was tracked for at least "
            "the zone's way to shelter."
        ),
        table(
            ("", *columns),
            [(heading_, *(shown(one, key, form) for one in columns.values())) for key, heading_, form in COLUMNS],
        ),
        heading("What it costs"),
        paragraph(
            "Noticed: what struck was reported three times within the four minutes before people had to start. A rule "
            "that knows is told the true place, course and class of every attacker. An episode lasts from cover to the "
            "end of cover in one zone; nothing within 5 km: no attacker struck or flew there meanwhile."
        ),
        table(
            ("", *columns, "aim"),
            [
                (heading_, *(shown(one, key, form) for one in columns.values()), aim)
                for key, heading_, form, aim in COSTS
            ],
        ),
        *(
            part
            for title, named in by_class(result).items()
            for part in (
                paragraph(title),
                table(
                    ("", *named),
                    [(heading_, *(shown(one, key, form) for one in named.values())) for key, heading_, form in CLASSES],
                ),
            )
        ),
        heading("Against the simple rules"),
        charts([
            (svg(tradeoff_chart(result["dominance"]["points"], "share of the circle's"), "Burden and share warned"),
             "Mean over families. Ours: a miss weighing 0.1, 0.3, 1, 3 and 10 times the policy's."),
            (svg(reliability_chart(calibration["bins"]), "Reliability"),
             f"All forecasts of all raids: expected calibration error {error(calibration['ece'])}, of forecasts of "
             f"5 % and more {error(calibration['ece_serious'])}."),
        ]),
        table(
            ("a miss ×", "burden ÷ circle's", "warned", "best rule of no more burden", "gap"),
            [
                (f"{one['size']:g}", f"{one['burden']:.2f}", f"{one['warned']:.3f}", f"{one['best_rule']:.3f}",
                 f"{one['gap']:+.3f}")
                for one in result["dominance"]["gaps"]
            ],
        ),
        heading("Each family"),
        charts([
            (svg(tradeoff_chart(one["points"], "seconds per person struck at"), f"Burden and share, {name}"), name)
            for name, one in result["families"].items()
            if one["strikes"]
        ]),
    ]  # fmt: skip
    return page(f"Skill over {result['raids']} raids", parts)
