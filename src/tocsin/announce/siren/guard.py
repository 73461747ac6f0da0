"""Which commands a siren believes: of a pinned key, meant for it, written just now, and newer than all it obeyed.

That a command is *fresh* is shown in one of two ways, and each holds alone:

by challenge   it echoes a challenge that this siren made so many seconds ago by a clock that nobody can set: it was
               written later, so it is no older than that. It needs no time of day.
by the clock   it was issued after the last that was obeyed (kept on the disk, so that a restart forgets nothing), not
               in the future, and has not expired. Not where a challenge has shown that this siren's clock is wrong.

A command that was delayed is therefore refused once it has expired, one that was overtaken is refused, one heard twice
is refused, and a siren whose clock is wrong says so and goes by challenges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from tocsin.announce.siren.wire import Command, Keys, Refused, opened_command

World = Literal["live", "drill"]
# Two clocks set by NTP differ by less.
CLOCKS_APART_S = 5.0
# A service says it again long before; nobody may make a siren sound for longer with one message.
VALID_S_MAX = 90.0
# A challenge older than the longest validity proves nothing.
CHALLENGES_MAX = 16


class Believed(NamedTuple):
    """A command to be obeyed, until `ends_s` of the clock that nobody can set."""

    command: Command
    ends_s: float
    by: Literal["challenge", "clock"]


class Guard:
    """What one siren believes.

    keys     pinned, of live commands and of drills: no key can do the other's work
    last     when the last command obeyed was issued, by world; to be kept on the disk before it is obeyed
    wall     the time of day, which may be wrong
    mono_s   seconds that only ever go on
    made     makes a challenge that nobody can guess
    clock_off_s   our clock less the service's where it is known to be wrong; 0: it is right; None: not known
    """

    def __init__(
        self,
        siren: str,
        sector: str,
        keys: Mapping[World, Keys],
        last: Mapping[World, datetime],
        *,
        wall: Callable[[], datetime],
        mono_s: Callable[[], float],
        made: Callable[[], str],
    ) -> None:
        if keys["live"].keys() & keys["drill"].keys():
            raise ValueError("a key for drills is a key for live warnings, too; give drills their own")
        self.last = dict(last)
        self.clock_off_s: float | None = None
        self._siren = siren
        self._sector = sector
        self._keys = {name: key for world in keys.values() for name, key in world.items()}
        self._drills = frozenset(keys["drill"])
        self._wall = wall
        self._mono_s = mono_s
        self._made = made
        # Challenge -> its number and when it was made.
        self._challenges: dict[str, tuple[int, float]] = {}
        self._count = 0
        self._echoed: dict[World, tuple[int, datetime]] = {}

    def challenge(self) -> str:
        """A new challenge, for the next report."""
        if len(self._challenges) >= CHALLENGES_MAX:
            del self._challenges[next(iter(self._challenges))]
        self._count += 1
        made = self._made()
        self._challenges[made] = (self._count, self._mono_s())
        return made

    def authentic(self, data: bytes) -> Command:
        """A command of a pinned key, for this siren, in its own world; perhaps an old one. Raises Refused."""
        by, command = opened_command(data, self._keys)
        if (command.siren, command.sector) != (self._siren, self._sector):
            raise Refused(f"it is for siren {command.siren} of sector {command.sector}")
        if command.drill != (by in self._drills):
            raise Refused("a key for drills signs drills, and nothing else; the live keys sign no drills")
        valid_s = (command.expires - command.issued).total_seconds()
        if not 0 < valid_s <= VALID_S_MAX:
            raise Refused(f"it is valid for {valid_s:g} s; at most {VALID_S_MAX:g} are believed")
        return command

    def weigh(self, command: Command) -> Believed:
        """An authentic command, if it is fresh and in order; from then on nothing older is. Raises Refused."""
        world: World = "drill" if command.drill else "live"
        now_s = self._mono_s()
        left_s = self._by_challenge(world, command, now_s)
        by: Literal["challenge", "clock"] = "challenge"
        if left_s is None:
            left_s, by = self._by_clock(world, command), "clock"
            # What was believed without one may be newer than what echoes one.
            self._challenges.clear()
        self.last[world] = max(command.issued, self.last.get(world, command.issued))
        return Believed(command, now_s + left_s, by)

    def _by_challenge(self, world: World, command: Command, now_s: float) -> float | None:
        """Seconds that it still holds for, at least; None: its challenge shows nothing."""
        found = None if command.echo is None else self._challenges.get(command.echo)
        if found is None:
            return None
        number, made_s = found
        old_s = now_s - made_s
        off_s = (self._wall() - command.issued).total_seconds()
        self.clock_off_s = 0.0 if -CLOCKS_APART_S <= off_s <= old_s + CLOCKS_APART_S else off_s
        order = (number, command.issued)
        left_s = (command.expires - command.issued).total_seconds() - old_s
        if left_s <= 0 or (world in self._echoed and order <= self._echoed[world]):
            return None
        self._echoed[world] = order
        return left_s

    def _by_clock(self, world: World, command: Command) -> float:
        """Seconds that it still holds for. Raises Refused."""
        if self.clock_off_s:
            raise Refused(f"this clock is {self.clock_off_s:+.0f} s off, and no fresh challenge is echoed")
        if world in self.last and command.issued <= self.last[world]:
            raise Refused("it is not newer than what was obeyed")
        now = self._wall()
        ahead_s = (command.issued - now).total_seconds()
        if ahead_s > CLOCKS_APART_S:
            raise Refused(f"it is from the future, by {ahead_s:.0f} s; one of the clocks is wrong")
        left_s = (command.expires - now).total_seconds()
        if left_s <= 0:
            raise Refused(f"it expired {-left_s:.0f} s ago, or this clock is wrong")
        return min(left_s, VALID_S_MAX)
