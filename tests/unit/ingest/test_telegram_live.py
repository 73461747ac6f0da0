"""Channels read through an account, with a stand-in for its client: what is told, missed, edited, and said to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.some import some
from tocsin.ingest import telegram_live
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.source import Deliver
from tocsin.ingest.telegram_live import TelegramSource
from tocsin.ingest.telethon_client import TelethonClient
from tocsin.model.errors import BadSettings
from tocsin.model.observation import ChannelReport, Observation

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


@dataclass
class Post:
    """A message as the client gives it."""

    id: int
    message: str | None
    age_s: float = 10.0
    edit_date: datetime | None = None
    reply_to_msg_id: int | None = None

    @property
    def date(self) -> datetime:
        return NOW - timedelta(seconds=self.age_s)


@dataclass
class Entity:
    id: int


@dataclass
class Account:
    """A client of one channel, `suburbs`, that has these posts; `post` tells of one, as Telegram does."""

    posts: list[Post] = field(default_factory=list)
    signed_in: bool = True
    connected: bool = False
    heard: Callable[[int, Any, bool], None] | None = None

    async def connect(self) -> None:
        self.connected = True

    async def disconnect(self) -> None:
        self.connected = False

    def is_connected(self) -> bool:
        return self.connected

    async def is_user_authorized(self) -> bool:
        return self.signed_in

    async def get_entity(self, entity: str) -> Entity:
        assert entity == "suburbs"
        return Entity(7)

    async def get_messages(self, entity: Entity, limit: int) -> Sequence[Any]:
        return sorted(self.posts, key=lambda one: -one.id)[:limit]

    def listen(self, channels: Sequence[Any], heard: Callable[[int, Any, bool], None]) -> None:
        self.heard = heard

    def post(self, post: Post, *, edited: bool = False, channel: int = 7) -> None:
        assert self.heard is not None
        self.heard(channel, post, edited)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_live, "PULSE_S", 0.01)
    monkeypatch.setattr(telegram_live, "LOOK_EVERY_S", 0.05)


def read(
    account: Account,
    *acts: Callable[[], None],
    rejects: Rejects | None = None,
    fails: int = 0,
    allowed: list[int] | None = None,
) -> list[ChannelReport]:
    """The lines of an account during which these acts follow each other; the first `fails` deliveries are refused.

    allowed   how many of the first deliveries that hold something are taken; the rest of each is over the rate
    """
    source = TelegramSource(
        "watch", lambda: account, ["suburbs"], rejects or Rejects(), clock=NOW.timestamp
    )  # fmt: skip
    lines: list[ChannelReport] = []
    left, allowances = fails, [] if allowed is None else allowed

    async def deliver(observations: list[Observation]) -> range:
        nonlocal left
        if observations and left:
            left -= 1
            raise OSError("the disk is full")
        taken = allowances.pop(0) if observations and allowances else len(observations)
        lines.extend(one for one in observations[:taken] if isinstance(one, ChannelReport))
        return range(taken, len(observations))

    async def story() -> None:
        task = asyncio.create_task(_kept_running(source, deliver))
        await _idle()
        for act in acts:
            act()
            await _idle()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
    return lines


async def _idle() -> None:
    """Until all that can be done has been done; turns of the loop, for a busy machine may have slept all the time."""
    for _ in range(10):
        await asyncio.sleep(0.01)


async def _kept_running(source: TelegramSource, deliver: Deliver) -> None:
    while True:
        try:
            await source.run(deliver)
        except OSError:
            await asyncio.sleep(0.01)


def told(lines: Sequence[ChannelReport]) -> list[tuple[str, str, bool]]:
    return [(one.id, one.text, one.edited) for one in lines]


def test_what_was_posted_while_we_were_away_comes_first_and_oldest_first_but_nothing_that_can_change_no_warning() -> (
    None
):
    account = Account(
        [Post(1, "last night", age_s=9_000), Post(3, "two more", age_s=5), Post(2, "drone, Brim", age_s=60)]
    )
    account.posts[1].reply_to_msg_id = 2
    lines = read(account)
    assert told(lines) == [("suburbs/2", "drone, Brim", False), ("suburbs/3", "two more", False)]
    assert [one.reply_to for one in lines] == [None, "suburbs/2"]
    assert all((one.source, one.channel) == ("watch", "suburbs") for one in some(lines))
    assert lines[0].time == NOW - timedelta(seconds=60)


def test_what_is_posted_is_told_once_though_every_look_finds_it_again_and_an_edit_replaces_it() -> None:
    account = Account()
    first, edited = Post(4, "drone, Brim"), Post(4, "drone, Cole", edit_date=NOW)

    def posted() -> None:
        account.posts = [first]
        account.post(first)

    def changed() -> None:
        account.posts = [edited]
        account.post(edited, edited=True)

    assert told(read(account, posted, changed)) == [
        ("suburbs/4", "drone, Brim", False),
        ("suburbs/4", "drone, Cole", True),
    ]


def test_an_edit_that_telegram_did_not_tell_of_is_found_by_looking() -> None:
    account = Account([Post(4, "drone, Brim")])

    def changed() -> None:
        account.posts = [Post(4, "drone, Cole")]

    assert told(read(account, changed))[1:] == [("suburbs/4", "drone, Cole", True)]


def test_a_line_that_breaks_is_made_anew_and_what_was_missed_is_told() -> None:
    account = Account()

    def broken() -> None:
        account.posts = [Post(5, "missile, Cole")]
        account.connected = False

    assert told(read(account, broken)) == [("suburbs/5", "missile, Cole", False)]


def test_what_could_not_be_kept_is_told_again() -> None:
    assert told(read(Account([Post(5, "missile, Cole")]), fails=2)) == [("suburbs/5", "missile, Cole", False)]


def test_what_is_over_the_rate_is_told_later_once_and_as_it_was_last_written() -> None:
    posts = [Post(number, f"drone {number}", age_s=60 - number) for number in range(1, 16)]
    account = Account(posts)
    lines = told(read(account, allowed=[10, 3]))
    assert lines == [(f"suburbs/{post.id}", post.message, False) for post in posts]


def test_of_a_post_that_waits_only_the_edit_is_told() -> None:
    account, none = Account([Post(2, "drone, Brim")]), [0] * 1_000

    def changed() -> None:
        account.posts = [Post(2, "drone, Cole", edit_date=NOW)]
        account.post(account.posts[0], edited=True)

    assert told(read(account, changed, none.clear, allowed=none)) == [("suburbs/2", "drone, Cole", True)]


def test_a_post_that_only_telegram_told_of_is_not_lost_to_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_live, "LOOK_EVERY_S", 1_000.0)
    account = Account()

    def posted() -> None:
        for number in range(1, 4):
            account.post(Post(number, f"drone {number}"))

    lines = told(read(account, posted, allowed=[1, 1]))
    assert [name for name, _, _ in lines] == ["suburbs/1", "suburbs/2", "suburbs/3"]


def test_every_post_is_accounted_for() -> None:
    rejects, account = Rejects(), Account([Post(1, None), Post(2, " "), Post(3, "a lone half \ud800")])
    lines = read(account, lambda: account.post(Post(9, "another's"), channel=8), rejects=rejects)
    assert told(lines) == [("suburbs/3", "a lone half ?", False)]
    assert rejects.account.balanced
    assert rejects.account.passed_over == 3


def test_an_account_that_is_not_signed_in_says_how() -> None:
    source = TelegramSource("watch", lambda: Account(signed_in=False), ["suburbs"], Rejects())
    with pytest.raises(BadSettings, match="tocsin text sign-in"):
        asyncio.run(source.run(lambda observations: asyncio.sleep(0)))


def test_what_is_no_session_is_refused_without_being_told() -> None:
    pytest.importorskip("telethon")
    with pytest.raises(BadSettings, match="sign in again") as refused:
        TelethonClient("1not-a-session", 1, "hash")
    assert "not-a-session" not in str(refused.value)
