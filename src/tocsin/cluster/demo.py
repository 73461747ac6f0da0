"""`tocsin cluster demo`: a drill raid through a cluster on this machine, and a table of who lives and what stands."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from rich.table import Table

from tocsin.cluster.cluster import Cluster
from tocsin.cluster.listener import Listener
from tocsin.cluster.process import Process
from tocsin.cluster.sender import Sender
from tocsin.model.observation import Observation
from tocsin.model.wire import to_json
from tocsin.replay.nights import night_files
from tocsin.simulate.world import Simulation

# As long as a system that starts again what died waits as a rule: long enough to see that nobody misses it.
AGAIN_S = 10.0
LOOK_EVERY_S = 1.0
SEND_EVERY_S = 0.1
BATCH_MAX = 2_000
# Between the start of the raid and its first observation.
FIRST_S = 2.0


def write_night(night: Simulation, folder: Path) -> None:
    """Write what nodes and front ends are told of the place."""
    files = night_files(night)
    for name in ("zones.geojson", "sensors.json"):
        (folder / name).write_bytes(files[name])


@dataclass
class Demo:
    """A cluster that runs, a raid that is played into it, and what can be seen of both.

    say   told when the raid is over, and what died and is started again
    """

    cluster: Cluster
    night: Simulation
    say: Callable[[str], None]
    listeners: dict[str, Listener] = field(default_factory=dict)
    ready: dict[str, bool] = field(default_factory=dict)
    _died_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        served = [*self.cluster.nodes, *self.cluster.fronts]
        self.listeners = {one.name: Listener(one.name, one.address) for one in served}
        self._sender = Sender([node.address for node in self.cluster.nodes], self.cluster.token)

    async def run(self, for_s: float | None, show: Callable[[], None]) -> None:
        """Play it, and start again what dies, for so long (None: until cancelled). `show` is called every second."""
        tasks = [asyncio.create_task(one.run()) for one in self.listeners.values()]
        tasks += [asyncio.create_task(self._send()), asyncio.create_task(self._keep())]
        end_s = None if for_s is None else time.monotonic() + for_s
        try:
            while end_s is None or time.monotonic() < end_s:
                show()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._sender.close()

    async def _send(self) -> None:
        waiting = list(reversed(self.night.observations))
        later = datetime.now(UTC) + timedelta(seconds=FIRST_S) - waiting[-1].received_at
        while waiting:
            now = datetime.now(UTC)
            batch: list[Observation] = []
            while waiting and waiting[-1].received_at + later <= now and len(batch) < BATCH_MAX:
                batch.append(_moved(waiting.pop(), later))
            if batch:
                await self._sender.send([one.id for one in batch], [to_json(one) for one in batch])
            else:
                await asyncio.sleep(SEND_EVERY_S)
        self.say(f"The raid is over: {len(self._sender.acknowledged):,} observations were acknowledged.")

    async def _keep(self) -> None:
        """Look who answers, and start again who died."""
        while True:
            for one in self.cluster.processes:
                self.ready[one.name] = await asyncio.to_thread(lambda one=one: one.ready)  # type: ignore[misc]
                if one.alive:
                    self._died_s.pop(one.name, None)
                elif time.monotonic() - self._died_s.setdefault(one.name, time.monotonic()) >= AGAIN_S:
                    self.say(f"{one.name} is started again.")
                    one.start()
            await asyncio.sleep(LOOK_EVERY_S)

    def table(self) -> Table:
        """Who lives, and what stands where."""
        made = Table(title="DRILL: nothing of it is real")
        for head in ("process", "id", "lives", "answers", "picture", "prepare", "take cover", "may be blind"):
            made.add_column(head, justify="left" if head == "process" else "right")
        for one in self.cluster.processes:
            made.add_row(*self._row(one))
        return made

    def line(self) -> str:
        """The same in a line."""
        alive = sum(one.alive for one in self.cluster.processes)
        ready = sum(self.ready.values())
        shown = "; ".join(f"{one.name} {self._standing(one)['take_cover']} under cover" for one in self.cluster.fronts)
        return f"{alive} of {len(self.cluster.processes)} processes live, {ready} answer; {shown}"

    def _row(self, one: Process) -> Sequence[str]:
        state = "dead" if not one.alive else "yes" if self.ready.get(one.name) else "no"
        known = (one.name, str(one.pid), str(one.lives), state)
        heard = self.listeners.get(one.name)
        if heard is None or not heard.connected or heard.picture_at is None:
            return (*known, "", "", "", "")
        age_s = max(0.0, (datetime.now(UTC) - heard.picture_at).total_seconds())
        standing = self._standing(one)
        blind = "yes" if heard.degraded else "no"
        return (*known, f"{age_s:.0f} s", str(standing["prepare"]), str(standing["take_cover"]), blind)

    def _standing(self, one: Process) -> Counter[str]:
        return Counter(self.listeners[one.name].levels.values())


def _moved(observation: Observation, later: timedelta) -> Observation:
    """The same, as if it had been made then."""
    received = observation.received
    return msgspec.structs.replace(
        observation, time=observation.time + later, received=None if received is None else received + later
    )


def opened_and_killed(cluster: Cluster) -> list[str]:
    """What to open, and what to kill, for whoever tries it."""
    lines = ["Open (the pages show the same, whatever dies):"]
    lines += [f"  {one.address}/   {one.name}" for one in (*cluster.fronts, *cluster.nodes)]
    lines += ["Kill (each comes back after 10 s):"]
    lines += [f"  kill -9 {one.pid:<8} {one.name}" for one in cluster.processes]
    return [*lines, *cluster.absent]
