"""A real MQTT broker for a while: Debian's mosquitto on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.cluster.process import free_ports
from tocsin.cluster.servers import Mosquitto

START_S_MAX = 10.0


def free_port() -> int:
    """A port that nobody listens on now."""
    return free_ports(1)[0]


@contextmanager
def mosquitto(folder: Path, port: int) -> Iterator[int]:
    """The broker on that port, which anybody on this machine may use. Raises Missing."""
    process = Mosquitto(folder, port)
    try:
        process.start()
        process.wait_ready(START_S_MAX)
        yield port
    finally:
        process.kill()
