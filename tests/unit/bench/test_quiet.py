"""Quiet hours: nights without an attacker, and the hours of them in which somebody was under cover."""

from __future__ import annotations

import io

from rich.console import Console

from tocsin.bench.quiet import SENSORS, hours_under_cover, quiet, show, summary
from tocsin.score.cover import cover_of_rows


def test_a_quiet_night_has_no_attacker_and_all_that_may_be_mistaken_for_one() -> None:
    nights = [quiet(seed) for seed in range(1, 2 * len(SENSORS) + 1)]
    assert len({one.name for one in nights}) == 2 * len(SENSORS)
    for one in nights:
        assert not one.threats and not one.faults
        assert one.traffic.silent > 0 and one.traffic.landing > 0
        assert one.reports.false_sightings_per_hour > 0
        assert any(group.false_plots_per_scan for group in one.sensors)
    heights = [any(group.height for group in one.sensors) for one in nights]
    assert heights == [True] * len(SENSORS) + [False] * len(SENSORS), "every second time no radar measures heights"


def test_an_hour_counts_once_however_many_were_under_cover_in_it() -> None:
    begin_s = 1_767_225_600.0
    rows = [(1, 100.0, 200.0), (2, 150.0, 180.0), (3, 7_000.0, 7_300.0)]
    cover = cover_of_rows([(zone, begin_s + begin, begin_s + end) for zone, begin, end in rows])
    assert hours_under_cover(cover, begin_s, 4) == [0, 1, 2]
    assert hours_under_cover(cover_of_rows([(1, begin_s + 3_600, begin_s + 3_700)]), begin_s, 2) == [1]
    assert hours_under_cover(cover_of_rows([]), begin_s, 2) == []


def test_the_share_is_of_all_hours_and_each_set_of_sensors_has_its_own() -> None:
    rows = [
        {"seed": 1, "sensors": "quiet-a", "hours": 2, "covered": [1], "episodes": {"jet": 3}, "person_hours": 9},
        {"seed": 2, "sensors": "quiet-b", "hours": 2, "covered": [], "episodes": {}, "person_hours": 0},
    ]
    result = summary(rows)
    assert (result["hours"], result["covered"], result["share"], result["episodes"]) == (4, 1, 0.25, {"jet": 3})
    assert result["sensors"]["quiet-b"]["share"] == 0.0
    assert [row["seed"] for row in result["with_cover"]] == [1]
    text = io.StringIO()
    show(result, Console(file=text, width=120))
    assert "1 of 4 quiet hours, 25.0%" in text.getvalue()
