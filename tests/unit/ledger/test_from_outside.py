"""What a file from outside may add to a ledger, and what of it may not be changed by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.some import some
from tests.tried import tried
from tests.unit.ledger.conftest import NewStore
from tests.unit.ledger.made_records import records as any_record
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.case import Book
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.decision import Merge
from tocsin.ledger.formats.jsonl import write
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.store import Appended
from tocsin.ledger.window import Place, Window

NIGHT = datetime(2026, 5, 3, tzinfo=UTC)
LATER = NIGHT + timedelta(days=9)
NOW = NIGHT + timedelta(days=30)
SOHR = Source(id="s-sohr", recorded=NIGHT, by="desk", source="sohr", names=(SourceName(text="SOHR"),),
              kind="observatory")  # fmt: skip
RELAY = Source(id="s-relay", recorded=NIGHT, by="desk", source="relay", names=(SourceName(text="Relay"),), echoes="far")
OSDH = Merge(id="m", recorded=NIGHT, by="desk", what="source", into="sohr", of=("osdh",))
RAID = Incident(id="raid/1", recorded=NIGHT, by="desk", incident="raid", struck="a depot",
                place=Place(lat=33, lon=36, sigma_m=500), window=Window(begin=NIGHT, end=NIGHT))  # fmt: skip
NINE = Claim(id="nine", recorded=NIGHT, by="desk", incident="raid", measure="killed", chain=("sohr", "nurse"),
             published=NIGHT, figure=Figure(low=9, high=9))  # fmt: skip
HERE: tuple[Record, ...] = (SOHR, RELAY, RAID, NINE)


def brought(
    store: SqlStore, tmp_path: Path, *records: Record, decisions: bool = False
) -> tuple[dict[str, object], list[str]]:
    """What became of records in a file from outside, and the reasons."""
    path = tmp_path / "theirs.jsonl"
    with path.open("wb") as file:
        write(records, file)
    kept = tmp_path / "rejected"
    with Rejects(kept) as rejects:
        done = import_file(store, path, "jsonl", rejects, decisions=decisions, now=NOW)
    reasons = [json.loads(line)["reason"] for line in kept.read_text().splitlines()] if kept.is_file() else []
    kept.unlink(missing_ok=True)
    assert done["rejected"] == len(reasons)
    return done, reasons


CHANGES: dict[str, tuple[Record, str]] = {
    "makes a source another's echo": (replace(SOHR, id="x", recorded=LATER, echoes="ministry"), "(echoes)"),
    "renames a source": (replace(SOHR, id="x", recorded=LATER, names=(SourceName(text="S.H."),)), "(names)"),
    "makes a source another kind": (replace(SOHR, id="x", recorded=LATER, kind="witness"), "(kind)"),
    "describes a source otherwise, before we did": (replace(SOHR, id="x", recorded=NIGHT - timedelta(days=9),
                                                            kind="official"), "(kind)"),
    "describes whom we only name": (replace(SOHR, id="x", source="nurse", kind="outlet"), "nobody here described"),
    "gives a voice to whose words are passed on": (replace(SOHR, id="x", source="far", echoes="ministry"),
                                                   "nobody here described"),
    "describes whom we merged with another": (replace(SOHR, id="x", source="osdh", echoes="ministry"),
                                              "it is one with 'osdh and sohr'"),
    "takes back another's claim": (replace(NINE, id="x", recorded=LATER, chain=("ministry",), revises="nine"),
                                   "which 'sohr' said, and not 'ministry'"),
    "takes back what this desk recorded": (replace(NINE, id="x", by="elsewhere", recorded=LATER, revises="nine"),
                                           "which 'desk' recorded, and not 'elsewhere'"),
    "takes back what a desk of this ledger recorded, in its name": (
        replace(NINE, id="x", recorded=LATER, revises="nine"), "a desk of this ledger"),
    "takes back a record that is no claim": (replace(NINE, id="x", recorded=LATER, revises="raid/1"), "is no claim"),
    "takes back what is not here": (replace(NINE, id="x", recorded=LATER, revises="ten"), "no record here"),
    "says of an incident that it was elsewhere": (replace(RAID, id="x", recorded=LATER,
                                                          place=Place(lat=1, lon=1, sigma_m=1)), "(place)"),
    "says of an incident that it was something else, before we did": (
        replace(RAID, id="x", recorded=NIGHT - timedelta(days=9), struck="a school", warnings=("w",)),
        "(struck, warnings)"),
    "says who reported an impact here": (
        replace(RAID, id="x", incident="other", origin="impact", personal=Personal(salt="1" * 32, witness="post-7")),
        "who reported 'other'"),
    "has other words under an id that is taken": (replace(NINE, figure=Figure(low=1)), "stands for another record"),
    "was recorded in a year to come": (replace(NINE, id="x", recorded=NOW + timedelta(days=300)), "still to come"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_no_file_from_outside_changes_what_the_ledger_says_already(
    new_store: NewStore, tmp_path: Path, what: str
) -> None:
    record, said = CHANGES[what]
    with new_store() as store:
        store.append([*HERE, OSDH])
        store.note_desks(["desk"])
        before = store.last_seq, Book(store).case("raid"), Book(store).voices.sources
        done, reasons = brought(store, tmp_path, record)
        assert (done["kept"], done["rejected"]) == (0, 1)
        assert said in reasons[0]
        assert (store.last_seq, Book(store).case("raid"), Book(store).voices.sources) == before
        # Its own export comes in whole, but for an id that is taken.
        taken = record.id == "nine"
        assert brought(store, tmp_path, record, decisions=True)[0]["kept"] == (0 if taken else 1)
        # And is no matter any more once it is held.
        if not taken:
            assert brought(store, tmp_path, record)[0]["kept"] == 1


def test_a_file_from_outside_adds_claims_sources_incidents_and_corrections_of_its_own(tmp_path: Path) -> None:
    theirs: list[Record] = [
        # Out of order on purpose: what takes back stands before what it takes back.
        replace(NINE, id="c2", by="north", chain=("north",), revises="c1", recorded=LATER, published=LATER),
        replace(NINE, id="c1", by="north", chain=("north",)),
        replace(SOHR, id="s1", by="north", source="north"),
        replace(SOHR, id="s2", by="north", source="north", recorded=LATER, kind="agency"),
        replace(RAID, id="i1", by="north", incident="attack"),
        replace(RAID, id="i2", by="north", incident="attack", recorded=LATER, struck="two depots"),
        # What says the same as is said here changes nothing.
        replace(SOHR, id="s3", by="north"),
        replace(RAID, id="i3", by="north", recorded=LATER),
    ]
    with SqliteStore(None) as store:
        store.append(HERE)
        store.note_desks(["desk"])
        done, reasons = brought(store, tmp_path, *theirs)
        assert (reasons, done["records"]) == ([], {"new": 8, "known": 0})
        assert brought(store, tmp_path, *theirs)[0]["records"] == {"new": 0, "known": 8}
        # A day later they correct it again.
        more = replace(NINE, id="c3", by="north", chain=("north",), revises="c2", recorded=LATER, published=LATER)
        assert brought(store, tmp_path, more)[0]["kept"] == 1


def test_what_an_archive_says_of_a_known_source_by_the_way_costs_none_of_its_events(tmp_path: Path) -> None:
    path = tmp_path / "acled.csv"
    path.write_text(
        "event_id_cnty,event_date,sub_event_type,latitude,longitude,geo_precision,source,fatalities\n"
        "SYR1,2026-05-03,Air/drone strike,33.5,36.3,1,sohr,4\n"
    )
    rejects = Rejects()
    with SqliteStore(None) as store:
        store.append(HERE)
        done = import_file(store, path, "acled", rejects, now=NOW)
        assert (done["kept"], done["rejected"], done["records"]["new"]) == (1, 0, 3)
        assert rejects.left_out == {"what it says of a source that this ledger knows": 1}
        assert Book(store).voices.sources["sohr"] == SOHR


@given(kept=st.lists(any_record, max_size=6, unique_by=lambda one: one.id), chance=st.randoms(use_true_random=False))
@tried(12, 500)
def test_what_a_ledger_holds_already_is_known_from_any_file_in_any_order(
    kept: list[Record], chance: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with SqliteStore(None) as store:
        store.append(kept)
        held = store.last_seq
        chance.shuffle(kept)
        _, reasons = brought(store, tmp_path_factory.mktemp("again"), *kept)
        assert not [one for one in reasons if "would erase" not in one]
        assert store.last_seq == held


def test_the_ledger_knows_which_desks_are_its_own_however_it_was_filled(new_store: NewStore, tmp_path: Path) -> None:
    with new_store() as store:
        # What fills an empty ledger is its own.
        brought(store, tmp_path, *HERE)
        brought(store, tmp_path, replace(NINE, id="c", by="north", chain=("north",)))
        assert store.own_desks() == {"desk"}
        brought(store, tmp_path, replace(NINE, id="d", by="south"), decisions=True)
        assert store.own_desks() == {"desk", "south"}
    with new_store() as store:
        # One of before that was noted: nobody can say whose they are.
        store.append([NINE, replace(NINE, id="c", by="north")])
        assert store.own_desks() == {"desk", "north"}


def test_no_file_puts_words_into_the_mouth_of_whom_we_only_have_through_others(
    new_store: NewStore, tmp_path: Path
) -> None:
    none = replace(NINE, id="x", recorded=LATER, chain=("sohr",), figure=Figure(low=0, high=0))
    quoted, elsewhere = replace(none, id="y", chain=("sohr", "paper")), replace(none, id="z", measure="injured")
    with new_store() as store:
        store.append(HERE)
        _, (reason,) = brought(store, tmp_path, none, quoted, elsewhere)
        assert reason.startswith("as its own words it would outweigh what others quote of 'sohr'")
        case = Book(store).case("raid")
        assert case is not None
        killed = next(one for one in case.findings if one.measure == "killed")
        assert str(killed.span) == "0 to 9"
        # A person here may know that they are.
        assert brought(store, tmp_path, none, decisions=True)[1] == []
        # From then on it adds to what the source said itself.
        assert brought(store, tmp_path, replace(none, id="v", figure=Figure(low=4, high=4)))[1] == []


def test_a_long_chain_of_corrections_last_first_costs_no_more_than_first_first(tmp_path: Path) -> None:
    appended = []

    class Counting(SqliteStore):
        def append(self, records: Iterable[Record]) -> Appended:
            appended.append(1)
            return super().append(records)

    store = Counting(tmp_path / "ledger.db", make=True)
    store.append(HERE)
    appended.clear()
    theirs = [
        replace(NINE, id=f"c{n}", by="elsewhere", chain=("other",), revises=f"c{n + 1}" if n < 300 else None)
        for n in range(301)
    ]
    ring = [replace(theirs[0], id=one, revises=other) for one, other in (("a", "b"), ("b", "a"), ("me", "me"))]
    done, reasons = brought(store, tmp_path, *ring[:1], *theirs, *ring[1:])
    assert (done["kept"], len(reasons)) == (301, 3)
    assert all("no record here" in one for one in some(reasons))
    assert len(appended) == 2, "once for what comes first, once for what waited"
    store.close()
