"""The one sentence every warning carries, with its evidence; for operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tocsin.model.threat import ThreatClass
from tocsin.model.value import time_of

_NOUNS: dict[ThreatClass, tuple[str, str]] = {
    "jet": ("jet", "jets"),
    "helicopter": ("helicopter", "helicopters"),
    "drone": ("drone", "drones"),
    "cruise_missile": ("cruise missile", "cruise missiles"),
    "ballistic_missile": ("ballistic missile", "ballistic missiles"),
    "rocket": ("rocket", "rockets"),
    "aircraft": ("aircraft", "aircraft"),
    "civil": ("civil aircraft", "civil aircraft"),
    "unknown": ("unidentified object", "unidentified objects"),
}
# Tracks named in a sentence; the warning lists more.
NAMED_MAX = 3


def clock(time: datetime) -> str:
    """Hours, minutes and seconds, UTC."""
    return f"{time.hour:02}:{time.minute:02}:{time.second:02}Z"


def danger(
    classes: Sequence[ThreatClass], tracks: Sequence[str], probability: float, earliest_s: float, likely_s: float,
    shelter_s: float,
) -> str:  # fmt: skip
    """Who is coming, how likely and when.

    >>> danger(["drone"], ["T7"], 0.42, 1_700_000_060.0, 1_700_000_300.0, 90.0)
    '1 drone (T7): attack here 42 % likely, at the earliest 22:14:20Z, likely 22:18:20Z; shelter takes 90 s.'
    """
    assert len(classes) == len(tracks), "each that comes has a name and a class"
    assert 0.0 <= probability <= 1.0, f"a probability of {probability}"
    counted = Counter(classes)
    who = ", ".join(f"{n} {_NOUNS[c][n > 1]}" for c, n in sorted(counted.items(), key=lambda item: (-item[1], item[0])))
    named = ", ".join(tracks[:NAMED_MAX]) + (f" and {len(tracks) - NAMED_MAX} more" if len(tracks) > NAMED_MAX else "")
    percent = f"{100 * probability:.0f} %" if probability >= 0.01 else f"{100 * probability:.1f} %"
    return (
        f"{who} ({named}): attack here {percent} likely, at the earliest {clock(time_of(earliest_s))}, "
        f"likely {clock(time_of(likely_s))}; shelter takes {shelter_s:.0f} s."
    )


def waning(probability: float, reach_min: float) -> str:
    """Why cover ends but no all clear is given."""
    return (
        f"The attack on this zone is no longer likely ({100 * probability:.1f} %), but what was tracked may still "
        f"come within {reach_min:.0f} min: stay near shelter."
    )


def unseen(blind: str) -> str:
    """Why a warning ends without an all clear."""
    return (
        f"Nothing that we track threatens this zone any more, but we cannot see here ({blind}): no all clear follows."
    )


def over(reach_min: float) -> str:
    """Why it is over."""
    return f"Nothing hostile that we track can be here within {reach_min:.0f} min, and the sensors over this zone work."
