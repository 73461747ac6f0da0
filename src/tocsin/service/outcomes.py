"""What the engine makes of what was just made durable, for whoever waits to be told in the answer.

The engine alone knows: whether a voice has used up its budget, whether a report helps the tracker, what of an alert its
source may say. So the rule is asked where it stands, and its answer is handed back; nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import NamedTuple

from tocsin.model.effect import Refused
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Alert
from tocsin.service.worker import Step

# What was refused lately and nobody has asked for: more than everything that can wait for the engine.
KEPT_MAX = 50_000
# An answer waits this long for the engine. It steps through what is new within milliseconds, unless it is deciding.
WAIT_S = 0.25
# Whether there is room for an alert is seen at the next decision, a second away at most.
WAIT_FOR_DECISION_S = 1.5


class Made(NamedTuple):
    """What the engine made of one event.

    looked_at   it has come to it
    reasons     why it is not used, or not wholly
    dropped     it was taken in, and the next decision had no use or no room for it
    noted       what should be known of it although it is used
    """

    looked_at: bool
    reasons: tuple[str, ...] = ()
    dropped: bool = False
    noted: tuple[str, ...] = ()

    def also(self, effect: Refused, *, decided: bool) -> Made:
        """With what another effect says of it; `decided`: a decision said so."""
        if effect.used:
            return self._replace(noted=(*self.noted, effect.reason))
        return self._replace(reasons=(*self.reasons, effect.reason), dropped=self.dropped or decided)


class Outcomes:
    """Hears of every step in the engine's thread (`note`), and tells them in the event loop (`of`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[int, Made] = {}
        self._stepped = self._decided = 0
        # Alerts since the last decision, by id and source: a refusal at a decision names no event.
        self._alerts: dict[tuple[str, str], int] = {}
        self._waiting: list[tuple[int, int, Future[None]]] = []

    def note(self, step: Step) -> None:
        """Take in what came of one event, the next in the journal's order."""
        with self._lock:
            refused = [effect for effect in step.effects if isinstance(effect, Refused)]
            if isinstance(step.event, Tick):
                for effect in refused:
                    seq = self._alerts.get((effect.id, effect.source))
                    if seq is not None:
                        self._keep(seq, self._made.get(seq, _USED).also(effect, decided=True))
                self._alerts.clear()
                self._decided = step.seq
            else:
                if isinstance(step.event, Alert):
                    self._alerts[step.event.id, step.event.source] = step.seq
                for effect in refused:
                    self._keep(step.seq, self._made.get(step.seq, _USED).also(effect, decided=False))
            self._stepped = step.seq
            over = [one for one in self._waiting if self._reached(*one[:2])] if self._waiting else []
            if over:
                self._waiting = [one for one in self._waiting if not self._reached(*one[:2])]
        for *_, future in over:
            # Whoever waited may have given up at this very moment.
            with suppress(InvalidStateError):
                future.set_result(None)

    async def of(self, events: Mapping[int, Event]) -> dict[int, Made]:
        """What the engine made of events, by their number in the journal; it is waited for, but not for long."""
        last = max(events, default=0)
        alert = max((seq for seq, event in events.items() if isinstance(event, Alert)), default=0)
        future: Future[None] = Future()
        with self._lock:
            reached = self._reached(last, alert)
            if not reached:
                self._waiting.append((last, alert, future))
        if not reached:
            try:
                async with asyncio.timeout(WAIT_FOR_DECISION_S if alert else WAIT_S):
                    await asyncio.wrap_future(future)
            except TimeoutError:
                with self._lock:
                    self._waiting = [one for one in self._waiting if one[2] is not future]
        with self._lock:
            return {seq: self._made.get(seq, _USED) if seq <= self._stepped else Made(False) for seq in events}

    def _reached(self, stepped: int, decided: int) -> bool:
        """Whether the engine is past one event, and has decided since another."""
        return self._stepped >= stepped and (decided == 0 or self._decided > decided)

    def _keep(self, seq: int, made: Made) -> None:
        self._made[seq] = made
        if len(self._made) > KEPT_MAX:
            del self._made[next(iter(self._made))]


_USED = Made(True)
