"""Sample listeners hear every kind of channel from its far end, and say so when they do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.broker import mosquitto
from tests.some import some
from tests.unit.service.test_http import zone
from tocsin.announce.bodies import public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.file_drop import FileDrop
from tocsin.announce.key_making import make
from tocsin.announce.web_push.encryption import CURVE, decrypt, encrypt
from tocsin.bench.announce_webhooks import warning
from tocsin.bench.broker import free_port
from tocsin.model.effect import Degraded, Picture
from tocsin.model.geojson import zones_to_geojson
from tocsin.service.alone import Alone
from tocsin.service.canary.canaries import Canaries
from tocsin.service.canary.message_listener import MessageListener
from tocsin.service.canary.push_listener import PushListener
from tocsin.service.channels import Channels
from tocsin.service.metrics import Metrics
from tocsin.service.serve import configured
from tocsin.service.settings import make_settings

# Apprise loads what the filter is for.
pytestmark = [pytest.mark.server, pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")]
AT_BROKER = {"host": "127.0.0.1", "tls": False}


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.service.canary.files_listener.EVERY_S", 0.1)
    monkeypatch.setattr("tocsin.service.canary.siren_listener.LOOK_S", 0.1)
    monkeypatch.setattr("tocsin.service.canary.feed_listener.EVERY_S", 0.1)


class Clock:
    """The time, and what it is ahead."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto(tmp_path_factory.mktemp("broker"), free_port()) as found:
        yield found


def channels_of(folder: Path, clock: Clock, *ways: dict[str, Any]) -> tuple[Channels, Alone]:
    (folder / "zones.geojson").write_bytes(zones_to_geojson((zone("home", 50.0), zone("away", 51.0))))
    for kind, name in (("vapid", "vapid"), ("siren", "live"), ("siren", "drill"), ("siren", "school")):
        make(kind, folder, name, subject="", days=1, now=clock.now())
    channel = [{**way, "id": way["kind"], "canary": True} for way in ways]
    journal = {"path": folder / "journal.db"}
    settings = make_settings(
        zones=folder / "zones.geojson", sector="north", drill=True, journal=journal, channel=channel
    )
    metrics = Metrics()
    alone = Alone(metrics.listener_failures, metrics.listener_up)
    made = Channels(settings, configured(settings), clock.now, alone, None)
    assert made.missing == {}
    return made, alone


def messengers(folder: Path) -> dict[str, Any]:
    """Messages to an address that nobody answers at."""
    (folder / "urls").touch(0o600)
    (folder / "urls").write_text(f"json://127.0.0.1:{free_port()}/")
    return {"kind": "messengers", "urls_file": folder / "urls", "per_minute_max": 600}


async def until(true: Any, s: float = 60.0) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + s
    while not true() and loop.time() < end:
        await asyncio.sleep(0.05)
    return bool(true())


async def night(
    channels: Channels,
    alone: Alone,
    clock: Clock,
    *levels: str,
    heard_all: bool = True,
    jump_s: float = 0.0,
    blind: bool = False,
) -> dict[str, tuple[int, str | None]]:
    """By channel that is listened to: how many warnings were heard, and what is wrong in the end.

    heard_all   whether all are; else they are not waited for
    blind       whether we may be blind all night
    """
    canaries = Canaries(alone, clock.now)
    work = [box.run() for box in channels.outboxes] + [one.work() for one in channels.working.values()]
    tasks = [asyncio.create_task(one) for one in work]

    def tell(*effects: Any) -> None:
        at = clock.now()
        seen = [Degraded(time=at, zones=("home",))] if blind else []
        channels.tell(Batch(1, at, (*effects, *seen, Picture(time=at)), whole=not effects))

    tell()
    tasks.append(asyncio.create_task(canaries.run(channels.listeners, channels.deliveries)))
    heard = {one.channel: channels.deliveries[one.channel] for one in channels.listeners}
    await until(lambda: not channels.silent)
    await asyncio.sleep(0.5)
    for number, level in enumerate(levels, 1):
        tell(warning("home", number, level, clock.now()))  # type: ignore[arg-type]
        await until(
            lambda: all(len(list(one.newest)) == one.counts["heard"] for one in some(heard.values())),
            60 if heard_all else 1.5,
        )
    if jump_s:
        clock.ahead += timedelta(seconds=jump_s)
        await asyncio.sleep(0.5)
    await until(lambda: {one is None for one in canaries.troubles.values()} == {heard_all})
    troubles = canaries.troubles
    found = {name: (one.counts["heard"], troubles[name]) for name, one in heard.items()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def test_every_kind_of_channel_is_heard_from_its_far_end(tmp_path: Path, port: int) -> None:
    clock = Clock()
    at = AT_BROKER | {"port": port}
    siren = {"id": "school", "zones": ["home"], "key": tmp_path / "school.pub"}
    channels, alone = channels_of(
        tmp_path,
        clock,
        {"kind": "files", "folder": tmp_path / "forms"},
        {"kind": "web_push", "vapid_key_file": tmp_path / "vapid.key", "contact": "mailto:duty@city.example"},
        messengers(tmp_path),
        {"kind": "mqtt", "key_file": tmp_path / "live.key", "drill_key_file": tmp_path / "drill.key"} | at,
        {"kind": "sirens", "key_file": tmp_path / "live.key", "drill_key_file": tmp_path / "drill.key"} | at
        | {"siren": [siren]},
    )  # fmt: skip
    # A renewal, which wakes no phone, is among them.
    found = asyncio.run(night(channels, alone, clock, "prepare", "take_cover", "take_cover", "all_clear"))
    assert found == dict.fromkeys(("files", "web_push.canary", "messengers.canary", "mqtt", "sirens.canary"), (4, None))


def test_an_all_clear_is_heard_from_a_siren_that_shows_unknown_because_we_may_be_blind(
    tmp_path: Path, port: int
) -> None:
    clock = Clock()
    siren = {"id": "school", "zones": ["home"], "key": tmp_path / "school.pub"}
    keys = {"key_file": tmp_path / "live.key", "drill_key_file": tmp_path / "drill.key", "siren": [siren]}
    channels, alone = channels_of(tmp_path, clock, {"kind": "sirens"} | keys | AT_BROKER | {"port": port})
    found = asyncio.run(night(channels, alone, clock, "take_cover", "all_clear", blind=True))
    assert found == {"sirens.canary": (2, None)}


class Heard:
    """An ear that keeps what it hears."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def heard(self, ids: Iterable[str]) -> None:
        self.ids += ids

    def alive(self) -> None:
        """Not asked here."""


def test_what_is_no_news_to_anybody_is_heard_though_it_was_told_before_anybody_listened() -> None:
    """After a restart a standing all clear wakes no phone again, and is told before the sample listener listens."""
    end = public_warning(warning("home", 1, "all_clear", Clock().now()))
    pushes, messages = PushListener("phones", ("home",), "en"), MessageListener("village")
    pushes.expect([end])
    messages.expect("", "", [end])

    async def story(listener: PushListener | MessageListener) -> list[str]:
        ear = Heard()
        listening = asyncio.create_task(listener.listen(ear))
        await until(lambda: bool(ear.ids))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        return ear.ids

    for listener in (pushes, messages):
        assert asyncio.run(story(listener)) == [end.id]


class Quiet(SimpleHTTPRequestHandler):
    """A plain web server, whose log nobody reads."""

    def log_message(self, *told: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(("served", "heard"), [("files", 2), ("nothing", 0)])
def test_static_files_are_heard_from_where_people_read_them(tmp_path: Path, served: str, heard: int) -> None:
    clock = Clock()
    (tmp_path / served).mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / served)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        channels, alone = channels_of(tmp_path, clock, {"kind": "static", "path": tmp_path / "files", "url": url})
        # A start goes on with the messages of its snapshot.
        channels.cap_messages.load(b"no dump")
        found = asyncio.run(night(channels, alone, clock, "prepare", "take_cover", heard_all=heard > 0, jump_s=31.0))
        server.shutdown()
    count, trouble = found["static"]
    assert count == heard
    assert (trouble is None) == (heard == 2)


def test_what_is_not_there_is_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(FileDrop, "_write", lambda *nothing: None)
    takes_and_drops = SimpleNamespace(body_maxlen=5_000, notify=lambda **_: True)
    monkeypatch.setattr("tocsin.announce.messengers.service_at", lambda _: takes_and_drops)
    monkeypatch.setattr("tocsin.service.canary.push_listener.decrypt", lambda *wrong: decrypt(b"", wrong[1], wrong[2]))
    channels, alone = channels_of(
        tmp_path,
        clock,
        {"kind": "files", "folder": tmp_path / "forms"},
        {"kind": "web_push", "vapid_key_file": tmp_path / "vapid.key", "contact": "mailto:duty@city.example"},
        messengers(tmp_path),
    )
    found = asyncio.run(night(channels, alone, clock, "take_cover", heard_all=False, jump_s=21.0))
    assert found["files"][0] == 0 and "misses 1 warnings" in (found["files"][1] or "")
    assert found["messengers.canary"][0] == 0 and "misses 1 warnings" in (found["messengers.canary"][1] or "")
    assert found["web_push.canary"][0] == 0 and "misses 1 warnings" in (found["web_push.canary"][1] or "")


def test_what_was_encrypted_for_another_key_is_not_read() -> None:
    ours, another = ec.generate_private_key(CURVE), ec.generate_private_key(CURVE)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    p256dh = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    body = encrypt(b"take cover", p256dh, bytes(16))
    assert decrypt(body, ours, bytes(16)) == b"take cover"
    other = bytes([1] * 16)
    for wrong, key, auth in ((body, another, bytes(16)), (body, ours, other), (body[:90], ours, bytes(16))):
        with pytest.raises(ValueError, match="it is n"):
            decrypt(wrong, key, auth)
