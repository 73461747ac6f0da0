"""CAP messages are made and signed as soon as they are decided, in a thread of its own; and the key is watched."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from tocsin.announce.cap_messages import CapMessages, rehearsals
from tocsin.announce.cap_press import Withheld
from tocsin.cap.write import Message
from tocsin.service.alone import Alone, Watcher

log = structlog.get_logger(__name__)

# Seconds, as `watch` is called once a second, between two attempts at what could not be signed.
RETRY_S = 10
# The same from the start until sample messages are made, so that a key or profile that does not work is known: when the
# service serves again, and no sooner.
REHEARSED_S = 5


class Pressing:
    """Everything is called from the event loop; the work is done elsewhere."""

    def __init__(self, messages: CapMessages, alone: Alone) -> None:
        self._messages = messages
        self._alone = alone
        self._watcher: Watcher[Callable[[], None]] | None = None
        self._watched = 0
        self._said: str | None = None

    def begin(self) -> None:
        """Make what is in force."""
        self._watcher = Watcher("cap press", lambda work: work(), self._alone)
        self._messages.take_new()
        self._have_made(self._messages.archive.current)

    def offer(self) -> None:
        """Have made what is new."""
        self._have_made(self._messages.take_new())

    def _have_made(self, messages: Sequence[Message]) -> None:
        if self._watcher is not None and messages:
            self._watcher.offer(lambda: self._make(messages))

    def watch(self, now: datetime) -> None:
        """Once a second: rehearse once, try again what failed, and say once when the key becomes a trouble."""
        self._watched += 1
        messages, press = self._messages, self._messages.press
        if self._watched == REHEARSED_S and self._watcher is not None:
            # Outlines are drawn for it, too: a country's take a second, which no first warning should wait for.
            self._watcher.offer(lambda: press.rehearse(rehearsals(messages.author, now)))
        if self._watched % RETRY_S == 0 and press.troubles:
            press.forget({one.identifier for one in (*messages.archive.messages, *messages.archive.current)})
            self._have_made(messages.withheld)
        said = press.signers.trouble(now) if press.signers is not None else None
        if said is not None and said != self._said:
            log.error("the key of CAP messages needs somebody", trouble=said)
        self._said = said

    def troubles(self, now: datetime) -> list[str]:
        """What an operator must see to, each in a sentence."""
        press = self._messages.press
        expiry = press.signers.trouble(now) if press.signers is not None else None
        return [*press.troubles, *([expiry] if expiry is not None else [])]

    def stop(self) -> None:
        """Let it finish."""
        if self._watcher is not None:
            self._watcher.stop()

    def _make(self, messages: Sequence[Message]) -> None:
        for message in messages:
            # The press has counted, logged and noted it.
            with contextlib.suppress(Withheld):
                self._messages.press.made(message)
