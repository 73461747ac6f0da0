"""People with two channels each, and any one of the channels dead: whom does the warning reach, and how soon?

Simulated: the outboxes are the real ones, on a clock that jumps; the ways behind them are not. Each way is late and
fails in attempts as its kind does in a bad night, goes away altogether for a while, and one is dead from the start. A
person's own devices are on: whoever has switched off both phones is no matter of ours to measure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import combinations
from random import Random
from typing import Any, NamedTuple

import numpy as np

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.channel import Batch
from tocsin.announce.outbox import Outbox
from tocsin.announce.quality import Quality
from tocsin.bench.announce_webhooks import warning
from tocsin.bench.virtual_time import now, played

PEOPLE = 100_000
# Of each channel: brokers, gateways, push services; a person hangs on one of them.
SIDES = 40
ZONES = 60
# A warning that comes later than this is too late for most raids.
REACHED_WITHIN_S = 60.0
NIGHT_S = 300.0
REACH = {"reach_missed_percent": 0.1, "reach_missed_percent_nobody_dead": 0.1}


class Way(NamedTuple):
    """How a kind of channel fares in a bad night.

    late_s     median seconds of one attempt; one in a hundred takes ten times as long
    fails      the part of attempts that fail
    away_s     one in ten of its sides is away for so long, beginning with the alarm
    """

    late_s: float
    fails: float
    away_s: float


WAYS = {
    "page": Way(0.2, 0.01, 10.0),
    "push": Way(1.0, 0.05, 20.0),
    "messenger": Way(2.0, 0.10, 30.0),
    "sms": Way(4.0, 0.10, 30.0),
    "mqtt": Way(0.1, 0.02, 10.0),
    "siren": Way(0.5, 0.05, 20.0),
    "existing_client": Way(5.0, 0.02, 10.0),
}


def figures() -> dict[str, Any]:
    """The worst of all dead channels, of all pairs of channels together."""
    found = {dead: _reached(dead) for dead in (None, *WAYS)}
    worst = max(WAYS, key=lambda dead: found[dead])
    return {
        "reach_people": PEOPLE,
        "reach_within_s": REACHED_WITHIN_S,
        "reach_missed_percent": round(found[worst].missed_percent, 3),
        "reach_worst_where_dead": worst,
        "reach_p99_s": round(found[worst].p99_s, 1),
        "reach_missed_percent_by_one_channel": round(found[worst].by_one_percent, 1),
        "reach_missed_percent_nobody_dead": round(found[None].missed_percent, 3),
        "reach_p99_s_nobody_dead": round(found[None].p99_s, 1),
    }


class Reached(NamedTuple):
    """Per cent whom no word reached in time, seconds to 99 % of people; per cent if each had only his first channel."""

    missed_percent: float
    p99_s: float
    by_one_percent: float


def _reached(dead: str | None) -> Reached:
    heard_s = played(_night(dead, Random(7)))  # noqa: S311 - a night is an integer
    pairs = np.array(list(combinations(range(len(WAYS)), 2)))
    draw = np.random.default_rng(7)
    zones, sides = draw.integers(ZONES, size=PEOPLE), draw.integers(SIDES, size=(2, PEOPLE))
    first, second = pairs[draw.integers(len(pairs), size=PEOPLE)].T
    first_s, second_s = heard_s[first, sides[0], zones], heard_s[second, sides[1], zones]
    both_s = np.minimum(first_s, second_s)
    missed, by_one = (100 * float(np.mean(one > REACHED_WITHIN_S)) for one in (both_s, first_s))
    return Reached(missed, float(np.quantile(both_s, 0.99, method="higher")), by_one)


class _Lossy:
    """A channel whose sides are late, fail, and are away for a while; `heard_s` says when each heard of each zone."""

    name = "lossy"
    quality: Quality

    def __init__(self, way: Way, chance: Random, *, dead: bool) -> None:
        self.recipients = [str(side) for side in range(SIDES)]
        self.heard_s = np.full((SIDES, ZONES), np.inf)
        self._way, self._chance, self._dead = way, chance, dead
        self._away = set(chance.sample(range(SIDES), SIDES // 10))

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Late, or never."""
        chance, side = self._chance, int(recipient)
        slow = 10.0 if chance.random() < 0.01 else 1.0
        await asyncio.sleep(slow * self._way.late_s * chance.uniform(0.5, 1.5))
        elapsed_s = asyncio.get_running_loop().time()
        away = side in self._away and elapsed_s < self._way.away_s
        if self._dead or away or chance.random() < self._way.fails:
            raise ConnectionError("it does not answer")
        for one in warnings:
            zone = int(one.zone)
            self.heard_s[side, zone] = min(elapsed_s - zone * 0.1, self.heard_s[side, zone])


async def _night(dead: str | None, chance: Random) -> np.ndarray[Any, np.dtype[np.float64]]:
    """By channel, side and zone the seconds until it was heard; ten zones a second are warned, one after another."""
    channels = [_Lossy(way, chance, dead=name == dead) for name, way in WAYS.items()]
    outboxes = [Outbox(one, now, chance.random) for one in channels]
    running = [asyncio.create_task(one.run()) for one in outboxes]
    for zone in range(ZONES):
        at = now()
        batch = Batch(zone + 1, at, (warning(str(zone), 1, "take_cover", at),))
        for outbox in outboxes:
            outbox.offer(batch)
        await asyncio.sleep(0.1)
    await asyncio.sleep(NIGHT_S)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    return np.array([one.heard_s for one in channels])
