"""Pushes to browsers and apps, through a push service on this machine that keeps what it is given."""

from __future__ import annotations

import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import http_ece
import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from tests.some import some
from tests.unit.conftest import NOW
from tocsin.announce.bodies import public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.delivery import Group
from tocsin.announce.outbox import Outbox
from tocsin.announce.rung import Rung
from tocsin.announce.web_push.channel import Going, Refused, WebPush
from tocsin.announce.web_push.encryption import PLAIN_BYTES_MAX, encrypt
from tocsin.announce.web_push.notices import Message
from tocsin.announce.web_push.subscription import Asked, DevicePosition, Keys
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.announce.web_push.vapid import Vapid
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadValue
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone
from tocsin.service.http.push import Push

Warn = Callable[..., Warning]
KEY = ec.generate_private_key(ec.SECP256R1())


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


class Browser:
    """Holds the keys of a subscription, and reads what is encrypted for it with another library."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.p256dh = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.auth = os.urandom(16)

    def asks(self, **wish: Any) -> Asked:
        keys = Keys(base64url(self.p256dh), base64url(self.auth))
        return Asked(endpoint=self.endpoint, keys=keys, **wish)

    def reads(self, body: bytes) -> bytes:
        found: bytes = http_ece.decrypt(body, private_key=self._key, auth_secret=self.auth, version="aes128gcm")
        return found.rstrip(b"\0").removesuffix(b"\x02") if found.endswith(b"\0") else found


@dataclass
class Service:
    """A push service; `answers`: what it says to a path, else 201; `before`: it waits for that."""

    url: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    before: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.asked.set()
        if self.before is not None:
            await self.before.wait()
        status = self.answers.get(request.path, 201)
        if status == 201:
            self.got.append((request.path, {k.lower(): v for k, v in request.headers.items()}, await request.read()))
        return web.Response(status=status)


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/{name}", service.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


@asynccontextmanager
async def pushing(
    folder: Path, zones: tuple[Zone, ...], now: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[WebPush]:
    store = Subscriptions(folder / "push.db", ZoneIndex(zones), most=1_000, private=True)
    vapid = Vapid(KEY, "mailto:duty@city.example")
    by_id = {zone.id: zone for zone in zones}
    rung = Rung(folder / "push.json")
    channel = WebPush("push", store, vapid, by_id, rung, now=now, timezone=UTC, private=True)
    work = asyncio.create_task(channel.work())
    await asyncio.sleep(0)
    yield channel
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    store.close()


async def tell(channel: WebPush, *warnings: Warning) -> None:
    await channel.send("subscribers", [public_warning(one) for one in warnings])


def read(service: Service, *browsers: Browser) -> list[Message]:
    """What these browsers read, in order."""
    keys = {"/" + browser.endpoint.rpartition("/")[2]: browser for browser in browsers}
    return [msgspec.json.decode(keys[path].reads(body), type=Message) for path, _, body in service.got if path in keys]


@given(st.binary(max_size=PLAIN_BYTES_MAX))
def test_another_library_reads_what_is_encrypted_for_it(plain: bytes) -> None:
    browser = Browser("https://push.example/x")
    body = encrypt(plain, browser.p256dh, browser.auth)
    assert len(body) <= 4_096
    found = http_ece.decrypt(body, private_key=browser._key, auth_secret=browser.auth, version="aes128gcm")
    assert found.startswith(plain) and not found[len(plain) :].strip(b"\0\x02")


def test_lengths_do_not_tell_who_is_told_what() -> None:
    browser = Browser("https://push.example/x")
    lengths = {len(encrypt(bytes(n), browser.p256dh, browser.auth)) for n in range(0, 1_000, 90)}
    assert len(lengths) == 1


def test_a_push_service_can_verify_who_sends(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> Service:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            await channel.store.put(channel.store.made(Browser(f"{service.url}/a").asks(zones=("z1",))))
            await tell(channel, warn("z1"))
            return service

    service = asyncio.run(night())
    ((_, headers, _),) = service.got
    token, _, public = headers["authorization"].removeprefix("vapid t=").partition(", k=")
    signed, _, signature = token.rpartition(".")
    said = msgspec.json.decode(urlsafe_b64decode(signed.partition(".")[2] + "=="))
    assert said["aud"] == service.url and said["sub"] == "mailto:duty@city.example"
    assert NOW.timestamp() < said["exp"] <= (NOW + timedelta(hours=24)).timestamp()
    octets = urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), urlsafe_b64decode(public + "=="))
    point.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
    assert (headers["content-encoding"], headers["urgency"], headers["ttl"]) == ("aes128gcm", "high", "600")


def test_who_asked_for_a_zone_is_told_and_nobody_else(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> tuple[list[Message], list[Message]]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            here, there = Browser(f"{service.url}/here"), Browser(f"{service.url}/there")
            for browser, zone in ((here, "z1"), (there, "z4")):
                await channel.store.put(channel.store.made(browser.asks(zones=(zone,))))
            await tell(channel, warn("z1"))
            await tell(channel, warn("z1", "all_clear", 2, at_s=60))
            return read(service, here), read(service, there)

    here, there = asyncio.run(night())
    assert [one.notices[0].level for one in here] == ["take_cover", "all_clear"] and there == []
    assert {one.notices[0].tag for one in some(here)} == {"z1"}


def test_what_changed_in_several_zones_is_one_message(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> list[Message]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z0", "z1", "z2", "z3", "z4"))))
            await tell(channel, warn("z0"), warn("z1"))
            await tell(channel, *(warn(f"z{n}", "all_clear", 2, at_s=60) for n in range(2)))
            await tell(channel, *(warn(zone.id, revision=3, at_s=90) for zone in zones))
            return read(service, browser)

    few, end, many = asyncio.run(night())
    assert [one.tag for one in few.notices] == [one.tag for one in end.notices] == ["z0", "z1"]
    assert [one.tag for one in many.notices] == ["together"] and len(many.notices[0].zones) == 5


def test_a_renewal_wakes_nobody(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> int:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            await channel.store.put(channel.store.made(Browser(f"{service.url}/a").asks(zones=("z1",))))
            for revision in range(1, 6):
                await tell(channel, warn("z1", revision=revision, at_s=revision * 30))
            return len(service.got)

    assert asyncio.run(night()) == 1


def test_who_asked_for_cover_alone_hears_of_cover_and_its_end(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> list[str]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1", "z2"))))
            await tell(channel, warn("z1", "prepare"))
            await tell(channel, warn("z1", "all_clear", 2, at_s=60))
            await tell(channel, warn("z2", "prepare", 3, at_s=90))
            await tell(channel, warn("z2", "take_cover", 4, at_s=120))
            await tell(channel, warn("z2", "all_clear", 5, at_s=180))
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["take_cover", "all_clear"]


def test_each_subscriber_reads_the_language_asked_for(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> list[Message]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browsers = [Browser(f"{service.url}/{language}") for language in ("de-CH", "fr", "xx")]
            for browser in browsers:
                language = browser.endpoint.rpartition("/")[2]
                await channel.store.put(channel.store.made(browser.asks(zones=("z1",), language=language)))
            await tell(channel, warn("z1"))
            return read(service, *browsers)

    found = {one.language: one.notices[0].title for one in asyncio.run(night())}
    assert set(found) == {"de", "fr", "en"} and "Stadt 1" in found["de"]


def test_a_drill_is_marked_in_the_message_and_in_its_words(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> list[Message]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1",))))
            await tell(channel, warn("z1"))
            return read(service, browser)

    ((notice,),) = (one.notices for one in asyncio.run(night()))
    assert notice.drill and notice.title.startswith("DRILL") and notice.body.startswith("DRILL")


def test_a_message_names_no_track_reason_or_probability(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> bytes:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1",))))
            await tell(channel, warn("z1"))
            return browser.reads(service.got[0][2])

    body = asyncio.run(night())
    assert not any(secret in body for secret in some([b"T17", b"north-hill", b"873", b"probability", b"reason"]))


def test_who_subscribes_late_is_told_what_stands(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> tuple[list[Message], list[Message]]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            await tell(channel, warn("z1"))
            late, calm = Browser(f"{service.url}/late"), Browser(f"{service.url}/calm")
            for browser, zone in ((late, "z1"), (calm, "z5")):
                made = channel.store.made(browser.asks(zones=(zone,)))
                await channel.store.put(made)
                await channel.greet(made)
            return read(service, late), read(service, calm)

    late, calm = asyncio.run(night())
    assert late[0].notices[0].level == "take_cover" and calm[0].notices[0].level == "welcome"


def test_who_is_gone_is_forgotten(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> tuple[int, list[Group]]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            service.answers["/gone"] = 410
            for name in ("gone", "here"):
                await channel.store.put(channel.store.made(Browser(f"{service.url}/{name}").asks(zones=("z1",))))
            await tell(channel, warn("z1"))
            # That he is forgotten is known before it is counted.
            async with asyncio.timeout(60):
                while "refused" not in channel.groups()[0].counts:
                    await asyncio.sleep(0.02)
            return len(channel.store), channel.groups()

    left, (others,) = asyncio.run(night())
    assert left == 1 and (others.name, others.recipients, others.waiting) == ("others", 1, 0)
    assert others.counts == {"gone": 1, "refused": 1, "told": 1}
    assert len(Subscriptions(tmp_path / "push.db", ZoneIndex(zones), most=9)) == 1


def test_a_push_service_that_is_down_holds_up_no_other(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 0.5)
    monkeypatch.setattr("tocsin.announce.web_push.channel.AGAIN_S", 0.2)

    async def night() -> tuple[list[str], list[str]]:
        async with serving() as up, serving() as down, pushing(tmp_path, zones) as channel:
            for service in (up, down):
                await channel.store.put(channel.store.made(Browser(f"{service.url}/a").asks(zones=("z1",))))
            down.answers["/a"] = 503
            with pytest.raises(Going, match="1 subscribers"):
                await tell(channel, warn("z1"))
            first = [path for path, _, _ in up.got]
            down.answers.clear()
            monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 9.0)
            await tell(channel, warn("z1"))
            return first, [path for path, _, _ in (*up.got, *down.got)]

    first, both = asyncio.run(night())
    assert first == ["/a"] and both == ["/a", "/a"]


def test_whoever_waits_hears_the_newest_word_alone(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 0.3)
    monkeypatch.setattr("tocsin.announce.web_push.channel.AGAIN_S", 0.2)

    async def night() -> list[str]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1",), level="prepare")))
            service.answers["/a"] = 429
            for revision, level in enumerate(("prepare", "take_cover")):
                with pytest.raises(Going):
                    await tell(channel, warn("z1", level, revision, at_s=revision))
            service.answers.clear()
            monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 9.0)
            await tell(channel, warn("z1", "all_clear", 3, at_s=9))
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["all_clear"]


def test_a_word_that_comes_while_an_older_one_is_on_its_way_is_told_after_it(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> list[str]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1",), level="prepare")))
            take, service.before = service.before, asyncio.Event()
            first = asyncio.create_task(tell(channel, warn("z1", "prepare")))
            await asyncio.wait_for(service.asked.wait(), 60)
            channel.hear([public_warning(warn("z1", "take_cover", 2, at_s=1))])
            service.before.set()
            service.before = take
            await first
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["prepare", "take_cover"]


def test_one_who_does_not_answer_keeps_the_next_word_from_nobody(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> list[str]:
        async with serving() as up, serving() as down, pushing(tmp_path, zones) as channel:
            here, dead = Browser(f"{up.url}/a"), Browser(f"{down.url}/a")
            for browser in (here, dead):
                await channel.store.put(channel.store.made(browser.asks(zones=("z1",), level="prepare")))
            down.answers["/a"] = 503
            box = Outbox(channel, lambda: NOW, lambda: 0.5)
            serves = asyncio.create_task(box.run())
            for revision, level in enumerate(("prepare", "take_cover", "all_clear")):
                box.offer(Batch(revision, NOW, (warn("z1", level, revision, at_s=revision),)))
                async with asyncio.timeout(60):
                    while len(up.got) <= revision:
                        await asyncio.sleep(0.01)
            serves.cancel()
            return [one.notices[0].level for one in read(up, here)]

    assert asyncio.run(night()) == ["prepare", "take_cover", "all_clear"]


def test_whoever_must_take_cover_goes_before_those_who_wait_for_less(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.web_push.channel.SENDING_TO_OTHERS", 1)

    async def night() -> list[str]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            for number in range(8):
                wish = {"zones": ("z1", "z2") if number == 7 else ("z1",), "level": "prepare"}
                await channel.store.put(channel.store.made(Browser(f"{service.url}/{number}").asks(**wish)))
            channel.hear([public_warning(warn("z1", "prepare"))])
            await tell(channel, warn("z2", "take_cover", 2, at_s=1))
            return [path for path, _, _ in service.got]

    told = asyncio.run(night())
    assert told[0] == "/7" and sorted(told) == [f"/{number}" for number in range(8)]


def test_nothing_is_sent_after_it_has_expired(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> tuple[int, int]:
        later = NOW + timedelta(hours=1)
        async with serving() as service, pushing(tmp_path, zones, lambda: later) as channel:
            await channel.store.put(channel.store.made(Browser(f"{service.url}/a").asks(zones=("z1",))))
            await tell(channel, warn("z1"))
            return len(service.got), channel.counts["expired"]

    assert asyncio.run(night()) == (0, 1)


def test_the_warnings_have_arrived_when_every_push_service_has_taken_them(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> tuple[int, int]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            for number in range(200):
                asked = Browser(f"{service.url}/b{number}").asks(zones=("z1",))
                channel.store._hold(channel.store.made(asked))
            await tell(channel, warn("z1"))
            return len(service.got), channel.counts["told"]

    assert asyncio.run(night()) == (200, 200)


def test_after_a_restart_subscribers_are_known_and_nobody_is_woken(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> list[str]:
        async with serving() as service:
            browser = Browser(f"{service.url}/a")
            async with pushing(tmp_path, zones) as channel:
                await channel.store.put(channel.store.made(browser.asks(zones=("z1",))))
                await tell(channel, warn("z1"))
            async with pushing(tmp_path, zones) as channel:
                await tell(channel, warn("z1", revision=2, at_s=30))
                await tell(channel, warn("z1", "all_clear", 3, at_s=60))
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["take_cover", "all_clear"]
    assert (tmp_path / "push.db").stat().st_mode & 0o777 == 0o600


def test_what_could_not_be_sent_before_a_restart_is_sent_after_it_once(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 0.3)

    async def night() -> list[str]:
        async with serving() as service:
            browser = Browser(f"{service.url}/a")
            service.answers["/a"] = 503
            async with pushing(tmp_path, zones) as channel:
                await channel.store.put(channel.store.made(browser.asks(zones=("z1",))))
                with pytest.raises(Going):
                    await tell(channel, warn("z1"))
            del service.answers["/a"]
            async with pushing(tmp_path, zones) as channel:
                # As every start does: what stands is told again.
                for _ in range(2):
                    await tell(channel, warn("z1"))
                await tell(channel, warn("z1", "all_clear", 2, at_s=60))
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["take_cover", "all_clear"]


def test_an_end_that_comes_first_after_a_restart_reaches_who_asked_for_cover_alone(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn
) -> None:
    async def night() -> list[str]:
        async with serving() as service:
            browser = Browser(f"{service.url}/a")
            async with pushing(tmp_path, zones) as channel:
                await channel.store.put(channel.store.made(browser.asks(zones=("z1",))))
                await tell(channel, warn("z1"))
            async with pushing(tmp_path, zones) as channel:
                await tell(channel, warn("z1", "all_clear", 2, at_s=60))
            return [one.notices[0].level for one in read(service, browser)]

    assert asyncio.run(night()) == ["take_cover", "all_clear"]


def test_what_cannot_be_called_is_refused_and_not_kept(tmp_path: Path, zones: tuple[Zone, ...]) -> None:
    async def ask(push: Push, endpoint: str) -> int:
        body = msgspec.json.encode(Browser(endpoint).asks(zones=("z1",)))

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/v1/push/subscriptions", "headers": []}
        return (await push.subscribe(Request(scope, receive))).status_code

    async def day() -> tuple[list[int], int]:
        async with pushing(tmp_path, zones) as channel:
            runtime: Any = SimpleNamespace(channels=SimpleNamespace(outboxes=[SimpleNamespace(channel=channel)]))
            push = Push(runtime)
            bad = ("http://name:secret@127.0.0.1:9/a", f"http://{'a' * 70}.example/a", "http://a..b/a")
            answers = [await ask(push, one) for one in bad]
            # Between two runs of its work nothing can be sent.
            sends, channel._session = channel._session, None
            answers.append(await ask(push, "http://127.0.0.1:9/a"))
            channel._session = sends
            return answers, len(channel.store)

    assert asyncio.run(day()) == ([400, 400, 400, 503], 0)


def test_who_asks_for_a_test_gets_one_that_is_marked_and_nobody_else_can_ask_for_him_without_end(
    tmp_path: Path, zones: tuple[Zone, ...]
) -> None:
    async def ask(push: Push, body: bytes) -> int:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/v1/push/test", "headers": []}
        return (await push.test(Request(scope, receive))).status_code

    async def day() -> tuple[list[int], list[tuple[str, str]]]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            browser = Browser(f"{service.url}/a")
            await channel.store.put(channel.store.made(browser.asks(zones=("z1",), language="uk")))
            runtime: Any = SimpleNamespace(channels=SimpleNamespace(outboxes=[SimpleNamespace(channel=channel)]))
            push = Push(runtime)
            named = msgspec.json.encode({"endpoint": browser.endpoint})
            codes = [await ask(push, one) for one in (b"{", b'{"endpoint": "https://push.example/b"}')]
            codes += [await ask(push, named) for _ in range(5)]
            return codes, [(one.language, one.notices[0].level) for one in read(service, browser)]

    codes, got = asyncio.run(day())
    assert codes[:3] == [400, 404, 204] and codes[-1] == 429
    assert set(got) == {("uk", "test")} and len(got) == codes.count(204)


def test_of_a_position_two_decimals_are_kept_and_every_zone_that_reaches_there_counts(
    tmp_path: Path, zones: tuple[Zone, ...]
) -> None:
    store = Subscriptions(tmp_path / "push.db", ZoneIndex(zones), most=9)
    made = store.made(Browser("https://push.example/a").asks(position=DevicePosition(50.0512345, 10.0987654)))
    assert made.wish.position == DevicePosition(50.05, 10.1) and made.zones == ("z0", "z1")
    with pytest.raises(BadValue, match="none of our zones"):
        store.made(Browser("https://push.example/a").asks(position=DevicePosition(0.0, 0.0)))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"endpoint": "http://push.example/a"}, "https"),
        ({"endpoint": "https://127.0.0.1/a"}, "public host"),
        ({"endpoint": "https://[::ffff:10.0.0.1]/a"}, "public host"),
        ({"endpoint": "https://[::7f00:1]/a"}, "public host"),
        ({"endpoint": "https://[::ffff:0:7f00:1]/a"}, "public host"),
        ({"endpoint": "https://[64:ff9b:1::7f00:1]/a"}, "public host"),
        ({"endpoint": "https://[fec0::1]/a"}, "public host"),
        ({"endpoint": "ftp://push.example/a"}, "https"),
        ({"zones": ("nowhere",)}, "no zone"),
        ({"zones": ()}, "one of the two"),
        ({"keys": Keys("AAAA", "AAAA")}, "octets"),
        ({"keys": Keys(base64url(b"\x04" + bytes(64)), base64url(bytes(16)))}, "no point"),
        ({"keys": Keys("ü", "ü")}, "base64url"),
    ],
)
def test_a_subscription_that_is_none_is_refused_with_the_reason(
    tmp_path: Path, zones: tuple[Zone, ...], changed: dict[str, Any], why: str
) -> None:
    store = Subscriptions(tmp_path / "push.db", ZoneIndex(zones), most=9)
    asked = Browser("https://push.example/a").asks(zones=("z1",))
    with pytest.raises(BadValue, match=why):
        store.made(msgspec.structs.replace(asked, **changed))


def test_there_are_no_more_subscribers_than_agreed(tmp_path: Path, zones: tuple[Zone, ...]) -> None:
    store = Subscriptions(tmp_path / "push.db", ZoneIndex(zones), most=4)

    async def subscribe(host: str) -> None:
        for number in range(5):
            await store.put(store.made(Browser(f"https://{host}/{number}").asks(zones=("z1",))))

    for host, most in (("push.example", 2), ("fcm.googleapis.com", 4)):
        with pytest.raises(BadValue, match="no more can"):
            asyncio.run(subscribe(host))
        # Servers that anybody can set up fill half of the places at most.
        assert len(store) == most


def test_a_message_for_many_places_in_any_language_fits(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    from tocsin.announce.web_push.notices import message_of
    from tocsin.words.catalogue import languages

    by_id = {zone.id: msgspec.structs.replace(zone, name="Ж" * 290) for zone in zones}
    said = [
        public_warning(warn(zone.id, level)) for zone, level in zip(zones, ["take_cover", "prepare"] * 3, strict=True)
    ]
    sizes = [len(message_of(said, by_id, language, UTC)) for language in languages()]
    assert all(size <= PLAIN_BYTES_MAX for size in some(sizes))


def test_a_refusal_of_the_message_is_final(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def night() -> int:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            service.answers["/a"] = 403
            made = channel.store.made(Browser(f"{service.url}/a").asks(zones=("z1",)))
            await channel.store.put(made)
            await tell(channel, warn("z1"))
            with pytest.raises(Refused):
                await channel.greet(made)
            return channel.counts["refused"]

    assert asyncio.run(night()) == 1


def test_servers_that_anybody_can_set_up_hold_up_no_push_service_that_everybody_has(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred that never answer, and one phone."""
    monkeypatch.setattr("tocsin.announce.web_push.subscription.KNOWN_SERVICES", ("localhost",))
    monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 4.0)

    async def night() -> list[str]:
        over = asyncio.Event()

        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await over.wait()
            writer.close()

        hanging = await asyncio.start_server(hang, "127.0.0.1", 0)
        slow = f"http://127.0.0.1:{hanging.sockets[0].getsockname()[1]}"
        async with serving() as service, pushing(tmp_path, zones) as channel:
            for number in range(100):
                channel.store._hold(channel.store.made(Browser(f"{slow}/{number}").asks(zones=("z1",))))
            phone = Browser(f"{service.url.replace('127.0.0.1', 'localhost')}/phone")
            channel.store._hold(channel.store.made(phone.asks(zones=("z1",))))
            with pytest.raises(Going):
                await tell(channel, warn("z1"))
            meanwhile = [path for path, _, _ in service.got]
            over.set()
            hanging.close()
            await asyncio.sleep(0.1)
            return meanwhile

    assert asyncio.run(night()) == ["/phone"]


def test_that_one_subscription_gets_too_much_is_no_word_on_its_push_service(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.web_push.channel.WAVE_S_MAX", 1.5)
    monkeypatch.setattr("tocsin.announce.web_push.channel.AGAIN_S", 0.05)

    async def night() -> list[str]:
        async with serving() as service, pushing(tmp_path, zones) as channel:
            for name in ("greedy", "phone"):
                asked = Browser(f"{service.url}/{name}").asks(zones=("z1",) if name == "greedy" else ("z2",))
                channel.store._hold(channel.store.made(asked))
            service.answers["/greedy"] = 429
            with pytest.raises(Going):
                await tell(channel, warn("z1"))
            with pytest.raises(Going):
                await tell(channel, warn("z1"), warn("z2"))
            return [path for path, _, _ in service.got]

    assert asyncio.run(night()) == ["/phone"]
