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

# Whoever goes on at a name waits twice as long each time, up to eight times: of a million codes of six digits some
# hundreds a day are tried, not thousands. A quiet day, and all is forgotten.
DOUBLED_MAX, FORGOTTEN_S = 3, 86_400.0


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
class _Counted:
    failures: int
    since_s: float
    until_s: float = 0.0
    bans: int = 0


class Bans:
    """The failures of one service. `now_s`: seconds of a clock that does not go backwards.

    An address that is empty is a proxy's that does not say for whom it asks: there only names are counted.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._counted: OrderedDict[tuple[str, ...], _Counted] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def left_s(self, name: str, address: str) -> float:
        """Seconds that whoever tries this name from there must wait; 0: none."""
        now = self._now_s()
        keys = (key for key, _ in self._keys(name, address))
        return max((self._counted[key].until_s - now for key in keys if key in self._counted), default=0.0)

    def failed(self, name: str, address: str) -> list[tuple[str, float]]:
        """Count a failure; which bans begin with it: of what, and for how many seconds."""
        now = self._now_s()
        begun = []
        for key, rule in self._keys(name, address):
            counted = self._counted.get(key)
            if counted is None or now - max(counted.since_s, counted.until_s) > FORGOTTEN_S:
                counted = _Counted(0, now)
            elif now - counted.since_s > rule.within_s and counted.until_s <= now:
                counted = _Counted(0, now, bans=counted.bans)
            counted.failures += 1
            if counted.failures >= rule.failures:
                ban_s = rule.ban_s * (2 ** min(counted.bans, DOUBLED_MAX) if rule.doubles else 1)
                counted = _Counted(0, now, now + ban_s, counted.bans + 1)
                begun.append((key[0], ban_s))
            self._counted[key] = counted
            self._counted.move_to_end(key)
        while len(self._counted) > KEYS_MAX:
            self._counted.popitem(last=False)
        return begun

    def succeeded(self, name: str, address: str) -> None:
        """Somebody showed that he is it: he is known there, and his own mistakes are forgotten."""
        self._counted.pop(("name there", name, address), None)
        if not address:
            return
        self._known[name, address] = None
        self._known.move_to_end((name, address))
        while len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)

    def is_known(self, name: str, address: str) -> bool:
        """Whether whoever has that name signed in there before."""
        return (name, address) in self._known

    def _keys(self, name: str, address: str) -> list[tuple[tuple[str, ...], Rule]]:
        if not address:
            return [(("name", name), OF_NAME)]
        own: list[tuple[tuple[str, ...], Rule]] = [(("name there", name, address), OF_NAME_THERE)]
        if self.is_known(name, address):
            return own
        return [*own, (("address", address), OF_ADDRESS), (("name", name), OF_NAME)]
