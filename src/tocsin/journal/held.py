"""Events that were taken and are not on the disk yet: in memory, in their order, as they will be written."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tocsin.journal.ids import Place

if TYPE_CHECKING:
    from tocsin.journal.marks import Mark

# An event as the table of events holds it: seq, key, CRC, body, digest, chain.
Values = tuple[int, int | None, int, bytes, int, bytes | None]


class Group(NamedTuple):
    """Events that were taken together: a link of the chain, written whole or not at all.

    before      the hash of the chain before them
    places      key -> place of those that have one
    mark        how far the agreed log is followed with them; None: none is
    own         whether this machine took some of them in alone, and the log is to be told of them
    """

    before: bytes
    values: list[Values]
    places: dict[int, Place]
    size_bytes: int
    mark: Mark | None = None
    own: bool = False

    @property
    def first(self) -> int:
        """Number of the first of them."""
        return self.values[0][0]

    @property
    def last(self) -> int:
        """Number of the last of them."""
        return self.values[-1][0]

    @property
    def chain(self) -> bytes:
        """The hash of the chain after them."""
        chain = self.values[-1][5]
        assert chain is not None, "the last event of a group carries its hash"
        return chain


class Held:
    """What is not on the disk yet. Whoever changes it holds the journal's lock for that; anybody may look.

    count, size_bytes   of the events in it
    places              key -> place of those that have one
    """

    def __init__(self) -> None:
        self._groups: deque[Group] = deque()
        self.places: dict[int, Place] = {}
        self.count = 0
        self.size_bytes = 0

    def add(self, group: Group) -> None:
        """Put a group at the end."""
        self._groups.append(group)
        self.places.update(group.places)
        self.count += len(group.values)
        self.size_bytes += group.size_bytes

    def first(self, events_max: int) -> list[Group]:
        """The oldest groups, together no more than so many events, but one at least; nothing where there is none."""
        found: list[Group] = []
        count = 0
        for group in islice(self._groups, events_max):
            count += len(group.values)
            if found and count > events_max:
                break
            found.append(group)
        return found

    def drop_first(self, number: int) -> None:
        """Forget the oldest groups: they are on the disk."""
        for _ in range(number):
            self._forget(self._groups.popleft())

    def drop_last(self) -> Group:
        """Forget the newest group, which was refused; that group."""
        group = self._groups.pop()
        self._forget(group)
        return group

    def end_of(self, seq: int) -> Group | None:
        """The group that an event is in; None: it is on the disk, or was never taken."""
        return next((group for group in self._groups if group.first <= seq <= group.last), None)

    def _forget(self, group: Group) -> None:
        self.count -= len(group.values)
        self.size_bytes -= group.size_bytes
        for key, place in group.places.items():
            if self.places.get(key) == place:
                del self.places[key]
