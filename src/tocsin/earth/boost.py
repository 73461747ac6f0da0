"""How long motors burn: what is known of it before a flight is seen, for the tracker and the forecast alike.

Short-range ballistic missiles on public record burn for 40-90 s and end 20-50 km high; rockets burn for 2-5 s with ten
times their push. Height and climb tell a motor's age: from rest, evenly gained, height is half of climb times age.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from tocsin.kernels import leaf

# Burning time of a missile, normal; what pushes harder than this burns out sooner, by the square of it.
BURN_S, BURN_SIGMA_S, PUSH_MPS2 = 65.0, 20.0, 75.0
# No motor is taken for older than this many sigma: somebody's may be.
OLDEST_SIGMAS = 2.5


@leaf
def age_of(height_m: float, climb_mps: float, sigma_mps: float) -> float:
    """Seconds since something left the ground; sigma_mps of its climb.

    What falls is older than any motor; what may as well climb as fall is as old as a motor gets.
    """
    if abs(climb_mps) <= sigma_mps:
        return BURN_S
    return 2.0 * max(height_m, 0.0) / climb_mps if climb_mps > 0.0 else math.inf


@leaf
def _scale(push_mps2: float) -> float:
    """How much sooner than a missile's a motor of this push has burnt out."""
    return min((PUSH_MPS2 / max(push_mps2, 1.0)) ** 2, 1.0)


@leaf
def burns_to(age_s: float, push_mps2: float) -> float:
    """Probability that a motor burns to an age; push_mps2 is what it adds (0: unknown)."""
    return 0.5 * math.erfc((age_s / _scale(push_mps2) - BURN_S) / (BURN_SIGMA_S * math.sqrt(2.0)))


@leaf
def oldest(age_s: float, push_mps2: float) -> float:
    """The age a motor may have that burns though it should be burnt out."""
    return float(min(age_s, _scale(push_mps2) * (BURN_S + OLDEST_SIGMAS * BURN_SIGMA_S)))


@leaf
def goes_on(age_s: float, push_mps2: float, more_s: float) -> float:
    """Probability that a motor that burns at an age burns for more_s seconds more."""
    now = oldest(age_s, push_mps2)
    return float(burns_to(now + more_s, push_mps2) / burns_to(now, push_mps2))


def burns_on_s(age_s: float, push_mps2: float, shares: tuple[float, ...]) -> list[float]:
    """Quantiles of the seconds that a motor goes on for that burns at an age."""
    now = oldest(age_s, push_mps2)
    left = burns_to(now, push_mps2)
    times = NormalDist(BURN_S, BURN_SIGMA_S)
    return [_scale(push_mps2) * times.inv_cdf(1.0 - (1.0 - share) * left) - now for share in shares]
