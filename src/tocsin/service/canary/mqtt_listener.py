"""Hears an MQTT broker as its readers do: over a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.mqtt_broker import Broker
from tocsin.announce.mqtt_signature import verify
from tocsin.announce.sample import Ear
from tocsin.announce.siren.wire import Keys

# A pulse comes every 5 s.
SILENT_S = 20.0
LATE_S = 10.0
_decoder = msgspec.json.Decoder(list[PublicWarning])


class MqttListener:
    """Reads `warnings` and `pulse`.

    roots   `prefix/sector`, and the keys by which what lies under it is believed; None: it is not signed
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str, broker: Broker, roots: Mapping[str, Keys | None]) -> None:
        self.channel = channel
        self._broker = broker
        self._roots = dict(roots)

    async def listen(self, ear: Ear) -> None:
        """Until cancelled, the connection ends, or somebody else writes there. Raises NotSigned then."""
        async with self._broker.client(None) as client:
            for root in self._roots:
                await client.subscribe(f"{root}/warnings", qos=1)
                await client.subscribe(f"{root}/pulse")
            async for message in client.messages:
                topic = str(message.topic)
                assert isinstance(message.payload, bytes)
                keys = self._roots[topic.rpartition("/")[0]]
                if keys is not None:
                    verify(topic, message.payload, message.properties, keys)
                if topic.endswith("/warnings"):
                    ear.heard(one.id for one in _decoder.decode(message.payload))
                else:
                    ear.alive()
