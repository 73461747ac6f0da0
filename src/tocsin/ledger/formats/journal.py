"""Impact reports of a live journal as incidents: a view that can be computed again at any time, with the same ids.

What is not an impact report is passed over. Who reported stands in the personal part: it is never published.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

from tocsin.ingest.rejects import Rejects
from tocsin.journal.reading import Reading
from tocsin.ledger.importing import Row
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal
from tocsin.ledger.window import Place, Window
from tocsin.model.errors import BadRecord
from tocsin.model.event import Configuration
from tocsin.model.identity import identity_of_report
from tocsin.model.observation import Impact
from tocsin.model.wire import event_from_json

BY = "journal"
_RULE = "the time that the report gives"


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """An incident for every impact report of the journal at `path`. Raises BadFile and JournalError."""
    drill = False
    with Reading(path) as reading:
        for seq, body in reading.read_json():
            rejects.read()
            try:
                event = event_from_json(body)
            except BadRecord as error:
                rejects.add(str(error), body, f"{path}:{seq}")
                continue
            if isinstance(event, Configuration):
                drill = event.drill
            if not isinstance(event, Impact):
                rejects.pass_over(str(event.__struct_config__.tag))
                continue
            rejects.use()
            yield Row(f"{path}:{seq}", (incident_of(event, reading.journal_id, drill=drill),))


def incident_of(impact: Impact, journal_id: bytes, *, drill: bool) -> Incident:
    """The incident that an impact report opens.

    Its name and its salt are made of the journal's own id, which is in no export: the same journal gives the same
    record, and nobody without the journal can try who reported it.
    """
    said = identity_of_report(impact).encode()
    name = f"impact-{hmac.digest(journal_id, b'name' + said, 'sha256').hex()[:20]}"
    return Incident(
        id=name,
        recorded=impact.received_at,
        by=BY,
        personal=Personal(salt=hashlib.sha256(journal_id + said).hexdigest()[:32], witness=impact.source),
        incident=name,
        place=Place(lat=impact.lat, lon=impact.lon, sigma_m=impact.sigma_m),
        window=Window(begin=impact.time, end=impact.time, rule=_RULE),
        threat=impact.threat or "unknown",
        origin="impact",
        drill=drill,
    )
