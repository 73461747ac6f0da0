"""Nights of drones through text alone: spotters tell five channels, their lines are read, and the engine warns.

Beside the same raid through radars, microphones and the same spotters. A drone counts as tracked when a track follows
it, one for each, for at least half of the time from its first line to its end.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.lines import asked_by
from tocsin.forecast.heard import Heard
from tocsin.forecast.reported import Reported
from tocsin.ingest.gazetteer import build_zones
from tocsin.ingest.text.channels import Channels
from tocsin.ingest.text.profile import Profile
from tocsin.model.access import Authority
from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Event, Tick
from tocsin.model.observation import ChannelReport, Observation, Sighting
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone
from tocsin.replay.configuration import configuration_of, read_policy
from tocsin.replay.offline import Offline
from tocsin.score.cover import cover_of_warnings
from tocsin.score.sightings import sightings_of
from tocsin.score.strikes import struck_of
from tocsin.score.truth import Truth, truth_of
from tocsin.service.warmup import warm_up
from tocsin.simulate.channels import CHANNELS, Written, written
from tocsin.simulate.scenario import scenario_from_toml
from tocsin.simulate.world import Simulation, simulate
from tocsin.twins.guarded import Guarded

Floats = NDArray[np.float64]

# Numbers of `track/told*.py` were chosen on seeds from 100 on; figures are reported on those from here.
REPORTED_FROM = 1
COUNTRY, CENTRE, RADIUS_M = "UA", (50.45, 30.52), 120_000.0
# A track follows a drone within this; looked at this often.
FOLLOWS_M, LOOK_S = 15_000.0, 30.0
SCENARIO = b"""
name = "text"
start = 2026-01-15T21:00:00Z
duration_s = 5_400
[place]
centre = [50.45, 30.52]
radius_m = 60_000
[[threats]]
kind = "drone"
count = 12
first_s = 60
spread_s = 3_000
from_deg = [60, 210]
from_m = [70_000, 110_000]
route = "detours"
shot_down = 0.3
impact_report = 0.0
[[sensors]]
name = "spotter"
kind = "spotter"
place = "towns"
count = 400
distance_m = [0, 110_000]
wrong_class = 0.05
[[sensors]]
name = "village"
kind = "spotter"
place = "mesh"
spacing_m = 6_000
distance_m = [0, 35_000]
wrong_class = 0.05
[reports]
false_sightings_per_hour = 4
night = true
"""
SENSORS = b"""
[[sensors]]
name = "radar"
kind = "radar"
count = 3
distance_m = [15_000, 45_000]
mast_m = 40
range_m = 150_000
sigma_range_m = 60
sigma_azimuth_deg = 0.12
sigma_altitude_m = 500
scan_s = 5
detection_probability = 0.9
false_plots_per_scan = 3
delay_s = 1
height = true
[[sensors]]
name = "mic"
kind = "presence"
place = "mesh"
spacing_m = 9_000
distance_m = [0, 70_000]
range_m = 4_000
scan_s = 3
detection_probability = 0.8
false_plots_per_scan = 0.0002
delay_s = 1
"""


def nights(seeds: Sequence[int]) -> dict[str, Any]:
    """The figures of some nights together."""
    zones = _zones()
    # As the service does when it starts.
    warm_up()
    found = [night(zones, seed) for seed in seeds]
    drones = sum(one["drones"] for one in found)
    errors = np.concatenate([one["errors_m"] for one in found])
    strikes = sum(one["strikes"] for one in found)
    line_ms = np.concatenate([one["line_ms"] for one in found])
    return {
        "nights": len(found),
        "lines": sum(one["lines"] for one in found),
        "drones": drones,
        "told_of": sum(one["told"] for one in found),
        "tracked": round(sum(one["tracked"] for one in found) / drones, 3),
        "tracked_of_told": round(sum(one["tracked"] for one in found) / sum(one["told"] for one in found), 3),
        "error_m": {f"p{rank}": round(float(np.percentile(errors, rank))) for rank in (50, 90)},
        "tracks_of_nothing": round(sum(one["idle"] for one in found) / sum(one["tracks"] for one in found), 3),
        "echoes": sum(one["echoes"] for one in found),
        "echoes_second_voice": round(
            sum(one["confirming"] for one in found) / max(1, sum(one["echoes"] for one in found)), 4
        ),
        "strikes": strikes,
        "in_time": {
            name: round(sum(one[name] for one in found) / max(1, strikes), 3)
            for name in ("text", "text_any", "sensors", "sensors_any")
        },
        "person_hours_under_cover": {
            name: sum(one[f"{name}_person_h"] for one in found) for name in ("text", "sensors")
        },
        # Of a processor: on a busy machine it waits besides.
        "arrival_to_board_ms": {f"p{rank}": round(float(np.percentile(line_ms, rank)), 1) for rank in (50, 99, 100)},
    }


def night(zones: tuple[Zone, ...], seed: int, *, sensors: bool = True) -> dict[str, Any]:
    """One night through text, and through sensors."""
    alone, seen = (simulate(scenario_from_toml(text, "bench text"), zones, seed) for text in (SCENARIO, _both()))
    lines = written([one for one in alone.observations if isinstance(one, Sighting)], zones, seed)
    sources = tuple(Authority(id=name, kinds=("report",), per_second_max=10.0) for name in CHANNELS)
    channels = Channels(_profiles(zones))
    understood = [channels.understood(one.line) for one in lines]
    # As the service does when it starts: else a line waits for all that was read before it to be looked through.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    by_text = _Run(zones, alone, understood, sources)
    truth = truth_of((to_json(one) for one in alone.truth), "the simulation")
    first_s: dict[str, float] = {}
    for one in lines:
        drone = alone.origin.get(one.sighting)
        if drone is not None:
            first_s.setdefault(drone, seconds_of(one.line.time))
    result = _followed(by_text.looks, truth, first_s, by_text.index) | _echoing(lines, understood, by_text.index)
    result |= _cover(by_text, truth, "text")
    if sensors:
        result |= _cover(_Run(zones, seen, seen.observations, None), truth, "sensors")
    strikes = sum(strike.zone is not None for strike in truth.strikes)
    line_ms = _reading_ms(lines, zones) + 1e3 * np.array(by_text.engine.spent_s)
    return result | {"lines": len(lines), "strikes": strikes, "line_ms": line_ms}


def _profiles(zones: Sequence[Zone]) -> dict[str, Profile]:
    """Each channel's profile: it writes of these zones' regions."""
    covers = sorted(
        {zone.parent for zone in zones if zone.parent is not None and zone.parent.startswith(f"{COUNTRY}.")}
    )
    return {name: Profile(name, covers=tuple(covers)) for name in CHANNELS}


def _both() -> bytes:
    return SCENARIO + SENSORS


def _zones() -> tuple[Zone, ...]:
    every = build_zones(COUNTRY)
    return tuple(every[k] for k in ZoneIndex(every).within(*CENTRE, RADIUS_M).tolist())


class _AsRead(Offline):
    """A replay of lines that were read before, by their channels' profiles."""

    def _understood(self, observation: Observation) -> Observation:
        return observation


class _Clocked(Guarded):
    """An engine that notes how long it takes over lines, and over the decision that follows on each."""

    def __init__(self) -> None:
        super().__init__()
        self.spent_s: list[float] = []
        self._told = False

    def step(self, event: Event) -> list[Effect]:
        begun_s = time.process_time()
        effects = super().step(event)
        spent_s = time.process_time() - begun_s
        if isinstance(event, ChannelReport):
            self.spent_s.append(spent_s)
            self._told = True
        elif isinstance(event, Tick) and self._told:
            self.spent_s[-1] += spent_s
            self._told = False
        return effects


class _Run:
    """A night decided: its warnings, and its tracks every LOOK_S.

    sources   who may say what; None: everybody everything
    """

    def __init__(
        self,
        zones: tuple[Zone, ...],
        night: Simulation,
        observations: Sequence[Observation],
        sources: tuple[Authority, ...] | None,
    ) -> None:
        self.index, self.engine = ZoneIndex(zones), _Clocked()
        self.warnings: list[Warning] = []
        self.looks: list[tuple[float, tuple[Track, ...]]] = []
        begin = observations[0].received_at
        sensors = () if sources is not None else night.sensors
        policy = read_policy("default")
        configuration = configuration_of(zones, sensors, policy, drill=True, time=begin, sources=sources)
        for effect in _AsRead(configuration, engine=self.engine).run(observations):
            if isinstance(effect, Warning):
                self.warnings.append(effect)
            elif isinstance(effect, Picture):
                at_s = seconds_of(effect.time)
                if not self.looks or at_s >= self.looks[-1][0] + LOOK_S:
                    self.looks.append((at_s, effect.tracks))


def _cover(run: _Run, truth: Truth, name: str) -> dict[str, Any]:
    """Strikes whose zone was under cover as long before as people need, and at all; hours of people under cover."""
    struck = struck_of(truth, sightings_of(np.empty((0, 7)), run.index), run.index)
    ends_s = max(float(path.time_s[-1]) for path in truth.paths)
    cover = cover_of_warnings(run.warnings, run.index.number, ends_s)
    leads = struck.leads_s(cover)
    person_s = float((run.index.population[cover.zone] * (cover.end_s - cover.begin_s)).sum())
    return {
        name: int((leads >= struck.shelter_s).sum()),
        f"{name}_any": int((leads > 0).sum()),
        f"{name}_person_h": round(person_s / 3_600),
    }


def _followed(
    looks: Sequence[tuple[float, tuple[Track, ...]]], truth: Truth, first_s: Mapping[str, float], index: ZoneIndex
) -> dict[str, Any]:
    """How many drones are tracked, how far off their tracks are, and how many tracks ever follow none.

    first_s   drone -> when the first line that stems from it was posted
    """
    seen, followed, errors = Counter[str](), Counter[str](), []
    every, used = set[str](), set[str]()
    for at_s, tracks in looks:
        every |= {track.id for track in tracks}
        told = [path for path in truth.paths if first_s.get(path.object, np.inf) <= at_s <= path.time_s[-1]]
        seen.update(path.object for path in told)
        if not told or not tracks:
            continue
        places = [path.at(np.array([at_s])) for path in told]
        east, north = index.frame.to_local([float(lat[0]) for lat, _ in places], [float(lon[0]) for _, lon in places])
        track_east, track_north = index.frame.to_local([one.lat for one in tracks], [one.lon for one in tracks])
        away = np.hypot(east[:, None] - track_east, north[:, None] - track_north)
        for row, column in zip(*linear_sum_assignment(np.minimum(away, 2 * FOLLOWS_M)), strict=True):
            if away[row, column] <= FOLLOWS_M:
                followed[told[row].object] += 1
                used.add(tracks[column].id)
                errors.append(float(away[row, column]))
    tracked = [path for path in truth.paths if seen[path.object] and 2 * followed[path.object] >= seen[path.object]]
    return {
        "drones": len(truth.paths), "told": len(first_s), "tracked": len(tracked), "errors_m": np.array(errors),
        "tracks": len(every), "idle": len(every - used),
    }  # fmt: skip


class _Watched(Reported):
    """What people report, noting which lines confirm which."""

    def __init__(self, index: ZoneIndex) -> None:
        super().__init__(index)
        self.pairs: list[tuple[Heard, Heard]] = []

    def _independent(self, heard: Heard, fitting: NDArray[np.intp]) -> NDArray[np.intp]:
        kept = super()._independent(heard, fitting)
        self.pairs += [(heard, self.kept[k]) for k in kept.tolist()]
        return kept


def _echoing(lines: Sequence[Written], understood: Sequence[ChannelReport], index: ZoneIndex) -> dict[str, int]:
    """How many lines are echoes, and how many of them count as a second voice beside the one they repeat."""
    told = _Watched(index)
    echoed = {(one.line.source, seconds_of(one.line.time)): one.echoes for one in lines}
    for read in understood:
        for report, line in asked_by(read):
            told.take(report, read.source, alone=False, line=line)
        told.floors(seconds_of(read.time), np.full(len(index), 90.0))
    confirming = set()
    for pair in told.pairs:
        for said, other in (pair, pair[::-1]):
            assert said.line is not None, "a line that no channel told"
            if echoed[said.voice, said.line.posted_s] == other.voice:
                confirming.add((said.voice, said.line.posted_s))
    return {"echoes": sum(one is not None for one in echoed.values()), "confirming": len(confirming)}


def _reading_ms(lines: Sequence[Written], zones: Sequence[Zone]) -> Floats:
    """Milliseconds that reading each line takes."""
    channels, spent = Channels(_profiles(zones)), []
    channels.warm()
    for one in lines:
        begun_s = time.process_time()
        channels.understood(one.line)
        spent.append(1e3 * (time.process_time() - begun_s))
    return np.array(spent)
