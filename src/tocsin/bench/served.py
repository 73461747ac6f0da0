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

from tocsin.model.geojson import zones_to_geojson
from tocsin.model.sensor import Sensor
from tocsin.model.wire import to_json
from tocsin.model.zone import Zone

TOKEN = secrets.token_urlsafe(32)
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def configure(folder: Path, zones: Sequence[Zone], source: str, sensors: Sequence[Sensor] = ()) -> None:
    """Write the settings of a drill for some zones and sensors; `source`: more keys of the source, TOML lines."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson(zones))
    (folder / "sensors.json").write_bytes(to_json(sensors))
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    (folder / "tocsin.toml").write_text(
        'zones = "zones.geojson"\nsensors = "sensors.json"\ndrill = true\n[http]\nport = 0\n'
        f'[[source]]\nkind = "http"\nid = "bench"\ntoken_sha256 = "{digest}"\nper_second_max = 5000\n{source}\n'
    )


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """The service configured in a folder, running; yields its host:port."""
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
        yield address
        drain.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
