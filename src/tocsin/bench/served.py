"""The real service in a process of its own, with one source over HTTP, for measurements from outside."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tocsin.cluster.process import free_ports
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

TOKEN = secrets.token_urlsafe(32)
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def configure(folder: Path, zones: Sequence[Zone], source: str, sensors: Sequence[Sensor] = (), http: str = "") -> None:
    """Write the settings of a drill for some zones and sensors; `source`, `http`: more keys of these, TOML lines."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson(zones))
    (folder / "sensors.json").write_bytes(to_json(sensors))
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    (folder / "tocsin.toml").write_text(
        'zones = "zones.geojson"\nsensors = "sensors.json"\ndrill = true\n'
        f"[http]\nport = 0\n{http}\n"
        f'[[source]]\nkind = "http"\nid = "bench"\ntoken_sha256 = "{digest}"\nper_second_max = 5000\n{source}\n'
    )


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """The service configured in a folder, running; yields its host:port."""
    async with served_process(folder) as (address, _):
        yield address


@contextlib.asynccontextmanager
async def served_process(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The same; yields its process's id, too."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", "run", "--config", str(folder / "tocsin.toml"),
        stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if b"serving" in line:
                address = line.decode().rsplit("http://", 1)[1].strip().rstrip("/")
                break
        else:
            raise RuntimeError("the service did not start")
        drain = asyncio.create_task(process.stderr.read())
        yield address, process.pid
        drain.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


@contextlib.asynccontextmanager
async def relayed() -> AsyncIterator[str]:
    """A bare relay in a process of its own; yields its host:port."""
    port = free_ports(1)[0]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tocsin.bench.relay", str(port))
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
