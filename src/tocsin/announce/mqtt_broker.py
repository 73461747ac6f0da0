"""A connection to an MQTT 5 broker: how it is opened, what may be in flight, and topics made of names."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

# Unacknowledged at once. Brokers may take no more than they say: mosquitto 20, others from 32 on.
IN_FLIGHT_MAX = 20
# The largest message that a broker may pass to us, and how many of them wait: all that is ours is smaller.
RECEIVED_BYTES_MAX = 50_000
RECEIVED_MAX = 5_000
KEEPALIVE_S = 15
ANSWER_S_MAX = 8.0
BACK_OFF_FIRST_S = 0.5
BACK_OFF_LAST_S = 10.0
_T = TypeVar("_T")


class _Client(aiomqtt.Client):
    """A client that can be cancelled at any moment.

    aiomqtt waits with `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes together with the
    answer: whoever says pulses in a loop then goes on for ever, and neither a change between
    drill and live nor the end of the service gets through.
    """

    async def _wait_for(self, fut: Awaitable[_T], timeout: float | None) -> _T:
        limit_s = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(None if limit_s == math.inf else limit_s):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError(f"no answer within {limit_s:g} s") from None


@dataclass(frozen=True, slots=True)
class Session:
    """What a broker keeps for a client that is away, under its name, for `kept_s` s; messages up to `bytes_max`."""

    client: str
    kept_s: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and who we are to it.

    tls        None: no encryption, for a broker on the same machine or wire
    password   shown nowhere
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def client(self, will: aiomqtt.Will | None = None, session: Session | None = None) -> aiomqtt.Client:
        """A client to be entered as a context; raises aiomqtt.MqttError there. Without a session nothing is kept."""
        bounds = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        bounds.MaximumPacketSize = RECEIVED_BYTES_MAX if session is None else session.bytes_max
        if session is not None:
            bounds.SessionExpiryInterval, bounds.ReceiveMaximum = session.kept_s, IN_FLIGHT_MAX
        client = _Client(
            self.host,
            self.port,
            username=self.user,
            password=self.password,
            tls_context=self.tls,
            protocol=aiomqtt.ProtocolVersion.V5,
            identifier=None if session is None else session.client,
            clean_start=session is None,
            will=will,
            properties=bounds,
            keepalive=KEEPALIVE_S,
            timeout=ANSWER_S_MAX,
            max_inflight_messages=IN_FLIGHT_MAX,
            max_queued_incoming_messages=RECEIVED_MAX,
            max_concurrent_outgoing_calls=IN_FLIGHT_MAX,
        )
        # It logs every call beyond its own threshold of 10.
        client.pending_calls_threshold = 2 * IN_FLIGHT_MAX
        return client


async def hold(
    client_of: Callable[[], aiomqtt.Client],
    serve: Callable[[aiomqtt.Client], Awaitable[None]],
    lost: Callable[[BaseException], None],
) -> None:
    """Serve a connection until cancelled, and each that follows; tried again after 0.5, 1, 2 … 10 s.

    Where `serve` returns, the next is made at once; where the broker was lost, `lost` hears why.
    """
    wait_s = BACK_OFF_FIRST_S

    async def once() -> None:
        nonlocal wait_s
        async with client_of() as client:
            wait_s = BACK_OFF_FIRST_S
            await serve(client)

    while True:
        # A task of its own: a group of tasks that ends with an error forgets that it was cancelled meanwhile, and one
        # that ends in itself leaves its task marked as cancelled. Neither must be taken for the other here.
        serving = asyncio.create_task(once())
        try:
            await asyncio.wait([serving])
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
        try:
            serving.result()
            continue
        except* (aiomqtt.MqttError, OSError) as group:
            error: BaseException = group
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            lost(error)
        await asyncio.sleep(wait_s)
        wait_s = min(BACK_OFF_LAST_S, 2 * wait_s)


def secured(ca: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """TLS to a broker whose certificate `ca` vouches for (None: the machine's own authorities).

    Raises OSError and ssl.SSLError where a file cannot be used.
    """
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


@lru_cache(maxsize=512)
def expiring(seconds: int) -> Properties:
    """What makes a broker forget a message after so many seconds, kept ones included; never to be changed."""
    assert seconds >= 1, "brokers take 0 for never"
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties


def until(end: datetime, now: datetime, most_s: int) -> int | None:
    """Whole seconds that a message may be kept for; None: what it says has ended.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> [until(now + timedelta(seconds=s), now, 60) for s in (0, 0.4, 42.9, 900)]
    [None, 1, 42, 60]
    """
    left_s = (end - now).total_seconds()
    return None if left_s <= 0 else max(1, min(int(left_s), most_s))


def word(name: str) -> str:
    """A name as one level of a topic: what separates levels or stands for many is written as in a URL.

    >>> word("UA-32"), word("north/1+#%")
    ('UA-32', 'north%2F1%2B%23%25')
    """
    return name.replace("%", "%25").replace("/", "%2F").replace("+", "%2B").replace("#", "%23")
