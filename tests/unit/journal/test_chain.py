"""No event of a chain can be other than it was written, even where its own checksum was made to fit."""

from __future__ import annotations

import pytest

from tocsin.journal.chain import Broken, Row, commits, genesis, linked, row_crc

START = genesis(b"journal")


def row(seq: int, body: bytes, *, key: int | None = 7, digest: int = 9, chain: bytes | None = None) -> Row:
    return Row(seq, key, row_crc(seq, body), body, digest, chain)


def two_commits() -> list[Row]:
    first = linked(START, 1, [(7, 9, b"a"), (7, 9, b"b")])
    return [row(1, b"a"), row(2, b"b", chain=first), row(3, b"c", chain=linked(first, 3, [(7, 9, b"c")]))]


def test_a_chain_that_is_whole_gives_its_commits() -> None:
    assert [len(commit) for commit in commits(two_commits(), 0, START)] == [2, 1]


@pytest.mark.parametrize(
    ("place", "other"),
    [
        (0, row(1, b"x")),
        (0, row(1, b"a", key=8)),
        (0, row(1, b"a", key=None)),
        (0, row(1, b"a", digest=8)),
        (2, row(3, b"c", chain=b"0" * 32)),
        (2, row(3, b"c")),
        (1, row(2, b"b")),
        (1, row(3, b"b")),
    ],
)
def test_whatever_is_changed_in_it_breaks_it(place: int, other: Row) -> None:
    rows = two_commits()
    rows[place] = other
    with pytest.raises(Broken):
        list(commits(rows, 0, START))
