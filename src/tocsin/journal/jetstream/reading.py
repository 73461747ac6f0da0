"""Reading the stream in order, from any place in it, without a gap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

# A broker says so often that it is there although it has nothing to say; three of those missing, and we ask anew.
BEAT_S = 0.5
SILENT_S = 1.6
# A reader that is gone is forgotten by the broker.
FORGOTTEN_S = 30.0
_STATUS, _STALLED, _DELIVERED = "Status", "Nats-Consumer-Stalled", "Nats-Last-Consumer"


class GapError(Exception):
    """A message did not reach us: what follows is read anew, from before it."""


async def follow(
    client: Client,
    stream: str,
    after: int,
    take: Callable[[Msg], Awaitable[None]],
    heard: Callable[[], None],
    ask_s: float,
) -> None:
    """Hand every message beyond `after` to `take`, in order, for ever; `heard` is called for every sign of life.

    ask_s   how long a broker is waited for

    Raises GapError, nats.errors.Error and TimeoutError when it is to be begun anew, after the last that was taken.
    """
    inbox = client.new_inbox()
    arriving = await client.subscribe(inbox)
    asking = client.jetstream(timeout=ask_s)
    name: str | None = None
    try:
        info = await asking.add_consumer(
            stream,
            ConsumerConfig(
                deliver_subject=inbox,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=after + 1,
                ack_policy=AckPolicy.NONE,
                flow_control=True,
                idle_heartbeat=BEAT_S,
                inactive_threshold=FORGOTTEN_S,
                num_replicas=1,
                mem_storage=True,
            ),
        )
        name = info.name
        number = 0
        while True:
            message = await arriving.next_msg(timeout=SILENT_S)
            heard()
            if message.headers and _STATUS in message.headers:
                await _answer(client, message, number)
                continue
            if message.metadata.sequence.consumer != number + 1:
                raise GapError(f"message {number + 1} of the reader did not come")
            number += 1
            await take(message)
    finally:
        with suppress(nats.errors.Error, OSError):
            await arriving.unsubscribe()
        if name is not None and client.is_connected:
            with suppress(nats.errors.Error, OSError, TimeoutError):
                await asking.delete_consumer(stream, name)


async def _answer(client: Client, message: Msg, number: int) -> None:
    """Let the broker send on where it waits for us, and see that nothing it sent is missing. Raises GapError."""
    assert message.headers is not None
    if message.reply:
        await message.respond(b"")
        return
    if stalled := message.headers.get(_STALLED):
        await client.publish(stalled, b"")
    delivered = message.headers.get(_DELIVERED)
    if delivered is not None and int(delivered) != number:
        raise GapError(f"{delivered} messages were sent to us, {number} came")
