"""What Prometheus sees. Nothing here names a sensor, a spotter or a place; `sensor_metrics` does, to who may know."""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tocsin.announce.cap_press import Press
from tocsin.announce.outbox import Outbox
from tocsin.model.effect import Degraded, Picture, Refused
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.service.delivery_metrics import DeliveryMetrics
from tocsin.service.twins.metrics import TwinMetrics
from tocsin.service.worker import Decided

# The way from an observation to a screen may take 250 ms; the buckets are finest there.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The service's counters and gauges, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # What names a source, or tells of people: for who may watch only.
        self.named = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"tocsin_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str) -> Histogram:
            return Histogram(f"tocsin_{name}", text, buckets=_SECONDS, registry=self.registry)

        self.observations = counter("observations", "Observations by what became of them.", "outcome")
        self._rejects: Counted[str] = Counted()
        self.spotter_reports = counter("spotter_reports", "Reports of spotters by what was answered.", "state")
        self.refused = counter("refused", "Observations journalled and not used, or not wholly.")
        self.warnings = counter("warnings", "Warnings issued, by level.", "level")
        self.engine_failures = gauge("engine_failures", "Events the engine failed on since the start.")
        self.unreadable = gauge("unreadable_events", "Events of the journal that could not be read at the start.")
        self.lossy = gauge("journal_losses", "What is known to be lost or damaged of the journal: 0 is well.")
        self.undurable = gauge("undurable_events", "Events decided upon that are on no disk: 0 is well.")
        self.commit_s = histogram("commit_seconds", "From handing events to the journal until they are durable.")
        self.step_s = histogram("tick_seconds", "What one tick costs the engine.")
        self.chain_s = histogram("chain_seconds", "From an observation's arrival until its effects are published.")
        self.behind = gauge("engine_behind", "Committed events the engine has not reached yet.")
        self.listeners = gauge("listeners", "Live pages connected.")
        self.connections = gauge("connections", "Connections open.")
        self.unread_bytes = gauge("unread_bytes", "Bytes that wait for those who are slow to read.")
        self.cut = counter("connections_cut", "Connections cut, or not let in, by why.", "why")
        self.too_often = counter("too_often", "Requests answered 429 because of their address, by what.", "what")
        self.wrong_tokens = counter("wrong_tokens", "Requests with a token that nobody holds.")
        # Whoever guesses need not know how he fares.
        self.people = Counter(
            "tocsin_people", "What people did, or were refused, by what.", ("what",), registry=self.named
        )
        self.tracks = gauge("tracks", "Tracks alive.")
        self.picture_age_s = gauge("picture_age_seconds", "Age of the public picture.")
        self.blind_zones = gauge("blind_zones", "Zones where we may be blind.")
        self.clock_offset_s = gauge("clock_offset_seconds", "The service's clock less the machine's.")
        self.source_up = Gauge("tocsin_source_up", "Whether a source is delivering.", ("source",), registry=self.named)
        self.listener_up = gauge("listener_up", "Whether a part of the way to the people works.", "listener")
        self.listener_failures = counter(
            "listener_failures", "Failures of a part of the way to the people.", "listener"
        )
        self.channel_up = gauge("channel_up", "Whether a pushed channel gets through to all it serves.", "channel")
        self.channel_waiting = gauge("channel_waiting", "Warnings not received by somebody yet.", "channel")
        self.channel_outcomes = gauge(
            "channel_outcomes",
            "Warnings by what became of them since the start, and attempts failed.",
            "channel",
            "outcome",
        )

        self.cap_messages = gauge("cap_messages", "CAP messages made since the start, by what became of them.", "fate")
        for fate in ("signed", "unsigned", "unfit", "withheld"):
            # Rules on what changes see nothing in what was not there before.
            self.cap_messages.labels(fate).set(0)
        self.certificate_s = gauge("certificate_seconds", "Until CAP messages can be verified no more; 0: not signed.")
        self.delivery = DeliveryMetrics(self.registry)
        self.twins = TwinMetrics(self.registry)

    def count(self, decided: Decided, now: datetime, speed: float) -> None:
        """Count what a tick brought; `speed` is the service clock's."""
        self.step_s.observe(decided.steps[-1].spent_s)
        for step in decided.steps:
            received = getattr(step.event, "received", None)
            if received is not None:
                self.chain_s.observe(max(0.0, seconds_of(now) - seconds_of(received)) / speed)
        for effect in decided.effects:
            if isinstance(effect, Warning):
                self.warnings.labels(effect.level).inc()
            elif isinstance(effect, Refused):
                self.refused.inc()
            elif isinstance(effect, Degraded):
                self.blind_zones.set(len(effect.zones))
            elif isinstance(effect, Picture):
                self.tracks.set(len(effect.tracks))

    def count_rejects(self, outcomes: Mapping[str, int]) -> None:
        """Bring the counters up to what was rejected by now, by outcome: counted there, and nowhere else."""
        for outcome, number in outcomes.items():
            self.observations.labels(outcome).inc(number - self._rejects[outcome])
            self._rejects[outcome] = number

    def measure_channels(self, outboxes: Iterable[Outbox], missing: Iterable[str]) -> None:
        """How every pushed channel fares now; those that could not be made, or know that they are cut off, are down."""
        for outbox in outboxes:
            name = outbox.channel.name
            self.channel_up.labels(name).set(outbox.health.state == "up")
            self.channel_waiting.labels(name).set(outbox.waiting)
            for outcome, count in outbox.counts.items():
                self.channel_outcomes.labels(name, outcome).set(count)
        for name in missing:
            self.channel_up.labels(name).set(0)

    def measure_cap(self, press: Press, now: datetime) -> None:
        """What became of CAP messages, and how long those who verify them can."""
        for fate, count in press.counts.items():
            self.cap_messages.labels(fate).set(count)
        if press.signers is not None:
            self.certificate_s.set(press.signers.left(now).total_seconds())

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)

    def named_text(self) -> bytes:
        """What names sources, for who may watch; in the same format."""
        return generate_latest(self.named)
