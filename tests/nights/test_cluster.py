"""A whole cluster on this machine: tried by one command that leaves nothing behind, and through a night of deaths."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import skip
from tests.small_raid import write_raid
from tests.some import some
from tests.tried import NIGHTLY
from tocsin.bench.chaos import SHAPE
from tocsin.bench.chaos_night import play
from tocsin.cluster.cluster import Shape, cluster
from tocsin.cluster.servers import found, postgres_programs
from tocsin.model.errors import Missing

pytestmark = [pytest.mark.server, pytest.mark.unfollowed]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300
# Nobody needs anything that this machine lacks.
SEEDS = range(20 if NIGHTLY else 1)
SECONDS = 60.0 if NIGHTLY else 40.0


@pytest.fixture(autouse=True)
def _servers() -> None:
    try:
        found("nats-server", "nats-server")
        found("mosquitto", "mosquitto")
        postgres_programs()
    except Missing as error:
        skip(str(error))


def wait_for(done: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, f"{what}: not within {PATIENCE_S} s"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def picture_age_s(address: str) -> float:
    """How old the picture is that a page shows; very, where nobody answers."""
    host = address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=5)
    with closing(connection), suppress(OSError, http.client.HTTPException, ValueError, TypeError):
        connection.request("GET", "/v1/zones")
        at = datetime.fromisoformat(json.loads(connection.getresponse().read())["picture_at"])
        return (datetime.now(UTC) - at).total_seconds()
    return float("inf")


def _heeds_ctrl_c() -> None:
    """Where the tests run in the background, a Ctrl-C is ignored, and by all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo:
    """`tocsin cluster demo` in a process of its own; what it starts by name: ids of processes, and pages."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "demo.txt"
        command = [sys.executable, "-m", "tocsin", "cluster", "demo", "--scenario", str(write_raid(folder))]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | {"TMPDIR": str(folder)}, preexec_fn=_heeds_ctrl_c
            )
        wait_for(lambda: self.process.poll() is not None or "processes live" in self.said(), "the demo")
        assert self.process.poll() is None, self.said()
        self.pids = {name: int(pid) for pid, name in re.findall(r"kill -9 (\d+) +(\S+)", self.said())}
        self.pages = {name: page for page, name in re.findall(r"(http://\S+/) +(\S+)", self.said())}

    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    made = Demo(folder)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not pytest's folder: PostgreSQL's own user must get there."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_twin_of_the_demo_dies_and_pages_go_on_and_a_ctrl_c_leaves_no_process_behind(open_folder: Path) -> None:
    with demo(open_folder) as tried:
        assert {"nats-1", "nats-2", "nats-3", "north-a", "north-b", "south-a", "south-b"} <= tried.pids.keys()
        assert {"front-1", "front-2", "postgres", "mosquitto"} <= tried.pids.keys()
        wait_for(lambda: picture_age_s(tried.pages["front-1"]) < 10, "a picture")
        os.kill(tried.pids["north-a"], signal.SIGKILL)
        wait_for(lambda: "north-a is started again" in tried.said(), "its next life")
        assert picture_age_s(tried.pages["front-1"]) < 10
        tried.process.send_signal(signal.SIGINT)
        assert tried.process.wait(PATIENCE_S) == 0, tried.said()
        left = [name for name, pid in tried.pids.items() if not gone(pid)]
        assert left == []
        assert not list(open_folder.glob("tocsin-cluster-*"))


def test_what_keeps_a_cluster_is_killed_and_takes_all_with_it(open_folder: Path) -> None:
    with demo(open_folder) as tried:
        tried.process.kill()
        tried.process.wait()
        wait_for(lambda: all(gone(pid) for pid in some(tried.pids.values())), "the end of all")


def test_where_a_node_cannot_start_everything_else_is_ended(open_folder: Path) -> None:
    """There are no zones, so that nodes end."""
    shape = Shape(sectors=("all",), twins=("a",), fronts=0, database=False, broker=False)
    with (
        pytest.raises(Missing, match=r"all-a ended after its start: .*zones\.geojson"),
        cluster(open_folder, shape) as made,
    ):
        brokers = made.helpers
        try:
            made.start()
        finally:
            pids = [one.pid for one in brokers]
    assert [gone(pid) for pid in pids] == [True] * 3


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_acknowledged_is_lost_and_nobody_is_cleared_falsely_whatever_dies(seed: int) -> None:
    """`tocsin bench chaos --minutes 60` plays more of them; what is wrong names its workload and its seed."""
    judged = play(SHAPE, "everything", seed, seconds=SECONDS)
    assert judged.wrong == ()
    assert len(judged.done) >= SECONDS / 10
    assert judged.sent >= SECONDS * 5
