"""Live sources, and the supervision under which one that fails never stops another.

A source runs until it fails or is cancelled; it raises what went wrong and leaves waiting and trying again to the
supervisor, which says once that a source is gone and once that it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from tocsin.ingest.rate import Allowance
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Observation

# Places, from 0, of those delivered that were refused for the rate alone: a source that still has them may deliver them
# later. None: there are none.
OverRates = Collection[int] | None
# An empty delivery says that the source has looked, and that there is nothing new.
Deliver = Callable[[list[Observation]], Awaitable[OverRates]]
# The same, saying first which source it was.
DeliverFrom = Callable[[str, list[Observation]], Awaitable[OverRates]]

# Radars and receivers deliver several times a minute, whatever flies.
SILENT_S = 60.0
BACK_OFF_FIRST_S = 1.0
BACK_OFF_LAST_S = 60.0
# The busiest national feed seen has 1,400 reports a second; ten times that is a fault or an attack.
OBSERVATIONS_PER_S_MAX = 15_000.0

_log = structlog.get_logger()


# Errors that come without a word.
_WORDLESS: dict[type[Exception], str] = {TimeoutError: "no answer in time"}


class Source(Protocol):
    """Something that delivers observations for as long as it can; what it delivers it has counted as used."""

    name: str

    async def run(self, deliver: Deliver) -> None:
        """Deliver observations until cancelled; raises where the source fails."""


@dataclass(slots=True)
class SourceHealth:
    """How one source fares. `failures` counts since it last delivered; `dropped` those above the bounded rate.

    newest_s   when it last delivered, on the monotonic clock; None: never
    """

    name: str
    state: Literal["starting", "up", "down"] = "starting"
    reason: str = ""
    dropped: int = 0
    failures: int = 0
    newest_s: float | None = None


def trouble_of(health: SourceHealth, now_s: float) -> str | None:
    """What is wrong with a source, as what follows its name; None: nothing. `now_s` is of the monotonic clock."""
    if health.state == "down":
        return f"is down: {health.reason}"
    if health.newest_s is None:
        return "has delivered nothing yet"
    silent_s = now_s - health.newest_s
    return f"has delivered nothing for {silent_s:.0f} s" if silent_s > SILENT_S else None


class Supervisor:
    """Runs sources side by side and restarts each that fails, after 1, 2, 4 … 60 s.

    deliver   is called with a source's name and at least one observation; while it waits, so does its source
    """

    def __init__(
        self,
        sources: Sequence[Source],
        deliver: DeliverFrom,
        rejects: Rejects,
        *,
        per_s_max: float = OBSERVATIONS_PER_S_MAX,
        back_off_first_s: float = BACK_OFF_FIRST_S,
    ) -> None:
        self._sources = sources
        self._deliver = deliver
        self._rejects = rejects
        self._per_s_max = per_s_max
        self._back_off_first_s = back_off_first_s
        self._health = {source.name: SourceHealth(source.name) for source in sources}

    def health(self) -> tuple[SourceHealth, ...]:
        """How every source fares, in the order given."""
        return tuple(self._health.values())

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._keep(source), name=f"source {source.name}")

    async def _keep(self, source: Source) -> None:
        health = self._health[source.name]
        allowance = Allowance(self._per_s_max)

        async def deliver(observations: list[Observation]) -> OverRates:
            if health.state != "up":
                if health.state == "down":
                    _log.info("source is back", source=source.name)
                health.state, health.reason, health.failures = "up", "", 0
            health.newest_s = now_s = time.monotonic()
            passed = allowance.take(len(observations), now_s)
            if passed < len(observations):
                health.dropped += len(observations) - passed
                over = len(observations) - passed
                self._rejects.take_back(over)
                self._rejects.count(f"source {source.name} is above its rate", over, "over_rate")
            refused = await self._deliver(source.name, observations[:passed]) if passed else None
            return {*(refused or ()), *range(passed, len(observations))}

        while True:
            reason = "it ended"
            try:
                await source.run(deliver)
            # Whatever a source does, the others go on.
            except Exception as error:  # noqa: BLE001
                reason = str(error) or _WORDLESS.get(type(error), type(error).__name__)
            if health.state != "down":
                _log.warning("source is unavailable", source=source.name, reason=reason)
            health.state, health.reason = "down", reason
            wait_s = min(BACK_OFF_LAST_S, self._back_off_first_s * 2 ** min(health.failures, 10))
            health.failures += 1
            await asyncio.sleep(wait_s)


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
