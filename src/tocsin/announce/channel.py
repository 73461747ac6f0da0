"""The protocol of every way out. There are two kinds.

A *folded* channel is a view in memory that others come and read, or a stream they hang on: board, page stream, CAP
messages, feed. The service folds every batch into it at once, on the event loop, so `fold` never waits for anything.

A *pushed* channel carries warnings to somebody: a broker, a siren, a phone. It may wait, fail and hang, so it only
says how one batch reaches one recipient; order, retries, deadlines and receipts are the business of `outbox`.

A pushed channel that also has `fold` hears every batch at once, blindness too (a broker that keeps how a zone stands
must know that we may be blind there); one that also has `work` runs as long as the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.quality import Quality
from tocsin.model.effect import Effect
from tocsin.model.warning import Warning


@dataclass(frozen=True, slots=True)
class Batch:
    """What one tick brought.

    seq     the journal's number of the last event behind it
    now     the service's time
    whole   the effects end with every standing warning and one Picture of every zone: said after a restart, and after
            a channel failed, so that nobody goes on with a hole in what it knows
    """

    seq: int
    now: datetime
    effects: tuple[Effect, ...]
    whole: bool = False

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """The warnings among the effects, in order."""
        return tuple(effect for effect in self.effects if isinstance(effect, Warning))


@dataclass(frozen=True, slots=True)
class Health:
    """How a pushed channel fares: its state, since when, and what went wrong last."""

    state: Literal["up", "failing"]
    since: datetime
    reason: str = ""


@runtime_checkable
class Folded(Protocol):
    """A channel in this process. A batch it failed on is followed by a whole one.

    At a start it hears of the journal's last minutes again, batch after batch, and then of what stands.
    """

    name: str
    quality: Quality

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought; never waits. Warnings known by their id change nothing."""


class Declined(ConnectionError):
    """A recipient answered, and does not take what it was sent. Something else it may take."""


class Pushed(Protocol):
    """A channel to somebody else."""

    name: str
    quality: Quality

    @property
    def recipients(self) -> Sequence[str]:
        """Whom it serves, each in order and at its own pace. Never logged: an address may be a secret."""

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Tell one recipient; returns once it has them all, raises whatever went wrong.

        May be called again with warnings that did arrive: the recipient drops them by their id. Raises Declined where
        it answers and the same will hardly be taken another time: then what else waits goes before it.
        """


@runtime_checkable
class Working(Protocol):
    """A channel that also has work of its own: a connection to hold, a broker's answers to hear."""

    async def work(self) -> None:
        """Until cancelled, and close then what was opened. Whatever it raises, it is begun again a second later."""


@runtime_checkable
class Hearing(Protocol):
    """A pushed channel to many at once, that hears of its warnings at once: whoever of them does not answer must not
    keep the next word from the others."""

    def hear(self, warnings: Sequence[PublicWarning]) -> None:
        """Take in what will be sent; never waits. `send` then says when it has arrived."""


@runtime_checkable
class Troubled(Protocol):
    """A channel that knows whether it gets through although nothing is to be sent."""

    @property
    def trouble(self) -> str | None:
        """Why it does not, as the end of a sentence; None: nothing is known against it."""
