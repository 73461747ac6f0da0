"""The running service logs in public what it tells, signs it, serves it, and goes on where it cannot."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge

from tests.signed_in import ask
from tests.some import some
from tests.unit.ledger.proofs import named
from tocsin.announce.channel import Batch
from tocsin.announce.key_making import make
from tocsin.announce.keys import public_key_in
from tocsin.command.surroundings import public_log
from tocsin.ledger.incident import Incident
from tocsin.ledger.merkle import consistent, included
from tocsin.ledger.proof_check import Verdict, verify
from tocsin.ledger.proof_entries import entry_from_json
from tocsin.ledger.proof_heads import head_from_json, key_fingerprint
from tocsin.ledger.sqlite import SqliteStore
from tocsin.ledger.window import Window
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.replay.proof_files import verify_files
from tocsin.service.alone import Alone
from tocsin.service.clock import Clock
from tocsin.service.http.app import make_app
from tocsin.service.proving import Proving
from tocsin.service.serve import configured, running
from tocsin.service.settings import Settings, make_settings
from tocsin.simulate.places import invented_zones

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def warning(number: int, **more: Any) -> Warning:
    until = NOW + timedelta(minutes=10)
    return Warning(
        id=f"z/{number}", zone="z", level="take_cover", time=NOW, expires=until, reason="radar 7 at 33.5", **more
    )


def settings_in(folder: Path, **more: Any) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(3)))
    if not (folder / "proof.key").exists():
        make("proof", folder, "proof", subject="", days=1, now=NOW)
    return make_settings(
        zones=folder / "zones.geojson",
        drill=True,
        journal={"path": folder / "journal.db"},
        proof={"key_file": folder / "proof.key"} | more,
    )


def alone() -> Alone:
    registry = CollectorRegistry()
    return Alone(Counter("failures", "", ["name"], registry=registry), Gauge("up", "", ["name"], registry=registry))


def proving(folder: Path, **more: Any) -> Proving:
    made = Proving(settings_in(folder, **more).proof, folder / "journal.db", lambda: NOW, alone())
    made.begin()
    return made


def tell(proved: Proving, *warnings: Warning) -> None:
    proved.hear(Batch(1, NOW, warnings))


def checked(folder: Path, log: Path | None = None) -> Verdict:
    """What the log on the disk is worth by the heads that it holds."""
    from tocsin.ledger.proof_log import ProofLog

    opened = ProofLog(log or folder / "proof.db")
    key: Any = public_key_in(folder / "proof.pub")
    verdict = verify(opened.entry_lines(0, 1_000), opened.head_lines(0, 100), {key_fingerprint(key): key})
    opened.close()
    return verdict


def test_what_the_public_is_told_is_logged_once_and_nothing_else_of_it(tmp_path: Path) -> None:
    proved = proving(tmp_path)
    tell(proved, warning(1, tracks=("t-1",), probability=0.7), warning(2))
    tell(proved, warning(2))
    proved.stop()
    again = proving(tmp_path)
    tell(again, warning(1), warning(2), warning(3))
    again.settle()
    assert again.log is not None
    lines = again.log.entry_lines(0, 10)
    again.stop()
    assert len(lines) == 3
    for line in some(lines):
        assert not any(word in line for word in (b"radar", b"33.5", b"t-1", b"0.7", b"probability", b"reason"))
    assert not checked(tmp_path).findings


def test_a_snapshot_waits_until_what_it_holds_is_logged(tmp_path: Path) -> None:
    proved = proving(tmp_path)
    tell(proved, *(warning(number) for number in range(500)))
    proved.settle()
    assert proved.log is not None and len(proved.log) == 500
    proved.stop()


def test_without_a_key_that_can_be_read_the_rest_goes_on_and_it_is_said(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (tmp_path / "proof.key").chmod(0o644)
    proved = Proving(settings.proof, tmp_path / "journal.db", lambda: NOW, alone())
    proved.begin()
    tell(proved, warning(1))
    proved.watch()
    proved.stop()
    assert "no heads are signed in public" in (proved.trouble or "")


def test_doctor_says_how_the_public_log_stands_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    assert public_log(make_settings(zones="none")) == "none is kept"
    settings = settings_in(tmp_path)
    assert public_log(settings).startswith("begins with the service")
    proved = proving(tmp_path)
    tell(proved, warning(1))
    proved.stop()
    assert public_log(settings).startswith("1 entries, signed by key")
    (tmp_path / "proof.db.head").write_text("{}")
    with pytest.raises(BadFile, match="cannot be read"):
        public_log(settings)
    (tmp_path / "proof.key").chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        public_log(settings)


def test_records_of_the_ledger_are_logged_by_hash_and_released_incidents_with_their_text(
    tmp_path: Path,
) -> None:
    with SqliteStore(tmp_path / "ledger.db", make=True) as store:
        for number, released in enumerate([False, True]):
            window = Window(begin=NOW, end=NOW)
            one = Incident(
                id=f"i{number}", incident=f"i{number}", recorded=NOW, by="desk", window=window, released=released
            )
            store.append([one])
    proved = proving(tmp_path, ledger=tmp_path / "ledger.db")
    for _ in range(10):
        proved.watch()
    proved.stop()
    heads = tmp_path / "heads.jsonl"
    from tocsin.ledger.proof_log import ProofLog

    log = ProofLog(tmp_path / "proof.db")
    first, second = log.entry_lines(0, 10)
    heads.write_bytes(b"\n".join(log.head_lines(0, 10)))
    log.close()
    assert b"i0" not in first and b'"released":true' in second.replace(b"\\", b"")
    with SqliteStore(tmp_path / "ledger.db") as store:
        trust = [tmp_path / "proof.pub"]
        assert not verify_files(tmp_path / "proof.db", heads, trust, store).findings
    import apsw

    db = apsw.Connection(str(tmp_path / "ledger.db"))
    db.execute("UPDATE records SET body = replace(CAST(body AS TEXT), 'desk', 'disk') WHERE id = 'i0'").fetchall()
    db.execute("DELETE FROM records WHERE id = 'i1'").fetchall()
    db.close()
    with SqliteStore(tmp_path / "ledger.db") as store:
        found = verify_files(tmp_path / "proof.db", heads, trust, store)
    assert named(found) == [("altered", 0, 0), ("dropped", 1, 1)]


@pytest.mark.server
def test_the_log_is_served_in_pages_with_proofs_that_hold(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)

    async def story() -> None:
        async with running(settings, configured(settings), Clock(), ticking=False) as runtime:
            app = make_app(runtime)

            async def got(path: str) -> bytes:
                answer = await ask(app, "GET", path, b"", {})
                assert answer.status == 200, (path, answer.text)
                return answer.text.encode()

            for number in range(3):
                runtime.proving.hear(Batch(1, NOW, (warning(number),)))
                runtime.proving.watch()
                await asyncio.to_thread(runtime.proving.settle)
            # One thread does all of it, in order: what was signed is on the disk once this has its turn.
            signed = threading.Event()
            runtime.proving._poke(signed.set)
            assert await asyncio.to_thread(signed.wait, 60)
            entries = (await got("/v1/proof/entries/0.jsonl")).splitlines()
            heads = (await got("/v1/proof/heads/0.jsonl")).splitlines()
            (tmp_path / "key.pem").write_bytes(await got("/v1/proof/key.pem"))
            key: Any = public_key_in(tmp_path / "key.pem")
            assert not verify(entries, heads, {key_fingerprint(key): key}).findings
            head = head_from_json(await got("/v1/proof/head.json"))
            found = msgspec.json.decode(await got("/v1/proof/inclusion?id=z/0"))
            proof = [bytes.fromhex(one) for one in found["proof"]]
            leaf = entry_from_json(msgspec.json.encode(found["entry"])).leaf
            assert included(leaf, 0, found["head"]["size"], proof, bytes.fromhex(found["head"]["root"]))
            first = head_from_json(heads[0])
            path = f"/v1/proof/consistency?first={first.size}&second={head.size}"
            steps = [bytes.fromhex(one) for one in msgspec.json.decode(await got(path))["proof"]]
            old, new = (bytes.fromhex(one.root) for one in (first, head))
            assert consistent(first.size, head.size, old, new, steps)
            for missing in ("entries/1.jsonl", "heads/x.jsonl", "inclusion?id=nobody"):
                assert (await ask(app, "GET", f"/v1/proof/{missing}", b"", {})).status == 404
            assert (await ask(app, "GET", "/v1/proof/consistency?first=9&second=2", b"", {})).status == 400

    asyncio.run(story())
