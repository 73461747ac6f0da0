"""Impacts become incidents of a ledger while the service runs. What is missed comes out of the journal at any time.

`tocsin ledger import journal.db --format journal` makes the same records; so neither one that is lost here nor one that
is made twice does any harm. Which warnings stood there, and which tracks were near, is a second record of the same
incident: the journal alone does not tell it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

import msgspec
import structlog

from tocsin.ledger.formats.journal import incident_of
from tocsin.ledger.incident import Incident
from tocsin.ledger.opening import opened
from tocsin.ledger.sql import SqlStore
from tocsin.model.errors import BadFile
from tocsin.model.event import Configuration
from tocsin.model.observation import Impact
from tocsin.service.ledger.related import Related
from tocsin.service.worker import Decided

log = structlog.get_logger(__name__)

BY = "service"
# That wait for a disk that refuses: a night's, of a country. What goes then is in the journal.
WAITING_MAX = 10_000
# A database that is away costs seconds each time it is asked; who waits here waits with the ticks behind it.
AGAIN_S = 10.0
ANSWER_S = 3.0


class Incidents:
    """Writes incidents; called with what every tick brought, in a thread of its own.

    place   says where the ledger is
    drill     whether what is decided is a drill, as of the last configuration that was heard
    related   what stood and flew where; None: nobody remembers it
    """

    def __init__(
        self, place: Callable[[], str], journal_id: bytes, *, drill: bool, related: Related | None = None
    ) -> None:
        self.drill = drill
        self.related = related
        self._place = place
        self._journal_id = journal_id
        self._waiting: deque[Incident] = deque(maxlen=WAITING_MAX)
        self._left_out = 0
        self._store: SqlStore | None = None
        self._again_s = 0.0

    def hear(self, decided: Decided) -> None:
        """Keep the incidents of new impacts, and those that could not be kept before. Raises BadFile."""
        if self.related is not None:
            self.related.hear(decided)
        for step in decided.steps:
            if isinstance(step.event, Configuration):
                self.drill = step.event.drill
            elif isinstance(step.event, Impact):
                self._take(incident_of(step.event, self._journal_id, drill=self.drill))
        if self._waiting and time.monotonic() >= self._again_s:
            self._write()
        if self._left_out and not self._waiting:
            what_to_do = "tocsin ledger import JOURNAL --format journal"
            log.error("incidents are missing in the ledger", number=self._left_out, what_to_do=what_to_do)
            self._left_out = 0

    def _take(self, incident: Incident) -> None:
        linked = None if self.related is None else with_links(incident, self.related)
        for one in filter(None, (incident, linked)):
            self._left_out += len(self._waiting) == WAITING_MAX
            self._waiting.append(one)

    def _write(self) -> None:
        try:
            self._store = self._store or opened(self._place(), make=True, answer_s=ANSWER_S)
            self._store.append(list(self._waiting))
        except BadFile:
            # A connection that broke never comes back by itself.
            self.close()
            self._again_s = time.monotonic() + AGAIN_S
            raise
        self._waiting.clear()

    def close(self) -> None:
        """Let go of the ledger."""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()


def with_links(incident: Incident, related: Related) -> Incident | None:
    """A later record of an incident, with the warnings and tracks that belong to it; None: there are none."""
    if incident.place is None:
        return None
    found = related.to(incident.place, incident.window)
    if not found.warnings and not found.tracks:
        return None
    return msgspec.structs.replace(
        incident, id=f"{incident.incident}-then", recorded=incident.recorded + timedelta(microseconds=1), by=BY,
        warnings=found.warnings, tracks=found.tracks, personal=None, sealed=None,
    )  # fmt: skip
