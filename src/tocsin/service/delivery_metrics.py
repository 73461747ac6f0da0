"""What Prometheus sees of what became of the warnings on each channel, and of what the sample listeners hear."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Gauge

from tocsin.announce.delays import Delays
from tocsin.announce.delivery import SHARES, Delivery


class DeliveryMetrics:
    """Gauges of every channel."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", text, ("channel", *labels), registry=registry)

        self._stages = gauge("delivery", "Warnings times recipients since the start, by what became of them.", "stage")
        self._accepted_s = gauge(
            "delivery_seconds", "Seconds until this share (50, 90, 99) of the newest had been accepted.", "share"
        )
        self._heard_s = gauge("canary_seconds", "Seconds until our sample listener had heard this share.", "share")
        self._canary_up = gauge("canary_up", "Whether our sample listener hears the channel.")

    def measure(self, deliveries: Iterable[Delivery], troubles: Mapping[str, str | None]) -> None:
        """How every channel stands; `troubles`: of those that are listened to, why they are not heard."""
        for one in deliveries:
            for stage, number in one.counts.items():
                self._stages.labels(one.channel, stage).set(number)
            _shares(self._accepted_s, one.channel, one.accepted_s)
            _shares(self._heard_s, one.channel, one.heard_s)
        for channel, trouble in troubles.items():
            self._canary_up.labels(channel).set(trouble is None)


def _shares(gauge: Gauge, channel: str, delays: Delays) -> None:
    if delays.total:
        for share, part in SHARES.items():
            took_s = delays.time_to(part)
            # Where too many never came there is no such time.
            gauge.labels(channel, share).set(math.inf if took_s is None else took_s)
