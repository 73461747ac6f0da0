"""A connection to the brokers, which comes back by itself to whichever of them lives."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from typing import Any

from nats.aio.client import Client

log = logging.getLogger(__name__)

# A broker that hangs keeps its connections: three of our questions unanswered, and we go to another.
PING_S, PINGS_MAX = 1, 2
CONNECT_S = 2
RETRY_S = 0.25


@dataclass(frozen=True)
class Brokers:
    """Where the brokers are, and who we are to them."""

    servers: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None


async def connected(brokers: Brokers, name: str) -> Client:
    """A connection under a name that the brokers' own tools show. Raises OSError, nats.errors.Error and TimeoutError.

    Once it was there, it is sought for as long as it is not closed; `is_connected` says whether it is there now.
    """

    async def told(error: Exception) -> None:
        # While it is sought, the same several times a second: whoever uses it says once that it is gone.
        log.debug("the brokers: %s", error or type(error).__name__)

    # It only sleeps for what it calls a whole number of seconds.
    given: dict[str, Any] = {"reconnect_time_wait": RETRY_S}
    if brokers.user is not None:
        given |= {"user": brokers.user, "password": brokers.password}
    if brokers.tls is not None:
        given["tls"] = brokers.tls
    client = Client()
    await client.connect(
        list(brokers.servers),
        name=name,
        error_cb=told,
        connect_timeout=CONNECT_S,
        max_reconnect_attempts=-1,
        ping_interval=PING_S,
        max_outstanding_pings=PINGS_MAX,
        **given,
    )
    return client
