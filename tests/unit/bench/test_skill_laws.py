"""Raids by other laws: every law, class and kit is a short raid, and what was chosen on is told from what was not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.some import some
from tocsin.bench.skill import RAIDS_BY_LAWS
from tocsin.bench.skill_families import FAMILIES
from tocsin.bench.skill_laws import KITS, LAWS, ROWS_OF_LAWS, chosen_on, law_jobs, law_scenario, laws_named
from tocsin.bench.skill_table import _gap
from tocsin.model.errors import BadSettings, Missing
from tocsin.simulate.motion.registry import LAWS as FLOWN
from tocsin.simulate.threats import SUITS, Attacker, Law

EACH = [(law, kind, kit) for law in LAWS for kind in SUITS[law] for kit in KITS]


@pytest.mark.parametrize(("law", "kind", "kit"), EACH)
def test_every_law_class_and_kit_is_a_small_raid_of_at_most_25_minutes(law: Law, kind: Attacker, kit: str) -> None:
    scenario = law_scenario(law, kind, kit)
    assert scenario.duration_s <= 1_500
    (group,) = scenario.threats
    assert (group.law, group.kind) == (law, kind)
    assert group.count <= 8


def test_every_law_is_played_and_some_are_left_out() -> None:
    assert set(LAWS) == set(FLOWN)
    assert {chosen_on(row) for row in ROWS_OF_LAWS.values()} == {True, False}
    assert not set(ROWS_OF_LAWS.values()) & set(FAMILIES)
    assert all(map(chosen_on, FAMILIES))


def test_the_kits_are_radars_with_heights_radars_without_and_those_who_report_events_only() -> None:
    whole, flat, ears = (law_scenario("waypoints", "drone", kit).sensors for kit in KITS)
    assert all(some(group.height for group in whole if group.kind == "radar"))
    assert not any(group.height for group in some((*flat, *ears)))
    assert {group.noise_factor > 1 for group in flat if group.kind == "radar"} == {True}
    assert not any(some(group.announced for group in ears if group.kind != "radar"))
    assert len({law_scenario("waypoints", "drone", kit).place.country for kit in KITS}) == len(KITS)


def test_by_default_every_law_class_and_kit_is_played_three_times() -> None:
    jobs = law_jobs(LAWS, RAIDS_BY_LAWS, "default")
    assert len(set(jobs)) == RAIDS_BY_LAWS >= 200
    assert Counter(job[:3] for job in jobs) == dict.fromkeys(EACH, 3)


def test_one_law_alone_is_played_as_often_as_asked() -> None:
    jobs = law_jobs(("stand_off",), 7, "default")
    assert [job[3] for job in jobs] == [1, 1, 1, 2, 2, 2, 3]


def test_laws_are_named_in_any_order_and_others_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert laws_named("spline,waypoints") == ("waypoints", "spline")
    with pytest.raises(BadSettings, match="no law 'route'"):
        laws_named("spline,route")
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    with pytest.raises(Missing, match="leave the law out"):
        laws_named("all")


def test_the_gap_is_what_is_left_out_less_what_was_chosen_on() -> None:
    first = {"raids": 3, "warned": 0.9, "lead_s": None, "circle": {"burden": 10.0}}
    second = {"raids": 4, "warned": 0.7, "lead_s": 5.0, "circle": {"burden": 16.0}}
    assert _gap(first, second) == {"raids": None, "warned": -0.2, "lead_s": None, "circle": {"burden": 6.0}}
