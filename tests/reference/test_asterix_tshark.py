"""Our ASTERIX reader against Debian's tshark: every value that is read, and every link, tunnel and kind of capture.

tshark 4.0 reads tracks of category 001 as plots, and item 062/510 only once: of these libasterix alone is the judge.
It also knows no heights below the sea in 034/120 and 048/090, and takes spare bits of 048/110 for its sign.
"""

from __future__ import annotations

import math
import random
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.reference.asterix_oracle import TWICE, random_items
from tests.reference.test_asterix_values import FOOT_M, NAUTICAL_MILE_M, READ, sigma_m
from tests.reference.tshark_oracle import Message, items, messages, number, part, tshark
from tests.some import some
from tests.unit.ingest.asterix_bytes import block, plot_048
from tests.unit.ingest.network_bytes import (
    START_S,
    enhanced,
    ethernet,
    interface,
    ip_fragments,
    ipv4,
    ipv6_fragments,
    links,
    obsolete,
    option,
    pcap,
    pcapng,
    simple,
    udp,
)
from tocsin.ingest.asterix.capture import datagrams
from tocsin.ingest.asterix.layouts import PROFILES
from tocsin.ingest.asterix.records import Record, records_of
from tocsin.ingest.asterix.reports import (
    passive_fields,
    place_of,
    plot_fields,
    position_fields,
    time_of_day_s,
    turn_s,
    unreal,
)
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord

pytestmark = pytest.mark.reference
RECORDS = 300
BLOCK = plot_048(5, time_s=100)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return tmp_path / "made.pcap"


def made(category: int, capture: Path) -> list[tuple[Record, Message]]:
    """Records made at random, as we take them apart and as tshark does: the same items in each."""
    chance = random.Random(category)
    profile = tuple(None if one and one.name == "510" else one for one in PROFILES[category])
    places = [n for n, item in enumerate(profile) if item is not None and item.name in READ[category]]
    records, frames = [], []
    for _ in range(RECORDS):
        always = tuple(n for n in places if n < 2 or chance.random() < 0.7)
        octets = bytearray(random_items(profile, chance, always, TWICE if category != 15 else frozenset()))
        if category == 1:
            octets[next(n for n, octet in enumerate(octets) if not octet & 1) + 3] &= 0x7F
        ((record, _),), fault = records_of(category, bytes(octets), 0, len(octets))
        assert fault is None
        records.append(record)
        frames.append(ethernet(ipv4(udp(block(category, bytes(octets))))))
    capture.write_bytes(pcap(frames))
    theirs = messages(capture)
    assert [(one, len(found)) for one, found in theirs] == [(category, 1)] * RECORDS
    pairs = [(record, found[0]) for record, (_, found) in zip(records, theirs, strict=True)]
    assert [items(their, category) for _, their in pairs] == [
        {name for name in record if "/" not in name} for record in records
    ]
    return pairs


class Values:
    """What tshark shows of one record, in our units; None where it does not show it."""

    def __init__(self, category: int, their: Message) -> None:
        self.category, self.their = category, their

    def times(self, factor: float, item: str, name: str = "VALUE") -> float | None:
        found = number(self.their, self.category, item, name)
        return None if found is None else found * factor

    def flag(self, item: str, name: str) -> bool:
        return number(self.their, self.category, item, name) == 1

    def octal(self, item: str) -> str | None:
        found = number(self.their, self.category, item, "MODE3A")
        doubtful = self.flag(item, "V") or self.flag(item, "G")
        return None if found is None or doubtful else f"{int(found):04o}"

    def text(self, item: str, name: str) -> str | None:
        return part(self.their, self.category, item, name)

    def address(self, item: str, name: str = "VALUE") -> str | None:
        found = number(self.their, self.category, item, name)
        return None if found is None else f"{int(found):06x}"


def plot_of(category: int, theirs: Values) -> dict[str, Any]:
    doubtful = theirs.flag("090", "V") or theirs.flag("090", "G")
    quarters = None if doubtful else theirs.times(4, "090", "HGT" if category == 1 else "FL")
    if category == 48 and (steps := theirs.times(1 / 25, "110", "3DH")) is not None:
        quarters = steps
    # In category 048 tshark takes levels below 0 for high ones, and the two spare bits before a height for its sign.
    height_m = None if quarters is None else ((round(quarters) + 8_192) % 16_384 - 8_192) * 25 * FOOT_M
    return {
        "range_m": theirs.times(NAUTICAL_MILE_M, "040", "RHO"),
        "azimuth_deg": theirs.times(1, "040", "THETA"),
        "altitude_m": height_m,
        "mode3a": theirs.octal("070"),
        "icao24": theirs.address("220") if category == 48 else None,
        "doppler_mps": None if theirs.flag("120", "CAL/D") else theirs.times(1, "120", "CAL/CAL"),
    }


def position_021_of(theirs: Values) -> dict[str, Any]:
    place = "131" if theirs.times(1, "131", "LAT") is not None else "130"
    height_ft = theirs.times(1, "140")
    # The highest one says "greater than".
    height_ft = theirs.times(100, "145") if height_ft is None or height_ft == 32_767 * 6.25 else height_ft
    accuracy = theirs.times(1, "090", "NACP")
    moving = not theirs.flag("160", "RE")
    return {
        "lat": theirs.times(1, place, "LAT"),
        "lon": theirs.times(1, place, "LON"),
        "altitude_m": None if height_ft is None else height_ft * FOOT_M,
        "icao24": theirs.address("080"),
        "sigma_m": None if accuracy is None else sigma_m(int(accuracy)),
        "speed_mps": theirs.times(NAUTICAL_MILE_M, "160", "GS") if moving else None,
        "heading_deg": theirs.times(1, "160", "TA") if moving else None,
    }


def position_062_of(theirs: Values) -> dict[str, Any]:
    heights = (
        theirs.times(FOOT_M, "130"), theirs.times(100 * FOOT_M, "136"), theirs.times(100 * FOOT_M, "135", "CTB"),
    )  # fmt: skip
    east_mps, north_mps = theirs.times(1, "185", "VX"), theirs.times(1, "185", "VY")
    x_m, y_m = theirs.times(1, "500", "APC/X"), theirs.times(1, "500", "APC/Y")
    spread_m = None if x_m is None or y_m is None else math.hypot(x_m, y_m) / math.sqrt(2)
    still = east_mps is None or north_mps is None
    return {
        "lat": theirs.times(1, "105", "LAT"),
        "lon": theirs.times(1, "105", "LON"),
        "altitude_m": next((one for one in heights if one is not None), None),
        "icao24": theirs.address("380", "ADR/VALUE"),
        "sigma_m": spread_m or None,
        "speed_mps": None if still else math.hypot(east_mps or 0, north_mps or 0),
        "heading_deg": None if still else math.degrees(math.atan2(east_mps or 0, north_mps or 0)) % 360,
    }


def passive_of(theirs: Values) -> dict[str, Any]:
    place = theirs.times(1, "600", "P84/LATITUDE")
    if place is not None:
        x_m, y_m = theirs.times(1, "600", "HPP/SDHPX"), theirs.times(1, "600", "HPP/SDHPY")
        spread_m = None if x_m is None or y_m is None else math.hypot(x_m, y_m) / math.sqrt(2)
        height_m = theirs.times(1, "601", "GH/VALUE")
        lon = theirs.times(1, "600", "P84/LONGITUDE")
        return {"lat": place, "lon": lon, "altitude_m": height_m, "sigma_m": spread_m or None}
    found = {"azimuth_deg": theirs.times(1, "627", "AZ/VALUE")}
    together = theirs.times(1, "020", "MOMU") == 0
    far_m = theirs.times(1, "625", "R/VALUE")
    if together and far_m is not None:
        return found | {"range_m": far_m}
    return found | {"sigma_deg": theirs.times(1, "627", "SDASZ/VALUE") or 0.0}


def alike(fields: dict[str, Any], wanted: dict[str, Any], told: Counter[str]) -> None:
    """Assert that ours say what theirs do, neither more nor less; count what was told."""
    given = {name: value for name, value in wanted.items() if value is not None}
    assert fields.keys() == given.keys()
    for name, value in given.items():
        # What a NACp stands for is rounded in the table of DO-260B.
        rel = 1e-3 if name == "sigma_m" else 1e-6
        assert fields[name] == (value if isinstance(value, str) else pytest.approx(value, rel=rel, abs=1e-6)), name
    told.update(list(given))


@pytest.mark.parametrize("category", [1, 48])
def test_range_azimuth_height_code_address_and_doppler_are_tshark_s(category: int, capture: Path) -> None:
    told: Counter[str] = Counter()
    for record, their in made(category, capture):
        if "040" in record:
            alike(plot_fields(category, record), plot_of(category, Values(category, their)), told)
    assert min(told.values()) > 20
    assert len(told) == (6 if category == 48 else 4)


@pytest.mark.parametrize("category", [21, 62])
def test_place_height_and_motion_are_tshark_s(category: int, capture: Path) -> None:
    told: Counter[str] = Counter()
    for record, their in made(category, capture):
        theirs = Values(category, their)
        wanted = position_021_of(theirs) if category == 21 else position_062_of(theirs)
        if wanted["lat"] is None or wanted["lat"] == wanted["lon"] == 0:
            with pytest.raises(BadRecord, match=r"without (position|latitude)|both 0"):
                position_fields(category, record)
            continue
        fields = position_fields(category, record)
        assert fields.pop("cooperative", False) == (category == 21)
        named = fields.pop("callsign", None)
        shown = theirs.text("170", "VALUE") or theirs.text("380", "ID/VALUE") or theirs.text("245", "CHR")
        # What is no word tshark shows with replacements, and we leave out.
        assert named is None or (shown is not None and named == shown.strip())
        told["callsign"] += named is not None
        alike(fields, wanted, told)
    assert min(number for name, number in told.items() if name != "callsign") > 20
    assert len(told) == 8


def test_positions_ranges_and_directions_of_passive_targets_are_tshark_s(capture: Path) -> None:
    told: Counter[str] = Counter()
    for record, their in made(15, capture):
        theirs = Values(15, their)
        wanted = passive_of(theirs)
        if ("lat" in wanted and theirs.flag("170", "CSTP")) or wanted.get("azimuth_deg", 0) is None:
            with pytest.raises(BadRecord):
                passive_fields(record)
            continue
        alike(passive_fields(record)[1], wanted, told)
    # Few at random send and receive in one place, and measure how far.
    assert told.pop("range_m") > 0 and min(told.values()) > 5
    assert len(told) == 6


TIMES = {
    2: ("030",), 15: ("145",), 16: ("140",), 34: ("030",), 48: ("140",), 62: ("070",), 21: ("073", "071", "075", "077"),
}  # fmt: skip


@pytest.mark.parametrize(("category", "names"), TIMES.items())
def test_times_of_day_and_sources_are_tshark_s(category: int, names: tuple[str, ...], capture: Path) -> None:
    told = 0
    for record, their in made(category, capture):
        theirs = Values(category, their)
        assert list(record["010"]) == [theirs.times(1, "010", "SAC"), theirs.times(1, "010", "SIC")]
        wanted_s = next((one for name in names if (one := theirs.times(1, name)) is not None), None)
        if wanted_s is not None and wanted_s >= 86_400:
            with pytest.raises(BadRecord, match="time of day"):
                time_of_day_s(category, record)
            continue
        assert time_of_day_s(category, record) == wanted_s
        told += wanted_s is not None
    assert told > 20


def test_where_radars_stand_how_fast_they_turn_and_truncated_times_are_tshark_s(capture: Path) -> None:
    told: Counter[str] = Counter()
    for category, height in ((34, ("120", "HGT")), (16, ("405", "VALUE"))):
        item = "120" if category == 34 else "400"
        for record, their in made(category, capture):
            theirs = Values(category, their)
            place = place_of(category, record)
            wanted = theirs.times(1, item, "LAT"), theirs.times(1, item, "LON")
            assert (
                wanted == (None, None) if place is None else (place.lat, place.lon) == pytest.approx(wanted, rel=1e-6)
            )
            if place is not None and (height_m := theirs.times(1, *height)) is not None:
                # tshark does not know that a radar may stand below the sea.
                assert place.altitude_m % 65_536 == pytest.approx(height_m % 65_536)
                told[f"height {category}"] += 1
            if category == 34:
                assert turn_s(category, record) == (theirs.times(1, "041") or None)
                told["turn"] += "041" in record
    for record, their in made(1, capture):
        phase_s = Values(1, their).times(1, "141")
        assert ("141" in record) == (phase_s is not None)
        if phase_s is not None:
            assert int.from_bytes(record["141"], "big") / 128 == phase_s
            told["phase"] += 1
    assert min(told.values()) > 20 and len(told) == 4


@pytest.mark.parametrize(
    ("category", "item", "flags"),
    [(1, "020", ("SIM", "TST", "RAB")), (48, "020", ("SIM", "TST", "RAB")), (21, "040", ("SIM", "TST", "RAB")),
     (62, "080", ("SIM",))],
)  # fmt: skip
def test_what_is_no_aircraft_is_what_tshark_flags(
    category: int, item: str, flags: tuple[str, ...], capture: Path
) -> None:
    seen = Counter[bool]()
    for record, their in made(category, capture):
        wanted = any(Values(category, their).flag(item, name) for name in flags)
        assert (unreal(category, record) is not None) == wanted
        seen[wanted] += 1
    assert min(seen.values()) > 20


def read_by_both(data: bytes, capture: Path) -> None:
    """Assert that we find in a capture the payloads that tshark finds, at the times it shows."""
    capture.write_bytes(data)
    shown = tshark(capture, "-Y", "asterix", "-T", "fields", "-e", "frame.time_epoch", "-e", "udp.payload")
    wanted = [line.split("\t") for line in shown.splitlines()]
    found = list(datagrams(data, "made", Rejects()))
    # Of nested datagrams tshark shows each one's.
    assert [one.payload.hex() for one in found] == [payload.split(",")[-1] for _, payload in wanted]
    for one, (time, _) in zip(found, wanted, strict=True):
        assert (one.captured_s or 0) == pytest.approx(float(time or 0), abs=1e-6)
    assert len(found) == 2


def test_every_link_and_tunnel_is_opened_as_tshark_opens_it(capture: Path) -> None:
    # tshark knows no ASTERIX in frames of LLC or of private links, and shows no payload of what it exported.
    # It checks sums of frames with their preamble, and has not heard of the tags of some switches.
    odd = ("LLC", "private", "exported", "reamble", "netANALYZER", "switch")
    ways = {way: one for way, one in links(BLOCK).items() if not any(word in way for word in some(odd))}
    described = (interface("<", link, kept_max=65_535) for link, _ in ways.values())
    packets = (enhanced("<", frame, number, number) for number, (_, frame) in enumerate(ways.values()))
    data = pcapng("<", *described, *packets)
    capture.write_bytes(data)
    shown = tshark(capture, "-Y", "asterix", "-T", "fields", "-e", "frame.number", "-e", "udp.payload")
    # Of datagrams in datagrams tshark shows each one's payload.
    theirs = {int(number) - 1: payload.split(",")[-1] for number, payload in map(str.split, shown.splitlines())}
    ours = [one.payload.hex() for one in datagrams(data, "made", Rejects())]
    names = list(ways)
    assert {names[number]: payload for number, payload in theirs.items()} == dict.fromkeys(names, BLOCK.hex())
    assert ours == [BLOCK.hex()] * len(names)


def test_every_kind_of_capture_file_is_opened_as_tshark_opens_it(capture: Path) -> None:
    frame = ethernet(ipv4(udp(BLOCK)))
    for order in "<>":
        for magic in (0xA1B2C3D4, 0xA1B23C4D):
            read_by_both(pcap([frame, frame], order=order, magic=magic), capture)
        modified = struct.pack(order + "IHBB", 1, 0x0800, 0, 0)
        read_by_both(pcap([frame, frame], order=order, magic=0xA1B2CD34, behind=modified), capture)
        offset = option(order, 9, b"\x09") + option(order, 14, struct.pack(order + "q", START_S)) + bytes(4)
        fine = interface(order, 1, offset, kept_max=65_535)
        plain = interface(order, 101, kept_max=65_535)
        bare, ticks = frame[14:], START_S * 1_000_000 + 250_000
        read_by_both(
            pcapng(order, fine, plain, enhanced(order, frame, 125_000_000), enhanced(order, bare, ticks, 1)), capture
        )
        read_by_both(pcapng(order, plain, obsolete(order, bare, ticks), obsolete(order, bare, ticks)), capture)
        read_by_both(pcapng(order, plain, simple(order, bare), simple(order, bare)), capture)


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_are_put_together_as_tshark_does(version: int, capture: Path) -> None:
    whole = udp(BLOCK * 4)
    pieces = ip_fragments(whole, 16) if version == 4 else ipv6_fragments(whole, 16)
    other = (
        ip_fragments(whole, 16, 8)
        if version == 4
        else [ipv6_fragments(whole, 40)[0].replace(b"\0\0\0\x09", b"\0\0\0\x0a")]
    )
    capture.write_bytes(pcap([*pieces, *other[:-1]], 101))
    shown = tshark(capture, "-Y", "asterix", "-T", "fields", "-e", "udp.payload").split()
    assert (
        [one.payload.hex() for one in datagrams(capture.read_bytes(), "made", Rejects())]
        == shown
        == [(BLOCK * 4).hex()]
    )
