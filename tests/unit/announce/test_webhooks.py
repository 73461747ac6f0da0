"""Webhooks at a real endpoint on this machine."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from tocsin.announce import webhooks
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.channel import Declined
from tocsin.announce.circuit import FAILURES_MAX, REST_S, Resting
from tocsin.announce.signing_keys import signing_key
from tocsin.announce.webhooks import Message, Refusal, Webhooks
from tocsin.model.errors import BadSettings
from tocsin.model.warning import Warning

OLD, NEW = (f"whsec_{base64.b64encode(bytes([n] * 32)).decode()}" for n in (1, 2))
SEED = bytes(range(32))
PRIVATE = f"whsk_{base64.b64encode(SEED).decode()}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def now() -> datetime:
    return datetime.now(UTC)


class Endpoint:
    """Somebody's server; `answers` are given one after the other, the last one again and again."""

    def __init__(self, *answers: int, headers: dict[str, str] | None = None) -> None:
        self.answers = list(answers) or [204]
        self.headers = headers
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, headers=self.headers)

    @property
    def ids(self) -> list[str]:
        return [next(value for key, value in headers.items() if key.lower() == "webhook-id") for headers, _ in self.got]

    @property
    def messages(self) -> list[Message]:
        return [msgspec.json.decode(body, type=Message) for _, body in self.got]


def play(endpoint: Endpoint, story: Callable[[Webhooks], Awaitable[None]], *keys: str) -> None:
    """A channel to the endpoint, for the length of a story."""

    async def both() -> None:
        runner = web.ServerRunner(web.Server(endpoint.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        signing = [signing_key(key) for key in keys or (OLD,)]
        channel = Webhooks("hook", url, signing, now=now, zones={"z0": {"en": "Town 0"}}, private=True)
        working = asyncio.create_task(channel.work())
        await asyncio.sleep(0)
        try:
            await story(channel)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await runner.cleanup()

    asyncio.run(both())


@pytest.fixture
def told(warn: Callable[..., Warning]) -> Callable[..., list[PublicWarning]]:
    """As many zones' warnings."""
    return lambda count: [public_warning(warn(f"z{number}")) for number in range(count)]


def test_the_warnings_of_a_tick_are_one_request(told: Callable[..., list[PublicWarning]]) -> None:
    endpoint = Endpoint()

    async def story(channel: Webhooks) -> None:
        await channel.send("", told(2))

    play(endpoint, story)
    (message,) = endpoint.messages
    assert message.data.warnings == tuple(told(2)) and message.drill
    assert message.data.zones == {"z0": {"en": "Town 0"}, "z1": "z1"}


def test_the_reference_library_verifies_what_we_sign(told: Callable[..., list[PublicWarning]]) -> None:
    endpoint = Endpoint()

    async def story(channel: Webhooks) -> None:
        await channel.send("", told(3))

    play(endpoint, story, OLD, PRIVATE, NEW)
    ((headers, body),) = endpoint.got
    for key in (OLD, NEW):
        assert Webhook(key).verify(body, headers)["type"] == "warnings"


def test_what_was_not_answered_is_sent_again_as_it_was_under_the_same_id(
    told: Callable[..., list[PublicWarning]],
) -> None:
    endpoint = Endpoint(500, 204)

    async def story(channel: Webhooks) -> None:
        with pytest.raises(Refusal, match="it answers 500"):
            await channel.send("", told(2))
        # Meanwhile another tick has come.
        await channel.send("", told(4))

    play(endpoint, story)
    bodies = [body for _, body in endpoint.got]
    assert bodies[0] == bodies[1] != bodies[2]
    assert endpoint.ids[0] == endpoint.ids[1] != endpoint.ids[2]
    assert endpoint.messages[2].data.warnings == tuple(told(4)[2:])


def test_a_country_at_once_is_cut_into_messages_and_none_is_sent_twice(
    told: Callable[..., list[PublicWarning]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MESSAGE_MAX", 3)
    endpoint = Endpoint(204, 204, 500, 204)

    async def story(channel: Webhooks) -> None:
        with pytest.raises(Refusal):
            await channel.send("", told(10))
        await channel.send("", told(10))

    play(endpoint, story)
    assert [len(one.data.warnings) for one in endpoint.messages] == [3, 3, 3, 3, 1]
    kept = dict(zip(endpoint.ids, endpoint.messages, strict=True))
    assert [one for message in kept.values() for one in message.data.warnings] == told(10)


def test_the_body_names_no_track_sensor_reason_or_probability(told: Callable[..., list[PublicWarning]]) -> None:
    endpoint = Endpoint()

    async def story(channel: Webhooks) -> None:
        await channel.send("", told(1))

    play(endpoint, story)
    assert b"take_cover" in endpoint.got[0][1]
    assert not any(word in endpoint.got[0][1] for word in (b"T17", b"north-hill", b"0.873", b"radar"))


def test_a_redirect_is_not_followed(told: Callable[..., list[PublicWarning]]) -> None:
    endpoint = Endpoint(302, headers={"location": "/elsewhere"})

    async def story(channel: Webhooks) -> None:
        with pytest.raises(Refusal, match="redirect is not followed"):
            await channel.send("", told(1))

    play(endpoint, story)
    assert len(endpoint.got) == 1


def test_an_endpoint_that_fails_again_and_again_is_left_alone_and_then_asked_with_one_message(
    told: Callable[..., list[PublicWarning]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = Endpoint(*[500] * FAILURES_MAX, 204)
    monkeypatch.setattr(webhooks, "MESSAGE_MAX", 1)

    async def story(channel: Webhooks) -> None:
        clock_s = 0.0
        channel._circuit._now_s = lambda: clock_s
        for _ in range(FAILURES_MAX):
            with pytest.raises(Refusal):
                await channel.send("", told(3))
        with pytest.raises(Resting, match="it answers 500; it failed 5 times in a row and is asked again in 15 s"):
            await channel.send("", told(3))
        assert len(endpoint.got) == FAILURES_MAX
        clock_s = REST_S
        endpoint.answers = [500, 204]
        with pytest.raises(Refusal):
            await channel.send("", told(3))
        assert len(endpoint.got) == FAILURES_MAX + 1
        clock_s = 2 * REST_S
        await channel.send("", told(3))

    play(endpoint, story)
    assert len(set(endpoint.ids)) == 3


def test_an_endpoint_that_does_not_take_a_message_is_asked_with_another_at_once(
    told: Callable[..., list[PublicWarning]],
) -> None:
    endpoint = Endpoint(*[422] * FAILURES_MAX, 204)

    async def story(channel: Webhooks) -> None:
        for _ in range(FAILURES_MAX):
            with pytest.raises(Declined, match="it answers 422"):
                await channel.send("", told(3))
        await channel.send("", told(1))

    play(endpoint, story)
    assert len(set(endpoint.ids)) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://10.1.2.3/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "ftp://x/",
    ],
)
def test_an_endpoint_in_a_private_network_or_without_tls_must_be_meant(url: str) -> None:
    with pytest.raises(BadSettings, match=r"https|private"):
        Webhooks("hook", url, [signing_key(OLD)], now=now, zones={})


def test_a_name_that_leads_into_a_private_network_is_not_called(told: Callable[..., list[PublicWarning]]) -> None:
    async def story() -> None:
        channel = Webhooks("hook", "https://localhost:1/", [signing_key(OLD)], now=now, zones={})
        working = asyncio.create_task(channel.work())
        await asyncio.sleep(0)
        with pytest.raises(OSError, match="private network"):
            await channel.send("", told(1))
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    asyncio.run(story())
