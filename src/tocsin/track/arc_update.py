"""What a report says of an arc: slant range, azimuth and height as they were measured, not as a place on the map.

At 80 km of height a metre of height moves a slant range's place on the ground by as much as a metre: in three
dimensions the radar's range stays as sharp as it is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.geodesic import axes_of, geodetic, to_frame
from tocsin.kernels import kernel
from tocsin.track.arc_motion import BETA, BETA_SIGMAS, LOG_BETA, LOG_BETA_SIGMA, STATE
from tocsin.track.measure import ACROSS, ALONG, HEIGHT, HEIGHT_VAR, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.rows import ALTITUDE, AZIMUTH, KIND, PLOT, RANGE, SENSOR
from tocsin.track.sensed import AZIMUTH_BIAS, RANGE_BIAS
from tocsin.track.sites import Sites

Floats = NDArray[np.float64]

# A height this many sigma off is a decoder's, not the target's.
HEIGHT_SIGMAS = 6.0
# What one report can at most speak against a mode, nats: a plot of something else must not decide between them.
SURPRISE_MAX = 30.0


@kernel
def _plot(x: Floats, ahead: float, row: Floats, sites: Sites, bias: Floats, h: Floats, off: Floats) -> None:
    """Residuals off [2] of range and azimuth, and their slopes h [2, 3] by position."""
    s = int(row[SENSOR])
    away, slope = np.empty(3), np.empty(3)
    for a in range(3):
        away[a] = x[a] + ahead * x[3 + a] - sites.place[s, a]
    axes = sites.axes[s]
    e = axes[0, 0] * away[0] + axes[0, 1] * away[1] + axes[0, 2] * away[2]
    n = axes[1, 0] * away[0] + axes[1, 1] * away[1] + axes[1, 2] * away[2]
    u = axes[2, 0] * away[0] + axes[2, 1] * away[1] + axes[2, 2] * away[2]
    flat = max(math.sqrt(e * e + n * n), 1.0)
    if sites.slant[s] > 0.5:
        far = math.sqrt(flat * flat + u * u)
        slope[:] = away / far
    else:
        # Over the ground: the angle at the centre of the sphere that touches the Earth here.
        deep = sites.radius[s] + sites.altitude[s] + u
        far = sites.radius[s] * math.atan2(flat, deep)
        scale = sites.radius[s] / (deep * deep + flat * flat)
        slope[:] = scale * (deep * (e * axes[0] + n * axes[1]) / flat - flat * axes[2])
    off[0] = row[RANGE] - bias[RANGE_BIAS] - far
    off[1] = (row[AZIMUTH] - bias[AZIMUTH_BIAS] - math.atan2(e, n) + math.pi) % (2.0 * math.pi) - math.pi
    h[0] = slope
    h[1] = (n * axes[0] - e * axes[1]) / (flat * flat)


@kernel
def _place(x: Floats, z: Floats, sites: Sites, lat: float, lon: float, height: float, h: Floats, off: Floats) -> None:
    """The same of a place in the frame, along and across its axis."""
    east, north, turn = to_frame(sites.origin[0], sites.origin[1], lat, lon)
    axes = np.empty((3, 3))
    axes_of(lat, lon, axes)
    c, s = math.cos(turn), math.sin(turn)
    scale = 1.0 / (1.0 + height / 6_371_000.0)
    right, up = scale * (c * axes[0] + s * axes[1]), scale * (c * axes[1] - s * axes[0])
    de, dn = z[Z_EAST] - east, z[Z_NORTH] - north
    off[0] = de * z[U_EAST] + dn * z[U_NORTH]
    off[1] = de * z[U_NORTH] - dn * z[U_EAST]
    h[0] = z[U_EAST] * right + z[U_NORTH] * up
    h[1] = z[U_NORTH] * right - z[U_EAST] * up


@kernel
def _taken(x: Floats, p: Floats, h: Floats, off: Floats, var: Floats, ahead: float) -> float:
    """Kalman update of one mode in place, number by number, all linearised before the first. The log-likelihood."""
    before, gain = x.copy(), np.empty(STATE)
    like = 0.0
    for k in range(len(off)):
        if math.isnan(off[k]):
            continue
        s, v = var[k], off[k]
        for a in range(STATE):
            gain[a] = 0.0
            for b in range(3):
                gain[a] += h[k, b] * (p[b, a] + ahead * p[3 + b, a])
        for b in range(3):
            s += h[k, b] * (gain[b] + ahead * gain[3 + b])
            v -= h[k, b] * (x[b] - before[b] + ahead * (x[3 + b] - before[3 + b]))
        if k == 2 and v * v > HEIGHT_SIGMAS**2 * s:
            continue
        like -= 0.5 * (v * v / s + math.log(s))
        for a in range(STATE):
            x[a] += gain[a] * (v / s)
            for b in range(STATE):
                p[a, b] -= gain[a] * gain[b] / s
    return like


@kernel
def told(
    x: Floats, p: Floats, w: Floats, row: Floats, z: Floats, ahead: float, weight: float, sites: Sites, bias: Floats
) -> None:
    """Update every mode in place by a row (its measurement z in the frame) `ahead` seconds after their time.

    bias     of its sensor, taken off a plot
    weight   probability that the row is the target's; what is doubted counts less
    """
    like = np.empty(len(w))
    for mode in range(len(w)):
        h, off, var = np.zeros((3, 3)), np.full(3, np.nan), np.ones(3)
        here = x[mode]
        lat, lon, height = geodetic(here[0] + ahead * here[3], here[1] + ahead * here[4], here[2] + ahead * here[5])
        if row[KIND] == PLOT:
            s = int(row[SENSOR])
            _plot(here, ahead, row, sites, bias, h, off)
            var[0], var[1] = sites.sigma_range[s] ** 2, sites.sigma_azimuth[s] ** 2
        else:
            _place(here, z, sites, lat, lon, height, h, off)
            var[0], var[1] = z[ALONG], z[ACROSS]
        if not math.isnan(row[ALTITUDE]):
            axes = np.empty((3, 3))
            axes_of(lat, lon, axes)
            h[2], off[2], var[2] = axes[2], z[HEIGHT] - height, z[HEIGHT_VAR]
        like[mode] = _taken(here, p[mode], h, off, var / weight, ahead)
        loose = BETA_SIGMAS * LOG_BETA_SIGMA
        here[BETA] = min(max(here[BETA], LOG_BETA - loose), LOG_BETA + loose)
    best = like.max()
    total = 0.0
    for mode in range(len(w)):
        w[mode] = max(w[mode], 1e-9) * math.exp(max(like[mode] - best, -SURPRISE_MAX))
        total += w[mode]
    w /= total
