"""To a provider of OpenID Connect and back, by a browser's own steps: /v1/session/openid."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tocsin.model.errors import NotDurable
from tocsin.service.http.answers import problem
from tocsin.service.http.cookies import by_tls, set_session
from tocsin.service.http.operators import UNSHARED
from tocsin.service.http.session import Sessions, origin_of
from tocsin.service.people.tickets import LASTS_S
from tocsin.service.people.vouched import vouched
from tocsin.service.people.way_in import NotBelieved, ProviderFails
from tocsin.service.runtime import Runtime

if TYPE_CHECKING:
    from tocsin.service.people.openid import Flow

# Where people come out; what became of it stands after the #, which no server sees.
PAGE = "/operator"


class OpenIds:
    """The routes: all are steps of a browser, so what fails is told by the page that it comes out at."""

    def __init__(self, runtime: Runtime, sessions: Sessions) -> None:
        self._runtime = runtime
        self._people = runtime.people
        self._sessions = sessions
        self._base_url = runtime.settings.http.base_url

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/v1/session/openid/{id}", self.begin, methods=["GET"]),
            Route("/v1/session/openid/{id}/back", self.back, methods=["GET"]),
            Route("/v1/session/openid/{id}/out", self.out, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send a browser to the provider."""
        flow = self._flow(request)
        if isinstance(flow, Response):
            return flow
        try:
            address, cookie = await flow.begin()
        except ProviderFails as error:
            return self._failed(request, flow, "unreachable", str(error))
        response = _to(address)
        # Lax: it must come along when the provider sends the browser back.
        response.set_cookie(
            self._cookie(request),
            cookie,
            max_age=int(LASTS_S),
            path="/",
            secure=by_tls(request, self._base_url),
            httponly=True,
            samesite="lax",
        )
        return response

    async def back(self, request: Request) -> Response:
        """Take a browser back, and sign in whom the provider vouches for."""
        flow = self._flow(request)
        if isinstance(flow, Response):
            return flow
        try:
            who = await flow.end(request.cookies.get(self._cookie(request)), request.query_params)
            person = await vouched(self._people, flow.openid, who)
        except NotBelieved as error:
            return self._failed(request, flow, "denied" if error.denied else "refused", str(error))
        except (ProviderFails, NotDurable) as error:
            return self._failed(request, flow, "unreachable", str(error))
        self._runtime.door.let_in(person, "openid", origin_of(request))
        own = self._sessions.begin(request, person, by="openid", strong=who.strong)
        response = self._ended(request, _to(PAGE))
        set_session(response, request, self._base_url, own.token)
        return response

    async def out(self, request: Request) -> Response:
        """Send a browser that has signed out here to where the provider signs it out, too."""
        flow = self._flow(request)
        if isinstance(flow, Response):
            return flow
        try:
            address = await flow.out(f"{(self._base_url or '').rstrip('/')}{PAGE}")
        except ProviderFails as error:
            return self._failed(request, flow, "unreachable", str(error))
        return _to(address or PAGE)

    def _flow(self, request: Request) -> Flow | Response:
        if not self._sessions.may_travel(request):
            return problem(403, "a sign-in must not travel in the clear: use https (and set http.base_url)")
        found = self._runtime.ways_in.openid.get(request.path_params["id"])
        return found or problem(404, "there is no such provider; GET /v1/session/ways lists them")

    def _failed(self, request: Request, flow: Flow, word: str, why: str) -> Response:
        """Back to the page, which says it plainly; why exactly is for the log and the record."""
        name = flow.openid.id
        where = origin_of(request).where
        self._people.audit.refused("", "session.refuse", f"openid {name}", where=where, detail=why)
        return self._ended(request, _to(f"{PAGE}#{urlencode({'openid': word, 'provider': name})}"))

    def _ended(self, request: Request, response: Response) -> Response:
        sealed = by_tls(request, self._base_url)
        response.delete_cookie(self._cookie(request), path="/", secure=sealed, httponly=True, samesite="lax")
        return response

    def _cookie(self, request: Request) -> str:
        return "__Host-tocsin-openid" if by_tls(request, self._base_url) else "tocsin-openid"


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, {**UNSHARED, "referrer-policy": "no-referrer"})
