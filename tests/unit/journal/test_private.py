"""What is on the disk tells where sensors stand and who reported what: only its owner may read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.announce.mqtt_broker import Broker
from tocsin.ingest.rejects import Rejects
from tocsin.journal import Journal
from tocsin.journal.archive import write_segment
from tocsin.journal.jetstream.connection import Brokers
from tocsin.model.event import Tick
from tocsin.service.secret import kept_secret


@pytest.fixture(autouse=True)
def _everybody_may_read() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def readable_by_others(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def test_nothing_of_a_journal_can_be_read_by_others(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.db") as journal:
        journal.append([Tick(time=datetime(2026, 3, 1, tzinfo=UTC))])
        journal.save_snapshot(1, b"state")
        write_segment(tmp_path / "journal.db.archive", 1, 1, [[b"{}"]])
        assert len(list(tmp_path.rglob("*"))) >= 8
        assert readable_by_others(tmp_path) == []


def test_an_old_journal_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal.open(path).close()
    path.chmod(0o644)
    with Journal.open(path):
        assert readable_by_others(tmp_path) == []


def test_neither_rejects_nor_the_veils_secret_can_be_read_by_others(tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        rejects.add("no such sensor", "{}", "spotter-9")
    secret = kept_secret(tmp_path / "veil.key")
    assert kept_secret(tmp_path / "veil.key") == secret
    assert len(set(secret)) > 8
    assert {path.name for path in tmp_path.iterdir()} == {"rejects.jsonl", "veil.key"}
    assert readable_by_others(tmp_path) == []


@pytest.mark.parametrize("broker", [Brokers(("nats://a",), "u", "hush"), Broker("a", 1883, password="hush")])
def test_no_brokers_password_gets_into_a_log_by_its_settings(broker: object) -> None:
    assert "hush" not in repr(broker)
