"""Whoever alters, drops, moves, adds or blanks an entry, or signs two histories, is found, and the entry is named."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ledger.proofs import ED25519, KEY, NOW, Published, changed, checked, items, log_of, named, published
from tocsin.ledger.proof_check import verify
from tocsin.ledger.proof_heads import HeadSigner, key_fingerprint
from tocsin.ledger.proof_log import ProofLog


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Forty entries under eight heads."""
    return published(log_of(tmp_path_factory.mktemp("log"), [5] * 8))


def test_a_log_as_it_was_signed_is_in_order(whole: Published) -> None:
    verdict = checked(*whole)
    assert not verdict.findings
    assert (verdict.entries, verdict.unsigned) == (40, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("content", '{"zone":"z8"}'), ("id", "z8/1"), ("kind", "claim"), ("salt", "0" * 32), ("public", False)],
)
def test_an_entry_whose_text_is_another_is_named(whole: Published, field: str, value: object) -> None:
    lines = [*whole.entries]
    lines[7] = changed(lines[7], **{field: value})
    assert named(checked(lines, whole.heads)) == [("altered", 7, 7)]


def test_an_entry_that_calls_itself_by_another_number_is_named(whole: Published) -> None:
    lines = [*whole.entries]
    lines[7] = changed(lines[7], index=30)
    assert named(checked(lines, whole.heads)) == [("altered", 7, 7)]


def test_of_one_that_calls_itself_by_its_place_it_shows_beside_others_that_do_not(whole: Published) -> None:
    lines = [line for at, line in enumerate(whole.entries) if at != 3]
    lines[7] = changed(lines[7], index=7)
    assert sorted(named(checked(lines, whole.heads))) == [("altered", 8, 8), ("dropped", 3, 3)]


def test_a_line_that_cannot_be_read_any_more_is_the_entry_that_stood_there(whole: Published) -> None:
    lines = [*whole.entries]
    lines[7] = b"{"
    assert named(checked(lines, whole.heads)) == [("altered", 7, 7)]


@pytest.mark.parametrize("renumbered", [False, True])
def test_entries_that_are_gone_are_named_although_the_rest_is_numbered_anew(whole: Published, renumbered: bool) -> None:
    lines = [line for at, line in enumerate(whole.entries) if at not in (3, 11, 12, 39)]
    if renumbered:
        lines = [changed(line, index=at) for at, line in enumerate(lines)]
    assert named(checked(lines, whole.heads)) == [("dropped", 3, 3), ("dropped", 11, 12), ("dropped", 39, 39)]


def test_entries_that_changed_places_are_named(whole: Published) -> None:
    lines = [*whole.entries]
    lines[7], lines[21] = changed(lines[21], index=7), changed(lines[7], index=21)
    assert sorted(named(checked(lines, whole.heads))) == [("moved", 7, 7), ("moved", 21, 21)]


def test_of_neighbours_that_changed_places_both_are_named(whole: Published) -> None:
    lines = [*whole.entries]
    lines[7], lines[8] = lines[8], lines[7]
    (finding,) = checked(lines, whole.heads).findings
    assert finding.what == "moved"
    assert "entry 7 " in finding.said
    assert "entry 8 " in finding.said


def test_an_entry_that_was_never_signed_is_named_and_so_is_one_that_stands_twice(whole: Published) -> None:
    new = changed(whole.entries[0], salt="1" * 32, index=20)
    lines = [*whole.entries[:20], new, whole.entries[3], *whole.entries[20:]]
    assert sorted(named(checked(lines, whole.heads))) == [("added", 3, 3), ("added", 20, 20)]


def test_what_no_head_vouches_for_yet_is_no_fault(whole: Published) -> None:
    verdict = checked(whole.entries, whole.heads[:6])
    assert not verdict.findings
    assert verdict.unsigned == 10


def test_the_one_head_that_a_reader_kept_vouches_for_all_that_is_before_it(whole: Published) -> None:
    for kept, unsigned in ((whole.heads[7:8], 0), (whole.heads[5:6], 10), ([whole.heads[0], whole.heads[6]], 5)):
        verdict = checked(whole.entries, kept)
        assert not verdict.findings
        assert verdict.unsigned == unsigned


def test_heads_that_name_no_leaves_tell_between_which_two_something_is_wrong(whole: Published) -> None:
    bare = [changed(line, leaves=None) for line in whole.heads]
    assert not checked(whole.entries, bare).findings
    lines = [*whole.entries]
    lines[7] = changed(lines[7], content="{}")
    assert named(checked(lines, bare)) == [("altered", 5, 9)]
    assert named(checked(whole.entries[:33], bare)) == [("dropped", 33, 34)]


def test_a_head_of_another_key_or_with_other_words_counts_for_nothing(whole: Published) -> None:
    stranger = HeadSigner(ED25519).sign("0" * 32, bytes(32), "2026-03-01T04:00:00Z", 0, bytes(32))
    for bad in some(
        [
            msgspec.json.encode(stranger),
            changed(whole.heads[3], size=19),
            changed(whole.heads[3], time="2026-03-01T03:00:09Z"),
            changed(whole.heads[3], signature=""),
            b"not JSON",
        ]
    ):
        heads = [*whole.heads, bad]
        assert named(checked(whole.entries, heads)) == [("head", None, None)]


def test_leaves_that_a_head_does_not_vouch_for_are_not_believed(whole: Published) -> None:
    spoilt = [*whole.heads]
    spoilt[3] = changed(spoilt[3], leaves=msgspec.json.decode(spoilt[4])["leaves"])
    assert named(checked(whole.entries, spoilt)) == [("head", None, None)]


def test_without_a_head_that_is_trusted_nothing_is_in_order(whole: Published) -> None:
    assert named(checked(whole.entries, [])) == [("head", None, None)]
    assert ("head", None, None) in named(verify(whole.entries, whole.heads, {}))


def forked(folder: Path, at: int, key: object = KEY) -> tuple[Published, Published]:
    """A log of 40 entries, and a second history that leaves it after so many."""
    log_of(folder, [5] * (at // 5)).close()
    shutil.copyfile(folder / "proof.db", folder / "copy.db")
    both = []
    for name, second in (("proof.db", 0), ("copy.db", 100)):
        branch, signer = ProofLog(folder / name), HeadSigner(key)
        while len(branch) < 40:
            branch.append(items(5, len(branch)))
            branch.sign(signer, NOW + timedelta(seconds=second + len(branch)))
        both.append(published(branch))
    return both[0], both[1]


def test_two_histories_under_one_key_are_a_fork_whichever_of_them_is_shown(tmp_path: Path) -> None:
    first, second = forked(tmp_path, 20)
    heads = [*first.heads, *second.heads]
    assert named(checked(first.entries, heads)) == [("forked", 20, 39)]
    assert named(checked(second.entries, heads)) == [("forked", 20, 39), ("forked", 20, 39)]
    # Who kept only one of them sees that he is shown the other.
    altered = named(checked(second.entries, first.heads))
    assert altered == [("altered", at, at) for at in range(20, 40)]


def test_a_fork_shows_although_its_heads_name_no_leaves(tmp_path: Path) -> None:
    first, second = forked(tmp_path, 20)
    heads = [*first.heads, *(changed(line, leaves=None) for line in second.heads[4:])]
    assert {what for what, _, _ in named(checked(first.entries, heads))} == {"forked"}


def test_a_log_that_became_shorter_is_found(tmp_path: Path) -> None:
    log_of(tmp_path, [5, 5]).close()
    shutil.copyfile(tmp_path / "proof.db", tmp_path / "copy.db")
    log = ProofLog(tmp_path / "proof.db")
    log.append(items(5, 10))
    log.sign(HeadSigner(KEY), NOW + timedelta(seconds=10))
    older = ProofLog(tmp_path / "copy.db")
    older.sign(HeadSigner(KEY), NOW + timedelta(seconds=20), anew=True)
    heads = [*log.head_lines(0, 100), *older.head_lines(2, 100)]
    assert named(checked(log.entry_lines(0, 100), heads)) == [("rewound", 10, 14)]


def test_heads_of_two_logs_are_told_apart(whole: Published, tmp_path: Path) -> None:
    other = published(log_of(tmp_path, [5]))
    found = {what for what, _, _ in named(checked(whole.entries, [*whole.heads, *other.heads]))}
    assert "forked" in found


def test_either_kind_of_key_signs(tmp_path: Path) -> None:
    log = published(log_of(tmp_path, [3, 4], ED25519))
    public = ED25519.public_key()
    assert not verify(*log, {key_fingerprint(public): public}).findings


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_whatever_is_done_to_a_log_is_found_and_named(whole: Published, seed: int, times: int) -> None:
    chance = random.Random(seed)
    lines = [*whole.entries]
    touched: set[int] = set()
    places = chance.sample(range(0, 40, 3), times)
    for at in sorted(places, reverse=True):
        touched.add(at)
        match chance.choice(["flip", "drop", "swap"]):
            case "flip":
                flipped = bytearray(lines[at])
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(7)
                lines[at] = bytes(flipped)
            case "drop":
                del lines[at]
            case "swap" if at + 1 < len(lines):
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
            case _:
                touched.discard(at)
    # Some changes of a line are none: white space, a key that nobody reads.
    verdict = checked(lines, whole.heads)
    found = {at for one in verdict.findings if one.first is not None for at in range(one.first, (one.last or 0) + 1)}
    same = {at for at in touched if at < len(lines) and _reads_as(lines, whole.entries[at])}
    neighbours = {at + 1 for at in touched}
    assert touched - same <= found | {at for at in touched if at + 1 in found}
    assert found <= touched | neighbours


def _reads_as(lines: list[bytes], line: bytes) -> bool:
    """Whether a line is still there as a reader of JSON sees it."""
    wanted = msgspec.json.decode(line)
    for one in lines:
        try:
            read = msgspec.json.decode(one)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(read, dict) and {name: read.get(name) for name in wanted} == wanted:
            return True
    return False
