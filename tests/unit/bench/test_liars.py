"""The bench of liars: what is counted as lowered, raised and cleared against the others' word."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
from rich.console import Console

from tocsin.bench.liar_attacks import ATTACKS
from tocsin.bench.liar_radars import LIES, against_others
from tocsin.bench.liar_raids import Stood, compared, costs, together
from tocsin.bench.liars import RAIDS, jobs_of, show, summary
from tocsin.bench.skill_families import FAMILIES
from tocsin.model.value import time_of
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
NIGHT: Any = SimpleNamespace(zones=(Zone(id="z", name="z", polygons=((RING,),)),))


def stood(
    levels: list[list[int]], *, begin_s: float = 0.0, cost_s: float = 0.01, cleared_s: tuple[float, ...] = ()
) -> Stood:
    """A night with a tick a second: levels by tick and zone; all clears of its one zone `z` at these times."""
    warnings = [
        Warning(
            id=f"z/1/{number}/all_clear", zone="z", level="all_clear", time=time_of(at_s),
            expires=datetime(2030, 1, 1, tzinfo=UTC), reason="over", drill=False,
        )
        for number, at_s in enumerate(cleared_s, 1)
    ]  # fmt: skip
    at_s = begin_s + np.arange(len(levels), dtype=np.float64)
    played: Any = SimpleNamespace(run=SimpleNamespace(warnings=warnings))
    return Stood(played, at_s, np.full(len(levels), cost_s), np.array(levels, np.int8))


def test_the_whole_is_every_family_with_every_attack_and_the_first_is_seed_one() -> None:
    assert RAIDS == 5 * len(FAMILIES) * len(ATTACKS) == 350
    jobs = jobs_of(RAIDS)
    assert len(set(jobs)) == RAIDS
    assert {seed for _, seed, _ in jobs} == {1, 2, 3, 4, 5}
    assert jobs_of(3) == jobs[:3] == [(FAMILIES[0], 1, attack) for attack in list(ATTACKS)[:3]]


def test_a_zone_may_follow_a_tick_later_and_no_later() -> None:
    without = stood([[0], [2], [2], [2], [2]])
    assert compared(without, stood([[0], [0], [2], [2], [2]]))["lowered"] == 0
    late = compared(without, stood([[0], [0], [0], [2], [2]]))
    assert (late["lowered"], late["lowered_at_once"], late["lowered_zones"], late["lowered_first_s"]) == (1, 2, 1, 2.0)


def test_cover_that_a_liar_alone_called_is_counted_and_vigilance_is_not() -> None:
    quiet = stood([[0, 0]] * 4)
    assert compared(quiet, stood([[0, 0], [1, 2], [1, 2], [0, 0]]))["raised"] == 2
    assert compared(quiet, stood([[0, 0], [1, 2], [1, 2], [0, 0]]))["raised_zones"] == 1
    assert compared(quiet, stood([[1, 1]] * 4))["raised"] == 0


def test_two_nights_are_compared_while_both_were_decided() -> None:
    at_s, one, other = together(stood([[0], [1], [2]]), stood([[1], [1], [1]], begin_s=1.0))
    assert at_s.tolist() == [1.0, 2.0]
    assert one.ravel().tolist() == [1, 2]
    assert other.ravel().tolist() == [1, 1]


def test_what_a_tick_costs_is_compared_while_the_liar_speaks() -> None:
    cheap, dear = stood([[0]] * 9), stood([[0]] * 9, cost_s=0.03)
    assert costs(cheap, dear, (2.0, 5.0)) == {"cost": 3.0, "cost_p99": 3.0, "tick_ms": 30.0}
    assert costs(cheap, dear, (90.0, 99.0))["cost"] is None, "a liar who spoke after the night cost nothing"


def test_an_all_clear_while_the_others_hold_cover_is_against_their_word() -> None:
    held, low = [[2]] * 5, [[2], [2], [0], [0], [0]]
    found = against_others(stood(held), stood(held), stood(low, cleared_s=(2.0,)), NIGHT)
    assert found == {"of_cover": 4, "lowered": 3, "all_clears": 1, "against": 1, "against_honest": 0, "against_both": 1}
    over = against_others(stood(low), stood(low), stood(low, cleared_s=(4.0,)), NIGHT)
    assert over == {"of_cover": 1, "lowered": 0, "all_clears": 1, "against": 0, "against_honest": 0, "against_both": 0}
    # As they let go of it: a tick's grace.
    assert against_others(stood(low), stood(low), stood(low, cleared_s=(2.0,)), NIGHT)["against"] == 0


def test_what_the_radar_would_have_shown_to_be_safe_is_not_lowered_by_its_lie() -> None:
    held, narrowed = [[2]] * 5, [[2], [1], [1], [1], [1]]
    found = against_others(stood(held), stood(narrowed), stood(narrowed), NIGHT)
    assert (found["of_cover"], found["lowered"]) == (0, 0)
    cleared = against_others(stood(held), stood(narrowed), stood(narrowed, cleared_s=(3.0,)), NIGHT)
    assert (cleared["against"], cleared["against_both"]) == (1, 0)
    # Nor is what the lie shows a tick later.
    begins, later = [[0], [2], [2], [2]], [[0], [0], [2], [2]]
    assert against_others(stood(begins), stood(begins), stood(later), NIGHT)["lowered"] == 0


def _row(attack: str, **figures: Any) -> dict[str, Any]:
    zero = dict.fromkeys(
        ("lies", "lowered", "lowered_zones", "raised", "raised_zones", "strikes", "early", "in_time",
         "in_time_without", "false_all_clears", "false_all_clears_without"), 0,
    )  # fmt: skip
    return zero | {"family": FAMILIES[0], "seed": 1, "attack": attack, "cost": None, "cost_p99": None} | figures


def test_the_table_sums_what_was_lowered_and_names_the_dearest() -> None:
    rows = [
        _row("spoof", lowered=3, cost=1.5, early=10, in_time=9, in_time_without=10),
        _row("flood", lowered=4, cost=2.5),
    ]
    radars = [
        {"family": FAMILIES[0], "seed": 1, "lie": lie, "radars": 2, "of_cover": 10, "lowered": 1, "all_clears": 3,
         "against": 0, "against_honest": 2, "against_both": 0} for lie in LIES
    ]  # fmt: skip
    result = summary(rows, radars)
    assert (result["raids"], result["all"]["lowered"], result["all"]["cost"]) == (2, 7, 2.5)
    assert result["all"]["points"] == -10.0
    assert result["attacks"]["spoof"]["cost"] == 1.5
    assert [one["attack"] for one in result["worst"]["cost"]] == ["flood", "spoof"]
    assert result["lying_radar"]["turned"] == {
        "of_cover": 10, "lowered": 1, "all_clears": 3, "against": 0, "against_honest": 2, "against_both": 0,
        "nights": 1,
    }  # fmt: skip
    printed = Console(file=io.StringIO(), width=200)
    show(result, printed)
    text = printed.file.getvalue()  # type: ignore[attr-defined]
    assert "a radar that lies, walk_off, 1 nights: of 3 all clears 0 against" in text
