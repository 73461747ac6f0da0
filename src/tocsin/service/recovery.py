"""From a journal to where the service stopped: the newest snapshot, then the events after it."""

from __future__ import annotations

import structlog

from tocsin.engine.engine import Engine
from tocsin.journal import Journal
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration
from tocsin.model.wire import pack, to_json, unpack
from tocsin.service.views import Views

log = structlog.get_logger(__name__)


def snapshot_of(engine: Engine, messages: bytes) -> bytes:
    """A snapshot for the journal: the engine, and the CAP messages made so far."""
    return pack({"engine": engine.snapshot(), "messages": messages})


def recover(journal: Journal, views: Views) -> Engine:
    """The engine, and the views, as they were after the last event of the journal.

    Raises JournalError when the journal cannot be read.
    """
    engine, after = _from_snapshot(journal, views)
    count = 0
    for seq, event in journal.read(after=after):
        try:
            effects = engine.step(event)
        except Exception:
            # It failed when it was live, too, and was passed over: the same again.
            log.exception("the engine failed on an event of the journal", seq=seq)
            continue
        views.apply(seq, effects)
        count += 1
    picture = engine.picture()
    if picture is not None:
        views.board.apply(journal.last_seq, [*engine.standing(), picture])
    log.info("recovered", snapshot_seq=after, events_replayed=count)
    return engine


def _from_snapshot(journal: Journal, views: Views) -> tuple[Engine, int]:
    found = journal.latest_snapshot()
    if found is None:
        return Engine(), 0
    seq, data = found
    try:
        parts = unpack(data)
        engine = Engine.restore(parts["engine"])
        views.load_messages(parts["messages"])
    except (BadRecord, KeyError, TypeError) as error:
        log.warning("the snapshot is of no use; everything is replayed from the journal", seq=seq, reason=str(error))
        return Engine(), 0
    return engine, seq


def differs(engine: Engine, wanted: Configuration) -> bool:
    """Whether the engine works with another configuration than the files and settings say."""
    current = engine.configuration
    if current is None:
        return True
    fields = ("sensors", "zones", "policy", "drill")
    return any(to_json(getattr(current, name)) != to_json(getattr(wanted, name)) for name in fields)
