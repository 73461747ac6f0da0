"""GET /v1/delivery: what became of every warning on every channel. For duty officers and who may watch."""

from __future__ import annotations

from itertools import islice

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.announce.delivery import Delivered
from tocsin.service.channel_delivery import ChannelDelivery, channel_deliveries
from tocsin.service.http.answers import answer, problem
from tocsin.service.http.callers import Caller
from tocsin.service.http.operators import UNSHARED
from tocsin.service.runtime import Runtime

# Of each channel, where nobody asks for one warning.
SHOWN_MAX = 100


class Deliveries(msgspec.Struct, frozen=True):
    """GET /v1/delivery: every channel; and the newest warnings on each, or one warning on all."""

    channels: tuple[ChannelDelivery, ...]
    warnings: tuple[Delivered, ...]


class DeliveryEvidence:
    """The route."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/v1/delivery", self.delivery)]

    async def delivery(self, request: Request) -> Response:
        """All channels; with `?warning=ID` that warning on each of them."""
        caller = self._runtime.callers.needed(request, "watch")
        if not isinstance(caller, Caller):
            return caller
        deliveries = self._runtime.channels.deliveries.values()
        name = request.query_params.get("warning")
        if name is None:
            warnings = tuple(one for delivery in deliveries for one in islice(delivery.newest, SHOWN_MAX))
        else:
            warnings = tuple(one for delivery in deliveries if (one := delivery.find(name)) is not None)
            if not warnings:
                return problem(404, f"no channel has kept a warning {name[:200]!r}; `tocsin journal deliveries` may")
        body = Deliveries(channel_deliveries(self._runtime.channels, self._runtime.canaries.troubles), warnings)
        return answer(body, headers=UNSHARED)
