"""Where the sensors stand, and what is secretly wrong with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.earth.frames import Floats, ecef_of, enu_axes
from tocsin.model.errors import BadValue
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.simulate.bursts import bursts, within
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.scenario import SENSORS_MAX, Fault, Scenario, Sensors

# Fields of a group that a sensor declares as they stand.
DECLARED = (
    "range_m", "range_kind", "sigma_range_m", "sigma_azimuth_deg", "sigma_altitude_m", "scan_s",
    "detection_probability", "false_plots_per_scan", "delay_s",
)  # fmt: skip
# A radar is put on the best of some points about its place, a mast nowhere special.
RADAR_SEARCH_M = 5_000.0
# Radars that reach less far are for air traffic and surveillance, whose beams end at about the lower height.
HIGH_REACH_M, CEILING_M, HIGH_M = 200_000.0, 30_000.0, 500_000.0
# Who errs points this many times worse.
ERRING = 8.0


@dataclass(frozen=True)
class Station:
    """One sensor in the world: what it declares (`sensor`, with defaults), where it stands, and its hidden faults.

    place_m   east, north, height [3] in the world's frame
    phase     where its beam, listening or sending stands at the start, as a share of its interval
    gaps_s    [B, 2] when nothing comes from it
    errs_s    [B, 2] when it names another class and a wrong place
    """

    sensor: Sensor
    group: Sensors
    place_m: Floats
    phase: float
    range_bias_m: float
    azimuth_bias_deg: float
    clock_bias_s: float
    faults: tuple[Fault, ...]
    gaps_s: Floats
    errs_s: Floats

    @cached_property
    def ecef_m(self) -> Floats:
        """Earth-centred position [3]."""
        return ecef_of(self.sensor.lat, self.sensor.lon, self.sensor.altitude_m)

    @cached_property
    def axes(self) -> Floats:
        """East, north, up at its place, [3, 3]."""
        return enu_axes(self.sensor.lat, self.sensor.lon)

    def working(self, time_s: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """bool [K]: whether it works at these moments."""
        works = ~within(self.gaps_s, time_s)
        for fault in self.faults:
            if fault.kind in ("lost", "silent"):
                works &= ~_during(fault, time_s)
        return works

    def stamp_s(self, time_s: Floats) -> Floats:
        """What its clock says at these moments [K]."""
        stamps = time_s + self.clock_bias_s
        for fault in self.faults:
            if fault.kind == "clock":
                stamps = stamps + fault.offset_s * _during(fault, time_s)
        return stamps

    def arrival_s(self, time_s: Floats, rng: np.random.Generator) -> Floats:
        """When its reports of these moments arrive [K]: half of the delay is fixed, half is chance."""
        delay = self.sensor.delay_s or 0.0
        return time_s + delay * (0.5 + 0.5 * np.minimum(rng.exponential(1.0, len(time_s)), 10.0))

    def polar(self, ecef_m: Floats) -> tuple[Floats, Floats, Floats]:
        """(slant range_m, azimuth_deg, unit line of sight [K, 3] Earth-centred) of points [K, 3]."""
        line = ecef_m - self.ecef_m
        east, north, _ = self.axes @ line.T
        reach = np.linalg.norm(line, axis=-1)
        return reach, np.degrees(np.arctan2(east, north)) % 360, line / np.maximum(reach, 1.0)[:, None]

    def azimuth_sigma_deg(self, usual_deg: float, time_s: Floats) -> Floats:
        """One standard deviation of its true errors of direction at these moments [K]; `usual_deg` where undeclared."""
        declared = (self.sensor.sigma_azimuth_deg or usual_deg) * self.group.noise_factor
        return np.where(self.errs(time_s), min(ERRING * declared, 180.0), declared)

    def errs(self, time_s: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """bool [K]: whether it errs at these moments."""
        return within(self.errs_s, time_s)


def _during(fault: Fault, time_s: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    ends_s = np.inf if fault.kind == "lost" or fault.lasts_s is None else fault.at_s + fault.lasts_s
    return np.asarray((time_s >= fault.at_s) & (time_s < ends_s))


def stations_of(scenario: Scenario, field: Field, seed: int) -> tuple[Station, ...]:
    """Every sensor of a scenario, group by group. Raises BadValue where there would be too many."""
    stations: list[Station] = []
    for group in scenario.sensors:
        places = _places(group, field, stream(seed, "sites", group.name))
        struck: dict[int, list[Fault]] = {}
        for number, fault in enumerate(scenario.faults):
            if fault.group == group.name and len(places):
                chosen = stream(seed, "fault", number).permutation(len(places))[: fault.count]
                for site in chosen.tolist():
                    struck.setdefault(site, []).append(fault)
        for site, place in enumerate(places):
            number = len(stations)
            stations.append(_station(scenario, group, field, site, number, place, tuple(struck.get(site, ())), seed))
        if len(stations) > SENSORS_MAX:
            raise BadValue(f"more than {SENSORS_MAX} sensors; make spacing_m of {group.name} larger")
    return tuple(stations)


def given_stations(sensors: Sequence[Sensor], field: Field, seed: int) -> tuple[Station, ...]:
    """A network that exists, as it declares itself and without hidden faults, in the world of a seed.

    A radar measures heights where it declares how well, hears transponders, and sees up to `ceiling_m`.
    """
    stations = []
    for sensor in sensors:
        radar = sensor.kind == "radar"
        group = Sensors(
            name=sensor.kind,
            kind=sensor.kind,
            height=radar and sensor.sigma_altitude_m is not None,
            secondary=radar,
            ceiling_m=ceiling_m(with_defaults(sensor)),
        )
        east, north = (float(part) for part in field.frame.to_local(sensor.lat, sensor.lon))
        stations.append(
            Station(
                sensor=with_defaults(sensor),
                group=group,
                place_m=np.array([east, north, sensor.altitude_m]),
                phase=float(stream(seed, "sensor", sensor.id).random()),
                range_bias_m=0.0,
                azimuth_bias_deg=0.0,
                clock_bias_s=0.0,
                faults=(),
                gaps_s=np.empty((0, 2)),
                errs_s=np.empty((0, 2)),
            )
        )
    return tuple(stations)


def ceiling_m(sensor: Sensor) -> float:
    """Height above which a sensor, with its defaults filled in, sees nothing where it does not say so itself.

    A radar of short reach looks along the ground; one of long reach sees what is thrown.
    """
    return HIGH_M if sensor.kind == "radar" and (sensor.range_m or 0.0) >= HIGH_REACH_M else CEILING_M


def _places(group: Sensors, field: Field, rng: np.random.Generator) -> Floats:
    """Places [S, 2] of a group."""
    if group.place == "towns":
        order = field.played[np.argsort(-field.weight, kind="stable")][: group.count]
        return np.stack([field.index.east_m[order], field.index.north_m[order]], axis=-1)
    low, high = group.distance_m
    first, last = group.sector_deg
    if group.place == "ring":
        angle = np.radians(first + (last - first) * (np.arange(group.count) + rng.uniform(0.2, 0.8)) / group.count)
        distance = rng.uniform(low, high, group.count)
        return np.stack([distance * np.sin(angle), distance * np.cos(angle)], axis=-1)
    if np.pi * high**2 / group.spacing_m**2 > 4 * SENSORS_MAX:
        raise BadValue(f"the mesh {group.name} would have over {SENSORS_MAX} sensors; make its spacing_m larger")
    count = int(high / group.spacing_m) + 2
    row, column = np.mgrid[-count : count + 1, -count : count + 1]
    east = (column + 0.5 * (row % 2)).ravel() * group.spacing_m
    north = row.ravel() * group.spacing_m * np.sqrt(3) / 2
    points = np.stack([east, north], axis=-1)
    points += rng.uniform(-0.15, 0.15, points.shape) * group.spacing_m
    distance, angle = np.hypot(*points.T), np.degrees(np.arctan2(*points.T)) % 360
    return np.asarray(points[(distance >= low) & (distance <= high) & ((angle - first) % 360 <= last - first)], float)


def _station(
    scenario: Scenario,
    group: Sensors,
    field: Field,
    site: int,
    number: int,
    place: Floats,
    faults: tuple[Fault, ...],
    seed: int,
) -> Station:
    name = f"{group.name}-{site + 1}"
    rng = stream(seed, "sensor", name)
    around = place + rng.uniform(-RADAR_SEARCH_M, RADAR_SEARCH_M, (24, 2))
    if group.kind == "radar" and field.ground.terrain.relief_m:
        place = around[int(np.argmax(field.ground.height_m(around[:, 0], around[:, 1])))]
    height = float(field.ground.height_m(*place)) + group.mast_m
    lat, lon = field.frame.to_geodetic(*place)
    declared = {field_name: getattr(group, field_name) for field_name in DECLARED}
    sensor = Sensor(
        id=name,
        kind=group.kind,
        lat=round(float(lat), 6),
        lon=round(float(lon), 6),
        altitude_m=round(height, 1),
        asterix=(1 + number // 250, 1 + number % 250) if group.asterix else None,
        **declared,
    )
    errors = rng.normal(0, 1, 3)
    return Station(
        sensor=with_defaults(sensor),
        group=group,
        place_m=np.array([*place, height]),
        phase=float(rng.random()),
        range_bias_m=group.range_bias_m * float(errors[0]),
        azimuth_bias_deg=group.azimuth_bias_deg * float(errors[1]),
        clock_bias_s=group.clock_bias_s * float(errors[2]),
        faults=faults,
        gaps_s=bursts(group.gap_share, group.gap_s, scenario.duration_s, stream(seed, "gaps", name)),
        errs_s=bursts(group.err_share, group.err_s, scenario.duration_s, stream(seed, "errs", name)),
    )
