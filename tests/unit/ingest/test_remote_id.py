"""What drones broadcast of themselves: octets made here, by the standard's layout, say what was put into them."""

from __future__ import annotations

import asyncio
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ingest.served import NOW_S, served
from tocsin.ingest import remote_id, remote_id_dialects, remote_id_lines, tcp
from tocsin.ingest.authorities import authority_from_table
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.remote_id_lines import RemoteIdReader, RemoteIdSource
from tocsin.ingest.source import stop
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Observation, Position
from tocsin.model.wire import observation_from_json, to_json

MAC, OTHER_MAC = "60:60:1f:aa:bb:cc", "60:60:1f:aa:bb:cd"
SERIAL = b"1596F350745200000001"
# Where and who the operator is: must appear nowhere.
OPERATOR, OPERATOR_LAT, OPERATOR_LON = b"FIN87astrdge12k8", 503_456_789, 301_234_567


def place(
    lat: float = 50.25, lon: float = 30.5, *, status: int = 2, direction: int = 100, west: bool = False,
    speed: int = 40, fast: bool = False, pressure: int = 0, geodetic: int = 2_400, accuracy: int = 10,
    tenths: int = 0xFFFF, version: int = 2,
) -> bytes:  # fmt: skip
    """A location, octet by octet."""
    return struct.pack(
        "<BBBBbiiHHHBBHBB", 0x10 | version, status << 4 | west << 1 | fast, direction, speed, 0, round(lat * 1e7),
        round(lon * 1e7), pressure, geodetic, 0, accuracy, 0, tenths, 0, 0,
    )  # fmt: skip


def basic_id(name: bytes = SERIAL, kind: int = 1) -> bytes:
    return bytes([0x02, kind << 4 | 2]) + name.ljust(20, b"\0") + bytes(3)


def system() -> bytes:
    return struct.pack("<BBiiHBHHBHIB", 0x42, 1, OPERATOR_LAT, OPERATOR_LON, 1, 0, 0, 0, 0, 2_200, 0, 0)


def operator_id() -> bytes:
    return bytes([0x52, 0]) + OPERATOR.ljust(20, b"\0") + bytes(3)


def self_id() -> bytes:
    return bytes([0x32, 0]) + b"roof survey".ljust(23, b"\0")


def pack(*messages: bytes) -> bytes:
    return bytes([0xF2, 25, len(messages)]) + b"".join(messages)


def line(octets: bytes, **keys: Any) -> bytes:
    return json.dumps({"mac": MAC, "rssi": -60, "raw": octets.hex()} | keys).encode()


class Feed:
    """A reader with its account."""

    def __init__(self, path: Path | None = None) -> None:
        self.rejects = Rejects(path)
        self.reader = RemoteIdReader("mast", self.rejects)

    def __call__(self, text: bytes, at_s: float = NOW_S) -> Position | str | None:
        found = self.reader.read(text, at_s)
        assert self.rejects.account.balanced
        return found

    def position(self, text: bytes, at_s: float = NOW_S) -> Position:
        found = self(text, at_s)
        assert isinstance(found, Position), found
        return found


def test_a_location_is_told_in_degrees_metres_and_metres_a_second() -> None:
    feed = Feed()
    one = feed.position(line(place(tenths=5)), NOW_S + 0.75)
    assert (one.lat, one.lon, one.altitude_m) == (50.25, 30.5, 200.0)
    assert (one.speed_mps, one.heading_deg, one.cooperative) == (10.0, 100.0, True)
    assert one.sigma_m == pytest.approx(10 / 2.448)
    assert one.time.timestamp() == NOW_S + 0.5
    assert one.received is not None
    assert one.received.timestamp() == NOW_S + 0.75
    assert observation_from_json(to_json(one)) == one
    assert (feed.rejects.account.used, feed.rejects.left_out) == (1, {})


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 359), st.integers(0, 254), st.booleans(),
    st.integers(1, 65_535), st.integers(1, 12), st.integers(0, 35_999),
)  # fmt: skip
def test_a_location_comes_out_of_its_octets_as_it_went_in(
    lat: float, lon: float, course: int, speed: int, fast: bool, height: int, accuracy: int, tenths: int
) -> None:
    at = remote_id.location(
        place(lat, lon, direction=course % 180, west=course >= 180, speed=speed, fast=fast, geodetic=height,
              accuracy=accuracy, tenths=tenths)
    )  # fmt: skip
    if at.lat is not None and at.lon is not None:
        assert (at.lat, at.lon) == pytest.approx((lat, lon), abs=0.51e-7)
    else:
        assert max(abs(lat), abs(lon)) < 1e-7
    assert at.heading_deg == course
    assert at.speed_mps == pytest.approx(63.75 + 0.75 * speed if fast else 0.25 * speed)
    assert at.altitude_m == height / 2 - 1_000
    assert (at.tenths, at.left_out) == (tenths, ())


@given(st.floats(1.7e9, 1.9e9), st.floats(-15, 5))
def test_a_time_past_the_hour_is_of_the_hour_that_fits_when_it_was_heard(heard_s: float, old_s: float) -> None:
    true_s = math.floor((heard_s + old_s) * 10) / 10
    assert remote_id.time_s(round(true_s % 3_600 * 10) % 36_000, heard_s) == pytest.approx(true_s, abs=0.051)


@given(st.binary(max_size=240))
def test_whatever_octets_come_cost_themselves_and_are_accounted_for(octets: bytes) -> None:
    feed = Feed()
    feed(line(octets))
    feed(line(b"\x0d\0" + octets))
    feed(octets)
    assert feed.rejects.account.read <= 3
    assert feed.position(line(place())).lat == 50.25


def test_an_unknown_value_is_none_and_a_value_that_is_none_is_left_out_alone() -> None:
    unknown = place(direction=181, west=True, speed=255, fast=True, geodetic=0, accuracy=0)
    feed = Feed()
    one = feed.position(line(unknown))
    assert (one.altitude_m, one.sigma_m, one.speed_mps, one.heading_deg) == (None, None, None, None)
    assert feed.rejects.left_out == {}
    for octets in (place(51.0, direction=200), place(52.0, accuracy=13), place(53.0, status=9)):
        assert feed.position(line(octets)).altitude_m == 200.0
    assert sorted(feed.rejects.left_out.values()) == [1, 1, 1]
    assert remote_id.location(place(direction=200)).heading_deg is None
    assert remote_id.location(place(speed=255, fast=True)).speed_mps is None
    assert remote_id.location(place(speed=255)).speed_mps == 63.75
    assert remote_id.location(place(geodetic=0, pressure=2_100)).altitude_m == 50.0
    assert remote_id.location(place(direction=180, west=True)).heading_deg == 0.0


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (place(status=1), "a drone on the ground"),
        (place(status=4), "a drone whose Remote ID fails"),
        (place(0.0, 0.0), "a drone without a place"),
        (place(tenths=35_000), "a position older than 15 s"),
        (basic_id(), "Remote ID: Basic ID"),
        (system(), "Remote ID: System"),
        (operator_id(), "Remote ID: Operator ID"),
        (self_id(), "Remote ID: Self ID"),
        (bytes([0x22]) + bytes(24), "Remote ID: Authentication"),
        (bytes([0x92]) + bytes(24), "Remote ID: a message of type 9"),
        (place(version=7), "Remote ID of version 7"),
        (pack(basic_id(), system()), "Remote ID: a pack without a location"),
    ],
)
def test_what_gives_no_place_of_a_drone_in_the_air_is_passed_over_by_name(octets: bytes, why: str) -> None:
    feed = Feed()
    assert feed(line(octets)) == why
    assert feed.rejects.passed_over == {why: 1}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (place(91.0), "lat is 91"),
        (place(lon=-200.0), "lon is -200"),
        (place(tenths=36_001), "tenths of a second"),
        (place(tenths=100), "in the future"),
        (place()[:24], "24 octets"),
        (place() + b"\x01", "26 octets"),
        (pack(basic_id(), place())[:-1], "52 octets"),
        (bytes([0xF2, 24, 1]) + place()[:24], "of 24 octets"),
        (bytes([0xF2, 25, 0]), "0 messages"),
        (bytes([0xF2, 25, 10]) + bytes(250), "10 messages"),
        (b"\xf2\x19", "2 octets"),
        (pack(place(), place(51.0)), "more than one location"),
        (b"\x0d\x07", "an empty message"),
    ],
)
def test_octets_that_are_no_message_are_rejected_with_their_reason(octets: bytes, reason: str) -> None:
    feed = Feed()
    assert feed(line(octets)) is None
    with pytest.raises(BadRecord, match=reason):
        said = remote_id_dialects.said_of(line(octets), NOW_S)
        assert not isinstance(said, str)
        feed.reader._position(said, NOW_S)
    assert feed.rejects.total == 1


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda octets: octets,
        lambda octets: octets + bytes(30),
        lambda octets: b"\x0d\x07" + octets,
        lambda octets: b"\xfa\xff\x0d\x07" + octets,
        lambda octets: bytes([len(octets) + 5, 0x16]) + b"\xfa\xff\x0d\x07" + octets,
        lambda octets: b"\xfa\x0b\xbc\x0d\x07" + octets,
        lambda octets: bytes([0xDD, len(octets) + 5]) + b"\xfa\x0b\xbc\x0d\x07" + octets,
    ],
)
@pytest.mark.parametrize("octets", [place(), pack(basic_id(), place(), system())])
def test_a_message_is_found_in_what_surrounds_it_on_the_air(octets: bytes, wrapped: Any) -> None:
    assert remote_id.heard(wrapped(octets)).location == place()


@pytest.mark.parametrize(
    "keys",
    [
        {"mac": MAC, "raw": place().hex()},
        {"MAC address": MAC.upper(), "payload": place().hex(" ")},
        {"addr": MAC.replace(":", ""), "rawHex": "0x" + place().hex()},
        {"data": {"transmitter": MAC.replace(":", "-"), "hex": place().hex(":")}, "version": 1},
        {"bdaddr": MAC, "message": place().hex().upper(), "rssi": "-60", "channel": None},
    ],
)
def test_the_keys_of_receivers_are_known_in_any_spelling(keys: dict[str, Any]) -> None:
    one = Feed().position(json.dumps(keys).encode())
    assert one.callsign == Feed().position(line(place())).callsign


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"scanning", "no JSON"),
        (b'[1, "a"]', "no JSON object"),
        (line(b"").replace(b'"raw": ""', b'"raw": "zz"'), "not in hexadecimal"),
        (json.dumps({"mac": MAC, "raw": "00" * 401}).encode(), "too long"),
        (json.dumps({"mac": MAC, "drone_lat": 50.2, "drone_long": 30.1}).encode(), "no raw message"),
        (line(place(), mac=None), "neither a transmitter's address nor a UAS id"),
    ],
)
def test_a_line_that_is_none_is_rejected_with_its_reason(text: bytes, reason: str) -> None:
    feed = Feed()
    assert feed(text) is None
    (said,) = feed.rejects.counts
    assert reason in said


def test_what_a_receiver_says_of_itself_is_passed_over() -> None:
    feed = Feed()
    why = "a line without a message, of the receiver itself"
    assert {feed(b'{"heartbeat": 5}'), feed(b'{"message": "scanning"}')} == {why}
    assert feed.rejects.passed_over == {why: 2}


def test_a_transmitter_s_address_that_is_none_costs_itself_where_the_drone_names_itself() -> None:
    feed = Feed()
    for k, address in enumerate(("60:60:1f", "00:00:00:00:00:00", 7)):
        feed.position(line(pack(basic_id(), place(51.0 + k)), mac=address))
        assert feed(line(place(), mac=address)) is None
    assert (feed.rejects.total, sum(feed.rejects.left_out.values())) == (3, 3)


@pytest.mark.parametrize(("heard", "old"), [(NOW_S - 20, True), (NOW_S - 3, False), ((NOW_S - 3) * 1_000, False)])
def test_a_place_without_a_time_is_of_when_the_receiver_heard_it(heard: float, old: bool) -> None:
    found = Feed()(line(place(), timestamp=heard))
    if old:
        assert found == "a position older than 15 s"
    else:
        assert isinstance(found, Position)
        assert found.time.timestamp() == pytest.approx(NOW_S - 3)


def test_a_receiver_s_time_with_its_zone_is_read_and_one_that_is_none_is_left_out() -> None:
    feed = Feed()
    assert feed.position(line(place(), time="2025-12-31T23:59:58Z")).time.timestamp() == NOW_S - 2
    for k, none in enumerate((12_345, "soon", "2026-01-01T00:00:00", NOW_S + 60, True, 1e40)):
        assert feed.position(line(place(51.0 + k), time=none)).time.timestamp() == NOW_S
    assert sum(feed.rejects.left_out.values()) == 6


def test_a_place_that_was_told_before_is_not_told_again() -> None:
    feed = Feed()
    first = feed.position(line(place(tenths=5)), NOW_S + 1)
    assert feed(line(place(tenths=5)), NOW_S + 2) == "a position told before"
    assert feed.position(line(place(tenths=5), mac=OTHER_MAC), NOW_S + 2).id != first.id
    assert feed.position(line(place(tenths=15)), NOW_S + 2).id != first.id
    # Another receiver of the same drone adds nothing.
    assert Feed().position(line(place(tenths=5)), NOW_S + 3).id == first.id


def test_a_drone_is_one_by_its_own_name_over_bluetooth_and_wi_fi_and_by_its_address_without() -> None:
    feed = Feed()
    nameless = feed.position(line(place(), mac=OTHER_MAC)).callsign
    packed = feed.position(line(pack(basic_id(), place()))).callsign
    assert feed(line(basic_id(), mac=OTHER_MAC)) == "Remote ID: Basic ID"
    # A second name of a higher kind, which some tell in turn, makes no second drone.
    assert feed(line(basic_id(b"\x01session", kind=4), mac=OTHER_MAC)) == "Remote ID: Basic ID"
    assert feed.position(line(place(51.0), mac=OTHER_MAC), NOW_S + 60).callsign == packed != nameless
    # A minute later it may be another's.
    assert feed.position(line(place(52.0), mac=OTHER_MAC), NOW_S + 61).callsign == nameless
    assert feed.position(line(pack(basic_id(), place(53.0)), mac=None)).callsign == packed


def test_nothing_says_where_or_who_an_operator_is(tmp_path: Path) -> None:
    feed = Feed(tmp_path / "rejects.jsonl")
    whole = pack(basic_id(), place(), system(), operator_id(), self_id())
    beside = {"operator_id": OPERATOR.decode(), "pilot_lat": OPERATOR_LAT / 1e7, "op": {"lon": OPERATOR_LON / 1e7}}
    one = feed.position(line(whole, **beside))
    rest = [
        feed(text)
        for text in (
            line(system(), **beside), line(operator_id(), **beside), line(whole[:-1], **beside),
            line(place(91.0), **beside), line(whole, **beside)[:-1] + b"]", line(whole, **beside | {"raw": "zz"}),
            line(whole, **beside | {"mac": OPERATOR.decode(), "time": OPERATOR.decode()}),
        )
    ]  # fmt: skip
    assert rest.count(None) == 4
    feed.rejects.close()
    kept = (tmp_path / "rejects.jsonl").read_text()
    assert kept.count(remote_id_lines.NOT_KEPT) == 4
    told = (to_json(one).decode() + repr(rest) + kept + json.dumps(feed.rejects.figures())).lower()
    secrets = (
        OPERATOR.decode(), OPERATOR.hex(), "50.3456", "30.1234", "503456789", struct.pack("<i", OPERATOR_LAT).hex(),
        "roof survey", b"roof".hex(), SERIAL.decode(), SERIAL.hex(), MAC, MAC.replace(":", ""),
    )  # fmt: skip
    assert not [one for one in secrets if one.lower() in told]
    assert one.callsign is not None


def test_a_drone_s_word_counts_for_nothing_unless_an_operator_lets_it() -> None:
    given = authority_from_table({"id": "mast", "kind": "remote_id"})
    assert (given.kinds, given.measures, given.identifies) == (("position",), (), False)
    assert authority_from_table({"id": "mast", "kind": "remote_id", "identifies": True}).identifies


def test_a_port_s_lines_become_positions_and_those_too_long_cost_themselves() -> None:
    rejects = Rejects()
    text = b"\n".join((line(place()), b"x" * 9_000, b"", b"noise", line(place(status=1)), line(place(51.0)))) + b"\n"
    found = served(RemoteIdSource, text, 2, rejects)
    assert [one.lat for one in found if isinstance(one, Position)] == [50.25, 51.0]
    assert rejects.account == (5, 2, 2, 1)
    assert rejects.account.balanced


def test_an_empty_sky_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteIdSource, "silence_s_max", 0.01)

    async def story() -> int:
        told = asyncio.Queue[int]()

        async def deliver(observations: list[Observation]) -> None:
            told.put_nowait(len(observations))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()
            gone.set()

        gone = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        task = asyncio.create_task(RemoteIdSource("mast", "127.0.0.1", port, Rejects()).run(deliver))
        async with asyncio.timeout(20):
            found = [await told.get() for _ in range(3)]
        await stop(task)
        server.close()
        await gone.wait()
        return sum(found)

    assert asyncio.run(story()) == 0


def test_a_port_that_sends_no_remote_id_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "SILENT_S", -1.0)
    with pytest.raises(BadRecord, match="1 lines in a row that are no Remote ID"):
        served(RemoteIdSource, b"MSG,3,1,1\n", 1, Rejects())
