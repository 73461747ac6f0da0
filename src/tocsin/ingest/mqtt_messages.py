"""What others publish to an MQTT 5 broker: a message is a body as POST /v1/observations takes it.

Quality: a message is acknowledged when all of it is durable, so that the broker brings it again where we ended before;
while we are away the broker keeps what comes, under our name, for an hour. A bad line costs itself only. Lost: messages
beyond MESSAGE_BYTES_MAX, which a broker does not pass on and does not tell of; and those published without
acknowledgement (QoS 0) while we are away. A retained message comes again at every start, and is known by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import aiomqtt

from tocsin.ingest.batch import batch_steps
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.slices import in_slices
from tocsin.ingest.source import Deliver
from tocsin.model.errors import BadInput
from tocsin.model.observation import Observation

# A CAP alert may be megabytes; brokers' own bounds are mostly at one.
MESSAGE_BYTES_MAX = 1_000_000
KEPT_S = 3_600
# Where nobody publishes there is nothing to hear: a connection that holds is all that a broker can say.
SILENCE_S_MAX = 5.0


class MqttMessageSource:
    """Listens to topics until cancelled; raises aiomqtt.MqttError where the broker is lost or lets us hear nothing.

    client_of   a client under a name of its own, with a session that is kept
    """

    def __init__(
        self, name: str, client_of: Callable[[], aiomqtt.Client], topics: Sequence[str], rejects: Rejects
    ) -> None:
        self.name = name
        self._client_of = client_of
        self._topics = topics
        self._rejects = rejects

    async def run(self, deliver: Deliver) -> None:
        """Deliver what comes; an empty delivery says that the line holds."""
        client = self._client_of()
        # The client under it acknowledges when told to, which the one around it has no word for.
        below = client._client
        below.manual_ack_set(True)
        async with client:
            await self._subscribe(client)
            await deliver([])
            while True:
                try:
                    async with asyncio.timeout(SILENCE_S_MAX):
                        message = await anext(client.messages)
                except TimeoutError:
                    await deliver([])
                    continue
                await deliver(await self._read(message))
                below.ack(message.mid, message.qos)

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for topic in self._topics:
            granted = await client.subscribe(topic, qos=1)
            if any(getattr(one, "is_failure", False) for one in granted):
                raise aiomqtt.MqttError(f"the broker lets us hear nothing of {topic}: {granted[0]}")

    async def _read(self, message: aiomqtt.Message) -> list[Observation]:
        """The observations of a message; what is none is kept with its reason."""
        topic = str(message.topic)[:200]
        body = message.payload if isinstance(message.payload, bytes) else str(message.payload).encode()
        try:
            batch = await in_slices(batch_steps(body))
        except BadInput as error:
            self._rejects.read()
            self._rejects.add(str(error), body[:500].decode(errors="replace"), f"{self.name}:{topic}")
            return []
        self._rejects.read(len(batch.rejected) + len(batch.observations))
        self._rejects.use(len(batch.observations))
        for fault in batch.rejected:
            self._rejects.add(fault.reason, f"line {fault.line} of {len(body)} bytes", f"{self.name}:{topic}")
        return [one for _, one in batch.observations]
