"""A city with a service that can be killed: lives of it are forked from a process that has loaded the program already,
answer on one port and from one journal, and their clock is told to run ahead."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tests.tokens import digest, token
from tocsin.cluster.process import free_ports
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.clock import Clock
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, make_settings
from tocsin.service.warmup import warm_up

ROOT = Path(__file__).resolve().parents[2]
# Of a clock that runs further ahead at once, a page would rightly say that its picture is old.
STRIDE_S = 10.0
NAMES = {
    "brim": {"en": "Brim", "ar": "بريم", "uk": "Брім"},
    "cole": {"en": "Cole", "ar": "كول", "uk": "Коул"},
    "dunmere": {"en": "Dunmere", "ar": "دنمير", "uk": "Данмір"},
}


def zone_of(name: str, south: float, north: float) -> Zone:
    """A strip of land."""
    ring = ((8.0, south), (8.1, south), (8.1, north), (8.0, north), (8.0, south))
    return Zone(id=name, name=NAMES.get(name, name.title()), population=9_000, polygons=((ring,),))


def _zone(number: int, name: str) -> Zone:
    # Far enough from each other that what one must fear leaves the last alone.
    south = 46.0 + (0.1, 0.2, 2.0)[number]
    return zone_of(name, south, south + 0.1)


def _settings(folder: Path, port: int) -> Settings:
    return make_settings(
        zones=folder / "zones.geojson",
        sensors=folder / "sensors.json",
        http={"port": port},
        journal={"path": folder / "journal.db"},
        operator=[{"id": "duty", "token_sha256": digest("duty")}],
        source=[
            {
                "kind": "http",
                "id": "mesh",
                "token_sha256": digest("mesh"),
                "kinds": ["status"],
                "sensors": [f"ear-{name}" for name in NAMES],
            }
        ],
        spotters={},
    )


class City:
    """Three zones with a microphone in each; spotters are invited by `ask`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        zones = [_zone(number, name) for number, name in enumerate(NAMES)]
        self.cut(*zones)
        sensors = [
            {"id": f"ear-{zone.id}", "kind": "presence", "lat": zone.polygons[0][0][0][1] + 0.05, "lon": 8.05,
             "altitude_m": 0, "range_m": 9_000}
            for zone in zones
        ]  # fmt: skip
        (folder / "sensors.json").write_text(json.dumps(sensors))
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}/"
        self._steering = folder / "clock.sock"
        self._log = (folder / "log.txt").open("wb")
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.city", str(folder), str(self.port)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip
        self._life = 0

    def __enter__(self) -> City:
        self.start()
        for name in NAMES:
            said = {"kind": "status", "id": f"up-{name}", "sensor": f"ear-{name}", "state": "up"}
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            self.ask("POST", "v1/observations", said | {"time": now}, who="mesh")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._mother.stdin is not None and self._mother.stdout is not None
        self.kill()
        self._mother.stdin.close()
        self._mother.wait(60)
        self._mother.stdout.close()
        self._log.close()

    def start(self) -> None:
        """Another life; returns when it answers."""
        assert self._mother.stdin is not None and self._mother.stdout is not None
        self._mother.stdin.write(b"live\n")
        self._mother.stdin.flush()
        self._life = int(self._mother.stdout.readline() or 0)
        assert self._life, f"the service did not start; see {self._log.name}"
        end_s = time.monotonic() + 300
        while True:
            with suppress(OSError, ValueError):
                if self.ask("GET", "v1/zones")["picture_at"] is not None:
                    return
            assert time.monotonic() < end_s, f"no picture in 300 s; see {self._log.name}"
            time.sleep(0.02)

    def cut(self, *zones: Zone) -> None:
        """How the zones lie from the next start on."""
        (self._folder / "zones.geojson").write_bytes(zones_to_geojson(zones))

    def kill(self) -> None:
        """End it without a word."""
        with suppress(ProcessLookupError):
            os.kill(self._life, signal.SIGKILL)

    def ahead(self, seconds: float) -> None:
        """Let so much time pass there, tick by tick."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(60)
            line.connect(str(self._steering))
            line.sendall(f"{seconds}\n".encode())
            assert line.recv(1), f"its clock does not answer; see {self._log.name}"

    def ask(self, method: str, path: str, body: Any = None, *, who: Literal["duty", "mesh"] = "duty") -> Any:
        """As the duty officer, or as the microphones."""
        headers = {"authorization": f"Bearer {token(who)}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def levels(self) -> dict[str, str]:
        """How every zone stands."""
        return {zone["zone"]: zone["level"] for zone in self.ask("GET", "v1/zones")["zones"]}


async def _end_with(mother: int) -> None:
    """No life outlives the tests, however these ended."""
    while os.getppid() == mother:
        await asyncio.sleep(1)
    os._exit(1)


async def _live(settings: Settings, steering: Path, mother: int) -> None:
    watching = asyncio.create_task(_end_with(mother))
    listener = listening(settings)
    # Begins where the journal ends, as a drill's clock does.
    clock = Clock(datetime.now(UTC))
    async with running(settings, configured(settings), clock) as runtime:

        async def steer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            left_s = float(await reader.readline())
            while left_s > 0:
                clock.move(min(left_s, STRIDE_S))
                left_s -= STRIDE_S
                await runtime.ticker.tick()
            writer.write(b".")
            await writer.drain()
            writer.close()

        steering.unlink(missing_ok=True)
        async with await asyncio.start_unix_server(steer, steering):
            await Server(runtime).serve([listener])
    watching.cancel()


def _lives(folder: Path, port: int) -> None:
    """Load the program; then fork a life of the service for every line on stdin, and print its process id."""
    settings = _settings(folder, port)
    warm_up()
    mother, child = os.getpid(), 0
    for _line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            # What it says of itself is for the log.
            os.dup2(2, 1)
            try:
                asyncio.run(_live(settings, folder / "clock.sock", mother))
            finally:
                os._exit(1)
        print(child, flush=True)


if __name__ == "__main__":
    _lives(Path(sys.argv[1]), int(sys.argv[2]))
