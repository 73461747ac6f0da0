"""Blocks in frames, and blocks between octets of none: every good one is found, and every other octet counted."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingest.asterix_bytes import north_034, plot_048
from tocsin.ingest.asterix import framing
from tocsin.ingest.asterix.blocks import blocks_of
from tocsin.ingest.asterix.framing import (
    GPS_HEADER_OCTETS,
    ORADIS_HEADER_OCTETS,
    _checksum,
    framed,
    gps_framed,
    unframed,
)
from tocsin.ingest.files import read_observations
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Plot
from tocsin.model.sensor import Sensor

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
OTHER = b"\x41\0\6\1\2\3"
BLOCKS = [plot_048(number, time_s=number) for number in range(40)]


def numbers(data: bytes, path: Path, rejects: Rejects | None = None) -> list[int]:
    """The numbers of the plots in a file of these octets, and nothing unsaid."""
    path.write_bytes(data)
    rejects = rejects or Rejects()
    found = [one for one in read_observations(path, (RADAR,), rejects) if isinstance(one, Plot)]
    assert rejects.account.balanced
    return [round(one.azimuth_deg * 65_536 / 360 / 64) for one in found]


def final(block: bytes) -> bytes:
    return struct.pack(">HBBB", 12 + len(block), 1, 2, 3) + b"\x05\x07\x09" + block + b"\xa5" * 4


def oradis(block: bytes) -> bytes:
    return struct.pack(">HI", 6 + len(block), 77) + block


def hdlc(block: bytes) -> bytes:
    body = b"\x01\x03" + block
    return body + struct.pack("<H", _checksum(body, 0xFFFF) ^ 0xFFFF)


def flagged(block: bytes) -> bytes:
    """As on a line: flags around, and what looks like one escaped."""
    return b"\x7e" + re.sub(rb"[\x7d\x7e]", lambda one: b"\x7d" + bytes([one[0][0] ^ 0x20]), hdlc(block))


FRAMES = {"FINAL": final, "ORADIS": oradis, "HDLC": hdlc, "HDLC with flags": flagged}


def test_the_checksum_of_hdlc_is_that_of_x_25() -> None:
    assert _checksum(b"123456789", 0xFFFF) ^ 0xFFFF == 0x906E


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("together", [1, 3])
def test_blocks_in_frames_are_read_and_the_frames_are_no_rejects(tmp_path: Path, kind: str, together: int) -> None:
    parts = [b"".join(BLOCKS[n : n + together]) for n in range(0, 39, together)]
    rejects = Rejects()
    data = b"".join(FRAMES[kind](one) for one in parts)
    assert numbers(data, tmp_path / "night.raw", rejects) == list(range(39))
    assert (rejects.total, {**rejects.passed_over, **rejects.remarks}) == (0, {})


@pytest.mark.parametrize("kind", FRAMES)
def test_damage_in_one_frame_costs_no_other(tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(40):
        parts = [bytearray(FRAMES[kind](one)) for one in BLOCKS]
        hit = chance.randrange(1, 39)
        parts[hit][chance.randrange(len(parts[hit]))] ^= 1 << chance.randrange(8)
        rejects = Rejects()
        found = numbers(b"".join(parts), tmp_path / "night.raw", rejects)
        assert set(range(40)) - set(found) <= {hit}
        assert sum(rejects.remarks.values()) <= 3 * len(parts[hit])
        # Half a frame at the beginning, as where a recorder joined.
        late = b"".join(parts)[chance.randrange(1, 20) :]
        assert set(range(2, 40)) - set(numbers(late, tmp_path / "night.raw")) <= {hit}


def test_a_gps_recording_is_read_whatever_fills_its_header(tmp_path: Path) -> None:
    chance = random.Random(3)
    body = b"".join(one + chance.randbytes(10) for one in BLOCKS)
    for fill in (b"\xcd" * GPS_HEADER_OCTETS, bytes(GPS_HEADER_OCTETS), chance.randbytes(GPS_HEADER_OCTETS)):
        rejects = Rejects()
        assert numbers(fill + body, tmp_path / "night.gps", rejects) == list(range(40))
        assert rejects.total == 0
    assert numbers(b"\xcd" * GPS_HEADER_OCTETS + body[:-10], tmp_path / "night.gps") == list(range(40))
    assert not gps_framed(b"".join(BLOCKS) * 20)


def test_bare_blocks_stand_in_no_frames() -> None:
    assert framed(b"".join(BLOCKS)) is None
    assert framed(b"") is None


def test_a_frame_of_a_datagram_may_hold_several_blocks() -> None:
    assert unframed(oradis(BLOCKS[0] + BLOCKS[1]) + oradis(BLOCKS[2])) == [BLOCKS[0] + BLOCKS[1], BLOCKS[2]]
    assert len(oradis(b"")) == ORADIS_HEADER_OCTETS


def rubbish(chance: random.Random, length: int) -> bytes:
    """Octets among which no block begins."""
    return bytes(chance.choice(range(0x80, 0x96)) for _ in range(length))


@pytest.mark.parametrize("gap", [1, 4, 12, 64, 500])
def test_every_block_between_other_octets_is_found_and_every_other_octet_counted(tmp_path: Path, gap: int) -> None:
    chance = random.Random(gap)
    data = b"".join(rubbish(chance, gap) + one for one in BLOCKS) + rubbish(chance, gap)
    rejects = Rejects()
    assert numbers(data, tmp_path / "night.ast", rejects) == list(range(40))
    assert rejects.remarks == {"an octet between data blocks": 41 * gap}
    assert rejects.counts == {"ASTERIX: … octets that belong to no data block": 41}
    assert f"{gap} octets that belong to no data block" in rejects.summary()


def test_blocks_among_octets_of_every_kind_are_found(tmp_path: Path) -> None:
    lost = 0
    for seed in range(30):
        chance = random.Random(seed)
        data = b"".join(chance.randbytes(chance.randrange(1, 40)) + one for one in BLOCKS)
        found = numbers(data, tmp_path / "night.ast")
        lost += len(set(range(40)) - set(found))
        assert len(found) == len(set(found))
    # Chance octets may claim to begin a block of a category that is not read, and to reach over one that is.
    assert lost <= 0.01 * 30 * 40


def test_a_block_that_nothing_follows_is_not_believed_where_it_reaches_into_one_that_is_followed(
    tmp_path: Path,
) -> None:
    # Items 010 and SP; SP claims five octets of the block behind.
    false = b"\x30\0\x0f\x81\x01\x01\x04\1\2\6"
    assert numbers(b"\x99" + false + b"".join(BLOCKS), tmp_path / "night.ast") == list(range(40))


def test_a_long_recording_of_frames_nobody_knows_is_read_to_its_end(tmp_path: Path) -> None:
    blocks = [plot_048(number % 512) for number in range(10_000)]
    data = b"".join(b"\x99\x98\x97\x96\x95\x94\x93" + one for one in blocks)
    assert len(numbers(data, tmp_path / "night.ast")) == 10_000


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from([*BLOCKS[:5], north_034(), OTHER]), st.binary(max_size=40)), max_size=12),
    st.integers(0, 30),
)
def test_every_octet_is_of_one_block_or_counted_once_as_of_none(parts: list[bytes], start: int) -> None:
    data = b"".join(parts)
    at = min(start, len(data))
    for block in blocks_of(data, start):
        assert block.at == at
        assert (block.skipped > 0) == (block.category is None)
        at += block.skipped or len(block.octets)
    assert at == len(data)


def unheard(category: int, octets: bytes = b"\x80\1\2") -> bytes:
    return struct.pack(">BH", category, 3 + len(octets)) + octets


@pytest.mark.parametrize("category", [5, 99, 250])
def test_a_block_of_a_category_nobody_has_told_us_of_is_passed_over_by_its_number(
    tmp_path: Path, category: int
) -> None:
    one = unheard(category)
    for data, count in ((one + BLOCKS[1], 1), (BLOCKS[1] + one * 3 + BLOCKS[2], 3), (BLOCKS[0] + OTHER + one * 2, 2)):
        rejects = Rejects()
        assert numbers(data, tmp_path / "night.ast", rejects)
        assert rejects.counts == {}
        assert rejects.passed_over[f"a block of ASTERIX category {category:03} (unknown)"] == count


def test_a_datagram_that_holds_only_blocks_of_unknown_categories_is_no_stretch_of_stray_octets() -> None:
    assert [one.category for one in blocks_of(unheard(99) + unheard(5))] == [99, 5]
    assert [one.category for one in blocks_of(unheard(99) + b"\0")] == [None]
    assert [one.category for one in blocks_of(bytes(600))] == [None]


@pytest.mark.parametrize("kind", FRAMES)
def test_what_is_made_to_look_like_frames_costs_a_bounded_number_of_looks(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counted(look: Callable[..., Any]) -> Callable[[bytes, int], Any]:
        def looked(data: bytes, at: int) -> Any:
            nonlocal looks
            looks += 1
            return look(data, at)

        return looked

    monkeypatch.setattr(framing, "_KINDS", tuple((counted(look), after) for look, after in framing._KINDS))
    spoiled = b"".join(FRAMES[kind](block[:-1])[:-1] + b"\0\x7e\xa5\xa5\xa5\xa5" for block in BLOCKS * 200)
    data = FRAMES[kind](BLOCKS[0]) + spoiled
    stretches = framed(data)
    assert stretches is not None
    assert sum(one.end - one.start for one in stretches if not one.framed) > 0.9 * len(spoiled)
    assert looks <= 2 * framing.MISSES_MAX
