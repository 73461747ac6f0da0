"""A Merkle tree over a log that only grows, as certificate transparency has it (RFC 6962, 2.1; RFC 9162, 2.1).

The hash of a leaf is SHA-256(0x00 ‖ data), that of a node SHA-256(0x01 ‖ left ‖ right); a tree of n leaves is split
at the largest power of two below n. With the root alone anybody can be shown, in O(log n) hashes, that a leaf is in the
log (inclusion), and that one tree is the beginning of another (consistency).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
_PAIR = 2 * HASH_BYTES
_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with that data."""
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two."""
    return hashlib.sha256(_NODE + left + right).digest()


class MerkleTree:
    """The tree, by the hashes of its leaves; 64 bytes of memory for each of them.

    Kept are the hashes of all whole subtrees, level by level: appending costs two hashes on average and O(log n) at
    most, and so does every root and proof, also of a tree as it was.
    """

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Take in the hash of the next leaf."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Take in the hashes of the next leaves."""
        before = len(self._levels[0])
        self._levels[0] += b"".join(leaves)
        assert (len(self._levels[0]) - before) % HASH_BYTES == 0, "leaves are taken in by their hashes"
        for level, below in enumerate(self._levels, start=1):
            if level == len(self._levels):
                self._levels.append(bytearray())
            above = self._levels[level]
            # Two hashes that stand side by side are a node's left and right already.
            new = range(2 * len(above), len(below) - len(below) % _PAIR, _PAIR)
            if not new:
                break
            above += b"".join(hashlib.sha256(_NODE + below[at : at + _PAIR]).digest() for at in new)

    def cut(self, size: int) -> None:
        """Make it the tree of the first `size` leaves again."""
        for level, row in enumerate(self._levels):
            del row[(self._known(size) >> level) * HASH_BYTES :]

    def leaves(self, start: int = 0) -> bytes:
        """The hashes of the leaves from there on, one after the other."""
        return bytes(self._levels[0][start * HASH_BYTES :])

    def root(self, size: int | None = None) -> bytes:
        """The root of the tree of the first `size` leaves; of all of them without."""
        size = self._known(len(self) if size is None else size)
        return self._over(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf `index` is in the tree of the first `size` leaves (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < self._known(size):
            raise IndexError(f"there is no leaf {index} in a tree of {size}")
        return list(self._path(index, 0, size))

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the tree of the first `first` leaves is the beginning of that of `second` (2.1.4.1)."""
        if not 0 <= first <= self._known(second):
            raise IndexError(f"a tree of {first} leaves is no beginning of one of {second}")
        return [] if first in (0, second) else list(self._subproof(first, 0, second, whole=True))

    def _known(self, size: int) -> int:
        if not 0 <= size <= len(self):
            raise IndexError(f"there are {len(self)} leaves, not {size}")
        return size

    def _whole(self, level: int, at: int) -> bytes:
        """The hash of whole subtree number `at` of 2**level leaves."""
        return bytes(self._levels[level][at * HASH_BYTES : (at + 1) * HASH_BYTES])

    def _over(self, start: int, end: int) -> bytes:
        """The hash over leaves start to end, where start is a multiple of the width's power of two."""
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._whole(level, start >> level)
        middle = start + _split(width)
        return node_hash(self._over(start, middle), self._over(middle, end))

    def _path(self, index: int, start: int, end: int) -> Iterator[bytes]:
        if end - start == 1:
            return
        middle = start + _split(end - start)
        if index < middle:
            yield from self._path(index, start, middle)
            yield self._over(middle, end)
        else:
            yield from self._path(index, middle, end)
            yield self._over(start, middle)

    def _subproof(self, first: int, start: int, end: int, *, whole: bool) -> Iterator[bytes]:
        if first == end:
            if not whole:
                yield self._over(start, end)
            return
        middle = start + _split(end - start)
        if first <= middle:
            yield from self._subproof(first, start, middle, whole=whole)
            yield self._over(middle, end)
        else:
            yield from self._subproof(first, middle, end, whole=False)
            yield self._over(start, middle)


def _split(width: int) -> int:
    """The largest power of two below a width of two or more."""
    return 1 << (width - 1).bit_length() - 1


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that the leaf of that hash is number `index` of the tree with that root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node_hash(one, found)
            while not at % 2 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the first tree is the beginning of the second (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return first_root == second_root and not proof
    if first == 0:
        return first_root == EMPTY_ROOT and not proof
    # The first tree of a power of two is a node of the second: its own root is where the proof begins.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = first - 1, second - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while not at % 2 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, one)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
