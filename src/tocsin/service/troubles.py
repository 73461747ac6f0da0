"""Why a service is not ready, and what else somebody must see to: each in a sentence."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tocsin.engine.second_person import called
from tocsin.ingest.source import trouble_of
from tocsin.service.twins.held_back import guard_said, held_said

if TYPE_CHECKING:
    from tocsin.service.runtime import Runtime

# A picture older than this is not ready to be shown as today's.
READY_PICTURE_AGE_S = 10.0


def unready(runtime: Runtime) -> list[str]:
    """Why this service is not ready, each in a sentence; none: it is."""
    found = []
    age = picture_age(runtime, runtime.clock.now())
    if age is None or age.total_seconds() > READY_PICTURE_AGE_S * runtime.clock.speed:
        said = "there is no picture yet" if age is None else f"the picture is {age.total_seconds():.0f} s old"
        found.append(f"{said}; {runtime.worker.behind} events wait for the engine")
    if runtime.commits.trouble is not None:
        found.append(runtime.commits.trouble)
    if runtime.time.trouble is not None:
        found.append(runtime.time.trouble)
    return found


def picture_age(runtime: Runtime, now: datetime) -> timedelta | None:
    """Age of the public picture; None before the first."""
    at = runtime.channels.board.picture_at
    return None if at is None else now - at


def standing_troubles(runtime: Runtime, *, named: bool) -> list[str]:
    """What an operator must see to although the service is ready: it cannot pass by itself.

    named   that a change between drill and live waits is told, too, and which radar says that it stands elsewhere;
            nobody else need know
    """
    found = (
        runtime.loss,
        runtime.scrub.trouble,
        runtime.journal.head_trouble,
        runtime.commits.missed,
        *runtime.commits.notices,
        runtime.passed_over.trouble,
        runtime.readers.trouble,
        runtime.rejects.trouble,
        runtime.proving.trouble,
        runtime.ledger.trouble,
        None if runtime.minutes is None else runtime.minutes.trouble,
        *runtime.console.troubles,
        *runtime.pressing.troubles(runtime.clock.now()),
        held_said(runtime.held, "the second opinion holds what the engine would lower", named=named),
        guard_said(runtime.guard_failures),
        *(() if runtime.twins is None else runtime.twins.troubles(named=named)),
        *(
            (_unswitched(runtime), runtime.people.trouble, runtime.ways_in.trouble, *runtime.rejects.noticed)
            if named
            else ()
        ),
    )
    return [trouble for trouble in found if trouble is not None]


def _unswitched(runtime: Runtime) -> str | None:
    """That the settings' change between drill and live has not been made, and what to do."""
    wanted = runtime.configuration.drill
    if runtime.drill == wanted:
        return None
    waits = any(one.action == "switch" for one in runtime.orders.waiting)
    then = "a second duty officer can approve it (GET /v1/acts)" if waits else "nobody approved it; start again"
    return f"the settings say {called(wanted)}, and everything is still {called(runtime.drill)}: {then}"


def feed_troubles(runtime: Runtime, *, named: bool) -> list[str]:
    """Which live sources bring nothing, each in a sentence; who may not know their names is told how many."""
    found = [(one.name, trouble_of(one, time.monotonic())) for one in runtime.feeds()]
    dead = [f"source {name} {trouble}" for name, trouble in found if trouble is not None]
    if named or not dead:
        return dead
    return [f"{len(dead)} of {len(found)} live sources bring nothing; a watcher's token says which"]


def channel_troubles(runtime: Runtime, *, named: bool) -> list[str]:
    """Which channels are not there, do not get through or are not heard; who may not know why is told how many."""
    unheard = [f"channel {name}: {why}" for name, why in runtime.canaries.troubles.items() if why is not None]
    found = [*runtime.channels.troubles(), *unheard]
    if named or not found:
        return found
    return [f"{len(found)} channels do not get through; a watcher's token says which"]
