"""Who only asks whether a journal is written keeps nobody from writing it."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from tocsin.command.surroundings import holder
from tocsin.journal.durable import Lock
from tocsin.model.errors import JournalError


def test_a_lock_that_is_asked_about_is_held_all_the_same_and_one_that_is_held_is_not(tmp_path: Path) -> None:
    path = tmp_path / "journal.db.lock"
    path.touch()
    asking = os.open(path, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)
    threading.Timer(0.05, os.close, [asking]).start()
    lock = Lock(path)
    assert holder(tmp_path / "journal.db") == str(os.getpid())
    (tmp_path / "other.db").symlink_to(tmp_path / "journal.db")
    assert holder(tmp_path / "other.db") == str(os.getpid())
    begun_s = time.monotonic()
    with pytest.raises(JournalError, match=f"by process {os.getpid()}"):
        Lock(path)
    assert time.monotonic() - begun_s < 60
    lock.release()
    assert holder(tmp_path / "journal.db") is None
