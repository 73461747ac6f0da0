"""Spotters: people who see or hear something, take a while, judge distance badly and sometimes name the wrong thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tocsin.earth.physics import SOUND_MPS
from tocsin.model.observation import Sighting
from tocsin.model.threat import ThreatClass
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.listening import meetings
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.scenario import Reports, Scenario
from tocsin.simulate.siting import Station

# What a bare ear hears; microphones do better.
EARSHOT_M = 3_000.0
# In the dark an eye sees this share as far.
NIGHT_SIGHT = 0.3
# Standard deviation of ln(judged distance / distance): judged within a factor of 1.5 two times in three.
DISTANCE_SPREAD = 0.405
# Who errs judges distance within a factor of 2.2.
ERRING_SPREAD = 2.0
HEADING_SIGMA_DEG = 20.0
# Some people report again while it is there; most have taken cover.
AGAIN = 0.35
DELAY_S_MAX = 600.0
FALSE_KINDS: tuple[ThreatClass, ...] = ("drone", "drone", "jet", "unknown", "helicopter", "rocket")


def sighted(stations: Sequence[Station], flight: Flight, field: Field, reports: Reports, seed: int) -> Iterator[Draft]:
    """What spotters report of one flight."""
    kind = flight.kind
    if flight.threat == "civil":
        return  # people know an airliner; those they do not know are the false sightings
    sight_m = min(kind.sight_m, reports.visibility_m) * (NIGHT_SIGHT if reports.night else 1.0)
    ear_m = EARSHOT_M * kind.noise
    longest_m = max((station.sensor.range_m or 0.0 for station in stations), default=0.0)
    for number, moments in meetings(stations, flight, field, min(max(sight_m, ear_m), longest_m)):
        yield from _sights(stations[number], flight, moments, sight_m, ear_m, seed)


def _sights(
    station: Station,
    flight: Flight,
    moments: np.ndarray[tuple[int], np.dtype[np.float64]],
    sight_m: float,
    ear_m: float,
    seed: int,
) -> Iterator[Draft]:
    sensor = station.sensor
    assert sensor.scan_s is not None and sensor.range_m is not None
    rng = stream(seed, "look", sensor.id, flight.object)
    away, azimuth, _ = station.polar(flight.ecef_at(moments))
    within = np.flatnonzero(away <= min(max(sight_m, ear_m), sensor.range_m))
    if not len(within) or rng.random() >= (sensor.detection_probability or 0.0):
        return
    first_s, last_s = float(moments[within[0]]), float(moments[within[-1]])
    at_s = first_s + float(rng.exponential(5.0))
    _, headings = flight.course_at(moments)
    while at_s <= last_s:
        k = int(np.argmin(np.abs(moments - at_s)))
        sense = "seen" if away[k] > ear_m else "heard" if away[k] > sight_m else "both"
        # Who only hears it points to where it was when the sound left.
        hears_at = at_s + (float(away[k]) / SOUND_MPS if sense == "heard" else 0.0)
        yield _report(station, flight, hears_at, float(away[k]), float(azimuth[k]), float(headings[k]), sense, rng)
        if rng.random() >= AGAIN:
            return
        at_s += sensor.scan_s * float(rng.uniform(1, 2))


def _report(
    station: Station,
    flight: Flight,
    at_s: float,
    away_m: float,
    azimuth_deg: float,
    heading_deg: float,
    sense: str,
    rng: np.random.Generator,
) -> Draft:
    sensor = station.sensor
    others = flight.kind.taken_for
    moment = np.array([at_s])
    errs, sigma_deg = bool(station.errs(moment)[0]), float(station.azimuth_sigma_deg(10.0, moment)[0])
    spread = DISTANCE_SPREAD * (ERRING_SPREAD if errs else 1.0)
    draws = rng.normal(0, 1, 4)
    luck = rng.random(4)
    fields: dict[str, Any] = {
        "lat": round(sensor.lat, 4),
        "lon": round(sensor.lon, 4),
        "threat": others[int(luck[0] * len(others))] if errs or luck[1] < station.group.wrong_class else flight.threat,
        "sense": sense,
    }
    if luck[2] < 0.85:
        pointed = azimuth_deg + station.azimuth_bias_deg + sigma_deg * float(draws[0])
        fields["bearing_deg"] = float(round(pointed / 5) * 5 % 360)
        fields["distance_m"] = float(max(100, round(away_m * np.exp(spread * draws[1]) / 100) * 100))
    if luck[3] < 0.6:
        fields["heading_deg"] = float(round((heading_deg + HEADING_SIGMA_DEG * float(draws[2])) / 15) * 15 % 360)
    delay = min(DELAY_S_MAX, (sensor.delay_s or 45.0) * float(np.exp(0.45 * draws[3])))
    return Draft(at_s + delay, float(station.stamp_s(moment)[0]), sensor.id, Sighting, fields)


def false_sightings(scenario: Scenario, stations: Sequence[Station], field: Field, seed: int) -> Iterator[Draft]:
    """Sightings of nothing, by spotters where there are any, else by people in towns."""
    rng = stream(seed, "false-sightings")
    expected = scenario.reports.false_sightings_per_hour * scenario.duration_s / 3_600
    for at_s in np.sort(rng.uniform(0, scenario.duration_s, int(rng.poisson(expected)))).tolist():
        person, town = rng.random(), field.among_people(rng)
        lat, lon = map(float, field.frame.to_geodetic(*town))
        source = "public"
        if stations:
            sensor = stations[int(person * len(stations))].sensor
            lat, lon, source = sensor.lat, sensor.lon, sensor.id
        fields: dict[str, Any] = {
            "lat": round(lat, 4),
            "lon": round(lon, 4),
            "threat": FALSE_KINDS[int(rng.integers(len(FALSE_KINDS)))],
            "sense": ("heard", "seen")[int(rng.integers(2))],
        }
        bearing, distance = float(rng.integers(72)) * 5, float(rng.integers(5, 60)) * 100
        if rng.random() < 0.7:
            fields |= {"bearing_deg": bearing, "distance_m": distance}
        yield Draft(at_s + float(rng.uniform(20, 120)), at_s, source, Sighting, fields)
