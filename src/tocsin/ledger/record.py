"""What every record of the ledger carries, and how what is personal in it can be taken out without breaking its hash.

The ledger only ever grows: what changed, was merged, split or taken back is a record of its own, and how things stand
is worked out from all of them, in whatever order they arrived.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from tocsin.ledger.shapes import Kept, shaped
from tocsin.model.birth import ID_PATTERN
from tocsin.model.errors import BadValue
from tocsin.model.value import ID_CHARS_MAX, ID_SAID, NAME_CHARS_MAX, Text, Time

LABEL_CHARS_MAX = 300
_SAID = ID_SAID.removeprefix("made of ").removeprefix("characters ")
# Names of places, weapons, organisations, pages.
Label = Annotated[str, Meta(max_length=LABEL_CHARS_MAX)]
Id = Annotated[str, shaped(ID_PATTERN, 1, ID_CHARS_MAX, f"1 to {ID_CHARS_MAX} characters {_SAID}")]
Name = Annotated[str, shaped(ID_PATTERN, 1, NAME_CHARS_MAX, f"1 to {NAME_CHARS_MAX} characters {_SAID}", recurs=True)]
Digest = Annotated[str, shaped("^[0-9a-f]{64}$", 64, 64, "a SHA-256 in 64 small hexadecimal digits")]
Salt = Annotated[str, shaped("^[0-9a-f]{32}$", 32, 32, "32 small hexadecimal digits")]
Url = Annotated[str, shaped(r"^https?://[^\s\"<>\\]+$", 0, 2_000, "an address that begins with http(s)://")]
# BCP 47, as far as anybody writes it of a text.
Language = Annotated[
    str,
    shaped("^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$", 0, 40, "a language such as ar or uk", recurs=True),
]

_encoder = msgspec.json.Encoder(order="sorted")
_Kind = TypeVar("_Kind", bound="Record")


def salt() -> str:
    """A salt that nobody can guess: without it, a short name could be found by trying all names."""
    return secrets.token_hex(16)


class Personal(Kept, frozen=True, kw_only=True):
    """What of a record may endanger somebody: never published, and taken out when it is redacted.

    salt       `salt()`, another for every record
    witness    who said it, where that is a person; contact: how to reach him
    words      what he said, as far as it may give him away
    recorder   the person who took it down or collected it
    note       for whoever may read this
    """

    salt: Salt
    witness: Label = ""
    contact: Label = ""
    words: Text = ""
    recorder: Label = ""
    note: Text = ""


def seal_of(personal: Personal) -> str:
    """The SHA-256 that stands for personal parts, in small hexadecimal digits: of their JSON with sorted keys.

    >>> seal_of(Personal(salt="0" * 32, witness="A."))[:16]
    'f75663ee993ca0b5'
    """
    return hashlib.sha256(_encoder.encode(personal)).hexdigest()


class Record(Kept, tag_field="record", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every record carries.

    id         unique in the ledger; the same id and words twice changes nothing, other words are a conflict
    recorded   when it was recorded; of two records about one thing the later one counts
    by         the desk, program or import that recorded it; a person's own name belongs into `personal`
    personal   what may endanger somebody; None: there is nothing, or it is withheld
    sealed     `seal_of(personal)`: filled in at birth, and what is left of it afterwards
    blanked    its words were redacted: the SHA-256 of its bytes as they were before

    Raises BadValue also where the personal parts are not those that were sealed.
    """

    id: Id
    recorded: Time
    by: Name
    personal: Personal | None = None
    sealed: Digest | None = None
    blanked: Digest | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.personal is None:
            return
        seal = seal_of(self.personal)
        if self.sealed is None:
            msgspec.structs.force_setattr(self, "sealed", seal)
        elif self.sealed != seal:
            raise BadValue(
                f"personal of {self.id} is not what sealed, {self.sealed[:12]}…, was made of; give the right one"
            )

    @property
    def withheld(self) -> bool:
        """Whether there were personal parts, and they are not here: redacted, or left out of what is public."""
        return self.sealed is not None and self.personal is None


def public(record: _Kind) -> _Kind:
    """A record without its personal parts, and with their seal."""
    return record if record.personal is None else msgspec.structs.replace(record, personal=None)


def record_bytes(record: Record) -> bytes:
    """The bytes of a record that hashes are made of, and that may be published: JSON with sorted keys, in UTF-8.

    Its personal parts stand in it by their seal alone, so the bytes stay the same when those are redacted.
    """
    return _encoder.encode(public(record))


def personal_bytes(personal: Personal | None) -> bytes | None:
    """The JSON that `seal_of` is made of; None: there is nothing personal."""
    return None if personal is None else _encoder.encode(personal)


def record_json(record: Record) -> bytes:
    """A record with everything in it, as one line of JSON with sorted keys."""
    return _encoder.encode(record)


def order_of(record: Record) -> tuple[Any, str]:
    """What records are in order by, however they arrived: when they were recorded, then by id."""
    return record.recorded, record.id
