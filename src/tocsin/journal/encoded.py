"""An event as the journal takes it, and what becomes of it there."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tocsin.model.errors import JournalError
from tocsin.model.event import Event
from tocsin.model.identity import digest_of, key_of
from tocsin.model.wire import to_json

# A whole country's zones in full resolution, as one configuration, are about 10 MB.
EVENT_BYTES_MAX = 256_000_000

Outcome = Literal["new", "duplicate", "conflict"]


class Receipt(NamedTuple):
    """What became of one event.

    seq       its place in the journal; of a conflict, the place of the event it contradicts
    outcome   new: it was written; duplicate: it was there before; conflict: its sender has used the same id for
              something else, and it was not written
    """

    seq: int
    outcome: Outcome = "new"


class Encoded(NamedTuple):
    """An event ready for the journal.

    key      64 bits of who sent it under which id; None: it has none, a tick
    digest   64 bits of what was said
    body     its JSON
    """

    key: int | None
    digest: int
    body: bytes


def encode(event: Event) -> Encoded:
    """An event as the journal keeps it. Raises JournalError when it is too big."""
    body = to_json(event)
    if len(body) > EVENT_BYTES_MAX:
        name = getattr(event, "id", "")
        raise JournalError(f"event {name} is {len(body)} bytes; the journal takes {EVENT_BYTES_MAX} at most")
    key = key_of(event)
    return Encoded(key, 0 if key is None else digest_of(event, body), body)
