"""Who has guessed too often waits: by address, by name at an address, and by name from anywhere new.

A stranger who guesses at an officer's name must not keep the officer out: where somebody has signed in before, only his
own mistakes there count. Every ban ends by itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

# Failures that are remembered, and addresses at which people are known.
KEYS_MAX, KNOWN_MAX = 20_000, 20_000

# Whom nobody has seen at an address for so long is a stranger there again.
KNOWN_S = 30 * 86_400.0

# Whoever goes on at a name waits twice as long each time, up to eight times: of a million codes of six digits some
# hundreds a day are tried, not thousands. A quiet day, and all is forgotten.
DOUBLED_MAX, FORGOTTEN_S = 3, 86_400.0


# Of what, and of whom: ("name", …), ("name there", …, …), ("address", …), ("known", …, …).
Key = tuple[str, ...]


class Rule(NamedTuple):
    """So many failures in so long, and one waits so long; where it doubles, twice as long the second time."""

    failures: int
    within_s: float
    ban_s: float
    doubles: bool


OF_ADDRESS = Rule(20, 900.0, 900.0, doubles=False)
OF_NAME_THERE = Rule(5, 300.0, 300.0, doubles=True)
OF_NAME = Rule(50, 900.0, 900.0, doubles=True)


@dataclass(slots=True)
class Counted:
    """Failures of one kind. `until_s`: until when whoever comes so waits; `bans`: how many there were."""

    failures: int
    since_s: float
    until_s: float = 0.0
    bans: int = 0


class Bans:
    """The failures of one service. `now_s`: seconds of a clock that does not go backwards.

    An address that is empty is a proxy's that does not say for whom it asks: there only names are counted.

    called     under what a name or an address is counted: itself, or what tells neither
    counted    by what failures were of; known: when each name signed in last at each address
    changed    what of both is another than at the last look, for whoever keeps them
    """

    def __init__(self, now_s: Callable[[], float], called: Callable[[str], str] = str) -> None:
        self._now_s = now_s
        self._called = called
        self.counted: OrderedDict[Key, Counted] = OrderedDict()
        self.known: OrderedDict[Key, float] = OrderedDict()
        self.changed: dict[Key, None] = {}

    def left_s(self, name: str, address: str) -> float:
        """Seconds that whoever tries this name from there must wait; 0: none."""
        now = self._now_s()
        keys = (key for key, _ in self._keys(name, address))
        return max((self.counted[key].until_s - now for key in keys if key in self.counted), default=0.0)

    def failed(self, name: str, address: str, *, somebodys: bool = True) -> list[tuple[str, float]]:
        """Count a failure; which bans begin with it: of what, and for how many seconds.

        somebodys   whether the name is; what is nobody's may be a password in the wrong field, and is kept nowhere
        """
        now = self._now_s()
        begun: list[tuple[str, float]] = []
        for key, rule in self._keys(name, address):
            counted = self.counted.get(key)
            if counted is None or now - max(counted.since_s, counted.until_s) > FORGOTTEN_S:
                counted = Counted(0, now)
            elif now - counted.since_s > rule.within_s and counted.until_s <= now:
                counted = Counted(0, now, bans=counted.bans)
            counted.failures += 1
            if counted.failures >= rule.failures:
                ban_s = rule.ban_s * (2 ** min(counted.bans, DOUBLED_MAX) if rule.doubles else 1)
                counted = Counted(0, now, now + ban_s, counted.bans + 1)
                begun.append((key[0], ban_s))
            self.counted[key] = counted
            self.counted.move_to_end(key)
            if somebodys or key[0] == "address":
                self.changed[key] = None
        while len(self.counted) > KEYS_MAX:
            self.changed[self.counted.popitem(last=False)[0]] = None
        return begun

    def succeeded(self, name: str, address: str) -> None:
        """Somebody showed that he is it: he is known there, and his own mistakes are forgotten."""
        there = ("name there", self._called(name), self._called(address))
        if self.counted.pop(there, None) is not None:
            self.changed[there] = None
        if not address:
            return
        known = self._known(name, address)
        self.known[known] = self._now_s()
        self.known.move_to_end(known)
        self.changed[known] = None
        while len(self.known) > KNOWN_MAX:
            self.changed[self.known.popitem(last=False)[0]] = None

    def is_known(self, name: str, address: str) -> bool:
        """Whether whoever has that name signed in there before."""
        seen_s = self.known.get(self._known(name, address))
        return seen_s is not None and self._now_s() - seen_s <= KNOWN_S

    def forget(self, name: str) -> None:
        """Whoever has that name begins anew: where he was known, and what was guessed at."""
        called = self._called(name)
        for held in (self.counted, self.known):
            for key in [key for key in held if key[0] != "address" and key[1] == called]:
                del held[key]
                self.changed[key] = None

    def _known(self, name: str, address: str) -> Key:
        return "known", self._called(name), self._called(address)

    def _keys(self, name: str, address: str) -> list[tuple[Key, Rule]]:
        who, at = self._called(name), self._called(address)
        if not address:
            return [(("name", who), OF_NAME)]
        own: list[tuple[Key, Rule]] = [(("name there", who, at), OF_NAME_THERE)]
        if self.is_known(name, address):
            return own
        return [*own, (("address", at), OF_ADDRESS), (("name", who), OF_NAME)]
