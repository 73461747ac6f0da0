"""Files for a plain web server: whole, in order, no more than there should be, and nobody waits for the disk."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.cap_archive import PAGE
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.cap_press import Withheld
from tocsin.announce.channel import Batch
from tocsin.announce.static_files import Beside, Snapshot, StaticFiles
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Author, Issuer
from tocsin.model.effect import Degraded
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", languages=("en",))
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
Warn = Callable[..., Warning]


class Service:
    """The folded channels, and the files."""

    def __init__(self, zones: tuple[Zone, ...], folder: Path, beside: Callable[[], Iterable[Beside]] = tuple) -> None:
        self.board = Board(zones, drill=True)
        self.messages = CapMessages(Author(ISSUER, zones))
        drawn = WarnedMap(zones, self.board.public_map, ISSUER)
        self.files = StaticFiles(
            "files", folder, self.board, self.messages, drawn, lambda: NOW, every_s=0.01, beside=beside
        )
        self.seq = 0

    def hear(self, *effects: Any) -> None:
        self.seq += 1
        batch = Batch(self.seq, NOW, effects)
        self.board.fold(batch)
        self.messages.fold(batch)

    async def send(self) -> None:
        await self.files.send("", ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def service(zones: tuple[Zone, ...], folder: Path) -> Service:
    return Service(zones, folder)


def run(what: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(what, 120))


def links(folder: Path) -> list[str]:
    """Where the feeds say that messages are."""
    atom = etree.fromstring((folder / "feed.atom").read_bytes()).findall("{*}entry/{*}link")
    rss = etree.fromstring((folder / "feed.rss").read_bytes()).findall("channel/item/link")
    return [link.get("href") for link in atom] + [link.text for link in rss]


def test_files_show_what_stands_and_the_feeds_link_to_what_is_there(service: Service, folder: Path, warn: Warn) -> None:
    for number in range(2 * PAGE + 1):
        service.hear(warn("z0", revision=number, at_s=number), warn(f"z{1 + number % 5}", "prepare", number, number))
    run(service.send())
    zones = {one["zone"]: one for one in json.loads((folder / "v1/zones.json").read_text())["zones"]}
    assert zones["z0"]["level"] == "take_cover" and zones["z0"]["drill"] is True
    assert len(json.loads((folder / "v1/warnings.json").read_text())["warnings"]) == 6
    assert {one["id"] for one in json.loads((folder / "v1/warned.geojson").read_text())["features"]} == set(zones)
    assert len(json.loads((folder / "v1/outlines.geojson").read_text())["features"]) == 6
    assert all((folder / link.lstrip("/")).is_file() for link in some(links(folder)))
    pages, feed = 0, folder / "feed.atom"
    while (older := etree.fromstring(feed.read_bytes()).find("{*}link[@rel='prev-archive']")) is not None:
        feed = folder / older.get("href").lstrip("/")
        entries = etree.fromstring(feed.read_bytes()).findall("{*}entry/{*}link")
        assert all((folder / one.get("href").lstrip("/")).is_file() for one in some(entries))
        pages += 1
    assert pages == len(service.messages.archive.pages) > 1
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o644}
    assert not list(folder.rglob("*.part"))
    # Another run of the service finds them, and goes on.
    before = (folder / "feed.atom").read_bytes()
    run(service.send())
    assert (folder / "feed.atom").read_bytes() == before


def test_files_beside_are_made_again_only_where_they_changed_or_are_gone(zones: tuple[Zone, ...], folder: Path) -> None:
    versions, made = {"first": 1, "second": 1}, list[str]()

    def body(name: str) -> bytes:
        made.append(name)
        return f"{name} {versions[name]}".encode()

    service = Service(
        zones, folder, lambda: [Beside(f"/v1/proof/{one}", at, partial(body, one)) for one, at in versions.items()]
    )
    run(service.send())
    run(service.send())
    assert made == ["first", "second"]
    versions["second"] = 2
    run(service.send())
    assert made == ["first", "second", "second"]
    assert (folder / "v1/proof/second").read_text() == "second 2"
    (folder / "v1/proof/first").unlink()
    service.files._write_anew(Snapshot(service.board, service.messages, NOW))
    assert (folder / "v1/proof/first").read_text() == "first 1"


def test_messages_are_there_before_the_feeds_that_link_to_them(
    service: Service, folder: Path, warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    put = StaticFiles._put

    def noted(self: StaticFiles, path: str, body: bytes) -> bool:
        order.append(path)
        return put(self, path, body)

    monkeypatch.setattr(StaticFiles, "_put", noted)
    service.hear(warn("z0"), warn("z1", "prepare"))
    run(service.send())
    kinds = [path.split("/")[1] for path in order]
    assert kinds == ["cap", "cap", "feed.atom", "feed.rss", "v1", "v1", "v1", "v1"]


def test_what_did_not_change_is_not_written_again(service: Service, folder: Path, warn: Warn) -> None:
    service.hear(warn("z0"))
    run(service.send())
    inodes = {path: path.stat().st_ino for path in some(sorted(folder.rglob("*.*")))}
    run(service.send())
    assert {path: path.stat().st_ino for path in inodes} == inodes


def test_what_somebody_else_removed_or_changed_is_there_again(
    service: Service, folder: Path, warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.static_files.LOOKED_EVERY_S", 0.05)
    for number in range(2 * PAGE + 1):
        service.hear(warn("z0", revision=number, at_s=number))

    def files() -> dict[Path, bytes]:
        return {
            path: path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.suffix in (".xml", ".atom", ".rss")
        }

    async def night() -> tuple[dict[Path, bytes], dict[Path, bytes]]:
        working = asyncio.create_task(service.files.work())
        await service.send()
        before = files()
        for number, path in enumerate(some(before)):
            path.unlink() if number % 2 else path.write_bytes(b"changed")
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while files() != before:
                    await asyncio.sleep(0.02)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return before, files()

    before, after = asyncio.run(night())
    assert after == before


def test_messages_that_are_kept_no_more_are_removed_and_nothing_else_is(
    service: Service, folder: Path, warn: Warn
) -> None:
    service.messages.archive._kept_max = 5
    (folder / "cap").mkdir(parents=True)
    (folder / "cap" / "mine.xml").write_text("left alone")
    (folder / "cap" / "20250101T000000Z-0123456789abcdef.xml").write_text("of an earlier run")
    for number in range(30):
        service.hear(warn("z0", revision=number, at_s=number))
        run(service.send())
    left = sorted(path.stem for path in (folder / "cap").iterdir())
    served = {one.identifier for one in (*service.messages.archive.messages, *service.messages.archive.current)}
    assert left == sorted(served | {"mine"})
    assert len(left) < 10


def test_a_folder_that_cannot_be_written_is_said_and_written_once_it_can_be(
    service: Service, folder: Path, warn: Warn
) -> None:
    folder.write_text("a file stands in the way")
    service.hear(warn("z0"))
    with pytest.raises(OSError, match="www"):
        run(service.send())
    folder.unlink()
    run(service.send())
    assert some(links(folder))


def test_a_message_that_cannot_be_signed_is_in_no_file(
    service: Service, folder: Path, warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.hear(warn("z0"), warn("z1", "prepare"))
    withheld = service.messages.archive.messages[0].identifier
    made = service.messages.press.made

    def refuses(message: Any) -> bytes:
        if message.identifier == withheld:
            raise Withheld("no key")
        return made(message)

    monkeypatch.setattr(service.messages.press, "made", refuses)
    with pytest.raises(Withheld):
        run(service.send())
    assert not (folder / "cap" / f"{withheld}.xml").exists()
    assert len(list((folder / "cap").iterdir())) == 1, "the others are there"
    states = json.loads((folder / "v1/zones.json").read_text())["zones"]
    assert states[0]["level"] == "take_cover", "everything else goes on"

    async def works() -> None:
        working = asyncio.create_task(service.files.work())
        for level in ("prepare", "take_cover"):
            service.hear(warn("z3", level))
            while json.loads((folder / "v1/zones.json").read_text())["zones"][3]["level"] != level:
                assert not working.done()
                await asyncio.sleep(0.01)
        working.cancel()

    run(works())


def test_states_are_written_although_nobody_is_warned(service: Service, folder: Path) -> None:
    async def blinded() -> None:
        working = asyncio.create_task(service.files.work())
        while not (folder / "v1/zones.json").exists():
            await asyncio.sleep(0.01)
        service.hear(Degraded(time=NOW, zones=("z3",), reason="a radar is silent"))
        while not json.loads((folder / "v1/zones.json").read_text())["zones"][3]["degraded"]:
            await asyncio.sleep(0.01)
        working.cancel()

    run(blinded())
    assert json.loads((folder / "v1/warned.geojson").read_text())["degraded"] is True


def test_a_disk_that_hangs_holds_up_nobody_and_is_said(
    service: Service, folder: Path, warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = threading.Event()
    put = StaticFiles._put

    def hangs(self: StaticFiles, path: str, body: bytes) -> bool:
        back.wait(120)
        return put(self, path, body)

    monkeypatch.setattr(StaticFiles, "_put", hangs)

    async def meanwhile() -> None:
        service.hear(warn("z0"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(service.send(), 0.05)
        with pytest.raises(TimeoutError, match="hangs"):
            await service.send()
        back.set()
        while service.files._hanging:
            await asyncio.sleep(0.01)
        await service.send()

    run(meanwhile())
    assert some(links(folder))


def test_half_a_file_is_never_seen(service: Service, folder: Path, warn: Warn, monkeypatch: pytest.MonkeyPatch) -> None:
    service.hear(warn("z0"))
    run(service.send())
    before = (folder / "feed.atom").read_bytes()

    def full(self: Path, body: bytes) -> int:
        with self.open("wb") as file:
            file.write(body[:10])
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    service.hear(warn("z1", at_s=5))
    with pytest.raises(OSError, match="No space"):
        run(service.send())
    assert (folder / "feed.atom").read_bytes() == before
