"""Whether two records under one id are one: told by what they say, not by the salts that they are sealed with."""

from __future__ import annotations

import msgspec

from tocsin.ledger.record import Personal
from tocsin.ledger.wire import AnyRecord, record_from_json
from tocsin.ledger.wordless import blank_of


def are_one(before: bytes, after: bytes) -> bool:
    """Whether two records are one: the same words, or one is what is left of the other once they were redacted."""
    one, other = _says(before), _says(after)
    return one == other or one.blanked == blank_of(after) or other.blanked == blank_of(before)


def adds_to(before: bytes, held: bytes | None, personal: bytes | None) -> bool:
    """Whether personal parts differ from those that a record has, or it never had any.

    Of what was redacted or withheld nobody can tell. Another salt is no difference.
    """
    if personal is None:
        return False
    if held is None:
        one = record_from_json(before)
        return one.sealed is None and one.blanked is None
    return _unsalted(held) != _unsalted(personal)


def _unsalted(personal: bytes) -> Personal:
    return msgspec.structs.replace(msgspec.json.decode(personal, type=Personal), salt="0" * 32)


def _says(body: bytes) -> AnyRecord:
    """What a record says in public: the same words sealed with another salt are the same words."""
    return msgspec.structs.replace(record_from_json(body), sealed=None)
