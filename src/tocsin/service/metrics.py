"""What Prometheus sees. Nothing here names a sensor, a spotter or a place; `sensor_metrics` does, to who may know."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# The way from an observation to a screen may take 250 ms; the buckets are finest there.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The service's counters and gauges, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"tocsin_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str) -> Histogram:
            return Histogram(f"tocsin_{name}", text, buckets=_SECONDS, registry=self.registry)

        self.observations = counter("observations", "Observations by what became of them.", "outcome")
        self.refused = counter("refused", "Observations journalled but of no use to the tracker.")
        self.warnings = counter("warnings", "Warnings issued, by level.", "level")
        self.engine_failures = gauge("engine_failures", "Events the engine failed on since the start.")
        self.unreadable = gauge("unreadable_events", "Events of the journal that could not be read at the start.")
        self.commit_s = histogram("commit_seconds", "From handing events to the journal until they are durable.")
        self.step_s = histogram("tick_seconds", "What one tick costs the engine.")
        self.chain_s = histogram("chain_seconds", "From an observation's arrival until its effects are published.")
        self.behind = gauge("engine_behind", "Committed events the engine has not reached yet.")
        self.listeners = gauge("listeners", "Live pages connected.")
        self.tracks = gauge("tracks", "Tracks alive.")
        self.picture_age_s = gauge("picture_age_seconds", "Age of the public picture.")
        self.blind_zones = gauge("blind_zones", "Zones where we may be blind.")
        self.clock_offset_s = gauge("clock_offset_seconds", "The service's clock less the machine's.")
        self.source_up = gauge("source_up", "Whether a source is delivering.", "source")

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
