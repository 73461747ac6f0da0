"""From a journal to where the service stopped: the newest snapshot, then the events after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from tocsin.announce.channel import Batch
from tocsin.engine.engine import Engine
from tocsin.journal import Journal
from tocsin.model.event import Configuration
from tocsin.model.value import time_text
from tocsin.model.wire import pack, to_json, unpack
from tocsin.service.channels import Channels

log = structlog.get_logger(__name__)

# Where the first configuration is lost, every event after it fails: the first few say all there is to say.
LOGGED_MAX = 20


def snapshot_of(engine: Engine, messages: bytes) -> bytes:
    """A snapshot for the journal: the engine, and the CAP messages made so far."""
    return pack({"engine": engine.snapshot(), "messages": messages})


@dataclass
class PassedOver:
    """Events of the journal that this version cannot read: kept in it, told of, and left out, here and by every twin.

    count   how many
    first   number of the first of them, and why it cannot be read
    """

    count: int = 0
    first: tuple[int, str] | None = None

    def note(self, seq: int, reason: str) -> None:
        """Take in one of them."""
        self.count += 1
        self.first = self.first or (seq, reason)
        if self.count <= LOGGED_MAX:
            log.error("an event of the journal cannot be read; it is kept and passed over", seq=seq, reason=reason)

    @property
    def trouble(self) -> str | None:
        """What an operator must know of it, in a sentence; None: there is none."""
        if self.first is None:
            return None
        seq, reason = self.first
        return (
            f"{self.count} of the journal's events cannot be read by this version and were passed over, the first is "
            f"event {seq} ({reason}); they are kept: read them with the version that wrote them"
        )


def recover(journal: Journal, channels: Channels) -> tuple[Engine, PassedOver]:
    """The engine, and the channels, as they were after the last event of the journal; and what had to be left out.

    The folded channels hear everything again; the pushed ones what stands, and their recipients drop what they had.
    Raises JournalError when the journal cannot be read.
    """
    engine, after = _from_snapshot(journal, channels)
    passed_over = PassedOver()
    count = failed = 0
    for seq, event in journal.read(after=after, pass_over=passed_over.note):
        try:
            effects = engine.step(event)
        except Exception:
            # It failed when it was live, too, and was passed over: the same again.
            failed += 1
            if failed <= LOGGED_MAX:
                log.exception("the engine failed on an event of the journal", seq=seq)
            continue
        channels.fold(Batch(seq, event.time, tuple(effects)))
        count += 1
    picture = engine.picture()
    if picture is not None:
        channels.tell(Batch(journal.last_seq, picture.time, (*engine.standing(), picture), whole=True))
    log.info("recovered", snapshot_seq=after, events_replayed=count, failed=failed, unreadable=passed_over.count)
    return engine, passed_over


def _from_snapshot(journal: Journal, channels: Channels) -> tuple[Engine, int]:
    found = journal.latest_snapshot()
    if found is None:
        return Engine(), 0
    seq, data = found
    try:
        parts = unpack(data)
        engine = Engine.restore(parts["engine"])
        channels.cap_messages.load(parts["messages"])
    # Whatever is the matter with it, the journal holds everything.
    except Exception as error:  # noqa: BLE001
        log.warning("the snapshot is of no use; everything is replayed from the journal", seq=seq, reason=str(error))
        return Engine(), 0
    return engine, seq


def dated(configuration: Configuration, time: datetime) -> Configuration:
    """A configuration as of another time: the service's clock may not believe the machine's."""
    return msgspec.structs.replace(configuration, id=f"configuration/{time_text(time)}", time=time)


def differs(engine: Engine, wanted: Configuration) -> bool:
    """Whether the engine works with another configuration than the files and settings say."""
    current = engine.configuration
    if current is None:
        return True
    fields = ("sensors", "zones", "policy", "drill", "sources", "track", "forecast", "acts")
    return any(to_json(getattr(current, name)) != to_json(getattr(wanted, name)) for name in fields)
