"""Which channels and sources are in trouble, and when that changes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tocsin.ingest.source import trouble_of
from tocsin.service.console.kept import LogKind
from tocsin.service.troubles import unready

if TYPE_CHECKING:
    from tocsin.service.runtime import Runtime

_WELL = "up"
WELL_S = 30.0
# What kind, and whose.
Matter = tuple[LogKind, str]


class Watchfulness:
    """Asked once a second, from the event loop. What comes and goes is one trouble until it is well for WELL_S."""

    def __init__(self) -> None:
        # Why, and when it was so last.
        self._troubles: dict[Matter, tuple[str, float]] = {}

    def changes(self, now: Mapping[Matter, str], now_s: float) -> Iterator[tuple[LogKind, str, str, str]]:
        """What began or ended to be a trouble since it was asked last: kind, whose, the state, and why.

        now     the troubles there are, as `troubles_of` finds them
        now_s   of the monotonic clock
        """
        for (kind, who), why in now.items():
            if (kind, who) not in self._troubles:
                yield kind, who, "trouble", why
            self._troubles[kind, who] = why, now_s
        for (kind, who), (why, last_s) in list(self._troubles.items()):
            if now_s - last_s >= WELL_S:
                del self._troubles[kind, who]
                yield kind, who, _WELL, f"it was: {why}"


def troubles_of(runtime: Runtime) -> dict[Matter, str]:
    """Channels, sources and the service itself, where something is wrong, and what."""
    return dict(_troubles(runtime))


def _troubles(runtime: Runtime) -> Iterator[tuple[Matter, str]]:
    channels = runtime.channels
    for name, why in (*channels.missing.items(), *channels.silent.items()):
        yield ("channel", name), why
    for box in channels.outboxes:
        if box.health.state == "failing":
            yield ("channel", box.channel.name), box.health.reason or "it does not get through"
    for name, unheard in runtime.canaries.troubles.items():
        if unheard is not None:
            yield ("channel", f"{name} as people hear it"), unheard
    for feed in runtime.feeds():
        trouble = trouble_of(feed, time.monotonic())
        if trouble is not None:
            yield ("source", feed.name), trouble
    if runtime.minutes is not None and (fall := runtime.minutes.fall) is not None:
        yield ("service", "minutes of warning"), f"fewer than usual for {fall.people:,.0f} people, {fall.threat}"
    for trouble in unready(runtime):
        yield ("service", matter(trouble)), trouble


def matter(trouble: str) -> str:
    """The same for a trouble in which only figures differ: it is the same matter.

    >>> matter("the picture is 12 s old; 3 events wait for the engine")
    'the picture is # s old; # events wait for the engine'
    """
    return re.sub(r"\d+", "#", trouble)[:60]
