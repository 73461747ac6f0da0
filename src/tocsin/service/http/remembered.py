"""What everybody may look up beside what stands: where cover was lately, and where shelters are.

Both are told whole: which zone, and from where, is looked at on the device alone.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.compat.episodes import Episode
from tocsin.model.errors import BadFile
from tocsin.model.threat import ThreatClass
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.shared import Body, Latest, unless_known
from tocsin.service.runtime import Runtime
from tocsin.service.shelters import Shelters, read_shelters

log = structlog.get_logger(__name__)

# The newest of them: a long night of a country fits, and the answer stays under 100 kB.
TOLD_MAX = 2_000
_OPEN = {"access-control-allow-origin": "*", "cache-control": "no-cache"}


class CoverTime(msgspec.Struct, frozen=True):
    """A zone's time under cover; `ended`: null: it stands."""

    zone: str
    threat: ThreatClass
    began: datetime
    ended: datetime | None
    drill: bool


class History(msgspec.Struct, frozen=True):
    """GET /v1/history: zones' times under cover, the newest first; of what was before `since` nothing is known."""

    since: datetime | None
    episodes: tuple[CoverTime, ...]


class Remembered:
    """The routes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._history = Latest(self._written)
        self._shelters: Body | None = None
        self._reading = asyncio.Lock()

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/history", self.history), Route("/v1/shelters", self.shelters)]

    async def history(self, request: Request) -> Response:
        """Where cover was since the service began, as far as it is kept."""
        changed = self._runtime.channels.episodes.changed_at
        return unless_known(request, self._history.body(changed), headers=_OPEN, media_type="application/json")

    def _written(self) -> bytes:
        episodes = self._runtime.channels.episodes
        ended = list(episodes.ended)[-TOLD_MAX:]
        newest = sorted([*episodes.covered(), *ended], key=lambda one: one.began, reverse=True)[:TOLD_MAX]
        told = tuple(self._told(one) for one in newest)
        return bytes(answer(History(episodes.since, told)).body)

    def _told(self, one: Episode) -> CoverTime:
        zone = self._runtime.channels.episodes.zones[one.zone]
        return CoverTime(zone.id, one.threat, one.began, one.ended, one.drill)

    async def shelters(self, request: Request) -> Response:
        """Where shelters are, as operators entered them."""
        async with self._reading:
            if self._shelters is None:
                path = self._runtime.settings.shelters.path
                try:
                    found = Shelters() if path is None else await asyncio.to_thread(read_shelters, path)
                    self._shelters = Body(msgspec.json.encode(found), level=6)
                except BadFile as error:
                    # Who has no shelters to show warns all the same; it is read again after a restart.
                    log.error("the shelters file is not used", reason=str(error))
                    self._shelters = Body(b"")
        if not self._shelters.plain:
            return problem(503, "the shelters cannot be read here; the operators' log says why")
        return unless_known(request, self._shelters, headers=_OPEN, media_type="application/geo+json")
