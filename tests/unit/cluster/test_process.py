"""Processes that are started, killed, hung and started again, and leave nothing behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tocsin.cluster.process import Forked, Process, Program, free_ports, listens
from tocsin.model.errors import Missing

pytestmark = pytest.mark.server

SERVING = """
import http.server, sys
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


class Serving(Program):
    """A web server of Python's."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__("web", folder / "web.log", [sys.executable, "-c", SERVING, str(port)])
        self.port = port

    def _answers(self) -> bool:
        return listens(self.port)


class Sleeping(Forked):
    """A process of ours that says its id and sleeps."""

    def _answers(self) -> bool:
        return self.log.exists() and str(self.pid) in self.log.read_text()


def sleep_after_a_word(path: Path) -> None:
    with path.open("a") as file:
        print(os.getpid(), flush=True)
        while True:
            file.write("x")
            file.flush()
            time.sleep(0.01)


@pytest.fixture(params=["program", "forked"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    made: Process = (
        Serving(tmp_path, free_ports(1)[0])
        if request.param == "program"
        else Sleeping("sleeper", tmp_path / "log.txt", partial(sleep_after_a_word, tmp_path / "grows"))
    )
    yield made
    made.end()
    assert not made.alive


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def test_a_process_that_was_killed_is_gone_and_lives_again_under_its_name(process: Process) -> None:
    assert (process.alive, process.pid) == (False, 0)
    process.kill()
    process.start()
    process.wait_ready()
    first = process.pid
    assert process.ready
    process.kill()
    assert not process.alive
    assert gone(first)
    process.start()
    process.wait_ready()
    assert process.pid != first
    assert process.lives == 2


def test_a_process_that_hangs_lives_and_is_not_ready_until_it_goes_on(process: Process) -> None:
    process.start()
    process.wait_ready()
    process.hang()
    assert process.alive
    assert not process.ready
    process.resume()
    assert process.ready


def test_a_process_that_hangs_ends_all_the_same(process: Process) -> None:
    process.start()
    process.wait_ready()
    process.hang()
    process.end()
    assert not process.alive


def test_a_program_that_ends_at_once_is_said_with_its_last_words(tmp_path: Path) -> None:
    class Broken(Program):
        def _answers(self) -> bool:
            return False

    broken = Broken("broken", tmp_path / "log", [sys.executable, "-c", "raise SystemExit('the disk is gone')"])
    broken.start()
    with pytest.raises(Missing, match=r"broken ended after its start: the disk is gone"):
        broken.wait_ready()


def test_on_a_full_disk_nothing_grows_and_when_there_is_room_again_it_does(tmp_path: Path) -> None:
    class Growing(Program):
        def _answers(self) -> bool:
            return (tmp_path / "grows").exists()

    program = (
        "import pathlib, sys, time\n"
        "while True:\n"
        " try:\n  pathlib.Path(sys.argv[1]).open('a').write('x')\n"
        " except OSError: pass\n"
        " time.sleep(.005)"
    )
    growing = Growing("growing", tmp_path / "log", [sys.executable, "-c", program, str(tmp_path / "grows")])
    growing.start()
    try:
        growing.wait_ready()
        growing.fill_disk(True)
        time.sleep(0.05)
        full = (tmp_path / "grows").stat().st_size
        time.sleep(0.2)
        assert (tmp_path / "grows").stat().st_size == full
        growing.fill_disk(False)
        end_s = time.monotonic() + 30
        while (tmp_path / "grows").stat().st_size == full:
            assert time.monotonic() < end_s
            time.sleep(0.01)
    finally:
        growing.end()
