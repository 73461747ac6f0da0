"""What goes wrong in a chaos night: drawn from a seed, done to the processes of a cluster, and undone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from tocsin.cluster.cluster import Cluster
from tocsin.cluster.nodes import Node
from tocsin.cluster.process import Life, Process
from tocsin.model.errors import Missing
from tocsin.service.clock import Clock, machine_time

# A process that died is started again by whoever keeps it, systemd as a rule, after about so long.
AGAIN_S = (1.0, 6.0)
# Longer than a twin may be silent before it no longer counts, and shorter.
HUNG_S = (2.0, 12.0)
CUT_S = (4.0, 16.0)
FULL_S = (3.0, 10.0)
CLOCK_S = (8.0, 16.0)
WRONG_BY_S = (-40.0, 40.0)
# The first of a night, and from one to the next among those that depend on each other.
FIRST_S, NEXT_S = (3.0, 8.0), (4.0, 12.0)

# Whoever leads the agreed log then; and its name.
LEADER, STREAM = "the leader", "tocsin-log"

What = Callable[[Process], None]


class Doing(NamedTuple):
    """One thing that goes wrong at one process.

    at_s   seconds since the night began
    what   a name of `FAULTS`
    whom   the process's name, or LEADER
    for_s  for so long
    by_s   a clock is wrong by so much
    """

    at_s: float
    what: str
    whom: str
    for_s: float
    by_s: float = 0.0

    def __str__(self) -> str:
        by = f" by {self.by_s:.0f} s" if self.by_s else ""
        return f"{self.what} {self.whom}{by} at {self.at_s:.1f} s for {self.for_s:.1f} s"


# What may happen to whom, and for how long.
FAULTS: Mapping[str, tuple[float, float]] = {
    "kill": AGAIN_S,
    "hang": HUNG_S,
    "cut": CUT_S,
    "fill": FULL_S,
    "clock": CLOCK_S,
    "upgrade": (0.0, 0.0),
}
# Of a workload's name, what happens in it.
WORKLOADS: Mapping[str, tuple[str, ...]] = {
    "kills": ("kill",),
    "hangs": ("hang",),
    "cuts": ("cut",),
    "full-disks": ("fill",),
    "clocks": ("clock",),
    "upgrades": ("upgrade",),
    "everything": ("kill", "kill", "hang", "cut", "fill", "clock", "upgrade"),
}


def groups(cluster: Cluster) -> list[list[Process]]:
    """Processes of which one at a time may fail and people are warned all the same."""
    found: list[list[Process]] = [[*cluster.nats], [*cluster.fronts]]
    found += [[*cluster.twins(sector)] for sector in cluster.sectors]
    found += [[one] for one in (cluster.database, cluster.broker) if one is not None]
    return [group for group in found if group]


def may(cluster: Cluster, what: str, whom: Process) -> bool:
    """Whether it can happen to a process: not all have lines, a disk that we fill, a clock that we know."""
    return whom.name in cluster.lines if what == "cut" else what not in ("fill", "clock") or isinstance(whom, Node)


def drawn(cluster: Cluster, workload: str, chance: random.Random, seconds: float) -> list[Doing]:
    """What goes wrong within so many seconds, in the order of time: in each group one thing after the other."""
    doings = []
    for group in groups(cluster):
        at_s = chance.uniform(*FIRST_S)
        while at_s < seconds:
            what = chance.choice(WORKLOADS[workload])
            whom = chance.choice(group)
            for_s = chance.uniform(*FAULTS[what])
            by_s = chance.uniform(*WRONG_BY_S) if what == "clock" else 0.0
            if not may(cluster, what, whom):
                what, for_s, by_s = "kill", chance.uniform(*AGAIN_S), 0.0
            doings.append(Doing(at_s, what, whom.name, for_s, by_s))
            at_s += for_s + chance.uniform(*NEXT_S)
    return sorted(doings)


def live_wrong(life: Life, by_s: float) -> None:
    """A life on a machine whose clock is wrong by so much."""
    told = Clock.__init__.__kwdefaults__
    assert told is not None
    told["wall"] = lambda: machine_time() + timedelta(seconds=by_s)
    life()


class Trouble:
    """Does what was drawn, and undoes it when its time is over.

    done    what was done
    """

    def __init__(self, cluster: Cluster, doings: list[Doing]) -> None:
        self.done: list[Doing] = []
        self._cluster = cluster
        self._under_way: dict[Doing, Process] = {}
        self._by_name = {one.name: one for one in cluster.processes}
        self._begin: dict[str, What] = {
            "kill": lambda one: one.kill(),
            "hang": lambda one: one.hang(),
            "cut": lambda one: cluster.cut_off(one.name),
            "fill": lambda one: one.fill_disk(True),
            "upgrade": lambda one: one.end(),
            "clock": self._set_clock,
        }
        self._undo: dict[str, What] = {
            "kill": self._again,
            "hang": lambda one: one.resume(),
            "cut": lambda one: cluster.join(one.name),
            "fill": lambda one: one.fill_disk(False),
            "upgrade": self._again,
            "clock": self._set_right,
        }
        begins = [(doing.at_s, True, doing) for doing in doings]
        ends = [(doing.at_s + doing.for_s, False, doing) for doing in doings]
        self._due = sorted(begins + ends, key=lambda one: (one[0], not one[1]))

    def run(self, begun_s: float, until_s: float) -> None:
        """Do what is due until then, monotonic seconds; then undo what is left."""
        while self._due and (due_s := begun_s + self._due[0][0]) < until_s:
            time.sleep(max(0.0, due_s - time.monotonic()))
            _, begins, doing = self._due.pop(0)
            self._do(doing, begins)
            self._revive()
        self.mend()

    def _do(self, doing: Doing, begins: bool) -> None:
        if begins:
            whom = self._cluster.leader(STREAM) if doing.whom == LEADER else self._by_name[doing.whom]
            if whom is not None:
                self._under_way[doing] = whom
                self.done.append(doing)
                self._by_s = doing.by_s
                self._begin[doing.what](whom)
        elif doing in self._under_way:
            self._undo[doing.what](self._under_way.pop(doing))

    def mend(self) -> None:
        """Undo whatever is not undone yet."""
        for _, begins, doing in self._due:
            if not begins:
                self._do(doing, begins)
        self._due = []
        self._revive()

    def _again(self, one: Process) -> None:
        if not one.alive:
            one.start()

    def _set_clock(self, one: Process) -> None:
        assert isinstance(one, Node)
        one.kill()
        right, one.life = one.life, partial(live_wrong, one.life, self._by_s)
        one.start()
        one.life = right

    def _set_right(self, one: Process) -> None:
        one.kill()
        one.start()

    def _revive(self) -> None:
        """Start again what ended by itself though nobody meant it to, as its keeper would."""
        for one in self._by_name.values():
            if one not in self._under_way.values():
                self._again(one)

    def wait_whole(self, within_s: float) -> None:
        """Return when everything answers again. Raises Missing."""
        end_s = time.monotonic() + within_s
        for one in self._by_name.values():
            while True:
                self._again(one)
                try:
                    one.wait_ready(max(1.0, end_s - time.monotonic()))
                    break
                except Missing:
                    if one.alive or time.monotonic() > end_s:
                        raise
