"""Reports under an id that their sender has used for something else: kept with their words, counted, shown."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import msgspec

from tocsin.ingest.rejects import Rejects
from tocsin.model.event import Event, OperatorAct
from tocsin.model.wire import to_json

# Shown to operators: the newest. All of them are in the reject file.
SHOWN_MAX = 100


class Conflict(msgspec.Struct, frozen=True):
    """One event that was not taken. `seq` is the place in the journal of what it contradicts."""

    time: datetime
    source: str
    id: str
    seq: int


class Conflicts:
    """Keeps conflicts in `rejects`, and remembers the newest.

    total   conflicts so far
    """

    def __init__(self, rejects: Rejects) -> None:
        self._rejects = rejects
        self.total = 0
        self.newest: deque[Conflict] = deque(maxlen=SHOWN_MAX)

    def keep(self, event: Event, seq: int, now: datetime) -> str:
        """Keep an event that contradicts event `seq` of the journal; returns why it was not taken, and what to do."""
        source = event.operator if isinstance(event, OperatorAct) else getattr(event, "source", "")
        name = getattr(event, "id", "")
        reason = f"the id {name!r} was used for something else before (event {seq}); send it under an id of its own"
        self.total += 1
        self._rejects.add(reason, to_json(event), source, "conflict")
        self.newest.append(Conflict(now, source, name, seq))
        return reason
