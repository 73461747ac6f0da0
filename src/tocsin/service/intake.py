"""The one door by which observations reach the journal, whoever brings them.

Here it is settled who may say it, when it reached us, what a CAP alert means, and what is done when the disk is busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tocsin.ingest.admission import OverRate
from tocsin.ingest.batch import Fault
from tocsin.ingest.rate import Allowance
from tocsin.ingest.rejects import Outcome
from tocsin.ingest.slices import Pause
from tocsin.journal import Receipt
from tocsin.model.errors import BadInput, JournalBusy, JournalError, NotDurable
from tocsin.model.event import Event
from tocsin.model.observation import Alert, ChannelReport, Observation
from tocsin.model.value import seconds_of
from tocsin.model.wire import to_json
from tocsin.service.runtime import Runtime

# What the disk cannot take at once is offered again after this long, where nobody would send it again.
BUSY_WAIT_S = 0.05
# Writing them down for the journal takes the event loop about 3 ms.
TOGETHER_MAX = 500
# Records of one source that are kept when they are refused: so many at once, then one every ten seconds. The file holds
# 70,000 of the longest, so that for days no source takes the place of the others' in it.
KEPT_AT_ONCE, KEPT_PER_S = 500.0, 0.1


class Refusal(NamedTuple):
    """One of those brought that was not admitted: its place among them, from 0, and why not.

    wait_s   over_rate: after so many seconds it may be sent again
    """

    place: int
    reason: str
    outcome: Literal["rejected", "over_rate"] = "rejected"
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """Events fit for the journal, and which of those brought were not admitted.

    remarks   place among the events, from 0, of those about which their sender should be asked something; and what
    """

    events: list[Event]
    refused: list[Refusal]
    remarks: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many are now durable, how many were there before, and the journal's number of the last; 0: none.

    conflicts   place among the events, from 0, of those whose sender has used their id for something else; and why not
    new         place among the events, from 0, of those that are new -> their number in the journal
    """

    accepted: int = 0
    duplicates: int = 0
    seq: int = 0
    conflicts: tuple[tuple[int, str], ...] = ()
    new: Mapping[int, int] = field(default_factory=dict)


class Intake:
    """Admits observations and makes events durable; counts what became of each.

    Whoever brings them has counted them as read and used; those that do not come into the journal are taken back here.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[str, Allowance] = {}

    def refuse(self, reason: str, record: Any, source: str, outcome: Outcome = "rejected") -> None:
        """Count what a source sent in vain, and keep it with the reason; of a source that sends much only the first."""
        kept = self._kept.setdefault(source, Allowance(KEPT_PER_S, KEPT_AT_ONCE / KEPT_PER_S))
        if kept.take_all(1, seconds_of(self._runtime.clock.now())):
            self._runtime.rejects.add(reason, record, source, outcome)
        else:
            self._runtime.rejects.count(reason, outcome=outcome)

    async def refuse_lines(self, faults: Sequence[Fault], of: str, source: str) -> None:
        """Do the same for lines of a body that are no observations: thousands take the better part of a second."""
        pause = Pause()
        for fault in faults:
            await pause()
            self.refuse(fault.reason, f"line {fault.line} of {of}", source)

    async def admit(self, observations: Sequence[Observation], source: str, *, relays: bool) -> Admitted:
        """What may go into the journal of what was brought just now by a source, in that order; the rest is refused.

        relays   it may speak for others, as our own receivers do for radars and aircraft
        """
        now, gate = self._runtime.clock.now(), self._runtime.gate
        events: list[Event] = []
        refused: list[Refusal] = []
        remarks: list[tuple[int, str]] = []
        pause = Pause()
        for place, one in enumerate(observations):
            await pause()
            try:
                admitted = gate.admit(one, source, now, relays=relays)
                if isinstance(admitted, Alert):
                    admitted = await self._runtime.readers.understood(admitted)
                    gate.check_sender(admitted)
                elif isinstance(admitted, ChannelReport):
                    admitted = await self._runtime.lines.understood(admitted, gate.area(admitted))
                if (remark := gate.remark(admitted)) is not None:
                    remarks.append((len(events), remark))
                events.append(admitted)
            except BadInput as error:
                refusal = Refusal(place, str(error))
                if isinstance(error, OverRate):
                    refusal = refusal._replace(outcome="over_rate", wait_s=error.wait_s)
                refused.append(refusal)
                self._runtime.rejects.take_back()
                # Of an alert of megabytes, its id: the rest may be had from whoever sent it.
                self.refuse(refusal.reason, one.id if isinstance(one, Alert) else to_json(one), source, refusal.outcome)
        return Admitted(events, refused, remarks)

    async def keep(self, events: Sequence[Event], *, patient: bool = False) -> Kept:
        """Make events durable.

        patient   wait for as long as the disk is busy, instead of refusing, and be content with what is decided upon
                  while the disk refuses: nobody would send it again

        Raises JournalBusy (try again later), NotDurable (all is decided upon, and to be sent again) and JournalError
        (not kept).
        """
        kept = Kept()
        undurable: NotDurable | None = None
        for start in range(0, len(events), TOGETHER_MAX):
            try:
                some = await self._keep(events[start : start + TOGETHER_MAX], patient)
            except NotDurable as error:
                undurable = error
                continue
            except JournalError as error:
                # What was to follow is not tried.
                left = len(events) - start
                self._runtime.rejects.take_back(left)
                self._runtime.rejects.count(str(error), left, "busy" if isinstance(error, JournalBusy) else "not_kept")
                raise
            conflicts = tuple((start + place, reason) for place, reason in some.conflicts)
            kept = Kept(
                kept.accepted + some.accepted,
                kept.duplicates + some.duplicates,
                max(kept.seq, some.seq),
                kept.conflicts + conflicts,
                {**kept.new, **{start + place: seq for place, seq in some.new.items()}},
            )
        if undurable is not None and not patient:
            raise undurable
        return kept

    async def _keep(self, events: Sequence[Event], patient: bool) -> Kept:
        while True:
            try:
                receipts = await self._runtime.submit(events)
            except JournalBusy:
                if not patient:
                    raise
                await asyncio.sleep(BUSY_WAIT_S)
            except NotDurable:
                # The engine has them: they are used.
                self._runtime.metrics.observations.labels("not_durable").inc(len(events))
                raise
            else:
                return self._counted(events, receipts)

    def _counted(self, events: Sequence[Event], receipts: Sequence[Receipt]) -> Kept:
        now, conflicts = self._runtime.clock.now(), []
        for place, (event, receipt) in enumerate(zip(events, receipts, strict=True)):
            if receipt.outcome == "conflict":
                conflicts.append((place, self._runtime.conflicts.keep(event, receipt.seq, now)))
        new = {place: receipt.seq for place, receipt in enumerate(receipts) if receipt.outcome == "new"}
        seq = max((receipt.seq for receipt in receipts if receipt.outcome != "conflict"), default=0)
        kept = Kept(len(new), len(receipts) - len(new) - len(conflicts), seq, tuple(conflicts), new)
        self._runtime.rejects.take_back(kept.duplicates + len(conflicts))
        self._runtime.rejects.pass_over("what the journal holds already", kept.duplicates)
        counted = self._runtime.metrics.observations.labels
        counted("accepted").inc(kept.accepted)
        counted("duplicate").inc(kept.duplicates)
        return kept
