"""What a track is: probabilities of the threat classes from speed, turns, height and what reporters said."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import inlined, kernel
from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.track.motion import ARC, LEFT, RIGHT

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

# How many there are of each class among what radars see: a sky of air defence, none far above the others.
PRIOR: dict[ThreatClass, float] = {
    "jet": 0.17, "helicopter": 0.06, "drone": 0.24, "cruise_missile": 0.10, "ballistic_missile": 0.05, "rocket": 0.03,
    "aircraft": 0.24, "civil": 0.10, "unknown": 0.01,
}  # fmt: skip


class Way(NamedTuple):
    """One way in which a class flies.

    share                       of its time
    speed_mps, speed_spread     a usual speed, and the spread of its logarithm
    height_m, height_spread_m   a usual height, and its spread
    agile                       the part of those that fly so who turn hard often
    """

    threat: ThreatClass
    share: float
    speed_mps: float
    speed_spread: float
    height_m: float
    height_spread_m: float
    agile: float


# Typical public figures, as in `forecast.limits`.
WAYS = (
    Way("jet", 0.8, 270, 0.18, 5_500, 2_800, 0.50),
    Way("jet", 0.2, 190, 0.30, 4_500, 2_800, 0.40),
    Way("helicopter", 1.0, 60, 0.25, 700, 600, 0.50),
    Way("drone", 0.85, 49, 0.18, 1_000, 700, 0.50),
    Way("drone", 0.15, 60, 0.40, 3_000, 2_000, 0.20),
    Way("cruise_missile", 0.9, 240, 0.08, 250, 300, 0.20),
    Way("cruise_missile", 0.1, 220, 0.20, 1_500, 1_500, 0.20),
    Way("ballistic_missile", 1.0, 1_300, 0.50, 60_000, 80_000, 0.10),
    Way("rocket", 1.0, 600, 0.40, 5_000, 6_000, 0.10),
    Way("aircraft", 0.6, 200, 0.22, 7_000, 3_000, 0.06),
    Way("aircraft", 0.4, 55, 0.45, 1_200, 900, 0.50),
    Way("civil", 0.6, 232, 0.10, 10_700, 1_000, 0.02),
    Way("civil", 0.25, 170, 0.25, 5_000, 2_800, 0.04),
    Way("civil", 0.15, 60, 0.40, 1_200, 900, 0.50),
    Way("unknown", 1.0, 150, 1.50, 8_000, 20_000, 0.20),
)
_CLASS = np.array([THREAT_CLASSES.index(way.threat) for way in WAYS])
_WEIGHT = np.array([PRIOR[way.threat] * way.share for way in WAYS])
_SPEED_LOG, _SPEED_VAR = np.log([way.speed_mps for way in WAYS]), np.array([way.speed_spread for way in WAYS]) ** 2
_HEIGHT = np.array([way.height_m for way in WAYS])
_HEIGHT_VAR = np.array([way.height_spread_m for way in WAYS], float) ** 2
_AGILE = np.array([way.agile for way in WAYS])
# The part of their time that those turn hard who do so often, and the others; and what the motion models hold likely
# of a track they have not seen yet.
OFTEN, SELDOM, FIRST = 0.10, 0.004, 0.10
# One manoeuvre goes on for this long: what is seen of it within is one piece of evidence. All of it weighs so much.
MANOEUVRE_S = 5.0
AGILE_MAX = 8.0
# The motion model may be wrong all the same; but followed as an arc, a slow rocket is one as surely as a missile.
ARC_DOUBT = 1e-5
# No class is out of the question for good: so much of each may fly in ways nobody wrote down; and beyond so many
# squared sigmas a way is passed over.
STRANGE, FAR = 1e-9, 40.0
HEIGHT_UNIT_M = 1_000.0
CIVIL = THREAT_CLASSES.index("civil")
BALLISTIC_MISSILE, ROCKET = THREAT_CLASSES.index("ballistic_missile"), THREAT_CLASSES.index("rocket")
# How much likelier who identifies himself is a civil aircraft, and who does not: a bomber at an airliner's height and
# speed must not pass for one by saying nothing. One in twelve civil aircraft is silent, or nobody listens there.
COOPERATIVE, SILENT = math.exp(7.0), 1.0 / 12.0


@inlined
def turned(agile: float, mu: Floats, past_s: float) -> float:
    """Log-likelihood ratio of who turns hard often to who never does, when the track has flown on for past_s.

    agile   the ratio before
    mu      [M] its motion now
    """
    if mu[ARC] > 0.5:
        return agile
    hard = mu[RIGHT] + mu[LEFT]
    turns, rests = hard / FIRST, (1.0 - hard) / (1.0 - FIRST)
    ratio = (turns * OFTEN + rests * (1.0 - OFTEN)) / (turns * SELDOM + rests * (1.0 - SELDOM))
    more = agile + min(past_s / MANOEUVRE_S, 1.0) * math.log(ratio)
    return min(max(more, -AGILE_MAX), AGILE_MAX)


@inlined
def _flown(
    speed_mps: float, sigma_mps: float, height_m: float, height_sigma_m: float, agile: float, out: Floats
) -> None:
    """How likely each class flies like this and is seen: prior times likelihood, into out [9]."""
    for c in range(len(out)):
        out[c] = STRANGE
    v = max(speed_mps, 1.0)
    speed_log, speed_var = math.log(v), (sigma_mps / v) ** 2
    times, measured, height_var = math.exp(agile), math.isfinite(height_sigma_m), max(height_sigma_m, 50.0) ** 2
    for way in range(len(_CLASS)):
        var = _SPEED_VAR[way] + speed_var
        off2 = (speed_log - _SPEED_LOG[way]) ** 2 / var
        if measured:
            high = _HEIGHT_VAR[way] + height_var
            off2 += (height_m - _HEIGHT[way]) ** 2 / high
            var *= high / HEIGHT_UNIT_M**2
        if off2 < FAR:
            like = math.exp(-0.5 * off2) / math.sqrt(var) * (1.0 - _AGILE[way] + _AGILE[way] * times)
            out[_CLASS[way]] += _WEIGHT[way] * like


@kernel
def class_probabilities(
    speed_mps: Floats,
    speed_sigma_mps: Floats,
    height_m: Floats,
    height_sigma_m: Floats,
    ballistic: Floats,
    agile: Floats,
    said: Singles,
    cooperative: NDArray[np.bool_],
) -> Floats:
    """float64 [N, 9], rows sum to one, columns in THREAT_CLASSES order.

    height_sigma_m   infinite where nobody measured it
    ballistic        probability of the ballistic motion model
    agile            as `turned` gives it
    said             [N, 9] log-likelihoods by what reporters said
    """
    found = np.empty(said.shape)
    for i in range(len(speed_mps)):
        _flown(speed_mps[i], speed_sigma_mps[i], height_m[i], height_sigma_m[i], agile[i], found[i])
        arc = min(max(ballistic[i], ARC_DOUBT), 1.0 - ARC_DOUBT)
        total = 0.0
        for c in range(said.shape[1]):
            if said[i, c] != 0.0:
                found[i, c] *= math.exp(said[i, c])
            found[i, c] *= arc if c in (BALLISTIC_MISSILE, ROCKET) else 1.0 - arc
            if c == CIVIL:
                found[i, c] *= COOPERATIVE if cooperative[i] else SILENT
            total += found[i, c]
        for c in range(said.shape[1]):
            found[i, c] /= total
    return found
