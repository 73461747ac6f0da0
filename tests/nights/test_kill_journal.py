"""A process that writes the journal under load is killed with SIGKILL, 200 times over; the journal must not notice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.journal import GroupCommit, Journal, Receipt
from tocsin.journal.upkeep import Bounds
from tocsin.model.observation import Presence

KILLS = max(60, int(os.environ.get("TOCSIN_KILLS", "200")))
SEED = 20_261_123
START = datetime(2026, 1, 1, tzinfo=UTC)
# Small enough that every few lives one is killed while it seals ids or archives.
BOUNDS = Bounds(live_events_max=3_000, segment_events=1_000, sealed_events=500)
IN_FLIGHT = 300


def observation(number: int) -> Presence:
    return Presence(id=f"post/{number}", time=START + timedelta(seconds=number), source="post", sensor="post")


def live(path: Path, number: int, acks: int) -> None:
    """One life: send from `number` on until killed; write `number seq` to `acks` for each receipt."""
    waiting: deque[tuple[int, Future[list[Receipt]]]] = deque()
    with Journal.open(path, bounds=BOUNDS) as journal, GroupCommit(journal, group_s=0.001) as commits:
        while True:
            waiting.append((number, commits.submit([observation(number)])))
            number += 1
            if len(waiting) >= IN_FLIGHT:
                first, future = waiting.popleft()
                # One short write to a pipe is whole or not there.
                os.write(acks, f"{first} {future.result()[0].seq}\n".encode())
                if first % 100 == 0:
                    journal.upkeep()  # far more often than the keeper would: to be killed in it, too


def kill_again_and_again(path: Path) -> None:
    """Fork, let it live for some milliseconds under load, kill; print every acknowledgement.

    Whoever sends repeats what was not acknowledged: each life begins one after the last acknowledged number.
    """
    chance = random.Random(SEED)
    number = 0
    for _ in range(KILLS):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                live(path, number, writer)
            finally:
                os._exit(1)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            lines = [stream.readline()]  # its first acknowledgement: it is under load
            time.sleep(chance.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            lines += stream.readlines()
        if not lines[0]:
            sys.exit("a life ended before its first acknowledgement")
        for line in lines:
            sys.stdout.write(line.decode())
        number = int(lines[-1].split()[0]) + 1


@pytest.mark.server
def test_two_hundred_kills_lose_nothing_acknowledged_and_apply_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    run = subprocess.run(
        [sys.executable, __file__, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    acknowledged = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    with Journal.open(path, bounds=BOUNDS) as journal:
        log = list(journal.read())
    assert [seq for seq, _ in log] == list(range(1, len(log) + 1)), "the log has a gap"
    ids = [event.id for _, event in log if isinstance(event, Presence)]
    assert len(ids) == len(set(ids)) == len(log), "something was applied twice"
    assert len(acknowledged) >= KILLS
    for number, seq in acknowledged:
        assert log[seq - 1][1] == observation(number), f"observation {number} was acknowledged as event {seq}"
    # The sender sent in order, so the log is in that order too, however often it had to repeat itself.
    assert ids == [f"post/{number}" for number in range(len(ids))]
    assert len(list(path.with_name("journal.db.archive").glob("*.gz"))) > 1, "too little was written to archive any"


if __name__ == "__main__":
    kill_again_and_again(Path(sys.argv[1]))
