"""What warnings cost and were worth, over many raids: figures by family, and by the class of what was warned of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.score.reliability import pooled, reliability
from tocsin.score.windows import Came, figures

Row = dict[str, Any]
# figure, heading, how it is written, what is aimed at
COSTS = (
    ("noticed", "strikes noticed 3 × in time", "{:.0f}", ""),
    ("noticed_timely", "… of these in time", "{:.1%}", "≥ 97 %"),
    ("knows_cone_200.timely", "… by cone 200 s that knows", "{:.1%}", ""),
    ("knows_cone_120.timely", "… by cone 120 s that knows", "{:.1%}", ""),
    ("knows_circle_200.timely", "… by circle 200 s that knows", "{:.1%}", ""),
    ("knows_policy.timely", "… by this policy on perfect tracks", "{:.1%}", ""),
    ("burden", "burden", "{:,.0f}", ""),
    ("knows_cone_200.burden", "… of cone 200 s that knows", "{:,.0f}", ""),
    ("knows_cone_120.burden", "… of cone 120 s that knows", "{:,.0f}", ""),
    ("knows_circle_200.burden", "… of circle 200 s that knows", "{:,.0f}", ""),
    ("knows_policy.burden", "… of this policy on perfect tracks", "{:,.0f}", ""),
    ("knows_cone_200.ratio", "ours ÷ cone 200 s that knows", "{:.2f}", "≤ 0.50"),
    ("region.ratio", "ours ÷ region", "{:.2f}", "≤ 0.50"),
    ("peak", "people under cover at the peak", "{:.1%}", ""),
    ("near", "people within 5 km of a strike", "{:.1%}", ""),
    ("peak_ratio", "peak ÷ within 5 km", "{:.1f}", "≤ 5"),
    ("episodes", "take-cover episodes", "{:,.0f}", ""),
    ("in_vain", "… nothing within 5 km", "{:.0%}", ""),
)
CLASSES = (
    ("episodes", "take-cover episodes", "{:,.0f}"),
    ("in_vain", "… nothing within 5 km", "{:.0%}"),
    ("in_vain_goal", "aim", "≤ {:.0%}"),
    ("ece", "ECE (aim ≤ 0.05)", "{:.3f}"),
    ("ece_serious", "ECE ≥ 5 %", "{:.3f}"),
    ("forecasts", "forecasts", "{:,.0f}"),
    ("rows", "arrivals forecast", "{:,.0f}"),
    ("begun", "after its beginning", "{:.0%}"),
    ("error_p10_s", "late by, min: 10 %", "{:+.1f}"),
    ("error_p50_s", "median", "{:+.1f}"),
    ("error_p90_s", "90 %", "{:+.1f}"),
    ("coverage", "in window (aim 87–93 %)", "{:.0%}"),
)
IN_VAIN_GOALS = {"drone": 0.5, "cruise_missile": 0.2, "ballistic_missile": 0.2}


def costs(rows: Sequence[Row]) -> Row:
    """Figures of raids together: strikes counted alike, people and person-hours summed before any ratio is taken."""
    each = [row["costs"] for row in rows]
    people = sum(row["score"]["people_struck"] for row in rows)
    ours = sum(row["score"]["person_hours"] for row in rows)
    noticed = sum(one["noticed"]["strikes"] for one in each)
    everybody, peak, near = (sum(one["people"][key] for one in each) for key in ("all", "peak", "near"))
    episodes = [counts for one in each for counts in one["episodes"].values()]
    result: Row = {
        "noticed": noticed,
        "noticed_timely": ratio(sum(one["noticed"]["timely"] for one in each), noticed),
        "peak": ratio(peak, everybody),
        "near": ratio(near, everybody),
        "peak_ratio": ratio(peak, near),
        **_episodes(episodes),
    }
    for name in each[0]["knowing"]:
        rule = [one["knowing"][name] for one in each]
        hours = sum(one["person_hours"] for one in rule)
        result[f"knows_{name}"] = {
            "timely": ratio(sum(one["timely"] for one in rule), noticed),
            "burden": round(3600 * hours / people, 1) if people else None,
            "ratio": ratio(ours, hours),
        }
    return result


def classes(rows: Sequence[Row]) -> dict[str, Row]:
    """Class named -> figures over all raids: episodes, calibration, windows of arrival."""
    each = [row["costs"] for row in rows]
    windows = [Came(*one) for costs_ in each for one in costs_["windows"]]
    names = sorted(
        {name for one in each for name in (*one["episodes"], *one["bins"])} | {one.threat for one in windows}
    )
    found = {}
    for name in names:
        bins = pooled(one["bins"][name] for one in each if name in one["bins"])
        calibration = reliability(bins)
        found[name] = {
            **_episodes([one["episodes"][name] for one in each if name in one["episodes"]]),
            "in_vain_goal": IN_VAIN_GOALS.get(name),
            **{key: calibration[key] for key in ("ece", "ece_serious")},
            "forecasts": sum(one["rows"] for one in bins),
            **figures(one for one in windows if one.threat == name),
        }
    return found


def _episodes(counts: Sequence[dict[str, int]]) -> Row:
    episodes = sum(one["episodes"] for one in counts)
    return {"episodes": episodes, "in_vain": ratio(sum(one["in_vain"] for one in counts), episodes)}


def ratio(part: float, whole: float) -> float | None:
    """A share of something, None of nothing."""
    return round(part / whole, 4) if whole else None
