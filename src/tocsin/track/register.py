"""Biases of radars, learned from aircraft that say where they are."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tocsin.track.fit import GATE
from tocsin.track.measure import ACROSS, ALONG, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.sites import BIAS_RANGE, BIAS_RANGE_KNOWN, Sites

Floats = NDArray[np.float64]

# A sensor's bias may be a few times its declared noise; beyond the bound it is a broken sensor, not a bias.
BIAS_SIGMAS = 3.0
BIAS_BOUND_SIGMAS = 30.0
# The errors of one track are alike from plot to plot: a residual counts as a fifteenth of an independent one.
BIAS_ALIKE = 15.0


@njit(cache=True, error_model="numpy")
def register(sites: Sites, sensed: Floats, s: int, z: Floats, x: Floats, p: Floats) -> None:
    """Learn sensor s's range and azimuth bias from how one of its plots lies to an aircraft that says where it is.

    x, p: the track before the plot. One scalar Kalman filter per bias (Bar-Shalom et al. 2001, 5.2). Targets that only
    radars see are left out: where only two radars disagree, nothing says which of them is wrong.
    """
    ue, un = z[U_EAST], z[U_NORTH]
    de, dn = z[Z_EAST] - x[0], z[Z_NORTH] - x[1]
    along, across = de * ue + dn * un, de * un - dn * ue
    var_along = z[ALONG] + p[0] * ue * ue + 2.0 * p[1] * ue * un + p[4] * un * un
    var_across = z[ACROSS] + p[0] * un * un - 2.0 * p[1] * ue * un + p[4] * ue * ue
    far = math.sqrt(max(z[ACROSS], 1.0)) / sites.sigma_azimuth[s]
    for k in range(2):
        sigma = sites.sigma_range[s] if k == 0 else sites.sigma_azimuth[s]
        off = along if k == 0 else across / far
        noise = (var_along if k == 0 else var_across / (far * far)) * BIAS_ALIKE
        if off * off > GATE * noise / BIAS_ALIKE:
            continue
        prior = (BIAS_SIGMAS * sigma) ** 2
        var = prior / (1.0 + sensed[s, BIAS_RANGE_KNOWN + k])
        gain = var / (var + noise)
        bias = sensed[s, BIAS_RANGE + k] + gain * off
        bound = BIAS_BOUND_SIGMAS * sigma
        sensed[s, BIAS_RANGE + k] = min(max(bias, -bound), bound)
        # Never surer than a thousand independent plots would make it: biases drift.
        known = prior / max(var * (1.0 - gain), 1e-30) - 1.0
        sensed[s, BIAS_RANGE_KNOWN + k] = min(known, 1_000.0)
