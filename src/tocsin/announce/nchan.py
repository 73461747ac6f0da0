"""The live page's stream at nginx servers with nchan, which hold the listeners: this process holds none.

Each server keeps the newest `state` and every change since, for whoever joins or comes back; pulses it passes on and
keeps none of: who hears one knows that we live (packaging/proxy/nginx-fan-out.conf, docs/how-to/fan-out.md).

Order     one request at a time to each server: `state`, then `zones` and `pulse` as the board changed
Retries   what failed, or is not kept there as it should be, is a fresh `state`, a second later
Bounds    what changes while a request is under way is one event of the zones' newest states; what is kept for who joins
          is no longer than two states
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import aiohttp
import msgspec
import structlog

from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.delivery import Group
from tocsin.announce.outward import endpoint, read_at_most, session
from tocsin.announce.quality import Quality, done, exempt, todo
from tocsin.model.value import UNREADABLE

log = structlog.get_logger(__name__)

PULSE_S = 1.0
ANSWER_S_MAX = 5.0
AGAIN_S = 1.0
# Changes that are kept after a `state` before another takes their place, however small they are.
KEPT_MAX = 1_000
_ANSWER_BYTES_MAX = 4_096


class _Kept(msgspec.Struct):
    """What nchan says of a channel: how many messages it keeps, and how many listen."""

    messages: int
    subscribers: int = 0


class _Server:
    """One nginx: what it keeps, and what it must be told next.

    trouble     why it does not have everything; None: it has
    listeners   how many it says that it serves
    kept        how many events it keeps for who joins
    """

    def __init__(self, url: str, board: Board, now: Callable[[], datetime]) -> None:
        self.trouble: str | None = "not reached yet"
        self.listeners = self.kept = 0
        self.counts: Counter[str] = Counter()
        self._url = url
        self._board = board
        self._now = now
        self._changed = board.follow()
        self._whole = True
        # Numbers of batches: heard here, and that the server has.
        self._heard = self._told = 0
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        # Octets of the `state` that it keeps, and of what came after it.
        self._state_bytes = self._later_bytes = 0
        # Of the board, when it was told last.
        self._seq = 0

    def note(self, *, whole: bool) -> None:
        """The board has changed; `whole`: and something may have been missed."""
        self._whole |= whole
        self._heard += 1
        self._wake.set()

    async def reached(self) -> None:
        """Return when the server has all that was heard until now. Raises ConnectionError."""
        wanted = self._heard
        async with self._moved:
            await self._moved.wait_for(lambda: self._told >= wanted or self.trouble is not None)
        if self._told < wanted:
            raise ConnectionError(self.trouble)

    async def run(self, calls: aiohttp.ClientSession, name: str) -> None:
        """Tell it until cancelled."""
        while True:
            try:
                await self._tell(calls)
            except (OSError, TimeoutError, aiohttp.ClientError, *UNREADABLE) as error:
                if self.trouble is None:
                    log.warning("a server of streams is not reached; it is tried again", channel=name)
                self.trouble = f"{type(error).__name__}: {error}".replace(self._url, "…")
                self.counts["failed"] += 1
                # What it has now is not known.
                self._told = 0
            async with self._moved:
                self._moved.notify_all()
            await asyncio.sleep(AGAIN_S)

    async def _tell(self, calls: aiohttp.ClientSession) -> None:
        """Tell everything, then what changes, and pulses. Raises whatever goes wrong."""
        loop = asyncio.get_running_loop()
        pulse_at_s = loop.time()
        self._whole = True
        while True:
            heard, whole, changed = self._heard, self._whole, list(self._changed)
            self._whole = False
            self._changed.clear()
            if whole or self._is_long() or any(self._board.zone_json(zone) is None for zone in changed):
                await self._tell_state(calls)
            elif changed:
                await self._tell_changes(calls, changed)
            self.trouble = None
            if not self._whole:
                self._told = heard
            async with self._moved:
                self._moved.notify_all()
            if loop.time() >= pulse_at_s:
                pulse_at_s = loop.time() + PULSE_S
                await self._pulse(calls)
            self._wake.clear()
            if not (self._changed or self._whole):
                with suppress(TimeoutError):
                    async with asyncio.timeout(pulse_at_s - loop.time()):
                        await self._wake.wait()

    def _is_long(self) -> bool:
        """Whether who joins reads more of changes than another `state` would be."""
        return self._later_bytes > self._state_bytes or self.kept > KEPT_MAX

    async def _tell_state(self, calls: aiohttp.ClientSession) -> None:
        self._seq = self._board.seq
        body = self._board.state_json(self._now())
        answer = await self._post(calls, "picture", "state", body, keep=1)
        if answer.messages != 1:
            raise ConnectionError(
                f"it keeps {answer.messages} messages and was to keep 1: its configuration is another"
            )
        self.kept, self._state_bytes, self._later_bytes = 1, len(body), 0

    async def _tell_changes(self, calls: aiohttp.ClientSession, changed: Sequence[str]) -> None:
        self._seq = self._board.seq
        body = self._board.zones_json(changed, self._now())
        answer = await self._post(calls, "picture", "zones", body, keep=self.kept + 1)
        self.kept += 1
        self._later_bytes += len(body)
        # It began anew meanwhile, and keeps changes of nothing.
        self._whole |= answer.messages != self.kept

    async def _pulse(self, calls: aiohttp.ClientSession) -> None:
        """Say that we live, and what was told last; and see whether it still keeps what it was told."""
        body = b'%b,"seq":%d}' % (self._board.pulse_json(self._now()).removesuffix(b"}"), self._seq)
        self.listeners = (await self._post(calls, "pulse", "pulse", body)).subscribers
        async with calls.get(f"{self._url}/picture", headers={"accept": "text/json"}, allow_redirects=False) as answer:
            kept = await _answered(answer) if answer.status != 404 else _Kept(0)
        self._whole |= kept.messages != self.kept

    async def _post(self, calls: aiohttp.ClientSession, channel: str, event: str, body: bytes, keep: int = 0) -> _Kept:
        headers = {
            "accept": "text/json",
            "content-type": "application/json",
            "x-eventsource-event": event,
            # How many of the newest messages it keeps: from the last `state` on.
            "x-tocsin-keep": str(keep),
        }
        url = f"{self._url}/{channel}"
        async with calls.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            found = await _answered(answer)
        self.counts["told"] += 1
        return found


async def _answered(answer: aiohttp.ClientResponse) -> _Kept:
    """What nchan says. Raises ConnectionError where it is no nchan that answers."""
    if answer.status not in (200, 201, 202):
        raise ConnectionError(f"it answers {answer.status}; is that nchan's publisher, as nginx-fan-out.conf has it?")
    return msgspec.json.decode(await read_at_most(answer.content, _ANSWER_BYTES_MAX), type=_Kept)


class Nchan:
    """The channel.

    urls    where each server is told, without a slash at the end: `/picture` and `/pulse` lie below
    """

    name = "nchan"
    quality = Quality(
        one_batch=done("test_the_changes_of_a_tick_are_one_event_at_nchan"),
        order=done("test_who_listens_at_nchan_hears_what_the_board_shows_in_order"),
        idempotent=exempt("a state is a state however often it is said"),
        bounded=done("test_what_is_kept_for_who_joins_is_no_longer_than_two_states"),
        stands_alone=done("test_a_server_of_streams_that_is_away_holds_up_no_other"),
        retries=done("test_a_server_of_streams_that_began_anew_is_told_everything_within_seconds"),
        deadline=exempt("every zone is told with its expiry, and the page counts it down"),
        receipts=exempt("a stream to everybody knows no readers; that the server has it is waited for"),
        restart=done("test_a_server_of_streams_that_began_anew_is_told_everything_within_seconds"),
        drill=done("test_who_joins_late_gets_the_whole_state_first_and_what_changed_since"),
        private=exempt("it tells what the board shows, which names nobody"),
        blindness=done("test_whoever_dies_leaves_no_pulse_behind"),
        languages=exempt("it holds codes; whoever shows them has the words"),
        proof=todo("the stream itself is not signed; whoever serves it over TLS proves who they are"),
    )

    def __init__(self, name: str, urls: Sequence[str], board: Board, now: Callable[[], datetime]) -> None:
        self.name = name
        self.recipients = tuple(urls)
        # They are the operator's own.
        self._servers = {url: _Server(str(endpoint(url, private=True)), board, now) for url in self.recipients}

    @property
    def trouble(self) -> str | None:
        """Why some server does not have everything."""
        return next((one.trouble for one in self._servers.values() if one.trouble is not None), None)

    @property
    def listeners(self) -> int:
        """How many listen at all servers."""
        return sum(one.listeners for one in self._servers.values())

    @property
    def kept(self) -> int:
        """The most events that a server keeps for who joins."""
        return max(one.kept for one in self._servers.values())

    def groups(self) -> list[Group]:
        """Listeners by server."""
        return [
            Group(name=f"server {number}", recipients=one.listeners, waiting=0, counts=dict(one.counts))
            for number, one in enumerate(self._servers.values(), 1)
        ]

    def fold(self, batch: Batch) -> None:
        """Take what changed on the board, which hears of the batch first."""
        for server in self._servers.values():
            server.note(whole=batch.whole)

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Return once that server has what the board shows now. Raises ConnectionError."""
        await self._servers[recipient].reached()

    async def work(self) -> None:
        """Tell every server until cancelled."""
        async with session(private=True, timeout_s=ANSWER_S_MAX) as calls, asyncio.TaskGroup() as group:
            for server in self._servers.values():
                group.create_task(server.run(calls, self.name))
