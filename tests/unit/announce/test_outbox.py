"""What the outbox says of itself: health, counts and lines in the log."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tests.some import some
from tocsin.announce import outbox as outbox_module
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch, Declined
from tocsin.announce.outbox import Outbox
from tocsin.announce.quality import Quality
from tocsin.bench.virtual_time import now, played
from tocsin.model.warning import Warning

SECRET = "https://hooks.example/token-4711"


class Line:
    """A channel to two recipients; `broken` says what is raised at each."""

    name = "line"
    quality: Quality
    recipients: Sequence[str] = (SECRET, "other")

    def __init__(self) -> None:
        self.broken: dict[str, BaseException] = {}
        self.sent: list[tuple[str, tuple[PublicWarning, ...]]] = []

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        if recipient in self.broken:
            raise self.broken[recipient]
        self.sent.append((recipient, tuple(warnings)))


def play(channel: Line, story: Callable[[Outbox], asyncio.Future[None] | object]) -> Outbox:
    """Run an outbox beside a story."""

    async def both() -> Outbox:
        outbox = Outbox(channel, now, lambda: 0.0)
        running = asyncio.create_task(outbox.run())
        await story(outbox)  # type: ignore[misc]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return outbox

    return played(both())


def batch(*warnings: Warning) -> Batch:
    return Batch(1, warnings[0].time, warnings)


def test_failing_and_getting_through_again_are_said_once_and_name_no_address(
    warn: Callable[..., Warning], caplog: pytest.LogCaptureFixture
) -> None:
    channel = Line()

    async def story(outbox: Outbox) -> None:
        channel.broken = {SECRET: OSError(f"cannot reach {SECRET}"), "other": OSError("no")}
        outbox.offer(batch(warn("z0")))
        await asyncio.sleep(5)
        assert outbox.health.state == "failing" and outbox.health.since == now() - timedelta(seconds=5)
        assert outbox.health.reason.startswith("2 of 2 fail: OSError")
        assert SECRET not in outbox.health.reason
        channel.broken.pop("other")
        await asyncio.sleep(30)
        assert outbox.health.state == "failing" and outbox.waiting == 1
        channel.broken.clear()
        await asyncio.sleep(30)
        assert outbox.health.state == "up" and outbox.waiting == 0

    with caplog.at_level(logging.WARNING):
        outbox = play(channel, story)
    assert len(caplog.records) == 2 and SECRET not in caplog.text
    assert "does not get through" in caplog.messages[0] and "gets through again" in caplog.messages[1]
    assert outbox.counts["delivered"] == 2 and outbox.counts["failed"] > 5


def test_attempts_come_ever_more_slowly_and_never_further_apart_than_ten_seconds(warn: Callable[..., Warning]) -> None:
    channel = Line()
    tried: list[float] = []

    async def send(recipient: str, warnings: Sequence[PublicWarning]) -> None:
        if recipient == SECRET:
            tried.append(asyncio.get_running_loop().time())
            raise OSError("no")

    channel.send = send  # type: ignore[method-assign]

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(warn("z0")))
        await asyncio.sleep(60)

    play(channel, story)
    waits = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert waits[:5] == [0.25, 0.5, 1.0, 2.0, 4.0] and set(waits[5:]) == {5.0}


def test_a_full_outbox_keeps_the_newest_of_every_zone_and_says_what_it_gave_up(
    warn: Callable[..., Warning], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "WAITING_MAX", 4)
    channel = Line()
    channel.broken = {SECRET: OSError("no")}

    async def story(outbox: Outbox) -> None:
        for revision in range(10):
            outbox.offer(batch(*(warn(f"z{zone}", revision=revision, at_s=revision) for zone in range(3))))
        await asyncio.sleep(1)
        assert outbox.waiting == 4
        channel.broken.clear()
        await asyncio.sleep(30)

    with caplog.at_level(logging.WARNING):
        outbox = play(channel, story)
    assert outbox.counts["superseded"] == 2 * (30 - 4)
    assert len([text for text in caplog.messages if "outbox is full" in text]) == 2
    for recipient in channel.recipients:
        last = [one.id for to, sent in channel.sent if to == recipient for one in sent][-3:]
        assert last == [f"z{zone}/1/9/take_cover" for zone in range(3)]


def test_more_zones_than_the_bound_still_wait_one_each(
    warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "WAITING_MAX", 2)
    channel = Line()

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(*(warn(f"z{zone}") for zone in range(6))))
        await asyncio.sleep(1)

    outbox = play(channel, story)
    assert outbox.counts["delivered"] == 12 and outbox.counts["superseded"] == 0


def test_an_old_word_that_comes_again_late_never_overtakes_the_newer_ones(warn: Callable[..., Warning]) -> None:
    channel = Line()
    story_of_z0 = [warn("z0", revision=revision, at_s=revision) for revision in range(20)]

    async def story(outbox: Outbox) -> None:
        for one in story_of_z0:
            outbox.offer(batch(one))
            await asyncio.sleep(1)
        outbox.offer(batch(story_of_z0[0]))
        await asyncio.sleep(1)

    assert play(channel, story).counts["delivered"] == 2 * 20


def test_what_expired_undelivered_is_said(warn: Callable[..., Warning], caplog: pytest.LogCaptureFixture) -> None:
    channel = Line()
    channel.broken = {SECRET: OSError("no"), "other": OSError("no")}

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(warn("z0")))
        await asyncio.sleep(3_600)
        assert outbox.waiting == 0

    with caplog.at_level(logging.ERROR):
        outbox = play(channel, story)
    assert outbox.counts["expired"] == 2 and "expired undelivered" in caplog.text


@pytest.mark.parametrize("trouble", [asyncio.CancelledError(), TimeoutError(), KeyError("x")])
def test_whatever_a_channel_raises_it_is_tried_again(warn: Callable[..., Warning], trouble: BaseException) -> None:
    channel = Line()
    channel.broken = {"other": trouble}

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(warn("z0")))
        await asyncio.sleep(5)
        channel.broken.clear()
        await asyncio.sleep(30)

    assert play(channel, story).counts["delivered"] == 2


def test_what_a_recipient_declines_keeps_neither_other_zones_nor_the_cover_of_its_own_from_him(
    warn: Callable[..., Warning],
) -> None:
    class Choosy(Line):
        async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
            if any((one.zone, one.level) in {("z3", "prepare"), ("z7", "prepare")} for one in warnings):
                raise Declined("it answers 422")
            await super().send(recipient, warnings)

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(*(warn(f"z{number}", "prepare") for number in range(20))))
        await asyncio.sleep(0.01)
        outbox.offer(batch(warn("z3", "take_cover", 2, at_s=1)))
        await asyncio.sleep(15)
        # What is declined alone is tried until it expires, and said.
        assert outbox.waiting == 2 and outbox.health.state == "failing"

    line = Choosy()
    outbox = play(line, story)
    for recipient in some(line.recipients):
        heard = [(one.zone, one.level) for who, sent in line.sent if who == recipient for one in sent]
        assert len(heard) == 19
        assert {zone for zone, _ in heard} == {f"z{number}" for number in range(20)} - {"z7"}
        assert ("z3", "take_cover") in heard
    assert outbox.counts["superseded"] == 2


def test_nothing_private_leaves(warn: Callable[..., Warning]) -> None:
    channel = Line()

    async def story(outbox: Outbox) -> None:
        outbox.offer(batch(warn("z0")))
        await asyncio.sleep(1)

    play(channel, story)
    (_, (one,)), *_ = channel.sent
    assert not {"reason", "tracks", "probability"} & set(one.__struct_fields__)
