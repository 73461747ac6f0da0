"""Every site with how it stands and fares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from tocsin.announce.board import Board
from tocsin.service.settings import Settings
from tocsin.service.sites.site import Site, read_sites, zones_at
from tocsin.service.sites.status import SiteState, Status, Statuses
from tocsin.service.source_settings import TokenSource

# The gravest first: of a site on a border the worse holds.
GRAVEST = ("take_cover", "prepare", "all_clear", "none")


class Stand(msgspec.Struct, frozen=True):
    """How a site stands: as the gravest of its zones.

    degraded       we may be blind there: no word is no all clear
    leave_by       when whoever is slowest must have set out to be inside in time; null: nothing is known to come
    """

    level: Literal["none", "prepare", "take_cover", "all_clear"]
    since: datetime | None
    eta_earliest: datetime | None
    leave_by: datetime | None
    degraded: bool
    drill: bool


class PublicSite(msgspec.Struct, frozen=True):
    """A site as everybody may see it who may know of it; `state`, `since`, `until` and `note` are its own word."""

    id: str
    kind: str
    name: str
    lat: float
    lon: float
    zones: tuple[str, ...]
    seconds_to_shelter: int
    stands: Stand
    state: SiteState
    since: datetime | None
    until: datetime | None
    note: str


class OfficersSite(PublicSite, frozen=True):
    """The same, and whom to call, and by whose word it fares so."""

    contact: str
    public: bool
    by: str | None
    said_at: datetime | None


class Sites:
    """The sites of a service. Raises BadFile and BadSettings where their file cannot be used."""

    def __init__(self, settings: Settings, board: Board) -> None:
        held = {one.token_sha256 for one in settings.source if isinstance(one, TokenSource)}
        held |= {one.token_sha256 for one in settings.operator} | {one.token_sha256 for one in settings.watcher}
        self.all = {} if settings.sites is None else read_sites(settings.sites, board.index, held)
        self.statuses = Statuses(settings.journal.path.with_name("sites.db"), self.all)
        self.zones = {site.id: zones_at(site, board.index) for site in self.all.values()}
        self._board = board

    @property
    def tokens(self) -> frozenset[str]:
        """Digests of the sites' own tokens."""
        return frozenset(site.token_sha256 for site in self.all.values() if site.token_sha256 is not None)

    def public(self, now: datetime) -> Iterator[PublicSite]:
        """Those that everybody may know of."""
        return (self.shown(site, now) for site in self.all.values() if site.is_public)

    def shown(self, site: Site, now: datetime) -> PublicSite:
        """One, as everybody may see it who may know of it."""
        return PublicSite(**self._common(site, self.statuses.of(site.id, now), now))

    def for_officers(self, now: datetime) -> list[OfficersSite]:
        """All, those first that people must leave for shelter."""
        found = [self._for_officers(site, now) for site in self.all.values()]
        return sorted(found, key=lambda one: GRAVEST.index(one.stands.level))

    def _for_officers(self, site: Site, now: datetime) -> OfficersSite:
        said = self.statuses.of(site.id, now)
        return OfficersSite(
            **self._common(site, said, now),
            contact=site.contact,
            public=site.is_public,
            by=said.by if said else None,
            said_at=said.said_at if said else None,
        )

    def _common(self, site: Site, said: Status | None, now: datetime) -> dict[str, Any]:
        return {
            **site.model_dump(include={"id", "kind", "name", "lat", "lon", "seconds_to_shelter"}),
            "zones": self.zones[site.id],
            "stands": self._stand(site, now),
            "state": said.state if said else "open",
            "since": said.since if said else None,
            "until": said.until if said else None,
            "note": said.note if said else "",
        }

    def _stand(self, site: Site, now: datetime) -> Stand:
        states = [state for zone in self.zones[site.id] if (state := self._board.shown(zone)) is not None]
        if not states:
            return Stand("none", None, None, None, degraded=True, drill=self._board.drill)
        worst = min(states, key=lambda one: GRAVEST.index(one.level))
        earliest = min((one.eta_earliest for one in states if one.eta_earliest is not None), default=None)
        return Stand(
            level=worst.level,
            since=worst.since,
            eta_earliest=earliest,
            leave_by=None if earliest is None else earliest - timedelta(seconds=site.seconds_to_shelter),
            degraded=self._board.doubtful(now) or any(one.degraded for one in states),
            drill=worst.drill,
        )
