"""Both stores keep records, know them again, and refuse other words under an id that is taken."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from msgspec.structs import replace

from tests.some import some
from tests.tried import tried
from tests.unit.ledger.conftest import NewStore
from tests.unit.ledger.made_records import records as any_record
from tocsin.ledger.check import check
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.decision import Redaction
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record, public, record_bytes, salt
from tocsin.ledger.rows import row_of
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.store import Box
from tocsin.ledger.window import Place, Window
from tocsin.ledger.wire import record_from_json
from tocsin.ledger.wordless import wordless

NIGHT = datetime(2026, 5, 3, 22, tzinfo=UTC)


def claim(name: str, incident: str = "i", low: int = 5, chain: tuple[str, ...] = ("sohr",), words: str = "") -> Claim:
    return Claim(
        id=name, recorded=NIGHT, by="desk", incident=incident, measure="injured", chain=chain, published=NIGHT,
        figure=Figure(low=low, high=low), personal=Personal(salt=salt(), witness="A. B.", words=words),
    )  # fmt: skip


def incident(name: str, lat: float = 33.5, lon: float = 36.3, begin: datetime = NIGHT) -> Incident:
    window = Window(begin=begin, end=begin + timedelta(hours=3))
    return Incident(
        id=f"{name}/1",
        recorded=begin,
        by="desk",
        incident=name,
        window=window,
        place=Place(lat=lat, lon=lon, sigma_m=1),
    )


def test_what_was_kept_comes_back_whole_and_in_order_of_arrival(new_store: NewStore) -> None:
    records = [incident("i"), claim("b"), claim("a", words="said in private")]
    with new_store() as store:
        assert store.append(records)[:2] == (3, 0)
        assert list(store.read()) == records
        assert list(store.read(("claim",))) == records[1:]
        assert store.get("a") == records[2]
        assert store.get("nobody") is None
        assert [one.seq for one in store.stored()] == [1, 2, 3]
        assert [one.body for one in store.stored(1)] == [record_bytes(one) for one in records[1:]]
        assert store.counts() == {"claim": 2, "incident": 1}
        assert store.last_seq == 3


def test_the_same_record_twice_is_one_and_other_words_under_its_id_are_refused(new_store: NewStore) -> None:
    first, last = claim("a"), claim("b", low=9)
    with new_store() as store:
        store.append([first])
        again, other = claim("a"), claim("a", low=6)
        assert again.sealed != first.sealed
        done = store.append([again, other, claim("b"), claim("b"), last])
        assert (done.new, done.known) == (1, 2)
        assert [conflict.record for conflict in done.conflicts] == [other, last]
        assert "a stands for another record already" in done.conflicts[0].reason
        assert store.get("a") == first


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_redaction_takes_the_personal_parts_and_leaves_the_bytes_whichever_came_first(
    new_store: NewStore, order: tuple[int, int]
) -> None:
    said = claim("a", words="said in private")
    records: list[Record] = [said, Redaction(id="r", recorded=NIGHT, by="desk", of="a", reason="asked for")]
    with new_store() as store:
        for place in order:
            store.append([records[place]])
        left = store.get("a")
        assert left == public(said)
        assert left.withheld
        assert record_bytes(left) == record_bytes(said)
        # Importing the same file again does not bring it back.
        assert store.append([said]).known == 1
        assert store.get("a").withheld


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_words_are_redacted_whichever_came_first_and_the_hash_of_what_was_there_stays(
    new_store: NewStore, order: tuple[int, int]
) -> None:
    named = Place(lat=50, lon=30, sigma_m=10, name="the house of A. B.")
    said = replace(incident("raid"), struck="the kitchen of A. B.", place=named, released=True)
    records: list[Record] = [said, Redaction(id="r", recorded=NIGHT, by="desk", of=said.id, words=True)]
    with new_store() as store:
        for at in order:
            store.append([records[at]])
        left = store.get(said.id)
        assert isinstance(left, Incident)
        assert b"A. B." not in b"".join(one.body for one in store.stored())
        assert left.blanked == hashlib.sha256(record_bytes(said)).hexdigest()
        assert (left.incident, left.window, left.released) == ("raid", said.window, True)
        assert left.place is not None and (left.place.lat, left.place.name) == (50, "")
        # Neither the record as it was nor what is left of it is another one.
        done = store.append([said, left])
        assert (done.known, done.conflicts) == (2, ())
        assert store.get(said.id) == left
        assert list(check(store)) == []
    with new_store() as store:
        assert store.append([said, left])[:2] == (1, 1)
        assert store.get(said.id) == said
        store.append([records[1]])
        assert store.get(said.id) == left


@given(any_record)
@tried(60, 2_000)
def test_what_is_left_of_any_record_says_nothing_more_and_is_read_as_it_was_written(record: Record) -> None:
    left = wordless(record)
    assert left.blanked == hashlib.sha256(record_bytes(record)).hexdigest()
    assert wordless(left) == left
    assert record_from_json(record_bytes(left)) == left
    assert row_of(left)[:8] == row_of(record)[:8]
    for text in ("struck", "words", "reason", "note", "about", "url"):
        assert not getattr(left, text, "")


def test_records_are_found_by_what_they_are_about_and_whose_they_are(new_store: NewStore) -> None:
    source = Source(id="s", recorded=NIGHT, by="desk", source="sohr", names=(SourceName(text="SOHR"),))
    records = [source, claim("a", "i"), claim("b", "j"), claim("c", "i", chain=("sana", "afp")), incident("i")]
    with new_store() as store:
        store.append(records)
        assert store.about(("claim",), ("i",)) == [records[1], records[3]]
        assert store.about(("claim", "incident", "source"), ("i", "sohr")) == [source, *records[1::2], records[4]]
        assert store.about(("claim",), ()) == []
        assert [one.id for one in store.said_by(("sohr",))] == ["a", "b"]
        assert [one.id for one in store.said_by(("sohr",), after=2, limit=1)] == ["b"]


def test_incidents_are_listed_by_time_and_by_box_across_the_date_line_too(new_store: NewStore) -> None:
    later = NIGHT + timedelta(days=2)
    records = [incident("west", 0, -179.9), incident("east", 0, 179.9), incident("middle", 0, 0, later)]
    with new_store() as store:
        store.append(records)
        assert store.listed() == ["east", "middle", "west"]
        assert store.listed(box=Box(179, -1, -179, 1)) == ["east", "west"]
        assert store.listed(box=Box(0, 0, 1, 1)) == ["middle"]
        assert store.listed(begin=later) == ["middle"]
        assert store.listed(end=NIGHT) == ["east", "west"]
        assert store.listed(after="east", limit=1) == ["middle"]


def test_what_is_not_durable_yet_is_not_there_when_a_batch_fails(new_store: NewStore) -> None:
    with new_store() as store:
        with pytest.raises(AssertionError), store._writing():
            store._insert([(1, *some(_row()))])
            raise AssertionError
        assert store.last_seq == 0


def _row() -> tuple[object, ...]:
    return tuple(row_of(claim("a")))


def test_personal_parts_that_come_after_the_public_copy_are_kept_unless_they_were_redacted(new_store: NewStore) -> None:
    one, other, gone = claim("a"), claim("b"), claim("c")
    redaction = Redaction(id="r", recorded=NIGHT, by="desk", of="c")
    with new_store() as store:
        store.append([*map(public, (one, other, gone)), redaction])
        assert store.append([one, public(other), other, gone])[:2] == (0, 4)
        assert [store.get(name) for name in "abc"] == [one, other, public(gone)]
        assert store.append([public(one)])[:2] == (0, 1)
        assert store.get("a") == one
        assert store.last_seq == 4
    with new_store() as store:
        assert store.append([public(one), one, gone, redaction])[:2] == (3, 1)
        assert [store.get(name) for name in "ac"] == [one, public(gone)]


def test_two_people_who_say_the_same_are_two_and_the_second_never_vanishes_under_the_firsts_id(
    new_store: NewStore,
) -> None:
    first, silent = claim("a"), replace(claim("b"), personal=None, sealed=None)
    second = replace(first, personal=Personal(salt=salt(), witness="C. D."), sealed=None)
    spoken = replace(silent, personal=Personal(salt=salt(), witness="C. D."), sealed=None)
    with new_store() as store:
        store.append([first, silent])
        done = store.append([second, spoken, claim("a")])
        assert (done.new, done.known) == (0, 1)
        assert [conflict.record for conflict in done.conflicts] == [second, spoken]
        assert "other things that are personal; give this one its own id" in done.conflicts[0].reason
        assert [store.get(name) for name in "ab"] == [first, silent]
        # Within one batch it is the same.
        assert len(store.append([replace(first, id="x"), replace(second, id="x")]).conflicts) == 1
        # What a redaction took out is not told from what comes.
        store.append([Redaction(id="r", recorded=NIGHT, by="desk", of="a")])
        assert store.append([second])[:2] == (0, 1)
