"""What the public may read of released incidents: never who a witness is, by whatever way that might come to light."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.unit.ledger.conftest import NewStore
from tocsin.ledger.case import Book
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.decision import Merge, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.proof_log import ProofLog
from tocsin.ledger.proof_records import take_records
from tocsin.ledger.released import public_of
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Window

AT = datetime(2026, 5, 3, 2, tzinfo=UTC)
WITNESS = "A. Witness"


@pytest.mark.parametrize(("into", "of"), [("w-1", "street"), ("street", "w-1")])
def test_a_channel_that_is_one_with_the_witness_behind_it_is_a_witness_too(
    new_store: NewStore, into: str, of: str
) -> None:
    source = partial(Source, recorded=AT, by="desk")
    claim = partial(
        Claim, recorded=AT, by="desk", incident="i", measure="injured", published=AT, figure=Figure(low=5, high=5),
        url="https://example.org/street",
    )  # fmt: skip
    with new_store() as store:
        store.append([
            Incident(id="i", recorded=AT, by="desk", incident="i", window=Window(begin=AT, end=AT), released=True),
            source(id="s/w", source="w-1", kind="witness", names=(SourceName(text=WITNESS),)),
            source(id="s/c", source="street", kind="channel", names=(SourceName(text="@the_street"),)),
            source(id="s/p", source="paper", kind="outlet", names=(SourceName(text="The Paper"),)),
            Merge(id="m", recorded=AT, by="desk", what="source", into=into, of=(of,)),
            claim(id="c/1", chain=("street",)),
            claim(id="c/2", chain=("street", "paper")),
        ])  # fmt: skip
        told = json.dumps(public_of(Book(store)).released, ensure_ascii=False)
    assert WITNESS not in told
    assert "the_street" not in told
    assert "example.org" not in told
    assert "The Paper" in told


def test_a_release_that_was_taken_back_in_time_is_not_in_the_public_log(new_store: NewStore, tmp_path: Path) -> None:
    def incident(name: str, minute: int, *, released: bool) -> Incident:
        at = AT + timedelta(minutes=minute)
        return Incident(
            id=f"{name}/{minute}", recorded=at, by="desk", incident=name, window=Window(begin=AT, end=AT),
            released=released, struck=f"what was struck at {name}",
        )  # fmt: skip

    with new_store() as store:
        store.append([
            incident("released", 0, released=True),
            incident("undone", 0, released=True),
            Undo(id="u", recorded=AT, by="desk", of="undone/0"),
            incident("withdrawn", 0, released=True),
            incident("withdrawn", 1, released=False),
            incident("hidden", 0, released=False),
            incident("merged", 0, released=True),
            Merge(id="m", recorded=AT, by="desk", into="hidden", of=("merged",)),
        ])  # fmt: skip
        assert {one["incident"] for one in public_of(Book(store)).released} == {"released"}
        log = ProofLog(tmp_path / "proof.db", make=True)
        assert take_records(log, store) == 8
        assert [entry.id for entry in log.entries(0, 10) if entry.public] == ["released/0"]
        log.close()
    assert b"struck at undone" not in (tmp_path / "proof.db").read_bytes()
