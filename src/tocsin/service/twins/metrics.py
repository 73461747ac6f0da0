"""What Prometheus sees of twins and of the second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from tocsin.twins.held import Held

if TYPE_CHECKING:
    from tocsin.service.twins.twins import Twins


class TwinMetrics:
    """Gauges; all of them 0 is well, but for twins that are up."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._guard_held = Gauge("tocsin_guard_held_zones", "Zones that the second opinion holds.", registry=registry)
        self._guard_failures = Gauge("tocsin_guard_failures", "How often the second opinion failed.", registry=registry)
        self._differing = Gauge(
            "tocsin_twins_differing_zones", "Zones that the twins decide otherwise.", registry=registry
        )
        self._held = Gauge("tocsin_twins_held_zones", "Zones that one twin holds.", registry=registry)
        self._up = Gauge("tocsin_twin_up", "Whether a twin lives and is heard.", ("twin",), registry=registry)
        self._strange = Gauge(
            "tocsin_twins_strange_messages", "Messages of no twin of ours, or that cannot be read.", registry=registry
        )

    def measure(self, held: Sequence[Held], guard_failures: int, twins: Twins | None) -> None:
        """How it stands now."""
        self._guard_held.set(len(held))
        self._guard_failures.set(guard_failures)
        if twins is None:
            return
        self._differing.set(len(twins.differing))
        self._held.set(len(twins.agreement.held()))
        self._strange.set(twins.strange)
        for name in twins.others:
            self._up.labels(name).set(twins.agreement.lives[name] == "living")
