"""Barrages of the archives' size through webhooks, one endpoint dead and one slow beside three that are well.

The other three are compared with themselves when all five are well, and when there are only three.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from tocsin.announce.channel import Batch
from tocsin.announce.outbox import Outbox
from tocsin.bench.announce_webhooks import Receiver, channel_to, warning
from tocsin.bench.served import free_port
from tocsin.model.warning import Level, Warning

# What archives of the alarms of one country hold: the most within a second, at one moment, and in a day.
SECOND, AT_ONCE, DAY = 249, 1_202, 10_974
WELL = 3
SLOW_S = 3.0
ROUNDS = 9
# Warnings of the day that are offered before those who are well have caught up: a day is played in seconds.
STRETCH = 500
# A slow endpoint takes a country in five messages.
CAUGHT_UP_S_MAX = 60.0
REACH = {"barrage_lost": 0, "barrage_out_of_order": 0, "barrage_unaccounted": 0, "barrage_slower_percent": 5.0}

Tick = Sequence[Warning]
# The two beside those that are measured.
Others = Literal["none", "well", "ill"]


def figures() -> dict[str, Any]:
    """What those who are well lost, heard out of order, and how much later they heard beside the other two."""
    second = [[warning(f"z{n}", 1, "take_cover", _now())] for n in range(SECOND)]
    taken_s: dict[Others, list[float]] = {"none": [], "well": [], "ill": []}
    found = Counter[str]()
    for number in range(ROUNDS):
        # By turns, and the best of each counts: what else this machine does weighs on neither then.
        for others, times in taken_s.items():
            once = [[warning(f"z{n}", number + 1, "take_cover", _now()) for n in range(AT_ONCE)]]
            spent_s, account = asyncio.run(_played(once, others, AT_ONCE))
            times.append(spent_s)
            found += account
    _, account = asyncio.run(_played(second, "ill", SECOND))
    found += account
    day_s, account = asyncio.run(_played(_day(Random(7)), "ill", STRETCH))  # noqa: S311
    found += account
    best_s = {others: min(times) for others, times in taken_s.items()}
    return {
        "barrage_at_once_s": round(best_s["ill"], 3),
        "barrage_slower_percent": round(100 * (best_s["ill"] / best_s["well"] - 1), 1),
        "barrage_slower_than_three_alone_percent": round(100 * (best_s["ill"] / best_s["none"] - 1), 1),
        "barrage_day_s": round(day_s, 1),
        "barrage_lost": found["lost"],
        "barrage_out_of_order": found["out_of_order"],
        "barrage_unaccounted": found["unaccounted"],
    }


def _now() -> datetime:
    return datetime.now(UTC)


def _day(chance: Random) -> list[Tick]:
    """A day of alarms and their ends, one a tick, as fast as they can be offered; zones take turns by chance."""
    begun = _now()
    ticks: list[Tick] = []
    revisions = Counter[str]()
    for number in range(DAY):
        zone = f"z{chance.randrange(SECOND)}"
        revisions[zone] += 1
        level: Level = "take_cover" if revisions[zone] % 2 else "all_clear"
        ticks.append([warning(zone, revisions[zone], level, begun + timedelta(milliseconds=number))])
    return ticks


async def _played(ticks: Sequence[Tick], others: Others, stretch: int) -> tuple[float, Counter[str]]:
    """Seconds until all that are well have heard all; and what was lost, out of order, or is not accounted for."""
    well, slow, other = [Receiver() for _ in range(WELL)], Receiver(SLOW_S if others == "ill" else 0.0), Receiver()
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(one.answering()) for one in (*well, slow, other)]
        if others == "none":
            del urls[WELL:]
        elif others == "ill":
            urls[-1] = f"http://127.0.0.1:{free_port()}/"
        channels = [channel_to(url, f"bench{n}") for n, url in enumerate(urls)]
        outboxes = [Outbox(one, _now, Random(7).random) for one in channels]  # noqa: S311
        tasks = [asyncio.create_task(one.work()) for one in channels]
        tasks += [asyncio.create_task(one.run()) for one in outboxes]
        begun_s = time.perf_counter()
        for number, tick in enumerate(ticks):
            for outbox in outboxes:
                outbox.offer(Batch(number + 1, tick[0].time, tuple(tick)))
            if (number + 1) % stretch == 0:
                await _caught_up(outboxes[:WELL])
        await _caught_up(outboxes[:WELL])
        spent_s = time.perf_counter() - begun_s
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    offered = [one for tick in ticks for one in tick]
    account = Counter(lost=sum(len({one.id for one in offered} - one.at_s.keys()) for one in well))
    account["out_of_order"] = sum(_out_of_order(one) for one in (*well, slow, other))
    account["unaccounted"] = sum(_unaccounted(one, len(offered)) for one in outboxes)
    return spent_s, account


async def _caught_up(outboxes: Sequence[Outbox]) -> None:
    async with asyncio.timeout(CAUGHT_UP_S_MAX):
        while any(one.waiting for one in outboxes):
            await asyncio.sleep(0.001)


def _out_of_order(receiver: Receiver) -> int:
    """Warnings that came after a newer one of their zone, or twice."""
    newest: dict[str, datetime] = {}
    wrong = 0
    for one in receiver.told:
        wrong += one.zone in newest and one.time <= newest[one.zone]
        newest[one.zone] = max(one.time, newest.get(one.zone, one.time))
    return wrong


def _unaccounted(outbox: Outbox, offered: int) -> int:
    """Warnings that are neither delivered nor waiting, and of which the outbox does not say why."""
    counts = outbox.counts
    return offered - outbox.waiting - counts["delivered"] - counts["superseded"] - counts["expired"]
