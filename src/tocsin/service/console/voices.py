"""How channels have done, as the console shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tocsin.service.console.shown import ShownVoice
from tocsin.track.told_repute import Repute

# To what delays are rounded: a second more or less would change the picture with every line.
LATE_STEP_S = 5.0


def voices_shown(voices: Mapping[str, Repute]) -> tuple[ShownVoice, ...]:
    """Each channel that told of something, by name."""
    return tuple(_shown(name, repute) for name, repute in sorted(voices.items()))


def _shown(name: str, repute: Repute) -> ShownVoice:
    unknown = math.isnan(repute.late_s)
    return ShownVoice(
        name=name,
        objects=round(repute.objects),
        borne_out=round(repute.borne_out / repute.objects, 2) if repute.objects else None,
        late_s=None if unknown else LATE_STEP_S * round(repute.late_s / LATE_STEP_S),
    )
