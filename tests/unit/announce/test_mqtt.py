"""The MQTT channel against a real broker: what is kept, for how long, and what is left behind."""

from __future__ import annotations

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiomqtt import Message
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jinja2.sandbox import SandboxedEnvironment

from tests.broker import heard, kept, listening, mosquitto
from tests.some import some
from tests.unit.service.test_http import zone
from tocsin.announce.board import Board
from tocsin.announce.bodies import public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.home_assistant import HomeAssistant
from tocsin.announce.mqtt import Mqtt
from tocsin.announce.mqtt_broker import Broker, hold
from tocsin.announce.mqtt_mirror import AGAIN_S, KEPT_S, Mirror
from tocsin.announce.mqtt_signature import NotSigned, Signer, verify
from tocsin.announce.siren.wire import pinned
from tocsin.bench.broker import free_port
from tocsin.bench.virtual_time import played
from tocsin.model.effect import Picture
from tocsin.model.errors import BadSettings
from tocsin.model.value import SECOND
from tocsin.model.warning import Level, Warning, ZoneState
from tocsin.service.settings import make_settings

pytestmark = pytest.mark.server
ZONES = tuple(zone(name, 46.0 + number) for number, name in enumerate(("home", "away/1", "far+#")))
HOUSE = HomeAssistant("homeassistant", "north", {"home": "Home"})


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as found:
        yield found


def clock() -> datetime:
    return datetime.now(UTC)


def channel_to(port: int, sector: str, **more: Any) -> tuple[Board, Mqtt]:
    board = Board(ZONES, drill=False)
    channel = Mqtt(
        "broker",
        Broker("127.0.0.1", port),
        board,
        sector=sector,
        prefixes=("tocsin", "tocsin-drill"),
        now=clock,
        **more,
    )
    return board, channel


def warning(zone: str, level: Level, valid_s: float = 300, **more: Any) -> Warning:
    now = clock()
    return Warning(
        id=f"{zone}/1/{now.timestamp()}/{level}",
        zone=zone,
        level=level,
        time=now,
        expires=now + valid_s * SECOND,
        reason="a sensor saw it",
        tracks=("t1",),
        **more,
    )


def tell(board: Board, channel: Mqtt, *effects: Any) -> None:
    batch = Batch(1, clock(), (*effects, Picture(time=clock())))
    board.fold(batch)
    channel.fold(batch)


@asynccontextmanager
async def at_work(channel: Mqtt) -> AsyncIterator[None]:
    working = asyncio.create_task(channel.work())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


async def stand(port: int, topic: str, *levels: str) -> None:
    """The broker keeps these levels under the topic, and no others, now or soon."""

    def levels_of(found: list[Message]) -> list[str]:
        return sorted(json.loads(one.payload)["level"] for one in found)

    assert levels_of(await kept(port, topic, lambda found: levels_of(found) == sorted(levels))) == sorted(levels)


def test_the_warnings_of_a_tick_are_one_message_and_every_zone_is_kept(port: int) -> None:
    async def story() -> None:
        board, channel = channel_to(port, "whole", assistant=HOUSE)
        async with at_work(channel):
            told = [warning("home", "take_cover"), warning("far+#", "prepare", threat="drone")]
            tell(board, channel, *told)
            await until(lambda: channel.trouble is None)
            async with (
                listening(port, "tocsin/whole/warnings") as ear,
                listening(port, "tocsin/whole/events/+") as events,
            ):
                await channel.send("broker", [public_warning(one) for one in told])
                (message,) = await ear.hears(1, more_s=0.5)
                assert [one["id"] for one in json.loads(message.payload)] == [one.id for one in told]
                (event,) = await events.hears(1, more_s=0.1)
                assert json.loads(event.payload)["event_type"] == "take_cover"
            states = {str(one.topic): one for one in await heard(port, "tocsin/whole/zones/#", 3)}
            assert states.keys() == {f"tocsin/whole/zones/{name}" for name in ("home", "away%2F1", "far%2B%23")}
            home = json.loads(states["tocsin/whole/zones/home"].payload)
            assert (home["level"], home["drill"], home["threat"]) == ("take_cover", False, "unknown")
            assert home["now"] >= home["picture_at"] and home["expires"] == json.loads(message.payload)[0]["expires"]
            assert "sensor" not in str(home) and "t1" not in str(home)
            for one in some(states.values()):
                assert one.retain and 0 < one.properties.MessageExpiryInterval <= KEPT_S
            # The all clear goes to the same place.
            tell(board, channel, warning("home", "all_clear"))
            await stand(port, "tocsin/whole/zones/home", "all_clear")

    asyncio.run(story())


def test_a_reader_knows_who_wrote_a_state_and_what_is_changed_or_moved_is_not_believed(port: int) -> None:
    live, drill = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys = pinned(live.public_key())

    async def story() -> list[Any]:
        board, channel = channel_to(port, "signed", assistant=HOUSE, signer=Signer({False: live, True: drill}))
        async with at_work(channel):
            tell(board, channel, warning("home", "take_cover"), warning("away/1", "prepare", drill=True))
            await until(lambda: channel.trouble is None)
            async with listening(port, "tocsin/signed/+") as ear:
                await channel.send("broker", [public_warning(warning("home", "take_cover"))])
                found = await ear.hears(4)
            found += await heard(port, "tocsin/signed/zones/+", 2)
            found += await heard(port, "tocsin-drill/signed/zones/+", 1)
            return found

    found = {str(one.topic): one for one in asyncio.run(story())}
    state = found["tocsin/signed/zones/home"]
    assert 0 < state.properties.MessageExpiryInterval <= KEPT_S
    for topic in some(["tocsin/signed/zones/home", "tocsin/signed/warnings", "tocsin/signed/pulse"]):
        verify(topic, found[topic].payload, found[topic].properties, keys)
    exercise = found["tocsin-drill/signed/zones/away%2F1"]
    verify(str(exercise.topic), exercise.payload, exercise.properties, pinned(drill.public_key()))
    lowered = state.payload.replace(b"take_cover", b"all_clear")
    for topic, body, properties in (
        (str(state.topic), lowered, state.properties),
        ("tocsin/signed/zones/away%2F1", state.payload, state.properties),
        (str(state.topic), state.payload, exercise.properties),
        (str(state.topic), state.payload, None),
    ):
        with pytest.raises(NotSigned):
            verify(topic, body, properties, keys)


def test_what_is_kept_dies_with_what_it_says(port: int) -> None:
    async def story() -> None:
        board, channel = channel_to(port, "end")
        async with at_work(channel):
            tell(board, channel, warning("home", "take_cover", 4))
            await until(lambda: channel.trouble is None)
            assert len(await heard(port, "tocsin/end/zones/+", 3)) == 3
        # We are gone before it ends: what says that nothing is the matter outlives it, and the status says more.
        await stand(port, "tocsin/end/zones/+", "none", "none")
        (status,) = await heard(port, "tocsin/end/status", 1)
        assert status.payload == b"unknown"

    asyncio.run(story())


def test_drills_are_kept_under_a_prefix_of_their_own(port: int) -> None:
    async def story() -> None:
        board, channel = channel_to(port, "drills")
        async with at_work(channel):
            tell(board, channel, warning("home", "take_cover", drill=True))
            await until(lambda: channel.trouble is None)
            live = await heard(port, "tocsin/drills/zones/#", 2, more_s=0.5)
            assert len(live) == 2 and b"take_cover" not in b"".join(one.payload for one in live)
            (drill,) = await heard(port, "tocsin-drill/drills/zones/#", 1)
            assert json.loads(drill.payload)["drill"] is True
            # A real raid in the same zone: the drill is there no more.
            tell(board, channel, warning("home", "take_cover"))
            assert await kept(port, "tocsin-drill/drills/zones/#", lambda found: not found) == []
            assert len(await heard(port, "tocsin/drills/zones/#", 3)) == 3
            # All is a drill from now on: whoever dies leaves it behind where drills are.
            board.drill = True
            tell(board, channel)
            (status,) = await heard(port, "tocsin-drill/drills/status", 1)
            assert status.payload in (b"unknown", b"online")

    asyncio.run(story())


def test_a_zone_that_may_be_blind_says_so_and_whoever_dies_leaves_unknown_behind(port: int) -> None:
    async def story() -> None:
        board, channel = channel_to(port, "blind")
        async with at_work(channel):
            tell(board, channel, Picture(time=clock(), zones=(ZoneState(zone="home", degraded=True),)))
            await until(lambda: channel.trouble is None)
            (home,) = await heard(port, "tocsin/blind/zones/home", 1)
            assert json.loads(home.payload)["degraded"] is True
            await kept(port, "tocsin/blind/status", lambda found: [one.payload for one in found] == [b"online"])
            async with listening(port, "tocsin/blind/status") as ear:
                # The wire is cut; nobody says goodbye.
                channel._client._client.socket().shutdown(socket.SHUT_RDWR)
                assert [one.payload for one in await ear.hears(3)][:2] == [b"online", b"unknown"]

    asyncio.run(story())


def test_a_broker_that_is_away_is_a_trouble_and_hears_everything_when_it_is_back(tmp_path: Path) -> None:
    async def story() -> None:
        port = free_port()
        board, channel = channel_to(port, "north")
        tell(board, channel, warning("home", "take_cover"))
        async with at_work(channel):
            await until(lambda: "no connection" in (channel.trouble or ""))
            with pytest.raises(ConnectionError):
                await channel.send("broker", [])
            with mosquitto(tmp_path, port):
                await until(lambda: channel.trouble is None)
                assert len(await heard(port, "tocsin/north/zones/#", 3)) == 3
            await until(lambda: channel.trouble is not None)
            tell(board, channel, warning("home", "all_clear"))
            with mosquitto(tmp_path, port):
                await until(lambda: channel.trouble is None)
                await stand(port, "tocsin/north/zones/home", "all_clear")

    asyncio.run(story())


class _Broker:
    """Takes everything at once, or once it is no longer slow."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.slow = asyncio.Event()
        self.slow.set()

    async def publish(self, topic: str, body: bytes, **_: Any) -> None:
        await self.slow.wait()
        self.topics.append(topic)


def test_what_waits_for_a_broker_is_one_state_a_zone_and_the_urgent_go_first() -> None:
    async def story() -> None:
        at = clock()
        zones = tuple(zone(f"z{number}", 46.0) for number in range(50))
        board = Board(zones, drill=False)
        mirror = Mirror(board, ("live", "drill"), lambda: at, None, "both", Signer({}))
        record = board.follow()
        for level in ("prepare", "take_cover"):
            board.apply(1, [warning("z49", level), Picture(time=at)])
        mirror.mark_all()
        mirror.mark(record)
        wire = _Broker()
        while due := mirror.take_due():
            for one in due:
                await mirror.say(wire, one)  # type: ignore[arg-type]
        assert wire.topics[0] == "live/zones/z49"
        assert len(wire.topics) == len(set(wire.topics)) == 50
        await asyncio.sleep(AGAIN_S - 1)
        assert not mirror.take_due()
        await asyncio.sleep(1)
        assert mirror.take_due()[0] == "z49"
        # Of two states of one zone the older must not arrive last: the newer waits until the older has arrived.
        wire.slow.clear()
        saying = asyncio.create_task(mirror.say(wire, "z7"))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        mirror.mark(["z7", "z8"])
        assert mirror.take_due(2)[:1] == ["z8"]
        wire.slow.set()
        await saying
        assert "z7" in mirror.take_due()
        # Nothing is said of a picture that is old, nor of a warning that has lapsed.
        wire.topics.clear()
        at += timedelta(seconds=20)
        await mirror.say(wire, "z1")  # type: ignore[arg-type]
        board.apply(2, [Picture(time=at)])
        await mirror.say(wire, "z1")  # type: ignore[arg-type]
        at += timedelta(hours=1)
        board.apply(3, [Picture(time=at)])
        await mirror.say(wire, "z49")  # type: ignore[arg-type]
        assert wire.topics == ["live/zones/z1"]

    played(story())


@pytest.mark.parametrize("limit_s", [5.0, math.inf])
def test_whoever_stops_as_the_broker_answers_stops(limit_s: float) -> None:
    async def story() -> None:
        client = Broker("127.0.0.1", 1).client()
        answer = asyncio.get_running_loop().create_future()

        async def say_for_ever() -> None:
            await client._wait_for(answer, limit_s)
            await asyncio.sleep(3_600)

        saying = asyncio.create_task(say_for_ever())
        await asyncio.sleep(0)
        answer.set_result(None)
        saying.cancel()
        await asyncio.wait([saying], timeout=10)
        assert saying.cancelled()

    played(story())


def test_who_does_not_answer_in_time_has_failed() -> None:
    async def story() -> None:
        client = Broker("127.0.0.1", 1).client()
        with pytest.raises(aiomqtt.MqttError, match="no answer within 8 s"):
            await client._wait_for(asyncio.get_running_loop().create_future(), None)

    played(story())


def test_whoever_stops_while_the_connection_is_being_lost_is_not_kept_waiting() -> None:
    class Connection:
        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *_: object) -> None: ...

    async def ending() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            # It is still being put away when the cancellation comes.
            await asyncio.sleep(1)

    async def lost() -> None:
        await asyncio.sleep(10)
        raise ConnectionError

    async def serve(_: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(ending())
            group.create_task(lost())

    async def story() -> None:
        working = asyncio.create_task(hold(Connection, serve, lambda _: None))  # type: ignore[arg-type]
        await asyncio.sleep(10.5)
        working.cancel()
        await asyncio.wait([working], timeout=60)
        assert working.cancelled()

    played(story())


@pytest.mark.parametrize(
    ("level", "degraded", "seen"),
    [
        ("none", False, ("OFF", "OFF", "OFF", "none")),
        ("prepare", False, ("OFF", "ON", "OFF", "prepare")),
        ("take_cover", False, ("ON", "OFF", "OFF", "take_cover")),
        ("all_clear", False, ("OFF", "OFF", "ON", "all_clear")),
        ("none", True, ("None", "None", "None", "unknown")),
        ("prepare", True, ("None", "ON", "OFF", "prepare")),
        ("take_cover", True, ("ON", "OFF", "OFF", "take_cover")),
        ("all_clear", True, ("None", "None", "None", "unknown")),
    ],
)
def test_a_house_is_told_what_is_so_and_what_cannot_be_known(level: str, degraded: bool, seen: tuple[str, ...]) -> None:
    made = {
        path: json.loads(body) for path, body in HOUSE.entities(lambda *levels: "/".join(levels), drill=False).items()
    }
    answers = {path.split("/")[3].split("_", 3)[3]: one.get("value_template") for path, one in made.items()}
    state = {"value_json": {"level": level, "degraded": degraded, "expires": None}}
    rendered = SandboxedEnvironment().from_string
    shown = {what: rendered(template).render(state) for what, template in answers.items() if template}
    assert tuple(shown[what] for what in ("take_cover", "prepare", "all_clear", "level")) == seen
    assert len({one["unique_id"] for one in made.values()}) == len(made) == 6
    drill = HOUSE.entities(lambda *levels: "/".join(levels), drill=True)
    assert not made.keys() & drill.keys() and all("DRILL" in one.decode() for one in some(drill.values()))


def test_a_house_forgets_zones_that_it_was_told_of_before(port: int) -> None:
    topic = "homeassistant/+/tocsin_north/+/config"

    async def story() -> None:
        for zones in ({"home": "Home", "away/1": "Away"}, {"home": "Home"}):
            board, channel = channel_to(port, "north", assistant=HomeAssistant("homeassistant", "north", zones))
            async with at_work(channel):
                tell(board, channel)
                await until(lambda: channel.trouble is None)  # noqa: B023
                told = await kept(port, topic, lambda found: len(found) == 6 * len(zones))  # noqa: B023
            assert len(told) == 6 * len(zones)

    asyncio.run(story())


def test_prefixes_within_each_other_are_refused() -> None:
    way = {"kind": "mqtt", "id": "broker", "host": "127.0.0.1", "prefix": "a", "drill_prefix": "a/drill"}
    with pytest.raises(BadSettings, match="within each other"):
        make_settings(zones="z", channel=[way])
