"""What an island took in, for the others: read from the record in groups, as messages of the stream."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.journal.encoded import Encoded
from tocsin.journal.jetstream.message import GROUP_BYTES_MAX, Message, event_of
from tocsin.journal.jetstream.recorder import is_told
from tocsin.journal.jetstream.stream import Place
from tocsin.journal.journal import Journal
from tocsin.model.errors import BadRecord
from tocsin.model.event import Event

# In one message; between two of them, what comes now is sent.
GROUP_EVENTS_MAX = 500


def batches(journal: Journal, place: Place) -> Iterator[tuple[int, list[Message]]]:
    """The next of them, each with the last event of the record that it covers; from the oldest.

    Their names come from their place in the record: sent twice, they are one.
    """
    for first, last in journal.own():
        events: list[tuple[Event, Encoded]] = []
        size = 0
        for seq, body in journal.read_json(first - 1):
            if seq > last:
                break
            try:
                event, row = event_of(body)
            except BadRecord:
                # Another version's: it stays in the record, and the start counted it.
                continue
            if is_told(event):
                events.append((event, row))
                size += len(body)
            if seq == last or len(events) >= GROUP_EVENTS_MAX or size >= GROUP_BYTES_MAX:
                yield seq, _messages(events, place, f"{journal.journal_id.hex()}-{first}-{seq}")
                events, size, first = [], 0, seq + 1


def _messages(found: list[tuple[Event, Encoded]], place: Place, name: str) -> list[Message]:
    by_subject: dict[str, Message] = {}
    for event, row in found:
        subject = place.subject_of(event)
        message = by_subject.setdefault(subject, Message(f"{name}-{subject}", subject))
        message.events.append(event)
        message.rows.append(row)
    return list(by_subject.values())
