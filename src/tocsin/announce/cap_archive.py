"""Warnings become CAP messages here; those in force and the last ones are kept.

Order     a message is made in the same call as its warnings; whoever has read only the first of a moment's messages
          believes of no zone less than what stands
Retries   none needed: messages are a fold over warnings, so the same warnings give the same messages again
Bounds    KEPT_MAX messages beside those in force; ZONES_MAX zones per message

An Update or Cancel takes the place of *everything* its references said (CAP 3.2.1). So it repeats what still stands
for the other zones of what it takes back. What raises a zone takes nothing back: it is an Alert of its own, small and
heard as new, and the graver of two messages holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.announce.cap_drafts import Draft, drafts_of
from tocsin.announce.cap_dump import dumped, loaded
from tocsin.announce.cap_force import Force
from tocsin.cap.write import LIKELY, Issuer, Message, reference
from tocsin.model.warning import Warning

# A quarter of an hour of a raid on a whole country.
KEPT_MAX = 1_000
# What is taken back is repeated, so this bounds what one changed zone costs: about 100 kB for each language.
ZONES_MAX = 300
# Messages on a page of the feed. Those that are on none yet are in the feed itself, so pages are short.
PAGE = 20


class Page(NamedTuple):
    """PAGE messages, oldest first, that will always be on one page; its name, and those of its neighbours."""

    name: str
    messages: tuple[Message, ...]
    before: str | None
    after: str | None


class Archive:
    """The CAP messages in force, the last ones, and the pages of these.

    `dump` and `load` carry it over a restart; applying all warnings from the first one again gives the same. Where
    neither is at hand, applying the standing warnings starts new Alerts for them: nothing stays untold.

    blind   zones where we may be blind, as the public is told: messages made from now on say so
    """

    def __init__(self, issuer: Issuer, *, kept_max: int = KEPT_MAX, zones_max: int = ZONES_MAX) -> None:
        self._issuer = issuer
        self._kept_max = kept_max
        self._zones_max = zones_max
        self._page = min(PAGE, kept_max)
        self._force = Force()
        self._kept: dict[str, Message] = {}
        self._first = 0  # number of the first kept, of all that were made
        self._by_warning: dict[str, Message] = {}
        self.blind: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The last ones, oldest first."""
        return tuple(self._kept.values())

    @property
    def current(self) -> tuple[Message, ...]:
        """Those in force, and those that are on no page yet, oldest first."""
        on_pages = len(self._kept) - (self._first + len(self._kept)) % self._page
        force = [said.message for name, said in self._force.said.items() if name not in self._kept]
        kept = enumerate(self._kept.items())
        return (*force, *(one for number, (name, one) in kept if number >= on_pages or name in self._force.said))

    @property
    def pages(self) -> tuple[Page, ...]:
        """Every page, the oldest first."""
        messages = self.messages
        ends = range(self._page - self._first % self._page, len(messages) + 1, self._page)
        names: list[str | None] = [None, *(messages[end - 1].identifier for end in ends), None]
        return tuple(
            Page(messages[end - 1].identifier, messages[max(0, end - self._page) : end], before, after)
            for end, before, after in zip(ends, names, names[2:], strict=False)
        )

    def page(self, name: str | None = None) -> Page | None:
        """A page by its name, which is the identifier of its newest message; None: the newest page."""
        pages = self.pages
        if name is None:
            return pages[-1] if pages else None
        return next((page for page in pages if page.name == name), None)

    def told_in(self, name: str) -> tuple[str, ...]:
        """Ids of the warnings of which a message tells; none where it is not kept."""
        found = self.find(name)
        return () if found is None else tuple(one.id for one in found.warnings)

    def find(self, name: str) -> Message | None:
        """A message by its identifier, or by the id of a warning in it."""
        said = self._force.said.get(name)
        return self._kept.get(name) or (said.message if said else self._by_warning.get(name))

    def apply(self, warnings: Iterable[Warning]) -> list[Message]:
        """The messages that tell of these warnings, oldest first.

        Warnings of one moment share messages; how the moments are cut into calls changes nothing. One that a kept
        message tells of already makes none.
        """
        new = (warning for warning in warnings if not self._knows(warning))
        return [message for moment in _moments(map(told, new)) for message in self._tell(moment)]

    def _knows(self, warning: Warning) -> bool:
        return self._force.knows(warning) or warning.id in self._by_warning

    def _tell(self, warnings: Sequence[Warning]) -> list[Message]:
        """The messages of one moment; no zone is in it twice."""
        for over in self._force.lapse(warnings[0].time):
            self._forget(over)
        return [self._said(draft, warnings[0].time) for draft in drafts_of(warnings, self._force, self._zones_max)]

    def _said(self, draft: Draft, now: datetime) -> Message:
        """The message that a draft becomes; it is in force and kept from now on."""
        warnings = tuple(sorted(draft.warnings, key=lambda warning: warning.zone))
        behind = self._force.behind(draft.replaced, now)
        # Two engines fed the same journal give the same identifiers, so whoever hears both drops one.
        said = "\n".join((self._issuer.sender, draft.kind, *behind, *(warning.id for warning in warnings)))
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        message = Message(
            identifier=f"{now:%Y%m%dT%H%M%SZ}-{digest}",
            sent=now,
            kind=draft.kind,
            references=tuple(behind),
            warnings=warnings,
            blind=tuple(warning.zone for warning in warnings if warning.zone in self.blind),
        )
        self._force.take(message, reference(self._issuer, message), behind, draft.replaced)
        self._kept[message.identifier] = message
        self._by_warning.update((warning.id, message) for warning in warnings)
        for one in draft.replaced:
            self._forget(one.message)
        while len(self._kept) > self._kept_max:
            self._drop_page()
        return message

    def _drop_page(self) -> None:
        """Let go of the oldest page, so that those that are left stay whole."""
        gone = list(self._kept.values())[: self._page - self._first % self._page]
        self._first += len(gone)
        for message in gone:
            del self._kept[message.identifier]
            self._forget(message)

    def _forget(self, message: Message) -> None:
        """Find a message no more by its warnings, if it is neither kept nor in force."""
        if message.identifier in self._kept or message.identifier in self._force.said:
            return
        for warning in message.warnings:
            if self._by_warning.get(warning.id) is message:
                del self._by_warning[warning.id]

    def dump(self) -> bytes:
        """Everything `load` needs to go on."""
        return dumped(self.messages, self._first, self._force, self.blind)

    @classmethod
    def load(cls, data: bytes, issuer: Issuer, *, kept_max: int = KEPT_MAX, zones_max: int = ZONES_MAX) -> Archive:
        """An archive that goes on where `dump` stopped. Raises BadRecord."""
        archive = cls(issuer, kept_max=kept_max, zones_max=zones_max)
        kept, archive._first, archive._force, archive.blind = loaded(data)
        archive._kept = {message.identifier: message for message in kept}
        for message in (*(said.message for said in archive._force.said.values()), *kept):
            archive._by_warning.update((warning.id, message) for warning in message.warnings)
        return archive


def told(warning: Warning) -> Warning:
    """The warning without what no message tells: its reason, tracks and probability, but for CAP's certainty."""
    step = 0.0 if warning.probability == 0.0 else 1.0 if warning.probability > LIKELY else LIKELY
    return msgspec.structs.replace(warning, reason="", tracks=(), probability=step)


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
