"""The outbox's numbers: how much goes in one message, how long an attempt may take, what is remembered."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
import pytest

from tocsin.announce import outbox as outbox_module
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.outbox import KNOWN_PER_ZONE, SEND_S_MAX, SENT_MAX, WAITING_MAX, Outbox
from tocsin.announce.quality import Quality
from tocsin.bench.virtual_time import now, played
from tocsin.model.warning import Warning


class Line:
    """A channel to one recipient that does as told: `answer` says how long an attempt takes, and whether it fails."""

    name = "line"
    quality: Quality
    recipients: Sequence[str] = ("one",)

    def __init__(self, answer: Callable[[int], float | Exception] = lambda _: 0.0) -> None:
        self.answer = answer
        self.tried_s: list[float] = []
        self.sent: list[list[str]] = []

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        self.tried_s.append(asyncio.get_running_loop().time())
        said = self.answer(len(self.tried_s) - 1)
        if isinstance(said, Exception):
            raise said
        await asyncio.sleep(said)
        self.sent.append([one.id for one in warnings])


def play(channel: Line, *offered: Sequence[Warning], jitter: float = 0.0, lasts_s: float = 3_000.0) -> Outbox:
    """Offer ticks, all at one moment, and let everything settle."""

    async def both() -> Outbox:
        outbox = Outbox(channel, now, lambda: jitter)
        for warnings in offered:
            outbox.offer(Batch(1, warnings[0].time, tuple(warnings)))
        running = asyncio.create_task(outbox.run())
        await asyncio.sleep(lasts_s)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return outbox

    return played(both())


def test_whole_ticks_share_a_message_up_to_five_hundred_warnings_and_a_larger_tick_goes_whole(
    warn: Callable[..., Warning],
) -> None:
    def tick(name: str, size: int) -> list[Warning]:
        return [warn(f"{name}{number}") for number in range(size)]

    channel = Line()
    play(channel, tick("a", 300), tick("b", 200), tick("c", 1), tick("d", 600), tick("e", 500))
    assert [len(ids) for ids in channel.sent] == [500, 1, 600, 500]
    assert SENT_MAX == 500


def test_a_zone_comes_but_once_in_a_message_and_its_words_in_order(warn: Callable[..., Warning]) -> None:
    channel = Line()
    play(channel, [warn("z0")], [warn("z1")], [warn("z0", revision=2, at_s=1)], [warn("z2", at_s=1)])
    assert channel.sent == [
        ["z0/1/1/take_cover", "z1/1/1/take_cover"],
        ["z0/1/2/take_cover", "z2/1/1/take_cover"],
    ]


@pytest.mark.parametrize(("takes_s", "fails"), [(SEND_S_MAX - 0.01, False), (SEND_S_MAX + 0.01, True)])
def test_an_attempt_has_ten_seconds(warn: Callable[..., Warning], takes_s: float, fails: bool) -> None:
    channel = Line(lambda number: takes_s if number == 0 else 0.0)
    outbox = play(channel, [warn("z0")], lasts_s=60)
    assert (outbox.counts["failed"], outbox.counts["delivered"]) == (int(fails), 1)
    if fails:
        # Given up after ten seconds, and tried again a quarter of a second later.
        assert channel.tried_s[1] - channel.tried_s[0] == pytest.approx(10.25)


@pytest.mark.parametrize(
    ("patience_s", "says", "heard"),
    [(60.0, "", "no answer within 10 s"), (5.0, "", "no answer within 5 s"), (0.0, "the disk hangs", "the disk hangs")],
)
def test_who_does_not_answer_is_said_to_have_had_the_time_that_he_had(
    warn: Callable[..., Warning], patience_s: float, says: str, heard: str
) -> None:
    class Impatient(Line):
        async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
            await asyncio.sleep(patience_s)
            raise TimeoutError(says)

    assert play(Impatient(), [warn("z0")], lasts_s=60).health.reason == f"1 of 1 fail: {heard}"


@pytest.mark.parametrize(("jitter", "waits_s"), [(0.0, [0.25, 0.5, 1, 2, 4, 5, 5]), (1.0, [0.5, 1, 2, 4, 8, 10, 10])])
def test_waits_are_spread_between_the_half_and_the_whole(
    warn: Callable[..., Warning], jitter: float, waits_s: list[float]
) -> None:
    channel = Line(lambda _: OSError("no"))
    play(channel, [warn("z0")], jitter=jitter, lasts_s=60)
    waits = [later - earlier for earlier, later in itertools.pairwise(channel.tried_s)]
    assert waits[:7] == pytest.approx(waits_s)


def test_after_a_success_waiting_begins_anew(warn: Callable[..., Warning]) -> None:
    fails = {0, 1, 2, 4}
    channel = Line(lambda number: OSError("no") if number in fails else 0.0)
    play(channel, [warn("z0")], [warn("z0", revision=2, at_s=1)], jitter=1.0, lasts_s=60)
    waits = [later - earlier for earlier, later in itertools.pairwise(channel.tried_s)]
    assert waits == pytest.approx([0.5, 1.0, 2.0, 0.0, 0.5])


def test_what_expires_now_is_not_sent_any_more(warn: Callable[..., Warning]) -> None:
    one = warn("z0")

    async def story(left: timedelta) -> Outbox:
        begun, channel = now(), Line()
        outbox = Outbox(channel, lambda: begun, lambda: 0.0)
        outbox.offer(Batch(1, begun, (msgspec.structs.replace(one, time=begun, expires=begun + left),)))
        running = asyncio.create_task(outbox.run())
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return outbox

    assert played(story(timedelta(0))).counts == {"expired": 1}
    assert played(story(timedelta(microseconds=1))).counts == {"delivered": 1}


def test_the_last_words_on_a_zone_are_known_when_they_come_again(warn: Callable[..., Warning]) -> None:
    channel = Line()
    words = [[warn("z0", revision=number)] for number in range(KNOWN_PER_ZONE)]
    assert play(channel, *words, *words).counts == {"delivered": KNOWN_PER_ZONE}
    assert KNOWN_PER_ZONE == 8


def test_two_words_of_one_moment_are_both_told(warn: Callable[..., Warning]) -> None:
    channel = Line()
    play(channel, [warn("z0")], [warn("z0", "all_clear", revision=2)])
    assert channel.sent == [["z0/1/1/take_cover"], ["z0/1/2/all_clear"]]


def test_no_more_is_given_up_than_room_asks_for(warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "WAITING_MAX", 3)
    channel = Line()
    words = [[warn("z0", revision=number, at_s=number)] for number in range(5)]
    outbox = play(channel, *words)
    assert outbox.counts == {"superseded": 2, "delivered": 3}
    assert [name for ids in channel.sent for name in ids] == [f"z0/1/{number}/take_cover" for number in (2, 3, 4)]
    assert WAITING_MAX == 10_000


def test_a_recipient_that_is_away_for_a_whole_night_hears_it_when_it_is_back(warn: Callable[..., Warning]) -> None:
    # More failures than a wait could ever be doubled.
    channel = Line(lambda number: OSError("no") if number < 1_200 else 0.0)
    one = warn("z0")
    lasting = msgspec.structs.replace(one, expires=one.expires + timedelta(days=1))
    assert play(channel, [lasting], lasts_s=20_000).counts == {"failed": 1_200, "delivered": 1}


def test_what_is_superseded_while_it_is_under_way_is_not_counted_twice(
    warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox_module, "WAITING_MAX", 1)
    channel = Line(lambda _: 5.0)

    async def story() -> Outbox:
        outbox = Outbox(channel, now, lambda: 0.0)
        running = asyncio.create_task(outbox.run())
        for number in range(4):
            # The second of each pair takes the place of the first, which is under way.
            outbox.offer(Batch(1, now(), (warn("z0", revision=number, at_s=number),)))
            await asyncio.sleep(1 if number % 2 == 0 else 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return outbox

    with caplog.at_level(logging.WARNING):
        assert played(story()).counts == {"superseded": 2, "delivered": 2}
    assert channel.sent == [[f"z0/1/{number}/take_cover"] for number in range(4)]
    # It was empty in between: that it is full again is news.
    assert len([text for text in caplog.messages if "outbox is full" in text]) == 2
