"""The running service is told to stop, told twice, and killed during its start again and again."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.tokens import token
from tocsin.cluster.process import free_ports
from tocsin.journal import Journal
from tocsin.model.event import Tick
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.zone import Zone
from tocsin.service.serve import configured
from tocsin.service.settings import load_settings

TOKEN = token("stop")
RING = ((8.0, 46.0), (8.1, 46.0), (8.1, 46.1), (8.0, 46.1), (8.0, 46.0))
ROOT = Path(__file__).resolve().parents[2]
STARTS_KILLED = 10
EVENTS = 3_000


def written(folder: Path, *, snapshot_every_s: float = 60.0) -> tuple[Path, int]:
    """The settings of a service with one zone, and its port."""
    (port,) = free_ports(1)
    zone = Zone(id="home", name="Home", population=9_000, polygons=((RING,),))
    (folder / "zones.geojson").write_bytes(zones_to_geojson([zone]))
    config = folder / "tocsin.toml"
    config.write_text(
        f'zones = "zones.geojson"\ndrill = true\n[http]\nport = {port}\n'
        f'[journal]\npath = "journal.db"\nsnapshot_every_s = {snapshot_every_s}\n'
        f'[[source]]\nkind = "http"\nid = "hill"\ntoken_sha256 = "{hashlib.sha256(TOKEN.encode()).hexdigest()}"\n'
        'kinds = ["impact"]\n'
    )
    return config, port


def ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError, http.client.HTTPException), closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def wait_for(done: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + 300
    while not done():
        assert time.monotonic() < end_s, f"{what}: not within 300 s"
        time.sleep(0.02)


@contextmanager
def served(config: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`tocsin run` in a process of its own, ready."""
    command = [sys.executable, "-m", "tocsin", "run", "--config", str(config)]
    with (config.parent / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, stderr=log, env=os.environ | environment)
    try:
        wait_for(lambda: process.poll() is not None or ready(port), "ready")
        assert process.poll() is None, (config.parent / "log.txt").read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def reported(port: int) -> None:
    """One impact, acknowledged."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    seen = {"kind": "impact", "id": "i1", "time": now, "lat": 46.05, "lon": 8.05, "sigma_m": 50}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/v1/observations", json.dumps(seen), {"Authorization": f"Bearer {TOKEN}"})
        assert connection.getresponse().status == 200


@contextmanager
def manager() -> Iterator[tuple[socket.socket, str]]:
    """What a manager of services hears, and its name."""
    name = f"tocsin-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(f"\0{name}")
        told.settimeout(60)
        yield told, f"@{name}"


def until_told(told: socket.socket, *words: bytes) -> None:
    """Hear until all of these words have come."""
    missing = set(words)
    while missing:
        missing.discard(told.recv(100))


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_tells_its_listeners_keeps_a_snapshot_and_leaves_no_write_ahead_log(
    tmp_path: Path, number: signal.Signals
) -> None:
    config, port = written(tmp_path)
    with (
        manager() as (told, name),
        served(config, port, NOTIFY_SOCKET=name) as process,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as listener,
    ):
        until_told(told, b"READY=1", b"WATCHDOG=1")
        listener.request("GET", "/v1/events")
        stream = listener.getresponse()
        reported(port)
        process.send_signal(number)
        # To its end: a stream that was cut raises IncompleteRead.
        assert b"event: state" in stream.read()
        assert process.wait(60) == 0
        told.setblocking(False)
        until_told(told, b"STOPPING=1")
    assert not (tmp_path / "journal.db-wal").exists()
    with Journal.open(tmp_path / "journal.db") as journal:
        found = journal.latest_snapshot()
        assert found is not None
        assert found[0] == journal.last_seq


@pytest.mark.server
def test_told_twice_it_stops_at_once(tmp_path: Path) -> None:
    config, port = written(tmp_path)
    with (
        manager() as (told, name),
        served(config, port, NOTIFY_SOCKET=name) as process,
        socket.create_connection(("127.0.0.1", port), timeout=60) as slow,
    ):
        # A request that never ends holds a clean stop up for three seconds.
        slow.sendall(
            b"POST /v1/observations HTTP/1.1\r\nHost: here\r\nContent-Length: 99\r\nExpect: 100-continue\r\n"
            b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
        )
        assert b"100 Continue" in slow.recv(100), "it waits for the body"
        process.send_signal(signal.SIGTERM)
        until_told(told, b"STOPPING=1")
        process.send_signal(signal.SIGTERM)
        # A clean stop ends with 0.
        assert process.wait(60) == 128 + signal.SIGTERM


def newest(folder: Path) -> int:
    """The event after which the newest snapshot was taken; 0: there is none."""
    return max((int(path.stem) for path in folder.glob("journal.db.snapshots/*.snapshot")), default=0)


def further(folder: Path, seq: int) -> bool:
    return newest(folder) > seq


@pytest.mark.server
def test_a_service_killed_in_every_one_of_ten_starts_gets_further_in_each(tmp_path: Path) -> None:
    config, port = written(tmp_path, snapshot_every_s=0.02)
    settings = load_settings(config)
    begin = datetime.now(UTC) - timedelta(days=1)
    with Journal.open(settings.journal.path) as journal:
        journal.append([configured(settings), *(Tick(time=begin + timedelta(seconds=s)) for s in range(EVENTS))])
        last = journal.last_seq
    # Lives are forked from a process that has loaded the program, as where the service is killed two hundred times.
    with (tmp_path / "log.txt").open("wb") as log:
        mother = subprocess.Popen(
            [sys.executable, "-m", "tests.nights.test_kill_service", str(config)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert mother.stdin is not None
    assert mother.stdout is not None
    reached = life = 0
    try:
        for start in range(STARTS_KILLED + 1):
            mother.stdin.write(b"live\n")
            mother.stdin.flush()
            life = int(mother.stdout.readline())
            if start < STARTS_KILLED:
                wait_for(partial(further, tmp_path, reached), "a snapshot on the way")
                os.kill(life, signal.SIGKILL)
                reached = newest(tmp_path)
                assert reached < last, "it was through already; nothing was proved"
        wait_for(lambda: ready(port), "ready")
    finally:
        if life:
            os.kill(life, signal.SIGKILL)
        mother.stdin.close()
        mother.wait(60)
        mother.stdout.close()
    (recovered,) = (line for line in (tmp_path / "log.txt").read_text().splitlines() if "recovered" in line)
    assert reached <= json.loads(recovered)["snapshot_seq"] < last
