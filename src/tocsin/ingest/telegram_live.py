"""Telegram's channels as they are written, through an account that reads them (the extra `telegram`, Telethon).

Quality: every minute, and first of all, the newest posts of each channel are looked at, so that nothing is missed that
Telegram did not tell of while we were away; what can change no warning any more is passed over. Edits replace. Posts
without text are passed over by name. What is more than the source may send waits, and goes with what comes next. The
account's session is a secret as a password is, and is never logged. Lost: that a post was deleted; beyond the newest
100 of a channel nothing is caught up.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tocsin.ingest.admission import OLD_S
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.model.errors import BadSettings
from tocsin.model.observation import ChannelReport
from tocsin.model.value import time_of

LOOKED_AT_MAX = 100
LOOK_EVERY_S = 60.0
# Posts remembered with what they said; a hundred channels have as many in a day.
SEEN_MAX = 20_000
# A raid's worst minute over a hundred channels is some hundred posts.
WAITING_MAX = 5_000
# A line without news is said to hold as often.
PULSE_S = 5.0
HOW_TO = "sign in once: tocsin text sign-in"


class Message(Protocol):
    """What is read of Telethon's `Message`."""

    id: int
    date: datetime
    edit_date: datetime | None
    message: str | None
    reply_to_msg_id: int | None


class Client(Protocol):
    """What is used of Telethon's `TelegramClient`."""

    async def connect(self) -> None: ...
    async def disconnect(self) -> None: ...
    def is_connected(self) -> bool: ...
    async def is_user_authorized(self) -> bool: ...
    async def get_entity(self, entity: str) -> Any: ...
    async def get_messages(self, entity: Any, limit: int) -> Sequence[Message]: ...
    def listen(self, channels: Sequence[Any], heard: Callable[[int, Message, bool], None]) -> None:
        """Call `heard` with channel's number, message and whether it is an edit, of what is posted from now on."""


@dataclass(frozen=True, slots=True)
class _Heard:
    channel: int
    message: Message
    edited: bool

    @property
    def key(self) -> tuple[int, int]:
        return self.channel, self.message.id

    @property
    def digest(self) -> bytes:
        text = (self.message.message or "").encode(errors="surrogatepass")
        return hashlib.blake2b(text, digest_size=12).digest()


class TelegramSource:
    """Reads channels until cancelled; raises where Telegram cannot be reached, or the account is not signed in.

    channels   their public names, without `@`
    """

    def __init__(
        self,
        name: str,
        client_of: Callable[[], Client],
        channels: Sequence[str],
        rejects: Rejects,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._client_of = client_of
        self._channels = channels
        self._rejects = rejects
        self._clock = clock
        # Post -> what it said last; the oldest are forgotten first.
        self._seen: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        # What was over the rate, as last said; it is tried again with what comes next.
        self._over: dict[tuple[int, int], _Heard] = {}

    async def run(self, deliver: Deliver) -> None:
        """Deliver what is posted; an empty delivery says that the line holds."""
        client = self._client_of()
        await client.connect()
        try:
            if not await client.is_user_authorized():
                raise BadSettings(f"the account of source {self.name} is not signed in; {HOW_TO}")
            channels = {name: await client.get_entity(name) for name in self._channels}
            names = {int(one.id): name for name, one in channels.items()}
            waiting: asyncio.Queue[_Heard] = asyncio.Queue(WAITING_MAX)
            client.listen(list(channels.values()), lambda *heard: self._wait(waiting, _Heard(*heard)))
            while True:
                await self._hand_on(await self._look(client, channels.values()), names, deliver)
                until_s = time.monotonic() + LOOK_EVERY_S
                while time.monotonic() < until_s:
                    if not client.is_connected():
                        # The supervisor starts us again, and what was missed is looked at first.
                        raise ConnectionError("the line to Telegram broke")
                    await self._hand_on(await _next(waiting), names, deliver)
        finally:
            await client.disconnect()

    def _wait(self, waiting: asyncio.Queue[_Heard], heard: _Heard) -> None:
        try:
            waiting.put_nowait(heard)
        except asyncio.QueueFull:
            self._rejects.read()
            self._rejects.count(f"source {self.name}: more posts than can wait", outcome="over_rate")

    async def _look(self, client: Client, channels: Iterable[Any]) -> list[_Heard]:
        """The newest posts, oldest first, without those too old to change a warning."""
        found = []
        for one in channels:
            posts = await client.get_messages(one, LOOKED_AT_MAX)
            young = [post for post in posts if self._clock() - post.date.timestamp() <= OLD_S]
            found += [_Heard(int(one.id), post, post.edit_date is not None) for post in young]
        return sorted(found, key=lambda heard: heard.message.date)

    async def _hand_on(self, heard: Sequence[_Heard], names: dict[int, str], deliver: Deliver) -> None:
        changed = {one.key for one in heard}
        waited = [one for key, one in self._over.items() if key not in changed]
        new = [one for one in (*waited, *heard) if self._seen.get(one.key) != one.digest]
        lines = [(one, self._line(one, names)) for one in new]
        told = [(one, line) for one, line in lines if line is not None]
        over = await deliver([line for _, line in told]) or ()
        refused = {id(told[place][0]) for place in over}
        # Not before they are kept: what fails here is delivered when the source is started again.
        self._over.clear()
        for one in new:
            if id(one) in refused:
                self._over[one.key] = one
                if len(self._over) > WAITING_MAX:
                    del self._over[next(iter(self._over))]
                continue
            self._over.pop(one.key, None)
            self._seen[one.key] = one.digest
            self._seen.move_to_end(one.key)
            if len(self._seen) > SEEN_MAX:
                self._seen.popitem(last=False)

    def _line(self, heard: _Heard, names: dict[int, str]) -> ChannelReport | None:
        self._rejects.read()
        message, channel = heard.message, names.get(heard.channel)
        if channel is None:
            self._rejects.pass_over("a post of a channel that is not listened to")
            return None
        if not (message.message or "").strip():
            self._rejects.pass_over("a post without text")
            return None
        self._rejects.use()
        answers = message.reply_to_msg_id
        return ChannelReport(
            id=f"{channel}/{message.id}",
            # A post from the future came now.
            time=time_of(min(message.date.timestamp(), self._clock())),
            source=self.name,
            channel=channel,
            text=(message.message or "").encode(errors="replace").decode(),
            reply_to=None if answers is None else f"{channel}/{answers}",
            edited=heard.edited or heard.key in self._seen,
        )


async def _next(waiting: asyncio.Queue[_Heard]) -> list[_Heard]:
    """What has come, all that waits together; nothing after a while of silence."""
    try:
        async with asyncio.timeout(PULSE_S):
            found = [await waiting.get()]
    except TimeoutError:
        return []
    while not waiting.empty():
        found.append(waiting.get_nowait())
    return found
