"""What a report says of an arc: slant range, azimuth and height as they were measured, not as a place on the map.

At 80 km of height a metre of height moves a slant range's place on the ground by as much as a metre: in three
dimensions the radar's range stays as sharp as it is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.fall import VX, VY, VZ, X, Y, Z
from tocsin.earth.geodesic import axes_of, geodetic, to_frame
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.kernels import fill, inlined, leaf
from tocsin.track.arc.motion import BETA, BETA_SIGMAS, LOG_BETA, LOG_BETA_SIGMA, STATE
from tocsin.track.arc.room import Flight
from tocsin.track.report_rows import ALTITUDE, AZIMUTH, KIND, PLOT, RANGE, SENSOR, TIME
from tocsin.track.sensors.measure import ACROSS, ALONG, HEIGHT, HEIGHT_VAR, U_EAST, U_NORTH, Z_EAST, Z_NORTH
from tocsin.track.sensors.sites import Sites
from tocsin.track.state import Report

Floats = NDArray[np.float64]

# A height this many sigma off is a decoder's, not the target's.
HEIGHT_SIGMAS = 6.0
# What one report can at most speak against a mode, nats: a plot of something else must not decide between them.
SURPRISE_MAX = 30.0


@leaf
def _plot(x: Floats, ahead: float, row: Floats, sites: Sites, far_bias: float, aside_bias: float, room: Flight) -> None:
    """Residuals of range and azimuth of a plot, and their slopes by position, as the first two of `room`'s."""
    s, h, off = int(row[SENSOR]), room.h, room.off
    axes = sites.axes[s]
    e, n, u = 0.0, 0.0, 0.0
    for a in range(3):
        away = x[a] + ahead * x[VX + a] - sites.place[s, a]
        e += axes[0, a] * away
        n += axes[1, a] * away
        u += axes[2, a] * away
    flat = max(math.sqrt(e * e + n * n), 1.0)
    if sites.slant[s] > 0.5:
        far = math.sqrt(flat * flat + u * u)
        outward, upward = 1.0 / far, u / far
    else:
        # Over the ground: the angle at the centre of the sphere that touches the Earth here.
        deep = sites.radius[s] + sites.altitude[s] + u
        far = sites.radius[s] * math.atan2(flat, deep)
        scale = sites.radius[s] / (deep * deep + flat * flat)
        outward, upward = scale * deep / flat, -scale * flat
    for a in range(3):
        h[0, a] = outward * (e * axes[0, a] + n * axes[1, a]) + upward * axes[2, a]
        h[1, a] = (n * axes[0, a] - e * axes[1, a]) / (flat * flat)
    off[0] = row[RANGE] - far_bias - far
    off[1] = (row[AZIMUTH] - aside_bias - math.atan2(e, n) + math.pi) % (2.0 * math.pi) - math.pi


@leaf
def _place(z: Floats, sites: Sites, lat: float, lon: float, height: float, room: Flight) -> None:
    """The same of a place in the frame, along and across its axis."""
    axes, h, off = room.axes, room.h, room.off
    east, north, turn = to_frame(sites.origin[0], sites.origin[1], lat, lon)
    axes_of(lat, lon, axes)
    c, s = math.cos(turn), math.sin(turn)
    scale = 1.0 / (1.0 + height / EARTH_RADIUS_M)
    de, dn = z[Z_EAST] - east, z[Z_NORTH] - north
    off[0] = de * z[U_EAST] + dn * z[U_NORTH]
    off[1] = de * z[U_NORTH] - dn * z[U_EAST]
    for a in range(3):
        right, up = scale * (c * axes[0, a] + s * axes[1, a]), scale * (c * axes[1, a] - s * axes[0, a])
        h[0, a] = z[U_EAST] * right + z[U_NORTH] * up
        h[1, a] = z[U_NORTH] * right - z[U_EAST] * up


@leaf
def _taken(x: Floats, p: Floats, ahead: float, room: Flight) -> float:
    """Kalman update of one mode in place, number by number, all linearised before the first. The log-likelihood."""
    before, gain, h, off = room.at, room.gain, room.h, room.off
    fill(before, x)
    like = 0.0
    for k in range(len(off)):
        if math.isnan(off[k]):
            continue
        s, v = room.var[k], off[k]
        for a in range(STATE):
            gain[a] = 0.0
            for b in range(3):
                gain[a] += h[k, b] * (p[b, a] + ahead * p[VX + b, a])
        for b in range(3):
            s += h[k, b] * (gain[b] + ahead * gain[VX + b])
            v -= h[k, b] * (x[b] - before[b] + ahead * (x[VX + b] - before[VX + b]))
        if k == 2 and v * v > HEIGHT_SIGMAS**2 * s:
            continue
        # Far outside of what is linear, as below the ground, a variance may be none any more: then so is the arc.
        like -= 0.5 * (v * v / s + math.log(s)) if s > 0.0 else math.nan
        for a in range(STATE):
            share = gain[a] / s
            x[a] += share * v
            for b in range(STATE):
                p[a, b] -= share * gain[b]
    return like


@inlined
def _seen(x: Floats, report: Report, sites: Sites, far: float, aside: float, room: Flight) -> None:
    """What a report says of a mode's state x: residuals (not a number: nothing), slopes and variances, into `room`."""
    row, z, ahead = report.row, report.z, report.row[TIME] - report.when
    h, off, var, axes = room.h, room.off, room.var, room.axes
    lat, lon, height = geodetic(x[X] + ahead * x[VX], x[Y] + ahead * x[VY], x[Z] + ahead * x[VZ])
    if row[KIND] == PLOT:
        s = int(row[SENSOR])
        _plot(x, ahead, row, sites, far, aside, room)
        var[0], var[1] = sites.sigma_range[s] ** 2, sites.sigma_azimuth[s] ** 2
    else:
        _place(z, sites, lat, lon, height, room)
        var[0], var[1] = z[ALONG], z[ACROSS]
    off[2] = math.nan
    if not math.isnan(row[ALTITUDE]):
        axes_of(lat, lon, axes)
        fill(h[2], axes[2])
        off[2], var[2] = z[HEIGHT] - height, z[HEIGHT_VAR]


@leaf
def told(room: Flight, report: Report, sites: Sites, far: float, aside: float) -> None:
    """Update every mode in place by a report, whose own time lies some moments after theirs.

    far, aside   biases of its sensor in range and azimuth, taken off a plot

    A report that is less surely the target's counts less.
    """
    ahead = report.row[TIME] - report.when
    w, like = room.w, room.like
    for mode in range(len(w)):
        here = room.x[mode]
        _seen(here, report, sites, far, aside, room)
        for k in range(3):
            room.var[k] /= report.surely
        like[mode] = _taken(here, room.p[mode], ahead, room)
        loose = BETA_SIGMAS * LOG_BETA_SIGMA
        here[BETA] = min(max(here[BETA], LOG_BETA - loose), LOG_BETA + loose)
    best, total = like[0], 0.0
    for mode in range(1, len(w)):
        # A mode that is no number any more must not be left out: nobody knows where such an arc is.
        if like[mode] > best or math.isnan(like[mode]):
            best = like[mode]
    for mode in range(len(w)):
        w[mode] = max(w[mode], 1e-9) * math.exp(max(like[mode] - best, -SURPRISE_MAX))
        total += w[mode]
    for mode in range(len(w)):
        w[mode] /= total
