"""Laws of the outbox: whatever fails, hangs or comes twice, each recipient hears each zone's story in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.announce import outbox as outbox_module
from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch, Declined
from tocsin.announce.outbox import Outbox
from tocsin.announce.quality import Quality
from tocsin.bench.virtual_time import START, now, played
from tocsin.model.warning import Level, Warning

LEVELS: tuple[Level, ...] = ("prepare", "take_cover", "all_clear")
ZONES = ("north", "south", "east")


class Crew:
    """A channel whose every attempt does what a script says, and whose recipients remember what they received.

    "ok" delivers, "fail" does not, "lost" delivers and loses the receipt, "hang" never answers, "decline"
    answers that it takes something else.
    """

    name = "crew"
    quality: Quality

    def __init__(self, scripts: dict[str, list[str]]) -> None:
        self.recipients = tuple(scripts)
        self._scripts = {name: list(script) for name, script in scripts.items()}
        self.attempts: dict[str, list[tuple[str, tuple[PublicWarning, ...]]]] = {name: [] for name in scripts}
        self.heard: dict[str, list[PublicWarning]] = {name: [] for name in scripts}

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        script = self._scripts[recipient]
        what = script.pop(0) if script else "ok"
        self.attempts[recipient].append((what, tuple(warnings)))
        if what in ("ok", "lost"):
            known = {one.id for one in self.heard[recipient]}
            self.heard[recipient] += [one for one in warnings if one.id not in known]
        if what == "hang":
            await asyncio.Event().wait()
        if what == "decline":
            raise Declined(f"not that, says {recipient}")
        if what != "ok":
            raise OSError(f"no way to {recipient}")


def night(ticks: list[list[tuple[int, int]]], valid_s: float = 86_400) -> list[Batch]:
    """Batches a second apart; (zone, level) in each, with ids that never come again."""
    batches = []
    for number, said in enumerate(ticks):
        time = START + timedelta(seconds=number)
        warnings = [
            Warning(
                id=f"{ZONES[zone]}/{number}/{place}",
                zone=ZONES[zone],
                level=LEVELS[level],
                time=time,
                expires=time + timedelta(seconds=valid_s),
            )
            for place, (zone, level) in enumerate(said)
        ]
        batches.append(Batch(number, time, tuple(warnings)))
    return batches


async def told(channel: Crew, batches: Sequence[Batch], *, again: Sequence[int] = ()) -> Outbox:
    """Offer a batch a second, some of them again, and let everything settle."""
    outbox = Outbox(channel, now, lambda: 0.5)
    running = asyncio.create_task(outbox.run())
    for number, batch in enumerate(batches):
        outbox.offer(batch)
        for earlier in again:
            if earlier < number:
                outbox.offer(batches[earlier])
        await asyncio.sleep(1)
    await asyncio.sleep(3_600)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return outbox


def is_subsequence(few: Sequence[Any], whole: Sequence[Any]) -> bool:
    rest = iter(whole)
    return not [one for one in few if one not in rest]


tick = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=3)
nights = st.lists(tick, min_size=1, max_size=12).map(night)
scripts = st.lists(st.sampled_from(["ok", "fail", "lost", "hang"]), max_size=10)
choosy = st.lists(st.sampled_from(["ok", "fail", "lost", "hang", "decline"]), max_size=20)


@settings(max_examples=150, deadline=None)
@given(batches=nights, first=scripts, second=choosy, bound=st.integers(1, 8), again=st.lists(st.integers(0, 11)))
def test_each_recipient_hears_each_zone_in_order_up_to_the_newest(
    batches: Sequence[Batch], first: list[str], second: list[str], bound: int, again: list[int]
) -> None:
    channel = Crew({"first": first, "second": second})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox_module, "WAITING_MAX", bound)
        outbox = played(told(channel, batches, again=again))
    published = [warning for batch in batches for warning in batch.warnings]
    for heard in channel.heard.values():
        for zone in ZONES:
            said = [one.id for one in published if one.zone == zone]
            got = [one.id for one in heard if one.zone == zone]
            assert is_subsequence(got, said)
            assert got[-1:] == said[-1:]
    assert outbox.waiting == 0 and outbox.health.state == "up"


@settings(max_examples=150, deadline=None)
@given(batches=nights, script=scripts, again=st.lists(st.integers(0, 11)))
def test_nothing_is_sent_again_once_it_was_received(
    batches: Sequence[Batch], script: list[str], again: list[int]
) -> None:
    channel = Crew({"one": script})
    outbox = played(told(channel, batches, again=again))
    received: set[str] = set()
    for what, warnings in channel.attempts["one"]:
        ids = {one.id for one in warnings}
        assert not ids & received
        if what == "ok":
            received |= ids
    assert received == {warning.id for batch in batches for warning in batch.warnings}
    assert outbox.counts["delivered"] == len(received)


@settings(max_examples=100, deadline=None)
@given(batches=nights, script=scripts)
def test_the_warnings_of_a_tick_go_out_together(batches: Sequence[Batch], script: list[str]) -> None:
    channel = Crew({"one": script})
    played(told(channel, batches))
    for _, warnings in channel.attempts["one"]:
        sent = {one.id for one in warnings}
        for batch in batches:
            ids = {warning.id for warning in batch.warnings}
            assert ids <= sent or not ids & sent


@settings(max_examples=50, deadline=None)
@given(batches=nights, script=scripts)
def test_a_recipient_that_hangs_or_fails_delays_no_other(batches: Sequence[Batch], script: list[str]) -> None:
    channel = Crew({"well": [], "ill": [*script, *["hang", "fail"] * 500]})
    prompt: list[timedelta] = []

    async def story() -> None:
        outbox = Outbox(channel, now, lambda: 0.5)
        running = asyncio.create_task(outbox.run())
        for batch in batches:
            outbox.offer(batch)
            await asyncio.sleep(0.001)
            prompt.append(timedelta(0) if len(channel.heard["well"]) == _count(batches, batch.seq) else timedelta.max)
            await asyncio.sleep(0.999)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    played(story())
    assert set(prompt) == {timedelta(0)}


def _count(batches: Sequence[Batch], last: int) -> int:
    return sum(len(batch.warnings) for batch in batches if batch.seq <= last)


@settings(max_examples=50, deadline=None)
@given(batches=st.lists(tick, min_size=1, max_size=12).map(lambda ticks: night(ticks, valid_s=7.0)), script=scripts)
def test_nothing_is_sent_after_it_expired_and_whatever_was_not_heard_is_counted(
    batches: Sequence[Batch], script: list[str]
) -> None:
    late: list[str] = []
    channel = Crew({"one": script})
    sent = channel.send

    async def send(recipient: str, warnings: Sequence[PublicWarning]) -> None:
        late.extend(one.id for one in warnings if one.expires <= now())
        await sent(recipient, warnings)

    outbox = played(told(SimpleNamespace(name="crew", recipients=("one",), send=send), batches))  # type: ignore[arg-type]
    assert not late
    published = sum(len(batch.warnings) for batch in batches)
    assert outbox.counts["delivered"] + outbox.counts["expired"] == published
