"""Threat classes, and what a forecast says: which track endangers which zone, how likely and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

ThreatClass = Literal[
    "jet", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket", "aircraft", "civil", "unknown"
]
THREAT_CLASSES: tuple[ThreatClass, ...] = get_args(ThreatClass)
# Flies an unpowered arc: its impact point follows from its state, not from anybody's intention.
BALLISTIC: frozenset[ThreatClass] = frozenset({"ballistic_missile", "rocket"})

# What people confuse.
KIN: tuple[frozenset[ThreatClass], ...] = (
    frozenset({"drone", "helicopter"}), frozenset({"jet", "cruise_missile", "aircraft"}), BALLISTIC,
)  # fmt: skip


def alike(one: str, other: str) -> bool:
    """Whether people may well call one thing by both names of classes.

    >>> alike("drone", "unknown"), alike("drone", "jet")
    (True, False)
    """
    return one == other or "unknown" in (one, other) or any({one, other} <= kin for kin in KIN)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Every track × zone pair that matters at one moment, as columns of equal length K, sorted by (zone, track).

    at_s             POSIX seconds the outlook is for
    zone             int32 [K], index into the zones of the configuration
    track            int32 [K], index into `tracks`
    probability      float64 [K], of an attack by this track in this zone within the horizon
    eta_earliest_s   float64 [K], POSIX seconds; the earliest the class's speed and turning allow
    eta_likely_s     float64 [K], POSIX seconds, >= eta_earliest_s
    tracks           the ids the `track` column points into
    classes          the threat class of each of `tracks`
    apart            what sensors other than the newest said last of tracks that only one still sees: such rows call
                     for nothing, and hold an all clear back; None: there is no such track
    """

    at_s: float
    zone: NDArray[np.int32]
    track: NDArray[np.int32]
    probability: NDArray[np.float64]
    eta_earliest_s: NDArray[np.float64]
    eta_likely_s: NDArray[np.float64]
    tracks: tuple[str, ...]
    classes: tuple[ThreatClass, ...]
    apart: Outlook | None = None

    def __post_init__(self) -> None:
        columns = (self.zone, self.track, self.probability, self.eta_earliest_s, self.eta_likely_s)
        assert {len(column) for column in columns} == {len(self.zone)}, "columns of several lengths"
        assert len(self.tracks) == len(self.classes), "a track without a class"
        # Zones are looked up by bisection, and a sum by zone begins where the zone does.
        assert np.all(self.zone[1:] >= self.zone[:-1]), "rows that are not sorted by zone"
        assert self.probability.min(initial=0.0) >= 0.0, "an attack less likely than impossible"
        assert self.probability.max(initial=0.0) <= 1.0, "an attack likelier than certain"
        assert np.all(self.eta_likely_s >= self.eta_earliest_s), "an attack that is likely before it is possible"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of zones at one moment, all tracks together, as columns of equal length K in order of zones.

    at_s           POSIX seconds
    zones          ids of the zones, K of them
    probability    float64 [K], of an attack by anything within the forecast's horizon: 1 - prod(1 - p) over tracks
    eta_likely_s   float64 [K], POSIX seconds, of the likeliest attack
    classes        the threat class of the track of the likeliest attack, K of them
    """

    at_s: float
    zones: tuple[str, ...]
    probability: NDArray[np.float64]
    eta_likely_s: NDArray[np.float64]
    classes: tuple[ThreatClass, ...]

    def __post_init__(self) -> None:
        columns = (self.probability, self.eta_likely_s, self.classes)
        assert {len(column) for column in columns} == {len(self.zones)}, "columns of several lengths"


@dataclass(frozen=True, slots=True)
class Floor:
    """What reports ask of some zones whatever else is known: it raises, and it ends by itself.

    zones     int64 [K], index into the zones of the configuration
    level     prepare on one voice, take_cover on two
    until_s   POSIX seconds
    threat    what was reported
    """

    zones: NDArray[np.int64]
    level: Literal["prepare", "take_cover"]
    until_s: float
    threat: ThreatClass
