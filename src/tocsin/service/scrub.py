"""Reads the whole journal behind the running service, soon after the start and once a day, and says what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from tocsin.journal.check import check
from tocsin.model.errors import TocsinError

log = structlog.get_logger(__name__)

# People come first: the start has other things to do, and a page of a thousand events is followed by a rest.
FIRST_AFTER_S = 5.0
EVERY_S = 86_400.0
REST_S = 0.02


class _Stopped(Exception):
    """The service ends."""


class Scrub:
    """Checks the journal at `path` in a thread of its own.

    trouble   what is wrong with it, as of the last time it was read, in a sentence; None: nothing, or not yet read
    read      how often it has been read to its end
    """

    def __init__(
        self, path: Path, *, held: Callable[[], bool] = lambda: False, first_after_s: float = FIRST_AFTER_S
    ) -> None:
        """`held` is asked whether events are held in memory that the disk refuses."""
        self.trouble: str | None = None
        self.read = 0
        self._path = path
        self._held = held
        self._wait_s = first_after_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scrub", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, in the middle of it if need be."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._wait_s):
            try:
                found = list(check(self._path, self._rest, held=self._held))
            except _Stopped:
                return
            except (TocsinError, OSError) as error:
                found = [str(error)]
            for one in found:
                log.error("the journal is damaged", reason=one)
            self.trouble = None if not found else _said(found)
            self.read += 1
            self._wait_s = EVERY_S

    def _rest(self) -> None:
        if self._stopping.wait(REST_S):
            raise _Stopped


def _said(found: list[str]) -> str:
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"the journal is damaged: {found[0]}{more}; `tocsin journal check` says all of it"
