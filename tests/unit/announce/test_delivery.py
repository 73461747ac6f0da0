"""What became of a warning on a channel, as the outbox tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tocsin.announce import delivery as delivery_module
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.delivery import Delivery, Happened
from tocsin.announce.outbox import Outbox
from tocsin.announce.quality import Quality
from tocsin.bench.virtual_time import START, now, played
from tocsin.model.warning import Warning


class Sirens:
    """Recipients that answer after as many seconds as their name says; `dead` never do."""

    name = "sirens"
    quality: Quality

    def __init__(self, *recipients: str) -> None:
        self.recipients = recipients

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        if recipient == "dead":
            raise ConnectionError("no answer")
        await asyncio.sleep(float(recipient))


def play(channel: Sirens, *warnings: Warning, lasts_s: float = 30.0) -> tuple[Delivery, list[Happened]]:
    """The evidence after some seconds, and the record."""

    async def story() -> tuple[Delivery, list[Happened]]:
        told: list[Happened] = []
        outbox = Outbox(channel, now, lambda: 0.0, delivery=Delivery("sirens", now, told.append))
        running = asyncio.create_task(outbox.run())
        outbox.offer(Batch(1, now(), warnings))
        await asyncio.sleep(lasts_s)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return outbox.delivery, told

    return played(story())


def after(seconds: float) -> object:
    return START + timedelta(seconds=seconds)


def test_when_half_and_nearly_all_had_it_is_known_of_each_warning(warn: Callable[..., Warning]) -> None:
    delivery, told = play(Sirens("1", "2", "3", "4"), warn("z0"))
    one = delivery.find("z0/1/1/take_cover")
    assert one is not None
    assert (one.queued, one.sent, one.accepted) == (START, START, after(4))
    assert (one.recipients, one.accepted_by, one.failed, one.given_up) == (4, 4, 0, 0)
    assert one.time_to_s == {"50": 2.0, "90": 4.0, "99": 4.0}
    assert [each.stage for each in told] == ["queued", *["accepted"] * 4]
    assert [each.recipient for each in told] == [None, 0, 1, 2, 3]


def test_a_recipient_that_is_never_reached_is_no_time_and_no_silence(warn: Callable[..., Warning]) -> None:
    delivery, told = play(Sirens("1", "dead"), warn("z0"), lasts_s=700)
    one = delivery.find("z0/1/1/take_cover")
    assert one is not None
    assert (one.accepted_by, one.given_up) == (1, 1) and one.failed > 10
    assert one.time_to_s == {"50": 1.0, "90": None, "99": None}
    assert delivery.accepted_s.time_to(0.5) is not None and delivery.accepted_s.time_to(0.9) is None
    assert told[-1].stage == "expired" and told[-1].recipient == 1
    assert "no answer" in next(each.why for each in told if each.stage == "failed")


def test_what_is_offered_again_is_no_new_delivery(warn: Callable[..., Warning]) -> None:
    async def story() -> None:
        delivery = Delivery("page", now)
        delivery.queued([warn("z0")])
        await asyncio.sleep(3)
        delivery.queued([warn("z0")])
        assert delivery.find("z0/1/1/take_cover").queued == START

    played(story())


def test_a_sample_listener_misses_only_the_newest_word_on_a_zone(warn: Callable[..., Warning]) -> None:
    async def story() -> None:
        delivery = Delivery("page", now)
        first, second = warn("z0"), warn("z0", "all_clear", 2)
        delivery.queued([first])
        await asyncio.sleep(1)
        delivery.queued([second, warn("z1")])
        await asyncio.sleep(1)
        delivery.heard([second.id, "strange"])
        assert [one.warning for one in delivery.unheard(now())] == ["z1/1/1/take_cover"]
        assert delivery.unheard(START) == []
        delivery.heard(["z1/1/1/take_cover"])
        delivery.heard(["z1/1/1/take_cover"])
        assert delivery.unheard(now()) == [] and delivery.counts["heard"] == 2
        assert delivery.heard_s.total == 2

    played(story())


def test_the_oldest_evidence_makes_room(warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        delivery = Delivery("page", now, kept_max=3)
        delivery.queued([warn(f"z{number}") for number in range(10)])
        assert [one.zone for one in delivery.newest] == ["z9", "z8", "z7"]
        assert [one.zone for one in delivery.unheard(START + timedelta(1))] == ["z7", "z8", "z9"]

    played(story())
    assert delivery_module.KEPT_MAX >= 10_974


def test_acknowledgements_are_counted_beside(warn: Callable[..., Warning]) -> None:
    async def story() -> None:
        delivery = Delivery("sirens", now)
        delivery.queued([warn("z0")])
        delivery.acknowledged(["z0/1/1/take_cover"])
        one = delivery.find("z0/1/1/take_cover")
        assert one is not None and (one.acknowledged, one.acknowledged_by) == (START, 1)

    played(story())
