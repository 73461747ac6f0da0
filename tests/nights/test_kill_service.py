"""The running service is killed with SIGKILL 200 times while observations pour in over HTTP.

Nothing acknowledged is lost, nothing is applied twice, and the warnings that stand after the last restart are those
of an engine that was never killed.

Two services run at once, each killed a hundred times. To make two hundred starts affordable, each life is forked
from a process that has loaded the program already; from there on it is `tocsin run`, whole. TOCSIN_KILLS sets another
number.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tokens import token
from tocsin.cluster.process import free_ports
from tocsin.engine.engine import Engine
from tocsin.journal import Journal
from tocsin.model.event import Configuration, Event, Tick
from tocsin.model.value import time_text
from tocsin.model.wire import observation_from_json, to_json

KILLS = int(os.environ.get("TOCSIN_KILLS", "200"))
# Where the tests' own modules are found.
ROOT = Path(__file__).resolve().parents[2]
SERVICES = 2
SENDERS = 2
SEED = 20_261_123
TOKEN = token("kill")
CENTRE = (35.0, 38.0)
CELL_DEG = 0.1
SPEED_MPS = 220.0
CIRCLE_M = 8_000.0
BATCH = 8


def zones() -> dict[str, object]:
    """A hundred cells around the centre."""
    features = []
    for row in range(10):
        for column in range(10):
            south, west = CENTRE[0] + (row - 5) * CELL_DEG, CENTRE[1] + (column - 5) * CELL_DEG
            north, east = south + CELL_DEG, west + CELL_DEG
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            properties = {"id": f"z{row}{column}", "name": f"Zone {row}{column}", "population": 1_000}
            geometry = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def write_settings(folder: Path, port: int) -> Path:
    (folder / "zones.geojson").write_text(json.dumps(zones()))
    config = folder / "tocsin.toml"
    config.write_text(
        f"""
zones = "zones.geojson"
drill = true
[http]
host = "127.0.0.1"
port = {port}
[journal]
path = "journal.db"
snapshot_every_s = 0.05
[[source]]
kind = "http"
id = "neighbour"
token_sha256 = "{hashlib.sha256(TOKEN.encode()).hexdigest()}"
per_second_max = 100000
kinds = ["impact", "position"]
measures = ["impact", "position"]
"""
    )
    return config


def loaded(config: Path) -> None:
    """Load the program; then fork a life of the service for every line on stdin, and print its process id."""
    from tocsin.command.run import run
    from tocsin.service import sources, stopping, waiting, warmup
    from tocsin.service.serve import configured
    from tocsin.service.settings import load_settings

    # What `run` imports late, and the kernels it loads, which every life would load again.
    assert sources and stopping and waiting
    warmup.warm_up()
    warm_up(configured(load_settings(config)))
    child = 0
    for _line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            try:
                run(config)
            finally:
                os._exit(1)
        print(child, flush=True)


def warm_up(configuration: Configuration) -> None:
    """A raid on an engine of its own, so that compiled code is loaded once and not in every life."""
    engine = Engine()
    engine.step(configuration)
    sender = Sender("warm-up", 0, time.time())
    for number in range(5):
        for line in sender.batch(number)[1].splitlines():
            engine.step(observation_from_json(line))
        engine.step(Tick(time=datetime.now(UTC)))
    Engine.restore(engine.snapshot())


@dataclass
class Sender:
    """Sends batches over HTTP, each again until it is acknowledged, as any good sender does.

    acknowledged   ids whose batch was answered with 200
    """

    name: str
    port: int
    begun_s: float
    acknowledged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def batch(self, number: int) -> tuple[list[str], bytes]:
        """Where eight raiders are now: they come from all sides and then circle, so that warnings stand to the end."""
        now_s = time.time()
        ids, lines = [], []
        for raider in range(BATCH):
            left_m = 30_000 + 3_000 * raider - SPEED_MPS * (now_s - self.begun_s)
            radius_m = max(left_m, CIRCLE_M)
            angle = math.tau * raider / BATCH + (radius_m - left_m) / CIRCLE_M
            lat = CENTRE[0] + radius_m * math.cos(angle) / 111_000
            lon = CENTRE[1] + radius_m * math.sin(angle) / 91_000
            ids.append(f"{self.name}/{number}/{raider}")
            seen = {"kind": "position", "id": ids[-1], "time": time_text(datetime.fromtimestamp(now_s, UTC))}
            lines.append(json.dumps(seen | {"lat": lat, "lon": lon, "altitude_m": 800, "sigma_m": 100}))
        return ids, "\n".join(lines).encode()

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            ids, body = self.batch(number)
            while not self.ended.is_set() and not self.sent(ids, body):
                time.sleep(0.005)
            number += 1

    def sent(self, ids: list[str], body: bytes) -> bool:
        """Whether the service said that it has the batch."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/v1/observations", body, {"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False  # killed; nothing was promised
        finally:
            connection.close()
        if answer.status == 200:
            if said["accepted"] + said["duplicates"] != BATCH:
                self.problems.append(f"{ids[0]}: {said}")
            self.acknowledged += ids
        elif answer.status != 503:
            self.problems.append(f"{ids[0]}: {answer.status} {said}")
        return answer.status == 200


class Service:
    """One service and its senders: killed, restarted, and looked at when it is over."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.chance = random.Random(seed)
        self.log = (folder / "log.txt").open("wb")
        self.mother = subprocess.Popen(
            [sys.executable, "-m", "tests.nights.test_kill_service", str(write_settings(folder, self.port))],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
        )  # fmt: skip
        begun_s = time.time()
        self.senders = [Sender(f"s{number}", self.port, begun_s) for number in range(SENDERS)]
        self.threads = [threading.Thread(target=sender.run) for sender in self.senders]
        self.child = 0

    def start(self) -> None:
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write(b"live\n")
        self.mother.stdin.flush()
        self.child = int(self.mother.stdout.readline() or 0)
        assert self.child, f"the service did not start; see {self.log.name}"

    def kill(self) -> None:
        os.kill(self.child, signal.SIGKILL)

    def acknowledged(self) -> int:
        return sum(len(sender.acknowledged) for sender in self.senders)

    def live_and_be_killed(self, kills: int) -> None:
        """Each life: until it acknowledges under load, and then some random moment longer."""
        for thread in self.threads:
            thread.start()
        for _ in range(kills):
            before = self.acknowledged()
            self.start()
            end_s = time.monotonic() + 300
            while self.acknowledged() == before:
                assert time.monotonic() < end_s, f"no acknowledgement in 300 s; see {self.log.name}"
                time.sleep(0.002)
            time.sleep(self.chance.uniform(0, 0.15))
            self.kill()

    def look(self) -> dict[str, object]:
        """GET /v1/zones as soon as the restarted service has a picture."""
        end_s = time.monotonic() + 300
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", "/v1/zones")
                state: dict[str, object] = json.loads(connection.getresponse().read())
                # While it starts, it says that it does.
                if state.get("picture_at") is not None:
                    return state
            except (OSError, http.client.HTTPException, ValueError):
                pass
            finally:
                connection.close()
            assert time.monotonic() < end_s, f"no picture in 300 s; see {self.log.name}"
            time.sleep(0.01)

    def end(self) -> None:
        for sender in self.senders:
            sender.ended.set()
        for thread in self.threads:
            if thread.ident is not None:
                thread.join()
        assert self.mother.stdin is not None
        if self.child:
            with suppress(ProcessLookupError):
                self.kill()
        self.mother.stdin.close()
        self.mother.wait(60)
        assert self.mother.stdout is not None
        self.mother.stdout.close()
        self.log.close()


@contextmanager
def services(folder: Path) -> Iterator[list[Service]]:
    made: list[Service] = []
    try:
        for number in range(SERVICES):
            home = folder / f"service{number}"
            home.mkdir()
            made.append(Service(home, SEED + number))
        yield made
    finally:
        for one in made:
            one.end()


def never_killed(log: list[tuple[int, Event]], seq: int) -> list[object]:
    """The zones as an engine leaves them that lived through the journal up to event `seq`."""
    engine = Engine()
    for number, event in log:
        engine.step(event)
        if number == seq:
            break
    picture = engine.picture()
    assert picture is not None
    return [warned(json.loads(to_json(state))) for state in picture.zones]


def warned(zone: dict[str, object]) -> dict[str, object]:
    """What is said of a zone but for blindness, of which the public map is veiled."""
    return {key: value for key, value in zone.items() if not key.startswith("degraded")}


def check(service: Service, state: dict[str, object]) -> None:
    assert not [problem for sender in service.senders for problem in sender.problems]
    with Journal.open(service.folder / "journal.db") as journal:
        log = list(journal.read())
    assert [seq for seq, _ in log] == list(range(1, len(log) + 1)), "the log has a gap"
    ids = [event.id for _, event in log if not isinstance(event, Tick)]
    assert len(ids) == len(set(ids)), "something was applied twice"
    lost = {name for sender in service.senders for name in sender.acknowledged} - set(ids)
    assert not lost, f"{len(lost)} acknowledged observations are lost"
    shown = state["zones"]
    assert isinstance(shown, list)
    by_id = {zone["zone"]: warned(zone) for zone in shown}
    seq = state["seq"]
    assert isinstance(seq, int)
    expected = never_killed(log, seq)
    assert [by_id[zone["zone"]] for zone in expected] == expected  # type: ignore[index]
    assert any(zone["level"] == "take_cover" for zone in shown), "no warning stood, so nothing was proved"


@pytest.mark.server
def test_two_hundred_kills_under_load_leave_the_warnings_of_a_service_never_killed(tmp_path: Path) -> None:
    with services(tmp_path) as killed:
        kills = -(-KILLS // len(killed))
        threads = [threading.Thread(target=one.live_and_be_killed, args=(kills,)) for one in killed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        states = []
        for one in killed:
            assert one.acknowledged() >= kills * BATCH
            one.start()
            states.append(one.look())
    for one, state in zip(killed, states, strict=True):
        check(one, state)


if __name__ == "__main__":
    loaded(Path(sys.argv[1]))
