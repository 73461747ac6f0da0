"""Threads that give way to the engine's."""

from __future__ import annotations

import os
import threading


def give_way() -> None:
    """Let this thread, and every thread it starts from now on, run only where nothing more urgent does: the picture
    goes on, however many strangers guess passwords and however many ways in are looked along."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
