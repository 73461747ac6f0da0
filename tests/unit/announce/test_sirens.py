"""The service's channel and the siren itself, over a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.broker import mosquitto
from tests.some import some
from tests.unit.announce.test_mqtt import ZONES, at_work, clock, tell, until, warning
from tocsin.announce.board import Board
from tocsin.announce.bodies import public_warning
from tocsin.announce.key_making import make
from tocsin.announce.keys import ed25519_key_in, public_key_in
from tocsin.announce.mqtt_broker import Broker
from tocsin.announce.siren.client import Client
from tocsin.announce.siren.post import SILENT_S, Post, Wanted
from tocsin.announce.siren.wire import Command, Refused, Report, opened_report, pinned, seal
from tocsin.announce.sirens import Sirens
from tocsin.bench.broker import free_port
from tocsin.bench.virtual_time import played
from tocsin.model.effect import Picture
from tocsin.model.errors import BadSettings
from tocsin.model.warning import ZoneState
from tocsin.service.siren import read_siren, siren_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as found:
        yield found


def public(path: Path) -> Ed25519PublicKey:
    key = public_key_in(path)
    assert isinstance(key, Ed25519PublicKey)
    return key


def installed(folder: Path, port: int) -> tuple[Board, Sirens]:
    """Keys, a siren's settings, and the channel that knows them."""
    for name in ("live", "drill", "school"):
        make("siren", folder / "keys", name, subject="", days=1, now=clock())
    (folder / "siren.toml").write_text(
        f'siren = "school"\nsector = "north"\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
        'keys = ["keys/live.pub"]\ndrill_keys = ["keys/drill.pub"]\nown_key_file = "keys/school.key"\n'
    )
    board = Board(ZONES, drill=False)
    channel = Sirens(
        "sirens",
        Broker("127.0.0.1", port),
        board,
        sector="north",
        prefixes=("tocsin", "tocsin-drill"),
        now=clock,
        keys={
            drill: ed25519_key_in(folder / "keys" / f"{'drill' if drill else 'live'}.key") for drill in (False, True)
        },
        sirens={"school": (("home", "away/1"), public(folder / "keys" / "school.pub"))},
    )
    return board, channel


def siren_in(folder: Path, seen: list[dict[str, Any]]) -> Client:
    return siren_of(read_siren(folder / "siren.toml"), folder, silent=True, shown=seen.append)


def test_a_siren_hears_the_alarm_and_the_end_and_what_stands_after_its_restart(tmp_path: Path, port: int) -> None:
    async def story() -> None:
        board, channel = installed(tmp_path, port)
        seen: list[dict[str, Any]] = []
        async with at_work(channel):  # type: ignore[arg-type]
            tell(board, channel)  # type: ignore[arg-type]
            running = asyncio.create_task(siren_in(tmp_path, seen).run())
            await until(lambda: bool(seen) and seen[-1]["stands"] == "none" and channel.trouble is None)
            alarm = warning("home", "take_cover")
            tell(board, channel, warning("far+#", "prepare"), alarm)  # type: ignore[arg-type]
            begun_s = asyncio.get_running_loop().time()
            await channel.send("school", [public_warning(alarm)])
            assert asyncio.get_running_loop().time() - begun_s < 1
            await until(lambda: bool(seen[-1]["sounding"]))
            assert (seen[-1]["stands"], seen[-1]["drill"]) == ("take_cover", False)
            # The siren's program ends in the middle of it and begins anew: it goes on.
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            after: list[dict[str, Any]] = []
            running = asyncio.create_task(siren_in(tmp_path, after).run())
            await until(lambda: bool(after) and after[-1]["stands"] == "take_cover" and bool(after[-1]["sounding"]))
            end = warning("home", "all_clear")
            tell(board, channel, end)  # type: ignore[arg-type]
            await channel.send("school", [public_warning(end)])
            await until(lambda: after[-1]["stands"] == "all_clear" and bool(after[-1]["sounding"]))
            drill = warning("away/1", "take_cover", drill=True)
            quiet = Picture(time=clock(), zones=(ZoneState(zone="home"),))
            tell(board, channel, quiet, drill)  # type: ignore[arg-type]
            await channel.send("school", [public_warning(drill)])
            await until(lambda: after[-1]["stands"] == "take_cover" and after[-1]["drill"] is True)
            assert channel.trouble is None
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(story())


@pytest.mark.parametrize("to_drill", [True, False])
def test_what_a_change_between_drill_and_live_ends_a_siren_hears_the_end_of(
    tmp_path: Path, port: int, to_drill: bool
) -> None:
    async def story() -> None:
        board, channel = installed(tmp_path, port)
        board.drill = not to_drill
        seen: list[dict[str, Any]] = []
        async with at_work(channel):  # type: ignore[arg-type]
            alarm = warning("home", "take_cover", drill=not to_drill)
            tell(board, channel, alarm)  # type: ignore[arg-type]
            running = asyncio.create_task(siren_in(tmp_path, seen).run())
            await until(lambda: bool(seen) and seen[-1]["stands"] == "take_cover")
            board.drill = to_drill
            end = warning("home", "all_clear", drill=not to_drill)
            calm = Picture(time=clock(), zones=(ZoneState(zone="home", drill=to_drill),))
            tell(board, channel, end, calm)  # type: ignore[arg-type]
            await channel.send("school", [public_warning(end)])
            await until(lambda: seen[-1]["stands"] == "all_clear")
            assert (seen[-1]["sounding"], seen[-1]["drill"]) == (True, not to_drill)
            # What is told in the other world then is believed, and sounded.
            other = warning("home", "take_cover", drill=to_drill)
            tell(board, channel, other)  # type: ignore[arg-type]
            await channel.send("school", [public_warning(other)])
            await until(lambda: seen[-1]["stands"] == "take_cover" and seen[-1]["drill"] is to_drill)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(story())


def report(**more: Any) -> Report:
    given: dict[str, Any] = {"siren": "school", "sector": "north", "at": clock(), "challenge": "c" * 16}
    return Report(**given | more)


class FarBroker:
    """A broker that acknowledges 40 ms later; keeps what it was told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []

    def client(self, will: object) -> FarBroker:
        assert will is None
        return self

    async def __aenter__(self) -> FarBroker:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def subscribe(self, topic: str, qos: int) -> None:
        pass

    async def publish(self, topic: str, body: bytes, **how: object) -> None:
        self.told.append((asyncio.get_running_loop().time(), topic))
        await asyncio.sleep(0.04)

    @property
    async def messages(self) -> AsyncIterator[object]:
        await asyncio.Event().wait()
        yield None


def test_many_sirens_are_told_at_once_and_those_that_must_sound_first() -> None:
    number = 500
    live, own = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate().public_key()

    async def story() -> list[tuple[float, str]]:
        board, broker = Board(ZONES, drill=False), FarBroker()
        channel = Sirens(
            "sirens",
            broker,  # type: ignore[arg-type]
            board,
            sector="north",
            prefixes=("tocsin", "tocsin-drill"),
            now=clock,
            keys={False: live},
            sirens={f"{i:03}": (("home" if i % 2 else "away/1",), own) for i in range(number)},
        )
        async with at_work(channel):  # type: ignore[arg-type]
            tell(board, channel)  # type: ignore[arg-type]
            await asyncio.sleep(60)
            assert len(broker.told) == number
            broker.told.clear()
            begun_s = asyncio.get_running_loop().time()
            tell(board, channel, warning("home", "take_cover"), warning("away/1", "prepare"))  # type: ignore[arg-type]
            await asyncio.sleep(30)
        return [(at_s - begun_s, topic) for at_s, topic in broker.told]

    told = played(story())
    assert len(told) == number
    assert max(at_s for at_s, _ in told) < 2, "one after another, it would be twenty seconds"
    assert all(int(topic.split("/")[3]) % 2 for _, topic in some(told[: number // 2]))


def test_a_siren_that_is_silent_or_refuses_is_an_operators_trouble() -> None:
    key = Ed25519PrivateKey.generate().public_key()
    post = Post("school", ("home",), key, since_s=0.0)
    assert post.trouble(SILENT_S) is None and post.trouble(SILENT_S + 1) == "siren school is silent"
    # A heartbeat that names nothing we wrote may be an old one: it proves nothing.
    post.take(report(), 100.0)
    assert "silent" in (post.trouble(100.0) or "")
    meant = Wanted("take_cover", ("home/1",), False, None)
    issued = post.issue(clock())
    written = Command(
        siren="school",
        sector="north",
        zones=("home",),
        pattern="take_cover",
        nonce="n" * 16,
        issued=issued,
        expires=issued + timedelta(seconds=60),
        drill=False,
    )
    post.wrote(written, meant, 100.0)
    post.take(report(answers="n" * 16, refused="its clock"), 101.0)
    assert post.trouble(101.0) == "siren school refuses: its clock"
    post.take(report(answers="n" * 16, heard="n" * 16), 102.0)
    assert post.trouble(102.0) is None and post.obeyed == meant
    post.take(report(heard="n" * 16, battery_percent=12.0), 110.0)
    assert "battery has 12 % left" in (post.trouble(110.0) or "")
    post.take(report(heard="n" * 16, troubles=("nothing can be played",)), 111.0)
    assert "nothing can be played" in (post.trouble(111.0) or "")
    # The same heartbeat, played again and again after the siren was cut off.
    for at_s in range(150, 400, 10):
        post.take(report(heard="n" * 16), float(at_s))
    assert post.trouble(400.0) == "siren school is silent"
    later = post.issue(issued - timedelta(hours=1))
    assert later > issued


def test_nothing_is_said_before_anything_is_known_and_blindness_is_said(tmp_path: Path, port: int) -> None:
    async def story() -> None:
        board, channel = installed(tmp_path, port)
        (post,) = channel._posts.values()
        seen: list[dict[str, Any]] = []
        async with at_work(channel):  # type: ignore[arg-type]
            running = asyncio.create_task(siren_in(tmp_path, seen).run())
            await until(lambda: post.challenge is None and bool(seen) and bool(seen[-1]["connected"]))
            await asyncio.sleep(0.3)
            assert post.told is None and seen[-1]["stands"] == "unknown"
            tell(board, channel, Picture(time=clock(), zones=(ZoneState(zone="home", degraded=True),)))  # type: ignore[arg-type]
            await until(lambda: post.heard_s is not None)
            assert seen[-1]["stands"] == "unknown" and channel.command(post)[0].blind
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(story())


def test_a_report_is_no_command_and_a_strange_one_is_not_believed() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    assert opened_report(seal(report(), key), pinned(key.public_key())) is not None
    for data in (seal(report(), other), b"", b"{}", b"x" * 50_000):
        with pytest.raises(Refused):
            opened_report(data, pinned(key.public_key()))


def test_a_siren_file_that_is_wrong_is_refused_in_a_sentence(tmp_path: Path) -> None:
    installed(tmp_path, 1)
    path = tmp_path / "siren.toml"
    good = path.read_text()
    for text, said in (
        (good + "volume = 11\n", "volume"),
        (good.replace('["keys/live.pub"]', "[]"), "keys"),
        (good.replace("drill.pub", "live.pub"), "key of their own"),
        (good.replace("school.key", "gone.key"), "gone.key"),
    ):
        path.write_text(text)
        with pytest.raises(BadSettings, match=said):
            siren_in(tmp_path, [])
    path.write_text(good)
    (tmp_path / "siren-memory" / "memory.json").write_text("{")
    with pytest.raises(BadSettings, match="believe any command"):
        siren_in(tmp_path, [])
