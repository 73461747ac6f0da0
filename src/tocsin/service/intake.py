"""The one door by which observations reach the journal, whoever brings them.

Here it is settled who may say it, when it reached us, what a CAP alert means, and what is done when the disk is busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.neighbour import understood
from tocsin.model.errors import BadInput, BadRecord, JournalBusy, JournalError
from tocsin.model.event import Event
from tocsin.model.observation import Alert, Observation
from tocsin.service.runtime import Runtime

UNNAMED = "unnamed"
# What the disk cannot take at once is offered again after this long, where nobody would send it again.
BUSY_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Admitted:
    """Events fit for the journal; and of the others their place among those brought, from 0, and why not."""

    events: list[Event]
    refused: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many are now durable, how many were there before, and the journal's number of the last; 0: none."""

    accepted: int = 0
    duplicates: int = 0
    seq: int = 0


class Intake:
    """Admits observations and makes events durable; counts what became of each."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def admit(
        self, observations: Sequence[Observation], source: str | None = None, *, relays: bool = False
    ) -> Admitted:
        """What may go into the journal of what was brought just now.

        source   who brought it; None: one of our own receivers, which say of each whose it is
        relays   that one may speak for others
        """
        now, index = self._runtime.clock.now(), self._runtime.index
        found = Admitted([], [])
        for place, one in enumerate(observations):
            try:
                found.events.append(_admitted(one, one.source if source is None else source, now, index, relays))
            except BadInput as error:
                found.refused.append((place, str(error)))
        return found

    async def keep(self, events: Sequence[Event], *, patient: bool = False) -> Kept:
        """Make events durable.

        patient   wait for as long as the disk is busy, instead of refusing

        Raises JournalBusy (try again later) and JournalError (not kept).
        """
        counted = self._runtime.metrics.observations.labels
        while events:
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
                duplicates = sum(receipt.duplicate for receipt in receipts)
                counted("accepted").inc(len(receipts) - duplicates)
                counted("duplicate").inc(duplicates)
                return Kept(len(receipts) - duplicates, duplicates, max(receipt.seq for receipt in receipts))
        return Kept()


def _admitted(observation: Observation, source: str, now: datetime, index: ZoneIndex, relays: bool) -> Observation:
    """The observation as it goes into the journal: its arrival stamped by us, its source who it really came from.

    Raises BadInput when it names another source, or when an alert is not readable CAP.
    """
    if observation.source not in (source, UNNAMED) and not relays:
        raise BadRecord(f"source {source} may not speak for {observation.source}; leave `source` out")
    speaker = observation.source if relays and observation.source != UNNAMED else source
    stamped = msgspec.structs.replace(observation, source=speaker, received=now)
    return understood(stamped, index) if isinstance(stamped, Alert) else stamped
