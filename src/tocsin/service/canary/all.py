"""Every sample listener of a service that answers."""

from __future__ import annotations

import socket

from tocsin.announce.sample import SampleListener
from tocsin.service.canary.feed_listener import FeedListener
from tocsin.service.canary.page_listener import PageListener
from tocsin.service.runtime import Runtime

# An address to listen on everywhere is none to call; here one reaches itself.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def own_address(listener: socket.socket) -> str:
    """Where this machine reaches what answers on a socket."""
    host, port = listener.getsockname()[:2]
    host = _EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def listen(runtime: Runtime, address: str) -> None:
    """Hear the service's channels until cancelled; `address` is its own, for where the settings name none."""
    await runtime.canaries.run(_listeners(runtime, address), runtime.channels.deliveries)


def _listeners(runtime: Runtime, address: str) -> list[SampleListener]:
    canary, channels = runtime.settings.canary, runtime.channels
    if not canary.on:
        return list(channels.listeners)
    address = canary.address or address
    return [PageListener(address), FeedListener(address, channels.cap_messages.archive.told_in), *channels.listeners]
