"""Microphones: they hear what was, after the sound's way; some tell a direction, some only that something is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.spatial import cKDTree

from tocsin.earth.frames import Floats
from tocsin.earth.physics import SOUND_MPS
from tocsin.model.observation import Bearing, Presence
from tocsin.model.threat import ThreatClass
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.siting import Station


def meetings(stations: Sequence[Station], flight: Flight, field: Field, reach_m: float) -> list[tuple[int, Floats]]:
    """(station number, moments of the flight's own samples within reach over the ground), by station."""
    if not stations or reach_m <= 0:
        return []
    path = np.stack(field.frame.to_local(flight.lat, flight.lon), axis=-1)
    # A leg between two samples may come nearer than both ends.
    slack = float(np.hypot(*np.diff(path, axis=0).T).max()) / 2
    places = np.array([station.place_m[:2] for station in stations])
    near = cKDTree(places).sparse_distance_matrix(cKDTree(path), reach_m + slack, output_type="ndarray")
    if not len(near):
        return []
    near = near[np.lexsort((near["j"], near["i"]))]
    who, first = np.unique(near["i"], return_index=True)
    parts = np.split(near["j"], first[1:])
    return [(int(number), flight.time_s[part]) for number, part in zip(who, parts, strict=True)]


def heard(stations: Sequence[Station], flight: Flight, field: Field, seed: int) -> Iterator[Draft]:
    """What microphones of any reach report of one flight."""
    noise = flight.kind.noise
    longest_m = max((station.sensor.range_m or 0.0 for station in stations), default=0.0)
    for number, moments in meetings(stations, flight, field, longest_m * noise):
        yield from _hears(stations[number], flight, float(moments[0]), float(moments[-1]), seed)


def _hears(station: Station, flight: Flight, first_s: float, last_s: float, seed: int) -> Iterator[Draft]:
    sensor = station.sensor
    assert sensor.scan_s is not None and sensor.range_m is not None and sensor.detection_probability is not None
    rng = stream(seed, "look", sensor.id, flight.object)
    sent = (
        np.arange(np.floor(first_s / sensor.scan_s), np.ceil(last_s / sensor.scan_s)) + station.phase
    ) * sensor.scan_s
    sent = sent[(sent >= flight.time_s[0]) & (sent <= flight.time_s[-1])]
    away, azimuth, _ = station.polar(flight.ecef_at(sent))
    # The moment of hearing: when it was sent plus the sound's way; right for what outruns its sound, too.
    at = sent + away / SOUND_MPS
    luck, errors, wrong = rng.random(len(sent)), rng.normal(0, 1, len(sent)), rng.random(len(sent))
    confidence, arrival = rng.uniform(0.5, 0.95, len(sent)), station.arrival_s(at, rng)
    reach = sensor.range_m * flight.kind.noise
    hears = (luck < sensor.detection_probability) & (away <= reach) & station.working(at)
    stamps, errs = station.stamp_s(at), station.errs(at)
    sigma_deg, quiet_until_s = station.azimuth_sigma_deg(5.0, at), -np.inf
    others = flight.kind.taken_for
    for k in np.flatnonzero(hears).tolist():
        if at[k] < quiet_until_s:
            continue
        quiet_until_s = float(at[k]) + station.group.again_s
        threat: ThreatClass = flight.threat
        if errs[k] or wrong[k] < station.group.wrong_class:
            threat = others[k % len(others)]
        direction = None
        if sensor.kind == "acoustic":
            direction = float(azimuth[k] + station.azimuth_bias_deg + sigma_deg[k] * errors[k]) % 360
        yield _draft(station, float(arrival[k]), float(stamps[k]), threat, direction, float(confidence[k]))


def false_hearing(station: Station, duration_s: float, seed: int) -> Iterator[Draft]:
    """Mopeds, tractors, wind."""
    sensor = station.sensor
    rng = stream(seed, "false", sensor.id)
    expected = (sensor.false_plots_per_scan or 0.0) * duration_s / (sensor.scan_s or 1.0)
    times = np.sort(rng.uniform(0, duration_s, min(int(rng.poisson(expected)), 1_000_000)))
    times = times[station.working(times)]
    arrival, stamps = station.arrival_s(times, rng), station.stamp_s(times)
    azimuth, confidence = rng.uniform(0, 360, len(times)), rng.uniform(0.3, 0.8, len(times))
    for k in range(len(times)):
        direction = float(azimuth[k]) if sensor.kind == "acoustic" else None
        yield _draft(station, float(arrival[k]), float(stamps[k]), "drone", direction, float(confidence[k]))


def _draft(
    station: Station, arrival_s: float, stamp_s: float, threat: ThreatClass, azimuth: float | None, confidence: float
) -> Draft:
    name = station.sensor.id
    if azimuth is None:
        fields = {"sensor": name, "threat": threat, "confidence": round(confidence, 2)}
        return Draft(arrival_s, stamp_s, name, Presence, fields)
    sigma = station.sensor.sigma_azimuth_deg or 5.0
    fields = {"sensor": name, "azimuth_deg": round(azimuth, 1), "sigma_deg": sigma, "threat": threat}
    return Draft(arrival_s, stamp_s, name, Bearing, fields)
