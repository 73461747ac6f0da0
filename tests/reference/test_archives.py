"""Archives that others kept: every row accounted for, and what is known of them found again."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.some import some
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.alert import Alert
from tocsin.ledger.archives.delays import delays
from tocsin.ledger.archives.met import attacks_of, met
from tocsin.ledger.claim import Claim
from tocsin.ledger.importing import FORMATS
from tocsin.ledger.record import Record

pytestmark = pytest.mark.reference

ATTACKS = "ua_missile_attacks_daily_to_2026-06.csv"
OFFICIAL, VOLUNTEERS = "ua_official_2022-03_2024-04.csv", "ua_volunteer_2022-02_2024-10.csv"


def _read(form: str, path: Path, rejects: Rejects) -> Iterator[Record]:
    for row in import_module(FORMATS[form]).read(path, rejects):
        yield from row.records


@pytest.fixture(scope="module")
def attacks(data_dir: Path) -> list[Record]:
    rejects = Rejects()
    records = list(_read("missile-attacks", data_dir / "alerts" / ATTACKS, rejects))
    assert rejects.account == (3_770, 3_770, 0, 0)
    return records


@pytest.fixture(scope="module")
def official(data_dir: Path) -> list[Alert]:
    rejects = Rejects()
    found = [one for one in _read("alert-intervals", data_dir / "alerts" / OFFICIAL, rejects) if isinstance(one, Alert)]
    assert rejects.account == (43_031, 43_031, 0, 0)
    return found


def test_every_munition_of_the_missile_archive_is_in_a_claim(attacks: list[Record]) -> None:
    launched = [one.figure for one in attacks if isinstance(one, Claim) and one.measure == "launched"]
    assert sum(one.low or 0 for one in some(launched) if one is not None) == 118_578
    assert len({one.id for one in attacks}) == len(attacks)


def test_volunteers_told_of_an_alert_23_seconds_later_than_officials_and_one_in_twenty_two_minutes_later(
    data_dir: Path, official: list[Alert]
) -> None:
    rejects = Rejects()
    told = [
        one for one in _read("alert-intervals", data_dir / "alerts" / VOLUNTEERS, rejects) if isinstance(one, Alert)
    ]
    assert rejects.account == (54_514, 54_514, 0, 0)
    found = delays(official, told)
    assert (found["start"]["median_s"], found["start"]["p95_s"]) == (23.0, 127.0)
    assert found["end"]["median_s"] == 28.0


def test_alerts_met_attacks_on_their_region_more_often_than_chance_and_only_as_the_archives_can_tell(
    attacks: list[Record], official: list[Alert]
) -> None:
    found = met(official, attacks_of(attacks))
    total = found["total"]
    assert sum(found["attack_rows"].values()) == 3_770
    assert total["chance_named"] < total["met_named"] < total["met_possible"] < 1
    assert total["chance_possible"] < total["met_possible"]
    assert total["alerted"] > 0.8


def test_the_missile_archives_times_are_kyivs(attacks: list[Record], official: list[Alert]) -> None:
    """Shifted by an hour or more either way, fewer of its attacks meet an alert of the region that they name."""
    known = attacks_of(attacks)
    short = [one for one in known.attacks if one.named and one.end_s - one.begin_s <= 3_600.0]
    shares = {
        hours: met(
            official, known._replace(attacks=[
                one._replace(begin_s=one.begin_s + 3_600 * hours, end_s=one.end_s + 3_600 * hours) for one in short
            ])
        )["total"]["alerted"]
        for hours in (-3, -1, 0, 1, 3)
    }  # fmt: skip
    assert max(shares, key=lambda hours: shares[hours]) == 0


@pytest.mark.parametrize(
    ("name", "rows"), [("il_oref_dleshem_to_2024-10.csv", 42_002), ("il_alertHistory_eranyariv.json", 15_041)]
)
def test_every_alert_of_israels_archives_is_kept(data_dir: Path, name: str, rows: int) -> None:
    rejects = Rejects()
    assert len({one.id for one in _read("oref-alerts", data_dir / "alerts" / name, rejects)}) == rows
    assert rejects.account == (rows, rows, 0, 0)
