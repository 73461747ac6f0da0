"""Groups of events as messages of the stream: lines of the journal's JSON, within what a broker takes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

from tocsin.journal.commit_queue import Waiting
from tocsin.journal.encoded import Encoded, Receipt
from tocsin.journal.jetstream.stream import Place
from tocsin.journal.jetstream.ticks import slot_of
from tocsin.model.errors import BadRecord, JournalError
from tocsin.model.event import Event, Tick
from tocsin.model.identity import digest_of, key_of
from tocsin.model.wire import event_from_json

# A third of what a broker takes that nobody told anything; larger events are packed, and alone in their message.
GROUP_BYTES_MAX = 300_000
# Names in a message's header: what tells one sent twice, who sent it, and how it is packed.
ID, FROM, PACKED = "Nats-Msg-Id", "Tocsin-From", "Tocsin-Packed"
# What a packed message may grow to: the largest event, and no more.
UNPACKED_MAX = 256_000_000


class Asked:
    """Somebody's events on their way: his future is told when all of them have their receipts."""

    def __init__(self, waiting: Waiting) -> None:
        self.future: Future[list[Receipt]] = waiting.future
        self._receipts = [Receipt(0)] * len(waiting.rows)
        self._left = len(waiting.rows)
        self._lock = Lock()

    def settle(self, place: int, receipt: Receipt) -> None:
        """Note what became of one of them."""
        with self._lock:
            self._receipts[place] = receipt
            self._left -= 1
        if not self._left:
            with suppress(InvalidStateError):
                self.future.set_result(self._receipts)

    def fail(self, error: BaseException) -> None:
        """Tell that one of them has no receipt, and why."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)


@dataclass
class Message:
    """A group of events for one subject.

    owners   for each event, whose it is and which of his; none for what nobody waits for
    """

    id: str
    subject: str
    events: list[Event] = field(default_factory=list)
    rows: list[Encoded] = field(default_factory=list)
    owners: list[tuple[Asked, int]] = field(default_factory=list)

    def settle(self, receipts: Sequence[Receipt]) -> None:
        """Hand everybody his receipts."""
        for (asked, place), receipt in zip(self.owners, receipts, strict=True):
            asked.settle(place, receipt)

    def fail(self, error: BaseException) -> None:
        """Tell everybody that there is no receipt, and why."""
        for asked, _ in self.owners:
            asked.fail(error)


def messages_of(group: Sequence[Waiting], place: Place, name: str) -> Iterator[Message]:
    """A group as messages, in its order within each subject; `name` is no other group's.

    A tick is a message of its own, called by its slot: of those of all twins one enters.
    """
    by_subject: dict[str, list[tuple[Event, Encoded, tuple[Asked, int]]]] = {place.seen: []}
    for waiting in group:
        asked = Asked(waiting)
        for number, (event, row) in enumerate(zip(waiting.events, waiting.rows, strict=True)):
            by_subject.setdefault(place.subject_of(event), []).append((event, row, (asked, number)))
    count = 0
    # What is seen goes before the ticks that decide on it.
    for subject, found in by_subject.items():
        message, size = Message("", subject), 0
        for event, row, owner in found:
            alone = isinstance(event, Tick)
            if message.rows and (alone or size + len(row.body) > GROUP_BYTES_MAX):
                yield message
                message, size = Message("", subject), 0
            count += 1
            message.id = slot_of(event, place) if isinstance(event, Tick) else f"{name}-{count}"
            message.events.append(event)
            message.rows.append(row)
            message.owners.append(owner)
            size = GROUP_BYTES_MAX if alone else size + len(row.body)
        if message.rows:
            yield message


def payload_of(message: Message, sender: str) -> tuple[bytes, dict[str, str]]:
    """What is sent, and its header."""
    payload = b"\n".join(row.body for row in message.rows)
    header = {ID: message.id, FROM: sender}
    if len(payload) > GROUP_BYTES_MAX:
        payload = zlib.compress(payload, 1)
        header[PACKED] = "zlib"
    return payload, header


def lines_of(payload: bytes, header: dict[str, str]) -> list[bytes]:
    """The events' JSON. Raises BadRecord for what is packed in a way we do not know."""
    if (packed := header.get(PACKED)) is not None:
        if packed != "zlib":
            raise BadRecord(f"a message of the log is packed as {packed!r}, which this version does not know")
        unpacking = zlib.decompressobj()
        try:
            payload = unpacking.decompress(payload, UNPACKED_MAX)
        except zlib.error as error:
            raise BadRecord(f"a message of the log cannot be unpacked ({error})") from error
        if not unpacking.eof:
            raise BadRecord(f"a message of the log unpacks to more than {UNPACKED_MAX} bytes, or is cut off")
    return payload.split(b"\n") if payload else []


def event_of(line: bytes) -> tuple[Event, Encoded]:
    """An event as it was read. Raises BadRecord."""
    event = event_from_json(line)
    key = key_of(event)
    return event, Encoded(key, 0 if key is None else digest_of(event, line), line)


def too_big(message: Message, size: int, size_max: int) -> JournalError:
    """That no broker takes it, and what to do."""
    return JournalError(
        f"an event for {message.subject} is {size} bytes, packed; the brokers take {size_max}: raise max_payload in "
        "their configuration"
    )
