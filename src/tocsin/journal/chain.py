"""The chain: every commit carries the SHA-256 of all that went before it, so that nothing can go missing unnoticed.

The hash of a commit covers the hash before it, the number of its first event, how many they are, and of each event how
it is known (key and digest) and its bytes. It is stored with the commit's last event; the other events store none.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_COMMIT = struct.Struct(">QQ")
# Whether it has a key at all, the key, the digest, and the length of the body.
_EVENT = struct.Struct(">?qqQ")


class Row(NamedTuple):
    """An event as the database holds it; `chain` is None but in the last of a commit."""

    seq: int
    key: int | None
    crc: int
    body: bytes
    digest: int | None
    chain: bytes | None


class Broken(Exception):
    """The chain does not hold from event `seq` on, the first of a commit."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(why)
        self.seq = seq
        self.why = why


def row_crc(seq: int, body: bytes) -> int:
    """CRC-32 of an event's bytes and its place."""
    return zlib.crc32(body, seq & 0xFFFF_FFFF)


def genesis(journal_id: bytes) -> bytes:
    """The hash before the first commit of a journal."""
    return hashlib.sha256(b"tocsin journal\n" + journal_id).digest()


def linked(before: bytes, first: int, events: Sequence[tuple[int | None, int | None, bytes]]) -> bytes:
    """The hash of a commit of events (key, digest, body) that begins with event `first`, after the hash `before`."""
    parts = [before, _COMMIT.pack(first, len(events))]
    for key, digest, body in events:
        parts += (_EVENT.pack(key is not None, key or 0, digest or 0, len(body)), body)
    return hashlib.sha256(b"".join(parts)).digest()


def linked_segment(before: bytes, first: int, last: int, sha256: str) -> bytes:
    """The hash at the end of an archive file that was written before there was a chain."""
    return hashlib.sha256(before + _COMMIT.pack(first, last) + sha256.encode()).digest()


def commits(rows: Iterable[Row], after: int, before: bytes) -> Iterator[list[Row]]:
    """The commits that rows in the order of seq make up, each once its hash holds.

    after, before   the event the rows come after, and the hash there

    Raises Broken at the first one that is not as it was written; what came out before is whole.
    """
    commit: list[Row] = []
    for row in rows:
        first = after + 1
        if row.seq != first + len(commit):
            raise Broken(first, f"event {first + len(commit)} is missing")
        if not isinstance(row.body, bytes) or row.crc != row_crc(row.seq, row.body):
            raise Broken(first, f"event {row.seq} is damaged")
        commit.append(row)
        if row.chain is None:
            continue
        before = linked(before, first, [(one.key, one.digest, one.body) for one in commit])
        if before != row.chain:
            raise Broken(first, f"events {first} to {row.seq} are not those that were written")
        yield commit
        after, commit = row.seq, []
    if commit:
        raise Broken(after + 1, f"the end of the commit that begins with event {after + 1} is missing")
