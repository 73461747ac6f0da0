"""Real flights seen by simulated radars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.earth.frames import frame_around
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.aviation import JUMP_MPS
from tocsin.model.errors import BadValue
from tocsin.model.observation import Observation, Position
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.value import seconds_of
from tocsin.simulate.bursts import NONE
from tocsin.simulate.chance import stream
from tocsin.simulate.field import Field
from tocsin.simulate.flight import Flight
from tocsin.simulate.radar import false_plots, radar_plots
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.scenario import Sensors, Terrain
from tocsin.simulate.siting import Station
from tocsin.simulate.terrain import ground_of
from tocsin.simulate.world import numbered

# Between two samples farther apart than this nobody knows where it was.
GAP_S = 60.0


@dataclass(frozen=True)
class Seen:
    """observations: plots in order of arrival; start_s, end_s: POSIX; north_s: as `Simulation.north_s`."""

    observations: tuple[Observation, ...]
    start_s: float
    end_s: float
    north_s: dict[str, float]


def flights_of(positions: Sequence[Position], start_s: float) -> tuple[Flight, ...]:
    """Flights of the aircraft in some positions, cut at gaps and impossible jumps; times count from `start_s`.

    Where the height is not known no radar can be said to see anything: such positions are left out.
    """
    by_aircraft: dict[str, list[Position]] = {}
    for position in positions:
        if position.altitude_m is None:
            continue
        by_aircraft.setdefault(position.icao24 or position.callsign or position.source, []).append(position)
    flights = []
    for name, samples in sorted(by_aircraft.items()):
        samples.sort(key=lambda one: one.time)
        time_s = np.array([seconds_of(one.time) for one in samples]) - start_s
        _, first = np.unique(time_s, return_index=True)
        lat, lon, altitude = (
            np.array([getattr(one, key) for one in samples])[first] for key in ("lat", "lon", "altitude_m")
        )
        time_s = time_s[first]
        if len(time_s) < 2:
            continue
        frame = frame_around(lat[:1], lon[:1])
        steps = np.hypot(*(np.diff(axis) for axis in frame.to_local(lat, lon)))
        breaks = np.flatnonzero((np.diff(time_s) > GAP_S) | (steps > JUMP_MPS * np.diff(time_s))) + 1
        for part, piece in enumerate(np.split(np.arange(len(time_s)), breaks)):
            if len(piece) >= 2:
                identity = (samples[0].icao24, samples[0].callsign, None)
                flights.append(
                    Flight(f"{name}-{part}", "civil", time_s[piece], lat[piece], lon[piece], altitude[piece], identity)
                )
    return tuple(flights)


def seen_by(positions: Sequence[Position], sensors: Sequence[Sensor], seed: int) -> Seen:
    """Plots of real flights as the radars among `sensors` would report them, with their noise, misses and false plots.

    Raises BadValue where there is no radar or no position.
    """
    radars = [sensor for sensor in sensors if sensor.kind == "radar"]
    if not radars or not positions:
        raise BadValue(f"{len(radars)} radars and {len(positions)} positions; at least one of each is needed")
    times = [seconds_of(one.time) for one in positions]
    start_s, end_s = float(np.floor(min(times))), float(np.ceil(max(times)))
    frame = frame_around([radar.lat for radar in radars], [radar.lon for radar in radars])
    nothing = np.zeros(0)
    field = Field(ZoneIndex((), frame), ground_of(Terrain(), seed), nothing.astype(np.intp), nothing, 0.0)
    drafts: list[Draft] = []
    flights = flights_of(positions, start_s)
    stations = [_station(radar, field, seed) for radar in radars]
    for station in stations:
        for flight in flights:
            drafts += radar_plots(station, flight, field, seed)
        drafts += false_plots(station, end_s - start_s, seed)
    observations, _ = numbered(f"flights/{seed}", start_s, end_s - start_s, drafts)
    return Seen(
        observations=observations,
        start_s=start_s,
        end_s=end_s,
        north_s={one.sensor.id: one.phase * (one.sensor.scan_s or 1.0) for one in stations},
    )


def _station(radar: Sensor, field: Field, seed: int) -> Station:
    """A radar as it declares itself; it measures height where it declares how well."""
    group = Sensors(name="flown", kind="radar", secondary=True, height=radar.sigma_altitude_m is not None)
    east, north = field.frame.to_local(radar.lat, radar.lon)
    place = np.array([float(east), float(north), radar.altitude_m])
    phase = float(stream(seed, "sensor", radar.id).random())
    return Station(with_defaults(radar), group, place, phase, 0.0, 0.0, 0.0, (), NONE, NONE)
