"""Live sources over real sockets on loopback; one that fails never stops another."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import skip
from tests.some import some
from tests.unit.ingest.asterix_bytes import plot_048
from tocsin.ingest import aircraft_json
from tocsin.ingest.aircraft_json import AircraftJsonSource, AircraftReader
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.sbs import SbsReader, SbsSource
from tocsin.ingest.source import Deliver, Source, Supervisor, stop
from tocsin.ingest.udp import UdpSource
from tocsin.model.errors import BadRecord, BadSettings
from tocsin.model.observation import Observation, Plot, Position
from tocsin.model.sensor import Sensor

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
NOW_S = 1_767_225_600.0
LINE = b"MSG,3,1,1,4CA123,1,2026/01/01,00:00:00.000,2026/01/01,00:00:00.000,,30000,,,45.5,16.5,,,0,0,0,0\r\n"


class Basket:
    """Collects what is delivered; `until(n)` waits for n observations."""

    def __init__(self) -> None:
        self.found: list[Observation] = []
        self._more = asyncio.Event()

    async def take(self, name: str, observations: list[Observation]) -> None:
        """As a supervisor delivers."""
        await self.deliver(observations)

    async def deliver(self, observations: list[Observation]) -> None:
        self.found += observations
        self._more.set()

    async def until(self, number: int) -> list[Observation]:
        async with asyncio.timeout(20):
            while len(self.found) < number:
                self._more.clear()
                await self._more.wait()
        return self.found


async def running(source: Source, then: Callable[[Basket], Awaitable[None]]) -> None:
    basket = Basket()
    task = asyncio.create_task(source.run(basket.deliver))
    try:
        await then(basket)
    finally:
        await stop(task)


def test_radar_datagrams_become_plots() -> None:
    async def story() -> None:
        rejects = Rejects()
        source = UdpSource("radars", (RADAR,), rejects, port=0, clock=lambda: NOW_S + 5)

        async def then(basket: Basket) -> None:
            async with asyncio.timeout(20):
                await source.listening.wait()
            assert source.address is not None
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(3):
                    sender.sendto(plot_048(number, time_s=3), source.address)
                sender.sendto(b"\xff" * 50, source.address)
                sender.sendto(b"", source.address)
                sender.sendto(plot_048(9, time_s=3) * 2, source.address)
            found = await basket.until(5)
            assert all(isinstance(one, Plot) and one.sensor == "hill" for one in some(found))
            assert found[0].received_at.timestamp() == NOW_S + 5
            # The rubbish, and the datagram without content.
            assert rejects.account.rejected == 2

        await running(source, then)

    asyncio.run(story())


def test_a_multicast_group_is_joined() -> None:
    async def story() -> None:
        source = UdpSource("radars", (RADAR,), Rejects(), host="239.1.2.3", port=0, interface="127.0.0.1")

        async def then(basket: Basket) -> None:
            async with asyncio.timeout(20):
                await source.listening.wait()
            assert source.address is not None
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                sender.sendto(plot_048(1), source.address)
            assert len(await basket.until(1)) == 1

        await running(source, then)

    try:
        asyncio.run(story())
    except OSError as error:
        skip(f"this machine has no multicast on loopback: {error}")


def test_an_address_that_is_none_is_a_bad_setting() -> None:
    with pytest.raises(BadSettings, match="IPv4"):
        UdpSource("radars", (), Rejects(), host="radar.example", port=0)


def picture(*, now_s: float = NOW_S, **changes: Any) -> bytes:
    one = {"hex": "4ca123", "lat": 45.5, "lon": 16.5, "alt_geom": 10_000, "seen_pos": 2.0, "gs": 100, "track": 10.0}
    return json.dumps({"now": now_s, "aircraft": [one | changes, {"hex": "~1", "lat": 1, "lon": 1}]}).encode()


def test_a_position_is_as_old_as_the_receiver_says_and_told_once() -> None:
    reader = AircraftReader("sky", Rejects())
    (position,) = reader.read(picture(flight="RYR1  "), NOW_S + 0.5)
    assert isinstance(position, Position)
    assert position.time.timestamp() == NOW_S - 2
    assert (position.callsign, position.cooperative) == ("RYR1", True)
    assert position.altitude_m == pytest.approx(3_048)
    assert position.speed_mps == pytest.approx(51.444, abs=1e-3)
    assert position.heading_deg == 10.0
    assert reader.read(picture(now_s=NOW_S + 1, seen_pos=3.0), NOW_S + 1) == []
    assert len(reader.read(picture(now_s=NOW_S + 2, lat=45.6), NOW_S + 2)) == 1


@pytest.mark.parametrize("change", [{"seen_pos": 16}, {"alt_baro": "ground"}, {"lat": None, "lon": None}])
def test_what_is_old_on_the_ground_or_nowhere_is_left_out(change: dict[str, Any]) -> None:
    rejects = Rejects()
    assert AircraftReader("sky", rejects).read(picture(**change), NOW_S) == []
    assert rejects.total == 0


@pytest.mark.parametrize("change", [{"lat": 95}, {"hex": "4c"}, {"lon": "east"}, {"lat": None}])
def test_a_bad_aircraft_is_rejected_alone(change: dict[str, Any]) -> None:
    rejects = Rejects()
    assert AircraftReader("sky", rejects).read(picture(**change), NOW_S) == []
    assert rejects.total == 1


def test_a_receiver_whose_clock_is_wrong_is_refused() -> None:
    with pytest.raises(BadRecord, match="set the clocks"):
        AircraftReader("sky", Rejects()).read(picture(), NOW_S + 61)
    with pytest.raises(BadRecord, match=r"no aircraft\.json"):
        AircraftReader("sky", Rejects()).read(b"<html>", NOW_S)


def test_a_receiver_is_polled_through_its_failures() -> None:
    answers = [picture(), b"rubbish", None, picture(now_s=NOW_S + 1, lat=46.0)]

    async def story() -> None:
        served = 0

        async def handle(request: web.Request) -> web.Response:
            nonlocal served
            body = answers[min(served, 3)]
            served += 1
            return web.Response(status=500) if body is None else web.Response(body=body)

        app = web.Application()
        app.router.add_get("/data/aircraft.json", handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/data/aircraft.json"
        basket = Basket()
        source = AircraftJsonSource("sky", url, Rejects(), every_s=0.01, clock=lambda: NOW_S)
        supervisor = Supervisor([source], basket.take, Rejects(), back_off_first_s=0.01)
        task = asyncio.create_task(supervisor.run())
        try:
            first, second = (await basket.until(2))[:2]
            assert (first.lat, second.lat) == (45.5, 46.0)
            (health,) = supervisor.health()
            assert (health.name, health.state) == ("sky", "up")
        finally:
            await stop(task)
            await runner.cleanup()

    asyncio.run(story())


def test_a_receiver_that_moved_and_one_that_is_slow_say_so_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aircraft_json, "TIMEOUT_S", 1.5)

    async def story() -> None:
        over = asyncio.Event()

        async def moved(request: web.Request) -> web.Response:
            return web.Response(status=301, headers={"Location": "/tar1090/"})

        async def slow(request: web.Request) -> web.Response:
            await over.wait()
            return web.Response()

        app = web.Application()
        app.router.add_get("/moved", moved)
        app.router.add_get("/slow", slow)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        sources = [AircraftJsonSource(name, f"{url}/{name}", Rejects()) for name in ("moved", "slow")]
        supervisor = Supervisor(sources, Basket().take, Rejects(), back_off_first_s=60)
        task = asyncio.create_task(supervisor.run())
        for _ in range(1_200):
            if all(one.state == "down" for one in some(supervisor.health())):
                break
            await asyncio.sleep(0.05)
        moved_says, slow_says = (one.reason for one in supervisor.health())
        assert moved_says == "moved is at '/tar1090/' now; set that as its url"
        assert slow_says == "no answer in time"
        await stop(task)
        over.set()
        await runner.cleanup()

    asyncio.run(story())


def test_a_broken_line_is_taken_up_again_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    async def story() -> None:
        calls = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal calls
            calls += 1
            # Twice the line breaks at once, then it holds.
            if calls > 2:
                writer.write(b"rubbish\nMSG,3,bad\n" + LINE)
                await writer.drain()
                await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        basket, rejects = Basket(), Rejects()
        source = SbsSource("sky", "127.0.0.1", port, rejects, clock=lambda: NOW_S)
        supervisor = Supervisor([source], basket.take, rejects, back_off_first_s=0.01)
        task = asyncio.create_task(supervisor.run())
        await basket.until(1)
        await stop(task)
        server.close()
        await server.wait_closed()
        assert rejects.total == 2

    asyncio.run(story())
    said = capsys.readouterr().out
    assert said.count("source is unavailable") == 1
    assert said.count("source is back") == 1


def test_an_endless_sbs_line_breaks_the_connection_not_the_memory() -> None:
    async def story() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"x" * 1_000_000)
            await writer.drain()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        source = SbsSource("sky", "127.0.0.1", server.sockets[0].getsockname()[1], Rejects())
        with pytest.raises(BadRecord, match="longer than"):
            await asyncio.wait_for(source.run(Basket().deliver), 60)
        server.close()
        await server.wait_closed()

    asyncio.run(story())


class Faulty:
    """Fails every time."""

    name = "faulty"

    async def run(self, deliver: Deliver) -> None:
        raise RuntimeError("out of order")


class Steady:
    """Delivers the same position again and again."""

    name = "steady"

    async def run(self, deliver: Deliver) -> None:
        position = SbsReader("sky", Rejects()).read(LINE, NOW_S)
        assert position is not None
        while True:
            await deliver([position] * 10)
            await asyncio.sleep(0)


def test_a_source_that_fails_stops_no_other_and_a_flood_is_bounded(tmp_path: Path) -> None:
    async def story() -> None:
        basket, rejects = Basket(), Rejects()
        supervisor = Supervisor([Faulty(), Steady()], basket.take, rejects, per_s_max=25.0)
        task = asyncio.create_task(supervisor.run())
        await basket.until(25)
        async with asyncio.timeout(60):
            while not rejects.total:
                await asyncio.sleep(0)
        faulty, steady = supervisor.health()
        await stop(task)
        assert (faulty.state, faulty.reason) == ("down", "out of order")
        assert steady.state == "up"
        assert steady.dropped == rejects.total > 0

    asyncio.run(story())
