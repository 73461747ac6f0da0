"""How every channel delivers, for duty officers, watchers and the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from tocsin.announce.delays import Delays
from tocsin.announce.delivery import SHARES, Delivery, Group, Grouping
from tocsin.service.channels import Channels


class ChannelDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """How one channel delivers.

    state       `up`; `failing`: it does not get through to all it serves; `missing`: it could not start; `read`: people
                come and fetch it
    waiting     warnings that somebody has not received yet
    counts      warnings times recipients since the start, by what became of them
    accepted_s  seconds until 50, 90 and 99 % of the newest had been accepted; null: so many have not been
    heard_s     the same for our sample listener
    canary      whether our sample listener hears it; null: there is none
    trouble     what is wrong, in words
    groups      whom it serves where those are many, by what they have in common: subscribers by push service
    """

    channel: str
    state: Literal["up", "failing", "missing", "read"]
    waiting: int = 0
    counts: dict[str, int] = {}
    accepted_s: dict[str, float | None] = {}
    heard_s: dict[str, float | None] = {}
    canary: Literal["up", "silent"] | None = None
    trouble: str | None = None
    groups: tuple[Group, ...] = ()


def channel_deliveries(channels: Channels, heard: Mapping[str, str | None]) -> tuple[ChannelDelivery, ...]:
    """Every channel; `heard`: by channel that has a sample listener, why it is not heard, or None."""
    outboxes = {box.channel.name: box for box in channels.outboxes}
    found = [_channel(one, heard, "read") for name, one in channels.deliveries.items() if name not in outboxes]
    for name, box in outboxes.items():
        trouble = box.health.reason or channels.missing.get(name)
        told = _channel(box.delivery, heard, box.health.state, box.waiting, trouble)
        groups = tuple(box.channel.groups()) if isinstance(box.channel, Grouping) else ()
        found.append(msgspec.structs.replace(told, groups=groups))
    missing = channels.missing.keys() - channels.deliveries.keys()
    return (
        *found,
        *(ChannelDelivery(channel=name, state="missing", trouble=channels.missing[name]) for name in sorted(missing)),
    )


def _channel(
    delivery: Delivery,
    heard: Mapping[str, str | None],
    state: Literal["up", "failing", "read"],
    waiting: int = 0,
    trouble: str | None = None,
) -> ChannelDelivery:
    unheard = heard.get(delivery.channel)
    canary: Literal["up", "silent"] = "up" if unheard is None else "silent"
    return ChannelDelivery(
        channel=delivery.channel,
        state=state,
        waiting=waiting,
        counts=dict(delivery.counts),
        accepted_s=_shares(delivery.accepted_s),
        heard_s=_shares(delivery.heard_s),
        canary=canary if delivery.channel in heard else None,
        trouble=trouble or unheard,
    )


def _shares(delays: Delays) -> dict[str, float | None]:
    found = {share: delays.time_to(part) for share, part in SHARES.items()}
    return {share: None if took_s is None else round(took_s, 4) for share, took_s in found.items()}
