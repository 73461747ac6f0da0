"""/v1/spotters: the posts as operators see them: under pseudonyms, never where they are."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.model.errors import BadValue
from tocsin.model.value import UNREADABLE, Time, seconds_of, time_of
from tocsin.model.wire import in_words
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import Caller
from tocsin.service.http.observations import body_of
from tocsin.service.http.spotters import NOT_HERE
from tocsin.service.runtime import Runtime
from tocsin.service.spotters.enrolled import Enrolled
from tocsin.service.spotters.names import link_of, picture_of
from tocsin.service.spotters.store import HOUR_S, TOGETHER_MAX, Post

_FRESH = {"cache-control": "no-store", "vary": "authorization, cookie"}
_BYTES_MAX = 4_096
Heard = Literal["hour", "day", "week", "longer"]
# The hour in which one was heard is kept: two may be up to two hours.
_WITHIN: tuple[tuple[float, Heard], ...] = ((2 * HOUR_S, "hour"), (24 * HOUR_S, "day"), (7 * 24 * HOUR_S, "week"))


class Inviting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/spotters: how many are invited together, and for how many hours; null: as the settings say."""

    count: Annotated[int, Meta(ge=1, le=TOGETHER_MAX)] = 1
    hours: Annotated[float, Meta(gt=0, le=24 * 30)] | None = None


class PostInvitation(msgspec.Struct, frozen=True):
    """Shown once, and kept nowhere: who opens the link first is that post.

    svg   the link as a QR code
    """

    post: str
    code: str
    link: str
    svg: str
    until: Time


class PostInvitations(msgspec.Struct, frozen=True):
    """The invitations that were asked for."""

    invitations: tuple[PostInvitation, ...]


class PostShown(msgspec.Struct, frozen=True):
    """One post.

    state         invited: nobody has joined as it yet; here; revoked
    team          those invited together; as long as the settings do not vouch, they are one voice
    since         the day it joined
    last_heard    roughly how long ago
    borne_out     of its reports, those that another voice or a sensor bore out; unanswered: nobody else saw it;
                  contradicted: a sensor saw something harmless there
    reliability   the share of those borne out; null: too few are over to say
    """

    post: str
    team: str
    state: Literal["invited", "here", "revoked"]
    until: Time | None
    since: Time | None
    last_heard: Heard | None
    kept: int
    refused: int
    borne_out: int
    unanswered: int
    contradicted: int
    reliability: float | None


class PostsShown(msgspec.Struct, frozen=True):
    """GET /v1/spotters: every post, in order of pseudonym."""

    posts: tuple[PostShown, ...]


class SpotterPosts:
    """The operators' routes."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/spotters", self.listed, methods=["GET"]),
            Route("/v1/spotters", self.invite, methods=["POST"]),
            Route("/v1/spotters/{post}", self.revoke, methods=["DELETE"]),
        ]

    def _asked(self, request: Request) -> tuple[Caller, Enrolled] | Response:
        """Who asks, and the spotters; or why he may not."""
        caller = self._runtime.callers.needed(request, "spotters")
        if isinstance(caller, Response):
            return caller
        spotters = self._runtime.spotters
        return problem(404, NOT_HERE) if spotters is None else (caller, spotters)

    async def listed(self, request: Request) -> Response:
        """Every post, and how far it can be relied on."""
        found = self._asked(request)
        if isinstance(found, Response):
            return found
        _, spotters = found
        now = self._runtime.clock.now()
        posts = await asyncio.to_thread(spotters.posts.every, seconds_of(now))
        shown = tuple(_shown(one, now, spotters.reliability(one)) for one in posts)
        return answer(PostsShown(shown), headers=_FRESH)

    async def invite(self, request: Request) -> Response:
        """Make invitations."""
        found = self._asked(request)
        if isinstance(found, Response):
            return found
        caller, spotters = found
        body = await body_of(request, _BYTES_MAX)
        try:
            asked = msgspec.json.decode(body or b"{}", type=Inviting)
        except UNREADABLE as error:
            why = in_words(error, Inviting) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
            return problem(400, f"no invitation: {why}")
        now = self._runtime.clock.now()
        until = now + timedelta(hours=asked.hours or spotters.settings.invitation_hours)
        try:
            made = await asyncio.to_thread(spotters.posts.invite, asked.count, seconds_of(until), seconds_of(now))
        except BadValue as error:
            return problem(409, str(error))
        # Who did it, and how many; as which post somebody was invited is nobody's to know.
        self._runtime.people.audit.note(caller.id, "spotter.invite", where=caller.where, times=len(made))
        # Without a setting, whoever asks reaches us as he asked.
        base_url = self._runtime.settings.http.base_url or str(request.base_url)
        links = [link_of(base_url, one.code) for one in made]
        pictures = await asyncio.to_thread(lambda: [picture_of(link) for link in links])
        invitations = tuple(
            PostInvitation(one.name, one.code, link, svg, until)
            for one, link, svg in zip(made, links, pictures, strict=True)
        )
        return answer(PostInvitations(invitations), status=201, headers=_FRESH)

    async def revoke(self, request: Request) -> Response:
        """Hear a post no more, from now on; an invitation is taken back."""
        found = self._asked(request)
        if isinstance(found, Response):
            return found
        caller, spotters = found
        name = request.path_params["post"]
        if not await asyncio.to_thread(spotters.posts.revoke, name, seconds_of(self._runtime.clock.now())):
            return problem(404, f"there is no post {name[:40]!r}; GET /v1/spotters lists them")
        self._runtime.people.audit.note(caller.id, "spotter.revoke", name, where=caller.where)
        return Response(status_code=204, headers=_FRESH)


def _shown(post: Post, now: datetime, reliability: float | None) -> PostShown:
    state: Literal["invited", "here", "revoked"] = "invited" if post.since_s is None else "here"
    ago_s = None if post.heard_s is None else seconds_of(now) - post.heard_s
    last: Heard | None = None
    if ago_s is not None:
        last = next((name for within_s, name in _WITHIN if ago_s <= within_s), "longer")
    return PostShown(
        post=post.name,
        team=post.team,
        state=state if post.revoked_s is None else "revoked",
        until=time_of(post.until_s) if state == "invited" and post.until_s is not None else None,
        since=None if post.since_s is None else time_of(post.since_s),
        last_heard=last,
        kept=post.kept,
        refused=post.refused,
        borne_out=post.borne_out,
        unanswered=post.unanswered,
        contradicted=post.contradicted,
        reliability=reliability,
    )
