"""What became of every warning on one channel, with times: queued, sent, accepted, acknowledged, failed, heard.

queued         it waits for the recipients
sent           the first attempt at the first of them
accepted       a recipient's side took it (2xx, a broker's acknowledgement)
acknowledged   somebody says that it is there: a siren rings, a phone shows it
failed         attempts; they are repeated
given up       recipients it did not reach: it expired, or a newer word on the zone made room for itself
heard          by our own sample listener, which hears the channel as people do

Recipients are numbers here: an address may be a secret. Bounded: the newest KEPT_MAX warnings.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from tocsin.announce.delays import Delays
from tocsin.model.value import Id, Time
from tocsin.model.warning import Level

# A day of the largest barrage on record has 10,974; each is 400 bytes.
KEPT_MAX = 12_000
SHARES = {"50": 0.5, "90": 0.9, "99": 0.99}

Stage = Literal["queued", "accepted", "acknowledged", "failed", "superseded", "expired", "heard"]


class Told(Protocol):
    """What of a warning matters here."""

    @property
    def id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def drill(self) -> bool: ...


class Delivered(msgspec.Struct, kw_only=True):
    """One warning on one channel. Times are the newest of their kind, but for `sent`, which is the first.

    channel      the channel's name
    recipients   whom it waits or waited for; 0: people come and fetch it
    time_to_s    seconds from `queued` until 50, 90 and 99 % of the recipients had accepted; null: they have not
    """

    channel: str
    warning: Id
    zone: str
    level: Level
    drill: bool
    recipients: int
    queued: Time
    sent: Time | None = None
    accepted: Time | None = None
    accepted_by: int = 0
    acknowledged: Time | None = None
    acknowledged_by: int = 0
    failed: int = 0
    given_up: int = 0
    heard: Time | None = None
    time_to_s: dict[str, float | None] = msgspec.field(default_factory=lambda: dict.fromkeys(SHARES))


class Happened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to some warnings on a channel: a line of the record that outlives the service.

    recipient    its number; left out where it is of all, or of nobody in particular
    recipients   queued: for how many the first of them waits
    drill        queued: whether one of them is of a drill
    began        when the attempt began that ended now
    """

    time: Time
    channel: str
    stage: Stage
    warnings: tuple[Id, ...]
    recipient: int | None = None
    recipients: int = 0
    drill: bool = False
    began: Time | None = None
    why: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Some of those whom a channel serves, all in one place.

    name         what they have in common; none of them can be told by it
    recipients   how many they are
    waiting      how many of them are owed a word
    counts       messages since the start, by what became of them
    """

    name: str
    recipients: int
    waiting: int
    counts: dict[str, int]


@runtime_checkable
class Grouping(Protocol):
    """A channel that is one recipient to the outbox, and many people."""

    def groups(self) -> Sequence[Group]:
        """All of them, in groups."""


@runtime_checkable
class Acknowledging(Protocol):
    """A channel that hears back from those who have a warning: sirens that ring, phones that show it."""

    def hear_back(self, acknowledged: Callable[[Sequence[str]], None]) -> None:
        """Called once; from then on ids of warnings are handed on as somebody says that they are there."""


class Delivery:
    """The evidence of one channel. Used from the event loop only.

    counts         warnings times recipients, by stage, since the start
    accepted_s     how long it took until recipients had accepted; those who never did count, too
    heard_s        how long until our sample listener heard
    """

    def __init__(
        self,
        channel: str,
        now: Callable[[], datetime],
        tell: Callable[[Happened], None] = lambda happened: None,
        kept_max: int = KEPT_MAX,
    ) -> None:
        self.channel = channel
        self.counts: Counter[str] = Counter()
        self.accepted_s = Delays()
        self.heard_s = Delays()
        self._now = now
        self._tell = tell
        self._kept_max = kept_max
        self._kept: OrderedDict[str, Delivered] = OrderedDict()
        # The newest of each zone that our sample listener has not heard.
        self._unheard: dict[str, Delivered] = {}

    @property
    def newest(self) -> Iterable[Delivered]:
        """What is kept, newest first."""
        return reversed(self._kept.values())

    def find(self, warning: str) -> Delivered | None:
        """What became of a warning; None: it is not kept, or never was here."""
        return self._kept.get(warning)

    def queued(self, warnings: Sequence[Told], recipients: Counter[str] | None = None) -> None:
        """Warnings wait now, but for those that are known; `recipients`: for how many, by the warning's id."""
        now = self._now()
        new = [one for one in warnings if one.id not in self._kept]
        for one in new:
            number = 0 if recipients is None else recipients[one.id]
            kept = Delivered(
                channel=self.channel, warning=one.id, zone=one.zone, level=one.level, drill=one.drill,
                recipients=number, queued=now,
            )  # fmt: skip
            self._kept[one.id] = self._unheard[one.zone] = kept
        while len(self._kept) > self._kept_max:
            _, gone = self._kept.popitem(last=False)
            if self._unheard.get(gone.zone) is gone:
                del self._unheard[gone.zone]
        if new:
            number = 0 if recipients is None else recipients[new[0].id]
            drill = any(one.drill for one in new)
            self._happened("queued", [one.id for one in new], recipients=number, drill=drill)

    def accepted(self, recipient: int, ids: Sequence[str], began: datetime) -> None:
        """A recipient's side has taken them."""
        now = self._now()
        for kept in self._of(ids):
            kept.sent = kept.sent or began
            kept.accepted = now
            kept.accepted_by += 1
            took_s = (now - kept.queued).total_seconds()
            self.accepted_s.note(took_s)
            for share, part in SHARES.items():
                if kept.time_to_s[share] is None and kept.accepted_by >= math.ceil(part * kept.recipients):
                    kept.time_to_s[share] = took_s
        self._happened("accepted", ids, recipient=recipient, began=began)

    def failed(self, recipient: int, ids: Sequence[str], began: datetime, why: str) -> None:
        """An attempt did not get through."""
        for kept in self._of(ids):
            kept.sent = kept.sent or began
            kept.failed += 1
        self._happened("failed", ids, recipient=recipient, began=began, why=why)

    def given_up(self, recipient: int, ids: Sequence[str], why: Literal["superseded", "expired"]) -> None:
        """They will not be told to this recipient."""
        for kept in self._of(ids):
            kept.given_up += 1
        if why == "expired":
            self.accepted_s.never(len(ids))
        self._happened(why, ids, recipient=recipient)

    def acknowledged(self, ids: Sequence[str]) -> None:
        """Somebody says that they are there."""
        now = self._now()
        for kept in self._of(ids):
            kept.acknowledged = now
            kept.acknowledged_by += 1
        self._happened("acknowledged", ids)

    def heard(self, ids: Iterable[str]) -> None:
        """Our sample listener has heard them; of what it heard before nothing is noted."""
        now = self._now()
        new = [kept for kept in self._of(ids) if kept.heard is None]
        for kept in new:
            kept.heard = now
            self.heard_s.note((now - kept.queued).total_seconds())
            if self._unheard.get(kept.zone) is kept:
                del self._unheard[kept.zone]
        self._happened("heard", [kept.warning for kept in new])

    def unheard(self, before: datetime) -> list[Delivered]:
        """The newest word on each zone that waits since before then, and that our sample listener has not heard."""
        return [kept for kept in self._unheard.values() if kept.queued < before]

    def _of(self, ids: Iterable[str]) -> Iterable[Delivered]:
        return (self._kept[one] for one in ids if one in self._kept)

    def _happened(
        self,
        stage: Stage,
        ids: Sequence[str],
        **more: Any,
    ) -> None:
        if ids:
            self.counts[stage] += len(ids)
            now = self._now()
            self._tell(Happened(time=now, channel=self.channel, stage=stage, warnings=tuple(ids), **more))
