"""Sites: which there are, how each stands, and what it says of itself."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import apsw
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tocsin.model.errors import BadValue
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.bodies import body_as
from tocsin.service.http.callers import Caller, holder_by, token_of
from tocsin.service.http.operators import Operators
from tocsin.service.http.turns import Turns, address_of
from tocsin.service.runtime import Runtime
from tocsin.service.sites.site import Site
from tocsin.service.sites.sites import OfficersSite, PublicSite
from tocsin.service.sites.status import Said, status_of
from tocsin.service.within import parents_in, within

log = structlog.get_logger(__name__)

SAID_BYTES_MAX = 4_096
# Tokens that are not this site's, from one address: a mistyped list of them, then one in five seconds.
WRONG_PER_S, WRONG_BURST = 0.2, 10
_OPEN = {"access-control-allow-origin": "*", "cache-control": "no-store"}
_OWN = {"vary": "authorization, cookie", "cache-control": "no-store"}


class PublicSites(msgspec.Struct, frozen=True):
    """GET /v1/sites: those that everybody may know of."""

    sites: tuple[PublicSite, ...]


class OfficersSites(msgspec.Struct, frozen=True):
    """GET /v1/console/sites: all, those first that people must leave for shelter."""

    sites: tuple[OfficersSite, ...]


class _Held(msgspec.Struct, frozen=True):
    id: str
    token_sha256: str


class SiteRoutes:
    """The routes of sites."""

    def __init__(self, runtime: Runtime, operators: Operators) -> None:
        self._runtime = runtime
        self._operators = operators
        self._sites = runtime.sites
        with_tokens = [site for site in self._sites.all.values() if site.token_sha256 is not None]
        self._wrong = Turns(WRONG_PER_S, burst=WRONG_BURST, line_s=0.0)
        self._holders = [_Held(site.id, site.token_sha256 or "") for site in with_tokens]

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/site/{id}", self.page),
            Route("/v1/sites", self.public, methods=["GET"]),
            Route("/v1/sites/{id}", self.one, methods=["GET"]),
            Route("/v1/sites/{id}/status", self.say, methods=["PUT"]),
            Route("/v1/console/sites", self.all, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """A site's own page, under an address that can stand on a poster: the page without JavaScript, about it."""
        return RedirectResponse(f"/plain?{urlencode({'site': request.path_params['id']})}", 307)

    async def public(self, request: Request) -> Response:
        """Those that everybody may know of."""
        return answer(PublicSites(tuple(self._sites.public(self._runtime.clock.now()))), headers=_OPEN)

    async def all(self, request: Request) -> Response:
        """All, for officers."""
        caller = self._runtime.callers.needed(request, "picture")
        if isinstance(caller, Response):
            return caller
        return answer(OfficersSites(tuple(self._sites.for_officers(self._runtime.clock.now()))), headers=_OWN)

    async def one(self, request: Request) -> Response:
        """One: a public one for everybody, another for itself and for officers."""
        site = self._sites.all.get(request.path_params["id"])
        if site is not None and (site.is_public or self._is(request, site) or self._is_officer(request)):
            return answer(self._sites.shown(site, self._runtime.clock.now()), headers=_OWN)
        if (slowed := self._slowed(request)) is not None:
            return slowed
        return problem(404, "there is no such site, or it is not public: send its token (Authorization: Bearer …)")

    async def say(self, request: Request) -> Response:
        """How a site fares, by its own word or an officer's."""
        site = self._sites.all.get(request.path_params["id"])
        if site is None or not self._is(request, site):
            caller = self._runtime.callers.needed(request, "act")
            if isinstance(caller, Response):
                return self._slowed(request) or caller
            if site is None:
                return problem(404, "there is no such site; GET /v1/console/sites lists them")
            if caller.operator is not None and (refusal := self._operators.refusal(caller.operator)) is not None:
                return problem(403, refusal)
            if caller.operator is not None and self._outside(site, caller.operator.zones):
                return problem(403, f"{caller.id} may not act at {site.id}; it lies outside the zones of {caller.id}")
            return await self._say(request, site, caller)
        return await self._say(request, site, None)

    async def _say(self, request: Request, site: Site, caller: Caller | None) -> Response:
        """By an officer's word, or, None, its own."""
        by = f"site:{site.id}" if caller is None else caller.id
        said = await body_as(request, Said, SAID_BYTES_MAX, "a status")
        if isinstance(said, Response):
            return said
        now = self._runtime.clock.now()
        try:
            status = status_of(said, by, now)
        except BadValue as error:
            return problem(400, f"not a status: {error}")
        try:
            await self._sites.statuses.put(site.id, status)
        except (OSError, apsw.Error) as error:
            log.error("what a site says is not kept", site=site.id, reason=str(error))
            return problem(503, "it cannot be kept just now; send it again", retry_after_s=5)
        if caller is not None:
            self._runtime.people.audit.note(
                by, "site.status", site.id, where=caller.where, by=caller.by, detail=status.state
            )
        log.info("a site fares", site=site.id, state=status.state, by=by)
        return answer(self._sites.shown(site, now), headers=_OWN)

    def _is(self, request: Request, site: Site) -> bool:
        """Whether it is the site itself that asks."""
        token = token_of(request.headers.get("authorization", ""))
        held = None if token is None else holder_by(token, self._holders)
        return held is not None and held.id == site.id

    def _slowed(self, request: Request) -> Response | None:
        """Whoever has tried too many tokens is told to wait; None: this one did not, or sent none."""
        if token_of(request.headers.get("authorization", "")) is None:
            return None
        if self._wrong.take(address_of(request), asyncio.get_running_loop().time()) is not None:
            return None
        return problem(429, "too many tokens that are not this site's; wait, then try again", retry_after_s=5)

    def _is_officer(self, request: Request) -> bool:
        caller = self._runtime.callers.of(request)
        return caller is not None and "picture" in caller.may

    def _outside(self, site: Site, zones: tuple[str, ...]) -> bool:
        own = set(zones)
        return bool(own) and not any(
            own.intersection(within(zone, parents_in(self._runtime.index))) for zone in self._sites.zones[site.id]
        )
