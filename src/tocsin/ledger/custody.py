"""The chain of custody of evidence, as the Berkeley Protocol asks: who had it, when, and what he did with it.

Berkeley Protocol on Digital Open Source Investigations (OHCHR and Human Rights Center, 2022), chapter VI: collection
records the hash, the address, the time and the collector; preservation every access and transfer since.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.ledger.record import Digest, Label, Record
from tocsin.model.value import Text, Time


class Handling(Record, tag="handling", frozen=True, kw_only=True):
    """Something was done with a file. Who did it, where that is a person, stands in `personal.recorder`.

    of     the file's SHA-256
    did    what; at: when
    place  where it lay, or went to
    """

    of: Digest
    did: Literal["collected", "received", "hashed", "archived", "copied", "examined", "transferred"]
    at: Time
    place: Label = ""
    note: Text = ""


class Stamp(Record, tag="stamp", frozen=True, kw_only=True):
    """An authority's word that a hash was there at a time: a time stamp of RFC 3161.

    of         the SHA-256 that is stamped: a file's, or a record's
    token      the authority's whole answer (TimeStampResp), DER in Base64
    at         the time in it
    authority  as it calls itself
    """

    of: Digest
    token: Annotated[str, Meta(max_length=100_000, pattern="^[A-Za-z0-9+/]+={0,2}$", description="Base64")]
    at: Time
    authority: Label = ""
