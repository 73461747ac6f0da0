"""What a database keeps of a record beside its bytes: just enough to find it again."""

from __future__ import annotations

from typing import NamedTuple

from tocsin.ledger.alert import Alert
from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record, personal_bytes, record_bytes
from tocsin.ledger.source import Source
from tocsin.ledger.wire import kind_of
from tocsin.model.value import seconds_of


class Row(NamedTuple):
    """A record as columns.

    about          what it is about (`Store.about`)
    origin         of a claim, whose figure it is
    begin_s, end_s   of an incident and an alert, its window in POSIX seconds; lat, lon its place
    """

    id: str
    kind: str
    about: str
    origin: str | None
    begin_s: float | None
    end_s: float | None
    lat: float | None
    lon: float | None
    body: bytes
    personal: bytes | None


def row_of(record: Record) -> Row:
    """The columns of a record."""
    origin = begin_s = end_s = lat = lon = None
    match record:
        case Claim():
            about, origin = record.incident, record.origin
        case Incident(incident=about, window=window, place=place):
            begin_s = seconds_of(window.begin)
            end_s = None if window.end is None else seconds_of(window.end)
            if place is not None:
                lat, lon = place.lat, place.lon
        case Alert(source=about, window=window):
            begin_s = seconds_of(window.begin)
            end_s = None if window.end is None else seconds_of(window.end)
        case Source(source=about) | Merge(into=about) | Split(into=about) | Apart(one=about):
            pass
        case Handling(of=about) | Stamp(of=about) | Undo(of=about) | Redaction(of=about):
            pass
        case _:
            raise AssertionError(f"a record of no known kind: {type(record).__name__}")
    personal = personal_bytes(record.personal)
    return Row(record.id, kind_of(record), about, origin, begin_s, end_s, lat, lon, record_bytes(record), personal)
