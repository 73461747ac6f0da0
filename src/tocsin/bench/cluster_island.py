"""An hour in which one twin is cut off from the brokers, and what stands afterwards beside a run that nobody cut.

Real brokers, logs, records and engines; only the time of what happens is made up, so that an hour takes minutes. The
cut-off twin hears one radar and its own officer, the other one another radar. Then the line is mended, the records
are brought together while a raid goes on, and both are to hold what one engine holds that heard everything in time.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tocsin.bench import chaos_raid
from tocsin.bench.nats_servers import nats_servers
from tocsin.cluster.links import Line, Links
from tocsin.cluster.nodes import KEEP_BYTES
from tocsin.journal import Journal
from tocsin.journal.jetstream.connection import Brokers
from tocsin.journal.jetstream.log import JetStreamLog
from tocsin.journal.jetstream.stream import Place
from tocsin.model.event import Configuration, Event, OperatorAct, Tick
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor
from tocsin.replay.configuration import configuration_of, read_policy, tuning_of
from tocsin.service.settings import load_settings
from tocsin.twins.guarded import Guarded

HOUR_S = 3_600
BEFORE_S = 60
# After everything was told nothing comes for so long that what was only heard late is of no account any more; then a
# last raid comes, and is decided on alike.
QUIET_S, LAST_S = 600, 120
# Raids follow each other and fly on, so that some zones are warned at most times.
WAVE_S = 300
# From one tick to the next.
STEP_S = 5
# How long is waited for what should come at once.
PATIENCE_S = 60.0
LOOK_S = 0.01
SEED = 3_000
REACH = {"island_observations_lost": 0, "island_observations_twice": 0, "island_zones_that_differ": 0}


class Merged(NamedTuple):
    """What came of it.

    events   events that the island took in alone
    lost     observations and acts that are missing in a twin's record
    twice    those that are in one twice
    warned   zones under a warning at the end, by the run that nobody cut
    differ   twin and zone: how it stands there, and how by the run that nobody cut
    merge_s  from the mended line until the others knew everything
    """

    events: int
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    warned: int
    differ: tuple[str, ...]
    merge_s: float


def figures() -> dict[str, Any]:
    """One night. Raises Missing without nats-server."""
    found = played(SEED, HOUR_S)
    return {
        "island_seconds": HOUR_S,
        "island_events": found.events,
        "island_observations_lost": len(found.lost),
        "island_observations_twice": len(found.twice),
        "island_zones_warned": found.warned,
        "island_zones_that_differ": len(found.differ),
        "island_merge_s": round(found.merge_s, 1),
        "island_differ": ", ".join(found.differ[:20]),
    }


def played(seed: int, cut_s: int) -> Merged:
    """A night whose island lasts so many seconds. Raises Missing without nats-server."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-island-")))
        servers = stack.enter_context(nats_servers(folder / "brokers"))
        links = stack.enter_context(Links())
        lines = [links.line(int(one.rpartition(":")[2])) for one in servers.addresses]
        reached = {"a": tuple(f"nats://127.0.0.1:{line.port}" for line in lines), "b": servers.addresses}
        begun = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=2 * cut_s + 3_600)
        night = _Night(seed, begun, _configured(folder, begun))
        night.twins = [stack.enter_context(_Twin(folder / name, Brokers(reached[name]), name)) for name in ("a", "b")]
        return night.played(cut_s, links, lines)


def _configured(folder: Path, begun: datetime) -> Configuration:
    policy = chaos_raid.write(folder)
    (folder / "tocsin.toml").write_text(f'zones = "zones.geojson"\nsensors = "sensors.json"\n{chaos_raid.TABLES}')
    tuning = tuning_of((told := load_settings(folder / "tocsin.toml")).track, told.forecast)
    sensors, zones = chaos_raid.radars(), chaos_raid.zones()
    return configuration_of(zones, sensors, read_policy(str(policy)), drill=True, time=begun, tuning=tuning)


class _Twin:
    """A log, its record and the engine behind it."""

    def __init__(self, folder: Path, brokers: Brokers, name: str) -> None:
        folder.mkdir()
        self.name = name
        self.engine = Guarded()
        self.journal = Journal.open(folder / "journal.db")
        place = Place(brokers, "all", name, keep_bytes=KEEP_BYTES)
        self.log = JetStreamLog(self.journal, place, on_commit=self._step, island_after_s=2.0)
        self.log.wait_until_caught_up()

    def _step(self, committed: Sequence[tuple[int, Event]]) -> None:
        for _, event in committed:
            self.engine.step(event)

    def __enter__(self) -> _Twin:
        return self

    def __exit__(self, *_: object) -> None:
        self.log.close()
        self.journal.close()

    @property
    def told(self) -> Counter[str]:
        """Who said what, of everything in the record but time, and how often it is there."""
        return Counter(_name(event) for _, event in self.journal.read() if not isinstance(event, Tick))

    @property
    def standing(self) -> dict[str, str]:
        """How every zone stands."""
        return _standing(self.engine)


class _Wave(NamedTuple):
    """A raid, and in which second of the night it began."""

    begun: int
    raid: chaos_raid.Raid


class _Night:
    """What happens, step by step, and to whom it is told.

    events   all of it in the order in which it happened
    """

    def __init__(self, seed: int, begun: datetime, configuration: Configuration) -> None:
        self.twins: list[_Twin] = []
        self.events: list[Event] = [configuration]
        self._seed, self._begun = seed, begun
        self._second = 0
        self._waves: list[_Wave] = []

    def played(self, cut_s: int, links: Links, lines: Sequence[Line]) -> Merged:
        """All of it."""
        a, b = self.twins
        a.log.submit([self.events[0]]).result(PATIENCE_S)
        _wait(lambda: b.engine.configuration is not None)
        self._pass_all(BEFORE_S)
        for line in lines:
            links.cut(line)
        for second in range(0, cut_s, STEP_S):
            self._pass(_ordered(second, cut_s, self._now))
        alone = a.journal.untold
        assert a.log.alone and not b.log.alone, "nobody was cut off"
        for line in lines:
            links.mend(line)
        mended_s = time.monotonic()
        while a.log.alone or a.journal.untold:
            self._pass()
            assert time.monotonic() - mended_s < PATIENCE_S, f"the others know nothing yet: {a.log.notices}"
        merge_s = time.monotonic() - mended_s
        self._waves = []
        self._pass_all(QUIET_S, new=False)
        self._pass_all(LAST_S)
        return self._judged(alone, merge_s)

    @property
    def _now(self) -> datetime:
        return self._begun + timedelta(seconds=self._second)

    def _pass_all(self, seconds: int, *, new: bool = True) -> None:
        for _ in range(0, seconds, STEP_S):
            self._pass(new=new)

    def _pass(self, acts: Sequence[OperatorAct] = (), *, new: bool = True) -> None:
        """STEP_S: each radar's plots to its own twin, acts to the first, and then everybody's tick."""
        if new and (not self._waves or self._second - self._waves[-1].begun >= WAVE_S):
            # Of the one before the last nobody sees anything any more: it is far away.
            wave = _Wave(self._second, chaos_raid.Raid(1_000_000 * self._seed + self._second))
            self._waves = [*self._waves[-1:], wave]
        seen: tuple[list[Event], ...] = ([], [])
        for second in range(self._second, self._second + STEP_S):
            for plots, radar in zip(seen, chaos_raid.radars(), strict=True):
                plots += self._seen(radar, second)
        waiting = [twin.log.submit(plots) for twin, plots in zip(self.twins, seen, strict=True)]
        waiting += [self.twins[0].log.submit([act]) for act in acts]
        for one in waiting:
            one.result(PATIENCE_S)
        self._second += STEP_S
        tick = Tick(time=self._now)
        self.events += (*seen[0], *seen[1], *acts, tick)
        for ticked in [twin.log.submit([tick]) for twin in self.twins]:
            ticked.result(PATIENCE_S)

    def _seen(self, radar: Sensor, second: int) -> list[Plot]:
        """What a radar sees in a second: all that flies, or, where nothing does, that it sees something."""
        found = []
        for wave in self._waves or [_Wave(self._second, chaos_raid.Raid(self._seed, drones=0))]:
            begun = self._begun + timedelta(seconds=wave.begun)
            plots = wave.raid.seen(radar, second - wave.begun, begun)
            found += [msgspec.structs.replace(plot, id=f"{wave.begun}/{plot.id}") for plot in plots]
        return found

    def _judged(self, alone: int, merge_s: float) -> Merged:
        _wait(lambda: all(twin.engine.now == self._now for twin in self.twins))
        uncut = Guarded()
        for event in self.events:
            uncut.step(event)
        wanted, stands = {_name(event) for event in self.events if not isinstance(event, Tick)}, _standing(uncut)
        lost, twice, differ = [], [], []
        for twin in self.twins:
            told, standing = twin.told, twin.standing
            lost += [f"{twin.name}: {name}" for name in sorted(wanted - told.keys())]
            twice += [f"{twin.name}: {name}" for name, times in told.items() if times > 1]
            for zone, level in stands.items():
                if standing[zone] != level:
                    differ.append(f"{twin.name} {zone}: {standing[zone]} instead of {level}")
        warned = sum(level in ("prepare", "take_cover") for level in stands.values())
        return Merged(alone, tuple(lost), tuple(twice), warned, tuple(differ), merge_s)


def _ordered(second: int, cut_s: int, now: datetime) -> list[OperatorAct]:
    """What the island's officer orders in this second of it: of all of it, one raise is to stand in the end."""
    every = tuple(zone.id for zone in chaos_raid.zones())
    stays, lapses, released, cancelled, *_ = every
    orders: dict[int, dict[str, Any]] = {
        1: {"action": "raise", "zones": (stays,), "level": "prepare"},
        2: {"action": "raise", "zones": (lapses,), "lasts_s": cut_s / 10},
        3: {"action": "raise", "zones": (released, cancelled)},
        4: {"action": "release", "zones": (released,)},
        5: {"action": "cancel", "zones": (cancelled,)},
        # What stood then, and not what stands when others hear of it.
        6: {"action": "cancel", "zones": tuple(zone for zone in every if zone != stays)},
    }
    number, part = divmod(second, cut_s // 10)
    if part or number not in orders:
        return []
    return [OperatorAct(id=f"order{number}", time=now, operator="officer", **orders[number])]


def _name(event: Event) -> str:
    """Who said it, and under which id."""
    return f"{getattr(event, 'source', getattr(event, 'operator', ''))}: {getattr(event, 'id', '')}"


def _standing(engine: Guarded) -> dict[str, str]:
    picture = engine.picture()
    assert picture is not None, "nothing was decided"
    return {one.zone: f"{one.level}{' (may be blind)' if one.degraded else ''}" for one in picture.zones}


def _wait(done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "what was said does not reach everybody"
        time.sleep(LOOK_S)
