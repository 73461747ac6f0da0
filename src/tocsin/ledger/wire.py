"""Records to and from JSON: one object a line, `record` says which."""

from __future__ import annotations

from typing import get_args

import msgspec

from tocsin.ledger.alert import Alert
from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Personal, Record
from tocsin.ledger.source import Source
from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE
from tocsin.model.wire import in_words

AnyRecord = Source | Incident | Claim | Alert | Handling | Stamp | Merge | Apart | Split | Undo | Redaction
KINDS: dict[str, type[Record]] = {kind.__struct_config__.tag: kind for kind in get_args(AnyRecord)}
# A claim with fifty files and all its words; the largest real ones are a few kilobytes.
RECORD_BYTES_MAX = 1_000_000

_records: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
_personal: msgspec.json.Decoder[Personal] = msgspec.json.Decoder(Personal)


def kind_of(record: Record) -> str:
    """What a record is called on the wire."""
    return str(record.__struct_config__.tag)


def record_from_json(line: bytes | str, personal: bytes | None = None) -> AnyRecord:
    """One record from its JSON.

    personal   its personal parts, where they were kept apart from it

    Raises BadRecord saying which field is wrong.
    """
    if len(line) > RECORD_BYTES_MAX:
        raise BadRecord(f"a record of {len(line)} bytes; at most {RECORD_BYTES_MAX} are read")
    try:
        record = _records.decode(line)
        return record if personal is None else msgspec.structs.replace(record, personal=_personal.decode(personal))
    except (*UNREADABLE, ValueError) as error:
        raise BadRecord(f"not a record of the ledger: {in_words(error, *get_args(AnyRecord))}") from error
