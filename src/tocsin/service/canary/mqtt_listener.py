"""Hears an MQTT broker as its readers do: over a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.mqtt_broker import Broker
from tocsin.announce.sample import Ear

# A pulse comes every 5 s.
SILENT_S = 20.0
LATE_S = 10.0
_decoder = msgspec.json.Decoder(list[PublicWarning])


class MqttListener:
    """Reads `warnings` and `pulse` under some roots (`prefix/sector`)."""

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str, broker: Broker, roots: Sequence[str]) -> None:
        self.channel = channel
        self._broker = broker
        self._roots = tuple(roots)

    async def listen(self, ear: Ear) -> None:
        """Until cancelled, or the connection ends."""
        async with self._broker.client(None) as client:
            for root in self._roots:
                await client.subscribe(f"{root}/warnings", qos=1)
                await client.subscribe(f"{root}/pulse")
            async for message in client.messages:
                if str(message.topic).endswith("/warnings") and isinstance(message.payload, bytes):
                    ear.heard(one.id for one in _decoder.decode(message.payload))
                else:
                    ear.alive()
