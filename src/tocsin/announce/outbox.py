"""What waits for the recipients of one pushed channel, and the work of getting it there.

Order     each recipient hears the warnings in the order they were offered; a tick's go together; nothing overtakes
Retries   until the warning expires, after 0.5, 1, 2 … 10 s; an attempt that takes longer than SEND_S_MAX has failed
Refusals  where a recipient answers that it does not take what it was sent, this goes in ever smaller parts, and what it
          declines alone lets everything else go before it; what a newer warning of its zone has superseded is given up
Bounds    WAITING_MAX warnings per recipient, or one per zone where there are more zones: beyond it the oldest that a
          newer one of the same zone has superseded make room, counted and said. The newest of a zone always waits, so
          no take cover and no all clear is lost this way. A public warning has about 1 kB at most.
Receipts  a warning is offered to a recipient until it was received once, and then never again

Nothing is stored: on a restart the service offers the standing warnings again, and a recipient that has one drops it
by its id. What is kept here (what waits, what is known) is all that a store would have to keep.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.channel import Batch, Declined, Health, Hearing, Pushed
from tocsin.announce.choice import Choice
from tocsin.announce.delivery import Delivery

log = logging.getLogger(__name__)

WAITING_MAX = 10_000
# One message may hold this many: half a megabyte is what brokers and gateways take without asking.
SENT_MAX = 500
# Warnings are valid for minutes: whoever has not answered by then is tried again rather than waited for.
SEND_S_MAX = 10.0
BACK_OFF_FIRST_S = 0.5
BACK_OFF_LAST_S = 10.0
# Ids of one zone that are remembered: standing warnings are offered again, and those are the newest.
KNOWN_PER_ZONE = 8


class Outbox:
    """Serves the recipients of one channel, each in a task of its own.

    choice     which warnings are for it; None: all of them
    delivery   what became of every warning, with times
    now        the service's time, against which warnings expire
    jitter     numbers in [0, 1), so that many outboxes do not try again at the same moment
    counts     warnings `delivered`, `superseded` and `expired` (by then nothing stood), and attempts that `failed`
    """

    def __init__(
        self,
        channel: Pushed,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
        choice: Choice | None = None,
        delivery: Delivery | None = None,
    ) -> None:
        self.channel = channel
        self.now = now
        self.delivery = delivery or Delivery(channel.name, now)
        self._choice = choice
        self.jitter = jitter
        self.counts: Counter[str] = Counter()
        self.health = Health("up", now())
        self._failing: set[str] = set()
        self._lanes = [_Lane(self, number, recipient) for number, recipient in enumerate(channel.recipients)]
        self._tick = 0

    @property
    def waiting(self) -> int:
        """Warnings that somebody has not received yet."""
        return sum(len(lane.waiting) for lane in self._lanes)

    def offer(self, batch: Batch) -> None:
        """Take the warnings of a tick; never waits. Those a recipient knows by their id are not taken again."""
        chosen = batch.warnings if self._choice is None else self._choice.of(batch.warnings)
        if warnings := [public_warning(warning) for warning in chosen]:
            self._tick += 1
            taken = Counter(id for lane in self._lanes for id in lane.take(self._tick, warnings))
            self.delivery.queued([one for one in warnings if one.id in taken], taken)
            if isinstance(self.channel, Hearing):
                self.channel.hear([one for one in warnings if one.id in taken])
            for lane in self._lanes:
                lane.make_room()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.run())

    def note(self, recipient: str, trouble: str | None) -> None:
        """What came of an attempt: why it failed, or None. Said once when one begins to fail, once when none does."""
        failing = bool(self._failing)
        (self._failing.discard if trouble is None else self._failing.add)(recipient)
        if trouble is not None:
            since = self.health.since if failing else self.now()
            self.health = Health("failing", since, f"{len(self._failing)} of {len(self._lanes)} fail: {trouble}")
            if not failing:
                log.warning("channel %s does not get through (%s); it is tried again", self.channel.name, trouble)
        elif failing and not self._failing:
            self.health = Health("up", self.now())
            log.warning("channel %s gets through again", self.channel.name)


class _Lane:
    """One recipient: what waits for it, oldest first, with the number of the tick it came in."""

    def __init__(self, outbox: Outbox, number: int, recipient: str) -> None:
        self.waiting: dict[str, tuple[int, PublicWarning]] = {}
        self._outbox = outbox
        self._number = number
        self._recipient = recipient
        self._newest: dict[str, PublicWarning] = {}
        self._known: dict[str, deque[str]] = {}
        self._something = asyncio.Event()
        self._crowded = False
        # How many may go at once after some were declined; None: as many as may ever.
        self._most: int | None = None

    def take(self, tick: int, warnings: Sequence[PublicWarning]) -> list[str]:
        """Let them wait; the ids of those that are new here."""
        taken = []
        for warning in warnings:
            known = self._known.setdefault(warning.zone, deque(maxlen=KNOWN_PER_ZONE))
            newest = self._newest.get(warning.zone)
            if warning.id in known or (newest is not None and warning.time < newest.time):
                continue
            known.append(warning.id)
            self._newest[warning.zone] = warning
            self.waiting[warning.id] = (tick, warning)
            taken.append(warning.id)
        self._something.set()
        return taken

    def make_room(self) -> None:
        """Drop what newer words have superseded, where more waits than may."""
        excess = len(self.waiting) - WAITING_MAX
        if excess <= 0:
            return
        old = [name for name, (_, one) in self.waiting.items() if self._newest[one.zone].id != name][:excess]
        self._drop(old, "superseded")
        if not self._crowded:
            log.warning("channel %s: the outbox is full; only newer warnings wait on", self._outbox.channel.name)
        self._crowded = True

    def _drop(self, names: Sequence[str], why: Literal["superseded", "expired"]) -> None:
        for name in names:
            del self.waiting[name]
        self._outbox.counts[why] += len(names)
        self._outbox.delivery.given_up(self._number, names, why)

    def _next(self) -> list[PublicWarning]:
        """Whole ticks from the oldest, as long as no zone comes again; without what has expired."""
        now = self._outbox.now()
        expired = [name for name, (_, one) in self.waiting.items() if one.expires <= now]
        if expired:
            self._drop(expired, "expired")
            log.error("channel %s: %d warnings expired undelivered", self._outbox.channel.name, len(expired))
        batch: list[PublicWarning] = []
        for _, tick in groupby(self.waiting.values(), key=lambda one: one[0]):
            warnings = [warning for _, warning in tick]
            zones = {warning.zone for warning in batch}
            if batch and (len(batch) + len(warnings) > SENT_MAX or any(one.zone in zones for one in warnings)):
                break
            batch += warnings
        return batch[: self._most]

    async def run(self) -> None:
        """Deliver until cancelled."""
        failures = 0
        while True:
            await self._something.wait()
            batch = self._next()
            if not batch:
                self._crowded = False
                self._something.clear()
                continue
            began = self._outbox.now()
            trouble, declined = await self._attempt(batch)
            self._outbox.note(self._recipient, trouble)
            names = [one.id for one in batch]
            if trouble is None:
                failures = 0
                self._most = None if self._most is None or 2 * self._most > SENT_MAX else 2 * self._most
                self._delivered(names, began)
                continue
            self._outbox.counts["failed"] += 1
            self._outbox.delivery.failed(self._number, names, began, trouble)
            if declined:
                self._set_back(names)
                failures = failures if len(names) == 1 else 0
            wait_s = min(BACK_OFF_LAST_S, BACK_OFF_FIRST_S * 2.0 ** min(failures, 10))
            failures += 1
            await asyncio.sleep(wait_s * (0.5 + 0.5 * self._outbox.jitter()))

    def _set_back(self, names: Sequence[str]) -> None:
        """After these were declined: give up what is superseded, and let the rest go in smaller parts, or last."""
        still = [name for name in names if name in self.waiting]
        old = [name for name in still if self._newest[self.waiting[name][1].zone].id != name]
        self._drop(old, "superseded")
        self._most = max(1, len(names) // 2)
        if len(names) == 1:
            self.waiting |= {name: self.waiting.pop(name) for name in still if name not in old}

    def _delivered(self, names: Sequence[str], began: datetime) -> None:
        for name in names:
            # What made room for newer ones meanwhile was counted as that.
            self._outbox.counts["delivered"] += self.waiting.pop(name, None) is not None
        self._outbox.delivery.accepted(self._number, names, began)

    async def _attempt(self, batch: Sequence[PublicWarning]) -> tuple[str | None, bool]:
        """Why it failed (None: it was received), and whether the recipient declined it."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            async with asyncio.timeout(SEND_S_MAX):
                await self._outbox.channel.send(self._recipient, batch)
        except TimeoutError as error:
            # A channel may have less patience.
            text = str(error) or f"no answer within {loop.time() - began_s:.0f} s"
            return text.replace(self._recipient, "…"), False
        except Exception as error:  # noqa: BLE001 - whatever a channel raises is news, not the end of the outbox
            # Addresses may be secret, and this is logged.
            return f"{type(error).__name__}: {error}".replace(self._recipient, "…"), isinstance(error, Declined)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return "it cancelled itself", False
        return None, False
