"""Whether people have fewer minutes of warning than usual: what officers are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tocsin.model.threat import ThreatClass

if TYPE_CHECKING:
    from tocsin.service.minutes.kept import Left


@dataclass(frozen=True)
class Fall:
    """People have fewer minutes than usual.

    threat   the class of which most people have fewer
    share    by which people with enough minutes are fewer, of this class
    people   so many
    zones    ids of the zones in which they live, where most are fewer first
    lost     how many sensors do not work
    """

    threat: ThreatClass
    share: float
    people: float
    zones: tuple[str, ...]
    lost: int


def fall_of(left: Left, share: float) -> Fall | None:
    """What is to be said of fewer minutes; None: of no class have people with enough fallen by more than a share."""
    worst: Fall | None = None
    for threat in left.now:
        usual, now = left.enough(threat)
        fewer = float(usual.sum() - now.sum())
        if fewer <= share * float(usual.sum()) or (worst is not None and fewer <= worst.people):
            continue
        numbers = np.flatnonzero(left.fallen(threat, share))
        # The sum over zones fell by more than that share: one of them did.
        assert len(numbers), "people fell and no zone did"
        numbers = numbers[np.argsort((now - usual)[numbers], kind="stable")]
        zones = tuple(left.index.zones[z].id for z in numbers.tolist())
        worst = Fall(threat, fewer / float(usual.sum()), fewer, zones, len(left.lost))
    return worst
