"""Looks into the folder of files as whoever transmits them does: what is there, whole, by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from tocsin.announce.sample import Ear

EVERY_S = 2.0
SILENT_S = 10.0
LATE_S = 15.0


class FilesListener:
    """Lists a folder.

    told_in   what the names of the files that tell of a warning begin with, by its id; None: those of an earlier run,
              which whoever transmits them may have taken away
    """

    late_s = LATE_S
    silent_s = SILENT_S

    def __init__(self, channel: str, folder: Path, told_in: Callable[[], Mapping[str, str | None]]) -> None:
        self.channel = channel
        self._folder = folder
        self._told_in = told_in

    async def listen(self, ear: Ear) -> None:
        """Until cancelled, or the folder cannot be read."""
        while True:
            there = await asyncio.to_thread(self._look)
            ear.alive()
            ear.heard([one for one, name in self._told_in().items() if name is None or name in there])
            await asyncio.sleep(EVERY_S)

    def _look(self) -> set[str]:
        """What the names of the files that hold something begin with. Raises OSError where they cannot be read."""
        if not self._folder.exists():
            return set()
        found = [at for at in self._folder.iterdir() if not at.name.startswith(".") and at.stat().st_size]
        for newest in sorted(found)[-1:]:
            newest.read_bytes()
        return {at.name.partition(".")[0] for at in found}
