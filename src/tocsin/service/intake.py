"""The one door by which observations reach the journal, whoever brings them.

Here it is settled who may say it, when it reached us, what a CAP alert means, and what is done when the disk is busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.ingest.admission import OverRate
from tocsin.ingest.slices import Pause
from tocsin.journal import Receipt
from tocsin.model.errors import BadInput, JournalBusy, JournalError
from tocsin.model.event import Event
from tocsin.model.observation import Alert, Observation
from tocsin.service.runtime import Runtime

# What the disk cannot take at once is offered again after this long, where nobody would send it again.
BUSY_WAIT_S = 0.05
# Writing them down for the journal takes the event loop about 3 ms.
TOGETHER_MAX = 500


@dataclass(frozen=True, slots=True)
class Admitted:
    """Events fit for the journal; and of the others their place among those brought, from 0, and why not.

    over_rate   how many of the others came too fast: they may be sent again later
    """

    events: list[Event]
    refused: list[tuple[int, str]]
    over_rate: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """How many are now durable, how many were there before, and the journal's number of the last; 0: none.

    conflicts   place among the events, from 0, of those whose sender has used their id for something else; and why not
    """

    accepted: int = 0
    duplicates: int = 0
    seq: int = 0
    conflicts: tuple[tuple[int, str], ...] = ()


class Intake:
    """Admits observations and makes events durable; counts what became of each."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def admit(self, observations: Sequence[Observation], source: str, *, relays: bool) -> Admitted:
        """What may go into the journal of what was brought just now by a source, in that order.

        relays   it may speak for others, as our own receivers do for radars and aircraft
        """
        now, gate = self._runtime.clock.now(), self._runtime.gate
        events: list[Event] = []
        refused: list[tuple[int, str]] = []
        over_rate = 0
        pause = Pause()
        for place, one in enumerate(observations):
            await pause()
            try:
                admitted = gate.admit(one, source, now, relays=relays)
                if isinstance(admitted, Alert):
                    admitted = await self._runtime.readers.understood(admitted)
                    gate.check_sender(admitted)
                events.append(admitted)
            except BadInput as error:
                refused.append((place, str(error)))
                over_rate += isinstance(error, OverRate)
        self._runtime.metrics.observations.labels("over_rate").inc(over_rate)
        return Admitted(events, refused, over_rate)

    async def keep(self, events: Sequence[Event], *, patient: bool = False) -> Kept:
        """Make events durable.

        patient   wait for as long as the disk is busy, instead of refusing

        Raises JournalBusy (try again later) and JournalError (not kept).
        """
        kept = Kept()
        for start in range(0, len(events), TOGETHER_MAX):
            some = await self._keep(events[start : start + TOGETHER_MAX], patient)
            conflicts = tuple((start + place, reason) for place, reason in some.conflicts)
            kept = Kept(
                kept.accepted + some.accepted,
                kept.duplicates + some.duplicates,
                max(kept.seq, some.seq),
                kept.conflicts + conflicts,
            )
        return kept

    async def _keep(self, events: Sequence[Event], patient: bool) -> Kept:
        counted = self._runtime.metrics.observations.labels
        while True:
            try:
                receipts = await self._runtime.submit(events)
            except JournalBusy:
                if not patient:
                    counted("busy").inc(len(events))
                    raise
                await asyncio.sleep(BUSY_WAIT_S)
            except JournalError:
                counted("not_kept").inc(len(events))
                raise
            else:
                return self._counted(events, receipts)

    def _counted(self, events: Sequence[Event], receipts: Sequence[Receipt]) -> Kept:
        now, conflicts = self._runtime.clock.now(), []
        for place, (event, receipt) in enumerate(zip(events, receipts, strict=True)):
            if receipt.outcome == "conflict":
                conflicts.append((place, self._runtime.conflicts.keep(event, receipt.seq, now)))
        new = sum(receipt.outcome == "new" for receipt in receipts)
        seq = max((receipt.seq for receipt in receipts if receipt.outcome != "conflict"), default=0)
        kept = Kept(new, len(receipts) - new - len(conflicts), seq, tuple(conflicts))
        counted = self._runtime.metrics.observations.labels
        counted("accepted").inc(kept.accepted)
        counted("duplicate").inc(kept.duplicates)
        counted("conflict").inc(len(conflicts))
        return kept
