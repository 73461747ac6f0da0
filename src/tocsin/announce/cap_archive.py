"""Warnings become CAP messages here, and the last messages are kept.

Order     a message is made in the same call as its warnings, and refers to the messages it takes the place of
Retries   none needed: messages are a fold over warnings, so the same warnings give the same messages again
Bounds    KEPT_MAX messages; ZONES_MAX zones per message

An Update or Cancel takes the place of *everything* its references said (CAP 3.2.1). So the zones that were warned in
one message stay a family: when some of them change, the next message of the family repeats what still stands
for the others. A message of the family refers to the one before it and nothing is lost in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from tocsin.cap.write import Issuer, Message, reference
from tocsin.model.errors import BadRecord
from tocsin.model.warning import Warning

# Large enough for a night of a whole country, small enough to keep: about 20 kB each once written.
KEPT_MAX = 1_000
# A family is repeated whenever one of its zones changes, so it must not be a whole country: 50 zones are about 30 kB
# per language.
ZONES_MAX = 50


class _Dump(msgspec.Struct, array_like=True):
    messages: list[Message]
    latest: dict[str, str]
    families: dict[str, Message]


class Archive:
    """The last CAP messages, oldest first, and which message speaks for each zone.

    `dump` and `load` carry it over a restart; applying all warnings from the first one again gives the same. Where
    neither is at hand, applying the standing warnings starts new Alerts for them: nothing stays untold.
    """

    def __init__(self, issuer: Issuer, *, kept_max: int = KEPT_MAX, zones_max: int = ZONES_MAX) -> None:
        self._issuer = issuer
        self._kept_max = kept_max
        self._zones_max = zones_max
        self._messages: dict[str, Message] = {}
        self._latest: dict[str, str] = {}  # zone -> identifier of the message that speaks for it
        self._families: dict[str, Message] = {}  # identifier -> message that still speaks for some zone
        self._by_warning: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Those kept, oldest first."""
        return tuple(self._messages.values())

    def find(self, name: str) -> Message | None:
        """A message by its identifier, or by the id of a warning in it."""
        return self._messages.get(name) or self._messages.get(self._by_warning.get(name, ""))

    def apply(self, warnings: Iterable[Warning]) -> list[Message]:
        """The messages that tell of these warnings, oldest first.

        Warnings of one moment share messages; how the moments are cut into calls changes nothing. One that a kept
        message tells of already makes none.
        """
        new = (warning for warning in warnings if not self._knows(warning))
        return [message for moment in _moments(map(_told, new)) for message in self._tell(moment)]

    def _knows(self, warning: Warning) -> bool:
        speaks = self._families.get(self._latest.get(warning.zone, ""))
        said = speaks is not None and any(warning.id == earlier.id for earlier in speaks.warnings)
        return said or warning.id in self._by_warning

    def _tell(self, warnings: Sequence[Warning]) -> list[Message]:
        """The messages of one moment; no zone is in it twice."""
        fresh: dict[tuple[object, ...], list[Warning]] = {}
        families: dict[str, list[Warning]] = {}
        for warning in warnings:
            before = self._families.get(self._latest.get(warning.zone, ""))
            if before is not None and any(_follows(warning, earlier) for earlier in before.warnings):
                families.setdefault(before.identifier, []).append(warning)
            else:
                alike = (
                    warning.level,
                    warning.time,
                    warning.drill,
                    warning.expires,
                    warning.public_reason,
                    warning.lapses,
                )
                fresh.setdefault(alike, []).append(warning)
        made = [self._next(self._families[name], changed) for name, changed in families.items()]
        for group in fresh.values():
            starts = range(0, len(group), self._zones_max)
            made += [self._message("Alert", group[start : start + self._zones_max], ()) for start in starts]
        for message in made:
            self._keep(message)
        return made

    def _next(self, before: Message, changed: Sequence[Warning]) -> Message:
        """The next message of a family: what changed, and what still stands for the other zones."""
        now = max(warning.time for warning in changed)
        new = {warning.zone: warning for warning in changed}
        standing = [
            warning
            for warning in before.warnings
            if warning.zone not in new
            and self._latest.get(warning.zone) == before.identifier
            and warning.level != "all_clear"
            and warning.expires > now
        ]
        warnings = sorted((*new.values(), *standing), key=lambda warning: warning.zone)
        over = all(warning.level == "all_clear" for warning in warnings)
        return self._message("Cancel" if over else "Update", warnings, (reference(self._issuer, before),), sent=now)

    def _message(
        self,
        kind: Literal["Alert", "Update", "Cancel"],
        warnings: Sequence[Warning],
        references: tuple[str, ...],
        sent: datetime | None = None,
    ) -> Message:
        sent = sent or warnings[0].time
        # Two engines fed the same journal give the same identifiers, so whoever hears both drops one.
        said = "\n".join((self._issuer.sender, kind, *references, *(warning.id for warning in warnings)))
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        identifier = f"{sent:%Y%m%dT%H%M%SZ}-{digest}"
        return Message(identifier=identifier, sent=sent, kind=kind, references=references, warnings=tuple(warnings))

    def _keep(self, message: Message) -> None:
        self._messages[message.identifier] = message
        self._families[message.identifier] = message
        for warning in message.warnings:
            self._latest[warning.zone] = message.identifier
            self._by_warning[warning.id] = message.identifier
        spoken = set(self._latest.values())
        self._families = {name: family for name, family in self._families.items() if name in spoken}
        while len(self._messages) > self._kept_max:
            old = self._messages.pop(next(iter(self._messages)))
            for warning in old.warnings:
                if self._by_warning.get(warning.id) == old.identifier:
                    del self._by_warning[warning.id]

    def dump(self) -> bytes:
        """Everything `load` needs to go on."""
        return msgspec.msgpack.encode(_Dump(list(self.messages), self._latest, self._families))

    @classmethod
    def load(cls, data: bytes, issuer: Issuer, *, kept_max: int = KEPT_MAX, zones_max: int = ZONES_MAX) -> Archive:
        """An archive that goes on where `dump` stopped. Raises BadRecord."""
        try:
            dump = msgspec.msgpack.decode(data, type=_Dump)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRecord(f"not a dump of CAP messages: {error}; start without it") from error
        archive = cls(issuer, kept_max=kept_max, zones_max=zones_max)
        for message in dump.messages:
            archive._messages[message.identifier] = message
            archive._by_warning.update((warning.id, message.identifier) for warning in message.warnings)
        archive._latest = dump.latest
        archive._families = dump.families
        return archive


def _follows(warning: Warning, earlier: Warning) -> bool:
    """Whether a warning takes the place of an earlier one.

    One that still stands is taken the place of whatever the new one says it replaces: between the two, warnings may
    have gone missing here, and an old alert must not stand beside what is true now.
    """
    stands = earlier.zone == warning.zone and earlier.level != "all_clear" and earlier.expires > warning.time
    return stands or warning.replaces == earlier.id


def _told(warning: Warning) -> Warning:
    """The warning without what no message tells: its reason, tracks and probability."""
    return msgspec.structs.replace(warning, reason="", tracks=(), probability=0.0)


def _moments(warnings: Iterable[Warning]) -> Iterator[list[Warning]]:
    """Runs of warnings of the same time, cut where a zone comes again."""
    moment: dict[str, Warning] = {}
    for warning in warnings:
        if moment and (warning.zone in moment or warning.time != next(iter(moment.values())).time):
            yield list(moment.values())
            moment = {}
        moment[warning.zone] = warning
    if moment:
        yield list(moment.values())
