"""Our ASTERIX decoder against libasterix, record by record: other people's recordings, and records made at random."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.asterix_oracle import EDITIONS, TWICE, quantity, random_items, theirs
from tocsin.ingest.asterix.blocks import blocks_of
from tocsin.ingest.asterix.capture import datagrams, is_capture
from tocsin.ingest.asterix.framing import GPS_HEADER_OCTETS, GPS_TRAILER_OCTETS, unframed
from tocsin.ingest.asterix.layouts import CAT_001_TRACK, PROFILES
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.asterix.records import Record, records_of
from tocsin.ingest.asterix.reports import plot_fields, position_fields
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord
from tocsin.model.sensor import Sensor

pytestmark = pytest.mark.reference
# Category -> records, counted with libasterix.
SAMPLES = {
    "croatia/cat048.raw": {48: 1},
    "croatia/cat062cat065.raw": {62: 2},
    "croatia/cat21_re.ast": {21: 2},
    "croatia/cat_001_002.pcap": None,
    "croatia/cat_034_048.pcap": None,
    "croatia/cat_062_065.pcap": None,
    "croatia/parsegps.gps": None,
    "goasterix_sample.ast": None,
}


def check(category: int, record: Record, octets: bytes) -> None:
    parsed, left = theirs(category, octets)
    assert len(left) == 0
    mine = {name: value for name, value in record.items() if "/" not in name}
    assert {name: item.unparse().to_bytes() for name, item in parsed.items_regular.items()} == mine


def payloads(path: Path) -> Iterator[tuple[bytes, float | None, int, int]]:
    data = path.read_bytes()
    if is_capture(data):
        for one in datagrams(data, path.name, Rejects()):
            for payload in unframed(one.payload):
                yield payload, one.captured_s, 0, 0
    elif data.startswith(b"\xcd" * 64):
        yield data, None, GPS_HEADER_OCTETS, GPS_TRAILER_OCTETS
    else:
        yield data, None, 0, 0


@pytest.mark.parametrize("name", SAMPLES)
def test_every_record_of_a_recording_is_read_as_libasterix_reads_it(data_dir: Path, name: str) -> None:
    counts: Counter[int] = Counter()
    for data, _, start, trailer in payloads(data_dir / "tracks" / "asterix" / name):
        for block in blocks_of(data, start, trailer=trailer):
            assert block.category is not None
            assert block.fault is None
            for record, octets in block.records:
                check(block.category, record, octets)
                counts[block.category] += 1
    assert counts
    if SAMPLES[name] is not None:
        assert counts == SAMPLES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_ranges_and_positions_are_those_libasterix_computes(data_dir: Path, name: str) -> None:
    compared = 0
    for data, _, start, trailer in payloads(data_dir / "tracks" / "asterix" / name):
        for block in blocks_of(data, start, trailer=trailer):
            for record, octets in block.records:
                category = block.category
                assert category is not None
                parsed, _ = theirs(category, octets)
                compared += category == 62 or "040" in record
                if category in (1, 48) and "040" in record:
                    fields = plot_fields(category, record)
                    assert fields["range_m"] == pytest.approx(quantity(parsed, "040", "RHO", "NM") * 1_852)
                    assert fields["azimuth_deg"] == pytest.approx(quantity(parsed, "040", "THETA", "°"))
                    if category == 48 and "090" in record and "altitude_m" in fields and "110" not in record:
                        level = quantity(parsed, "090", "FL", "FL")
                        assert fields["altitude_m"] == pytest.approx(level * 100 * 0.3048)
                elif category == 62:
                    fields = position_fields(category, record)
                    assert fields["lat"] == pytest.approx(quantity(parsed, "105", "LAT", "°"))
                    assert fields["lon"] == pytest.approx(quantity(parsed, "105", "LON", "°"))
    assert compared


def test_an_edition_we_do_not_read_gives_no_position_rather_than_a_wrong_one(data_dir: Path) -> None:
    rejects = Rejects()
    reader = AsterixReader((), rejects)
    found: list[object] = []
    for data, captured_s, start, trailer in payloads(data_dir / "tracks" / "asterix" / "croatia" / "asterix.pcap"):
        found += reader.read(data, captured_s, "old", start=start, trailer=trailer)
    assert found == []
    assert rejects.total >= 100


def test_a_gps_recording_gives_plots_of_its_radar(data_dir: Path) -> None:
    sensor = Sensor(id="radar", kind="radar", lat=0, lon=0, asterix=(20, 193))
    (part,) = payloads(data_dir / "tracks" / "asterix" / "croatia" / "parsegps.gps")
    found = list(AsterixReader((sensor,), Rejects()).read(part[0], None, "gps", start=part[2], trailer=part[3]))
    assert len(found) == 14


def test_truncated_times_agree_with_the_capture_and_the_service_messages(data_dir: Path) -> None:
    sensor = Sensor(id="radar", kind="radar", lat=0, lon=0, asterix=(25, 201))
    reader = AsterixReader((sensor,), Rejects())
    delays_s = []
    for data, captured_s, _, _ in payloads(data_dir / "tracks" / "asterix" / "croatia" / "cat_001_002.pcap"):
        for one in reader.read(data, captured_s, "sample"):
            assert captured_s is not None
            delays_s.append(captured_s - one.time.timestamp())
    assert len(delays_s) == 7
    # The datagram was sent two seconds after its first plot was measured.
    assert 0 < min(delays_s) <= max(delays_s) < 3


@pytest.mark.parametrize("category", EDITIONS)
def test_records_made_at_random_are_read_alike(category: int) -> None:
    chance = random.Random(category)
    for _ in range(300):
        # The edition of 015 holds one octet of each.
        twice = TWICE if category != 15 else frozenset()
        octets = random_items(PROFILES[category], chance, always=(0, 1), twice=twice)
        if category == 1:
            track = chance.random() < 0.5
            flags = bytearray(random_items(CAT_001_TRACK if track else PROFILES[1], chance, always=(0, 1)))
            at = next(n for n, octet in enumerate(flags) if not octet & 1) + 3
            flags[at] = flags[at] & 0x7F | (0x80 if track else 0)
            octets = bytes(flags)
        found, fault = records_of(category, octets, 0, len(octets))
        if fault is not None:
            raise BadRecord(f"{octets.hex()}: {fault}")
        assert len(found) == 1
        check(category, *found[0])
