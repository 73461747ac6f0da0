"""The page without JavaScript: how places stand, in sentences, for any browser and any line.

GET /plain?q=typed&zone=id&zone=…&site=id&lang=uk. Nothing of who asks is kept.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.finding import TYPED_MAX, Finder, Place
from tocsin.announce.place_names import place as called
from tocsin.announce.words import alike, say, unsure
from tocsin.model.warning import ZoneState
from tocsin.model.zone import name_in
from tocsin.service.http.incidents import public_incidents
from tocsin.service.http.plain_parts import HEADERS, document, language_links, words_for
from tocsin.service.http.plain_sites import SiteWriter, clock
from tocsin.service.http.seen import Seen
from tocsin.words import english
from tocsin.words.catalogue import Catalogue
from tocsin.words.english import SAID, Sense
from tocsin.words.notice import sense_of

ZONES_MAX, FOUND_MAX, LISTED_MAX = 20, 20, 300
# Each costs a kilobyte or two; nobody waits longer for a word that a siren has not said by then.
RENEWS_S = 15
_HEADERS = HEADERS | {"refresh": str(RENEWS_S)}


class Plain:
    """The page's route."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._board = seen.channels.board

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/plain", self.page)]

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._board.zones)

    async def page(self, request: Request) -> Response:
        """The page as it is now."""
        asked = request.query_params
        words = words_for(request)
        typed = asked.get("q", "")[:TYPED_MAX]
        chosen = list(dict.fromkeys(asked.getlist("zone")))[:ZONES_MAX]
        now, sites = self._seen.clock.now(), self._seen.sites
        written = _Writer(self._board, self._finder, words, now)
        about = SiteWriter(sites, words, now)
        named = [sites.all[one] for one in dict.fromkeys(asked.getlist("site")) if one in sites.all][:ZONES_MAX]
        above = "".join(written.standing(about.place(one)) + about.way(one) for one in named)
        page = written.page(typed, chosen, above=above, below=about.troubled(), foot=self._foot(words))
        return Response(page, headers=_HEADERS, media_type="text/html")

    def _foot(self, words: Catalogue) -> str:
        """To what fell, and to the public log, where there are such pages."""
        links = [
            (f"/incidents?lang={words.language}", english.FELL, public_incidents(self._seen)),
            ("/verify", english.CHECK_LOG, self._seen.proving.on),
        ]
        return "".join(
            f'<p><a href="{where}">{html.escape(words.say(text))}</a></p>' for where, text, there in links if there
        )


class _Writer:
    """Writes one page in one language."""

    def __init__(self, board: Board, finder: Finder, words: Catalogue, now: datetime) -> None:
        self._board, self._finder, self._words, self._now = board, finder, words, now
        self._zones = board.by_id

    def page(self, typed: str, chosen: Sequence[str], *, above: str, below: str, foot: str) -> str:
        """The whole page; with what is said of sites, above places and below what is warned; last, other pages."""
        words = self._words
        places = [self._finder.places[one] for one in chosen if one in self._finder.places]
        missing = len(places) < len(chosen)
        parts = [
            f"<h1>{self._t(english.TITLE)}</h1>",
            self._age(),
            above,
            *(self.standing(one) + self._less_time(one) for one in places),
            f"<p>{self._t(english.NOT_FOUND)}</p>" if missing else "",
            self._search(typed, chosen),
            self._warned(),
            below,
            f"<p>{self._t(english.SIRENS_FIRST)}</p>",
            f'<p><a href="/">{self._t(english.WHOLE_PAGE)}</a></p>',
            foot,
            language_links(words, [("zone", one) for one in chosen]),
        ]
        return document(words, words.say(english.TITLE), "".join(parts), drill=self._board.drill)

    def _t(self, sentence: str, **fill: str) -> str:
        return html.escape(self._words.say(sentence, **fill))

    def _age(self) -> str:
        at = self._board.picture_at
        said = "" if at is None else f"<p>{self._t(english.PICTURE_OF, time=clock(at, self._words))}</p>"
        doubt = self._board.doubtful(self._now)
        return said + (f'<section class="unknown"><h2>{self._t(english.NO_PICTURE)}</h2></section>' if doubt else "")

    def standing(self, place: Place) -> str:
        """How one place stands: as the gravest of its zones, and never calm where one of them is in doubt."""
        board, language = self._board, self._words.language
        states = [state for one in place.zones if (state := board.shown(one)) is not None]
        doubtful = board.doubtful(self._now)
        warned = [one for one in states if one.level in ("prepare", "take_cover")]
        told = [self._word(state) for state in warned]
        blind = [one.zone for one in states if doubtful or one.degraded]
        if told:
            group = alike(told)[0]
            return self._said(group[0].level, say(group, self._zones, language, "full"), place)
        if blind or not states:
            since, ids = board.picture_at or self._now, blind or [place.id]
            return self._said("unknown", unsure(ids, self._zones, language, since=since, drill=board.drill), place)
        clear = [self._word(state) for state in states if state.level == "all_clear"]
        if clear:
            return self._said("all_clear", say(alike(clear)[0], self._zones, language, "full"), place)
        calm = f"{self._words.say(english.NO_WARNING)}. {self._words.say(english.NO_THREAT)}"
        return self._said("none", calm, place)

    def _less_time(self, place: Place) -> str:
        """That there is less warning time than usual, where it is said of any of a place's zones."""
        less = any(map(self._board.less_time, place.zones))
        return f"<p><strong>{self._t(english.LESS_TIME)}</strong></p>" if less else ""

    def _word(self, state: ZoneState) -> PublicWarning:
        """What a zone under a warning, or just released, is told; where only its state is known, that says it."""
        assert state.level != "none", state.zone
        warning = self._board.warning(state.zone)
        if warning is not None and warning.level == state.level:
            return warning
        return PublicWarning(
            id=state.warning or state.zone,
            zone=state.zone,
            level=state.level,
            time=state.since or self._now,
            expires=state.expires or self._now,
            eta_earliest=state.eta_earliest,
            eta_likely=state.eta_likely,
            threat=state.threat or "unknown",
            replaces=None,
            drill=state.drill,
            public_reason=state.public_reason or UNSET,
        )

    def _said(self, level: str, text: str, place: Place) -> str:
        name = html.escape(name_in(place.name, self._words.language) or place.id)
        first, _, rest = text.partition(". ")
        return (
            f'<section class="{level}"><h2><bdi>{name}</bdi></h2><p><strong>{html.escape(first)}.</strong> '
            f"{html.escape(rest)}</p></section>"
        )

    def _search(self, typed: str, chosen: Sequence[str]) -> str:
        kept = "".join(f'<input type="hidden" name="zone" value="{html.escape(one)}">' for one in chosen)
        # A city and its centre have one name; who is shown the whole city is shown its centre.
        found = list({self._name(one): one for one in reversed(self._finder.find(typed, FOUND_MAX))}.values())[::-1]
        rows = "".join(
            f'<li><a href="?{html.escape(self._query([*chosen, one.id]))}"><bdi>{self._name(one)}</bdi></a></li>'
            for one in found
        )
        none = f'<p role="alert">{self._t(english.NOT_FOUND)}</p>' if typed.strip() and not found else ""
        return (
            f'<form action="/plain" role="search"><p><label for="q">{self._t(english.PLACE)}</label><br>'
            f'<input id="q" name="q" type="search" dir="auto" maxlength="{TYPED_MAX}" value="{html.escape(typed)}"> '
            f"<button>{self._t(english.SEARCH)}</button></p>{kept}"
            f'<input type="hidden" name="lang" value="{self._words.language}"></form>'
            + (f"<ul>{rows}</ul>" if rows else none)
        )

    def _name(self, place: Place) -> str:
        known = place.id in self._zones
        language = self._words.language
        return html.escape(called(place.id, self._zones, language) if known else name_in(place.name, language))

    def _warned(self) -> str:
        """Every zone under a warning, by what it is told to do; the rest is counted."""
        told = [self._word(state) for state in self._board.warned()]
        head = f"<h3>{self._t(english.WARNED)}</h3>"
        # Beside what is warned as well: no word of a zone is no all clear where we may be blind.
        blind = f"<p>{self._t(SAID['unknown'].headline)}.</p>" if self._board.degraded(self._now) else ""
        none = f"<p>{self._t(english.NONE_WARNED)}</p>" if not (told or blind) else ""
        return head + blind + none + "".join(map(self._group, alike(told)))

    def _group(self, group: Sequence[PublicWarning]) -> str:
        language = self._words.language
        rows = sorted((called(one.zone, self._zones, language), one.zone) for one in group)
        links = (f'<li><a href="?{html.escape(self._query([zone]))}"><bdi>{html.escape(name)}</bdi></a></li>'
                 for name, zone in rows[:LISTED_MAX])  # fmt: skip
        more = len(rows) - LISTED_MAX
        rest = f"<li>{html.escape(self._words.count(english.MORE, more))}</li>" if more > 0 else ""
        headline = self._words.say(SAID[_sense(group[0])].headline)
        return f"<p><strong>{html.escape(headline)}</strong></p><ul>{''.join(links)}{rest}</ul>"

    def _query(self, zones: Sequence[str]) -> str:
        asked = list(dict.fromkeys(zones))[-ZONES_MAX:]
        return urlencode([*(("zone", one) for one in asked), ("lang", self._words.language)])


def _sense(warning: PublicWarning) -> Sense:
    return sense_of(warning.level, lapses=warning.lapses is True)
