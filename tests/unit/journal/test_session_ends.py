"""The conversation with the brokers ends when it is told to, whatever the client makes of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tocsin.cluster.process import free_ports
from tocsin.journal import Journal
from tocsin.journal.jetstream.connection import Brokers
from tocsin.journal.jetstream.log import JetStreamLog
from tocsin.journal.jetstream.session import Session
from tocsin.journal.jetstream.stream import Place

PATIENCE_S = 20.0


async def _loses_a_cancellation(_: Session) -> None:
    """As `asyncio.wait_for` does up to Python 3.11 with one that comes in the turn of what it waits for."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3_600)
    await asyncio.sleep(3_600)


@pytest.fixture
def place() -> Iterator[Place]:
    """Brokers that are not there."""
    yield Place(Brokers((f"nats://127.0.0.1:{free_ports(1)[0]}",)), "north", "a")


def test_a_log_ends_although_its_client_loses_the_word_to_end(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "_follow", _loses_a_cancellation)
    with Journal.open(tmp_path / "journal.db") as journal:
        log = JetStreamLog(journal, place)
        closing = threading.Thread(target=log.close, daemon=True)
        closing.start()
        closing.join(PATIENCE_S)
        assert not closing.is_alive(), "it waits for ever, and so does the start of the service"
