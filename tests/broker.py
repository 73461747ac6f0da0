"""A real broker: Debian's mosquitto on a free port of this machine, ended by its process alone."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiomqtt

from tests.conftest import skip


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def mosquitto(folder: Path, port: int, *lines: str) -> Iterator[int]:
    """The broker on that port, with more lines of its configuration; skipped where there is none."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        skip("no mosquitto; on Debian: apt-get install mosquitto")
    assert program is not None
    path = folder / "mosquitto.conf"
    # It keeps 1,000 messages for a reader by itself and drops the rest: fewer than a country has zones.
    base = (f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 100000", "user root")
    path.write_text("\n".join((*base, *lines)) + "\n")
    process = subprocess.Popen([program, "-c", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end_s = time.monotonic() + 10
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, "mosquitto ended"
            assert time.monotonic() < end_s, "mosquitto does not listen"
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


async def heard(port: int, topic: str, count: int, *, within_s: float = 10.0) -> list[aiomqtt.Message]:
    """The first messages of a topic, kept ones included; fewer where no more came in time."""
    found: list[aiomqtt.Message] = []
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(topic, qos=1)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                async for message in client.messages:
                    found.append(message)
                    if len(found) == count:
                        break
    return found
