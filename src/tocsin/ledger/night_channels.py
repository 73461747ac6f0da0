"""What people were told over one channel: the decisions of a service as they arrived there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.nights import Decided
from tocsin.model.warning import Warning

# Channel -> warning's id -> when it had arrived; None: it never did.
Arrivals = Mapping[str, Mapping[str, datetime | None]]


def on_channel(decided: Decided, arrived: Mapping[str, datetime | None]) -> Decided | None:
    """The same decisions as somebody knows them who hears this channel alone.

    Each warning is of the moment at which it arrived. One that never did is missing, and so is one that arrived after
    a newer word on its zone. Zones of which the channel was never given a word are not its own, and left out; None:
    it has none.
    """
    own = {one.zone for one in decided.warnings if one.id in arrived}
    if not own:
        return None
    heard: list[Warning] = []
    newest: dict[str, datetime] = {}
    for one in sorted(decided.warnings, key=lambda one: one.time, reverse=True):
        at = arrived.get(one.id)
        if at is None or (one.zone in newest and at >= newest[one.zone]):
            continue
        newest[one.zone] = at
        # Clocks of two threads: nothing arrives before it is decided.
        heard.append(_at(one, max(at, one.time)))
    zones = [zone for zone in decided.index.zones if zone.id in own]
    return replace(decided, warnings=heard[::-1], index=ZoneIndex(zones))


def _at(warning: Warning, time: datetime) -> Warning:
    return structs.replace(warning, time=time)
