"""Sectors: whether four engines over 1,449 zones say what one says, while zones move; and how much work each has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.zone_files import import_zones
from tocsin.model.event import Configuration, Event
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.replay.configuration import configuration_of, read_policy
from tocsin.replay.progress import share_shown
from tocsin.replay.sectors import Decided, differences, played_cut, played_uncut
from tocsin.sectors.cut import Cut, cut_of
from tocsin.sectors.load import load_of
from tocsin.sectors.moving import begun, finished
from tocsin.sectors.planning import planned
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Scenario, scenario_from_toml
from tocsin.simulate.world import simulate

ZONES = 1_449
RAIDS = 50
SECTORS = 4
# Zones that move in each raid, one after another.
MOVES = 5
# Raids in which the engines of so many sectors are timed beside one engine for all.
TIMED, COUNTS = 3, (2, 4)
# As far across as the widest country of this continent.
WIDE_M = 650_000.0

REACH = {"sectors_warnings_that_differ": 0}

# Braces are filled in by country: its middle and how far it lies around that.
_RAID = """
name = "cut"
start = 2026-05-21T00:30:00Z
duration_s = 240

[place]
centre = [{lat}, {lon}]
radius_m = {radius_m}

[[threats]]
kind = "drone"
count = 30
spread_s = 60
from_deg = [0, 360]
from_m = [1_000, {radius_m}]
reach_m = 60_000
route = "detours"

[[threats]]
kind = "cruise_missile"
count = 6
spread_s = 60
from_deg = [0, 360]
from_m = [1_000, {radius_m}]
route = "detours"

[[threats]]
kind = "jet"
count = 3
spread_s = 60
from_deg = [0, 360]
from_m = [1_000, {radius_m}]
turn_back = 0.45

[[threats]]
kind = "rocket"
count = 3
first_s = 60
spread_s = 30
from_deg = [0, 360]
from_m = [15_000, 40_000]
launch_report = 0.3

[[sensors]]
name = "radar"
kind = "radar"
count = 8
distance_m = [0, {radius_m}]
mast_m = 60
range_m = 150_000
sigma_range_m = 60
sigma_azimuth_deg = 0.12
sigma_altitude_m = 500
scan_s = 5
false_plots_per_scan = 3
delay_s = 1
height = true

[[sensors]]
name = "mic"
kind = "presence"
place = "mesh"
spacing_m = 50_000
distance_m = [0, {radius_m}]
range_m = 20_000
scan_s = 3
detection_probability = 0.8
false_plots_per_scan = 0.0002
delay_s = 1

[reports]
false_sightings_per_hour = 20
night = true
"""


@dataclass(frozen=True)
class Country:
    """Where raids are played: zones, how far they lie around their middle, and the sensors' and raiders' places."""

    name: str
    zones: tuple[Zone, ...]
    radius_m: float

    def scenario(self) -> Scenario:
        """The raid, spread over all of it."""
        corners = [ring[0] for zone in self.zones for polygon in zone.polygons for ring in polygon]
        lon, lat = np.mean(corners, axis=0).tolist()
        return scenario_from_toml(_RAID.format(lat=lat, lon=lon, radius_m=self.radius_m).encode(), "sectors")


def countries() -> Iterator[Country]:
    """1,449 alert areas of a narrow country, where `TOCSIN_DATA` has them; and as many invented zones of a wide one."""
    if data := os.environ.get("TOCSIN_DATA"):
        folder = Path(data) / "zones" / "il_oref"
        shelter = folder / "area_to_migun_time.json"
        areas = import_zones([folder / "area_to_polygon.json"], lat_first=True, shelter_file=shelter).zones
        yield Country("narrow", areas, 210_000.0)
    yield Country("wide", invented_zones(ZONES, radius_m=WIDE_M), WIDE_M)


def figures() -> dict[str, Any]:
    """The law over raids from seeds, and the load by how many sectors there are."""
    places = tuple(countries())
    warnings, differ = 0, 0
    with share_shown("raids") as progress:
        for seed in range(RAIDS):
            told, which = compared(places[seed % len(places)], seed)
            warnings, differ = warnings + told, differ + len(which)
            progress((seed + 1) / RAIDS)
    law = {
        "sectors_raids": RAIDS,
        "sectors_zones": ZONES,
        "sectors_warnings": warnings,
        "sectors_warnings_that_differ": differ,
    }
    return law | {key: value for place in places for key, value in loads(place).items()}


def compared(place: Country, seed: int) -> tuple[int, list[tuple[str, Warning]]]:
    """One raid, uncut and cut: how many warnings one engine issues, and those that it alone or the sectors alone do.

    While it goes on, one zone after another moves to the next sector, and each sector's engine goes on from its
    snapshot in a new one, as in a rolling start: when each does follows from the seed.
    """
    events, uncut = night(place, seed)
    rng = np.random.default_rng([seed, ZONES])
    cut = cut_by_load(place.zones, events, SECTORS)
    cuts = {0: cut}
    # A rising number of events for the two steps of each move; of the zones, those that were warned rather than others.
    warned = sorted({one.zone for one in uncut.warnings}) or [zone.id for zone in place.zones]
    steps = np.sort(rng.choice(np.arange(1, len(events)), 2 * MOVES, replace=False)).tolist()
    for begins, ends in zip(steps[::2], steps[1::2], strict=True):
        zone = warned[int(rng.integers(len(warned)))]
        others = [name for name in cut.sectors if zone not in cut.sectors[name]]
        both = begun(cut, [zone], others[int(rng.integers(len(others)))])
        cut = finished(both)
        cuts |= {begins: both, ends: cut}
    restarts = {name: int(rng.integers(1, len(events))) for name in cut.sectors}
    return len(uncut.warnings), differences(uncut.warnings, played_cut(events, cuts, restarts))


def loads(place: Country) -> dict[str, float]:
    """Processor seconds of the busiest sector's engine, in percent of those of one engine for all."""
    found: dict[str, list[float]] = {}
    for seed in range(RAIDS, RAIDS + TIMED):
        events, _ = night(place, seed)
        whole = cut_by_load(place.zones, events, 1)
        alone_s = played_cut(events, {0: whole}, {})["s1"].cpu_s
        for count in COUNTS:
            sectors = played_cut(events, {0: cut_by_load(place.zones, events, count)}, {})
            most_s = max(one.cpu_s for one in sectors.values())
            found.setdefault(f"sectors_{place.name}_{count}_busiest_percent", []).append(100 * most_s / alone_s)
        found.setdefault(f"sectors_{place.name}_1_cpu_s", []).append(alone_s)
    return {key: round(float(np.mean(values)), 1) for key, values in found.items()}


def night(place: Country, seed: int) -> tuple[list[Event], Decided]:
    """The events of one raid, and what one engine makes of them."""
    drawn = simulate(place.scenario(), place.zones, seed)
    begin = drawn.observations[0].received_at
    country = configuration_of(drawn.zones, drawn.sensors, read_policy("default"), drill=True, time=begin)
    return played_uncut(country, drawn.observations)


def cut_by_load(zones: Sequence[Zone], events: Sequence[Event], count: int) -> Cut:
    """As `tocsin sectors plan` cuts, by the sensors of a night's configuration."""
    country, index = events[0], ZoneIndex(zones)
    assert isinstance(country, Configuration), "a night begins with a configuration"
    label = planned(index, load_of(index, country.sensors), count)
    return cut_of([f"s{number + 1}" for number in range(count)], label.tolist(), index.zones)
