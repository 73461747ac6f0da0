"""What of a message of the stream enters the record: the same on every machine that hears the same."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from tocsin.journal.encoded import Encoded, Receipt, encode
from tocsin.journal.jetstream.message import event_of, lines_of
from tocsin.journal.jetstream.stream import Place
from tocsin.journal.jetstream.ticks import held_back, microseconds
from tocsin.model.errors import BadRecord
from tocsin.model.event import Event, Tick

log = logging.getLogger(__name__)

Hears = Callable[[Event], bool]
# Of events that are in no record here: somebody else's, or a tick that came too late.
UNHEARD, PASSED_OVER = Receipt(0, "new"), Receipt(0, "duplicate")
LOGGED_MAX = 20
AHEAD_TOLD_S = 60.0


class Entered(NamedTuple):
    """What of one message goes into the record, and what becomes of the rest.

    numbers    which of the message's events each of them is, from 0
    others     number -> receipt, of those that do not go into the record
    ticked_us  time of the last tick that was taken in, with them
    """

    events: list[Event]
    rows: list[Encoded]
    numbers: list[int]
    others: dict[int, Receipt]
    ticked_us: int


class Entering:
    """Reads messages; counts what it cannot read, and ticks that run ahead.

    hears   which of the observations this sector hears; acts, configurations and ticks of its own it hears all
    """

    def __init__(self, place: Place, hears: Hears) -> None:
        self._place = place
        self._hears = hears
        self.unreadable = self.ahead = 0
        # Until when operators are told that ticks run ahead.
        self.ahead_until_s = 0.0
        # Why the first that could not be read could not.
        self.why = ""

    def of(self, subject: str, payload: bytes, header: Mapping[str, str], stored: datetime, ticked_us: int) -> Entered:
        """What enters of a message that was stored then; `ticked_us`: the last tick before it."""
        found = Entered([], [], [], {}, ticked_us)
        if subject not in (self._place.seen, self._place.ours, self._place.configured):
            return found
        try:
            lines = lines_of(payload, dict(header))
        except BadRecord as error:
            self._unread(str(error))
            return found
        for number, line in enumerate(lines):
            try:
                event, row = event_of(line)
            except BadRecord as error:
                self._unread(str(error))
                continue
            if isinstance(event, Tick):
                tick = held_back(event, stored)
                if tick is not event:
                    self.ahead += 1
                    self.ahead_until_s = time.monotonic() + AHEAD_TOLD_S
                    event, row = tick, encode(tick)
                if microseconds(tick.time) <= ticked_us:
                    found.others[number] = PASSED_OVER
                    continue
                ticked_us = microseconds(tick.time)
            elif subject == self._place.seen and not self._hears(event):
                found.others[number] = UNHEARD
                continue
            found.events.append(event)
            found.rows.append(row)
            found.numbers.append(number)
        return found._replace(ticked_us=ticked_us)

    def _unread(self, why: str) -> None:
        self.unreadable += 1
        self.why = self.why or why
        if self.unreadable <= LOGGED_MAX:
            log.error("an event of the agreed log cannot be read and is passed over: %s", why)
