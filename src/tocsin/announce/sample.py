"""Sample listeners (canaries): they hear a channel as people do, and their silence is an alarm.

A channel may be sure that it sends, and nobody hears: a proxy keeps what it should pass on, a certificate has expired,
a broker lost its subscriptions. Only who listens knows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from tocsin.announce.channel import Pushed
from tocsin.announce.delivery import KEPT_MAX


class Ear(Protocol):
    """What a sample listener tells of what it hears."""

    def heard(self, ids: Iterable[str]) -> None:
        """Warnings, by their ids; those it heard before may be among them."""

    def alive(self) -> None:
        """The line works, whether there is news or not."""


class Hearsay:
    """What a listener knows to be heard, also before anybody asks it: the channel may tell before it listens."""

    def __init__(self) -> None:
        self._ear: Ear | None = None
        self._before: deque[str] = deque(maxlen=KEPT_MAX)

    def listen(self, ear: Ear) -> None:
        """Tell this ear from now on, and what was heard before."""
        self._ear = ear
        if self._before:
            ear.heard(self._before)
            self._before.clear()

    def heard(self, ids: Iterable[str]) -> None:
        """Warnings, by their ids."""
        if self._ear is None:
            self._before.extend(ids)
        else:
            self._ear.heard(ids)


class SampleListener(Protocol):
    """Hears one channel from its far end.

    channel    the name of the channel it hears
    late_s     seconds after which a warning that it has not heard is late
    silent_s   seconds without any sign of life after which the line is taken for dead
    """

    @property
    def channel(self) -> str: ...
    @property
    def late_s(self) -> float: ...
    @property
    def silent_s(self) -> float: ...

    async def listen(self, ear: Ear) -> None:
        """Until cancelled. Whatever it raises, it is begun again a second later."""


class Sample(NamedTuple):
    """What a channel of the settings gives to be heard by.

    listener    who listens
    recipient   a channel of its own that leads to the listener, told what the real one is told; None: the listener
                hears the real one
    zones       of which zones the recipient is told; None: of those of the channel
    """

    listener: SampleListener
    recipient: Pushed | None = None
    zones: frozenset[str] | None = None
