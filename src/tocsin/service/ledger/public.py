"""What everybody may read of the ledger: figures, and the incidents that an officer released: a list of what may be.

Made for all who ask within some seconds: the ledger has one thread, and officers wait for it, too.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import datetime

import msgspec

from tocsin.ledger.claim import Measure
from tocsin.ledger.released import public_told
from tocsin.model.threat import ThreatClass
from tocsin.service.ledger.desk import LedgerDesk
from tocsin.service.ledger.shelf import Shelf

PAGE = 20
# An incident that another program withdraws is gone after so long; one that is withdrawn here, at once.
KEPT_S = 5.0
PAGES_KEPT_MAX = 32


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How many, as said: null sets no bound; about: nobody vouches for the last digit."""

    low: int | None
    high: int | None
    about: bool


class ReleasedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where something fell, WGS 84; `sigma_m`: one standard deviation."""

    name: str
    lat: float
    lon: float
    sigma_m: float


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """Through whom we have it, the origin first; when, and where it can be read."""

    by: tuple[str, ...]
    at: datetime
    url: str | None


class ReleasedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of one thing."""

    source: str
    bounds: Bounds | None
    denied: bool
    published: tuple[Published, ...]


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """Two sources that cannot both be right."""

    one: str
    other: str


class ReleasedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of one thing: the range from the least to the most, and what all allow."""

    measure: Measure
    subject: str
    statements: tuple[ReleasedStatement, ...]
    span_bounds: Bounds | None
    agreed_bounds: Bounds | None
    contradictions: tuple[Against, ...]


class ReleasedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that an officer released."""

    incident: str
    struck: str
    begin: datetime
    end: datetime | None
    place: ReleasedPlace | None
    threat: ThreatClass
    weapon: str
    findings: tuple[ReleasedFinding, ...]


class PublicIncidents(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/incidents: newest first, twenty a page.

    pages      how many there are; `page` is a number from 0
    released   how many incidents everybody sees; withheld: how many are for officers only
    months     year and month -> how many of the released began in it, UTC
    """

    page: int
    pages: int
    released: int
    withheld: int
    months: dict[str, int]
    incidents: tuple[ReleasedIncident, ...]


def made(shelf: Shelf, page: int) -> PublicIncidents:
    """A page of what everybody may read; drills are in no record of what fell."""
    real = [(name, one) for name in shelf.newest_first if not (one := shelf.standing[name]).drill]
    shown = [(name, one) for name, one in real if one.released]
    book, told = shelf.book, []
    for name, _ in shown[page * PAGE : (page + 1) * PAGE]:
        case = book.case(name)
        # Another program may have withdrawn it a moment ago.
        if case is not None and case.incident is not None and case.incident.released:
            told.append(msgspec.convert(public_told(case, book.voices), ReleasedIncident))
    return PublicIncidents(
        page=page,
        pages=max(1, -(-len(shown) // PAGE)),
        released=len(shown),
        withheld=len(real) - len(shown),
        months=dict(Counter(f"{one.window.begin:%Y-%m}" for _, one in shown)),
        incidents=tuple(told),
    )


class PublicPages:
    """Pages for everybody, each kept for KEPT_S; used from the event loop."""

    def __init__(self, desk: LedgerDesk) -> None:
        self._desk = desk
        self._kept: dict[int, tuple[float, asyncio.Task[PublicIncidents]]] = {}

    async def page(self, number: int) -> PublicIncidents | None:
        """A page by its number; None: there are fewer. Raises BadFile and Missing as the desk does."""
        first = await self._page(0)
        if number >= first.pages:
            return None
        return first if number == 0 else await self._page(number)

    def forget(self) -> None:
        """What was decided must be seen by whoever asks next."""
        self._kept.clear()

    async def _page(self, number: int) -> PublicIncidents:
        now_s = time.monotonic()
        at_s, task = self._kept.get(number, (0.0, None))
        if task is None or now_s - at_s > KEPT_S or (task.done() and task.exception() is not None):
            if len(self._kept) >= PAGES_KEPT_MAX:
                self._kept.clear()
            task = asyncio.create_task(self._desk.ask(lambda shelf: made(shelf, number)))
            self._kept[number] = now_s, task
        # Who hangs up takes it from nobody else.
        return await asyncio.shield(task)
