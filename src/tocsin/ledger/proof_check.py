"""Whether the entries of a public log are those that its signed heads vouch for; each that is not is named."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from tocsin.ledger.merkle import MerkleTree
from tocsin.ledger.proof_entries import blanked_by, entry_from_json
from tocsin.ledger.proof_history import Finding, History, entries, history, runs, split
from tocsin.model.errors import BadRecord


class Read(NamedTuple):
    """A line of an export, as far as it matters.

    leaf     None: it cannot be read
    said     what number it gives itself; None: as above
    name     for sentences
    hidden   it was public, and is blanked
    """

    number: int
    leaf: bytes | None
    said: int | None
    name: str
    hidden: bool


class Verdict(NamedTuple):
    """What came of a check.

    entries    how many there are, and how many of them no head vouches for yet
    findings   everything that is wrong; none: all of it is as it was signed
    """

    entries: int
    unsigned: int
    heads: History
    findings: list[Finding]


def verify(lines: Iterable[bytes], head_lines: Iterable[bytes], trust: Mapping[str, object]) -> Verdict:
    """Check an export against signed heads; `trust`: the keys that may sign heads, by fingerprint. Raises nothing.

    Entries are told by the hashes of their leaves, in the order in which they stand: what is missing was dropped, what
    no head knows and stands where something is missing was altered, what stands out of order was moved.
    """
    heads = history(head_lines, trust)
    told: set[int] = set()
    aligned = _Aligned(list(_read(lines, told)), heads)
    findings = [*heads.findings, *aligned.findings(told)]
    unsigned = aligned.unsigned
    if all(one.first is None for one in findings):
        agreed, wrong = _by_root(aligned.read, heads)
        findings += wrong
        # What a root covers is vouched for, too, although no head names its leaves.
        unsigned = min(unsigned, max(0, len(aligned.read) - agreed))
    if heads.newest is None:
        findings.append(Finding("head", None, None, "no head is signed by a trusted key: nothing vouches for anything"))
    return Verdict(len(aligned.read), unsigned, heads, findings)


def _read(lines: Iterable[bytes], told: set[int]) -> Iterator[Read]:
    """The entries; `told`: which of them others say are blanked, filled in on the way."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = entry_from_json(line)
        except BadRecord:
            yield Read(number, None, None, f"line {number}", hidden=False)
            continue
        if (other := blanked_by(entry)) is not None:
            told.add(other)
        yield Read(number, entry.leaf, entry.index, entry.name, hidden=entry.public and not entry.shown)


class _Aligned:
    """Entries beside what heads vouch for.

    at         which entry a line is, by its place in `read`
    in_order   the most of these that stand in order
    strange    places of lines that no head knows
    unsigned   how many stand after all that heads vouch for
    """

    def __init__(self, read: list[Read], heads: History) -> None:
        self.read = read
        self.unsigned = 0
        self._second = heads.second
        expected = split(heads.main.tree.leaves())
        self._size = len(expected)
        where = {leaf: index for index, leaf in enumerate(expected)}
        self.at: dict[int, int] = {}
        self.strange: list[int] = []
        self._again: list[tuple[int, int]] = []
        seen: set[int] = set()
        for place, one in enumerate(read):
            index = where.get(one.leaf or b"")
            if index is None:
                self.strange.append(place)
            elif index in seen:
                self._again.append((place, index))
            else:
                seen.add(index)
                self.at[place] = index
        self.missing = [index for index in range(self._size) if index not in seen]
        self.in_order = _longest(list(self.at.items()))
        self._places = list(self.in_order)

    def findings(self, told: set[int]) -> Iterator[Finding]:
        """Everything that is wrong with the entries; `told`: which of them others say are blanked."""
        for place, index in self._again:
            said = f"line {self.read[place].number} is entry {index} once more"
            yield Finding("added", index, index, said)
        numbered = self._numbered()
        for place, index in self.at.items():
            one = self.read[place]
            if place not in self.in_order:
                yield Finding("moved", index, index, f"{_called(one, index)} stands {self._beside(place)}")
            elif one.said != (place if numbered else index):
                said = f"line {one.number} is entry {index} and calls itself entry {one.said}"
                yield Finding("altered", index, index, said)
            if one.hidden and index not in told:
                yield Finding("blanked", index, index, f"entry {index} is blanked, and no entry says so and why")
        taken = set[int]()
        yield from self._placed(taken)
        for first, last in runs([index for index in self.missing if index not in taken]):
            yield Finding("dropped", first, last, f"{entries(first, last)} missing")

    def _numbered(self) -> bool:
        """Whether somebody numbered the lines anew, as most of them tell, so that these numbers mean nothing."""
        by_place = sum(self.read[place].said == place for place in self.in_order)
        return by_place > sum(self.read[place].said == index for place, index in self.in_order.items())

    def _beside(self, place: int) -> str:
        after = bisect_right(self._places, place)
        names = [self.read[one].name for one in self._places[max(0, after - 1) : after + 1]]
        return " and ".join([f"beside {names[0]}", *names[1:]])

    def _placed(self, taken: set[int]) -> Iterator[Finding]:
        """What the lines that no head knows stand for: `taken` is filled with the missing entries among it."""
        forked = []
        reached: dict[int, int] = {}
        for place in self.strange:
            one = self.read[place]
            after = bisect_right(self._places, place)
            index = self._gap(one, after, reached, taken)
            if index is not None:
                taken.add(index)
            if one.leaf in self._second:
                forked.append(one.said or 0)
            elif index is not None:
                yield Finding("altered", index, index, f"{_called(one, index)} is not as it was signed")
            elif after == len(self._places) and one.said is not None and one.said >= self._size:
                self.unsigned += 1
            else:
                yield Finding("added", one.said, one.said, f"line {one.number}, {one.name}, was never signed")
        for first, last in runs(sorted(forked)):
            yield Finding("forked", first, last, f"{entries(first, last)} of another history than the oldest heads")

    def _gap(self, one: Read, after: int, reached: dict[int, int], taken: set[int]) -> int | None:
        """Of the entries that are missing just there and not taken: the one it says it is, else the first."""
        low = self.in_order[self._places[after - 1]] + 1 if after else 0
        high = self.in_order[self._places[after]] if after < len(self._places) else self._size
        start = bisect_left(self.missing, low) if after not in reached else reached[after]
        end = bisect_left(self.missing, high)
        while start < end and self.missing[start] in taken:
            start += 1
        reached[after] = start
        if start == end:
            return None
        said = bisect_left(self.missing, one.said or 0, start, end)
        free = said < end and self.missing[said] == one.said and one.said not in taken
        return self.missing[said if free else start]


def _called(one: Read, index: int) -> str:
    return one.name if one.said == index else f"{one.name}, in the place of entry {index},"


def _longest(pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Of places and the entries there, the most that are in order: place -> entry."""
    if all(one < other for (_, one), (_, other) in pairwise(pairs)):
        return dict(pairs)
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, index) in enumerate(pairs):
        length = bisect_left(tails, index)
        tails[length : length + 1] = [index]
        ends[length : length + 1] = [number]
        before.append(ends[length - 1] if length else -1)
    found = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return dict(reversed(found))


def _by_root(read: list[Read], heads: History) -> tuple[int, list[Finding]]:
    """How many entries agree with the heads, and what roots alone can tell: between which two something is wrong."""
    tree = MerkleTree()
    tree.extend(one.leaf for one in read if one.leaf is not None)
    agreed = len(heads.main.tree)
    for head in heads.later:
        if head.size > len(tree):
            said = f"{entries(len(tree), head.size - 1)} missing: {head.name} is not reached"
            return agreed, [Finding("dropped", len(tree), head.size - 1, said)]
        if tree.root(head.size).hex() != head.root:
            said = f"one of entries {agreed} to {head.size - 1} is not as it was signed: {head.name} has another root"
            return agreed, [Finding("altered", agreed, head.size - 1, said)]
        agreed = max(agreed, head.size)
    return agreed, []
