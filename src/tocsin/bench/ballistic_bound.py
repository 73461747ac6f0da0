"""The smallest impact ellipse that plots of a coasting missile allow: the Cramér-Rao bound."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.fall import coast_all, fall_all
from tocsin.earth.frames import ecef_of, enu_axes, geodetic_of
from tocsin.forecast.arcs import IMPACT_FLOOR_M
from tocsin.model.sensor import Sensor

Floats = NDArray[np.float64]

# What is known of the logarithm of the ballistic coefficient before the first plot.
LOG_BETA, LOG_BETA_SIGMA = math.log(8_000.0), 0.5
# Steps of the numerical slopes: metres, metres per second, and of that logarithm.
STEPS = np.array([50.0, 50.0, 50.0, 0.5, 0.5, 0.5, 0.05])


def bound_m(state: Floats, plots_s: Floats, radar: Sensor, mast_m: float) -> Floats:
    """Axes [2] in metres, short and long, one sigma, of the best unbiased estimate of the impact.

    state     [6] of the missile at plots_s[0]; plots_s: times of the radar's plots (Van Trees, *Detection, Estimation,
              and Modulation Theory*, 1968, 2.4.3: information of the plots and of what was known before)
    """
    site, axes = ecef_of(radar.lat, radar.lon, mast_m), enu_axes(radar.lat, radar.lon)
    sigma = np.array(
        [radar.sigma_range_m or 1.0, math.radians(radar.sigma_azimuth_deg or 1.0), radar.sigma_altitude_m or 1.0]
    )

    def seen(full: Floats) -> Floats:
        """Range, azimuth and height of every plot, each in its sigmas."""
        found = []
        for at_s in plots_s.tolist():
            moved = coast_all(full[None, :6], np.exp(full[6:]), at_s - plots_s[0])[0, :3]
            line = axes @ (moved - site)
            height = float(geodetic_of(moved)[2])
            found.append(np.array([np.linalg.norm(line), math.atan2(line[0], line[1]), height]) / sigma)
        return np.concatenate(found)

    full = np.append(state, LOG_BETA)
    ground, _ = fall_all(full[None, :6], np.exp(full[6:]), 0.0)
    lat, lon, _ = geodetic_of(ground[0])
    level = enu_axes(float(lat), float(lon))[:2]

    def strikes(full: Floats) -> Floats:
        return np.asarray(level @ fall_all(full[None, :6], np.exp(full[6:]), 0.0)[0][0], float)

    offsets = np.diag(STEPS)
    slopes = np.stack([(seen(full + one) - seen(full - one)) for one in offsets], axis=1) / (2 * STEPS)
    known = slopes.T @ slopes
    known[6, 6] += LOG_BETA_SIGMA**-2
    reach = np.stack([(strikes(full + one) - strikes(full - one)) for one in offsets], axis=1) / (2 * STEPS)
    spread = reach @ np.linalg.solve(known, reach.T) + np.eye(2) * IMPACT_FLOOR_M**2
    return np.asarray(np.sqrt(np.linalg.eigvalsh(spread)), float)
