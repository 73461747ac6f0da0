"""What an export for others calls witnesses and their records, and what becomes of it where it comes back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.unit.ledger.conftest import NewStore
from tocsin.ingest.rejects import Rejects
from tocsin.ledger.check import check
from tocsin.ledger.claim import Claim, Evidence
from tocsin.ledger.custody import Handling
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.exporting import export_file
from tocsin.ledger.importing import import_file
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.window import Window

NIGHT = datetime(2026, 5, 3, tzinfo=UTC)
DIGEST = "0" * 64
PSEUDONYM = r"w-[0-9a-f]{20}"
HEAD: dict[str, Any] = {"recorded": NIGHT, "by": "desk"}
MARIA = Source(id="maria-1", **HEAD, source="maria", names=(SourceName(text="Maria of Lane 9"),), kind="witness")
PAPER = Source(id="paper-1", **HEAD, source="w-17", names=(SourceName(text="Paper 17"),), kind="outlet",
               echoes="maria")  # fmt: skip
RAID = Incident(id="raid/1", **HEAD, incident="raid", window=Window(begin=NIGHT))
SAID = Claim(id="claim-maria-1", **HEAD, incident="raid", measure="damage", chain=("maria",), published=NIGHT,
             evidence=(Evidence(sha256=DIGEST, archived="maria's phone"),),
             personal=Personal(salt="1" * 32, witness="Maria"))  # fmt: skip
AGAIN = Claim(id="claim-maria-2", **HEAD, incident="raid", measure="damage", chain=("maria", "w-17"), published=NIGHT,
              revises="claim-maria-1")  # fmt: skip
OTHER = Claim(id="other", **HEAD, incident="raid", measure="damage", chain=("w-17",), published=NIGHT,
              revises="claim-maria-2")  # fmt: skip
ALL: tuple[Record, ...] = (
    MARIA, PAPER, RAID, SAID, AGAIN, OTHER,
    Split(id="maria-moved", **HEAD, into="raid", claims=("other", "claim-maria-1"), reason="Maria says so"),
    Undo(id="maria-undone", **HEAD, of="maria-moved", reason="Maria says so"),
    Redaction(id="maria-redacted", **HEAD, of="claim-maria-1", reason="Maria asked"),
    Redaction(id="unknown-redacted", **HEAD, of="claim-maria-9", reason="Maria asked"),
    Handling(id="maria-phone", **HEAD, of=DIGEST, did="received", at=NIGHT, place="at Maria's"),
)  # fmt: skip


def exported(store: SqlStore, path: Path) -> list[dict[str, Any]]:
    export_file(store, path, "jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_no_id_in_an_export_tells_who_a_witness_is_and_all_stay_joined(new_store: NewStore, tmp_path: Path) -> None:
    with new_store() as store:
        store.append(ALL)
        found = exported(store, tmp_path / "a")
    assert "aria" not in (tmp_path / "a").read_text()
    maria, paper, raid, said, again, other, moved, undone, redacted, unknown, phone = found
    assert re.fullmatch("w-[0-9a-f]{20}", maria["source"])
    assert (paper["source"], paper["echoes"], raid["id"]) == ("w-17", maria["source"], "raid/1")
    assert (again["revises"], other["revises"], other["id"]) == (said["id"], again["id"], "other")
    assert moved["claims"] == ["other", said["id"]]
    assert (undone["of"], redacted["of"]) == (moved["id"], said["id"])
    assert unknown["of"] != "claim-maria-9"
    assert "place" not in phone
    assert len({one["id"] for one in found}) == len(found)


def test_a_witness_is_named_under_none_of_the_names_that_are_his(new_store: NewStore, tmp_path: Path) -> None:
    page = replace(PAPER, id="page", source="page-of-maria", echoes=None, names=(SourceName(text="Maria's page"),))
    one = Merge(id="m", **HEAD, what="source", into="page-of-maria", of=("maria",), reason="her own")
    with new_store() as store:
        store.append([*ALL, page, one])
        *_, merge = exported(store, tmp_path / "a")
        assert "aria" not in (tmp_path / "a").read_text()
        assert len({merge["into"], *merge["of"]}) == 2
        store.append([Undo(id="u", **HEAD, of="m")])
        assert "page-of-maria" in json.dumps(exported(store, tmp_path / "a"))


def test_a_pseudonym_stays_when_others_join_and_only_the_ledgers_own_key_makes_it(
    new_store: NewStore, tmp_path: Path
) -> None:
    first, second = replace(MARIA, id="anna-1", source="anna"), replace(SAID, id="anna-said", chain=("anna",))
    with new_store() as store, new_store() as elsewhere:
        store.append(ALL)
        before = exported(store, tmp_path / "a")
        store.append([replace(first, recorded=NIGHT - timedelta(days=1)), second])
        after = exported(store, tmp_path / "b")
        assert after[: len(before)] == before
        assert after[-1]["chain"][0] not in (before[0]["source"], "anna")
        elsewhere.append(ALL)
        assert exported(elsewhere, tmp_path / "c")[0]["source"] != before[0]["source"]


def test_an_export_that_comes_home_is_known_and_no_witness_becomes_a_second_voice(
    new_store: NewStore, tmp_path: Path
) -> None:
    with new_store() as store, new_store() as theirs:
        store.append(ALL)
        mine = exported(store, tmp_path / "mine.jsonl")
        held = store.last_seq
        for _ in range(2):
            done = import_file(store, tmp_path / "mine.jsonl", "jsonl", Rejects())
            assert (done["rejected"], done["records"]) == (0, {"new": 0, "known": len(mine)})
        # By way of another ledger the pseudonyms are the same.
        assert import_file(theirs, tmp_path / "mine.jsonl", "jsonl", Rejects())["records"]["new"] == len(mine)
        assert exported(theirs, tmp_path / "theirs.jsonl") == mine
        # What others say under the pseudonym, or put under its id, does not come in.
        said = next(one for one in mine if one["record"] == "claim")
        added = [said | {"id": "new"}, said | {"subject": "a roof"}, said | {"id": "b", "chain": [mine[1]["source"]]}]
        (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, added)))
        rejects = Rejects()
        done = import_file(store, tmp_path / "more.jsonl", "jsonl", rejects)
        assert (done["kept"], done["rejected"], store.last_seq) == (1, 2, held + 1)
        assert [one for one in rejects.counts if "call a witness of its own" in one]


def test_a_ledger_without_witnesses_has_no_key_and_its_export_is_what_it_holds(
    new_store: NewStore, tmp_path: Path
) -> None:
    with new_store() as store:
        store.append([RAID, OTHER])
        assert [one["id"] for one in exported(store, tmp_path / "a")] == ["raid/1", "other"]
        assert not store.has_pseudonyms


def test_what_else_a_witness_is_called_is_in_no_export_while_it_is_he(new_store: NewStore, tmp_path: Path) -> None:
    blog = Source(id="blog-1", **HEAD, source="nurse-blog", names=(SourceName(text="The nurse"),), kind="channel",
                  site="https://nurse.example")  # fmt: skip
    told = Claim(id="nurse-1", **HEAD, incident="raid", measure="damage", chain=("nurse-blog",), published=NIGHT)
    one = Merge(id="one-1", **HEAD, what="source", into="maria", of=("nurse-blog",), reason="the nurse is Maria")
    with new_store() as store:
        store.append([MARIA, RAID, blog, told, one])
        exported(store, tmp_path / "a")
        assert "nurse" not in (tmp_path / "a").read_text()
        # It was not she: what was never hers may be read again, and who was taken for her may not.
        store.append([Undo(id="undo-1", **HEAD | {"recorded": NIGHT + timedelta(days=1)}, of="one-1")])
        found = exported(store, tmp_path / "b")
    merge = next(row for row in found if row["record"] == "merge")
    assert re.fullmatch(PSEUDONYM, merge["of"][0])
    assert {row["source"] for row in found if row["record"] == "source"} > {"nurse-blog"}


def test_who_was_told_apart_from_a_witness_is_not_named_beside_him(new_store: NewStore, tmp_path: Path) -> None:
    apart = Apart(id="apart-1", **HEAD, what="source", one="maria", other="w-17", reason="Maria is no paper")
    with new_store() as store:
        store.append([*ALL[:3], apart])
        found = exported(store, tmp_path / "a")[-1]
    assert re.fullmatch(PSEUDONYM, found["one"])
    assert re.fullmatch(PSEUDONYM, found["other"])
    with new_store() as store:
        import_file(store, tmp_path / "a", "jsonl", Rejects(None))
        assert list(check(store)) == []
