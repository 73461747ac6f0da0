"""/incidents and /v1/incidents: what fell and who says so, for everybody, as far as an officer released it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.ledger.claim import Measure
from tocsin.model.errors import BadFile, Missing
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.plain_parts import HEADERS, document, language_links, words_for
from tocsin.service.http.seen import Seen
from tocsin.service.ledger.public import (
    Bounds,
    PublicIncidents,
    Published,
    ReleasedFinding,
    ReleasedIncident,
    ReleasedStatement,
)
from tocsin.words import english
from tocsin.words.catalogue import Catalogue

MEASURES: dict[Measure, str] = {
    "killed": english.KILLED,
    "injured": english.INJURED,
    "missing": english.MISSING,
    "strikes": english.STRIKES,
    "launched": english.LAUNCHED,
    "interception": english.INTERCEPTED,
    "damage": english.DAMAGE,
    "outage": english.OUT_OF_SERVICE,
    "responsibility": english.RESPONSIBILITY,
}
_UNNAMED = (english.A_WITNESS, english.NOT_DESCRIBED)
_ABSENT = "no incidents are shown to everybody here; ledger.public in the settings does that"
_OPEN = {"access-control-allow-origin": "*", "cache-control": "no-cache"}


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/pages: whether there is /incidents, and a public log that /verify checks."""

    incidents: bool
    verify: bool


class IncidentsRoutes:
    """The routes; 404 where the settings do not ask for them, 503 as long as the ledger cannot be used."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/incidents", self.page), Route("/v1/incidents", self.json), Route("/v1/pages", self.pages)]

    @property
    def _public(self) -> bool:
        return public_incidents(self._seen)

    async def pages(self, request: Request) -> Response:
        """Which pages there are beside the live one."""
        return answer(Pages(incidents=self._public, verify=self._seen.proving.on), headers=_OPEN)

    async def json(self, request: Request) -> Response:
        """A page of them."""
        if not self._public:
            return problem(404, _ABSENT)
        try:
            found = await self._seen.incident_pages.page(_number(request))
        except (BadFile, Missing):
            return problem(503, "the incidents cannot be read just now; ask again soon", retry_after_s=10)
        return answer(found, headers=_OPEN) if found is not None else problem(404, "there is no such page")

    async def page(self, request: Request) -> Response:
        """The same to be read, in ten languages and without JavaScript."""
        if not self._public:
            return problem(404, _ABSENT)
        words = words_for(request)
        status, body = 200, ""
        try:
            found = await self._seen.incident_pages.page(_number(request))
        except (BadFile, Missing):
            status, body = 503, f"<p>{html.escape(words.say(english.NO_LEDGER))}</p>"
        else:
            if found is None:
                return problem(404, "there is no such page")
            body = "".join(_Writer(words).parts(found, log=self._seen.proving.on))
        title = words.say(english.FELL)
        body = f"<h1>{html.escape(title)}</h1>{body}{language_links(words)}"
        whole = document(words, title, body, drill=self._seen.channels.board.drill)
        return Response(whole, status, HEADERS, "text/html")


def public_incidents(seen: Seen) -> bool:
    """Whether the settings show everybody what was released."""
    ledger = seen.settings.ledger
    return ledger is not None and ledger.public


def _number(request: Request) -> int:
    text = request.query_params.get("page", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 99_999


def _isolated(name: str) -> str:
    """A name that is written in its own direction within any sentence."""
    return f"\u2068{name}\u2069"


class _Writer:
    """Writes it in one language."""

    def __init__(self, words: Catalogue) -> None:
        self._words = words

    def parts(self, told: PublicIncidents, *, log: bool) -> Iterator[str]:
        """What stands between the title and the choice of a language."""
        count, withheld = (self._words.number(one) for one in (told.released, told.withheld))
        yield f"<p>{self._t(english.FELL_HOW)}</p><p>{self._t(english.SHOWN_HERE, count=count, withheld=withheld)}</p>"
        yield self._months(told.months)
        if not told.incidents:
            yield f"<p>{self._t(english.NONE_SHOWN)}</p>"
        yield from map(self._incident, told.incidents)
        yield self._turning(told)
        yield f'<p><a href="/verify">{self._t(english.CHECK_LOG)}</a></p>' if log else ""
        yield f'<p><a href="/plain?lang={self._words.language}">{self._t(english.TITLE)}</a></p>'

    def _t(self, sentence: str, **fill: str) -> str:
        return html.escape(self._words.say(sentence, **fill))

    def _months(self, months: dict[str, int]) -> str:
        if not months:
            return ""
        rows = "".join(
            f'<tr><th scope="row">{html.escape(self._words.month(month))}</th><td>{self._words.number(count)}</td></tr>'
            for month, count in months.items()
        )
        return f"<details><summary>{self._t(english.BY_MONTH)}</summary><table>{rows}</table></details>"

    def _incident(self, one: ReleasedIncident) -> str:
        facts = [(english.FELL_WHEN, self._when(one.begin, one.end))]
        if (place := one.place) is not None:
            where = f"{place.lat:.4f} {place.lon:.4f} ± {place.sigma_m:.0f} m".replace(" ", "&nbsp;")
            facts.append((english.FELL_WHERE, f'<bdi>{html.escape(place.name)}</bdi> <bdi dir="ltr">{where}</bdi>'))
        if (what := self._what(one)) != "":
            facts.append((english.FELL_BY, f"<bdi>{html.escape(what)}</bdi>"))
        listed = "".join(f"<p>{self._t(name)}: {value}</p>" for name, value in facts)
        title = html.escape(one.struck or (one.place.name if one.place is not None else "") or one.incident)
        return f'<section><h2 dir="auto">{title}</h2>{listed}{"".join(map(self._finding, one.findings))}</section>'

    def _when(self, begin: datetime, end: datetime | None) -> str:
        times = [begin, *([end] if end is not None and end != begin else [])]
        return " – ".join(
            f'<time dir="auto" datetime="{one.astimezone(UTC):%Y-%m-%dT%H:%MZ}">'
            f"{html.escape(self._words.dated(one))}</time>"
            for one in times
        ) + ("" if end is not None else " –")

    def _what(self, one: ReleasedIncident) -> str:
        kind = english.KINDS.get(one.threat)
        return one.weapon or ("" if kind is None else self._words.say(kind))

    def _finding(self, finding: ReleasedFinding) -> str:
        rows = "".join(map(self._said, finding.statements))
        together = []
        if len(finding.statements) > 1 and finding.agreed_bounds is not None:
            together.append(self._t(english.ALL_ALLOW, figure=self._figure(finding.agreed_bounds)))
        elif len(finding.statements) > 1 and finding.span_bounds is not None:
            together.append(self._t(english.LEAST_TO_MOST, figure=self._figure(finding.span_bounds)))
        together += [
            self._t(english.CONTRADICT, one=_isolated(self._name(one.one)), other=_isolated(self._name(one.other)))
            for one in finding.contradictions
        ]
        subject = f" <bdi>{html.escape(finding.subject)}</bdi>" if finding.subject else ""
        said = "".join(f"<p>{one}</p>" for one in together)
        return f"<h3>{self._t(MEASURES[finding.measure])}{subject}</h3><table>{rows}</table>{said}"

    def _said(self, said: ReleasedStatement) -> str:
        figure = (
            self._words.say(english.DENIES)
            if said.denied
            else self._words.say(english.SAYS_SO)
            if said.bounds is None
            else self._figure(said.bounds)
        )
        heard = "<br>".join(map(self._heard, said.published))
        name = html.escape(self._name(said.source))
        return f'<tr><th scope="row"><bdi>{name}</bdi></th><td>{html.escape(figure)}</td><td>{heard}</td></tr>'

    def _heard(self, one: Published) -> str:
        by = html.escape(" → ".join(map(self._name, one.by)))
        at = html.escape(self._words.dated(one.at))
        if one.url is None:
            return f"<bdi>{by}</bdi>, {at}"
        return f'<a rel="noreferrer nofollow" href="{html.escape(one.url)}"><bdi>{by}</bdi></a>, {at}'

    def _name(self, source: str) -> str:
        return self._words.say(source) if source in _UNNAMED else source

    def _figure(self, bounds: Bounds) -> str:
        words, low, high = self._words, bounds.low, bounds.high
        if low is None and high is None:
            return words.say(english.NO_FIGURE)
        if low is not None and high is not None:
            figure = words.number(low)
            if low != high:
                figure = words.say(english.BETWEEN, low=figure, high=words.number(high))
            return words.say(english.ABOUT, figure=figure) if bounds.about else figure
        figure = words.number(low if low is not None else high or 0)
        figure = words.say(english.ABOUT, figure=figure) if bounds.about else figure
        return words.say(english.AT_LEAST if low is not None else english.UP_TO, figure=figure)

    def _turning(self, told: PublicIncidents) -> str:
        turns = [(told.page - 1, english.NEWER), (told.page + 1, english.OLDER)]
        links = (
            f'<a href="?{html.escape(urlencode({"page": number, "lang": self._words.language}))}">{self._t(text)}</a>'
            for number, text in turns
            if 0 <= number < told.pages
        )
        return f"<p>{' '.join(links)}</p>"
