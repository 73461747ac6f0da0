"""Entries of the public log: each warning as the public got it, and each record of the ledger; and their leaves.

A line of an export is an entry, in the log's order:

    {"index":7,"public":true,"salt":"…","kind":"warning","id":"brim/3/1/take_cover","content":"{…}"}
    {"index":8,"public":false,"commitment":"…"}

A leaf's data is one byte, 1 where the entry was public from the beginning and 0 otherwise, and the commitment, which is
SHA-256(salt ‖ kind ‖ LF ‖ id ‖ LF ‖ content). Whoever is not shown an entry learns nothing from its commitment, for the
salt is 16 random bytes; and nobody can say later that something public was never so. An entry that is blanked keeps
its commitment, so that the tree stays what it is, and an entry of kind `blanked` says so.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.ledger.merkle import leaf_hash
from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE, Id, Text, Value
from tocsin.model.wire import in_words, to_json

# A record of the ledger has at most a million bytes, a warning some hundreds.
CONTENT_BYTES_MAX = 1_000_000
# Of an entry's line: each byte of the content may need six in JSON.
LINE_BYTES_MAX = 6 * CONTENT_BYTES_MAX + 2_000
SALT_BYTES = 16
WARNING, BLANKED = "warning", "blanked"
_KIND = "^[a-z_]+$"

Index = Annotated[int, Meta(ge=0, lt=2**53)]
Hex32 = Annotated[str, Meta(max_length=32, pattern="^[0-9a-f]{32}$", description="32 small hexadecimal digits")]
Hex64 = Annotated[str, Meta(max_length=64, pattern="^[0-9a-f]{64}$", description="64 small hexadecimal digits")]


class Item(msgspec.Struct, frozen=True):
    """What is to be logged: its kind, its id among those of that kind, its text, and whether everybody may read it."""

    kind: str
    id: str
    content: str
    public: bool = True


class ProofEntry(Value, frozen=True, kw_only=True):
    """One entry: with its text, or, where that is withheld or blanked, with its commitment alone. Raises BadValue."""

    index: Index
    public: bool
    salt: Hex32 | UnsetType = UNSET
    kind: Annotated[str, Meta(max_length=40, pattern=_KIND, description="small letters")] | UnsetType = UNSET
    id: Id | UnsetType = UNSET
    content: Annotated[str, Meta(max_length=CONTENT_BYTES_MAX)] | UnsetType = UNSET
    commitment: Hex64 | UnsetType = UNSET

    @property
    def shown(self) -> bool:
        """Whether its text is here."""
        return self.commitment is UNSET

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"entry {self.index} ({self.kind} {self.id})" if self.shown else f"entry {self.index}"

    @property
    def leaf(self) -> bytes:
        """The hash of its leaf."""
        if isinstance(self.commitment, str):
            return leaf_of(bytes.fromhex(self.commitment), public=self.public)
        assert isinstance(self.salt, str), "an entry has its text or its commitment"
        committed = commitment(bytes.fromhex(self.salt), str(self.kind), str(self.id), str(self.content))
        return leaf_of(committed, public=self.public)


class Blanked(Value, frozen=True, kw_only=True):
    """The text of an entry of kind `blanked`: which entry nobody can read any more, and why."""

    entry: Index
    reason: Text


def new_salt() -> bytes:
    """A salt that nobody can guess."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salt: bytes, kind: str, name: str, content: str) -> bytes:
    """What stands for an entry, `name` being its id; neither kind nor id has a line's end in it."""
    return hashlib.sha256(b"%b%b\n%b\n%b" % (salt, kind.encode(), name.encode(), content.encode())).digest()


def leaf_of(committed: bytes, *, public: bool) -> bytes:
    """The hash of the leaf of an entry with that commitment."""
    return leaf_hash((b"\x01" if public else b"\x00") + committed)


_decoder: msgspec.json.Decoder[ProofEntry] = msgspec.json.Decoder(ProofEntry)
_blanked: msgspec.json.Decoder[Blanked] = msgspec.json.Decoder(Blanked)


def entry_from_json(line: bytes) -> ProofEntry:
    """An entry from its line. Raises BadRecord."""
    if len(line) > LINE_BYTES_MAX:
        raise BadRecord(f"an entry of {len(line)} bytes; at most {LINE_BYTES_MAX} are read")
    try:
        entry = _decoder.decode(line)
    except (*UNREADABLE, ValueError) as error:
        raise BadRecord(f"not an entry of the log: {in_words(error, ProofEntry)}") from error
    texts = (entry.salt, entry.kind, entry.id, entry.content)
    wanted = UNSET if isinstance(entry.commitment, str) else str
    if not all(one is UNSET if wanted is UNSET else isinstance(one, str) for one in texts):
        raise BadRecord("an entry has either salt, kind, id and content, or its commitment alone")
    return entry


def entry_json(entry: ProofEntry) -> bytes:
    """The line of an entry, without its end."""
    return to_json(entry)


def blanked_by(entry: ProofEntry) -> int | None:
    """Of an entry that says so: which other one is blanked."""
    if entry.kind != BLANKED or not entry.public:
        return None
    try:
        return _blanked.decode(str(entry.content)).entry
    except (*UNREADABLE, ValueError):
        return None
