"""What was submitted and is not in the record yet: first it waits to be sent, then to come back from the stream."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from tocsin.journal.commit_queue import Queue, Waiting, is_reserved
from tocsin.journal.encoded import Receipt
from tocsin.journal.jetstream.message import Message, messages_of
from tocsin.journal.jetstream.stream import Place


class Outgoing:
    """Any thread may call any method. Of each message one taker is told, whoever asks first.

    alone   whether nothing is sent: what comes goes straight into the record
    """

    def __init__(self, place: Place, sender: str, queue_max: int) -> None:
        self._place = place
        self._sender = sender
        self._queue_max = queue_max
        # Held while something is put into the record alone, too: nothing overtakes what came before it.
        self._lock = threading.RLock()
        self._queue = Queue(queue_max)
        self._sent: dict[str, Message] = {}
        self._sent_events = 0
        self._groups = 0
        self.alone = False

    @property
    def events(self) -> int:
        """Events in it."""
        return self._queue.events + self._sent_events

    def put(self, waiting: Waiting, alone: Callable[[Waiting], Future[list[Receipt]]]) -> Future[list[Receipt]]:
        """Let it wait to be sent, or give it to `alone` where nothing is. Raises JournalBusy, and what that raises."""
        with self._lock:
            if self.alone:
                return alone(waiting)
            self._queue.put(waiting, reserved=is_reserved(waiting.events))
            return waiting.future

    def take(self) -> list[Message]:
        """The oldest that wait to be sent, as messages; none where none do, or enough are on their way."""
        with self._lock:
            if self.alone or self._sent_events > self._queue_max:
                return []
            group = self._queue.take_group()
            for waiting in group:
                # From here on a caller who gives up no longer cancels his future; the events go out either way.
                waiting.future.set_running_or_notify_cancel()
            self._groups += 1
            messages = list(messages_of(group, self._place, f"{self._sender}-{self._groups}"))
            for message in messages:
                self._sent[message.id] = message
                self._sent_events += len(message.rows)
            return messages

    def waits(self, message: Message) -> bool:
        """Whether a message is still on its way."""
        return self._sent.get(message.id) is message

    def back(self, name: str) -> Message | None:
        """The message of that name, which is on its way no more; None: it is not one of ours, or no more."""
        with self._lock:
            message = self._sent.pop(name, None)
            self._sent_events -= 0 if message is None else len(message.rows)
            return message

    def leave(self, alone: Callable[[Message], None]) -> None:
        """Send nothing from now on; everything in it, in its order, is given to `alone`."""
        with self._lock:
            self.alone = True
            messages = [*self._sent.values()]
            while group := self._queue.take_group():
                for waiting in group:
                    waiting.future.set_running_or_notify_cancel()
                self._groups += 1
                messages += messages_of(group, self._place, f"{self._sender}-{self._groups}")
            self._sent.clear()
            self._sent_events = 0
            for message in messages:
                alone(message)

    def come_back(self) -> None:
        """Send again what comes from now on."""
        with self._lock:
            self.alone = False
