"""What a track is: probabilities of the threat classes from speed, height, climb and what reporters said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.model.threat import THREAT_CLASSES

Floats = NDArray[np.float64]

# Typical speed (m/s: middle, spread in log), height (m: low, high) and prior of each class, in THREAT_CLASSES order:
# jet, helicopter, drone, cruise missile, ballistic missile, rocket, aircraft, civil, unknown.
_SPEED_MPS = np.array([260.0, 60.0, 48.0, 240.0, 1_300.0, 600.0, 130.0, 190.0, 150.0])
_SPEED_SPREAD = np.array([0.35, 0.30, 0.25, 0.12, 0.50, 0.40, 0.45, 0.35, 1.5])
_LOW_M = np.array([100.0, 20.0, 30.0, 20.0, 500.0, 100.0, 100.0, 300.0, 0.0])
_HIGH_M = np.array([12_500.0, 2_500.0, 3_500.0, 600.0, 400_000.0, 25_000.0, 10_000.0, 12_500.0, 100_000.0])
_PRIOR = np.array([0.2, 0.08, 0.24, 0.16, 0.06, 0.04, 0.1, 0.1, 0.02])
CIVIL = THREAT_CLASSES.index("civil")
BALLISTIC_MISSILE, ROCKET = THREAT_CLASSES.index("ballistic_missile"), THREAT_CLASSES.index("rocket")


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
    said             [N, 9] log-likelihoods from reporters
    """
    v = np.maximum(speed_mps, 1.0)[:, None]
    spread = np.hypot(_SPEED_SPREAD, speed_sigma_mps[:, None] / v)
    log = np.log(_PRIOR) - 0.5 * (np.log(v / _SPEED_MPS) / spread) ** 2 - np.log(spread)
    # Outside its usual heights a class is less likely, by how far outside next to the error of the height.
    height, sigma = height_m[:, None], np.maximum(height_sigma_m[:, None], 50.0)
    outside = np.maximum(_LOW_M - height, 0.0) + np.maximum(height - _HIGH_M, 0.0)
    width = np.log(np.maximum(_HIGH_M - _LOW_M, 1_000.0) / 1_000.0)
    known = np.isfinite(sigma)
    off = outside / np.where(known, np.hypot(sigma, 0.2 * _HIGH_M), 1.0)
    log = log + np.where(known, -0.5 * np.minimum(off, 6.0) ** 2 - 0.5 * width, 0.0) + said
    arc = np.clip(ballistic, 1e-3, 1 - 1e-3)[:, None]
    falls = np.zeros(len(THREAT_CLASSES), bool)
    falls[[BALLISTIC_MISSILE, ROCKET]] = True
    log = log + np.where(falls, np.log(arc), np.log1p(-arc))
    log[:, CIVIL] += np.where(cooperative, 7.0, -1.0)
    log -= log.max(axis=1, keepdims=True)
    weight = np.exp(log)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), float)
