"""When something under way arrives: a log-logistic distribution about its likely time, by class of threat.

The likely time is the way there at the speed it flies. Detours, loitering and doubt about the speed spread the true
one about it by a factor, which is why the logarithm is what is distributed: ln T is logistic with location ln(m) +
shift and scale `spread`, with T and m counted from `SLACK_S` before now, for no time is known to the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tocsin.model.threat import ThreatClass

Floats = NDArray[np.float64]

# Even the likely time of what is nearly there is known no better than to about this.
SLACK_S = 15.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the true time of arrival of a class lies about the likely one.

    shift    logarithm of the median of true over likely
    spread   scale of the logistic distribution of that logarithm; 90 % of all lie within +-2.94 of it
    """

    shift: float
    spread: float


# Medians, and the middle 90 % of 1,990 arrivals in raids by the laws of motion that numbers may be chosen on
# (docs/why/raids.md).
ARRIVALS: dict[ThreatClass, Arrival] = {
    "drone": Arrival(-0.05, 0.2),
    "cruise_missile": Arrival(0.03, 0.17),
    "jet": Arrival(0.16, 0.15),
    "helicopter": Arrival(0.09, 0.13),
    "aircraft": Arrival(0.02, 0.18),
    "unknown": Arrival(0.0, 0.2),
    "civil": Arrival(0.0, 0.2),
    # An arc's time is known to seconds once it coasts. Lost while its motor burns, it comes a minute sooner or later.
    "ballistic_missile": Arrival(0.0, 0.2),
    "rocket": Arrival(0.0, 0.1),
}


def arrivals_of(classes: tuple[ThreatClass, ...]) -> tuple[Floats, Floats]:
    """(shift, spread) of each class, float64 [N] each."""
    rows = [(ARRIVALS[threat].shift, ARRIVALS[threat].spread) for threat in classes]
    shift, spread = np.array(rows, float).reshape(-1, 2).T
    return shift, spread


def chance_and_density(within_s: Floats, likely_s: Floats, shift: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Probability that it arrives within so many seconds, and the density per second then, if it comes at all.

    within_s, likely_s   seconds from now, float64 of one shape
    """
    scaled = (np.log((within_s + SLACK_S) / (np.maximum(likely_s, 0.0) + SLACK_S)) - shift) / spread
    chance = 1.0 / (1.0 + np.exp(-scaled))
    return chance, chance * (1.0 - chance) / (spread * (within_s + SLACK_S))


def quantile_s(share: float, likely_s: Floats, shift: Floats, spread: Floats) -> Floats:
    """Seconds from now before which it arrives with that probability; never negative."""
    factor = np.exp(shift + spread * np.log(share / (1.0 - share)))
    return np.asarray(np.maximum(0.0, factor * (np.maximum(likely_s, 0.0) + SLACK_S) - SLACK_S), float)
