"""Radars: a beam that turns, a horizon, slant range, noise, misses, false plots, and stamps from the beam's passing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tocsin.earth.frames import Floats, geodetic_of
from tocsin.earth.physics import EARTH_RADIUS_M
from tocsin.model.errors import BadValue
from tocsin.model.observation import Plot
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.siting import Station

# A transponder answers with height in steps of 25 ft.
MODE_C_M = 7.62
FALSE_PLOTS_MAX = 3_000_000


def _passes_s(station: Station, flight: Flight) -> Floats:
    """When the beam passes a flight [K]: it points north at (k + phase) scans, and at azimuth a that much later."""
    scan_s = station.sensor.scan_s or 1.0
    turns = np.arange(np.floor(flight.time_s[0] / scan_s) - 2, np.ceil(flight.time_s[-1] / scan_s) + 1) + station.phase
    passes = turns * scan_s
    _, first, _ = station.polar(flight.ecef_at(passes))
    azimuth = first
    # The target moves little in a scan: the second correction is already below a millisecond. Azimuths go on past
    # north, or a target there would be met at both ends of a turn.
    for _ in range(3):
        passes = (turns + azimuth / 360) * scan_s
        azimuth = first + (station.polar(flight.ecef_at(passes))[1] - first + 180) % 360 - 180
    return np.asarray(passes[(passes >= flight.time_s[0]) & (passes <= flight.time_s[-1])], float)


def ground_range_m(slant_m: Floats, antenna_m: float, target_m: Floats) -> Floats:
    """Range over the ground: r^2 = dh^2 + 4 (R + h1)(R + h2) sin^2(g / 2R)."""
    inner = slant_m**2 - (target_m - antenna_m) ** 2
    outer = 4 * (EARTH_RADIUS_M + antenna_m) * (EARTH_RADIUS_M + target_m)
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(inner / outer, 0.0, 1.0))))


def radar_plots(station: Station, flight: Flight, field: Field, seed: int) -> Iterator[Draft]:
    """What one radar reports of one flight."""
    sensor, group = station.sensor, station.group
    assert sensor.range_m is not None and sensor.sigma_range_m is not None
    assert sensor.sigma_azimuth_deg is not None and sensor.detection_probability is not None
    passes = _passes_s(station, flight)
    if not len(passes):
        return
    rng = stream(seed, "look", sensor.id, flight.object)
    luck, noise = rng.random(len(passes)), rng.normal(0, 1, (3, len(passes)))
    arrival = station.arrival_s(passes, rng)
    points = flight.ecef_at(passes)
    slant, azimuth, line = station.polar(points)
    lat, lon, altitude = geodetic_of(points)
    answers = group.secondary and flight.identity is not None
    reach = sensor.range_m * (1.0 if answers else flight.kind.echo)
    seen = (luck < sensor.detection_probability) & (slant <= reach) & (altitude <= group.ceiling_m)
    seen &= station.working(passes)
    looked = np.flatnonzero(seen)
    targets = np.stack([*field.frame.to_local(lat[looked], lon[looked]), altitude[looked]], axis=-1)
    looked = looked[field.ground.visible(station.place_m, targets)]
    measured = slant if sensor.range_kind == "slant" else ground_range_m(slant, sensor.altitude_m, altitude)
    noise *= group.noise_factor
    measured = np.maximum(measured + station.range_bias_m + sensor.sigma_range_m * noise[0], 0.0)
    pointed = (azimuth + station.azimuth_bias_deg + sensor.sigma_azimuth_deg * noise[1]) % 360
    stamps = station.stamp_s(passes)
    ahead = flight.ecef_at(np.minimum(passes + 0.5, flight.time_s[-1]))
    behind = flight.ecef_at(np.maximum(passes - 0.5, flight.time_s[0]))
    radial = ((ahead - behind) * line).sum(axis=-1)
    for k in looked.tolist():
        fields = {
            "sensor": sensor.id,
            "range_m": round(float(measured[k]), 1),
            "azimuth_deg": round(float(pointed[k]), 4),
        }
        if answers and flight.identity is not None:
            fields["icao24"], _, fields["mode3a"] = flight.identity
            fields["altitude_m"] = round(round(float(altitude[k]) / MODE_C_M) * MODE_C_M, 1)
        elif group.height:
            fields["altitude_m"] = round(
                max(0.0, float(altitude[k] + (sensor.sigma_altitude_m or 0.0) * noise[2, k])), 1
            )
        if group.doppler:
            fields["doppler_mps"] = round(float(radial[k]), 1)
        yield Draft(float(arrival[k]), float(stamps[k]), sensor.id, Plot, fields)


def false_plots(station: Station, duration_s: float, seed: int) -> Iterator[Draft]:
    """Plots of nothing, evenly over the coverage, stamped as the beam passes; more while it is flooded."""
    sensor = station.sensor
    assert sensor.range_m is not None
    rng = stream(seed, "false", sensor.id)
    per_second = (sensor.false_plots_per_scan or 0.0) / (sensor.scan_s or 1.0)
    times = rng.uniform(0, duration_s, _count(per_second * duration_s, rng))
    for fault in station.faults:
        if fault.kind == "flood":
            lasts_s = min(duration_s, fault.at_s + (fault.lasts_s or duration_s)) - fault.at_s
            more = _count(per_second * (fault.factor - 1) * max(lasts_s, 0.0), rng)
            times = np.concatenate([times, fault.at_s + rng.uniform(0, max(lasts_s, 0.0), more)])
    times = np.sort(times)
    times = times[station.working(times)]
    ranges = sensor.range_m * np.sqrt(rng.random(len(times)))
    azimuths = 360 * ((times / (sensor.scan_s or 1.0) - station.phase) % 1.0)
    altitudes = rng.uniform(100, 8_000, len(times))
    arrival, stamps = station.arrival_s(times, rng), station.stamp_s(times)
    for k in range(len(times)):
        fields = {
            "sensor": sensor.id,
            "range_m": round(float(ranges[k]), 1),
            "azimuth_deg": round(float(azimuths[k]), 4),
        }
        if station.group.height:
            fields["altitude_m"] = round(float(altitudes[k]), 1)
        yield Draft(float(arrival[k]), float(stamps[k]), sensor.id, Plot, fields)


def _count(expected: float, rng: np.random.Generator) -> int:
    if expected > FALSE_PLOTS_MAX:
        raise BadValue(f"{expected:.0f} false plots from one sensor; at most {FALSE_PLOTS_MAX}: lower the rate")
    return int(rng.poisson(expected))
