"""What the page without JavaScript says of sites: when to leave for shelter, and which of them do not work."""

from __future__ import annotations

import html
from datetime import UTC, datetime

from tocsin.announce.finding import Place
from tocsin.service.sites.site import Site
from tocsin.service.sites.sites import PublicSite, Sites
from tocsin.words import english
from tocsin.words.catalogue import Catalogue

LISTED_MAX = 100


class SiteWriter:
    """Writes of sites in one language."""

    def __init__(self, sites: Sites, words: Catalogue, now: datetime) -> None:
        self._sites, self._words, self._now = sites, words, now

    def place(self, site: Site) -> Place:
        """A site as one of the places that are asked about."""
        return Place(site.id, site.name, 0.0, self._sites.zones[site.id])

    def way(self, site: Site) -> str:
        """When its people must leave, where something comes, and how it fares, where everybody may know."""
        shown, said = self._sites.shown(site, self._now), []
        if shown.stands.leave_by is not None and shown.stands.level in ("prepare", "take_cover"):
            late = shown.stands.leave_by <= self._now
            seconds = self._words.digits(str(site.seconds_to_shelter))
            said.append(
                self._words.say(english.LEAVE_NOW, seconds=seconds)
                if late
                else self._words.say(english.LEAVE_BY, seconds=seconds, time=clock(shown.stands.leave_by, self._words))
            )
        if site.is_public and shown.state != "open":
            said.append(self._fares(shown))
        return "".join(f"<p><strong>{html.escape(one)}</strong></p>" for one in said)

    def troubled(self) -> str:
        """The public sites that are out of service, or in shelter."""
        rows = [one for one in self._sites.public(self._now) if one.state != "open"][:LISTED_MAX]
        if not rows:
            return ""
        listed = "".join(
            f"<li><bdi>{html.escape(one.name)}</bdi>: {html.escape(self._fares(one))}</li>" for one in rows
        )
        return f"<h3>{html.escape(self._words.say(english.SITES))}</h3><ul>{listed}</ul>"

    def _fares(self, site: PublicSite) -> str:
        words = self._words
        parts = [words.say(english.OUT_OF_SERVICE if site.state == "out_of_service" else english.IN_SHELTER) + "."]
        if site.since is not None:
            parts.append(words.say(english.SINCE, time=words.clock(site.since, UTC)))
        if site.until is not None:
            parts.append(words.say(english.UNTIL, time=words.clock(site.until, UTC)))
        return " ".join([*parts, site.note]).strip()


def clock(at: datetime, words: Catalogue) -> str:
    """A time with seconds: whoever looks twice sees that it goes on."""
    seconds = words.clock(at, UTC).split(" ")[0]
    return f"{seconds}:{words.digits(f'{at.second:02d}')} UTC"
