"""Impacts become incidents of a ledger while the service runs. What is missed comes out of the journal at any time.

`tocsin ledger import journal.db --format journal` makes the same records; so neither one that is lost here nor one that
is made twice does any harm.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

import structlog

from tocsin.ledger.formats.journal import incident_of
from tocsin.ledger.incident import Incident
from tocsin.ledger.opening import opened
from tocsin.ledger.sql import SqlStore
from tocsin.model.event import Configuration
from tocsin.model.observation import Impact
from tocsin.service.worker import Decided

log = structlog.get_logger(__name__)

# That wait for a disk that refuses: a night's, of a country. What goes then is in the journal.
WAITING_MAX = 10_000


class Incidents:
    """Writes incidents; called with what every tick brought, in a thread of its own.

    drill   whether what is decided is a drill, as of the last configuration that was heard
    """

    def __init__(self, path: Path, journal_id: bytes, *, drill: bool) -> None:
        self.drill = drill
        self._path = path
        self._journal_id = journal_id
        self._waiting: deque[Incident] = deque(maxlen=WAITING_MAX)
        self._left_out = 0
        self._store: SqlStore | None = None

    def hear(self, decided: Decided) -> None:
        """Keep the incidents of new impacts, and those that could not be kept before. Raises BadFile."""
        for step in decided.steps:
            if isinstance(step.event, Configuration):
                self.drill = step.event.drill
            elif isinstance(step.event, Impact):
                self._left_out += len(self._waiting) == WAITING_MAX
                self._waiting.append(incident_of(step.event, self._journal_id, drill=self.drill))
        if self._waiting:
            self._store = self._store or opened(str(self._path), make=True)
            self._store.append(list(self._waiting))
            self._waiting.clear()
        if self._left_out:
            what_to_do = "tocsin ledger import JOURNAL --format journal"
            log.error("incidents are missing in the ledger", number=self._left_out, what_to_do=what_to_do)
            self._left_out = 0

    def close(self) -> None:
        """Let go of the file."""
        if self._store is not None:
            self._store.close()
