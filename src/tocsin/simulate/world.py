"""One night from one integer: everything that flies, everything that is reported of it, and what was true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.model.errors import BadValue
from tocsin.model.observation import Observation, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of, time_of
from tocsin.model.zone import Zone
from tocsin.simulate.chance import SEED_MAX
from tocsin.simulate.field import Field, field_of
from tocsin.simulate.flight import Flight
from tocsin.simulate.listening import false_hearing, heard
from tocsin.simulate.radar import false_plots, radar_plots
from tocsin.simulate.raids import raid_of
from tocsin.simulate.receiving import broadcasts
from tocsin.simulate.report_draft import Draft
from tocsin.simulate.scenario import Scenario
from tocsin.simulate.siting import Station, given_stations, stations_of
from tocsin.simulate.traffic import traffic_of
from tocsin.simulate.truth import TrueObject, Truth
from tocsin.simulate.watching import false_sightings, sighted

# About 6 GB of observations; a quiet week over a country has half a million.
OBSERVATIONS_MAX = 5_000_000
# Truth keeps a point of each path about this often.
PATH_EVERY_S = {"civil": 30.0, "ballistic_missile": 2.0, "rocket": 1.0}
PATH_EVERY_DEFAULT_S = 5.0


@dataclass(frozen=True)
class Simulation:
    """A night.

    observations   in order of `received`, ids unique
    sensors        as they declare themselves; their faults are not in it
    zones          the zones given
    truth          strikes in order of time, then objects
    north_s        radar id -> seconds from the start at which its beam first points north
    origin         id of an observation -> the object it stems from; those of nothing that flies are left out
    """

    observations: tuple[Observation, ...]
    sensors: tuple[Sensor, ...]
    zones: tuple[Zone, ...]
    truth: tuple[Truth, ...]
    north_s: dict[str, float]
    origin: dict[str, str]


def simulate(
    scenario: Scenario, zones: Sequence[Zone], seed: int, sensors: Sequence[Sensor] | None = None
) -> Simulation:
    """The night of a scenario over some zones. The same arguments give the same night, byte for byte.

    sensors   a network that exists, instead of the scenario's groups and what goes wrong with them

    Raises BadValue where the scenario cannot be played over these zones or would be larger than OBSERVATIONS_MAX.
    """
    if not 0 <= seed <= SEED_MAX:
        raise BadValue(f"the seed is {seed}; it must lie between 0 and {SEED_MAX}")
    field = field_of(scenario, zones, seed)
    stations = stations_of(scenario, field, seed) if sensors is None else given_stations(sensors, field, seed)
    radars = [station.place_m[:2] for station in stations if station.sensor.kind == "radar"]
    raid = raid_of(scenario, field, radars, seed)
    flights = raid.flights + traffic_of(scenario, field, seed)
    drafts = list(raid.reports)
    for draft in _reports(scenario, field, stations, flights, seed):
        drafts.append(draft)
        if len(drafts) > OBSERVATIONS_MAX:
            raise BadValue(f"more than {OBSERVATIONS_MAX} observations; shorten {scenario.name} or thin its sensors")
    truth: list[Truth] = list(raid.strikes)
    truth += [_true_object(scenario, flight) for flight in flights]
    start_s = seconds_of(scenario.start)
    observations, origin = numbered(f"{scenario.name}/{seed}", start_s, scenario.duration_s, drafts)
    return Simulation(
        observations=observations,
        sensors=tuple(station.sensor for station in stations),
        zones=tuple(zones),
        truth=tuple(truth),
        north_s={s.sensor.id: s.phase * (s.sensor.scan_s or 1.0) for s in stations if s.sensor.kind == "radar"},
        origin=origin,
    )


def _reports(
    scenario: Scenario, field: Field, stations: Sequence[Station], flights: Sequence[Flight], seed: int
) -> Iterator[Draft]:
    """Everything that sensors and people report, in no particular order."""
    radars = [station for station in stations if station.sensor.kind == "radar"]
    microphones = [station for station in stations if station.sensor.kind in ("acoustic", "presence")]
    spotters = [station for station in stations if station.sensor.kind == "spotter"]
    receivers = [station for station in stations if station.sensor.kind == "adsb"]
    for flight in flights:
        for radar in radars:
            yield from _of(flight, radar_plots(radar, flight, field, seed))
        yield from _of(flight, heard(microphones, flight, field, seed))
        yield from _of(flight, sighted(spotters, flight, field, scenario.reports, seed))
        yield from _of(flight, broadcasts(receivers, flight, field, seed))
    for radar in radars:
        yield from false_plots(radar, scenario.duration_s, seed)
    for microphone in microphones:
        yield from false_hearing(microphone, scenario.duration_s, seed)
    yield from false_sightings(scenario, spotters, field, seed)
    for station in stations:
        yield from _present(station)
        yield from _status(station)


def _of(flight: Flight, drafts: Iterable[Draft]) -> Iterator[Draft]:
    return (draft._replace(object=flight.object) for draft in drafts)


def _present(station: Station) -> Iterator[Draft]:
    """Who speaks only when something is there says at the beginning that it listens: else nobody could know."""
    if station.group.announced and station.sensor.speaks == "event" and bool(station.working(np.zeros(1))[0]):
        yield Draft(0.0, 0.0, "sensor-watch", Status, {"sensor": station.sensor.id, "state": "up"})


def _status(station: Station) -> Iterator[Draft]:
    """Somebody says that a sensor is down, and up again."""
    name = station.sensor.id
    for fault in station.faults:
        if fault.told is None or fault.kind not in ("lost", "silent"):
            continue
        at_s = fault.at_s + fault.told
        yield Draft(at_s, at_s, "sensor-watch", Status, {"sensor": name, "state": "down", "reason": fault.kind})
        if fault.kind == "silent" and fault.lasts_s is not None and fault.lasts_s > fault.told:
            up_s = fault.at_s + fault.lasts_s
            yield Draft(up_s, up_s, "sensor-watch", Status, {"sensor": name, "state": "up"})


def numbered(
    prefix: str, start_s: float, duration_s: float, drafts: list[Draft]
) -> tuple[tuple[Observation, ...], dict[str, str]]:
    """(observations in order of arrival, id -> object it stems from).

    Each source counts its own, so that one more source changes no other's ids.
    """
    # Stable: drafts of one source come in a fixed order, and sources are told apart before it matters.
    drafts.sort(key=lambda draft: (round(draft.received_s, 3), draft.source, draft.time_s))
    counts: Counter[str] = Counter()
    observations: list[Observation] = []
    origin: dict[str, str] = {}
    for draft in drafts:
        if draft.received_s > duration_s:
            break
        counts[draft.source] += 1
        name = f"{prefix}/{draft.source}/{counts[draft.source]}"
        if draft.object is not None:
            origin[name] = draft.object
        observations.append(
            draft.kind(
                id=name,
                time=time_of(round(start_s + draft.time_s, 3)),
                received=time_of(round(start_s + draft.received_s, 3)),
                source=draft.source,
                **draft.fields,
            )
        )
    return tuple(observations), origin


def _true_object(scenario: Scenario, flight: Flight) -> TrueObject:
    start_s = seconds_of(scenario.start)
    every_s = PATH_EVERY_S.get(flight.threat, PATH_EVERY_DEFAULT_S)
    step = max(1, round(every_s / float(flight.time_s[1] - flight.time_s[0])))
    kept = sorted({*range(0, len(flight.time_s), step), len(flight.time_s) - 1})
    path = tuple(
        (
            time_of(round(start_s + float(flight.time_s[k]), 3)),
            round(float(flight.lat[k]), 6),
            round(float(flight.lon[k]), 6),
            round(float(flight.altitude_m[k]), 1),
        )
        for k in kept
    )
    return TrueObject(object=flight.object, threat=flight.threat, path=path)
