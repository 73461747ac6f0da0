"""A record without its words: what is left once even its public text must not be read any more.

What it is about, its times, its place on the map and its figures stay, so that it still counts; `blanked` is the hash
of what it was, so that whoever kept the record, or a time stamp of it, can still show that it was this one.
"""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from tocsin.ledger.alert import Alert
from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record, record_bytes
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.window import Window

_NAMELESS = (SourceName(text="redacted", language="en"),)


def blank_of(body: bytes) -> str:
    """The hash that stands for a record whose words are gone: of its bytes as they were."""
    return hashlib.sha256(body).hexdigest()


def wordless(record: Record) -> Record:
    """A record without what somebody wrote in it, and without its personal parts; one that is so already, as it is."""
    if record.blanked is not None:
        return record
    bare = _bare(record)
    return replace(bare, personal=None, blanked=blank_of(record_bytes(record)))


def _bare(record: Record) -> Record:
    match record:
        case Incident(place=place):
            unnamed = None if place is None else replace(place, name="")
            return replace(record, struck="", weapon="", place=unnamed, window=_unsaid(record.window))
        case Claim(window=window):
            return replace(
                record, subject="", words="", url=None, where="", said_when="",
                window=None if window is None else _unsaid(window),
                evidence=tuple(replace(one, url=None, archived="") for one in record.evidence),
            )  # fmt: skip
        case Source():
            return replace(record, names=_NAMELESS, site=None, about="")
        case Alert():
            return replace(record, places=(), category="", window=_unsaid(record.window))
        case Handling():
            return replace(record, place="", note="")
        case Merge() | Apart() | Split() | Undo() | Redaction():
            return replace(record, reason="")
    return record


def _unsaid(window: Window) -> Window:
    return replace(window, said="")
