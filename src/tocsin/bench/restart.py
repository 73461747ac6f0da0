"""Killed with a million observations in the journal: how long until it serves again."""

from __future__ import annotations

import compileall
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import msgspec
import typer

from tocsin.announce.channel import Batch
from tocsin.bench.broker import free_port
from tocsin.bench.machine import bare_start_s
from tocsin.bench.traffic import Traffic, country_radars, country_zones
from tocsin.compiled import PACKAGE
from tocsin.journal import Journal
from tocsin.model.event import Event, Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.wire import to_json
from tocsin.service.alone import Alone
from tocsin.service.channels import Channels
from tocsin.service.metrics import Metrics
from tocsin.service.recovery import snapshot_of
from tocsin.service.serve import configured
from tocsin.service.settings import Settings, load_settings
from tocsin.twins.guarded import Guarded

OBSERVATIONS = 1_000_000
# Ten long-range radars, each round in ten seconds, see a hundred aircraft: a heavy night, of three hours here.
PER_SECOND = 100
SCAN_S = 10.0
# What the engine still remembers: older observations lie in the journal only, and a snapshot does not show them.
REMEMBERED_S = 200
READY_S_MAX = 60.0


def run(*, json: bool = False) -> None:
    """Measure and print. The last snapshot is as old as it can be: one whole interval before the end."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="tocsin-bench-") as name:
        folder = Path(name)
        settings = _settings(folder)
        result = _journal(settings)
        result |= _restart(folder / "tocsin.toml", settings)
    result["bare_start_s"] = round(bare_start_s(), 2)
    result["times_bare_start"] = round(result["ready_s"] / result["bare_start_s"], 1)
    if json:
        typer.echo(to_json(result).decode())
        return
    typer.echo(
        f"{result['observations']:,} observations ({result['archived']:,} of them in the archive), a snapshot of "
        f"{result['snapshot_mb']:g} MB, {result['tail']:,} events after it: "
        f"serving again {result['ready_s']:g} s after the start of the process, "
        f"{result['times_bare_start']:g} × a bare Python that loads the same libraries; the goal is <= 3 s"
    )


def _settings(folder: Path) -> Settings:
    (folder / "zones.geojson").write_bytes(zones_to_geojson(country_zones()))
    sensors = [msgspec.structs.replace(sensor, scan_s=SCAN_S) for sensor in country_radars()]
    (folder / "sensors.json").write_bytes(to_json(sensors))
    config = folder / "tocsin.toml"
    config.write_text(
        f'zones = "zones.geojson"\nsensors = "sensors.json"\ndrill = true\n'
        f'[http]\nhost = "127.0.0.1"\nport = {free_port()}\n'
    )
    return load_settings(config)


def _journal(settings: Settings) -> dict[str, Any]:
    """Write the journal of a service that was killed now, after hours of work."""
    seconds = OBSERVATIONS // PER_SECOND
    start = datetime.now(UTC) - timedelta(seconds=seconds)
    configuration = msgspec.structs.replace(configured(settings), time=start)
    engine, metrics = Guarded(), Metrics()
    alone = Alone(metrics.listener_failures, metrics.listener_up)
    channels = Channels(settings, configuration, lambda: datetime.now(UTC), alone, None)
    snapshot_at = seconds - round(settings.journal.snapshot_every_s)
    size_bytes = 0
    with Journal.open(settings.journal.path) as journal:
        journal.append([configuration])
        engine.step(configuration)
        for second, events in enumerate(_seconds(start, seconds), 1):
            receipts = journal.append(events)
            journal.upkeep()
            if snapshot_at - REMEMBERED_S < second <= snapshot_at:
                for receipt, event in zip(receipts, events, strict=True):
                    channels.fold(Batch(receipt.seq, event.time, tuple(engine.step(event))))
            if second == snapshot_at:
                data = snapshot_of(engine, channels.cap_messages.archive.dump())
                journal.save_snapshot(journal.last_seq, data)
                size_bytes, at = len(data), journal.last_seq
        last = journal.last_seq
    archived = sum(1 for _ in settings.journal.path.parent.glob("*.archive/*.gz")) * 100_000
    return {
        "observations": OBSERVATIONS,
        "archived": archived,
        "snapshot_mb": round(size_bytes / 1e6, 2),
        "tail": last - at,
    }


def _seconds(start: datetime, seconds: int) -> Iterator[list[Event]]:
    """The events of each second: its observations, then a tick."""
    traffic = Traffic()
    for second in range(seconds):
        now = start + timedelta(seconds=second + 1)
        yield [*traffic.plots(PER_SECOND, now), Tick(time=now)]


def _restart(config: Path, settings: Settings) -> dict[str, Any]:
    """Seconds from starting the process until it says that it is ready."""
    # As whoever installs it has done, and the libraries' are here, too.
    compileall.compile_dir(PACKAGE, quiet=2)
    begun_s = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tocsin", "run", "--config", str(config)],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            while not _ready(settings.http.port):
                if process.poll() is not None or time.perf_counter() - begun_s > READY_S_MAX:
                    raise RuntimeError("the service did not become ready")
                time.sleep(0.01)
            return {"ready_s": round(time.perf_counter() - begun_s, 2)}
        finally:
            process.send_signal(signal.SIGKILL)


def _ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
