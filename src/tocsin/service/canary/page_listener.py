"""Hears the event stream as a page does: over HTTP, from where the pages reach us."""

from __future__ import annotations

import aiohttp
import msgspec

from tocsin.announce.sample import Ear

# A pulse comes every second.
SILENT_S = 5.0
LATE_S = 5.0
# The first event holds every zone of a country; no line is longer.
LINE_BYTES_MAX = 16_000_000


class _Zone(msgspec.Struct):
    warning: str | None = None


class _Zones(msgspec.Struct):
    zones: tuple[_Zone, ...]


class PageListener:
    """Listens to `/v1/events` at an address, or to the stream of another channel."""

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, address: str, channel: str = "page_stream") -> None:
        self.channel = channel
        self._url = f"{address}/v1/events"

    async def listen(self, ear: Ear) -> None:
        """Until cancelled, or the stream ends."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=SILENT_S, sock_read=SILENT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout, read_bufsize=LINE_BYTES_MAX) as session,
            session.get(self._url, headers={"accept": "text/event-stream"}) as answer,
        ):
            answer.raise_for_status()
            event = b""
            async for line in answer.content:
                if line.startswith(b"event: "):
                    event = line[7:].strip()
                elif line.startswith(b"data: "):
                    if event == b"pulse":
                        # What stands may be kept on the way; a pulse is not.
                        ear.alive()
                    elif event in (b"state", b"zones"):
                        told = msgspec.json.decode(line[6:], type=_Zones)
                        ear.heard(zone.warning for zone in told.zones if zone.warning is not None)
        raise ConnectionError("the stream has ended")
