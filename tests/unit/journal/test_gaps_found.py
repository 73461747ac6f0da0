"""What a journal lacks, found from its head, its snapshots and its chain alone; and kept until it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.journal.gap import Gap, find_gap, forget_gap, gap_path, keep_gap, read_gap
from tocsin.journal.head import Head
from tocsin.journal.snapshots import Bound
from tocsin.model.value import time_of

OURS, OTHERS = b"o" * 16, b"x" * 16
TAKEN_S = 1_767_225_600.0
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def hash_at(at: int) -> bytes:
    return bytes([at]) * 32


def head(seq: int, journal_id: bytes = OURS) -> Head:
    return Head(journal_id, 4, seq, hash_at(seq), TAKEN_S)


def bound(at: int, journal_id: bytes = OURS, taken_s: float = TAKEN_S - 60) -> Bound:
    return Bound(Path("s"), journal_id, at, at, hash_at(at), taken_s)


def found(last: int, head: Head | None, *bounds: Bound, other: Mapping[int, bytes | None] | None = None) -> Gap | None:
    chain = {at: hash_at(at) for at in range(last + 1)} | (other or {})
    return find_gap(OURS, last, chain.get, SINCE, head, bounds)


def lost(gap: Gap | None) -> tuple[int, int | None] | None:
    return None if gap is None else (gap.first, gap.last)


def test_a_journal_that_came_as_far_as_its_head_and_its_snapshots_lacks_nothing() -> None:
    assert found(10, head(10), bound(7)) is None
    assert found(10, head(8), bound(10)) is None, "a head may lag behind the log after a power cut"
    assert found(0, head(0)) is None


@pytest.mark.parametrize(("last", "head_seq", "bound_at", "gap"), [
    (6, 10, 5, (7, 10)), (6, 5, 9, (7, 9)), (9, 10, 9, (10, 10)), (0, 3, 0, (1, 3)),
])  # fmt: skip
def test_what_head_or_snapshots_know_beyond_the_end_is_lost(
    last: int, head_seq: int, bound_at: int, gap: tuple[int, int]
) -> None:
    one = found(last, head(head_seq), *([bound(bound_at)] if bound_at else []))
    assert lost(one) == gap
    assert one is not None and one.since == SINCE and one.until == time_of(TAKEN_S)


def test_a_chain_that_went_another_way_is_lost_from_the_last_place_that_is_the_same() -> None:
    changed: dict[int, bytes | None] = dict.fromkeys((7, 8, 9, 10), b"?" * 32)
    assert lost(found(10, head(10), bound(3), bound(5), bound(8), other=changed)) == (6, 10)
    assert lost(found(10, head(10), bound(8), other=changed)) == (1, 10)
    # Whatever is alike after it says nothing: of an older copy numbers come again.
    assert lost(found(10, head(10), bound(3), bound(8), other={8: b"?" * 32})) == (4, 10)
    assert found(10, head(10), bound(3), other={3: None}) is None, "of a place in an archive it cannot be told"


def test_another_journals_head_or_newer_snapshots_mean_that_all_is_lost() -> None:
    assert lost(found(4, head(9, OTHERS))) == (1, 9)
    assert lost(found(0, head(9, OTHERS))) == (1, 9)
    assert lost(found(4, head(0, OTHERS))) == (1, None)
    assert found(0, head(0, OTHERS)) is None
    strangers = [bound(6, OTHERS, TAKEN_S + 5), bound(8, OTHERS, TAKEN_S + 9)]
    gap = found(4, head(4), *strangers)
    assert lost(gap) == (1, 8) and gap is not None and gap.until == time_of(TAKEN_S + 9)
    assert found(4, head(4), bound(8, OTHERS, TAKEN_S)) is None, "older than the head: of before a loss that was told"


def test_without_a_head_snapshots_say_what_is_lost_and_where_they_cannot_nobody_knows() -> None:
    assert found(0, None) is None, "a beginning"
    assert lost(found(5, None)) == (6, None)
    assert lost(found(5, None, bound(5))) == (6, None)
    assert lost(found(5, None, bound(3), bound(9))) == (6, 9)
    assert lost(found(5, None, bound(4, OTHERS), bound(3))) == (1, 4)
    assert lost(found(0, None, bound(3))) == (1, 3)


def test_a_gap_is_kept_together_with_one_that_was_not_told_yet(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    assert read_gap(path) is None
    old = Gap(first=7, last=10, since=SINCE, snapshot="old", why="cut")
    keep_gap(path, old)
    assert read_gap(path) == old
    keep_gap(path, Gap(first=9, last=8, since=None, why="cut again"))
    assert read_gap(path) == Gap(first=7, last=10, since=SINCE, snapshot="old", why="cut again")
    later = datetime(2026, 2, 1, tzinfo=UTC)
    keep_gap(path, Gap(first=2, last=None, since=later, snapshot="new", why="and again"))
    assert read_gap(path) == Gap(first=2, last=10, since=later, snapshot="new", why="and again")
    forget_gap(path)
    assert read_gap(path) is None
    forget_gap(path)
    keep_gap(path, Gap(first=2, last=None, why="nobody knows"))
    keep_gap(path, Gap(first=3, last=None, why="nor now"))
    assert lost(read_gap(path)) == (2, None)


def test_a_gap_that_cannot_be_read_is_one_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    gap_path(path).write_bytes(b"{")
    gap = read_gap(path)
    assert lost(gap) == (1, None) and gap is not None and "cannot be read" in gap.why
