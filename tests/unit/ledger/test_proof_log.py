"""The public log on the disk: what it takes, what it shows, what it signs, and when it signs nothing any more."""

from __future__ import annotations

import shutil
import stat
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from tests.unit.ledger.proofs import KEY, NOW, checked, items, log_of, published
from tocsin.ledger.merkle import consistent, included
from tocsin.ledger.proof_entries import Item, entry_from_json
from tocsin.ledger.proof_heads import LEAVES_MAX, HeadSigner
from tocsin.ledger.proof_log import ProofLog
from tocsin.model.errors import BadFile, BadRecord, BadValue

SIGNER = HeadSigner(KEY)


def test_the_same_warning_told_again_makes_no_second_entry(tmp_path: Path) -> None:
    log = log_of(tmp_path, [5])
    assert log.append(items(6)) == 1
    assert log.append([Item("warning", "z0/1", '{"zone":"another"}')]) == 1
    assert len(log) == 7


def test_a_record_that_is_not_public_is_in_the_log_by_its_hash_alone(tmp_path: Path) -> None:
    log = log_of(tmp_path, [5])
    line = log.entry_lines(4, 1)[0]
    assert set(msgspec.json.decode(line)) == {"index", "public", "commitment"}
    log.close()
    assert b"z4" not in line
    assert b'"zone":"z4"' not in (tmp_path / "proof.db").read_bytes()


def test_a_text_that_is_blanked_is_gone_and_everybody_sees_that_and_why(tmp_path: Path) -> None:
    log = log_of(tmp_path, [5])
    before = published(log)
    log.blank(2, "it named a person")
    log.sign(SIGNER, NOW + timedelta(seconds=9))
    after = published(log)
    assert entry_from_json(after.entries[2]).leaf == entry_from_json(before.entries[2]).leaf
    assert b"it named a person" in after.entries[-1]
    assert not checked(*after).findings
    assert [one.what for one in checked(after.entries[:5], before.heads).findings] == ["blanked"]
    log.close()
    assert b'{"zone":"z2"}' not in (tmp_path / "proof.db").read_bytes()
    with pytest.raises(BadValue, match="has no public text"):
        ProofLog(tmp_path / "proof.db").blank(2, "again")
    with pytest.raises(BadValue, match="give a reason"):
        ProofLog(tmp_path / "proof.db").blank(1, " ")


def test_a_warning_that_was_blanked_does_not_come_back_after_a_restart(tmp_path: Path) -> None:
    log_of(tmp_path, [5]).blank(2, "it named a person")
    assert ProofLog(tmp_path / "proof.db").append(items(5)) == 0


def test_every_head_is_proved_to_go_on_with_the_one_before_and_every_entry_to_be_in_it(tmp_path: Path) -> None:
    log = log_of(tmp_path, [3, 4, 6])
    sizes = [3, 7, 13]
    heads = [msgspec.json.decode(line) for line in log.head_lines(0, 10)]
    assert [head["size"] for head in heads] == sizes
    roots = [bytes.fromhex(head["root"]) for head in heads]
    assert consistent(3, 13, roots[0], roots[2], log.consistency(3, 13))
    leaf = log.entries(5, 1)[0].leaf
    assert included(leaf, 5, 7, log.inclusion(5, 7), roots[1])


def test_a_million_records_at_once_are_signed_in_heads_that_can_be_read(tmp_path: Path) -> None:
    log = ProofLog(tmp_path / "proof.db", make=True)
    log.append([Item("claim", f"c{at}", "{}", public=False) for at in range(LEAVES_MAX + 5)], taken=9)
    assert [head.size for head in log.sign(SIGNER, NOW)] == [LEAVES_MAX, LEAVES_MAX + 5]
    assert not checked(*published(log)).findings
    assert log.taken == 9


def test_a_head_is_signed_anew_when_asked_and_no_clock_makes_it_older(tmp_path: Path) -> None:
    log = log_of(tmp_path, [5])
    assert log.sign(SIGNER, NOW + timedelta(seconds=5)) == []
    (head,) = log.sign(SIGNER, NOW - timedelta(hours=1), anew=True)
    assert (head.size, head.time) == (5, "2026-03-01T03:00:00Z")


def test_another_process_that_appends_is_seen(tmp_path: Path) -> None:
    ours = log_of(tmp_path, [5])
    ProofLog(tmp_path / "proof.db").append(items(3, 5))
    ours.append(items(2, 8))
    assert len(ours) == 10
    ours.sign(SIGNER, NOW + timedelta(seconds=9))
    assert not checked(*published(ours)).findings


def test_a_copy_from_before_the_newest_head_signs_nothing_and_says_why(tmp_path: Path) -> None:
    log_of(tmp_path, [5]).close()
    shutil.copyfile(tmp_path / "proof.db", tmp_path / "kept")
    log = ProofLog(tmp_path / "proof.db")
    log.append(items(5, 5))
    log.sign(SIGNER, NOW + timedelta(seconds=9))
    log.close()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"proof.db{ending}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "kept", tmp_path / "proof.db")
    restored = ProofLog(tmp_path / "proof.db")
    assert "is older than the head of 2026-03-01T03:00:09Z" in (restored.trouble or "")
    restored.append(items(7, 5))
    assert restored.sign(SIGNER, NOW + timedelta(seconds=20)) == []


def test_a_log_that_was_tampered_with_signs_nothing_and_says_why(tmp_path: Path) -> None:
    log_of(tmp_path, [5]).close()
    db = apsw.Connection(str(tmp_path / "proof.db"))
    db.execute("UPDATE entry SET commitment = zeroblob(32) WHERE n = 3").fetchall()
    db.close()
    assert "is not what the head of" in (ProofLog(tmp_path / "proof.db").trouble or "")


def test_only_its_owner_reads_it_and_only_a_log_is_opened(tmp_path: Path) -> None:
    log_of(tmp_path, [5])
    assert stat.S_IMODE((tmp_path / "proof.db").stat().st_mode) == 0o600
    with pytest.raises(BadFile, match="no public log at"):
        ProofLog(tmp_path / "none.db")
    other = apsw.Connection(str(tmp_path / "other.db"))
    other.execute("CREATE TABLE t (a)").fetchall()
    with pytest.raises(BadFile, match="choose another file"):
        ProofLog(tmp_path / "other.db")
    (tmp_path / "text").write_text("no database, but a text of some length " * 200)
    with pytest.raises(BadFile, match="cannot be used"):
        ProofLog(tmp_path / "text")


@pytest.mark.parametrize(
    "line",
    [
        b'{"index":0,"public":true}',
        b'{"index":0,"public":true,"commitment":"%b","id":"a"}' % (b"0" * 64),
        b'{"index":-1,"public":true,"commitment":"%b"}' % (b"0" * 64),
        b'{"index":0,"public":true,"salt":"00","kind":"warning","id":"a","content":""}',
        b"[]",
    ],
)
def test_a_line_that_is_no_entry_is_refused_with_a_reason(line: bytes) -> None:
    with pytest.raises(BadRecord):
        entry_from_json(line)
