"""What the console shows beside the engine: channels, sources and troubles, as the event loop knows them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tocsin.ingest.source import trouble_of
from tocsin.service.channel_delivery import ChannelDelivery, channel_deliveries
from tocsin.service.console.shown import Feed
from tocsin.service.minutes.fall import Fall
from tocsin.service.troubles import standing_troubles, unready

if TYPE_CHECKING:
    from tocsin.service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Around:
    """All of it at one moment.

    fall     of whom people have fewer minutes of warning than usual; None: of nobody, or it is not known
    silent   why a channel would not get through although nothing failed yet, by its name
    """

    now: datetime
    drill: bool
    doubtful: bool
    troubles: tuple[str, ...]
    channels: tuple[ChannelDelivery, ...]
    silent: dict[str, str]
    feeds: tuple[Feed, ...]
    fall: Fall | None = None


def around(runtime: Runtime) -> Around:
    """A look from the event loop."""
    now, channels = runtime.clock.now(), runtime.channels
    now_s = time.monotonic()
    return Around(
        now=now,
        drill=runtime.drill,
        doubtful=channels.board.doubtful(now),
        troubles=(*unready(runtime), *standing_troubles(runtime, named=True)),
        channels=channel_deliveries(channels, runtime.canaries.troubles),
        silent=channels.silent,
        feeds=tuple(Feed(name=one.name, state=one.state, trouble=trouble_of(one, now_s)) for one in runtime.feeds()),
        fall=None if runtime.minutes is None else runtime.minutes.fall,
    )
