"""What people's decisions come to: which incidents and sources are one, which claims moved, what counts no more.

Worked out from all decisions at once, in the order in which they were recorded: in which they arrived does not matter.
There are few of them, so they are held in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tocsin.ledger.decision import Apart, Merge, Split, Thing, Undo
from tocsin.ledger.record import Record, order_of
from tocsin.ledger.source import Source
from tocsin.ledger.store import Store

DECISIONS = ("merge", "apart", "split", "undo", "redaction")


class Standing:
    """Decisions, folded.

    undone      ids of records that count no more
    moved       claim -> the incident it was moved to
    apart       what was said to be two: pairs of names in order
    """

    def __init__(self, decisions: Iterable[Record] = ()) -> None:
        ordered = sorted(decisions, key=order_of)
        self.undone = _undone([one for one in ordered if isinstance(one, Undo)])
        left = [one for one in ordered if one.id not in self.undone]
        self.moved = {claim: one.into for one in left if isinstance(one, Split) for claim in one.claims}
        self.apart = {(one.what, *sorted((one.one, one.other))) for one in left if isinstance(one, Apart)}
        merges = [one for one in left if isinstance(one, Merge)]
        self._groups = {what: _Groups(one for one in merges if one.what == what) for what in ("incident", "source")}

    def root(self, what: Thing, name: str) -> str:
        """The one name under which an incident or a source stands."""
        return self._groups[what].root(name)

    def members(self, what: Thing, name: str) -> tuple[str, ...]:
        """Every name of what stands under the same one, in order; the name alone where it was merged with nothing."""
        return self._groups[what].members(name)

    def is_apart(self, what: Thing, one: str, other: str) -> bool:
        """Whether somebody said of any two members that they are two."""
        ours, theirs = self.members(what, one), self.members(what, other)
        return any((what, *sorted((a, b))) in self.apart for a in ours for b in theirs)

    def moved_into(self, names: Iterable[str]) -> list[str]:
        """Claims that were moved to one of these incidents."""
        wanted = set(names)
        return sorted(claim for claim, into in self.moved.items() if into in wanted)


def standing_of(store: Store) -> Standing:
    """What stands in a store."""
    return Standing(store.read(DECISIONS))


class Voices:
    """Which sources are one voice: merged ones, and those that pass another's words on."""

    def __init__(self, sources: Iterable[Source], standing: Standing) -> None:
        newest: dict[str, Source] = {}
        for one in sorted(sources, key=order_of):
            if one.id not in standing.undone:
                newest[one.source] = one
        self.sources = newest
        self._standing = standing
        self._echoes: dict[str, set[str]] = defaultdict(set)
        for name, one in newest.items():
            if one.echoes is not None:
                self._echoes[standing.root("source", name)].add(standing.root("source", one.echoes))

    def of(self, name: str) -> str:
        """The voice that a source speaks with. Sources that echo each other are one, named by the first of them."""
        seen = [self._standing.root("source", name)]
        while heard := self._echoes.get(seen[-1]):
            # A source that is said to echo several is its own voice's best guess: always the same one.
            voice = min(heard)
            if voice in seen:
                return min(seen[seen.index(voice) :])
            seen.append(voice)
        return seen[-1]

    def in_a_ring(self, name: str) -> bool:
        """Whether a source passes on the words of one that, maybe through others, passes on its own."""
        first = self._standing.root("source", name)
        seen, now = set[str](), first
        while (heard := self._echoes.get(now)) and now not in seen:
            seen.add(now)
            if (now := min(heard)) == first:
                return True
        return False

    def kinds(self, name: str) -> set[str]:
        """Of what kinds a source is, and whatever it was merged with; empty: nobody described any of them."""
        return {self.sources[one].kind for one in self._standing.members("source", name) if one in self.sources}

    def itself(self, name: str) -> str:
        """The name under which a source stands, whoever's words it passes on."""
        return self._standing.root("source", name)

    def known_as(self, name: str) -> str:
        """What people call a source: the main name of it, or of what it was merged with; else the name itself."""
        root = self._standing.root("source", name)
        found = self.sources.get(root) or self.sources.get(name)
        return name if found is None else found.names[0].text

    def called(self, name: str) -> str:
        """The same, and as what it was quoted where that was another name."""
        main, own = self.known_as(name), self.sources.get(name)
        quoted = name if own is None else own.names[0].text
        return main if quoted == main else f"{main} (as {quoted})"


def _undone(undos: list[Undo]) -> set[str]:
    """Ids that count no more; an undoing of an undoing restores."""
    found: set[str] = set()
    # From the last one back: whether an undoing counts is settled by those recorded after it.
    for one in reversed(undos):
        if one.id not in found:
            found.add(one.of)
    return found


class _Groups:
    """Names that were merged, directly or through others."""

    def __init__(self, merges: Iterable[Merge]) -> None:
        self._parent: dict[str, str] = {}
        parts: set[str] = set()
        for merge in merges:
            for name in merge.of:
                parts.add(name)
                self._join(name, merge.into)
        self._members: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._parent):
            self._members[self._top(name)].append(name)
        # What nothing was merged into stands for all; where that is none or several, the first in order does.
        self._root = {
            top: min([name for name in names if name not in parts] or names) for top, names in self._members.items()
        }

    def root(self, name: str) -> str:
        return self._root[self._top(name)] if name in self._parent else name

    def members(self, name: str) -> tuple[str, ...]:
        return tuple(self._members[self._top(name)]) if name in self._parent else (name,)

    def _join(self, one: str, other: str) -> None:
        for name in (one, other):
            self._parent.setdefault(name, name)
        self._parent[self._top(one)] = self._top(other)

    def _top(self, name: str) -> str:
        while (above := self._parent[name]) != name:
            self._parent[name] = above = self._parent[above]
            name = above
        return name


def counting(records: Iterable[Record], standing: Standing) -> Iterator[Record]:
    """The records that count, in the order in which they were recorded."""
    return (one for one in sorted(records, key=order_of) if one.id not in standing.undone)
