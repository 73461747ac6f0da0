"""Observations as rows of numbers in the sector's frame: what the kernels work on.

A row is float64 [WIDTH]. Polar rows (PLOT) keep range and azimuth; the others (AREA kinds) hold a point in the frame
with a variance along and across an axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.earth.sighted import sighted
from tocsin.model.observation import Bearing, Observation, Plot, Position, Presence, Sighting
from tocsin.model.sensor import Sensor
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]

TIME, KIND, SENSOR, RANGE, AZIMUTH, ALTITUDE, DOPPLER, ICAO, MODE3A = range(9)
EAST, NORTH = RANGE, AZIMUTH
VAR_ALONG, VAR_ACROSS, AXIS, SPEED, HEADING, CLASS, WEIGHT, COOPERATIVE, TIE = range(9, 18)
WIDTH = 18

PLOT, POSITION, BEARING, PRESENCE, SIGHTING = range(5)

# ADS-B positions that say nothing about their quality: NACp 8, 93 m (95 %).
POSITION_SIGMA_M = 50.0


def _tie(text: str) -> float:
    """A number below 2^52 that depends on the text alone: order among simultaneous rows."""
    return float(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 12)


def icao_number(text: str | None) -> float:
    return -1.0 if text is None else float(int(text, 16))


def blank(time_s: float, kind: int, sensor: int, tie: str) -> list[float]:
    row = [math.nan] * WIDTH
    row[TIME], row[KIND], row[SENSOR], row[TIE] = time_s, float(kind), float(sensor), _tie(tie)
    row[ICAO] = row[MODE3A] = row[CLASS] = -1.0
    row[WEIGHT], row[COOPERATIVE] = 1.0, 0.0
    return row


def class_number(name: str | None) -> float:
    return -1.0 if name is None or name == "unknown" else float(THREAT_CLASSES.index(name))


def row_of(observation: Observation, number: int, sensors: Sequence[Sensor], frame: LocalFrame) -> list[float] | None:
    """The row of an observation by source number `number`; None where its kind says nothing about a track."""
    time_s = seconds_of(observation.time)
    match observation:
        case Plot():
            return _plot(observation, time_s, number)
        case Position():
            return _position(observation, time_s, number, frame)
        case Bearing() | Presence():
            return _heard(observation, time_s, number, sensors[number], frame)
        case Sighting():
            return _sighting(observation, time_s, number, frame)
    return None


def _plot(plot: Plot, time_s: float, number: int) -> list[float]:
    row = blank(time_s, PLOT, number, plot.id)
    row[RANGE], row[AZIMUTH] = plot.range_m, math.radians(plot.azimuth_deg)
    if plot.altitude_m is not None:
        row[ALTITUDE] = plot.altitude_m
    if plot.doppler_mps is not None:
        row[DOPPLER] = plot.doppler_mps
    row[ICAO] = icao_number(plot.icao24)
    row[MODE3A] = -1.0 if plot.mode3a is None else float(int(plot.mode3a, 8))
    return row


def _place(row: list[float], frame: LocalFrame, lat: float, lon: float, ahead_m: float, axis_rad: float) -> None:
    east, north = frame.to_local(lat, lon)
    row[EAST] = float(east) + ahead_m * math.sin(axis_rad)
    row[NORTH] = float(north) + ahead_m * math.cos(axis_rad)
    row[AXIS] = axis_rad


def _position(position: Position, time_s: float, number: int, frame: LocalFrame) -> list[float]:
    row = blank(time_s, POSITION, number, position.id)
    _place(row, frame, position.lat, position.lon, 0.0, 0.0)
    row[VAR_ALONG] = row[VAR_ACROSS] = (position.sigma_m or POSITION_SIGMA_M) ** 2
    if position.altitude_m is not None:
        row[ALTITUDE] = position.altitude_m
    row[ICAO] = icao_number(position.icao24)
    if position.speed_mps is not None and position.heading_deg is not None:
        row[SPEED], row[HEADING] = position.speed_mps, math.radians(position.heading_deg)
    row[COOPERATIVE] = float(position.cooperative)
    return row


def _heard(
    report: Bearing | Presence, time_s: float, number: int, sensor: Sensor, frame: LocalFrame
) -> list[float] | None:
    """Somewhere within the sensor's reach; a bearing says on which side."""
    reach = sensor.range_m or 4_000.0
    row = blank(time_s, BEARING if isinstance(report, Bearing) else PRESENCE, number, report.id)
    row[CLASS] = class_number(report.threat)
    if isinstance(report, Presence):
        # Uniform over a disc of radius r: variance r^2 / 4 along any axis.
        _place(row, frame, sensor.lat, sensor.lon, 0.0, 0.0)
        row[VAR_ALONG] = row[VAR_ACROSS] = reach**2 / 4
        row[WEIGHT] = report.confidence
        return row
    # Uniform over a narrow sector: mean 2/3 r, variance r^2 / 18.
    _place(row, frame, sensor.lat, sensor.lon, reach * 2 / 3, math.radians(report.azimuth_deg))
    row[VAR_ALONG] = reach**2 / 18
    row[VAR_ACROSS] = math.radians(report.sigma_deg) ** 2
    return row


def _sighting(sighting: Sighting, time_s: float, number: int, frame: LocalFrame) -> list[float]:
    row = blank(time_s, SIGHTING, number, sighting.id)
    row[CLASS] = class_number(sighting.threat)
    seen = sighted(sighting, frame)
    row[EAST], row[NORTH], row[AXIS] = seen.east_m, seen.north_m, seen.axis_rad
    row[VAR_ALONG], row[VAR_ACROSS] = seen.along_m**2, seen.across_m**2
    if sighting.heading_deg is not None:
        row[HEADING] = math.radians(sighting.heading_deg)
    if sighting.altitude_m is not None:
        row[ALTITUDE] = sighting.altitude_m
    return row


def ordered(rows: Floats) -> Floats:
    """Rows by time; simultaneous ones by their ids alone, so that the order of arrival leaves no trace."""
    return rows[np.lexsort((rows[:, TIE], rows[:, TIME]))]
