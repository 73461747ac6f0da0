"""What one track endangers, as columns; and many of them as one outlook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.threat import Outlook, ThreatClass

Floats = NDArray[np.float64]

# A weapon let go 10 km away flies for 40 s: what it was aimed at fades over the first, and over the second when it
# should have arrived that long ago.
RELEASED_S, RELEASED_LATE_S = 60.0, 15.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where something may fall: zone int32 [K] (rising), probability, earliest_s, likely_s (POSIX) float64 [K]."""

    zone: NDArray[np.int32]
    probability: Floats
    earliest_s: Floats
    likely_s: Floats

    def __post_init__(self) -> None:
        lengths = len(self.probability), len(self.earliest_s), len(self.likely_s)
        assert lengths == (len(self.zone),) * 3, f"columns of {lengths} rows for {len(self.zone)} zones"


NOWHERE = Footprint(np.empty(0, np.int32), np.empty(0), np.empty(0), np.empty(0))


def released(was: Footprint, was_s: float, now_s: float, footprint: Footprint) -> Footprint:
    """What something that lets go of its weapons and turns away endangers: what it flew at, until that has arrived."""
    if not len(was.zone):
        return footprint
    assert now_s >= was_s, "what was let go fades, and does not grow"
    # Only two shares are asked for, however many zones there are.
    fading, gone = np.exp((was_s - now_s) / np.array([RELEASED_S, RELEASED_LATE_S]))
    kept, due_s = was.probability * np.where(now_s > was.likely_s + RELEASED_LATE_S, gone, fading), was.likely_s
    # Mostly it endangers the zones that it did a moment ago.
    if not np.array_equal(was.zone, footprint.zone):
        assert np.all(was.zone[1:] > was.zone[:-1]), "zones that do not rise cannot be searched"
        at = np.minimum(was.zone.searchsorted(footprint.zone), len(was.zone) - 1)
        kept, due_s = np.where(was.zone[at] == footprint.zone, kept[at], 0.0), due_s[at]
    likely_s = np.where(kept > footprint.probability, due_s, footprint.likely_s)
    return Footprint(
        footprint.zone,
        np.maximum(kept, footprint.probability),
        footprint.earliest_s,
        np.maximum(likely_s, footprint.earliest_s),
    )


def joined(now_s: float, parts: Sequence[tuple[str, ThreatClass, Footprint]], apart: Outlook | None = None) -> Outlook:
    """Footprints as one table sorted by (zone, track); `apart` goes with it."""
    if not parts:
        none, nowhere = np.empty(0), np.empty(0, np.int32)
        return Outlook(now_s, nowhere, nowhere, none, none, none, (), (), apart)
    zone = np.concatenate([footprint.zone for _, _, footprint in parts])
    track = np.repeat(np.arange(len(parts), dtype=np.int32), [len(footprint.zone) for _, _, footprint in parts])
    # Parts come in the order of the tracks: a stable sort by zone is one by (zone, track); of small numbers a fast one.
    order = np.argsort(zone.astype(np.uint16) if zone.max(initial=0) < 65_536 else zone, kind="stable")

    def column(name: str) -> Floats:
        return np.asarray(np.concatenate([getattr(footprint, name) for _, _, footprint in parts])[order], float)

    earliest_s = column("earliest_s")
    return Outlook(
        at_s=now_s,
        zone=zone[order].astype(np.int32, copy=False),
        track=track[order],
        probability=np.clip(column("probability"), 0.0, 1.0),
        eta_earliest_s=earliest_s,
        eta_likely_s=np.maximum(column("likely_s"), earliest_s),
        tracks=tuple(name for name, _, _ in parts),
        classes=tuple(threat for _, threat, _ in parts),
        apart=apart,
    )


def plain_of(value: Any) -> Any:
    """A footprint as plain containers, for a snapshot; anything else as it is."""
    if isinstance(value, Footprint):
        return {f.name: getattr(value, f.name) for f in fields(Footprint)}
    return value


def footprint_of(plain: dict[str, Any], renumber: NDArray[np.int32]) -> Footprint:
    """The footprint `plain_of` gave, over zones numbered anew; those numbered -1 are dropped."""
    zone = renumber[plain["zone"]] if len(plain["zone"]) else np.empty(0, np.int32)
    kept = zone >= 0
    order = np.argsort(zone[kept], kind="stable")
    rest = {name: plain[name][kept][order] for name in ("probability", "earliest_s", "likely_s")}
    return Footprint(zone[kept][order], **rest)
