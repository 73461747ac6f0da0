"""The live sources of the settings, from their edge into the journal."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence

import structlog

from tocsin.announce.mqtt_broker import Session
from tocsin.ingest.aircraft_json import AircraftJsonSource
from tocsin.ingest.beast import BeastSource
from tocsin.ingest.cap_feed import CapFeedSource
from tocsin.ingest.channel_feed import ChannelFeedSource
from tocsin.ingest.mqtt_messages import KEPT_S, MESSAGE_BYTES_MAX, MqttMessageSource
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.remote_id_lines import RemoteIdSource
from tocsin.ingest.sbs import SbsSource
from tocsin.ingest.source import OverRates, Source, Supervisor
from tocsin.ingest.telegram_live import TelegramSource
from tocsin.ingest.telethon_client import TelethonClient
from tocsin.ingest.udp import UdpSource
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.service import source_settings as asked
from tocsin.service.intake import Intake
from tocsin.service.runtime import Runtime
from tocsin.service.secrets_kept import secret_at

log = structlog.get_logger(__name__)

METRICS_EVERY_S = 5.0


Receiver = asked.AsterixSource | asked.ReadsbSource | asked.SbsSource | asked.BeastSource | asked.RemoteIdSource
Listened = Receiver | asked.CapSource | asked.ChannelSource | asked.MqttSource | asked.TelegramSource


def receiver(
    one: Receiver, sensors: Sequence[Sensor], rejects: Rejects, clock: Callable[[], float] = time.time
) -> Source:
    """The source that listens to what a table of the settings names: radars, or a receiver of transponders."""
    if isinstance(one, asked.AsterixSource):
        host, interface = one.group or one.host, one.host if one.group else "0.0.0.0"  # noqa: S104
        return UdpSource(
            one.id, sensors, rejects, host=host, port=one.port, interface=interface, peers=one.peers, clock=clock
        )
    if isinstance(one, asked.ReadsbSource):
        return AircraftJsonSource(one.id, one.url, rejects, every_s=one.every_s, clock=clock)
    if isinstance(one, asked.BeastSource):
        return BeastSource(one.id, one.host, one.port, rejects, clock=clock)
    if isinstance(one, asked.RemoteIdSource):
        return RemoteIdSource(one.id, one.host, one.port, rejects, clock=clock)
    return SbsSource(one.id, one.host, one.port, rejects, clock=clock)


def mqtt(one: asked.MqttSource, listener: str, rejects: Rejects) -> Source:
    """The source that listens at a broker, there under the listener's name and its own. Raises BadSettings."""
    broker = one.broker()
    session = Session(f"tocsin-{listener}-{one.id}", KEPT_S, MESSAGE_BYTES_MAX)
    return MqttMessageSource(one.id, lambda: broker.client(session=session), one.topics, rejects)


def telegram(one: asked.TelegramSource, rejects: Rejects, clock: Callable[[], float] = time.time) -> Source:
    """The source that reads Telegram's channels; what cannot be had of its account is said when it runs."""

    def client() -> TelethonClient:
        return TelethonClient(secret_at(one.session_file).text(), one.api_id, secret_at(one.api_hash_file).text())

    return TelegramSource(one.id, client, one.channels, rejects, clock=clock)


class Sources:
    """Runs every live source of the settings; what cannot be used is kept in `rejects.jsonl` beside the journal."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._intake = Intake(runtime)
        self._rejects = runtime.rejects
        # Whoever publishes there speaks for himself, as whoever posts does, unless the settings let him relay.
        self._alone = {
            one.id for one in runtime.settings.source if isinstance(one, asked.MqttSource) and not one.relays
        }
        made = [self._made(one) for one in runtime.settings.source if not isinstance(one, asked.TokenSource)]
        self._supervisor = Supervisor(made, self._deliver, self._rejects)

    def _made(self, one: Listened) -> Source:
        def clock() -> float:
            return self._runtime.clock.now().timestamp()

        if isinstance(one, asked.CapSource):
            return CapFeedSource(
                one.id, one.url, self._runtime.readers, self._rejects,
                hosts=one.hosts, every_s=one.every_s, chance=random.SystemRandom(), clock=clock,
            )  # fmt: skip
        if isinstance(one, asked.ChannelSource):
            return ChannelFeedSource(
                one.id, one.url, self._runtime.readers, self._rejects,
                channel=one.channel, every_s=one.every_s, chance=random.SystemRandom(), clock=clock,
            )  # fmt: skip
        if isinstance(one, asked.MqttSource):
            return mqtt(one, self._runtime.settings.sector, self._rejects)
        if isinstance(one, asked.TelegramSource):
            return telegram(one, self._rejects, clock)
        return receiver(one, self._runtime.configuration.sensors, self._rejects, clock)

    async def run(self) -> None:
        """Run until cancelled."""
        self._runtime.feeds = self._supervisor.health
        async with asyncio.TaskGroup() as group:
            group.create_task(self._supervisor.run())
            group.create_task(self._report())

    async def _deliver(self, source: str, observations: list[Observation]) -> OverRates:
        admitted = await self._intake.admit(observations, source, relays=source not in self._alone)
        # Radars and receivers do not send again.
        await self._intake.keep(admitted.events, patient=True)
        return {refusal.place for refusal in admitted.refused if refusal.outcome == "over_rate"}

    async def _report(self) -> None:
        metrics = self._runtime.metrics
        told = 0
        while True:
            for text in self._rejects.noticed[told:]:
                log.warning("noticed", what=text)
                told += 1
            for health in self._supervisor.health():
                metrics.source_up.labels(health.name).set(health.state == "up")
            self._rejects.flush()
            await asyncio.sleep(METRICS_EVERY_S)
