"""What came of the impacts that a source reported, for officers to weigh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.ledger.claim import Claim
from tocsin.ledger.decision import Merge, Undo
from tocsin.ledger.earned import ADVISED_MIN, OVER, Earned, earned_in, earned_of
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record, salt
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.standing import Standing, standing_of
from tocsin.ledger.window import Place, Window

AT = datetime(2026, 5, 3, 20, tzinfo=UTC)
LATER = AT + 2 * OVER


def impact(name: str, who: str, *, released: bool = False, drill: bool = False) -> Incident:
    return Incident(
        id=name, recorded=AT, by="journal", incident=name, origin="impact", drill=drill, released=released,
        place=Place(lat=50, lon=30, sigma_m=100), window=Window(begin=AT, end=AT),
        personal=Personal(salt=salt(), witness=who),
    )  # fmt: skip


def claim(name: str, about: str, *, denied: bool = False) -> Claim:
    return Claim(
        id=name, recorded=AT, by="desk", incident=about, measure="damage", chain=("mayor",), published=AT, denied=denied
    )


def earned(records: Iterable[Record], now: datetime = LATER) -> dict[str, Earned]:
    with SqliteStore(None) as store:
        store.append(records)
        incidents = [one for one in store.read(("incident",)) if isinstance(one, Incident)]
        return {one.source: one for one in earned_in(store, incidents, standing_of(store), now)}


def test_a_report_is_borne_out_where_somebody_else_says_so_and_not_so_where_all_deny_it() -> None:
    decided: list[Record] = [
        Merge(id="m", recorded=AT, by="desk", into="twice", of=("again",)),
        Undo(id="u", recorded=AT, by="desk", of="slip"),
    ]
    found = earned([
        impact("told", "north"), claim("c1", "told"),
        impact("shown", "north", released=True),
        impact("twice", "north"), impact("again", "south"),
        impact("silent", "north"),
        impact("slip", "north"),
        impact("denied", "south"), claim("c2", "denied", denied=True),
        impact("disputed", "south"), claim("c3", "disputed", denied=True), claim("c4", "disputed"),
        impact("exercise", "north", drill=True),
        *decided,
    ])  # fmt: skip
    assert found == {"north": Earned("north", 3, 1, 1), "south": Earned("south", 2, 0, 1)}


def test_what_is_not_over_yet_speaks_for_nobody_and_against_nobody() -> None:
    young = earned([impact("silent", "north"), impact("told", "north"), claim("c", "told")], AT + OVER / 2)
    assert young == {"north": Earned("north", 1, 0, 0)}


def test_of_one_source_that_reports_the_same_twice_neither_bears_out_the_other() -> None:
    both = [impact("a", "north"), impact("b", "north"), Merge(id="m", recorded=AT, by="desk", into="a", of=("b",))]
    assert earned(both) == {"north": Earned("north", 0, 2, 0)}


@pytest.mark.parametrize(
    ("counts", "share", "advice"),
    [((9, 0, 0), None, None), ((9, 1, 0), 0.9, "rely"), ((8, 2, 0), 0.8, None), ((3, 6, 1), 0.3, "doubt")],
)
def test_an_officer_is_advised_from_ten_on(
    counts: tuple[int, int, int], share: float | None, advice: str | None
) -> None:
    one = Earned("north", *counts)
    assert (one.share, one.advice) == (share, advice)
    assert ADVISED_MIN == 10


def test_whose_name_was_redacted_is_in_no_figure() -> None:
    nameless = [Incident(id="x", recorded=AT, by="journal", incident="x", origin="impact", window=Window(begin=AT))]
    assert earned_of(nameless, (), Standing(), LATER + timedelta(days=1)) == ()
