"""Whether the feeds of the settings bring anything: each is heard for some seconds, as the service would hear it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp

from tocsin.command.surroundings import holder
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver, Source
from tocsin.model.errors import BadSettings
from tocsin.model.observation import Observation
from tocsin.model.sensor import Sensor
from tocsin.service.settings import Settings
from tocsin.service.source_settings import CapSource, ChannelSource, MqttSource, TelegramSource, TokenSource
from tocsin.service.source_settings import Source as Asked
from tocsin.service.sources import mqtt, receiver, telegram

# A radar turns in 4 to 12 s and marks every sector; receivers are asked every second. Feeds are heard side by side.
LISTEN_S = 6.0


def feeds(told: Settings, sensors: Sequence[Sensor]) -> str:
    """Whether every feed of the settings brings something within LISTEN_S. Raises BadSettings naming the silent ones.

    Not asked while a service runs on the journal: a port is heard by one, and it says itself which feeds are silent.
    """
    if holder(told.journal.path) is not None:
        return "heard by the service that runs"
    made = [found for one in told.source if (found := _made(one, sensors)) is not None]
    silent = [trouble for trouble in asyncio.run(_heard(made)) if trouble is not None]
    if silent:
        raise BadSettings("; ".join(silent))
    return f"{len(made)} bring something within {LISTEN_S:g} s" if made else "none to ask"


def _made(one: Asked, sensors: Sequence[Sensor]) -> tuple[Source, Rejects] | None:
    """A source as the service makes it; None for one that comes to us."""
    if isinstance(one, TokenSource):
        return None
    rejects = Rejects()
    if isinstance(one, CapSource | ChannelSource):
        return _Page(one.id, one.url), rejects
    if isinstance(one, MqttSource):
        return mqtt(one, "doctor", rejects), rejects
    if isinstance(one, TelegramSource):
        return telegram(one, rejects), rejects
    return receiver(one, sensors, rejects), rejects


class _Page:
    """A feed of messages or of posts: whether it is there."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url

    async def run(self, deliver: Deliver) -> None:
        """Fetch it once. Raises aiohttp.ClientError."""
        async with aiohttp.ClientSession() as session, session.get(self._url) as answer:
            answer.raise_for_status()
            await deliver([])


class _Heard(Exception):
    """A source has brought something."""


async def _heard(sources: Sequence[tuple[Source, Rejects]]) -> list[str | None]:
    """What is wrong with each; None: it brings something."""
    return await asyncio.gather(*(_silence(source, rejects) for source, rejects in sources))


async def _silence(source: Source, rejects: Rejects) -> str | None:
    async def deliver(observations: list[Observation]) -> None:
        raise _Heard

    try:
        async with asyncio.timeout(LISTEN_S):
            await source.run(deliver)
        why = "it ended"
    except _Heard:
        return None
    except TimeoutError:
        why = f"nothing that can be used in {LISTEN_S:g} s"
    # Whatever is wrong with one, the others are heard.
    except Exception as error:  # noqa: BLE001
        why = str(error) or type(error).__name__
    unused = f" ({rejects.summary()})" if rejects.summary() else ""
    return f"source {source.name} is silent: {why}{unused}"
