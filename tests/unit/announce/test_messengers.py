"""Messages through other people's services: Apprise itself, to a mail server and a web server on this machine."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.conftest import NOW
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.messengers import Messengers, Unsent, service_at
from tocsin.announce.outbox import Outbox
from tocsin.announce.rung import Rung
from tocsin.model.errors import BadSettings
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

Warn = Callable[..., Warning]
apprise_loads = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Told:
    """A service that keeps what it is told; `deaf`: it takes nothing."""

    def __init__(self, body_maxlen: int = 5_000) -> None:
        self.messages: list[tuple[str, str]] = []
        self.body_maxlen = body_maxlen
        self.deaf = False

    def notify(self, title: str, body: str) -> bool:
        if not self.deaf:
            self.messages.append((title, body))
        return not self.deaf


def made(folder: Path, zones: tuple[Zone, ...], service: Told, language: str = "en") -> Messengers:
    by_id = {zone.id: zone for zone in zones}
    return Messengers(
        "village",
        ["x://"],
        by_id,
        language=language,
        timezone=UTC,
        folder=folder,
        per_s_max=10,
        notify=lambda _: service,
    )


def tell(channel: Messengers, *warnings: Warning) -> None:
    asyncio.run(channel.send("x://", [public_warning(one) for one in warnings]))


def test_many_zones_that_change_at_once_are_one_message(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    tell(made(tmp_path, zones, service), *(warn(zone.id) for zone in zones))
    ((title, body),) = service.messages
    assert "Town 0" in title and "Town 5" in body


class Slow(Told):
    """Takes longer over a message than anybody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def notify(self, title: str, body: str) -> bool:
        self.let_go.wait(60)
        return super().notify(title, body)


def test_a_service_that_is_slower_than_an_attempt_tells_it_once_and_holds_up_no_other(
    tmp_path: Path, zones: tuple[Zone, ...], warn: Warn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.announce.outbox.SEND_S_MAX", 0.2)
    monkeypatch.setattr("tocsin.announce.outbox.BACK_OFF_FIRST_S", 0.01)
    monkeypatch.setattr("tocsin.announce.outbox.BACK_OFF_LAST_S", 0.01)
    slow, quick = Slow(), Told()
    services = {"slow://": slow, "quick://": quick}
    by_id = {zone.id: zone for zone in zones}
    channel = Messengers(
        "village",
        list(services),
        by_id,
        language="en",
        timezone=UTC,
        folder=tmp_path,
        per_s_max=100,
        notify=services.__getitem__,
    )

    async def has(service: Told, count: int) -> None:
        async with asyncio.timeout(60):
            while len(service.messages) < count:
                await asyncio.sleep(0.01)

    async def night() -> None:
        box = Outbox(channel, lambda: NOW, lambda: 0.5)
        serves = asyncio.create_task(box.run())
        box.offer(Batch(1, NOW, (warn("z1"),)))
        await has(quick, 1)
        # It is tried, and given up, again and again.
        await asyncio.sleep(0.5)
        box.offer(Batch(2, NOW, (warn("z1", "all_clear", 2, at_s=60),)))
        await has(quick, 2)
        assert slow.messages == []
        slow.let_go.set()
        await has(slow, 2)
        await asyncio.sleep(0.3)
        serves.cancel()

    asyncio.run(night())
    titles = [title for title, _ in slow.messages]
    assert len(titles) == 2 and titles[0] != titles[1]


def test_what_is_graver_is_told_first(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    channel = made(tmp_path, zones, service)
    tell(channel, warn("z3"))
    tell(channel, warn("z3", "all_clear", 2, at_s=60), warn("z1", "prepare"), warn("z2", at_s=60))
    assert [next(f"z{n}" for n in range(6) if f"Town {n}" in body) for _, body in service.messages] == [
        "z3", "z2", "z1", "z3",
    ]  # fmt: skip


def test_a_renewal_is_no_message(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    channel = made(tmp_path, zones, service)
    for revision in range(1, 5):
        tell(channel, warn("z1", revision=revision, at_s=revision * 60))
    assert len(service.messages) == 1
    tell(channel, warn("z1", "all_clear", 5, at_s=600))
    tell(channel, warn("z1", "all_clear", 5, at_s=600))
    assert len(service.messages) == 2


def test_no_end_is_told_without_its_start(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    tell(made(tmp_path, zones, service), warn("z1", "all_clear"))
    assert service.messages == []


def test_a_restart_wakes_nobody_and_the_end_still_comes(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    tell(made(tmp_path, zones, Told()), warn("z1"))
    service = Told()
    again = made(tmp_path, zones, service)
    tell(again, warn("z1", revision=2, at_s=60))
    assert service.messages == []
    tell(again, warn("z1", "all_clear", 3, at_s=120))
    assert len(service.messages) == 1


def test_a_stop_while_a_message_is_sent_loses_no_end(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    class Stopped(Told):
        def notify(self, title: str, body: str) -> bool:
            super().notify(title, body)
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        tell(made(tmp_path, zones, Stopped()), warn("z1"))
    service = Told()
    tell(made(tmp_path, zones, service), warn("z1", "all_clear", 2, at_s=60))
    assert len(service.messages) == 1


def test_a_damaged_memory_tells_once_more_and_goes_on(tmp_path: Path, warn: Warn) -> None:
    file = tmp_path / "village-0.json"
    file.write_bytes(b"\0half")
    rung = Rung(file)
    said = [public_warning(warn("z1"))]
    assert rung.news(said) == said
    rung.heard(said)
    assert Rung(file).news(said) == []


def test_after_the_loss_of_the_journal_a_warning_by_a_name_that_was_told_rings_and_ends_are_told(
    tmp_path: Path, warn: Warn
) -> None:
    file = tmp_path / "village-0.json"
    lost, new = (lambda: "lost"), (lambda: "new")
    stood, over = public_warning(warn("z1")), public_warning(warn("z2"))
    Rung(file, lost).heard([stood, over])
    assert Rung(file, lost).news([stood, over]) == []
    rung = Rung(file, new)
    end = public_warning(warn("z2", "all_clear", 2, at_s=60))
    assert rung.news([stood, end]) == [stood, end]
    rung.heard([stood, end])
    assert Rung(file, new).news([stood, end]) == []


def test_what_a_service_refused_is_sent_again(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    channel = made(tmp_path, zones, service)
    service.deaf = True
    with pytest.raises(Unsent):
        tell(channel, warn("z1"))
    service.deaf = False
    tell(channel, warn("z1"))
    assert len(service.messages) == 1


def test_a_drill_says_so_in_its_heading(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told()
    tell(made(tmp_path, zones, service, "de"), warn("z1"))
    ((title, body),) = service.messages
    assert title.startswith("ÜBUNG") and body.startswith("ÜBUNG") and "Stadt 1" in title


def test_who_takes_few_characters_gets_the_short_form(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    service = Told(body_maxlen=160)
    tell(made(tmp_path, zones, service), *(warn(zone.id) for zone in zones))
    ((title, body),) = service.messages
    assert title == "" and 0 < len(body) <= 160


@apprise_loads
def test_an_address_that_is_none_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadSettings) as refused:
        service_at("nowhere://user:secret@host")
    assert "secret" not in str(refused.value)


class Post:
    """A mail server that takes every message, and a web server that takes every request."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.posts: list[Any] = []

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                data = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
                self.mails.append(email.message_from_bytes(data, policy=email.policy.default))
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
            if word == b"QUIT":
                break
        writer.close()

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        self.posts.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def servers() -> AsyncIterator[tuple[Post, int, int]]:
    post = Post()
    async with (
        await asyncio.start_server(post.smtp, "127.0.0.1", 0) as mail,
        await asyncio.start_server(post.http, "127.0.0.1", 0) as web,
    ):
        yield post, mail.sockets[0].getsockname()[1], web.sockets[0].getsockname()[1]


def public(warning: Warning) -> PublicWarning:
    return public_warning(warning)


@apprise_loads
@pytest.mark.server
def test_mail_and_chat_hear_of_a_raid_from_start_to_end(tmp_path: Path, zones: tuple[Zone, ...], warn: Warn) -> None:
    async def raid() -> Post:
        async with servers() as (post, mail, web):
            urls = [
                f"mailto://127.0.0.1:{mail}?to=people@village.example&from=siren@village.example",
                f"json://127.0.0.1:{web}/",
            ]
            by_id = {zone.id: zone for zone in zones}
            channel = Messengers("village", urls, by_id, language="uk", timezone=UTC, folder=tmp_path, per_s_max=10)
            for url in urls:
                await channel.send(url, [public(warn("z1")), public(warn("z2"))])
            for url in urls:
                await channel.send(url, [public(warn("z1", "all_clear", 2, at_s=300))])
            return post

    post = asyncio.run(raid())
    assert len(post.mails) == len(post.posts) == 2
    subject, end = (mail["subject"] for mail in post.mails)
    assert "Town 1" in subject and "Town 2" in subject and "Town 1" in end and "Town 2" not in end
    assert [one["title"] for one in post.posts] == [subject, end]
    assert str(NOW + timedelta(minutes=2))[11:16] in post.posts[0]["message"]
