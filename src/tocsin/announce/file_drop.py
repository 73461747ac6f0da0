"""Warnings as files in a folder, for whoever is licensed to transmit them: texts, cell broadcast, radio, satellite.

A file appears under its name only when it is whole. The folder keeps the newest FILES_MAX of ours; what others lay into
it stays. The same warnings make the same files, so that telling them again changes nothing. What was told last of each
zone is remembered: after a restart what stands is told again, in one moment now, and must not be transmitted again.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.delivery import KEPT_MAX
from tocsin.announce.forms.camf import around
from tocsin.announce.forms.files import Wanted, files_of, name_of
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.words import alike
from tocsin.model.errors import BadSettings
from tocsin.model.value import UNREADABLE, Time
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)
# A night of a country in every form and language; names begin with the time, so the newest are the last.
FILES_MAX = 20_000
# Nothing in them is secret, and whoever transmits them runs as somebody else.
FILE_MODE = 0o644
_OURS = re.compile(r"\d{8}T\d{6}Z-[a-z_]+-(drill-)?[0-9a-f]{8}\.[a-z0-9.]+")


class _Told(msgspec.Struct, frozen=True):
    """A warning that files were written of. With its time: who begins a new record may use an id again."""

    id: str
    time: Time


class FileDrop:
    """One recipient: a folder.

    name     its id in the settings
    memory   the file in which it keeps what it has told
    """

    name = "file_drop"
    quality = Quality(
        one_batch=done("test_the_warnings_of_a_tick_that_say_the_same_share_a_file"),
        order=done("test_the_names_of_files_sort_by_time"),
        idempotent=done("test_warnings_told_again_change_no_file"),
        bounded=done("test_the_folder_keeps_the_newest_of_our_files_and_all_of_others"),
        stands_alone=done("test_each_recipient_hears_each_zone_in_order_up_to_the_newest"),
        retries=done("test_a_folder_that_refuses_raises_and_leaves_no_half_file"),
        deadline=exempt("every form says when it was sent, or until when it holds"),
        receipts=exempt("a file that is there has arrived; who transmits it answers for the rest"),
        restart=done("test_what_stands_after_a_restart_is_in_no_new_file_and_what_follows_is"),
        drill=done("test_a_drill_stands_first_in_every_text_and_in_every_name"),
        private=done("test_no_form_holds_a_track_a_sensor_a_reason_or_a_probability"),
        blindness=exempt("a file tells of warnings; how blind we are is at GET /v1/zones and in the event stream"),
        languages=done("test_a_drill_stands_first_in_every_text_and_in_every_name"),
        proof=exempt("whoever may write into the folder is trusted by whoever reads it; give it to the service alone"),
    )

    def __init__(self, name: str, folder: Path, zones: Mapping[str, Zone], wanted: Wanted, memory: Path) -> None:
        self.name = name
        self.recipients = (str(folder),)
        self._zones = zones
        self._wanted = wanted
        self._memory = memory
        self._told = _read(memory)
        self._said: set[str] = set()
        # What the names of the files that tell of a warning begin with, by its id; None: those of an earlier run.
        self.written: dict[str, str | None] = {}

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Write the files that tell of these warnings. Raises OSError where the folder refuses."""
        await asyncio.to_thread(self._write, Path(recipient), warnings)

    async def work(self) -> None:
        """Work out beforehand, zone by zone, what would hold up the first warning of many."""
        for zone in self._zones.values() if "camf" in self._wanted.forms else ():
            with suppress(BadSettings):
                await asyncio.to_thread(around, zone.polygons)
        await asyncio.Event().wait()

    def _write(self, folder: Path, warnings: Sequence[PublicWarning]) -> None:
        old = [one for one in warnings if self._told.get(one.zone) == _Told(one.id, one.time)]
        ids = {one.id for one in old}
        # A new one each time: the listener reads the old one meanwhile.
        self.written = self.written | dict.fromkeys(ids - self.written.keys())
        if news := [one for one in warnings if one.id not in ids]:
            self._tell(folder, news)

    def _tell(self, folder: Path, news: Sequence[PublicWarning]) -> None:
        made = files_of(news, self._zones, self._wanted)
        for reason in made.left_out:
            if reason not in self._said:
                self._said.add(reason)
                log.warning("zones are left out of a form", channel=self.name, reason=reason)
        write_files(folder, made.files)
        prune(folder)
        written = dict(self.written)
        for group in alike(news):
            name = name_of(group, self._zones)
            written |= dict.fromkeys((one.id for one in group), name)
        self.written = dict(list(written.items())[-KEPT_MAX:])
        self._told |= {one.zone: _Told(one.id, one.time) for one in news}
        write_files(self._memory.parent, {self._memory.name: msgspec.json.encode(self._told)})


def _read(memory: Path) -> dict[str, _Told]:
    """What was told last, by zone; nothing where the file is not there or damaged: then it is told once more."""
    try:
        return msgspec.json.decode(memory.read_bytes(), type=dict[str, _Told])
    except (OSError, *UNREADABLE):
        return {}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files that appear whole or not at all; one that is there already as it is stays untouched. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        part = folder / f".{name}.part"
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.chmod(FILE_MODE)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def prune(folder: Path, files_max: int = FILES_MAX) -> None:
    """Remove the oldest of our files beyond so many."""
    ours = sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))
    for path in ours[: max(len(ours) - files_max, 0)]:
        path.unlink(missing_ok=True)
