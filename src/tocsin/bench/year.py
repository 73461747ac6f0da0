"""A year of quiet with a raid every twelve days: what a service holds, keeps and needs to start again must not grow."""

from __future__ import annotations

import json as jsonlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog
import typer

from tocsin.announce.channel import Batch
from tocsin.journal import Journal
from tocsin.model.event import Event, Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.observation import Observation, Status
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.replay.scenarios import load_scenario, shipped_scenario, zones_for
from tocsin.service.alone import Alone
from tocsin.service.channels import Channels
from tocsin.service.metrics import Metrics
from tocsin.service.recovery import recover, snapshot_of
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings
from tocsin.service.warmup import warm_up
from tocsin.simulate.world import Simulation, simulate
from tocsin.twins.guarded import Guarded

SCENARIO = "rockets"
RAIDS, RAID_EVERY = 30, timedelta(days=12)
# While nothing flies a tick in five minutes shows what a tick a second does, and a year takes a quarter of an hour.
QUIET_TICK = timedelta(minutes=5)
BEAT = timedelta(minutes=30)
SNAPSHOT_EVERY = timedelta(days=1)
# A raid is over when the last has been out of shelter for a while.
RAID_TICK, AFTERWARDS = timedelta(seconds=2), timedelta(minutes=40)


def run(*, json: bool = False, seeds: int = RAIDS) -> None:
    """Play so many raids, twelve quiet days before each; every raid is another night. Prints a row after each fifth."""
    # Else its lines stand between the figures.
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
    warm_up()
    path = shipped_scenario(SCENARIO)
    scenario = load_scenario(path)
    zones = zones_for(scenario, path.parent)
    nights = (simulate(scenario, zones, seed) for seed in range(1, seeds + 1))
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="tocsin-bench-") as name:
        rows = list(_played(Path(name), nights))
    if json:
        typer.echo(jsonlib.dumps(rows))
        return
    for row in rows:
        if row["raids"] % 5 == 0 or row is rows[-1]:
            typer.echo(
                f"day {row['day']:3}, {row['raids']:2} raids, {row['events']:9,} events: {row['memory_mb']:.0f} MB "
                f"held, a snapshot of {row['snapshot_mb']:.2f} MB, serving again in {row['restart_s']:.2f} s"
            )
    typer.echo("the goal is that none of the three grows by more than 10 % between the fifth raid and the last")


def _played(folder: Path, nights: Iterator[Simulation]) -> Iterator[dict[str, Any]]:
    first = next(nights)
    (folder / "zones.geojson").write_bytes(zones_to_geojson(first.zones))
    (folder / "sensors.json").write_bytes(to_json(first.sensors))
    config = folder / "tocsin.toml"
    config.write_text('zones = "zones.geojson"\nsensors = "sensors.json"\ndrill = true\n')
    settings = load_settings(config)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    configuration = msgspec.structs.replace(configured(settings), time=begin)

    def channels() -> Channels:
        metrics = Metrics()
        alone = Alone(metrics.listener_failures, metrics.listener_up)
        return Channels(settings, configuration, lambda: datetime.now(UTC), alone, None)

    engine, fold = Guarded(), channels()
    engine.step(configuration)
    with Journal.open(settings.journal.path) as journal:
        journal.append([configuration])
        now, snapshot_at = begin, begin
        for number, night in enumerate(_with(first, nights), 1):
            raid_at = begin + number * RAID_EVERY
            for events in (*_quiet(night.sensors, now, raid_at), *_raid(night, raid_at)):
                for receipt, event in zip(journal.append(events), events, strict=True):
                    fold.fold(Batch(receipt.seq, event.time, tuple(engine.step(event))))
                now = events[-1].time
                journal.upkeep()
                if now >= snapshot_at:
                    data = snapshot_of(engine, fold.cap_messages.archive.dump())
                    journal.save_snapshot(journal.last_seq, data)
                    snapshot_at = now + SNAPSHOT_EVERY
            begun_s = time.perf_counter()
            recover(journal, channels(), snapshot_every_s=settings.journal.snapshot_every_s)
            yield {
                "day": (now - begin).days,
                "raids": number,
                "events": journal.last_seq,
                "memory_mb": _memory_mb(),
                "snapshot_mb": round(len(data) / 1e6, 3),
                "restart_s": round(time.perf_counter() - begun_s, 2),
            }


def _with(first: Simulation, others: Iterator[Simulation]) -> Iterator[Simulation]:
    yield first
    yield from others


def _quiet(sensors: Sequence[Sensor], begin: datetime, end: datetime) -> Iterator[list[Event]]:
    """Ticks, and every sensor's word that it works."""
    now, beat_at = begin, begin
    while now + QUIET_TICK < end:
        now += QUIET_TICK
        events: list[Event] = []
        if now >= beat_at:
            beat_at = now + BEAT
            events += [
                Status(id=f"{sensor.id}/{now:%Y%m%dT%H%M}", time=now, source=sensor.id, sensor=sensor.id, state="up")
                for sensor in sensors
            ]
        yield [*events, Tick(time=now)]


def _raid(night: Simulation, begin: datetime) -> Iterator[list[Event]]:
    """What was observed of a night, as if it began then: a tick every two seconds, until it is long over."""
    shift = begin - night.observations[0].received_at
    waiting = iter(night.observations)
    one = next(waiting, None)
    now, last = begin, night.observations[-1].received_at + shift
    while now < last + AFTERWARDS:
        now += RAID_TICK
        events: list[Event] = []
        while one is not None and one.received_at + shift <= now:
            events.append(_shifted(one, shift, begin))
            one = next(waiting, None)
        yield [*events, Tick(time=now)]


def _shifted(one: Observation, shift: timedelta, begin: datetime) -> Observation:
    return msgspec.structs.replace(
        one, id=f"{begin:%Y%m%d}/{one.id}", time=one.time + shift, received=one.received_at + shift
    )


def _memory_mb() -> float:
    """What this process holds of real memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
