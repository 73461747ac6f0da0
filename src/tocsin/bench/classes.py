"""What tracks are called beside what they were: right names, calibration and log loss, in air pictures and raids."""

from __future__ import annotations

import json as to_json
from typing import NamedTuple

import numpy as np
import typer
from numpy.typing import NDArray
from rich.table import Table

from tocsin.bench.skill_families import scenario_of, zones_of
from tocsin.bench.track import DURATION_S, ours
from tocsin.bench.track_measures import FROM_S, TRUE_CLASS, calibration, matches
from tocsin.bench.track_scenario import scenario
from tocsin.earth.frames import frame_around
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.value import seconds_of
from tocsin.report.tables import table_console
from tocsin.simulate.truth import TrueObject
from tocsin.simulate.world import Simulation, simulate
from tocsin.track.tracker import Tracker

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TARGETS = 100
SEEDS = (101, 102, 103)
RAIDS, RAID_SEEDS = ("drones", "cruise", "jets", "ballistic", "rockets", "mixed"), (101, 102)
EVERY_S = 5.0
# A track farther than this from what flies there is no track of it.
NEAR_M = 2_000.0


class Called(NamedTuple):
    """Tracks at moments: float64 [K, C] probabilities of the classes, int64 [K] the true one."""

    classes: Floats
    true: Ints


def run(json: bool) -> None:
    """Print the figures of every family, and of all together, each weighing alike."""
    families = {"radars over the ground": pictured(False), "slant, rotating": pictured(True)}
    families |= {f"raid: {name}": raided(name) for name in RAIDS}
    figures = {name: calibration(*called, np.ones(len(called.true))) for name, called in families.items()}
    together = Called(*(np.concatenate(parts) for parts in zip(*families.values(), strict=True)))
    weight = np.concatenate([np.full(len(one.true), 1.0 / len(one.true)) for one in families.values()])
    figures["all, each alike"] = calibration(*together, weight)
    if json:
        typer.echo(to_json.dumps({name: found._asdict() for name, found in figures.items()}))
        return
    table = Table("", "tracks at moments", "right", "sure", "calibration error", "log loss")
    for name, found in figures.items():
        moments = len(families[name].true) if name in families else len(together.true)
        table.add_row(
            name, f"{moments:,}", f"{found.right:.2f}", f"{found.sure:.2f}", f"{found.error:.3f}",
            f"{found.log_loss:.3f}",
        )  # fmt: skip
    table_console().print(table)


def pictured(real: bool) -> Called:
    """The air pictures of `tocsin bench track`, where nobody identifies himself."""
    classes, true = [], []
    for seed in SEEDS:
        one = scenario(TARGETS, seed, duration_s=DURATION_S, real=real)
        seen, _ = ours(one)
        assert seen.classes is not None
        for match in matches(one, seen):
            if match.time_s >= FROM_S and match.time_s % EVERY_S == 0.0:
                classes.append(seen.classes[match.which])
                true.append(TRUE_CLASS[one.kind[match.who]])
    return Called(np.concatenate(classes), np.concatenate(true))


def raided(family: str) -> Called:
    """Raids of a family of `tocsin bench skill`: every kind of sensor, reporters who err, airliners that say who they
    are."""
    found = [row for seed in RAID_SEEDS for row in _played(simulate(scenario_of(family, seed), zones_of(family), seed))]
    return Called(np.array([shares for shares, _ in found]), np.array([true for _, true in found]))


def _played(night: Simulation) -> list[tuple[list[float], int]]:
    """(probabilities, true class) of the confirmed track nearest to everything in the air, every few seconds."""
    frame = frame_around([one.lat for one in night.sensors], [one.lon for one in night.sensors])
    flown = []
    for one in night.truth:
        if isinstance(one, TrueObject):
            at_s = np.array([seconds_of(point[0]) for point in one.path])
            east, north = frame.to_local(*np.array([point[1:3] for point in one.path]).T)
            flown.append((THREAT_CLASSES.index(one.threat), at_s, east, north))
    tracker = Tracker(night.sensors, frame)
    received_s = [seconds_of(one.received_at) for one in night.observations]
    found, taken = [], 0
    for now_s in np.arange(received_s[0] + EVERY_S, received_s[-1], EVERY_S).tolist():
        while received_s[taken] <= now_s:
            tracker.observe(night.observations[taken])
            taken += 1
        tracks = [track for track in tracker.advance(now_s) if track.status != "tentative"]
        if not tracks:
            continue
        place = np.stack(frame.to_local([one.lat for one in tracks], [one.lon for one in tracks]))
        for true, at_s, east, north in flown:
            if at_s[0] <= now_s <= at_s[-1]:
                where = np.array([[np.interp(now_s, at_s, east)], [np.interp(now_s, at_s, north)]])
                away = np.hypot(*(place - where))
                if away.min() < NEAR_M:
                    said = tracks[int(away.argmin())].classes
                    found.append(([said.get(name, 0.0) for name in THREAT_CLASSES], true))
    return found
