"""How a live source is started again, how much of it passes, when its silence is said; who may send datagrams."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingest.asterix_bytes import north_034, plot_048
from tocsin.bench.virtual_time import played
from tocsin.ingest import udp as udp_module
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.sbs import SbsReader
from tocsin.ingest.source import SILENT_S, Deliver, SourceHealth, Supervisor, stop, trouble_of
from tocsin.ingest.udp import LOOPBACK, UdpSource
from tocsin.model.observation import Observation, Plot, Position
from tocsin.model.sensor import Sensor

NOW_S = 1_767_225_600.0
RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))


def position() -> Position:
    found = SbsReader("sky", Rejects()).read(b"MSG,3,1,1,4ca124,1,,,,,,32000,,,47.5,8.25,,,0,0,0,0", NOW_S)
    assert found is not None
    return found


class Moody:
    """A source that does at each start what it is told: how many it delivers before it fails."""

    name = "moody"

    def __init__(self, deliveries: Callable[[int], int]) -> None:
        self.started_s: list[float] = []
        self._deliveries = deliveries

    async def run(self, deliver: Deliver) -> None:
        number = len(self.started_s)
        self.started_s.append(asyncio.get_running_loop().time())
        if size := self._deliveries(number):
            await deliver([position()] * size)
        raise OSError("the line is down")


def supervised(source: Moody, lasts_s: float) -> tuple[list[float], SourceHealth]:
    """Seconds between its starts, and how it fared at the end."""

    async def take(name: str, observations: list[Observation]) -> None:
        assert name == "moody"

    async def story() -> SourceHealth:
        supervisor = Supervisor([source], take, Rejects())
        task = asyncio.create_task(supervisor.run())
        await asyncio.sleep(lasts_s)
        await stop(task)
        return supervisor.health()[0]

    health = played(story())
    return [later - earlier for earlier, later in itertools.pairwise(source.started_s)], health


def test_a_source_that_fails_is_started_again_ever_more_slowly_up_to_a_minute() -> None:
    waits, health = supervised(Moody(lambda _: 0), 400)
    assert waits[:9] == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])
    assert (health.state, health.reason, health.newest_s) == ("down", "the line is down", None)


def test_a_source_that_delivered_is_started_again_at_once() -> None:
    waits, health = supervised(Moody(lambda number: int(number == 3)), 40)
    assert waits[:6] == pytest.approx([1, 2, 4, 1, 2, 4])
    assert (health.failures, health.dropped) == (len(waits) - 2, 0)


def test_a_source_that_is_away_for_a_week_is_still_tried() -> None:
    waits, _ = supervised(Moody(lambda _: 0), 7 * 86_400)
    assert waits[-1] == pytest.approx(60)
    assert len(waits) > 10_000


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (SourceHealth("s"), "has delivered nothing yet"),
        (SourceHealth("s", "down", "no route", newest_s=999.0), "is down: no route"),
        (SourceHealth("s", "up", newest_s=1_000.0 - SILENT_S), None),
        (SourceHealth("s", "up", newest_s=1_000.0 - SILENT_S - 1), "has delivered nothing for 61 s"),
        (SourceHealth("s", "up", newest_s=1_000.0), None),
    ],
)
def test_a_minute_of_silence_is_said(health: SourceHealth, said: str | None) -> None:
    assert trouble_of(health, 1_000.0) == said


def test_what_passes_of_a_flood_is_its_beginning_and_the_rest_is_counted() -> None:
    passed: list[int] = []

    async def take(name: str, observations: list[Observation]) -> None:
        passed.append(len(observations))

    async def story() -> None:
        rejects = Rejects()
        supervisor = Supervisor([Moody(lambda number: 30 if number == 0 else 0)], take, rejects, per_s_max=20.0)
        task = asyncio.create_task(supervisor.run())
        await asyncio.sleep(0.5)
        await stop(task)
        assert (passed, supervisor.health()[0].dropped) == ([20], 10)
        assert rejects.outcomes == {"over_rate": 10}

    played(story())


async def sent(source: UdpSource, *octets: bytes) -> None:
    """Send datagrams from 127.0.0.1 once it listens."""
    await source.listening.wait()
    assert source.address is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for one in octets:
            sender.sendto(one, source.address)


def azimuths(plots: list[Observation]) -> list[int]:
    return [round(one.azimuth_deg * 65_536 / 360 / 64) for one in plots if isinstance(one, Plot)]


@pytest.mark.parametrize(
    ("peers", "heard"), [(LOOPBACK, True), (("10.0.0.0/8", "127.0.0.1"), True), (("127.0.0.2",), False)]
)
def test_datagrams_are_read_of_named_peers_only_and_others_are_counted(peers: tuple[str, ...], heard: bool) -> None:
    rejects = Rejects()
    source = UdpSource("radars", (RADAR,), rejects, port=0, clock=lambda: NOW_S, peers=peers)
    found: list[Observation] = []

    async def deliver(observations: list[Observation]) -> None:
        found.extend(observations)

    async def story() -> None:
        task = asyncio.create_task(source.run(deliver))
        async with asyncio.timeout(20):
            await sent(source, plot_048(1))
            while not found and not rejects.total:
                await asyncio.sleep(0)
        await stop(task)

    asyncio.run(story())
    assert len(found) == int(heard)
    assert rejects.counts == ({} if heard else {"radars: a datagram of nobody among its peers": 1})


def test_a_full_queue_drops_the_newest_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_module, "QUEUE_DATAGRAMS_MAX", 2)
    rejects = Rejects()
    source = UdpSource("radars", (RADAR,), rejects, port=0, clock=lambda: NOW_S)
    found: list[Observation] = []
    busy, free = asyncio.Event(), asyncio.Event()

    async def deliver(observations: list[Observation]) -> None:
        found.extend(observations)
        busy.set()
        await free.wait()

    async def story() -> None:
        task = asyncio.create_task(source.run(deliver))
        async with asyncio.timeout(20):
            await sent(source, plot_048(0))
            await busy.wait()
            await sent(source, *(plot_048(number) for number in range(1, 6)))
            while rejects.total < 3:
                await asyncio.sleep(0)
            free.set()
            while len(found) < 3:
                await asyncio.sleep(0)
        await stop(task)

    asyncio.run(story())
    assert azimuths(found) == [0, 1, 2]
    assert rejects.counts == {"radars: its queue is full": 3}


pieces = st.sampled_from([plot_048(1), plot_048(2), north_034(time_s=3), b"\xff\xff", b"\x30\x00", b"\x0a\x00\x05ab"])
datagrams = st.lists(pieces | st.binary(max_size=30), max_size=4).map(b"".join)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(datagrams, max_size=12), st.lists(st.binary(max_size=9), max_size=3), st.integers(1, 3), st.integers(0, 9)
)
def test_every_datagram_is_used_rejected_or_passed_over_in_its_records(
    known: list[bytes], strange: list[bytes], waiting_max: int, fails_at: int
) -> None:
    rejects = Rejects()
    source = UdpSource("radars", (RADAR,), rejects, port=0, clock=lambda: NOW_S, peers=("127.0.0.1",))
    found: list[Observation] = []

    async def deliver(observations: list[Observation]) -> None:
        found.extend(observations)
        if len(found) > fails_at:
            raise OSError("nobody takes it")

    def left() -> bool:
        return rejects.account.read < len(known) + len(strange)

    async def story() -> None:
        async with asyncio.timeout(60):
            task = asyncio.create_task(source.run(deliver))
            await source.listening.wait()
            assert source.address is not None
            for octets, host in [(one, "127.0.0.1") for one in known] + [(one, "127.0.0.2") for one in strange]:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind((host, 0))
                    sender.sendto(octets, source.address)
            while left() and not task.done():
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(udp_module, "QUEUE_DATAGRAMS_MAX", waiting_max)
        asyncio.run(story())
    assert rejects.account.balanced and rejects.account.used >= len(found)
    if len(found) <= fails_at:
        assert not left()


def test_datagrams_that_wait_when_a_source_ends_are_counted() -> None:
    rejects = Rejects()
    source = UdpSource("radars", (RADAR,), rejects, port=0, clock=lambda: NOW_S)
    free = asyncio.Event()

    async def deliver(observations: list[Observation]) -> None:
        await free.wait()
        raise OSError("nobody takes it")

    async def story() -> None:
        task = asyncio.create_task(source.run(deliver))
        async with asyncio.timeout(20):
            await sent(source, plot_048(0))
            while rejects.account.used < 1:
                await asyncio.sleep(0)
            await sent(source, *(plot_048(number) for number in range(1, 6)))
            # All of them have come by the time that one from nobody is counted.
            await sent(source, b"")
            while rejects.account.rejected < 1:
                await asyncio.sleep(0)
            free.set()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
    assert rejects.counts["radars: it ended before a datagram was read"] == 5
    assert rejects.account == (7, 1, 6, 0)
