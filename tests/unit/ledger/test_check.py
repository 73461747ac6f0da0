"""A ledger's check names what is wrong, and nothing that is right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from tests.unit.ledger.test_names import source
from tests.unit.ledger.test_stores import NIGHT, claim, incident
from tocsin.ledger.check import check
from tocsin.ledger.claim import Claim, Evidence
from tocsin.ledger.custody import Handling
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.record import Record
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.window import Window

SOUND = [source("sohr", "SOHR"), source("sana", "SANA"), incident("i"), claim("c")]
HEAD = {"recorded": NIGHT, "by": "desk"}
LATER = NIGHT + timedelta(days=1)


def problems(*records: Record) -> list[str]:
    with SqliteStore(None) as store:
        store.append([*SOUND, *records])
        return list(check(store))


def other(**changes: object) -> Claim:
    return msgspec.structs.replace(claim("x"), **changes)


def test_nothing_is_wrong_with_a_sound_ledger() -> None:
    revised = other(revises="c", published=NIGHT, evidence=(Evidence(sha256="0" * 64, taken=NIGHT),))
    handling = Handling(id="h", of="0" * 64, did="hashed", at=NIGHT, **HEAD)  # type: ignore[arg-type]
    assert problems(revised, handling, Merge(id="m", into="i", of=("j",), **HEAD), incident("j")) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (other(incident="nowhere"), "about nowhere, of which there is no record"),
        (other(chain=("nobody",)), "names the source nobody"),
        (other(published=LATER), "after it was recorded"),
        (other(window=Window(begin=LATER)), "after it was published"),
        (other(evidence=(Evidence(sha256="0" * 64, taken=LATER),)), "was taken after the claim was recorded"),
        (other(revises="nothing"), "which is no claim here"),
        (other(revises="c", chain=("sana",)), "another source's"),
        (other(revises="c", measure="killed"), "about something else"),
        (other(revises="c", published=NIGHT - timedelta(days=1)), "which was published later"),
        (msgspec.structs.replace(incident("i", 0.0, 0.0), id="i/2"), "where nobody lives"),
        (msgspec.structs.replace(incident("i", begin=LATER), id="i/2", recorded=NIGHT), "after it was recorded"),
        (source("relay", "Relay", echoes="nobody"), "passes on the words of nobody"),
        (Handling(id="h", of="1" * 64, did="copied", at=NIGHT, **HEAD), "no claim has a file"),  # type: ignore[arg-type]
        (Merge(id="m", into="i", of=("nowhere",), **HEAD), "names the incident nowhere"),  # type: ignore[arg-type]
        (Merge(id="m", into="i", of=("i",), **HEAD), "merges i into itself"),  # type: ignore[arg-type]
        (Apart(id="m", what="source", one="sohr", other="nobody", **HEAD), "names the source nobody"),  # type: ignore[arg-type]
        (Split(id="m", into="i", claims=("nothing",), **HEAD), "about nothing, which is no record here"),  # type: ignore[arg-type]
        (Undo(id="m", of="nothing", **HEAD), "which is no record here"),  # type: ignore[arg-type]
        (Redaction(id="m", of="nothing", **HEAD), "which is no record here"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_named_with_the_record(record: Record, said: str) -> None:
    (found,) = problems(record)
    assert said in found
    assert found.startswith(f"{record.id}: ")


def test_a_record_that_was_changed_on_the_disk_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with SqliteStore(path) as store:
        store.append(SOUND)
    db = apsw.Connection(str(path))
    db.execute("UPDATE records SET body = replace(body, '\"low\":5', '\"low\":4') WHERE id = 'c'").fetchall()
    db.execute("UPDATE records SET personal = replace(personal, 'A. B.', 'C. D.') WHERE id = 'c'").fetchall()
    db.execute("DELETE FROM records WHERE seq = 2").fetchall()
    db.close()
    with SqliteStore(path) as store:
        found = list(check(store))
    assert "records 2 to 2 are missing; restore the ledger from a copy" in found
    assert any(one.startswith("record 4, c, cannot be read") for one in found)


def test_a_record_from_a_time_that_is_still_to_come_is_named_for_it_would_count_before_all_others() -> None:
    with SqliteStore(None) as store:
        store.append([incident("i"), msgspec.structs.replace(incident("i"), id="i/2", recorded=LATER)])
        assert list(check(store, LATER)) == []
        (only,) = check(store, NIGHT)
    assert only.startswith("i/2: it was recorded at")


def test_what_takes_itself_back_passes_itself_on_or_undoes_itself_is_named() -> None:
    assert problems(other(revises="x")) == ["x: it revises x, and is itself taken back by that: none of them counts"]
    ring = [other(revises="y"), other(id="y", revises="z"), other(id="z", revises="x")]
    assert len([one for one in problems(*ring) if "none of them counts" in one]) == 3
    assert problems(Undo(id="u", of="u", **HEAD)) == ["u: it is about itself"]  # type: ignore[arg-type]
    echoes = [source("a", "A", echoes="b"), source("b", "B", echoes="a"), source("d", "D", echoes="a")]
    assert [one.partition(":")[0] for one in problems(*echoes)] == ["a", "b"]
