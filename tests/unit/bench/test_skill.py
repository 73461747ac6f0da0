"""The skill bench: families that differ, raids that repeat, and means that are right."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.followed import unfollowed
from tests.some import some
from tocsin.bench import skill, skill_families
from tocsin.bench.skill_families import FAMILIES, outages, raid, scenario_of, zones_of
from tocsin.bench.skill_table import beside, by_class, summary
from tocsin.command.main import app
from tocsin.model.errors import BadFile, BadSettings
from tocsin.replay.configuration import read_policy, shipped_policies
from tocsin.replay.raids import MISS_FACTORS, varied
from tocsin.simulate.scenario import Scenario
from tocsin.warn.policy import policy_from_table


def test_every_family_is_a_scenario_of_at_most_an_hour() -> None:
    names = [scenario_of(family, 1).name for family in FAMILIES]
    assert len(set(names)) == len(FAMILIES)
    assert all(scenario_of(family, 1).duration_s <= 3_600 for family in FAMILIES)
    assert all(zones_of(family) for family in FAMILIES)


def test_45_percent_of_the_jets_turn_back() -> None:
    assert {group.turn_back for group in scenario_of("jets", 1).threats} == {0.45}


def test_sensors_are_lost_otherwise_for_every_seed_and_alike_for_the_same() -> None:
    mixed = scenario_of("mixed", 1)
    drawn = [outages(mixed, seed) for seed in range(1, 31)]
    assert drawn == [outages(mixed, seed) for seed in range(1, 31)]
    assert len(set(drawn)) > 25
    assert {fault.kind for faults in drawn for fault in faults} == {"lost", "silent"}
    assert {fault.group for faults in drawn for fault in faults} >= {"radar", "far", "mic"}
    assert not mixed.faults


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """A raid of every family, cut down to a minute or two over a few zones."""
    whole = scenario_of

    def tiny(family: str, seed: int) -> Scenario:
        long_s = 150.0 if family == "rockets" else 40.0
        return msgspec.structs.replace(whole(family, seed), duration_s=long_s, faults=())

    def few(family: str) -> tuple[Any, ...]:
        zones = sorted(zones_of(family), key=lambda zone: -zone.population)
        return tuple(zones[:60])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill_families, "scenario_of", tiny)
        patch.setattr(skill_families, "zones_of", few)
        first, *others = FAMILIES
        found = [raid(first, 2, "default")]
        with unfollowed():
            return found + [raid(family, 2, "default") for family in others]


def test_a_raid_of_every_family_is_scored_and_the_rows_can_be_shown_again(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert [row["family"] for row in rows] == list(FAMILIES)
    assert all(len(row["rules"]) == 18 and len(row["curve"]) == 4 for row in some(rows))
    assert sum(row["score"]["strikes"] for row in rows) > 0
    saved = tmp_path / "raids.jsonl"
    saved.write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    assert summary(skill.read_rows(saved)) == summary(rows)


def test_the_table_the_page_and_the_plots_are_made_of_the_rows(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    from tocsin.bench.skill_report import write_skill

    result = summary(rows)
    text = io.StringIO()
    skill.show(result, Console(file=text, width=200))
    page = write_skill(tmp_path, result).read_text()
    for family in FAMILIES:
        assert family in text.getvalue()
        assert family in page
    assert (tmp_path / "tradeoff.png").read_bytes().startswith(b"\x89PNG")


def _row(family: str, *, warned: list[bool], hours: float, circle_hours: float) -> dict[str, Any]:
    each = [
        {"tracked_s": 300.0, "shelter_s": 90.0, "lead_s": 120.0 if one else 0.0,
         "outcome": "warned in time" if one else "not warned"}
        for one in warned
    ]  # fmt: skip
    share = sum(warned) / len(warned)
    one = {"strikes": len(warned), "warned": share, "warned_observable": share, "observable": 1.0, "people_struck": 100}
    score = one | {"each": each, "person_hours": hours, "false_all_clears": 1}
    score |= {
        name: one | {"warned": 1.0, "warned_observable": 1.0, "person_hours": circle_hours}
        for name in ("circle", "region")
    }
    rules = [{"rule": "circle", "flight_s": 60.0, "warned": 0.25, "person_hours": hours / 2},
             {"rule": "circle", "flight_s": 300.0, "warned": 1.0, "person_hours": circle_hours}]  # fmt: skip
    costs = {
        "noticed": {"strikes": 2, "timely": 1},
        "knowing": {"cone_200": {"timely": 2, "person_hours": 2 * hours}},
        "people": {"all": 1_000, "peak": 300, "near": 100},
        "episodes": {"drone": {"episodes": 4, "in_vain": 1}},
        "bins": {"drone": [{"from": 0.2, "to": 0.3, "rows": 4, "expected": 1.0, "struck": 2}]},
        "windows": [["drone", 50.0, 10.0, -5.0], ["drone", 40.0, 0.0, 5.0]],
    }
    return {"family": family, "seed": 1, "score": score, "costs": costs, "rules": rules, "curve": [], "bins": [],
            "all_clears_s": [120.0], "cpu_s": {"replay": 5.0}}  # fmt: skip


def test_strikes_count_alike_within_a_family_and_families_alike_in_the_mean() -> None:
    rows = [
        _row("drones", warned=[True], hours=10, circle_hours=40),
        _row("drones", warned=[False, False, False], hours=30, circle_hours=40),
        _row("jets", warned=[True, True], hours=10, circle_hours=40),
    ]
    result = summary(rows)
    assert result["families"]["drones"]["warned"] == 0.25
    assert result["families"]["drones"]["burden"] == 3600 * 40 / 200
    assert result["families"]["drones"]["circle"]["ratio"] == 0.5
    assert result["mean"]["warned"] == 0.625
    assert result["mean"]["false_all_clears"] == 3


def test_dominance_is_what_is_won_over_the_best_rule_of_no_more_burden() -> None:
    (gap,) = summary([_row("jets", warned=[True, False], hours=20, circle_hours=80)])["dominance"]["gaps"]
    assert (gap["burden"], gap["warned"], gap["best_rule"], gap["gap"]) == (0.25, 0.5, 0.25, 0.25)


def test_what_it_costs_is_summed_over_raids_before_any_ratio_is_taken() -> None:
    rows = [
        _row("drones", warned=[True], hours=10, circle_hours=40),
        _row("drones", warned=[False], hours=30, circle_hours=40),
    ]
    rows[1]["costs"]["noticed"] = {"strikes": 6, "timely": 6}
    rows[1]["costs"]["people"] = {"all": 1_000, "peak": 500, "near": 300}
    figures = summary(rows)["families"]["drones"]
    assert (figures["noticed"], figures["noticed_timely"]) == (8, 0.875)
    assert (figures["peak"], figures["near"], figures["peak_ratio"]) == (0.4, 0.2, 2.0)
    assert (figures["episodes"], figures["in_vain"]) == (8, 0.25)
    assert figures["knows_cone_200"] == {"timely": 0.5, "burden": 3600 * 80 / 200, "ratio": 0.5}


def test_a_class_has_the_error_and_the_windows_of_all_families_together() -> None:
    rows = [_row(family, warned=[True], hours=10, circle_hours=40) for family in ("drones", "mixed")]
    rows[1]["costs"]["bins"]["drone"][0] |= {"rows": 12, "expected": 3.0, "struck": 2}
    drone = summary(rows)["classes"]["drone"]
    assert (drone["forecasts"], drone["ece"]) == (16, 0.0), "4 expected, 4 struck: the raids' errors cancel"
    assert (drone["rows"], drone["begun"], drone["coverage"], drone["error_p50_s"]) == (4, 1.0, 0.5, 5.0)
    assert (drone["episodes"], drone["in_vain"], drone["in_vain_goal"]) == (8, 0.25, 0.5)


def test_raids_measured_before_there_were_costs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "raids.jsonl"
    path.write_text('{"family": "drones", "seed": 1}\n')
    with pytest.raises(BadFile, match="measure it again"):
        skill.read_rows(path)


def test_what_was_chosen_on_stands_beside_what_was_left_out_and_the_gap() -> None:
    rows = [
        _row("jets", warned=[True, True], hours=10, circle_hours=40),
        _row("waypoints", warned=[True, True], hours=30, circle_hours=40),
        _row("spline", warned=[True, False], hours=40, circle_hours=40),
    ]
    result = summary(rows)
    assert list(beside(result)) == ["jets", "waypoints", "spline", "mean", "chosen on", "left out", "gap"]
    split = result["split"]
    assert (split["chosen_on"]["warned"], split["left_out"]["warned"], split["gap"]["warned"]) == (1.0, 0.5, -0.5)
    assert split["gap"]["circle"]["ratio"] == 0.5
    assert split["classes_left_out"]["drone"]["episodes"] == 4
    assert list(by_class(result)) == ["By what was warned of", "By what was warned of, laws left out"]
    assert "split" not in summary(rows[:2])


def test_raids_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "raids.jsonl"
    path.write_text("{}x\n")
    with pytest.raises(BadFile, match=":1:"):
        skill.read_rows(path)
    path.write_text("")
    with pytest.raises(BadFile, match="no raid"):
        skill.read_rows(path)


def test_an_option_that_a_bench_does_not_know_is_refused() -> None:
    with pytest.raises(BadSettings, match="replay takes no --seeds"):
        CliRunner().invoke(app, ["bench", "replay", "--seeds", "3"], catch_exceptions=False)


def test_the_command_shows_an_earlier_run_again(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    saved = tmp_path / "raids.jsonl"
    saved.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = CliRunner().invoke(app, ["bench", "skill", "--from", str(saved), "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout) == json.loads(json.dumps(summary(rows)))


@pytest.mark.parametrize("name", shipped_policies())
def test_every_shipped_policy_can_be_varied(name: str) -> None:
    policy = policy_from_table(read_policy(name))
    assert [one.miss_minutes / policy.miss_minutes for one in varied(policy).values()] == pytest.approx(MISS_FACTORS)
