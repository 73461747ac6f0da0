"""Arcs: from a state in flight to where and when it falls, with its uncertainty.

Equations of motion in the Earth-fixed rotating frame (Vallado, Fundamentals of Astrodynamics, 4th ed., 2013):
point-mass gravity with the J2 term (eq. 8-30), Coriolis and centrifugal acceleration, and drag on a ballistic
coefficient beta = m / (Cd A) through the 1976 standard atmosphere. Classical Runge-Kutta of fourth order, with a step
per particle: long in the vacuum, short where the air decides. The state's covariance and the ballistic coefficient's
spread are carried through by the unscented transform (Julier & Uhlmann, Proc. IEEE 92:401, 2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.fall import coast_all, fall_all
from tocsin.earth.frames import ecef_of, enu_axes, geodetic_of

Floats = NDArray[np.float64]

# What comes after position and velocity in a joint state: the logarithm of the ballistic coefficient.
BETA = 6


def coast(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats, seconds: float) -> tuple[Floats, Floats]:
    """Earth-fixed positions and velocities [P, 3] after `seconds` of unpowered flight."""
    states = coast_all(np.hstack([position_m, velocity_mps]), np.asarray(beta_kg_m2, float), float(seconds))
    return states[:, :3], states[:, 3:]


def fall(position_m: Floats, velocity_mps: Floats, beta_kg_m2: Floats, ground_m: float = 0.0) -> tuple[Floats, Floats]:
    """(positions at impact [P, 3], seconds until it [P]) of Earth-fixed particles [P, 3]; NaN where it never falls.

    ground_m   height of the ground above the ellipsoid. What is already below it has fallen now.
    """
    # The kernel does not look whether a row is there.
    assert position_m.shape == velocity_mps.shape == (len(beta_kg_m2), 3), "particles of several counts"
    where, after = fall_all(np.hstack([position_m, velocity_mps]), np.asarray(beta_kg_m2, float), float(ground_m))
    return where, after


@dataclass(frozen=True, slots=True)
class Fall:
    """Where and when an arc ends, with its uncertainty.

    lat, lon       the mean impact
    covariance_m2  float64 [2, 2], of (east, north) there
    after_s        seconds from the state's time to the mean impact
    sigma_s        one standard deviation of that
    """

    lat: float
    lon: float
    covariance_m2: Floats
    after_s: float
    sigma_s: float


def impact(
    lat: float, lon: float, altitude_m: float, velocity_mps: Floats, covariance: Floats, beta_kg_m2: float,
    beta_factor: float,
) -> Fall | None:  # fmt: skip
    """The impact of a state in flight; None when it does not come down.

    velocity_mps   float64 [3]: east, north, up
    covariance     float64 [6, 6] of (east, north, up, and their velocities), metres and metres per second
    beta_factor    one-sigma factor of the ballistic coefficient
    """
    axes = enu_axes(lat, lon)
    points, mean_weight, weight = _sigma_points(covariance, float(np.log(beta_factor)))
    origin = ecef_of(lat, lon, altitude_m)
    positions = origin + points[:, :3] @ axes
    velocities = (velocity_mps + points[:, 3:6]) @ axes
    where, after = fall(positions, velocities, beta_kg_m2 * np.exp(points[:, BETA]))
    if np.isnan(where).any():
        return None
    local = (where - where[0]) @ axes_at(where[0]).T
    weights = np.full(len(points), weight)
    weights[0] = mean_weight
    mean = weights @ local[:, :2]
    mean_s = float(weights @ after)
    spread = local[:, :2] - mean
    spread_s = after - mean_s
    middle_lat, middle_lon, _ = geodetic_of(where[0] + np.append(mean, 0.0) @ axes_at(where[0]))
    return Fall(
        float(middle_lat),
        float(middle_lon),
        np.asarray((weights[:, None] * spread).T @ spread, float),
        max(0.0, mean_s),
        math.sqrt(max(0.0, float(weights @ spread_s**2))),
    )


def axes_at(position_m: Floats) -> Floats:
    """East, north, up at an Earth-fixed point, [3, 3]."""
    lat, lon, _ = geodetic_of(position_m)
    return enu_axes(float(lat), float(lon))


def _sigma_points(covariance: Floats, sigma_log_beta: float) -> tuple[Floats, float, float]:
    """(offsets [15, 7], weight of the first, weight of each other): the symmetric set with kappa = 1.

    kappa = 1 keeps every weight positive, so that the covariance that comes out is one.
    """
    # What takes the root looks at one half of it only, and would not notice.
    assert np.all(np.abs(covariance - covariance.T) <= 1e-9 * np.abs(covariance).max()), "it is not symmetric"
    joint = np.zeros((7, 7))
    joint[:6, :6] = covariance
    joint[BETA, BETA] = sigma_log_beta**2
    values, vectors = np.linalg.eigh(joint)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scale = np.sqrt(8.0)
    offsets = np.concatenate([np.zeros((1, 7)), scale * root.T, -scale * root.T])
    return offsets, 1.0 / 8.0, 1.0 / 16.0
