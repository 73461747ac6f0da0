"""Observations from the edge, made fit for the journal: who may say it, when it reached us, what a CAP alert means."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.neighbour import understood
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Alert, Observation

UNNAMED = "unnamed"
# What a source may save up while it is quiet, in seconds of its own rate.
BURST_S = 10.0


@dataclass
class Allowance:
    """A token bucket: how many observations one source may still send.

    per_second   refill
    """

    per_second: float
    left: float = field(init=False)
    at: datetime | None = None

    def __post_init__(self) -> None:
        self.left = self.per_second * BURST_S

    def take(self, count: int, now: datetime) -> bool:
        """Take `count` if they are there; False: too many, nothing taken."""
        if self.at is not None:
            elapsed_s = max(0.0, (now - self.at).total_seconds())
            self.left = min(self.per_second * BURST_S, self.left + elapsed_s * self.per_second)
        self.at = now
        if count > self.left:
            return False
        self.left -= count
        return True


def admitted(
    observation: Observation, source: str, now: datetime, index: ZoneIndex, *, relays: bool = False
) -> Observation:
    """The observation as it goes into the journal: its arrival stamped by us, its source who it really came from.

    Raises BadRecord when it names another source, or when an alert is not readable CAP.
    """
    if observation.source not in (source, UNNAMED) and not relays:
        raise BadRecord(f"source {source} may not speak for {observation.source}; leave `source` out")
    speaker = observation.source if relays and observation.source != UNNAMED else source
    stamped = msgspec.structs.replace(observation, source=speaker, received=now)
    return understood(stamped, index) if isinstance(stamped, Alert) else stamped
