"""The conversation with the brokers, in a thread of its own: it sends, reads, and sees when they are gone or back."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from tocsin.journal.jetstream.backlog import batches
from tocsin.journal.jetstream.connection import connected
from tocsin.journal.jetstream.entering import PASSED_OVER, Entering
from tocsin.journal.jetstream.message import FROM, ID, Message
from tocsin.journal.jetstream.outgoing import Outgoing
from tocsin.journal.jetstream.patience import Patience
from tocsin.journal.jetstream.reading import GapError, follow
from tocsin.journal.jetstream.recorder import Recorder
from tocsin.journal.jetstream.sending import send
from tocsin.journal.jetstream.stream import ASK_MAX_S, ASK_S, LONGER, Place, Reach, beginning, reach_of
from tocsin.journal.journal import Journal
from tocsin.model.errors import JournalError
from tocsin.model.event import Tick

log = logging.getLogger(__name__)

CONNECT_S, RETRY_S, LOOK_S = 5.0, 0.1, 0.1
# Between looks at whether others are to be told of what this machine took in alone.
BACKLOG_S = 1.0
# What was heard within this shows that the stream is there.
HEARD_S = 2.0
# Between two words to what is to end; and what the connection gets to do so.
CANCEL_AGAIN_S, CLOSE_S = 0.5, 2.0


class Session:
    """What happens between this machine and the brokers. Its loop runs in a thread until `stop`.

    missed       what the stream has forgotten and this record does not hold; None: nothing, or a Loss says it
    caught_up    set once the record has what the stream held when we came, or this machine goes on alone
    alone_since  when it was cut off; None: it is not
    why          what the brokers answered to the last that failed; empty: nothing failed
    """

    def __init__(
        self,
        journal: Journal,
        place: Place,
        sender: str,
        outgoing: Outgoing,
        recorder: Recorder,
        entering: Entering,
        *,
        island_after_s: float,
    ) -> None:
        self._journal = journal
        self._place = place
        self._sender = sender
        self._outgoing = outgoing
        self._recorder = recorder
        self._entering = entering
        self._patience = Patience(island_after_s)
        self._client: Client | None = None
        # How long a broker is waited for, the next time.
        self._ask_s = ASK_S
        # Messages that wait for the brokers' word.
        self._unacked = 0
        # The stream's last message when we began to follow it.
        self._held_to = 0
        self.missed: str | None = None
        self.alone_since: datetime | None = None
        self.why = ""
        self.caught_up = threading.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="agreed-log", daemon=True)
        self._thread.start()
        self._begun.wait()

    def wake(self) -> None:
        """Something waits to be sent."""
        self._call(self._something)

    def told(self) -> None:
        """A Loss says what was missed: go on after it."""
        self.missed = None
        self._call(self._told)

    def stop(self) -> None:
        """Say no more, and hear nothing."""
        self._call(self._end)
        self._thread.join()

    def _call(self, event: asyncio.Event) -> None:
        # Its loop is closed where it was stopped before.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(event.set)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._something, self._told, self._end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._begun.set()
        loops = (self._follow, self._send_all, self._watch, self._tell_others)
        tasks = [asyncio.create_task(self._again_and_again(one)) for one in loops]
        await self._end.wait()
        going = set(tasks)
        while going:
            for task in going:
                task.cancel()
            # The client loses a cancellation that comes with what it waits for (`asyncio.wait_for` does, up to Python
            # 3.11): it is told again. Else a start that has caught up with the log would wait here for ever.
            _, going = await asyncio.wait(going, timeout=CANCEL_AGAIN_S)
        if self._client is not None:
            with suppress(nats.errors.Error, OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._client.close()

    async def _again_and_again(self, call: Callable[[], Awaitable[None]]) -> None:
        """Whatever happens in it: a loop that ends would leave everybody waiting for ever."""
        while True:
            try:
                await call()
            except (nats.errors.Error, GapError, OSError, TimeoutError) as error:
                self.why = str(error) or f"no answer ({type(error).__name__})"
                log.debug("the brokers: %s", self.why)
            except Exception:
                log.exception("the agreed log failed; it is tried again")
            await asyncio.sleep(RETRY_S)

    # What is read.

    async def _follow(self) -> None:
        client = await self._connected()
        ask_s = self._ask_s
        self._ask_s = min(ASK_MAX_S, ask_s * LONGER)
        reach = await reach_of(client, self._place, ask_s)
        after = await self._begin(client, reach, ask_s)
        self._held_to = reach.last
        self._look_whether_caught_up(after)
        await follow(client, self._place.stream, after, self._take, self._heard, ask_s)

    def _heard(self) -> None:
        self._ask_s = ASK_S
        self._patience.heard()

    async def _connected(self) -> Client:
        if self._client is None or self._client.is_closed:
            async with asyncio.timeout(CONNECT_S):
                name = f"tocsin {self._place.sector} {self._place.node}"
                self._client = await connected(self._place.brokers, name)
        return self._client

    async def _begin(self, client: Client, reach: Reach, ask_s: float) -> int:
        """After which message to go on; where the stream has forgotten what was next, once a Loss has said so."""
        mark = self._recorder.mark
        if mark.stream == 0:
            after = await beginning(client, self._place, reach, ask_s)
        elif mark.stream == reach.made and reach.first <= mark.position + 1:
            # Where a leader does not know of all that we have read yet, some is read again.
            after = min(mark.position, reach.last)
        else:
            self._told.clear()
            self.missed = _missed(mark.stream == reach.made, mark.position, reach.first)
            self._leave(self.missed)
            await self._told.wait()
            after = reach.first - 1
        self._recorder.follow(reach.made, after)
        return after

    async def _take(self, message: Msg) -> None:
        meta, header = message.metadata, message.headers or {}
        ours = self._outgoing.back(header.get(ID, "")) if header.get(FROM) == self._sender else None
        ticked_us = self._recorder.mark.ticked_us
        found = self._entering.of(message.subject, message.data, header, meta.timestamp, ticked_us)
        await self._recorder.read(found, meta.sequence.stream, ours, self._patience.heard)
        self._look_whether_caught_up(meta.sequence.stream)

    def _look_whether_caught_up(self, position: int) -> None:
        if position >= self._held_to:
            self.caught_up.set()

    # What is sent.

    async def _send_all(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while messages := self._outgoing.take():
                await asyncio.gather(*map(self._send, messages))

    async def _send(self, message: Message) -> None:
        self._unacked += 1
        try:
            ack = await send(lambda: self._client, message, self._sender, lambda: self._outgoing.waits(message))
        except JournalError as error:
            if (ours := self._outgoing.back(message.id)) is not None:
                ours.fail(error)
            return
        finally:
            self._unacked -= 1
        if ack is None:
            return
        self._patience.acked()
        # A twin's tick has this slot; or ours has, sent before, and comes back all the same.
        taken = ack.duplicate and isinstance(message.events[0], Tick)
        if taken and (ours := self._outgoing.back(message.id)) is not None:
            ours.settle([PASSED_OVER])

    async def _tell_others(self) -> None:
        """Send what this machine took in alone, while it is not alone."""
        if self._journal.untold and not self._outgoing.alone:
            for seq, messages in batches(self._journal, self._place):
                for message in messages:
                    ack = await send(lambda: self._client, message, self._sender, lambda: not self._outgoing.alone)
                    if ack is None:
                        return
                await asyncio.to_thread(self._journal.sent, seq)
        await asyncio.sleep(BACKLOG_S)

    # Whether the brokers are there.

    async def _watch(self) -> None:
        looked_s = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_S)
            before_s, looked_s = looked_s, time.monotonic()
            there = self._client is not None and self._client.is_connected
            self._patience.look(looked_s - before_s, connected=there, waiting=self._unacked > 0)
            # Where more was on its way than may be, what waits goes on once some of it has come back.
            self._something.set()
            if not self._outgoing.alone:
                if self._patience.at_end:
                    self._leave("the brokers are out of reach")
            elif self.missed is None and self._patience.silent_s < HEARD_S and await self._answers():
                log.warning("the brokers are back: what this machine took in alone is sent to the others")
                self.alone_since = None
                self._outgoing.come_back()

    async def _answers(self) -> bool:
        """Whether most of the brokers take a message: an empty one, of which nobody makes anything."""
        probe = Message(f"{self._sender}-{time.monotonic_ns()}", self._place.ours)
        end_s = time.monotonic() + HEARD_S
        ack = await send(lambda: self._client, probe, self._sender, lambda: time.monotonic() < end_s)
        return ack is not None

    def _leave(self, why: str) -> None:
        if self._outgoing.alone:
            return
        log.error("%s: this machine goes on alone, from what it hears itself", why)
        self.alone_since = datetime.now(UTC)
        self._outgoing.leave(self._recorder.message_alone)
        self.caught_up.set()


def _missed(same: bool, position: int, first: int) -> str:
    if not same:
        return "the brokers' log was made anew: what they held that this machine had not heard is lost"
    return (
        f"the brokers have forgotten messages {position + 1} to {first - 1} of their log, which this machine had not "
        "heard: it was away for longer than they keep it"
    )
