"""Sending a message until the brokers have it: each attempt is the same message to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import nats.errors
from nats.aio.client import Client
from nats.js.api import PubAck

from tocsin.journal.jetstream.message import Message, payload_of, too_big
from tocsin.journal.jetstream.stream import ASK_MAX_S, ASK_S, LONGER

# While a leader is elected nobody answers, or all say at once that nobody does.
AGAIN_S = 0.1


async def send(
    client_of: Callable[[], Client | None], message: Message, sender: str, wanted: Callable[[], bool]
) -> PubAck | None:
    """The brokers' word that most of them have it; None: nobody wants it any more. Raises JournalError: it is too big.

    client_of   the connection there is now; None: there is none
    """
    payload, header = payload_of(message, sender)
    ask_s = ASK_S
    while wanted():
        client = client_of()
        if client is not None and client.is_connected:
            if len(payload) >= client.max_payload:
                raise too_big(message, len(payload), client.max_payload)
            try:
                return await client.jetstream(timeout=ask_s).publish(message.subject, payload, headers=header)
            except (nats.errors.Error, OSError, TimeoutError):
                # Whoever waits for it long enough is told that the brokers are gone.
                ask_s = min(ASK_MAX_S, ask_s * LONGER)
        await asyncio.sleep(AGAIN_S)
    return None
