"""Alerts beside attacks: what met what, what chance would give, and what cannot be said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.some import some
from tests.tried import tried
from tests.unit.ledger.conftest import NewStore
from tocsin.command.main import app
from tocsin.ledger.alert import Alert
from tocsin.ledger.archives.delays import delays
from tocsin.ledger.archives.met import Attack, Attacks, met
from tocsin.ledger.archives.regions import rules, target_of
from tocsin.ledger.archives.stretches import joined, meets
from tocsin.ledger.window import Window

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 9)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)


def alert(begin: datetime, hours: float | None, region: str = "Odeska oblast", source: str = "a") -> Alert:
    end = None if hours is None else begin + hours * HOUR
    name = f"{source}/{region.replace(' ', '_')}/{begin.timestamp()}"
    window = Window(begin=begin, end=end)
    return Alert(id=name, recorded=begin, by="test", source=source, region=region, window=window, level="oblast")


def attack(begin: datetime, hours: float, target: str) -> Attack:
    where = target_of(target)
    at_s = begin.timestamp()
    return Attack(at_s, at_s + hours * 3_600, where.named, where.possible)


def told(*attacks: Attack) -> Attacks:
    return Attacks(list(attacks), {"strikes": len(attacks), "reconnaissance": 0, "unmapped": 0}, {})


@given(mine=spans, others=spans)
@tried(100, 5_000)
def test_joined_stretches_hold_the_same_moments_and_meet_as_every_pair_does(
    mine: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    one, other = (joined((a for a, _ in many), (b for _, b in many)) for many in (mine, others))
    for at in np.arange(0, 70, 0.5):
        assert any(a <= at <= b for a, b in mine) == bool(((one.begin_s <= at) & (at <= one.end_s)).any())
    assert int(np.sum(one.begin_s[1:] <= one.end_s[:-1])) == 0
    pairs = [any(a <= d and c <= b for c, d in others) for a, b in zip(one.begin_s, one.end_s, strict=True)]
    assert meets(one, other).tolist() == pairs


def test_an_alert_that_met_an_attack_counts_whole_and_one_on_the_country_only_as_possible() -> None:
    alerts = [alert(NEW_YEAR, 2), alert(NEW_YEAR + 10 * HOUR, 2), alert(NEW_YEAR + 20 * HOUR, 4)]
    found = met(alerts, told(
        attack(NEW_YEAR + HOUR, 3, "Odesa oblast"), attack(NEW_YEAR + 11 * HOUR, 3, "Ukraine"),
        attack(NEW_YEAR + 23.5 * HOUR, 0.5, "Kharkiv oblast"),
    ))  # fmt: skip
    row = some(found["rows"])[0]
    # Both archives tell of the time from the first attack on.
    assert (row["region"], row["year"], row["hours"]) == ("Odesa", 2024, 7.0)
    assert (row["hours_met_named"], row["hours_met_possible"]) == (1.0, 3.0)
    assert (row["attacks_named"], row["attacks_alerted"]) == (1, 1)
    assert row["chance_named"] == pytest.approx(3 / 23, abs=1e-4)


def test_whichever_archive_tells_of_the_time_first_the_result_is_plain_json() -> None:
    for early, late in ((0, 1), (1, 0)):
        found = met(
            [alert(NEW_YEAR + early * HOUR, 3 - late)], told(attack(NEW_YEAR + late * HOUR, 3 - early, "Odesa"))
        )
        assert msgspec.json.decode(msgspec.json.encode(found)) == found


def test_an_alert_over_new_year_counts_in_both_years_with_its_hours_in_each() -> None:
    begin = NEW_YEAR - HOUR
    found = met([alert(begin, 3)], told(attack(begin, 5, "Odesa")))
    assert [(row["year"], row["hours"]) for row in found["rows"]] == [(2023, 1.0), (2024, 2.0)]
    assert found["total"]["met_named"] == 1.0


def test_what_no_rule_maps_is_counted_and_an_end_that_nobody_told_is_half_an_hour() -> None:
    begin = NEW_YEAR
    found = met([alert(begin, None), alert(begin, 1, "Atlantis")], told(attack(begin, 9, "Odesa oblast and the moon")))
    assert found["regions_unmapped"] == {"Atlantis": 1}
    assert found["total"]["hours"] == 0.5
    assert target_of("Odesa oblast and the moon").unmapped == ("the moon",)
    assert met([], told())["total"]["met_named"] is None
    assert rules().areas["Ukraine"] == rules().regions


def test_the_later_relay_is_later_by_what_it_is_and_what_lies_far_apart_is_another_alert() -> None:
    mine = [alert(NEW_YEAR + k * HOUR, 0.5) for k in range(20)]
    late = [alert(one.window.begin + timedelta(seconds=23), 0.5, source="b") for one in mine[:10]]
    late += [alert(one.window.begin + timedelta(minutes=20), 0.5, source="b") for one in mine[10:]]
    found = delays(mine, late)
    assert (found["start"]["alerts"], found["start"]["matched"], found["start"]["median_s"]) == (20, 10, 23.0)
    assert delays(late[:10], mine)["start"]["median_s"] == -23.0
    assert delays(mine, [alert(NEW_YEAR, 1, "Sumska oblast")])["start"]["median_s"] is None


def test_the_command_prints_ranges_and_writes_a_report_that_names_its_limits(tmp_path: Path) -> None:
    (tmp_path / "alerts.csv").write_text(
        "oblast,raion,hromada,level,started_at,finished_at,source\n"
        "Odeska oblast,,,oblast,2024-01-01 00:00:00+00:00,2024-01-01 02:00:00+00:00,official\n"
        "Odeska oblast,,,oblast,2024-01-01 09:00:00+00:00,2024-01-01 08:00:00+00:00,official\n"
    )
    (tmp_path / "attacks.csv").write_text(
        "time_start,time_end,model,target,launched,destroyed,source\n"
        "2024-01-01 02:30,2024-01-01 03:30,Kalibr,Odesa oblast,4,3,kpszsu/1\n"
        "2024-01-01 02:30,2024-01-01 05:30,Orlan-10,Odesa oblast,4,3,kpszsu/1\n"
    )
    command = ["ledger", "alerts", str(tmp_path / "alerts.csv"), "--attacks", str(tmp_path / "attacks.csv")]
    ran = CliRunner().invoke(app, [*command, "--json", "--report", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    found = json.loads(next(line for line in ran.output.splitlines() if line.startswith("{")))
    assert found["met"]["total"]["met_named"] == 1.0
    assert found["met"]["attack_rows"]["reconnaissance"] == 1
    assert sum(found["rejected"].values()) == 1
    text = (tmp_path / "report.html").read_text()
    assert "What this cannot tell" in text
    assert "<script" not in text
    assert CliRunner().invoke(app, command[:3]).exit_code != 0


def test_alerts_lie_in_every_store_and_are_no_incidents(new_store: NewStore) -> None:
    told = [alert(NEW_YEAR, 1), alert(NEW_YEAR, None, "Sumska oblast")]
    with new_store() as store:
        assert store.append([*told, told[0]])[:2] == (2, 1)
        assert list(store.read(("alert",))) == told
        assert store.about(("alert",), ("a",)) == told
        assert store.listed() == []
