"""Whose turn it is among those who subscribed, beside a slow account of the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from tocsin.announce.web_push.crowd import Crowd, Turn
from tocsin.announce.web_push.subscription import Subscription, Wish

ZONES = ("a", "b", "c")
NAMES = st.sampled_from(["https://fcm.googleapis.com/1", "https://fcm.googleapis.com/2", "https://x.example/3"])
LEVELS = st.sampled_from(["prepare", "take_cover"])
STEPS = st.one_of(
    st.tuples(st.just("join"), NAMES, st.sets(st.sampled_from(ZONES), min_size=1), LEVELS),
    st.tuples(st.just("leave"), NAMES),
    st.tuples(st.just("call"), st.sampled_from(ZONES), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("turn"), st.booleans()),
    st.tuples(st.just("told"), st.integers(0, 3)),
    st.tuples(st.just("again"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("anew")),
)  # fmt: skip


@dataclass
class Somebody:
    """What the slow account knows of one; `told`: what his turn is for, while he is being told."""

    zones: frozenset[str]
    level: Literal["prepare", "take_cover"]
    owed: dict[str, int] = field(default_factory=dict)
    place: int | None = None
    told: int | None = None


class Slow:
    def __init__(self) -> None:
        self.all: dict[str, Somebody] = {}
        self.word = 0

    def join(self, name: str, zones: set[str], level: Any) -> None:
        old = self.all.get(name)
        new = Somebody(frozenset(zones), level)
        if old is not None:
            new.place, new.told = old.place, old.told
        self.all[name] = new

    def call(self, zone: str, urgency: int, cover: bool) -> None:
        self.word += 1
        for one in self.all.values():
            if zone in one.zones and (cover or one.level == "prepare"):
                one.owed[zone] = self.word
                if one.told is None:
                    one.place = urgency if one.place is None else min(urgency, one.place)


def now(coroutine: Any) -> Any:
    """What comes of it without waiting."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    return None


@given(st.lists(STEPS, max_size=60))
def test_everybody_is_told_what_he_is_owed_the_urgent_first(steps: list[Any]) -> None:
    asyncio.run(_agrees(steps))


async def _agrees(steps: list[Any]) -> None:
    crowd, slow = Crowd(), Slow()
    turns: list[Turn] = []
    for step, *what in steps:
        if step == "join":
            name, zones, level = what
            # What one who changes his wish is owed of before depends on both; here he is owed nothing.
            if name in slow.all and slow.all[name].owed:
                continue
            crowd.join(Subscription(name, b"", b"", Wish(tuple(zones), None, level, "en"), tuple(sorted(zones))))
            slow.join(name, zones, level)
        elif step == "leave":
            assert crowd.leave(what[0]) == (slow.all.pop(what[0], None) is not None)
            turns = [turn for turn in turns if turn.one.endpoint != what[0]]
        elif step == "call":
            zone, urgency, cover = what
            crowd.call(zone, urgency, cover=cover)
            slow.call(zone, urgency, cover)
        elif step == "turn":
            turn = now(crowd.turn(known=what[0]))
            standing = {
                name: one.place
                for name, one in slow.all.items()
                if one.place is not None and ("fcm" in name) == what[0]
            }
            assert (turn is None) == (not standing)
            if turn is not None:
                one = slow.all[turn.one.endpoint]
                assert one.place == min(standing.values()) and turn.zones == set(one.owed)
                one.place, one.told = None, slow.word
                turns.append(turn)
        elif step == "told" and turns:
            turn = turns[what[0] % len(turns)]
            one = slow.all[turn.one.endpoint]
            assert one.told is not None
            one.owed = {zone: word for zone, word in one.owed.items() if word > one.told}
            assert crowd.told(turn) == bool(one.owed)
            turns.remove(turn)
            one.told = None
            if one.owed:
                crowd.come_back(turn, 0)
                one.place = 0
        elif step == "again" and turns:
            turn = turns.pop(what[0] % len(turns))
            one = slow.all[turn.one.endpoint]
            assert crowd.owed(turn) == set(one.owed)
            crowd.come_back(turn, what[1])
            one.place, one.told = what[1], None
        elif step == "anew":
            crowd.stand_again()
            turns = []
            for one in slow.all.values():
                one.place, one.told = (0 if one.owed else None), None
        assert crowd.waiting == sum(bool(one.owed) for one in slow.all.values())
        assert crowd.nobody.is_set() == (crowd.waiting == 0) and len(crowd) == len(slow.all)
