"""The real service, without HTTP, through one night on a simulated disk, clock and network."""

from __future__ import annotations

import asyncio
import math
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tocsin.bench.damage import cut, delete, flip, tear
from tocsin.bench.disk import Disk
from tocsin.bench.faults_workload import Doing, Network, Workload, drawn
from tocsin.journal import Journal, group_commit
from tocsin.model.errors import JournalError, NotDurable
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Observation
from tocsin.model.value import seconds_of
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.service import timekeeper
from tocsin.service.clock import Clock
from tocsin.service.intake import Intake
from tocsin.service.runtime import Runtime
from tocsin.service.serve import configured
from tocsin.service.settings import Settings, make_settings
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import scenario_from_toml
from tocsin.simulate.world import Simulation, simulate
from tocsin.twins.guarded import Guarded

# A decision every five seconds is enough to see a warning come and go, and a night takes seconds.
STEP_S, END_S, SNAPSHOT_EVERY_S = 5, 300, 30
# Senders try again after this long.
AGAIN_S = 5.0
# As patient as a service can be that lives through a minute in a second.
PATIENCE_S, RETRY_S, LOOK_S, SLOW_S = 0.2, 0.05, 0.02, 0.5
RANK = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}
_RAID = b"""
name = "faults"
start = 2026-01-01T00:00:00Z
duration_s = 300
[place]
zones = "towns.geojson"
[[threats]]
kind = "cruise_missile"
from_m = [20_000, 30_000]
speed_mps = [240, 250]
[[sensors]]
name = "radar"
kind = "radar"
mast_m = 50
range_m = 60_000
false_plots_per_scan = 1
"""


class Look(NamedTuple):
    """What the public saw after a decision.

    levels   of every zone
    told     the zones of which it was told that we may be blind; all of them where nothing is recorded, or time is
             doubted
    """

    levels: dict[str, str]
    told: frozenset[str]


@dataclass
class Seen:
    """A night as it was seen: what the public saw at every step, and what was done wrong.

    warnings   published, in order: zone, level, time
    events     in the journal at the end, as they were written; None: it could not be read, and said so
    """

    looks: list[Look] = field(default_factory=list)
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    events: list[bytes] | None = None
    faults: list[str] = field(default_factory=list)
    refused: str | None = None


@cache
def raid() -> Simulation:
    """Five minutes with one cruise missile, eight towns and one radar."""
    return simulate(scenario_from_toml(_RAID, "faults"), invented_zones(8, radius_m=30_000), 0)


class _Machine:
    """The time of the machine: seconds since the night began, and by how much its clock is off."""

    def __init__(self) -> None:
        self.now_s = self.off_s = 0.0
        self.begin = raid().observations[0].received_at

    def wall(self) -> datetime:
        return self.begin + timedelta(seconds=self.now_s + self.off_s)


class _SimulatedClock(Clock):
    """The service's own clock, driven by the machine's seconds."""

    def __init__(self, machine: _Machine) -> None:
        super().__init__(wall=machine.wall)
        self._machine = machine
        self._anchor_s = machine.now_s

    def elapsed_s(self) -> float:
        return self._machine.now_s - self._anchor_s


@dataclass(order=True)
class _Message:
    due_s: float
    number: int
    observation: Observation = field(compare=False)
    late: bool = field(compare=False, default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """A service that waits for a disk for milliseconds instead of seconds, on a machine that nobody keeps in time."""
    swapped: list[tuple[Any, str, Any]] = [
        (group_commit, "PATIENCE_S", PATIENCE_S),
        (group_commit, "RETRY_S", RETRY_S),
        (group_commit, "LOOK_S", LOOK_S),
        (timekeeper, "kept_by_others", lambda: False),
    ]
    before = [getattr(module, name) for module, name, _ in swapped]
    for module, name, value in swapped:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(swapped, before, strict=True):
            setattr(module, name, value)


class Night:
    """One story: a workload and a seed, in a folder of its own.

    unknowable   something was lost of which no file could tell the next life
    """

    def __init__(self, folder: Path, workload: Workload, chance: random.Random) -> None:
        self.seen = Seen()
        self._folder = folder
        self._chance = chance
        self._network: Network = workload.network
        self._doings: list[Doing] = drawn(workload, chance)
        self._machine = _Machine()
        self._disk = Disk()
        self._lives = 0
        # Ids of what was acknowledged, and of what was decided upon while the disk refused.
        self._acknowledged: set[str] = set()
        self._decided: set[str] = set()
        self.unknowable = False
        begin_s = seconds_of(self._machine.begin)
        self._waiting = [
            _Message(seconds_of(one.received_at) - begin_s, number, one)
            for number, one in enumerate(raid().observations)
        ]

    def play(self) -> Seen:
        """Live through it."""
        with self._disk.mounted(), hurried():
            asyncio.run(self._play())
        return self.seen

    async def _play(self) -> None:
        try:
            await self._begin(self._folder / "0")
            for step in range(0, END_S + 1, STEP_S):
                self._machine.now_s = float(step)
                while self._doings and self._doings[0].at_s <= step:
                    await self._do(self._doings.pop(0))
                await self._deliver()
                # As the service does once a second.
                self._runtime.time.weigh()
                self._runtime.channels.board.time_doubted = self._runtime.time.doubted
                if step % SNAPSHOT_EVERY_S == 0:
                    self._runtime.worker._snapshot_due_s = 0.0
                await self._runtime.ticker.tick()
                self._look()
            self._disk.heal()
            await self._disk_is_back()
            await self._runtime.stop()
            self._read()
        except JournalError as error:
            # It says that it cannot go on: that is honest, and the end of the night.
            self.seen.refused = str(error)

    async def _begin(self, folder: Path) -> None:
        """A life of the service, in a folder that may have known others."""
        settings = _settings_in(folder)
        configuration = msgspec.structs.replace(configured(settings), time=self._machine.wall())
        runtime = Runtime(settings, configuration, _SimulatedClock(self._machine))
        await runtime.start(ticking=False)
        # Real time makes none due: the story does, so that it is the same again.
        runtime.worker._snapshot_due_s = runtime.worker._snapshot_every_s = math.inf
        self._runtime, self._intake, self._settings = runtime, Intake(runtime), settings
        runtime.watch("seen", lambda decided: self.seen.warnings.extend(
            (one.zone, one.level, one.time.isoformat()) for one in decided.effects if isinstance(one, Warning)
        ))  # fmt: skip
        while runtime.worker.behind:
            await asyncio.sleep(0.001)
        self._check_acknowledged()

    async def _do(self, doing: Doing) -> None:
        if doing.what == "heal":
            self._disk.heal()
        elif doing.what == "slow":
            self._disk.slow_s = SLOW_S
        elif doing.what == "clock":
            self._machine.off_s += doing.by_s
        elif doing.what in ("kill", "power"):
            await self._kill(doing)
        else:
            setattr(self._disk, doing.what, True)

    async def _kill(self, doing: Doing) -> None:
        """End the life without a word, and begin the next with what the disk holds."""
        self._lives += 1
        before = self._settings.journal.path.parent
        after = self._folder / str(self._lives)
        self._disk.cut_power(before, after / "journal", self._chance, power=doing.what == "power")
        held = self._runtime.commits.undurable > 0
        # A head that could not be written, or not in time, tells the next life nothing.
        blind = self._runtime.journal.head_trouble is not None or self._disk.slow_s > 0 or doing.what == "power"
        self.unknowable |= held and blind
        # What goes on behind it no longer matters.
        faults, self._disk.full = self._disk.full, True
        await self._runtime.stop()
        self._disk.forget()
        self._disk.heal()
        self._disk.full = faults
        if doing.damage:
            self._chance.choice((flip, flip, cut, tear, delete))(after / "journal", self._chance)
            self.unknowable = True
        await self._begin(after)

    def _check_acknowledged(self) -> None:
        """Nothing that was acknowledged, or decided upon, is lost without a word."""
        journal, gap = self._runtime.journal, self._settings.journal.path.with_name("journal.db.gap")
        said = journal.gap is not None or gap.exists() or self._runtime.worker.engine.loss is not None
        try:
            there = {getattr(event, "id", "") for _, event in journal.read()}
        except JournalError:
            return
        lost = self._acknowledged - there
        if not self.unknowable:
            lost |= self._decided - there
        if lost and not said:
            self.seen.faults.append(f"{len(lost)} are lost without a word, among them {min(lost)}")
        self._acknowledged -= lost
        self._decided.clear()

    async def _deliver(self) -> None:
        """What comes by now, over the network as it is, in the order in which it comes."""
        now_s = self._machine.now_s
        due = sorted(one for one in self._waiting if one.due_s <= now_s)
        self._waiting = [one for one in self._waiting if one.due_s > now_s]
        for message in due:
            roll = self._chance.random()
            net = self._network
            if not message.late and roll < net.delayed:
                message.late, message.due_s = True, now_s + self._chance.uniform(*net.delay_s)
                self._waiting.append(message)
                continue
            arrives = self._chance.random() >= net.lost
            answered = arrives and await self._send(message.observation) and self._chance.random() >= net.unanswered
            if answered:
                self._acknowledged.add(message.observation.id)
            else:
                message.due_s = now_s + AGAIN_S
                self._waiting.append(message)

    async def _send(self, observation: Observation) -> bool:
        """Whether the service says that it has it."""
        admitted = await self._intake.admit([observation], "radars", relays=True)
        assert admitted.events, admitted.refused
        try:
            await self._intake.keep(admitted.events)
        except NotDurable:
            self._decided.add(observation.id)
            return False
        except JournalError:
            return False
        return True

    def _look(self) -> None:
        board = self._runtime.channels.board
        state = msgspec.json.decode(board.state_json(self._runtime.clock.now()))
        zones = {zone["zone"]: zone for zone in state["zones"]}
        everywhere = board.unrecorded() or board.time_doubted or self._runtime.loss is not None
        told = frozenset(name for name, zone in zones.items() if everywhere or zone["degraded"])
        self.seen.looks.append(Look({name: zone["level"] for name, zone in zones.items()}, told))

    async def _disk_is_back(self) -> None:
        async with asyncio.timeout(30):
            while self._runtime.commits.trouble is not None:
                await asyncio.sleep(RETRY_S)

    def _read(self) -> None:
        """What is in the journal at the end; and whether whoever plays it again comes to where the service stood."""
        engine = Guarded()
        with suppress(JournalError), Journal.open(self._settings.journal.path) as journal:
            self.seen.events = []
            for _, event in journal.read():
                self.seen.events.append(to_json(event))
                engine.step(event)
            if engine.standing() != self._runtime.worker.engine.standing():
                self.seen.faults.append("whoever plays the journal again comes to other warnings")


def _settings_in(folder: Path) -> Settings:
    night = raid()
    (folder / "journal").mkdir(parents=True, exist_ok=True)
    zones, sensors = folder / "zones.geojson", folder / "sensors.json"
    zones.write_bytes(zones_to_geojson(night.zones))
    sensors.write_bytes(b"[" + b",".join(map(to_json, night.sensors)) + b"]")
    for path in (zones, sensors):
        os.utime(path, (datetime(2026, 1, 1, tzinfo=UTC).timestamp(),) * 2)
    kinds = sorted({str(type(one).__struct_config__.tag) for one in night.observations})
    source = {"kind": "http", "id": "radars", "token_sha256": "0" * 64, "relays": True, "kinds": kinds}
    source |= {"measures": kinds, "sensors": [one.id for one in night.sensors], "per_second_max": 100_000}
    return make_settings(
        zones=zones, sensors=sensors, drill=True, source=[source], journal={"path": folder / "journal" / "journal.db"}
    )
