"""From a device's batch to receipts: each report by itself, durable before its receipt says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from tocsin.model.errors import BadValue
from tocsin.model.event import Event
from tocsin.model.observation import Impact, Sighting
from tocsin.model.value import UNREADABLE, seconds_of
from tocsin.model.wire import in_words
from tocsin.service.intake import Intake, Kept
from tocsin.service.runtime import Runtime
from tocsin.service.spotters.enrolled import Enrolled
from tocsin.service.spotters.names import report_id
from tocsin.service.spotters.receipts import Receipt, Why
from tocsin.service.spotters.reports import ClientId, SpotterReport, Untimely, observation_of
from tocsin.service.spotters.settings import SOURCE
from tocsin.service.spotters.store import Fate, Post


@dataclass
class _Batch:
    """One as it goes through.

    receipts   by place among the reports
    usable     place, report and its observation
    """

    post: Post
    secret: str
    receipts: list[Receipt | None]
    usable: list[tuple[int, SpotterReport, Sighting | Impact]] = field(default_factory=list)


class Taking:
    """Takes reports in; what is refused is counted, and kept without saying where it was."""

    def __init__(self, runtime: Runtime, spotters: Enrolled) -> None:
        self._runtime, self._spotters = runtime, spotters
        self._intake = Intake(runtime)

    def refuse_all(self, post: Post, reason: str) -> None:
        """A body that is no batch."""
        self._runtime.rejects.read()
        self._intake.refuse(reason, "a batch of reports", post.name)

    async def take(self, post: Post, secret: str, reports: Sequence[msgspec.Raw]) -> tuple[Receipt, ...]:
        """Receipts in the order of the reports. Raises JournalBusy and JournalError: none is kept for sure."""
        batch = _Batch(post, secret, [None] * len(reports))
        self._runtime.rejects.read(len(reports))
        await self._sort(batch, self._read(batch, reports))
        events = await self._admit(batch)
        kept = await self._intake.keep(events) if events else Kept()
        await self._note(batch, kept, events)
        receipts = tuple(one for one in batch.receipts if one is not None)
        assert len(receipts) == len(reports), "a report without a receipt"
        for one in receipts:
            self._runtime.metrics.spotter_reports.labels(one.state).inc()
        return receipts

    def _refuse(self, batch: _Batch, place: int, told: str | None, why: Why, reason: str) -> None:
        self._intake.refuse(reason, "a report", batch.post.name, "conflict" if why == "conflict" else "rejected")
        batch.receipts[place] = Receipt(told, "refused", why, reason)

    def _read(self, batch: _Batch, reports: Sequence[msgspec.Raw]) -> list[tuple[int, SpotterReport]]:
        told: list[tuple[int, SpotterReport]] = []
        for place, raw in enumerate(reports):
            try:
                told.append((place, msgspec.json.decode(raw, type=SpotterReport)))
            except UNREADABLE as error:
                why = in_words(error, SpotterReport) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
                self._refuse(batch, place, _id_in(raw), "malformed", f"no report: {why}")
        return told

    async def _sort(self, batch: _Batch, told: Sequence[tuple[int, SpotterReport]]) -> None:
        """Which reports are new and can be used."""
        post, spotters = batch.post, self._spotters
        names = {place: report_id(post.name, one.id) for place, one in told}
        known = await asyncio.to_thread(spotters.posts.receipts, list(dict.fromkeys(names.values())))
        allowance, now = spotters.allowance(post), self._runtime.clock.now()
        for place, one in told:
            if names[place] in known:
                tag, fate = known[names[place]]
                if tag == one.tag(batch.secret):
                    batch.receipts[place] = Receipt(one.id, fate)
                    self._runtime.rejects.pass_over("what the journal holds already")
                else:
                    self._refuse(batch, place, one.id, "conflict", "its id was used for another report")
                continue
            if not allowance.take_all(1, seconds_of(now)):
                self._runtime.rejects.count("a post sends too often", outcome="over_rate")
                reason = f"a post may send {spotters.settings.per_minute_max:g} reports a minute"
                batch.receipts[place] = Receipt(one.id, "later", "often", reason, allowance.wait_s())
                continue
            try:
                made = observation_of(one, names[place], spotters.voice(post), now)
            except Untimely as error:
                self._refuse(batch, place, one.id, error.code, str(error))
            except BadValue as error:
                self._refuse(batch, place, one.id, "refused", str(error))
            else:
                batch.usable.append((place, one, made))

    async def _admit(self, batch: _Batch) -> list[Event]:
        """Through the door by which everything comes in; what it refuses is usable no more."""
        self._runtime.rejects.use(len(batch.usable))
        admitted = await self._intake.admit([made for _, _, made in batch.usable], SOURCE, relays=True)
        refused = {one.place: one for one in admitted.refused}
        for number, refusal in refused.items():
            place, told, _ = batch.usable[number]
            if refusal.outcome == "over_rate":
                batch.receipts[place] = Receipt(told.id, "later", "often", refusal.reason, refusal.wait_s)
            else:
                batch.receipts[place] = Receipt(told.id, "refused", "refused", refusal.reason)
        batch.usable = [one for number, one in enumerate(batch.usable) if number not in refused]
        return admitted.events

    async def _note(self, batch: _Batch, kept: Kept, events: Sequence[Event]) -> None:
        """Receipts of what the journal took, noted before they are given."""
        conflicts = dict(kept.conflicts)
        made = await self._runtime.outcomes.of({seq: events[number] for number, seq in kept.new.items()})
        durable: list[tuple[str, bytes, Fate]] = []
        for number, (place, told, observation) in enumerate(batch.usable):
            if number in conflicts:
                batch.receipts[place] = Receipt(told.id, "refused", "conflict", conflicts[number])
                continue
            reasons = made[kept.new[number]].reasons if number in kept.new else ()
            fate: Fate = "unused" if reasons else "kept"
            durable.append((observation.id, told.tag(batch.secret), fate))
            batch.receipts[place] = Receipt(told.id, fate, *(("unused", reasons[0]) if reasons else (None, None)))
        refused = sum(one is not None and one.state == "refused" for one in batch.receipts)
        now_s = seconds_of(self._runtime.clock.now())
        await asyncio.to_thread(self._spotters.posts.keep, batch.post.name, durable, refused, now_s)


class _Named(msgspec.Struct):
    id: ClientId


def _id_in(raw: msgspec.Raw) -> str | None:
    """The id of what is no report, where it has one: its sender must know which to send no more."""
    try:
        return msgspec.json.decode(raw, type=_Named).id
    except UNREADABLE:
        return None
