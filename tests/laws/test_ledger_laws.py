"""What holds of every ledger: arrival does not matter, what was merged comes apart again, echoes add nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.tried import tried
from tests.unit.ledger.made_records import times as moments
from tocsin.ledger.case import Book, Case
from tocsin.ledger.claim import Claim, Figure, Measure
from tocsin.ledger.decision import Apart, Merge, Split, Undo
from tocsin.ledger.figures import figure_of
from tocsin.ledger.incident import Incident
from tocsin.ledger.reconcile import Finding
from tocsin.ledger.record import Personal, Record, public, record_bytes, record_json, salt
from tocsin.ledger.source import Source
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.standing import Standing
from tocsin.ledger.when import resolve
from tocsin.ledger.window import Place, Window
from tocsin.ledger.wire import record_from_json

START = datetime(2026, 5, 3, tzinfo=UTC)
INCIDENTS, SOURCES = ("a", "b", "c", "d"), ("north", "south", "relay", "paper")
OUTLETS = ("echo-1", "echo-2", "echo-3")
MEASURES: tuple[Measure, ...] = ("killed", "injured", "damage", "outage", "responsibility")

times = st.integers(0, 20).map(lambda hours: START + timedelta(hours=hours))
counts = st.none() | st.integers(0, 9)
figures = st.builds(
    lambda low, more, about: Figure(
        low=low, high=None if more is None else (low or 0) + more, about=about and (low, more) != (None, None)
    ),
    counts,
    counts,
    st.booleans(),
)
windows = st.builds(
    lambda begin, hours: Window(begin=begin, end=begin + timedelta(hours=hours)), times, st.integers(0, 9)
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Record]:
    """Records of a small ledger, each with an id of its own, recorded in any order."""
    records: list[Record] = []

    def header(kind: str) -> dict[str, object]:
        return {"id": f"{kind}-{len(records)}", "recorded": draw(times), "by": "desk"}

    for name in SOURCES:
        echoes = draw(st.none() | st.sampled_from(SOURCES)) if name == "relay" else None
        records.append(
            msgspec.convert(
                {"record": "source", "source": name, "names": [{"text": name}], "echoes": echoes} | header("s"), Source
            )
        )
    for name in draw(st.lists(st.sampled_from(INCIDENTS), min_size=1, max_size=5)):
        place = Place(lat=draw(st.integers(-9, 9)), lon=1, sigma_m=5)
        records.append(Incident(**header("i"), incident=name, window=draw(windows), place=place))  # type: ignore[arg-type]
    claims: list[str] = []
    for _ in range(draw(st.integers(1, 8))):
        claim = draw(a_claim(f"c-{len(records)}", claims))
        claims.append(claim.id)
        records.append(claim)
    for _ in range(draw(st.integers(0, 4))):
        records.append(draw(decisions(f"d-{len(records)}", claims, [one.id for one in records])))
    return records


@st.composite
def a_claim(draw: st.DrawFn, name: str, claims: list[str]) -> Claim:
    measure = draw(st.sampled_from(MEASURES))
    return Claim(
        id=name, recorded=draw(times), by="desk", incident=draw(st.sampled_from(INCIDENTS)), measure=measure,
        chain=tuple(draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3))), published=draw(times),
        subject=draw(st.sampled_from(["", "civilians"])), figure=draw(st.none() | figures),
        window=draw(st.none() | windows), denied=draw(st.booleans()),
        revises=draw(st.none() | st.sampled_from(claims)) if claims else None,
    )  # fmt: skip


def decisions(name: str, claims: list[str], records: list[str]) -> st.SearchStrategy[Record]:
    one, other = st.sampled_from(INCIDENTS), st.sampled_from(INCIDENTS)
    said = {"id": st.just(name), "recorded": times, "by": st.just("desk")}
    return st.one_of(
        st.builds(Merge, **said, into=one, of=st.tuples(other)),
        st.builds(
            Merge, **said, what=st.just("source"), into=st.sampled_from(SOURCES), of=st.tuples(st.sampled_from(SOURCES))
        ),
        st.builds(Split, **said, into=one, claims=st.tuples(st.sampled_from(claims))),
        st.builds(Apart, **said, one=one, other=other),
        st.builds(Undo, **said, of=st.sampled_from(records)),
    )


def cases(records: Iterable[Record]) -> dict[str, Case | None]:
    with SqliteStore(None) as store:
        done = store.append(records)
        assert done.conflicts == ()
        book = Book(store)
        return {name: book.case(name) for name in INCIDENTS}


@tried(25, 2_000)
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(records: list[Record], chance: Random) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert cases(shuffled) == cases(records)


def _known(found: dict[str, Case | None]) -> dict[str, object]:
    return {name: case and case._replace(decisions=()) for name, case in found.items()}


@tried(25, 2_000)
@given(ledgers(), st.data())
def test_a_merge_that_is_undone_restores_what_was(records: list[Record], data: st.DataObject) -> None:
    late = START + timedelta(days=9)
    into, other = data.draw(st.permutations(INCIDENTS))[:2]
    merge = Merge(id="merge", recorded=late, by="desk", into=into, of=(other,))
    before, merged = cases(records), cases([*records, merge])
    assert merged[into] == merged[other]
    undo = Undo(id="undo", recorded=late + timedelta(hours=1), by="desk", of="merge")
    assert _known(cases([*records, merge, undo])) == _known(before)


def _ranges(case: Case | None) -> dict[tuple[str, str], object]:
    def figures_of(finding: Finding) -> object:
        voices = {one.voice: (one.figure, one.denied) for one in finding.statements}
        return voices, finding.span, finding.agreed, finding.contradictions

    return {} if case is None else {(one.measure, one.subject.casefold()): figures_of(one) for one in case.findings}


@tried(25, 2_000)
@given(ledgers(), st.data())
def test_however_many_outlets_echo_a_source_no_range_changes(records: list[Record], data: st.DataObject) -> None:
    standing = Standing(one for one in records if isinstance(one, Merge | Apart | Split | Undo))
    gone = standing.undone | set(standing.moved)
    claims = [one for one in records if isinstance(one, Claim) and one.id not in gone]
    assume(claims)
    echoes = []
    for number in range(data.draw(st.integers(1, 4))):
        heard = data.draw(st.sampled_from(claims))
        chain = (*heard.chain, *data.draw(st.lists(st.sampled_from(OUTLETS), min_size=1, max_size=2)))
        later = {"published": data.draw(times), "recorded": data.draw(times), "language": "fr", "revises": None}
        echoes.append(msgspec.structs.replace(heard, id=f"echo-{number}", chain=chain, **later))
    before, after = cases(records), cases([*records, *echoes])
    for name in INCIDENTS:
        assert _ranges(after[name]) == _ranges(before[name])


@tried(100, 5_000)
@given(figures)
def test_a_figure_in_words_is_the_figure(figure: Figure) -> None:
    assert figure_of(str(figure)) == figure


@tried(10, 2_000)
@given(ledgers(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_record_comes_back_from_its_json_and_its_bytes_do_not_tell_what_is_personal(
    records: list[Record], witness: str
) -> None:
    for record in records:
        whole = msgspec.structs.replace(record, personal=Personal(salt=salt(), witness=witness))
        assert record_from_json(record_json(whole)) == whole
        assert record_bytes(public(whole)) == record_bytes(whole)
        assert b"witness" not in record_bytes(whole)
        assert record_from_json(record_bytes(whole)) == public(whole)
        assert record_bytes(record_from_json(record_bytes(whole))) == record_bytes(whole)


PHRASES = (
    "overnight Sunday to Monday", "on Tuesday evening", "early May", "late December", "yesterday", "last night",
    "three days ago", "5 May", "Friday at dawn", "February 29", "this morning", "in June",
)  # fmt: skip


@pytest.mark.parametrize("said", PHRASES)
@tried(20, 1_000)
@given(published=moments)
def test_what_is_told_lies_before_it_was_published(said: str, published: datetime) -> None:
    window = resolve(said, published, "Asia/Damascus")
    assert window.end is not None
    assert window.begin <= window.end
    assert window.end <= published or said == "this morning"
    assert published - window.begin < timedelta(days=366 * 8 + 1)
