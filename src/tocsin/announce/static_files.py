"""What the public may read, as files in a folder: for a plain web server or a CDN, when ours is far away or fails.

    v1/zones.json  v1/warnings.json  v1/outlines.geojson  v1/warned.geojson
    feed.atom  feed.rss  feed/NAME.atom  cap/IDENTIFIER.xml
    v1/proof/…, where there is a public log

Order     messages before the feeds that link to them, feeds before the states; every file is whole at every moment
Retries   those of the outbox, and every `every_s` seconds whatever has changed; what somebody else removed or changed
          is there again within LOOKED_EVERY_S
Bounds    the files of what the service keeps; older ones of its own are removed; one write at a time
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tocsin.announce.atom_feed import archived, cap_path, feed, page_path
from tocsin.announce.board import Board
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.cap_archive import Page
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.cap_press import Withheld
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.rss_feed import rss
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Message
from tocsin.model.warning import ZoneState

# Of other programs, as a web server's; what is in them is public.
FILE_MODE, FOLDER_MODE = 0o644, 0o755
PART = ".part"
# How often it is looked whether what was written is still there as it was.
LOOKED_EVERY_S = 10.0
# What `cap_archive` calls its messages; a stranger's file in the folder is left alone.
OURS = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{16}")


class _Written(NamedTuple):
    """What was written, and how the file is told from one that somebody has changed."""

    content: int
    stamp: tuple[int, int, int]


class Beside(NamedTuple):
    """A file that belongs beside these: its path, what changes when its body does, and what makes the body."""

    path: str
    version: object
    body: Callable[[], bytes]


class Snapshot:
    """What there is to be shown at one moment; taken on the event loop, written elsewhere."""

    def __init__(self, board: Board, messages: CapMessages, now: datetime) -> None:
        archive = messages.archive
        self.drill, self.picture_at, self.degraded = board.drill, board.picture_at, board.degraded(now)
        self.zones_json, self.warnings_json = board.state_json(now), board.warnings_json()
        self.warned: Sequence[ZoneState] = board.warned()
        self.current, self.pages = archive.current, archive.pages
        self.messages: Mapping[str, Message] = {
            cap_path(one): one for one in (*archive.current, *(one for page in self.pages for one in page.messages))
        }

    def page(self, name: str | None = None) -> Page | None:
        """The newest page; no other is asked for."""
        assert name is None
        return self.pages[-1] if self.pages else None


class StaticFiles:
    """The channel.

    url       how the outside reaches the folder, without a slash at the end; empty: feeds link relatively
    every_s   how often the states are written although nobody was warned: they say how old the picture is
    beside    further files, in the order in which they must be there; called where they are written
    """

    name = "static"
    quality = Quality(
        one_batch=done("test_files_show_what_stands_and_the_feeds_link_to_what_is_there"),
        order=done("test_messages_are_there_before_the_feeds_that_link_to_them"),
        idempotent=done("test_what_did_not_change_is_not_written_again"),
        bounded=done("test_messages_that_are_kept_no_more_are_removed_and_nothing_else_is"),
        stands_alone=done("test_a_disk_that_hangs_holds_up_nobody_and_is_said"),
        retries=done("test_a_folder_that_cannot_be_written_is_said_and_written_once_it_can_be"),
        deadline=exempt("every state and message carries its expiry, and the picture its time"),
        receipts=exempt("whoever reads the files is not known to us"),
        restart=done("test_files_show_what_stands_and_the_feeds_link_to_what_is_there"),
        drill=done("test_files_show_what_stands_and_the_feeds_link_to_what_is_there"),
        private=exempt("it writes what the public routes answer, and nothing else"),
        blindness=done("test_states_are_written_although_nobody_is_warned"),
        languages=exempt("it writes what the public routes answer, and nothing else"),
        proof=done("test_a_message_that_cannot_be_signed_is_in_no_file"),
    )

    def __init__(
        self,
        name: str,
        folder: Path,
        board: Board,
        messages: CapMessages,
        warned_map: WarnedMap,
        now: Callable[[], datetime],
        *,
        url: str = "",
        every_s: float = 1.0,
        beside: Callable[[], Iterable[Beside]] = tuple,
    ) -> None:
        self.name = name
        self.recipients = (str(folder),)
        self._folder = folder
        self._board = board
        self._messages = messages
        self._warned_map = warned_map
        self._now = now
        self._url = url
        self._every_s = every_s
        self._beside = beside
        self._versions: dict[str, object] = {}
        self._lock = asyncio.Lock()
        self._hanging = False
        self._written: dict[str, _Written] = {}
        self._looked_s = 0.0

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Write what stands now, these warnings among it. Raises OSError, TimeoutError and Withheld."""
        await self._do(self._write_all)

    async def work(self) -> None:
        """Write the states again and again, until cancelled."""
        await self._go_on(self._write_all)
        while True:
            await asyncio.sleep(self._every_s)
            loop = asyncio.get_running_loop()
            look = loop.time() - self._looked_s >= LOOKED_EVERY_S
            if look:
                self._looked_s = loop.time()
            await self._go_on(self._write_anew if look else self._write_states)

    async def _go_on(self, write: Callable[[Snapshot], None]) -> None:
        """Have it written; that a message is withheld is said where it is sent, and stops nothing here."""
        with suppress(Withheld):
            await self._do(write)

    async def _do(self, write: Callable[[Snapshot], None]) -> None:
        """Have something written in a thread of its own, which may be left behind on a disk that hangs."""
        async with self._lock:
            if self._hanging:
                raise TimeoutError("the disk hangs on what was written before")
            snapshot = Snapshot(self._board, self._messages, self._now())
            loop = asyncio.get_running_loop()
            done: asyncio.Future[None] = loop.create_future()
            self._hanging = True

            def run() -> None:
                error: Exception | None = None
                try:
                    write(snapshot)
                except Exception as raised:  # noqa: BLE001 - it is raised again where it is awaited
                    error = raised
                # The loop may be closed by then.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._finish, done, error)

            threading.Thread(target=run, name=f"files of {self.name}", daemon=True).start()
            await done

    def _finish(self, done: asyncio.Future[None], error: Exception | None) -> None:
        self._hanging = False
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def _write_anew(self, snapshot: Snapshot) -> None:
        """Write everything that somebody else has removed or changed since."""
        for path, written in list(self._written.items()):
            try:
                found = _stamp(self._folder / path.lstrip("/"))
            except FileNotFoundError:
                found = None
            if found != written.stamp:
                del self._written[path]
        self._write_all(snapshot)

    def _write_all(self, snapshot: Snapshot) -> None:
        author = self._messages.author
        withheld = self._write_messages(snapshot)
        paths = {page_path(page.name) for page in snapshot.pages}
        for page in reversed(snapshot.pages):
            written = self._put(page_path(page.name), archived(page, author, self._url, drill=snapshot.drill))
            if not written and paths <= self._written.keys():
                # Those before it were written when it was.
                break
        self._put("/feed.atom", feed(snapshot, author, self._url, drill=snapshot.drill))
        self._put("/feed.rss", rss(snapshot, author, self._url, drill=snapshot.drill))
        self._write_states(snapshot)
        if "/v1/outlines.geojson" not in self._written:
            self._put("/v1/outlines.geojson", self._board.outlines_geojson())
        self._write_beside()
        self._remove_old(snapshot)
        if withheld is not None:
            raise withheld

    def _write_beside(self) -> None:
        for one in self._beside():
            if one.path not in self._written or self._versions.get(one.path) != one.version:
                self._put(one.path, one.body())
                self._versions[one.path] = one.version

    def _write_messages(self, snapshot: Snapshot) -> Withheld | None:
        """Write those that are not there; why one is missing, which keeps no other away."""
        missing = None
        for path, message in snapshot.messages.items():
            if path in self._written:
                continue
            try:
                self._put(path, self._messages.press.made(message))
            except Withheld as error:
                missing = error
        return missing

    def _write_states(self, snapshot: Snapshot) -> None:
        self._put("/v1/warnings.json", snapshot.warnings_json)
        drawn = self._warned_map.geojson(
            snapshot.warned, picture_at=snapshot.picture_at, degraded=snapshot.degraded, drill=snapshot.drill
        )
        self._put("/v1/warned.geojson", drawn)
        self._put("/v1/zones.json", snapshot.zones_json)

    def _put(self, path: str, body: bytes) -> bool:
        """Write a file where it differs from what was written; whether it does. Whole or not at all."""
        known, written = hash(body), self._written.get(path)
        if written is not None and written.content == known:
            return False
        at = self._folder / path.lstrip("/")
        at.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        part = at.with_name(at.name + PART)
        part.write_bytes(body)
        part.chmod(FILE_MODE)
        part.replace(at)
        self._written[path] = _Written(known, _stamp(at))
        return True

    def _remove_old(self, snapshot: Snapshot) -> None:
        """Remove messages and pages of ours, by their names, that are kept no more: those of an earlier run, too."""
        kept = {*snapshot.messages, *(page_path(page.name) for page in snapshot.pages)}
        for folder, ending in (("cap", ".xml"), ("feed", ".atom")):
            for at in (self._folder / folder).glob(f"*{ending}"):
                path = f"/{folder}/{at.name}"
                if path not in kept and OURS.fullmatch(at.stem):
                    at.unlink(missing_ok=True)
                    self._written.pop(path, None)


def _stamp(at: Path) -> tuple[int, int, int]:
    """When a file was changed, its size and its number on the disk. Raises FileNotFoundError."""
    found = at.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
