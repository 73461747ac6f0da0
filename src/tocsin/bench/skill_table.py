"""What many raids say together: by family, as the mean over families, and against the whole family of simple rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tocsin.bench.skill_costs import classes, costs, ratio
from tocsin.bench.skill_families import FAMILIES
from tocsin.bench.skill_laws import ROWS_OF_LAWS, chosen_on
from tocsin.replay.raids import curve_of
from tocsin.score.reliability import pooled, reliability
from tocsin.score.score import mean_of_known

Row = dict[str, Any]
# What a raid's family may be, in the order of the table.
ROWS = (*FAMILIES, *ROWS_OF_LAWS.values())
# What is counted, and summed where the rest is averaged.
SUMS = ("raids", "strikes", "false_all_clears", "noticed", "episodes")
# figure, heading, how it is written
COLUMNS = (
    ("strikes", "strikes", "{:.0f}"),
    ("observable", "tracked early enough", "{:.0%}"),
    ("warned_observable", "… of these in time", "{:.1%}"),
    ("circle.warned_observable", "… by circle", "{:.1%}"),
    ("lead_s", "lead, min", "{:.1f}"),
    ("tracked_s", "tracked, min", "{:.1f}"),
    ("burden", "burden", "{:,.0f}"),
    ("circle.burden", "… of circle", "{:,.0f}"),
    ("region.burden", "… of region", "{:,.0f}"),
    ("circle.ratio", "ours ÷ circle", "{:.2f}"),
    ("false_all_clears", "false all clears", "{:.0f}"),
    ("all_clear_s", "all clear, min", "{:.1f}"),
    ("ece", "ECE", "{:.3f}"),
    ("ece_serious", "ECE ≥ 5 %", "{:.3f}"),
    ("cpu_s", "CPU s a raid", "{:.0f}"),
)


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """`families`: name -> figures; `mean`: their plain mean; `classes`; `reliability`: of all forecasts; `dominance`.

    Shares and leads are over all strikes of a family. `burden` is all person-seconds under cover over all people in
    zones struck, so that no raid on a single village outweighs the rest.
    """
    names = [name for name in ROWS if any(row["family"] == name for row in rows)]
    families = {name: _family([row for row in rows if row["family"] == name]) for name in names}
    return {
        "raids": len(rows),
        "families": families,
        "mean": _mean(list(families.values())),
        "classes": classes(rows),
        "reliability": reliability(pooled(row["bins"] for row in rows)) if rows else reliability([]),
        "dominance": _dominance(families),
    } | _split(rows, families)


def beside(result: Row) -> dict[str, Row]:
    """The columns of a table: families and laws, their mean; where both are there, chosen on, left out and the gap."""
    columns: dict[str, Row] = result["families"] | {"mean": result["mean"]}
    if "split" in result:
        columns |= {name.replace("_", " "): result["split"][name] for name in ("chosen_on", "left_out", "gap")}
    return columns


def by_class(result: Row) -> dict[str, dict[str, Row]]:
    """Title -> figures of each class warned of: over all raids, and over those of laws left out."""
    tables = {"By what was warned of": result["classes"]}
    if "split" in result:
        tables["By what was warned of, laws left out"] = result["split"]["classes_left_out"]
    return tables


def _split(rows: Sequence[Row], families: dict[str, Row]) -> Row:
    """`split`: means over what parameters may be chosen on and what they may not, and the second less the first."""
    chosen = [one for name, one in families.items() if chosen_on(name)]
    left = [one for name, one in families.items() if not chosen_on(name)]
    if not chosen or not left:
        return {}
    first, second = _mean(chosen), _mean(left)
    others = [row for row in rows if not chosen_on(row["family"])]
    split = {"chosen_on": first, "left_out": second, "gap": _gap(first, second), "classes_left_out": classes(others)}
    return {"split": split}


def _gap(first: Row, second: Row) -> Row:
    """Second less first, figure by figure; None where either is not known, and of what is only counted."""

    def less(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _gap(value, second[key])
        known = key not in SUMS and value is not None and second[key] is not None
        return round(second[key] - value, 4) if known else None

    return {key: less(key, value) for key, value in first.items()}


def shown(figures: dict[str, Any], key: str, form: str) -> str:
    """One figure as text; `circle.burden` is the burden of the circle."""
    value: Any = figures
    for part in key.split("."):
        value = value[part]
    if value is None:
        return "–"
    return form.format(value / 60 if key.endswith("_s") and key != "cpu_s" else value)


def _family(rows: Sequence[Row]) -> Row:
    scores = [row["score"] for row in rows]
    each = [strike for score in scores for strike in score["each"]]
    tracked = [strike["tracked_s"] for strike in each if strike["tracked_s"] is not None]
    early = [s for s in each if s["tracked_s"] is not None and s["tracked_s"] >= s["shelter_s"]]
    people = sum(score["people_struck"] for score in scores)
    ours = sum(score["person_hours"] for score in scores)

    def burden(hours: float) -> float | None:
        return round(hours * 3600 / people, 1) if people else None

    figures = {
        "raids": len(rows),
        "strikes": len(each),
        "observable": ratio(len(early), len(each)),
        "warned": ratio(sum(map(_timely, each)), len(each)),
        "warned_observable": ratio(sum(map(_timely, early)), len(early)),
        "lead_s": _median([strike["lead_s"] for strike in each if strike["lead_s"] > 0]),
        "tracked_s": _median(tracked),
        "burden": burden(ours),
        "false_all_clears": sum(score["false_all_clears"] for score in scores),
        "all_clear_s": _median([wait for row in rows for wait in row["all_clears_s"]]),
        "cpu_s": round(sum(sum(row["cpu_s"].values()) for row in rows) / len(rows), 1),
    }
    calibration = reliability(pooled(row["bins"] for row in rows))
    figures |= {key: calibration[key] for key in ("ece", "ece_serious")}
    for rule in ("circle", "region"):
        beside = [score[rule] for score in scores]
        hours = sum(one["person_hours"] for one in beside)
        figures[rule] = {
            "warned": _weighted(beside, "warned", lambda one: one["strikes"]),
            "warned_observable": _weighted(
                beside, "warned_observable", lambda one: one["strikes"] * (one["observable"] or 0.0)
            ),
            "burden": burden(hours),
            "ratio": ratio(ours, hours),
        }
    figures |= costs(rows)
    figures["points"] = curve_of([(row["score"], row["curve"], row["rules"]) for row in rows])
    return figures


def _dominance(families: dict[str, Row]) -> Row:
    """Our curve against the best simple rule of no more burden; burdens as a share of the circle of five minutes.

    points   mean over families: kind, size, burden, warned
    gaps     for each point of the policy's curve: warned minus that of the best rule of no more burden
    """
    sums: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for family in families.values():
        circle = family["circle"]["burden"]
        for one in family["points"]:
            if circle and one["warned"] is not None:
                sums.setdefault((one["kind"], one["size"]), []).append((one["burden"] / circle, one["warned"]))
    points: list[Row] = [
        {"kind": kind, "size": size, "burden": round(float(np.mean(pairs, axis=0)[0]), 4),
         "warned": round(float(np.mean(pairs, axis=0)[1]), 4)}
        for (kind, size), pairs in sorted(sums.items())
    ]  # fmt: skip
    rules = [one for one in points if one["kind"] != "policy"]
    gaps = []
    for one in (one for one in points if one["kind"] == "policy"):
        best = max((rule["warned"] for rule in rules if rule["burden"] <= one["burden"]), default=0.0)
        gaps.append({**one, "best_rule": best, "gap": round(one["warned"] - best, 4)})
    return {"points": points, "gaps": gaps}


def _mean(families: Sequence[Row]) -> Row:
    """The plain mean over families of every figure; what is counted is summed."""
    plain = [key for key, value in families[0].items() if isinstance(value, (int, float)) or value is None]
    figures: Row = {
        key: sum(one[key] for one in families) if key in SUMS else mean_of_known([one[key] for one in families])
        for key in plain
    }
    for rule in (key for key, value in families[0].items() if isinstance(value, dict)):
        figures[rule] = {key: mean_of_known([one[rule][key] for one in families]) for key in families[0][rule]}
    return figures


def _timely(strike: Row) -> bool:
    return bool(strike["outcome"] == "warned in time")


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 1) if len(values) else None


def _weighted(scores: Sequence[Row], key: str, weight: Callable[[Row], float]) -> float | None:
    known = [(one[key], weight(one)) for one in scores if one[key] is not None]
    return ratio(sum(value * w for value, w in known), sum(w for _, w in known))
