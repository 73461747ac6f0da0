"""ADS-B receivers: aircraft that say where they are, heard over the horizon of the receiver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tocsin.earth.frames import geodetic_of
from tocsin.model.observation import Position
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.siting import Station

# Position error of a satellite-navigated aircraft, and the step of its barometric height.
SIGMA_M = 20.0
STEP_M = 7.62


def broadcasts(stations: Sequence[Station], flight: Flight, field: Field, seed: int) -> Iterator[Draft]:
    """What receivers hear of one aircraft; of one message the first receiver that hears it tells."""
    if flight.identity is None or not stations:
        return
    rng = stream(seed, "broadcast", flight.object)
    every_s = min(station.sensor.scan_s or 1.0 for station in stations)
    sent = np.arange(flight.time_s[0] + every_s * rng.random(), flight.time_s[-1], every_s)
    if not len(sent):
        return
    lat, lon, altitude = geodetic_of(flight.ecef_at(sent))
    speed, heading = flight.course_at(sent)
    east, north = field.frame.to_local(lat, lon)
    errors, height = rng.normal(0, SIGMA_M, (2, len(sent))), np.round(altitude / STEP_M) * STEP_M
    lat, lon = field.frame.to_geodetic(east + errors[0], north + errors[1])
    told = np.zeros(len(sent), bool)
    for station in stations:
        sensor = station.sensor
        mine = stream(seed, "look", sensor.id, flight.object)
        away, _, _ = station.polar(flight.ecef_at(sent))
        hears = (mine.random(len(sent)) < (sensor.detection_probability or 1.0)) & (away <= (sensor.range_m or 0.0))
        hears &= station.working(sent) & field.ground.visible(
            station.place_m, np.stack([east, north, altitude], axis=-1)
        )
        arrival, stamps = station.arrival_s(sent, mine), station.stamp_s(sent)
        for k in np.flatnonzero(hears & ~told).tolist():
            icao24, callsign, _ = flight.identity
            fields = {
                "lat": round(float(lat[k]), 5),
                "lon": round(float(lon[k]), 5),
                "altitude_m": round(float(height[k]), 1),
                "sigma_m": SIGMA_M,
                "icao24": icao24,
                "callsign": callsign,
                "speed_mps": round(float(speed[k]), 1),
                "heading_deg": round(float(heading[k]), 1) % 360,
                "cooperative": True,
            }
            yield Draft(float(arrival[k]), float(stamps[k]), sensor.id, Position, fields)
        told |= hears
