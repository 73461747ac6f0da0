"""What systemd is told (sd_notify(3)): that the service is ready, lives, and stops. Nothing where it did not ask."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"


def notify(state: str) -> None:
    """Send one state; never waits, and never fails: a manager that does not listen must stop no warning."""
    if not (address := os.environ.get("NOTIFY_SOCKET")):
        return
    # An address that begins with @ is one of Linux's abstract names.
    where = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender, suppress(OSError):
        sender.sendto(state.encode(), where)
