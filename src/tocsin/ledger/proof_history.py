"""What signed heads say the public log is: the hash of every leaf, and where they contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tocsin.ledger.merkle import HASH_BYTES, MerkleTree
from tocsin.ledger.proof_heads import SignedHead, head_from_json, signed_by
from tocsin.model.errors import BadRecord

# Histories that contradict each other which are followed; more are told of by their heads alone.
BRANCHES_MAX = 8
What = Literal["head", "rewound", "forked", "altered", "dropped", "moved", "added", "blanked", "unlogged"]


class Finding(NamedTuple):
    """One thing that is wrong.

    what    `head`: a head is of no use; `rewound`: the log became shorter; `forked`: two histories are signed;
            `altered`, `dropped`, `moved`, `added`, `blanked`: of entries; `unlogged`: of records of the ledger
    first   the first entry it is about, last: the last one; None: none
    said    a sentence
    """

    what: What
    first: int | None
    last: int | None
    said: str


class Branch:
    """One history that heads tell: the leaves that they name, each time with the root that they sign."""

    def __init__(self, leaves: bytes = b"") -> None:
        self.tree = MerkleTree()
        self.tree.extend((leaves,))
        self.size = 0

    def takes(self, head: SignedHead) -> bool:
        """Whether a head is of this history; what it adds to it is taken in."""
        known, new = len(self.tree), head.leaf_bytes
        if new is not None and head.first <= known:
            there = self.tree.leaves(head.first)
            shared = min(len(there), len(new))
            if there[:shared] != new[:shared]:
                return False
            self.tree.extend((new[shared:],))
        if head.size <= len(self.tree) and self.tree.root(head.size).hex() == head.root:
            return True
        self.tree.cut(known)
        return False

    def forked(self, head: SignedHead) -> Branch | None:
        """The history that leaves this one where the head's leaves begin; None: there is none."""
        new = head.leaf_bytes
        if new is None or head.first > len(self.tree):
            return None
        other = Branch(self.tree.leaves()[: head.first * HASH_BYTES] + new)
        return other if other.tree.root().hex() == head.root else None


@dataclass
class History:
    """What the heads vouch for.

    main       the history that the oldest heads tell
    others     those that contradict it
    later      heads whose leaves are not known, by size: their roots alone are
    newest     the newest head that counts; None: there is none
    """

    main: Branch = field(default_factory=Branch)
    others: list[Branch] = field(default_factory=list)
    later: list[SignedHead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    newest: SignedHead | None = None

    @property
    def second(self) -> set[bytes]:
        """The hashes of leaves that only other histories have."""
        if not self.others:
            return set()
        own = set(split(self.main.tree.leaves()))
        return {leaf for other in self.others for leaf in split(other.tree.leaves())} - own


def history(lines: Iterable[bytes], trust: Mapping[str, object]) -> History:
    """What a file of heads vouches for; `trust`: the keys that may sign, by fingerprint. Raises nothing."""
    found = History()
    heads = _trusted(lines, trust, found)
    for head in heads:
        if head.log == heads[0].log:
            _take(head, found)
            found.newest = head
        else:
            said = f"{head.name} is of log {head.log[:12]}…, not of {heads[0].log[:12]}… as {heads[0].name}"
            found.findings.append(Finding("forked", None, None, said))
    for other in found.others:
        found.findings += _differing(found.main, other)
    found.later.sort(key=lambda head: head.size)
    return found


def _trusted(lines: Iterable[bytes], trust: Mapping[str, object], found: History) -> list[SignedHead]:
    """The heads that a trusted key signed, oldest first, and of one second the smaller first; the same twice is one."""
    heads: dict[SignedHead, None] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            head = head_from_json(line)
            why = signed_by(head, trust)
        except BadRecord as error:
            found.findings.append(Finding("head", None, None, f"line {number} of the heads is {error}"))
            continue
        if why is None:
            heads[head] = None
        else:
            found.findings.append(Finding("head", None, None, f"line {number} of the heads: {head.name} {why}"))
    return sorted(heads, key=lambda head: (head.time, head.size, head.root))


def _take(head: SignedHead, found: History) -> None:
    """Take in a head: it goes on with a history, or contradicts all, or its root is all that is known of it."""
    for branch in (found.main, *found.others):
        if branch.takes(head):
            if head.size < branch.size:
                said = f"{head.name} comes after one of {branch.size} entries: the log became shorter"
                found.findings.append(Finding("rewound", head.size, branch.size - 1, said))
            branch.size = max(branch.size, head.size)
            return
    for branch in (found.main, *found.others)[:BRANCHES_MAX]:
        if (other := branch.forked(head)) is not None:
            other.size = head.size
            found.others.append(other)
            return
    if head.size > len(found.main.tree):
        if head.leaves and head.first <= len(found.main.tree):
            said = f"the leaves that {head.name} names do not give the root that it signs"
            found.findings.append(Finding("head", None, None, said))
        found.later.append(head)
        return
    said = f"{head.name} signs another tree than the heads before it do of as many entries"
    found.findings.append(Finding("forked", None, None, said))


def _differing(main: Branch, other: Branch) -> Iterator[Finding]:
    ours, theirs = split(main.tree.leaves()), split(other.tree.leaves())
    differing = [at for at, leaf in enumerate(theirs) if at >= len(ours) or leaf != ours[at]]
    for first, last in runs(differing):
        yield Finding("forked", first, last, f"{entries(first, last)} signed twice, with two texts: the log was forked")


def split(joined: bytes) -> list[bytes]:
    """Hashes that stand one after the other."""
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Numbers in order as runs: first and last of each.

    >>> runs([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def entries(first: int, last: int) -> str:
    """Entries by their numbers, and the verb after them."""
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
