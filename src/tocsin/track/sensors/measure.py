"""From rows to positions in the frame: where a report says the target was, and how sure it is of that.

Polar plots are converted (Bar-Shalom et al. 2001, 10.4.3); at the azimuth errors of radars the conversion's bias is
below a metre. Height enters a slant range as a nuisance: what is known of it decides how sharp the range stays.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import leaf
from tocsin.track.report_rows import (
    ALTITUDE,
    AXIS,
    AZIMUTH,
    BEARING,
    EAST,
    KIND,
    NORTH,
    PLOT,
    RANGE,
    SENSOR,
    VAR_ACROSS,
    VAR_ALONG,
)
from tocsin.track.sensors.learned import AZIMUTH_BIAS, RANGE_BIAS
from tocsin.track.sensors.sites import DEGREE, SCALE_M, Sites

Floats = NDArray[np.float64]

# Columns of a measurement.
Z_EAST, Z_NORTH, U_EAST, U_NORTH, ALONG, ACROSS, HEIGHT, HEIGHT_VAR, SLOPE = range(9)
MEASUREMENT = 9


@leaf
def ground(range_m: float, height_m: float, antenna_m: float, radius_m: float) -> tuple[float, float]:
    """Ground range of a slant range to a target at a height, and its slope: metres of ground range per metre of height.

    Law of cosines in the triangle Earth's centre, antenna, target: r^2 = dh^2 + 4 (R + hs)(R + ht) sin^2(g / 2R).
    """
    a, b = radius_m + antenna_m, radius_m + height_m
    dh = height_m - antenna_m
    flat2 = range_m * range_m - dh * dh
    # A target cannot be farther above than it is away; near the zenith the ground range is a guess.
    flat2 = max(flat2, 0.01 * range_m * range_m)
    s2 = min(flat2 / (4.0 * a * b), 0.25)
    s = math.sqrt(s2)
    g = 2.0 * radius_m * math.asin(s)
    slope = -(2.0 * dh + 4.0 * a * s2) / (8.0 * a * b * max(s, 1e-9)) * 2.0 * radius_m / math.sqrt(1.0 - s2)
    return g, min(max(slope, -10.0), 10.0)


@leaf
def placed(shape: Floats, east: float, north: float) -> tuple[float, float]:
    """A point of the sensor's own plane in the sector's frame."""
    e, n = east / SCALE_M, north / SCALE_M
    x, y = 0.0, 0.0
    k = 0
    ei = 1.0
    for i in range(DEGREE + 1):
        nj = 1.0
        for _ in range(DEGREE + 1 - i):
            x += shape[0, k] * ei * nj
            y += shape[1, k] * ei * nj
            nj *= n
            k += 1
        ei *= e
    return x, y


@leaf
def measured(row: Floats, sites: Sites, bias: Floats, height_m: float, height_var: float, z: Floats) -> None:
    """Fill z [MEASUREMENT] from a row; height_m is believed where the row measures none, bias is taken off a plot.

    SLOPE is 0 except for slant ranges: metres along the line of sight per metre of height.
    """
    s = int(row[SENSOR])
    z[SLOPE] = 0.0
    z[HEIGHT] = row[ALTITUDE]
    z[HEIGHT_VAR] = sites.sigma_altitude[s] ** 2
    if row[KIND] != PLOT:
        z[Z_EAST], z[Z_NORTH] = row[EAST], row[NORTH]
        z[U_EAST], z[U_NORTH] = math.sin(row[AXIS]), math.cos(row[AXIS])
        z[ALONG], z[ACROSS] = row[VAR_ALONG], row[VAR_ACROSS]
        if row[KIND] == BEARING:
            z[ACROSS] = row[VAR_ACROSS] * (sites.reach[s] * 0.667) ** 2
        return
    height = height_m if math.isnan(row[ALTITUDE]) else row[ALTITUDE]
    far = row[RANGE] - bias[RANGE_BIAS]
    azimuth = row[AZIMUTH] - bias[AZIMUTH_BIAS]
    g = max(far, 1.0)
    if sites.slant[s] > 0.5:
        g, z[SLOPE] = ground(max(far, 1.0), height, sites.altitude[s], sites.radius[s])
    sin, cos = math.sin(azimuth), math.cos(azimuth)
    east, north = placed(sites.shape[s], g * sin, g * cos)
    # The direction of growing range in the frame: a kilometre farther out.
    east1, north1 = placed(sites.shape[s], (g + 1_000.0) * sin, (g + 1_000.0) * cos)
    length = math.sqrt((east1 - east) ** 2 + (north1 - north) ** 2)
    z[Z_EAST], z[Z_NORTH] = east, north
    z[U_EAST], z[U_NORTH] = (east1 - east) / length, (north1 - north) / length
    z[ALONG] = sites.sigma_range[s] ** 2 * (1.0 + z[SLOPE] * z[SLOPE])
    z[ACROSS] = (sites.sigma_azimuth[s] * g) ** 2 + 1.0
