"""CAP messages as bytes, for a snapshot. What they share is written once: messages repeat each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tocsin.announce.cap_force import Force, Said
from tocsin.cap.write import Kind, Message
from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE
from tocsin.model.warning import Warning


class _Message(msgspec.Struct, array_like=True):
    """References and warnings by their numbers; those of its warnings whose zones were blind, by their places."""

    identifier: str
    sent: datetime
    kind: Kind
    references: list[int]
    warnings: list[int]
    blind: list[int] = []


class _Said(msgspec.Struct, array_like=True):
    """A message in force, and what is behind it, by their numbers."""

    message: int
    reference: int
    until: datetime
    behind: list[tuple[int, datetime]]


class _Dump(msgspec.Struct, array_like=True):
    """All messages; the last `kept` of them are the last that were made, the first of these as number `first`.

    `blind`: zones where we might be blind then.
    """

    warnings: list[Warning]
    references: list[str]
    messages: list[_Message]
    kept: int
    first: int
    force: list[_Said]
    latest: list[int]
    blind: list[str] = []


class _Numbers:
    """What was given so far, in order, and the number of each."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self._number: dict[str, int] = {}

    def of(self, name: str, value: Any) -> int:
        number = self._number.setdefault(name, len(self.given))
        if number == len(self.given):
            self.given.append(value)
        return number


def dumped(kept: Sequence[Message], first: int, force: Force, blind: Collection[str]) -> bytes:
    """The last messages that were made, the number of the first of them, those in force, and where we may be blind."""
    warnings, references = _Numbers(), _Numbers()
    known = {message.identifier for message in kept}
    old = [said.message for name, said in force.said.items() if name not in known]
    number = {message.identifier: count for count, message in enumerate((*old, *kept))}
    messages = [
        _Message(
            message.identifier,
            message.sent,
            message.kind,
            [references.of(one, one) for one in message.references],
            [warnings.of(warning.id, warning) for warning in message.warnings],
            [place for place, warning in enumerate(message.warnings) if warning.zone in message.blind],
        )
        for message in (*old, *kept)
    ]
    said = [
        _Said(
            number[name],
            references.of(one.reference, one.reference),
            one.until,
            [(references.of(earlier, earlier), until) for earlier, until in one.behind.items()],
        )
        for name, one in force.said.items()
    ]
    latest = [warnings.of(warning.id, warning) for warning in force.latest.values()]
    dump = _Dump(warnings.given, references.given, messages, len(kept), first, said, latest, sorted(blind))
    return msgspec.msgpack.encode(dump)


def loaded(data: bytes) -> tuple[list[Message], int, Force, frozenset[str]]:
    """What was `dumped`. Raises BadRecord."""
    try:
        dump = msgspec.msgpack.decode(data, type=_Dump)
        messages = [
            Message(
                identifier=one.identifier,
                sent=one.sent,
                kind=one.kind,
                references=tuple(dump.references[number] for number in one.references),
                warnings=tuple(dump.warnings[number] for number in one.warnings),
                blind=tuple(dump.warnings[one.warnings[place]].zone for place in one.blind),
            )
            for one in dump.messages
        ]
        said = [
            Said(
                messages[one.message],
                dump.references[one.reference],
                one.until,
                {dump.references[number]: until for number, until in one.behind},
            )
            for one in dump.force
        ]
        latest = {(warning := dump.warnings[number]).zone: warning for number in dump.latest}
    except (*UNREADABLE, IndexError) as error:
        raise BadRecord(f"not a dump of CAP messages: {error}; start without it") from error
    return messages[len(messages) - dump.kept :], dump.first, Force(said, latest), frozenset(dump.blind)
