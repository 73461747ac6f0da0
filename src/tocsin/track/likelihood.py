"""How well a report fits a track: the measurement as this track would give it, and its density."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.physics import SOUND_MPS
from tocsin.kernels import inlined, leaf
from tocsin.track.bank import MODELS
from tocsin.track.motion import ARC
from tocsin.track.report_rows import ALTITUDE, BEARING, KIND, PRESENCE, SENSOR, SIGHTING, VAR_ACROSS
from tocsin.track.sensors.measure import ACROSS, ALONG, HEIGHT, HEIGHT_VAR, SLOPE, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.sensors.sites import ACOUSTIC, RADAR, Sites
from tocsin.track.state import E_E, E_N, EAST, N_N, NORTH, UP_UP, V_EAST, V_NORTH, VE_VE, VN_VN, Spread, State

Floats = NDArray[np.float64]

# Statistical gate: squared Mahalanobis distance in two dimensions, 1 true plot in 270,000 is lost by chance.
GATE = 25.0
# Squared sigmas by which a measured and a predicted height may differ and still be averaged.
HEIGHT_GATE = 9.0
# Heights of nearly everything that is not ballistic: the density of a false plot's height.
HEIGHT_SPREAD_M = 12_000.0
SIGHTING_TIME_S = 5.0


@leaf
def adapted(row: Floats, sites: Sites, z: Floats, state: State, dt: float) -> None:
    """Turn the general measurement of a row into the one of this track: its height, its motion, the sound's delay.

    state   the track dt seconds before the row
    """
    xc, pc = state.mean, state.cov
    if z[SLOPE] != 0.0:
        # The height its own kind of flight gives it.
        own = 1 if state.mu[ARC] > 0.5 else 0
        believed, var = state.h[own, 0], state.hp[own, UP_UP]
        if not math.isnan(row[ALTITUDE]):
            # Height measured and predicted: the better of both decides the slant; where they disagree, the measured
            # one does. What has only been seen once may be climbing at a kilometre per second.
            both, off = var + z[HEIGHT_VAR], z[HEIGHT] - believed
            gain = var / both if off * off < HEIGHT_GATE * both else 1.0
            believed += gain * off
            var *= 1.0 - gain
        shift = z[SLOPE] * (believed - z[HEIGHT] if not math.isnan(z[HEIGHT]) else 0.0)
        z[Z_EAST] += shift * z[U_EAST]
        z[Z_NORTH] += shift * z[U_NORTH]
        z[ALONG] += z[SLOPE] * z[SLOPE] * var
    # Bring the report to the track's time by the track's own speed.
    delay = dt
    kind = row[KIND]
    s = int(row[SENSOR])
    if (kind in (BEARING, PRESENCE)) and sites.kind[s] != RADAR:
        d = math.sqrt((xc[EAST] - sites.east[s]) ** 2 + (xc[NORTH] - sites.north[s]) ** 2)
        if kind == BEARING:
            z[ACROSS] = row[VAR_ACROSS] * max(d * d, 250_000.0)
        if sites.kind[s] == ACOUSTIC or kind == PRESENCE:
            delay -= min(d, sites.reach[s]) / SOUND_MPS
    z[Z_EAST] -= xc[V_EAST] * delay
    z[Z_NORTH] -= xc[V_NORTH] * delay
    if delay != dt:
        z[ALONG] += (pc[VE_VE] + pc[VN_VN]) / 2.0 * delay * delay
        z[ACROSS] += (pc[VE_VE] + pc[VN_VN]) / 2.0 * delay * delay
    if kind == SIGHTING:
        blur = (xc[V_EAST] ** 2 + xc[V_NORTH] ** 2) * SIGHTING_TIME_S**2
        z[ALONG] += blur
        z[ACROSS] += blur


@leaf
def spread(z: Floats) -> Spread:
    """The covariance of a measurement in the frame."""
    a, c = z[ALONG], z[ACROSS]
    ue, un = z[U_EAST], z[U_NORTH]
    return a * ue * ue + c * un * un, (a - c) * ue * un, a * un * un + c * ue * ue


@leaf
def density(x: Floats, p: Floats, z: Floats, noise: Spread) -> tuple[float, float]:
    """(Gaussian density per square metre, squared Mahalanobis distance) of a measurement under one model."""
    r00, r01, r11 = noise
    s00, s01, s11 = p[E_E] + r00, p[E_N] + r01, p[N_N] + r11
    det = s00 * s11 - s01 * s01
    ve, vn = z[Z_EAST] - x[EAST], z[Z_NORTH] - x[NORTH]
    d2 = (s11 * ve * ve - 2.0 * s01 * ve * vn + s00 * vn * vn) / det
    return math.exp(-0.5 * min(d2, 200.0)) / (2.0 * math.pi * math.sqrt(det)), d2


@leaf
def height_density(z: Floats, h: Floats, hp: Floats, k: int) -> float:
    """Density of a measured height, relative to a false plot's; 1 where none is measured."""
    if math.isnan(z[HEIGHT]):
        return 1.0
    var = hp[k, UP_UP] + z[HEIGHT_VAR]
    d = z[HEIGHT] - h[k, 0]
    # A decoder's wrong height must not kill a good plot.
    return HEIGHT_SPREAD_M * math.exp(-0.5 * min(d * d / var, 200.0)) / math.sqrt(2.0 * math.pi * var) + 1e-3


@inlined
def densities(state: State, z: Floats, each: Floats) -> float:
    """Density of a measurement in every model, each [M]; its squared Mahalanobis distance to the nearest likely one."""
    x, p, h, hp, noise = state.x, state.p, state.h, state.hp, spread(z)
    level, ballistic = height_density(z, h, hp, 0), height_density(z, h, hp, 1)
    nearest = math.inf
    for m in range(MODELS):
        d, d2 = density(x[m], p[m], z, noise)
        each[m] = d * (ballistic if m == ARC else level)
        if state.mu[m] > 1e-4:
            nearest = min(nearest, d2)
    return nearest
