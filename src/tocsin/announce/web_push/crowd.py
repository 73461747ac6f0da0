"""Everybody who subscribed, in arrays: whom a word is for, who still waits for one, and whose turn it is.

A word on a whole country is for everybody at once, and nothing else is done while they are looked up. So a subscriber
has a number here, what is asked of everybody is a column, and nothing is made for anybody before his turn comes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.announce.web_push.subscription import KNOWN_SERVICES, Subscription, service_of

_Numbers = NDArray[np.int32]
# Places of those who wait: none while one is told, or left alone a while; then by urgency. And of those who do not.
_APART, _FIRST, _NOWHERE = 0, 1, 255
URGENCIES = 3


class Turn(NamedTuple):
    """Whose turn it is.

    zones   of which he is owed a word
    word    the number of the newest word when his turn came
    """

    number: int
    one: Subscription
    zones: frozenset[str]
    word: int


class _Members:
    """Numbers of those who asked for one zone."""

    __slots__ = ("_count", "_kept")

    def __init__(self) -> None:
        self._kept: _Numbers = np.empty(4, np.int32)
        self._count = 0

    @property
    def numbers(self) -> _Numbers:
        return self._kept[: self._count]

    def add(self, number: int) -> None:
        self._kept = _with_room(self._kept, self._count)
        self._kept[self._count] = number
        self._count += 1

    def remove(self, number: int) -> None:
        (places,) = np.nonzero(self.numbers == number)
        self._count -= 1
        self._kept[places[0]] = self._kept[self._count]


class _Line:
    """Who waits for one kind of push services: the urgent first, and of those who waits longest."""

    def __init__(self) -> None:
        self._calls: tuple[deque[_Numbers], ...] = tuple(deque() for _ in range(URGENCIES))
        # Of each urgency those who are next, the last first.
        self._next: tuple[list[int], ...] = tuple([] for _ in range(URGENCIES))
        self._something = asyncio.Event()

    def stand(self, urgency: int, numbers: _Numbers) -> None:
        """Into the line; whoever goes forward stands in it twice, and his later place is nothing."""
        if len(numbers):
            self._calls[urgency].append(numbers)
            self._something.set()

    async def next(self) -> tuple[int, int]:
        """The urgency he stood for, and whose turn it is."""
        while True:
            for urgency, (following, calls) in enumerate(zip(self._next, self._calls, strict=True)):
                if not following and calls:
                    following += calls.popleft()[::-1].tolist()
                if following:
                    return urgency, following.pop()
            self._something.clear()
            await self._something.wait()


class Crowd:
    """All of them, and who waits. Used from the event loop only.

    waiting   how many are owed a word
    nobody    set while nobody is
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.nobody = asyncio.Event()
        self.nobody.set()
        self._numbers: dict[str, int] = {}
        self._members: list[Subscription | None] = []
        self._free: list[int] = []
        self._by_zone: dict[str, _Members] = defaultdict(_Members)
        self._services: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._cover_only: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._places: NDArray[np.uint8] = np.zeros(0, np.uint8)
        # The number of the last word that each has heard, or was here before.
        self._heard: NDArray[np.int64] = np.zeros(0, np.int64)
        # By zone the newest word for those who want to hear everything, and for those who want cover and its end.
        self._words: dict[str, tuple[int, int]] = {}
        self._word = 0
        self._lines = {True: _Line(), False: _Line()}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Subscription]:
        return (one for one in self._members if one is not None)

    def find(self, endpoint: str) -> Subscription | None:
        """The one with this endpoint."""
        number = self._numbers.get(endpoint)
        return None if number is None else self._members[number]

    def owes(self, endpoint: str) -> bool:
        """Whether the one with this endpoint is owed a word, or being told one."""
        number = self._numbers.get(endpoint)
        return number is not None and self._places[number] != _NOWHERE

    def by_service(self) -> tuple[list[int], list[int]]:
        """How many subscribers are at each push service, by `service_of`; and how many of them wait."""
        count, bins = len(self._members), len(KNOWN_SERVICES) + 1
        here = np.array([one is not None for one in self._members], np.bool_)
        services, waits = self._services[:count], self._places[:count] != _NOWHERE
        number, waiting = (np.bincount(services[which], minlength=bins) for which in (here, waits))
        return number.tolist(), waiting.tolist()

    def join(self, one: Subscription) -> None:
        """Take somebody in, in the place of one with the same endpoint, who is still owed what that one was."""
        number = self._numbers.get(one.endpoint)
        if number is None:
            number = self._free.pop() if self._free else self._new()
            self._numbers[one.endpoint] = number
            self._places[number] = _NOWHERE
        else:
            self._leave_zones(number)
        self._members[number] = one
        self._services[number] = service_of(one.endpoint)
        self._cover_only[number] = one.wish.level == "take_cover"
        if self._places[number] == _NOWHERE:
            self._heard[number] = self._word
        for zone in one.zones:
            self._by_zone[zone].add(number)

    def leave(self, endpoint: str) -> bool:
        """Forget one; whether he was there."""
        number = self._numbers.pop(endpoint, None)
        if number is None:
            return False
        self._leave_zones(number)
        self._rest(number)
        self._members[number] = None
        self._free.append(number)
        return True

    def _leave_zones(self, number: int) -> None:
        one = self._members[number]
        assert one is not None, "only whoever is here has zones"
        for zone in one.zones:
            self._by_zone[zone].remove(number)

    def call(self, zone: str, urgency: int, *, cover: bool) -> None:
        """There is a word on a zone, for whoever asked for it; `cover`: also for those who want cover alone."""
        self._word += 1
        self._words[zone] = self._word, self._word if cover else self._words.get(zone, (0, 0))[1]
        members = self._by_zone.get(zone)
        if members is None:
            return
        called = members.numbers if cover else members.numbers[~self._cover_only[members.numbers]]
        places = self._places[called]
        self.waiting += int(np.count_nonzero(places == _NOWHERE))
        self._stand(called[places > _FIRST + urgency], urgency)
        if self.waiting:
            self.nobody.clear()

    def _stand(self, numbers: _Numbers, urgency: int) -> None:
        self._places[numbers] = _FIRST + urgency
        known = self._services[numbers] > 0
        self._lines[True].stand(urgency, numbers[known])
        self._lines[False].stand(urgency, numbers[~known])

    def stand_again(self) -> None:
        """Whoever waits, from the first; whoever was being told is not told any more."""
        self._lines = {True: _Line(), False: _Line()}
        self._stand(np.nonzero(self._places[: len(self._members)] != _NOWHERE)[0].astype(np.int32), 0)

    async def turn(self, *, known: bool) -> Turn:
        """Whose turn it is among those of one kind of push services; he stands apart until `told` or `come_back`."""
        while True:
            urgency, number = await self._lines[known].next()
            one = self._members[number]
            # He may have gone forward in the line, or away, since he stood there.
            if one is not None and self._places[number] == _FIRST + urgency:
                self._places[number] = _APART
                return Turn(number, one, self._owed(number, one), self._word)

    def told(self, turn: Turn) -> bool:
        """He has what his turn was for; whether he is owed more by now, and must come back."""
        one = self._members[turn.number]
        if one is None or not self._is_apart(turn):
            return False
        self._heard[turn.number] = turn.word
        if self._owed(turn.number, one):
            return True
        self._rest(turn.number)
        return False

    def come_back(self, turn: Turn, urgency: int) -> None:
        """Into the line again, if he is still here."""
        if self._is_apart(turn):
            self._stand(np.array([turn.number], np.int32), urgency)

    def owed(self, turn: Turn) -> frozenset[str]:
        """The zones of which he is owed a word by now."""
        one = self._members[turn.number]
        return self._owed(turn.number, one) if one is not None and self._is_apart(turn) else frozenset()

    def _owed(self, number: int, one: Subscription) -> frozenset[str]:
        which = int(one.wish.level == "take_cover")
        after = int(self._heard[number])
        return frozenset(zone for zone in one.zones if self._words.get(zone, (0, 0))[which] > after)

    def _is_apart(self, turn: Turn) -> bool:
        # His number may be somebody else's by now.
        return self._numbers.get(turn.one.endpoint) == turn.number and self._places[turn.number] == _APART

    def _rest(self, number: int) -> None:
        self.waiting -= int(self._places[number] != _NOWHERE)
        self._places[number] = _NOWHERE
        if not self.waiting:
            self.nobody.set()

    def _new(self) -> int:
        number = len(self._members)
        self._members.append(None)
        for name in ("_services", "_cover_only", "_places", "_heard"):
            setattr(self, name, _with_room(getattr(self, name), number))
        return number


def _with_room(column: NDArray[Any], count: int) -> NDArray[Any]:
    """The column, or a longer one of which nothing is set behind `count`, where there is no room for one more."""
    if count < len(column):
        return column
    longer = np.zeros(max(16, 2 * count), column.dtype)
    longer[:count] = column[:count]
    return longer
