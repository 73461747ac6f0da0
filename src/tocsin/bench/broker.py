"""A real MQTT broker for a while: Debian's mosquitto on a free port of this machine."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tocsin.model.errors import Missing

START_S_MAX = 10.0


def mosquitto_program() -> str:
    """Where it is. Raises Missing where it is not."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        raise Missing("no mosquitto; on Debian: apt-get install mosquitto")
    return program


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def mosquitto(folder: Path, port: int) -> Iterator[int]:
    """The broker on that port, which anybody on this machine may use. Raises Missing and TimeoutError."""
    program = mosquitto_program()
    path = folder / "mosquitto.conf"
    # By itself it keeps 1,000 messages for a reader and drops the rest: fewer than a country has zones.
    lines = (f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 100000", "set_tcp_nodelay true")
    path.write_text("\n".join((*lines, f"user {getpass.getuser()}")) + "\n")
    nothing = subprocess.DEVNULL
    process = subprocess.Popen([program, "-c", str(path)], stdout=nothing, stderr=nothing)  # noqa: S603 - found above
    try:
        end_s = time.monotonic() + START_S_MAX
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > end_s:
                raise TimeoutError("mosquitto does not listen")
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()
