"""Barrages of the archives' size through channels of every kind, beside a webhook that is dead and one that is slow.

Those that are well are compared with themselves when all are well, by the time until they have taken everything; and
what the two that are ill take of the event loop, which is all that they can take from the others, is counted. Without a
mosquitto the broker and the sirens are left out.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Literal, NamedTuple

import uvloop

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.outbox import Outbox
from tocsin.bench.announce_webhooks import warning
from tocsin.bench.broker import free_port, mosquitto
from tocsin.bench.every_kind import SUBSCRIBERS, EveryKind, Meter, every_kind, now
from tocsin.bench.traffic import country_zones
from tocsin.model.errors import Missing
from tocsin.model.warning import Level, Warning

# What archives of the alarms of one country hold: the most within a second, at one moment, and in a day.
SECOND, AT_ONCE, DAY = 249, 1_202, 10_974
SLOW_S = 3.0
ROUNDS = 5
# Warnings of the day that are offered before those who are well have caught up: a day is played in seconds.
STRETCH = 500
CAUGHT_UP_S_MAX = 120.0
REACH = {
    "barrage_lost": 0,
    "barrage_out_of_order": 0,
    "barrage_unaccounted": 0,
    "barrage_slower_percent": 5.0,
    "barrage_ill_cpu_percent": 5.0,
}

Tick = Sequence[Warning]
# The two beside those that are measured.
Others = Literal["none", "well", "ill"]


class Played(NamedTuple):
    """What came of it.

    taken_s   seconds until each channel that is well had taken everything
    cpu_s     of the processor, in all
    meter     what the other two took of the event loop
    account   what went wrong
    """

    taken_s: dict[str, float]
    cpu_s: float
    meter: Meter
    account: Counter[str]


def figures() -> dict[str, Any]:
    """What those who are well lost, heard out of order, and how much later they heard beside the other two."""
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-")))
            port: int | None = stack.enter_context(mosquitto(folder, free_port()))
        except Missing:
            port = None
        return _measured(port)


def _measured(port: int | None) -> dict[str, Any]:
    rounds: dict[Others, list[Played]] = {"well": [], "ill": []}
    for number in range(ROUNDS):
        # By turns, and the best of each counts: what else this machine does weighs on neither then.
        for others, played in rounds.items():
            played.append(play([_at_once(AT_ONCE, number + 1)], others, AT_ONCE, port))
    second = play([[one] for one in _at_once(SECOND, 1)], "ill", SECOND, port)
    day = play(_day(Random(7)), "ill", STRETCH, port)  # noqa: S311 - a day is an integer
    account = sum((one.account for one in (*rounds["well"], *rounds["ill"], second, day)), Counter[str]())
    names = sorted(day.taken_s)
    best_s = {
        others: {name: min(one.taken_s[name] for one in played) for name in names} for others, played in rounds.items()
    }
    ill = rounds["ill"]
    return {
        "barrage_channels": ", ".join(names),
        "barrage_at_once_s": {name: round(took_s, 3) for name, took_s in best_s["ill"].items()},
        # One that takes long anyway must not hide what another suffers.
        "barrage_slower_percent": round(
            100 * (median(best_s["ill"][one] / best_s["well"][one] for one in names) - 1), 1
        ),
        "barrage_ill_cpu_percent": round(100 * max(one.meter.cpu_s / one.cpu_s for one in ill), 1),
        "barrage_ill_longest_step_ms": round(1_000 * max(one.meter.longest_s for one in ill), 1),
        "barrage_at_once_cpu_s": round(min(one.cpu_s for one in ill), 2),
        "barrage_day_s": round(max(day.taken_s.values()), 1),
        "barrage_lost": account["lost"],
        "barrage_out_of_order": account["out_of_order"],
        "barrage_unaccounted": account["unaccounted"],
    }


def _at_once(zones: int, revision: int) -> list[Warning]:
    return [warning(zone.id, revision, "take_cover", now()) for zone in country_zones()[:zones]]


def _day(chance: Random) -> list[Tick]:
    """A day of alarms and their ends, one a tick, as fast as they can be offered; zones take turns by chance."""
    begun = now()
    zones = [zone.id for zone in country_zones()[:SECOND]]
    ticks: list[Tick] = []
    revisions = Counter[str]()
    for number in range(DAY):
        zone = chance.choice(zones)
        revisions[zone] += 1
        level: Level = "take_cover" if revisions[zone] % 2 else "all_clear"
        ticks.append([warning(zone, revisions[zone], level, begun + timedelta(milliseconds=number))])
    return ticks


def play(ticks: Sequence[Tick], others: Others, stretch: int, port: int | None) -> Played:
    """Tell all of it, and see what came."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        return uvloop.run(_played(Path(folder), ticks, others, stretch, port))


async def _played(folder: Path, ticks: Sequence[Tick], others: Others, stretch: int, port: int | None) -> Played:
    slow_s = {"none": None, "well": 0.0, "ill": SLOW_S}[others]
    async with every_kind(folder, port, slow_s=slow_s, dead=others == "ill") as kinds:
        begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
        for number, tick in enumerate(ticks, 1):
            kinds.tell(tick)
            if number % stretch == 0:
                await kinds.caught_up(CAUGHT_UP_S_MAX)
        taken_at_s = await kinds.caught_up(CAUGHT_UP_S_MAX)
        cpu_s = time.process_time() - begun_cpu_s
        # What the broker has it has not passed on yet.
        await asyncio.sleep(0.5)
        taken_s = {name: at_s - begun_s for name, at_s in taken_at_s.items()}
        return Played(taken_s, cpu_s, kinds.meter, _account(kinds, ticks, port))


def _account(kinds: EveryKind, ticks: Sequence[Tick], port: int | None) -> Counter[str]:
    """What was lost, out of order, or is not accounted for."""
    offered = [one for tick in ticks for one in tick]
    ids = {one.id for one in offered}
    heard = [kinds.hook.told] if port is None else [kinds.hook.told, kinds.heard.mqtt]
    account = Counter(lost=sum(len(ids - {one.id for one in told}) for told in heard))
    followed = {zone.id for zone in country_zones()[:SUBSCRIBERS]}
    pushed = {one.zone for one in offered} & followed
    account["lost"] += max(0, len(pushed) - kinds.heard.pushes) + (kinds.heard.messages == 0)
    account["out_of_order"] = sum(_out_of_order(told) for told in heard)
    account["unaccounted"] = sum(abs(_unaccounted(box, len(offered))) for box in (*kinds.well.values(), *kinds.others))
    return account


def _out_of_order(told: Sequence[PublicWarning]) -> int:
    """Warnings that came after a newer one of their zone, or twice."""
    newest: dict[str, datetime] = {}
    wrong = 0
    for one in told:
        wrong += one.zone in newest and one.time <= newest[one.zone]
        newest[one.zone] = max(one.time, newest.get(one.zone, one.time))
    return wrong


def _unaccounted(outbox: Outbox, offered: int) -> int:
    """Warnings that are neither delivered nor waiting, and of which the outbox does not say why."""
    counts = outbox.counts
    return offered - outbox.waiting - counts["delivered"] - counts["superseded"] - counts["expired"]
