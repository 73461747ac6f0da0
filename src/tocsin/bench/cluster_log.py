"""How much goes through the agreed log of three brokers until engines have decided on it, by sectors and by rate.

A hundred aircraft over 1,449 zones, and as many radars that see each of them once a second as the rate asks for. Each
sector has one node, takes in its part of the plots and hears all of them; a plot counts as decided when the last node
has told of a decision after it. Delays are from when a plot was due. Rates rise until more than P99_MS is needed.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from tocsin.bench.log_node import MEASURED_S, WARM_S, Task, Told, live
from tocsin.bench.machine import processor_s
from tocsin.bench.traffic import TARGETS, country_radars, country_zones
from tocsin.cluster.cluster import Cluster, Shape, cluster
from tocsin.model.errors import Missing
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.wire import to_json

SECTORS = (1, 2, 4)
RATES = (1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000)
# What is asked for.
WANTED, P99_MS = 5_000, 500.0
READY_S, BEGIN_S, OVER_S = 60.0, 6.0, 30.0
LOOK_S = 0.05
REACH = {"log_1_p99_ms_at_5000": P99_MS}


class Carried(NamedTuple):
    """What became of one rate.

    p50_ms, p99_ms  from due to decided, of all that was; infinite where some was not
    missed          plots that were refused, or that some node had not decided on
    nodes_us, brokers_us  processor time that each plot cost them, all together, ticks included, microseconds
    why             why some were refused; empty: none were
    """

    p50_ms: float
    p99_ms: float
    missed: int
    nodes_us: float
    brokers_us: float
    why: str = ""

    @property
    def kept(self) -> bool:
        """Whether everything was decided on in time."""
        return not self.missed and self.p99_ms <= P99_MS


def figures() -> dict[str, Any]:
    """The curve. Raises Missing without nats-server."""
    found: dict[str, Any] = {}
    for count in SECTORS:
        most = 0
        for rate in RATES:
            one = carried(count, rate)
            found |= {f"log_{count}_{name}_at_{rate}": value for name, value in one._asdict().items() if value != ""}
            most = rate if one.kept else most
            # What is asked for is measured in any case.
            if not one.kept and (count > 1 or rate >= WANTED):
                break
        found[f"log_{count}_most_per_s"] = most
    return found


def carried(sectors: int, rate: int) -> Carried:
    """One rate, of all sectors together, with as many. Raises Missing."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    radars = country_radars(rate // TARGETS)
    (folder / "zones.geojson").write_bytes(zones_to_geojson(country_zones()))
    (folder / "sensors.json").write_bytes(to_json(radars))
    names = tuple(f"s{number}" for number in range(sectors))
    try:
        with cluster(folder, Shape(sectors=names, twins=("a",), fronts=0, database=False, broker=False)) as made:
            tasks = []
            for number, node in enumerate(made.nodes):
                own = radars[number::sectors]
                rates = TARGETS * len(own), round(TARGETS * len(radars) * MEASURED_S)
                tasks.append(Task(node.folder / "tocsin.toml", node.name, own, *rates))
                node.life = partial(live, tasks[-1])
            return _judged(*_run(made, tasks), round(TARGETS * len(radars) * (WARM_S + MEASURED_S)))
    finally:
        shutil.rmtree(folder)


def _run(made: Cluster, tasks: list[Task]) -> tuple[list[Told], float]:
    """What every node found, and processor seconds of the brokers meanwhile."""
    for one in made.nats:
        one.start()
    for one in made.nats:
        one.wait_ready()
    for node in made.nodes:
        node.start()
    _wait(made, [task.ready for task in tasks], READY_S)
    begin_s = time.monotonic() + BEGIN_S
    for task in tasks:
        part = task.begin.with_suffix(".part")
        part.write_text(repr(begin_s))
        part.replace(task.begin)
    time.sleep(BEGIN_S)
    pids = [one.pid for one in made.nats]
    spent_s = processor_s(pids)
    _wait(made, [task.told for task in tasks], WARM_S + MEASURED_S + OVER_S)
    spent_s = processor_s(pids) - spent_s
    return [msgspec.json.decode(task.told.read_bytes(), type=Told) for task in tasks], spent_s


def _wait(made: Cluster, paths: list[Path], within_s: float) -> None:
    """Until all these are there. Raises Missing."""
    end_s = time.monotonic() + within_s
    while late := [path for path in paths if not path.exists()]:
        died = next((node for node in made.nodes if not node.alive and node.folder == late[0].parent), None)
        if died is not None or time.monotonic() > end_s:
            node = died or next(node for node in made.nodes if node.folder == late[0].parent)
            raise Missing(f"{node.name} did not get to {late[0].name}: {node.last_words()}")
        time.sleep(LOOK_S)


def _judged(told: list[Told], brokers_s: float, plots: int) -> Carried:
    delays_s, missed = [], sum(one.refused for one in told)
    for plot, due_s in ((plot, due_s) for one in told for plot, due_s in one.due.items()):
        decided_s = [one.decided.get(plot) for one in told]
        if None in decided_s:
            missed += 1
        else:
            delays_s.append(max(at_s for at_s in decided_s if at_s is not None) - due_s)
    p50_ms, p99_ms = (round(float(np.percentile(delays_s, p)) * 1e3) for p in (50, 99)) if delays_s else (np.inf,) * 2
    nodes_us, brokers_us = (round(1e6 * spent_s / plots, 1) for spent_s in (sum(one.cpu_s for one in told), brokers_s))
    return Carried(p50_ms, p99_ms, missed, nodes_us, brokers_us, next((one.why for one in told if one.why), ""))
