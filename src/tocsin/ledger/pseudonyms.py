"""Witnesses under pseudonyms: what an export for others calls them, and their records.

A pseudonym is a keyed hash (HMAC-SHA256, RFC 2104) with a key that stays in the ledger: the same in every export,
whoever joins later, and nobody without the key can try names. Ids of their records are pseudonyms, too, for they may
have the name in them, and so is whatever points to one of those. A pseudonym stays what it is when it is passed on.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from functools import cached_property

import msgspec

from tocsin.ledger.claim import Claim
from tocsin.ledger.custody import Handling, Stamp
from tocsin.ledger.decision import Apart, Merge, Redaction, Split, Undo
from tocsin.ledger.record import Record, public
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.sql import SqlStore
from tocsin.ledger.standing import Standing, standing_of

# A person who says what he saw is never named, whatever the ledger calls him.
PERSONS = ("witness",)
_NAMES = (SourceName(text="a witness", language="en"),)
# 80 bits: of a million two are the same once in 10^12 ledgers.
_HEX_CHARS = 20
_OF_SOURCE = re.compile(rf"w-[0-9a-f]{{{_HEX_CHARS}}}")
_OF_RECORD = re.compile(rf"w-record-[0-9a-f]{{{_HEX_CHARS}}}")


class Pseudonyms:
    """The witnesses of a ledger under pseudonyms.

    A source is one that any record of it calls a witness, and so is whatever is merged with one.
    """

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        sources = (one for one in store.read(("source",)) if isinstance(one, Source))
        described = {one.source for one in sources if one.kind in PERSONS}
        # Another name of a witness is his name, too.
        standing = standing_of(store) if described else Standing()
        witnesses = sorted({name for one in described for name in standing.members("source", one)})
        self._key = store.pseudonym_key() if witnesses else b""
        self._of = {name: self._pseudonym(name) for name in witnesses}

    @property
    def names(self) -> frozenset[str]:
        """What witnesses of this ledger are called in its exports, and not in it."""
        return frozenset(self._of.values()) - self._of.keys()

    @cached_property
    def held(self) -> dict[str, str]:
        """Pseudonymous id -> the id of the record that it stands for; all records are read for it."""
        return {_own(self._key, one.id): one.id for one in self._store.read() if self._tells(one)} if self._of else {}

    def is_of_record(self, name: str) -> bool:
        """Whether an id looks like one of a witness's record in an export of this ledger."""
        return bool(self._of) and _OF_RECORD.fullmatch(name) is not None

    def __call__(self, record: Record) -> Record:
        """A record as it may be handed on, without its personal parts; one in which there is no witness as it was."""
        record = public(record)
        if not self._of:
            return record
        renamed = self._renamed(record)
        if not self._tells(record):
            return renamed
        replace = msgspec.structs.replace
        own = _own(self._key, record.id)
        blanked = record.blanked
        if blanked is not None and own != record.id:
            # The hash of what it was could be tried with names.
            blanked = hmac.digest(self._key, f"blanked\0{blanked}".encode(), "sha256").hex()
        return replace(renamed, id=own, blanked=blanked)

    def _renamed(self, record: Record) -> Record:
        """A record in which sources and records go by their pseudonyms, without what would tell whose they are."""
        replace = msgspec.structs.replace
        match record:
            case Source(source=name):
                echoes = None if record.echoes is None else self._named(record.echoes)
                if name not in self._of:
                    return replace(record, echoes=echoes)
                return replace(record, source=self._named(name), names=_NAMES, site=None, echoes=echoes, about="")
            case Claim(revises=revises):
                record = record if revises is None else replace(record, revises=self._joined(revises))
                if not self._tells(record):
                    return record
                # Where a person wrote something says who he is.
                files = tuple(replace(one, url=None, archived="") for one in record.evidence)
                return replace(record, chain=self._all(record.chain), url=None, where="", evidence=files)
            case Merge(what="source") if self._tells(record):
                # Whoever was once taken for a witness, or was looked at beside him, may tell who he is.
                of = tuple(map(self._pseudonym, record.of))
                return replace(record, into=self._pseudonym(record.into), of=of, reason="")
            case Apart(what="source") if self._tells(record):
                one, other = self._pseudonym(record.one), self._pseudonym(record.other)
                return replace(record, one=one, other=other, reason="")
            case Split() if self._tells(record):
                return replace(record, claims=tuple(map(self._joined, record.claims)), reason="")
            case Undo() | Redaction() if self._tells(record):
                return replace(record, of=self._joined(record.of), reason="")
            case Handling() if self._tells(record):
                return replace(record, place="", note="")
        return record

    def _tells(self, record: Record) -> bool:
        """Whether a record is about a witness, or about a record that is, or about one that is not here."""
        seen: set[str] = set()
        while isinstance(record, Undo | Redaction):
            seen.add(record.id)
            found = self._store.get(record.of)
            if found is None or found.id in seen:
                return True
            record = found
        match record:
            case Source(source=name):
                return name in self._of
            case Claim(chain=names):
                return not self._of.keys().isdisjoint(names)
            case Merge(what="source", into=into, of=of):
                return not self._of.keys().isdisjoint((into, *of))
            case Apart(what="source", one=one, other=other):
                return one in self._of or other in self._of
            case Split(claims=claims):
                return any(map(self._is_private, claims))
            case Handling(of=of) | Stamp(of=of):
                return of in self._files
        return False

    @cached_property
    def _files(self) -> frozenset[str]:
        """Hashes of the files that claims of witnesses rest on."""
        claims = (one for one in self._store.read(("claim",)) if isinstance(one, Claim) and self._tells(one))
        return frozenset(file.sha256 for claim in claims for file in claim.evidence)

    def _is_private(self, name: str) -> bool:
        """Whether the record of that id tells of a witness, or is not here, so that it may."""
        found = self._store.get(name)
        return found is None or self._tells(found)

    def _joined(self, name: str) -> str:
        """The id that a record goes by, given that of the ledger."""
        return _own(self._key, name) if self._is_private(name) else name

    def _pseudonym(self, name: str) -> str:
        return name if is_pseudonym(name) else f"w-{_hash(self._key, 'source', name)}"

    def _named(self, name: str) -> str:
        return self._of.get(name, name)

    def _all(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self._named, names))


def is_pseudonym(name: str) -> bool:
    """Whether a source is called as exports call witnesses.

    >>> is_pseudonym("w-3f9c0d2a71b84e5560aa"), is_pseudonym("w-17")
    (True, False)
    """
    return _OF_SOURCE.fullmatch(name) is not None


def _own(key: bytes, name: str) -> str:
    """The pseudonym of a record's id."""
    return name if _OF_RECORD.fullmatch(name) else f"w-record-{_hash(key, 'record', name)}"


def _hash(key: bytes, what: str, name: str) -> str:
    return hmac.digest(key, f"{what}\0{name}".encode(), "sha256").hex()[:_HEX_CHARS]
