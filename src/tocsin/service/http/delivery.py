"""GET /v1/delivery: what became of every warning on every channel. For duty officers and who may watch."""

from __future__ import annotations

from itertools import islice
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.delays import Delays
from tocsin.announce.delivery import SHARES, Delivered, Delivery
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import holder_of, unauthorized
from tocsin.service.runtime import Runtime
from tocsin.service.settings import Operator, Watcher

# Of each channel, where nobody asks for one warning.
SHOWN_MAX = 100


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
    """

    channel: str
    state: Literal["up", "failing", "missing", "read"]
    waiting: int = 0
    counts: dict[str, int] = {}
    accepted_s: dict[str, float | None] = {}
    heard_s: dict[str, float | None] = {}
    canary: Literal["up", "silent"] | None = None
    trouble: str | None = None


class Deliveries(msgspec.Struct, frozen=True):
    """GET /v1/delivery: every channel; and the newest warnings on each, or one warning on all."""

    channels: tuple[ChannelDelivery, ...]
    warnings: tuple[Delivered, ...]


class DeliveryEvidence:
    """The route."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        settings = runtime.settings
        self._readers: tuple[Operator | Watcher, ...] = (*settings.operator, *settings.watcher)

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/delivery", self.delivery)]

    async def delivery(self, request: Request) -> Response:
        """All channels; with `?warning=ID` that warning on each of them."""
        if holder_of(request, self._readers) is None:
            return unauthorized(request, "this is for duty officers and watchers: send a bearer token")
        deliveries = self._runtime.channels.deliveries.values()
        name = request.query_params.get("warning")
        if name is None:
            warnings = tuple(one for delivery in deliveries for one in islice(delivery.newest, SHOWN_MAX))
        else:
            warnings = tuple(one for delivery in deliveries if (one := delivery.find(name)) is not None)
            if not warnings:
                return problem(404, f"no channel has kept a warning {name[:200]!r}; `tocsin journal deliveries` may")
        body = Deliveries(self._channels(), warnings)
        return answer(body, headers={"vary": "authorization", "cache-control": "no-store"})

    def _channels(self) -> tuple[ChannelDelivery, ...]:
        channels = self._runtime.channels
        outboxes = {box.channel.name: box for box in channels.outboxes}
        found = [self._channel(one, "read") for name, one in channels.deliveries.items() if name not in outboxes]
        for name, box in outboxes.items():
            trouble = box.health.reason or channels.missing.get(name)
            found.append(self._channel(box.delivery, box.health.state, box.waiting, trouble))
        missing = channels.missing.keys() - channels.deliveries.keys()
        return (
            *found,
            *(
                ChannelDelivery(channel=name, state="missing", trouble=channels.missing[name])
                for name in sorted(missing)
            ),
        )

    def _channel(
        self,
        delivery: Delivery,
        state: Literal["up", "failing", "read"],
        waiting: int = 0,
        trouble: str | None = None,
    ) -> ChannelDelivery:
        troubles = self._runtime.canaries.troubles
        unheard = troubles.get(delivery.channel)
        canary: Literal["up", "silent"] = "up" if unheard is None else "silent"
        return ChannelDelivery(
            channel=delivery.channel,
            state=state,
            waiting=waiting,
            counts=dict(delivery.counts),
            accepted_s=_shares(delivery.accepted_s),
            heard_s=_shares(delivery.heard_s),
            canary=canary if delivery.channel in troubles else None,
            trouble=trouble or unheard,
        )


def _shares(delays: Delays) -> dict[str, float | None]:
    found = {share: delays.time_to(part) for share, part in SHARES.items()}
    return {share: None if took_s is None else round(took_s, 4) for share, took_s in found.items()}
