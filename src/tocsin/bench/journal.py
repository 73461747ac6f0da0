"""How fast the journal takes events in, and how that compares with the bare disk under it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.journal import GroupCommit, Journal, Receipt
from tocsin.model.observation import Plot
from tocsin.model.value import EPOCH
from tocsin.model.wire import to_json

# The load a busy region offers: ten thousand plots a second, handed over as they come in, a millisecond's at a time.
RATE_PER_S = 10_000
SUBMIT_EVERY_S = 0.001
PACED_S = 5.0
BULK_EVENTS = 200_000
BULK_GROUP = 1_000
FSYNCS = 300
# A block of the journal's write-ahead log.
BLOCK = b"x" * 4_096


def fsync_floor_ms(folder: Path) -> float:
    """Median milliseconds to append 4 KiB to a file in `folder` and fsync it: what no journal there can beat."""
    return float(np.median(fsync_ms(folder)))


def fsync_ms(folder: Path, count: int = FSYNCS) -> NDArray[np.float64]:
    """Milliseconds of each of `count` appends of 4 KiB with fsync; float64 [count]."""
    times_s = []
    with tempfile.NamedTemporaryFile(dir=folder) as stream:
        for _ in range(count):
            start = perf_counter()
            os.write(stream.fileno(), BLOCK)
            os.fsync(stream.fileno())
            times_s.append(perf_counter() - start)
    return np.array(times_s) * 1e3


def plot(number: int) -> Plot:
    """The `number`-th plot of a radar, one millisecond after the one before."""
    time = EPOCH + timedelta(days=20_000, milliseconds=number)
    azimuth_deg = number % 3_600 / 10
    return Plot(
        id=f"bench/{number}", time=time, source="bench", sensor="bench", range_m=50_000.0, azimuth_deg=azimuth_deg
    )


def run(*, json: bool = False) -> None:
    """Print rows per second in bulk, and the delay of receipts at 10,000 plots/s, beside the disk's fsync floor."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="tocsin-bench-") as name:
        folder = Path(name)
        before_ms = fsync_ms(folder)
        bulk_per_s = _bulk(folder / "bulk.db")
        acks_ms, paced_per_s = _paced(folder / "paced.db")
        floor_ms = np.concatenate((before_ms, fsync_ms(folder)))
    p50, p99, p999 = (round(float(value), 2) for value in np.percentile(acks_ms, (50, 99, 99.9)))
    floor_p50, floor_p99 = (round(float(value), 3) for value in np.percentile(floor_ms, (50, 99)))
    result: dict[str, Any] = {
        "bulk_rows_per_s": round(bulk_per_s),
        "paced_rows_per_s": round(paced_per_s),
        "ack_ms": {"p50": p50, "p99": p99, "p99.9": p999},
        "fsync_floor_ms": {"p50": floor_p50, "p99": floor_p99},
        "ack_p50_to_floor": round(p50 / floor_p50, 1),
    }
    if json:
        print(to_json(result).decode())
        return
    print(f"bulk, groups of {BULK_GROUP}:  {result['bulk_rows_per_s']:,} rows/s")
    print(f"paced, one by one:     {result['paced_rows_per_s']:,} rows/s; receipt p50 {p50} p99 {p99} p99.9 {p999} ms")
    print(
        f"fsync floor:           p50 {floor_p50} p99 {floor_p99} ms; receipt p50 is {result['ack_p50_to_floor']} x it"
    )


def _bulk(path: Path) -> float:
    """Rows per second of appends of a thousand, encoding included, each durable before the next."""
    plots = [plot(number) for number in range(BULK_EVENTS)]
    with Journal.open(path) as journal:
        start = perf_counter()
        for first in range(0, BULK_EVENTS, BULK_GROUP):
            journal.append(plots[first : first + BULK_GROUP])
            journal.upkeep()
        return BULK_EVENTS / (perf_counter() - start)


def _paced(path: Path) -> tuple[NDArray[np.float64], float]:
    """Milliseconds from submit to receipt of each plot at the given rate (float64 [N]), and the rate reached."""
    count = int(RATE_PER_S * PACED_S)
    plots = [plot(number) for number in range(count)]
    submitted_s = np.zeros(count)
    received_s = np.zeros(count)

    def note(number: int) -> Callable[[Future[list[Receipt]]], None]:
        def received(future: Future[list[Receipt]]) -> None:
            future.result()
            received_s[number] = perf_counter()

        return received

    with Journal.open(path) as journal:
        start = perf_counter()
        with GroupCommit(journal) as commits:
            done = 0
            while done < count:
                due = min(count, int((perf_counter() - start) * RATE_PER_S))
                for number in range(done, due):
                    submitted_s[number] = perf_counter()
                    commits.submit(plots[number : number + 1]).add_done_callback(note(number))
                done = due
                sleep(SUBMIT_EVERY_S)
        rate_per_s = count / (perf_counter() - start)
    return (received_s - submitted_s) * 1e3, rate_per_s
