"""Who holds a connection, what each of them is waited for, and who gives way when places or memory are short.

Everything is looked up oldest first, so a look costs no more than what is found. Nothing here knows of sockets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from tocsin.service.http.turns import Turns

# Cut: headers or a body did not come in time, unread for too long, memory was short, gave way to another. Not let in:
# its address has its share, it was just refused something, all places are taken. And what was no HTTP.
Why = Literal["headers", "body", "unread", "memory", "gave_way", "address", "flooding", "full", "malformed"]

# A body may take as long as its line needs, but not without a word; ten seconds are a mobile network's pause.
BODY_PAUSE_S = 10.0
# Who takes less than a kilobyte a second of what was asked for does not read.
UNREAD_S = 30.0
UNREAD_BYTES = 30_000
# An address that was refused is let in slowly for so long: its next connections are read one after another.
FLOODING_S = 10.0
FLOODING_PER_S = 20.0
FLOODING_PAUSE_S = 1.0
# Looking for the address with the most connections takes a pass over all: a hundredth of all places is freed at once.
GIVEN_UP_AT_ONCE = 100


_One = TypeVar("_One")


class Held(Protocol):
    """A connection. `unread` is how many bytes wait here for its reader; `exempt`: a proxy's, for many people."""

    address: str
    exempt: bool

    @property
    def unread(self) -> int: ...
    def cut(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """Connections in all and per address, seconds for a request's headers, bytes that may wait for all slow readers."""

    connections_max: int
    per_address_max: int
    headers_s: float
    unread_bytes_max: int


class Places:
    """The connections there are. `cut_off` is told why one was cut or not let in."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float], cut_off: Callable[[Why], None]) -> None:
        self._bounds = bounds
        self._clock = clock
        self._cut_off = cut_off
        self._held: dict[str, dict[Held, None]] = defaultdict(dict)
        self._count = 0
        self._unread = 0
        self._idle: dict[Held, float] = {}
        self._asking: dict[Held, float] = {}
        self._sending: dict[Held, float] = {}
        # Since when nothing was taken, and how much waited then.
        self._stalled: dict[Held, tuple[float, int]] = {}
        self._flooding: dict[str, float] = {}
        self._let_in = Turns(FLOODING_PER_S, burst=1, line_s=bounds.headers_s)

    @property
    def connections(self) -> int:
        """How many there are."""
        return self._count

    @property
    def unread_bytes(self) -> int:
        """How many bytes wait for those who are slow to read."""
        return self._unread

    def enter(self, one: Held) -> float | None:
        """Seconds after which to begin to read a new connection; None: it is not let in, and does not count."""
        mine = len(self._held.get(one.address, ()))
        if not one.exempt and mine >= self._bounds.per_address_max:
            self._cut_off("address")
            return None
        if self._count >= self._bounds.connections_max and not self._make_room(mine):
            self._cut_off("full")
            return None
        pause_s = self._pause_s(one)
        if pause_s is None:
            self._cut_off("flooding")
            return None
        self._held[one.address][one] = None
        self._count += 1
        if pause_s == 0:
            self.asking(one)
        return pause_s

    def leave(self, one: Held) -> None:
        """It is closed."""
        if not self._holds(one):
            return
        mine = self._held[one.address]
        del mine[one]
        if not mine:
            del self._held[one.address]
        self._count -= 1
        self.answering(one)
        self.reading(one)

    def flooded(self, address: str) -> None:
        """An address was refused something: what it opens next is read slowly."""
        self._flooding.pop(address, None)
        self._flooding[address] = self._clock()

    def idle(self, one: Held) -> None:
        """It has its answer, and may ask again."""
        self._wait(self._idle, one)

    def asking(self, one: Held) -> None:
        """It has begun a request; its headers are waited for."""
        self._wait(self._asking, one)

    def sending(self, one: Held) -> None:
        """Some of its body has come; the next is waited for."""
        self._wait(self._sending, one)

    def answering(self, one: Held) -> None:
        """Nothing is waited for: it is our turn."""
        for line in (self._idle, self._asking, self._sending):
            line.pop(one, None)

    def stalled(self, one: Held) -> None:
        """More waits for it than it takes at once."""
        self.reading(one)
        if not self._holds(one):
            return
        self._stalled[one] = self._clock(), one.unread
        self._unread += one.unread
        while self._unread > self._bounds.unread_bytes_max:
            self.cut(next(iter(self._stalled)), "memory")

    def reading(self, one: Held) -> None:
        """It has taken what waited."""
        self._unread -= self._stalled.pop(one, (0.0, 0))[1]

    def malformed(self) -> None:
        """What came was no HTTP, and its sender was told."""
        self._cut_off("malformed")

    def cut(self, one: Held, why: Why) -> None:
        """Cut it; it does not count from here on."""
        self._cut_off(why)
        self.leave(one)
        one.cut()

    def sweep(self) -> None:
        """Cut those who are overdue."""
        now_s = self._clock()
        for line, limit_s, why in self._limits():
            for one in _overdue(line.items(), now_s - limit_s):
                self.cut(one, why)
        for one in _overdue(((one, since_s) for one, (since_s, _) in self._stalled.items()), now_s - UNREAD_S):
            if self._stalled[one][1] - one.unread < UNREAD_BYTES:
                self.cut(one, "unread")
            else:
                self.stalled(one)
        for address in _overdue(self._flooding.items(), now_s - FLOODING_S):
            del self._flooding[address]

    def _limits(self) -> tuple[tuple[dict[Held, float], float, Why], ...]:
        return (self._asking, self._bounds.headers_s, "headers"), (self._sending, BODY_PAUSE_S, "body")

    def _wait(self, line: dict[Held, float], one: Held) -> None:
        self.answering(one)
        if self._holds(one):
            line[one] = self._clock()

    def _holds(self, one: Held) -> bool:
        return one in self._held.get(one.address, ())

    def _pause_s(self, one: Held) -> float | None:
        if one.exempt or one.address not in self._flooding:
            return 0.0
        turn_s = self._let_in.take(one.address, self._clock())
        return None if turn_s is None else max(FLOODING_PAUSE_S, turn_s)

    def _make_room(self, mine: int) -> bool:
        """Free a place: of who asks for nothing, else of the address that has most; whether there is one now."""
        for line in (self._asking, self._idle):
            if line:
                self.cut(next(iter(line)), "gave_way")
                return True
        may_give = (held for held in self._held.values() if not next(iter(held)).exempt)
        most = max(may_give, key=len, default={})
        spare = min(len(most) - mine - 1, max(1, self._bounds.connections_max // GIVEN_UP_AT_ONCE))
        for one in list(most)[: max(0, spare)]:
            self.cut(one, "gave_way")
        return spare > 0


def _overdue(line: Iterable[tuple[_One, float]], before_s: float) -> list[_One]:
    """Of a line with since when each is in it, oldest first, who is in it since before then."""
    found = []
    for one, since_s in line:
        if since_s > before_s:
            break
        found.append(one)
    return found
