"""What a track is: probabilities of the threat classes from speed, turns, height and what reporters said."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.model.threat import THREAT_CLASSES
from tocsin.track.motion import ARC, CRUISE, LEFT, RIGHT, VEER_LEFT, VEER_RIGHT

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

# Typical speed (m/s: middle, spread in log), height (m: low, high) and prior of each class, in THREAT_CLASSES order:
# jet, helicopter, drone, cruise missile, ballistic missile, rocket, aircraft, civil, unknown.
_SPEED_LOG = np.log([260.0, 60.0, 48.0, 240.0, 1_300.0, 600.0, 190.0, 210.0, 150.0])
_SPEED_VAR = np.array([0.30, 0.30, 0.25, 0.12, 0.50, 0.40, 0.40, 0.25, 1.5]) ** 2
_LOW_M = np.array([100.0, 20.0, 30.0, 20.0, 500.0, 100.0, 100.0, 300.0, 0.0])
_HIGH_M = np.array([12_500.0, 2_500.0, 3_500.0, 600.0, 400_000.0, 25_000.0, 10_000.0, 12_500.0, 100_000.0])
# Where height says nothing, a fast track may be nearly anything: no prior is far above the others.
_PRIOR_LOG = np.log([0.18, 0.06, 0.26, 0.14, 0.06, 0.04, 0.17, 0.10, 0.03])
_WIDTH_LOG = np.log(np.maximum(_HIGH_M - _LOW_M, 1_000.0) / 1_000.0)
# Share of its time that each class turns hard, and gently. Only jets pull several g; an airliner never does.
_HARD = np.array([0.20, 0.15, 0.15, 0.04, 0.10, 0.10, 0.03, 0.004, 0.10])
_GENTLE = np.array([0.20, 0.30, 0.35, 0.35, 0.45, 0.45, 0.25, 0.20, 0.45])
_HARD_MEAN, _GENTLE_MEAN = _HARD.mean(), _GENTLE.mean()
# What the motion models hold likely of a track they have not seen yet: probabilities are divided by it.
_HARD_FIRST, _GENTLE_FIRST = 0.10, 0.45
# One manoeuvre goes on for this long: what is seen of it within is one piece of evidence. All of it weighs so much.
MANOEUVRE_S = 5.0
TURNED_MAX = 3.0
# The motion model may be wrong all the same; but followed as an arc, a slow rocket is one as surely as a missile.
ARC_DOUBT = 1e-5
CIVIL = THREAT_CLASSES.index("civil")
BALLISTIC_MISSILE, ROCKET = THREAT_CLASSES.index("ballistic_missile"), THREAT_CLASSES.index("rocket")
COOPERATIVE_LOG, SILENT_LOG = 7.0, -1.0


@leaf
def turned(said: Singles, mu: Floats, past_s: float) -> None:
    """Add to what is said of each class [9] how the track has flown for past_s: mu [M], its motion now."""
    if mu[ARC] > 0.5:
        return
    hard, gentle = (mu[RIGHT] + mu[LEFT]) / _HARD_FIRST, (mu[VEER_RIGHT] + mu[VEER_LEFT]) / _GENTLE_FIRST
    # Straight flight says nothing: jets and cruise missiles, too, fly so for minutes.
    straight = (mu[CRUISE] + mu[ARC]) / (1.0 - _HARD_FIRST - _GENTLE_FIRST) * (1.0 - _HARD_MEAN - _GENTLE_MEAN)
    turning = hard * _HARD_MEAN + gentle * _GENTLE_MEAN
    weight = min(past_s / MANOEUVRE_S, 1.0)
    for c in range(len(_HARD)):
        log = math.log((straight + hard * _HARD[c] + gentle * _GENTLE[c]) / (straight + turning))
        more = said[c] + weight * log
        # Reporters may have said more: that stands.
        said[c] = min(max(more, min(said[c], -TURNED_MAX)), max(said[c], TURNED_MAX))


@kernel
def class_probabilities(
    speed_mps: Floats,
    speed_sigma_mps: Floats,
    height_m: Floats,
    height_sigma_m: Floats,
    ballistic: Floats,
    said: Floats,
    cooperative: NDArray[np.bool_],
) -> Floats:
    """float64 [N, 9], rows sum to one, columns in THREAT_CLASSES order.

    height_sigma_m   infinite where nobody measured it
    ballistic        probability of the ballistic motion model
    said             [N, 9] log-likelihoods from reporters and from turns
    """
    classes = said.shape[1]
    found = np.empty((len(speed_mps), classes))
    for i in range(len(speed_mps)):
        v = max(speed_mps[i], 1.0)
        speed_log, sigma2 = math.log(v), (speed_sigma_mps[i] / v) ** 2
        height, error = height_m[i], max(height_sigma_m[i], 50.0)
        arc = min(max(ballistic[i], ARC_DOUBT), 1.0 - ARC_DOUBT)
        falls, flies = math.log(arc), math.log(1.0 - arc)
        best = -math.inf
        for c in range(classes):
            var = _SPEED_VAR[c] + sigma2
            log = _PRIOR_LOG[c] - 0.5 * (speed_log - _SPEED_LOG[c]) ** 2 / var - 0.5 * math.log(var) + said[i, c]
            if math.isfinite(error):
                # Outside its usual heights a class is less likely, by how far outside next to the error of the height.
                outside = max(_LOW_M[c] - height, 0.0) + max(height - _HIGH_M[c], 0.0)
                off2 = outside * outside / (error * error + 0.04 * _HIGH_M[c] ** 2)
                log -= 0.5 * min(off2, 36.0) + 0.5 * _WIDTH_LOG[c]
            log += falls if c in (BALLISTIC_MISSILE, ROCKET) else flies
            if c == CIVIL:
                log += COOPERATIVE_LOG if cooperative[i] else SILENT_LOG
            found[i, c] = log
            best = max(best, log)
        total = 0.0
        for c in range(classes):
            found[i, c] = math.exp(found[i, c] - best)
            total += found[i, c]
        for c in range(classes):
            found[i, c] /= total
    return found
