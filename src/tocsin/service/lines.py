"""Lines of channels, read in a thread of their own: in the order in which they came, and never in the event loop's way.

Reading is by rules and bounded by the length of a line; a fault of ours that one line brings out costs that line alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import structlog

from tocsin.ingest.text.channels import Channels
from tocsin.ingest.text.profile import Profile, read_profile
from tocsin.model.access import Circle
from tocsin.model.observation import ChannelReport
from tocsin.model.value import clipped
from tocsin.service.settings import Settings
from tocsin.service.source_settings import ChannelSource, MqttSource, TelegramSource, TokenSource

log = structlog.get_logger(__name__)


def profiles_of(settings: Settings) -> dict[str, Profile]:
    """Source -> the profile of its channels. Raises BadFile and BadSettings."""
    named = [
        one for one in settings.source if isinstance(one, TokenSource | ChannelSource | MqttSource | TelegramSource)
    ]
    return {one.id: read_profile(one.profile) for one in named if one.profile is not None}


class Lines:
    """Understands the lines of one sector's channels. `stop` at the end."""

    def __init__(self, settings: Settings) -> None:
        self._channels = Channels(profiles_of(settings))
        self._thread = ThreadPoolExecutor(1, "lines")

    def warm(self) -> None:
        """Make the readers in the background, so that the first line need not wait for them."""
        self._thread.submit(self._channels.warm)

    def stop(self) -> None:
        """End the thread; what waits is not read any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def understood(self, line: ChannelReport, area: Sequence[Circle]) -> ChannelReport:
        """The line with what it says; see `Channels.understood`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, line, area)

    def _read(self, line: ChannelReport, area: Sequence[Circle]) -> ChannelReport:
        try:
            return self._channels.understood(line, area)
        except Exception as error:
            log.exception("a line cannot be read", channel=line.channel[:80])
            why = clipped(f"it cannot be read: {type(error).__name__}: {error}")
            return msgspec.structs.replace(line, told=(), unused=(why,), wording="")
