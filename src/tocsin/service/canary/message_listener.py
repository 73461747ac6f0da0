"""A service that takes messages, on this machine: it reads what mail and chats are told, word for word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from aiohttp import web

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.outward import read_at_most
from tocsin.announce.sample import Ear, Hearsay
from tocsin.model.value import UNREADABLE
from tocsin.service.canary.receiver import BODY_BYTES_MAX, CALLED_EVERY_S, HOST, Receiver

LATE_S = 15.0
SILENT_S = 2 * CALLED_EVERY_S + LATE_S
# Texts that are awaited at once; each pass of the channel makes six at most.
AWAITED_MAX = 100


class _Message(msgspec.Struct):
    """What Apprise sends to an address that begins with `json://`."""

    title: str
    message: str


class MessageListener:
    """Receives at `url`, an address of Apprise's.

    call   has a message that says nothing sent here
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.call: Callable[[], Awaitable[None]] | None = None
        self._hearsay = Hearsay()
        # By what a message says, heading and text, the warnings that it tells of.
        self._awaited: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()
        self._receiver = Receiver()
        self.url = f"json://{HOST}:{self._receiver.port}/"

    def expect(self, title: str, body: str, warnings: Sequence[PublicWarning]) -> None:
        """A message that says this of these is being sent; an empty one: nobody is told of them, they are no news."""
        ids = tuple(one.id for one in warnings)
        if not body:
            self._hearsay.heard(ids)
            return
        self._awaited[title.strip(), body.strip()] = ids
        while len(self._awaited) > AWAITED_MAX:
            self._awaited.popitem(last=False)

    async def listen(self, ear: Ear) -> None:
        """Until cancelled."""
        self._hearsay.listen(ear)

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            try:
                read = msgspec.json.decode(await read_at_most(request.content, BODY_BYTES_MAX), type=_Message)
            except UNREADABLE as error:
                return web.Response(status=400, text=str(error))
            ear.alive()
            # Kept, for it may come twice; whatever else comes tells nobody of anything.
            self._hearsay.heard(self._awaited.get((read.title.strip(), read.message.strip()), ()))
            return web.Response(status=204)

        await self._receiver.serve(answer, self.call)
