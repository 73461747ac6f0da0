"""What everybody may look up beside what stands: where cover was lately, and where shelters are.

Both are told whole: which zone, and from where, is looked at on the device alone.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.compat.episodes import Episode
from tocsin.announce.views.reading import Covers, covers
from tocsin.model.errors import BadFile, BadValue
from tocsin.model.threat import ThreatClass
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.seen import Seen
from tocsin.service.http.shared import Body, Latest, unless_known
from tocsin.service.shelters import Shelters, read_shelters

log = structlog.get_logger(__name__)

# The newest of them: a long night of a country fits, and the answer stays under 100 kB.
TOLD_MAX = 2_000
# A history that everybody reads again when a page opens.
SHARED_S = 5.0
# Of nodes whose clocks are ahead of ours.
AHEAD = timedelta(minutes=1)
# What a database can count from.
DATES = datetime(1990, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_OPEN = {"access-control-allow-origin": "*", "cache-control": "no-cache"}


class CoverTime(msgspec.Struct, frozen=True):
    """A zone's time under cover; `ended`: null: it stands."""

    zone: str
    threat: ThreatClass
    began: datetime
    ended: datetime | None
    drill: bool


class History(msgspec.Struct, frozen=True):
    """GET /v1/history: zones' times under cover, the newest first; of what was before `since` nothing is known.

    picture_at   how old it is: what ended after this is told as if it stood
    """

    since: datetime | None
    episodes: tuple[CoverTime, ...]
    picture_at: datetime | None = None


class Remembered:
    """The routes."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._history = Latest(self._written)
        self._shared: tuple[float, asyncio.Task[Covers]] | None = None
        self._shelters: Body | None = None
        self._reading = asyncio.Lock()

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/history", self.history), Route("/v1/shelters", self.shelters)]

    async def history(self, request: Request) -> Response:
        """Where cover was: from the views, a week before `before`; without them since the service began, as kept."""
        before = request.query_params.get("before")
        if self._seen.views is None:
            if before is not None:
                return problem(400, "only the newest is kept here; leave `before` out")
            return self._known(request)
        try:
            if before is not None:
                return answer(_told(await self._asked(_time(before))), headers=_OPEN)
            return answer(_told(await self._newest()), headers=_OPEN)
        except BadValue as error:
            return problem(400, str(error))
        except BadFile as error:
            # What this process saw itself is less, and true.
            return self._known(request) if before is None else problem(503, str(error), retry_after_s=10)

    async def _asked(self, before: datetime) -> Covers:
        assert self._seen.views is not None, "asked above"
        return await self._seen.views.ask(lambda db: covers(db, before, TOLD_MAX))

    async def _newest(self) -> Covers:
        """What everybody asks for, read once for all who ask within some seconds."""
        now_s = time.monotonic()
        if self._shared is None or now_s - self._shared[0] > SHARED_S or _failed(self._shared[1]):
            self._shared = now_s, asyncio.create_task(self._asked(self._seen.clock.now() + AHEAD))
        # Who hangs up takes it from nobody else.
        return await asyncio.shield(self._shared[1])

    def _known(self, request: Request) -> Response:
        changed = self._seen.channels.episodes.changed_at
        return unless_known(request, self._history.body(changed), headers=_OPEN, media_type="application/json")

    def _written(self) -> bytes:
        channels = self._seen.channels
        episodes = channels.episodes
        ended = list(episodes.ended)[-TOLD_MAX:]
        newest = sorted([*episodes.covered(), *ended], key=lambda one: one.began, reverse=True)[:TOLD_MAX]
        told = tuple(self._cover(one) for one in newest)
        return bytes(answer(History(episodes.since, told, channels.board.picture_at)).body)

    def _cover(self, one: Episode) -> CoverTime:
        zone = self._seen.channels.episodes.zones[one.zone]
        return CoverTime(zone.id, one.threat, one.began, one.ended, one.drill)

    async def shelters(self, request: Request) -> Response:
        """Where shelters are, as operators entered them."""
        async with self._reading:
            if self._shelters is None:
                path = self._seen.settings.shelters.path
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


def _told(found: Covers) -> History:
    told = tuple(CoverTime(one.zone, one.threat, one.began, one.ended, one.drill) for one in found.covers)
    return History(found.since, told, found.picture_at)


def _failed(task: asyncio.Task[Covers]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _time(text: str) -> datetime:
    """A time with its zone, RFC 3339. Raises BadValue."""
    try:
        time = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise BadValue(f"before is {text[:40]!r}; write it as 2026-01-31T20:15:00Z") from error
    if time.tzinfo is None or not DATES[0] < time < DATES[1]:
        raise BadValue("before has no zone, or is no time of ours; write it as 2026-01-31T20:15:00Z")
    return time
