"""Whatever arrives, ingest neither raises nor hangs, and damage stays where it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.ingest.asterix_bytes import north_034, packet, pcap, plot_048
from tocsin.ingest.aircraft_json import AircraftReader
from tocsin.ingest.asterix.capture import datagrams
from tocsin.ingest.asterix.discovery import Discovery
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.lines import read_lines
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.sbs import SbsReader
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Plot, Position
from tocsin.model.sensor import Sensor
from tocsin.model.wire import observation_from_json, to_json

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
STREAM = b"".join(
    plot_048(n, time_s=1_000 + n) + (north_034(time_s=1_000 + n) if n % 5 == 0 else b"") for n in range(20)
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def azimuths(data: bytes) -> list[int]:
    found = AsterixReader((RADAR,), Rejects()).read(data, None, "test")
    return [round(one.azimuth_deg * 65_536 / 360 / 64) for one in found if isinstance(one, Plot)]


@quick
@given(st.binary(max_size=1_500), st.sampled_from([1, 2, 15, 16, 21, 34, 48, 62, 65, 200]))
def test_random_octets_are_rejected_not_raised(octets: bytes, category: int) -> None:
    block = bytes([category]) + (len(octets) + 3).to_bytes(2, "big") + octets
    reader = AsterixReader((RADAR,), Rejects())
    list(reader.read(octets, None, "test"))
    list(reader.read(block, 1e9, "test"))
    assert azimuths(block + STREAM)[-19:] == list(range(1, 20))


@quick
@given(st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(0, 255)), max_size=30), st.binary(max_size=100))
def test_every_record_of_a_damaged_stream_is_used_rejected_or_passed_over(
    flips: list[tuple[int, int]], noise: bytes
) -> None:
    data = bytearray(STREAM)
    for at, value in flips:
        data[at] = value
    rejects, discovered = Rejects(), Rejects()
    found = list(AsterixReader((RADAR,), rejects).read(bytes(data) + noise, None, "test"))
    assert rejects.account.balanced and len(found) <= rejects.account.used
    # Who only looks what sources there are accounts for the same records.
    seen = Discovery()
    list(AsterixReader((), discovered, watch=seen.note).read(bytes(data) + noise, None, "test"))
    assert discovered.account.balanced and discovered.account.read == rejects.account.read
    assert sum(row["records"] for row in seen.rows()) <= discovered.account.read


@quick
@given(st.integers(0, 19), st.integers(0, 13), st.integers(0, 255))
def test_a_damaged_block_never_costs_its_neighbours(block: int, octet: int, value: int) -> None:
    blocks = [bytearray(plot_048(n, time_s=1_000 + n)) for n in range(20)]
    blocks[block][octet % len(blocks[block])] = value
    found = azimuths(b"".join(blocks))
    assert set(range(20)) - set(found) <= {block}


@quick
@given(st.integers(0, len(STREAM)))
def test_a_recording_cut_short_is_the_beginning_of_the_whole(length: int) -> None:
    found = azimuths(STREAM[:length])
    assert found == list(range(20))[: len(found)]
    assert len(found) >= length * 20 // len(STREAM) - 2


@quick
# One packet, and half a header.
@example([], 1_000)
@given(st.lists(st.tuples(st.integers(24, 1_000), st.integers(0, 255)), max_size=5), st.integers(0, 1_200))
def test_a_damaged_capture_is_read_to_its_end(flips: list[tuple[int, int]], length: int) -> None:
    plots = [plot_048(n) for n in range(15)]
    whole = pcap([packet(plot) for plot in plots])
    data = bytearray(whole)
    for at, value in flips:
        data[at % len(data)] = value
    cut = bytes(data[: max(24, len(data) - length)])
    sound = next((at for at, (one, other) in enumerate(zip(cut, whole, strict=False)) if one != other), len(cut))
    found = [one.payload for one in datagrams(cut, "test", Rejects())]
    before = max(0, sound - 24) // ((len(whole) - 24) // 15)
    assert found[:before] == plots[:before]
    assert len(found) <= 15


@quick
@given(st.binary(max_size=600), st.binary(max_size=600))
@example(b"\xff\xfe", b"").via("octets that begin like UTF-16 and are none")
@example(b"\x1e", b"").via("a separator of records that stands alone")
@example(b"\xfe\xff\0", b"").via("octets that begin like UTF-16 and are none")
def test_random_lines_are_rejected_and_never_cost_a_good_one_among_them(before: bytes, after: bytes) -> None:
    plot = Plot(id="p", time=NOW, sensor="hill", range_m=1_000, azimuth_deg=10)
    lines = b"\n".join([before, to_json(plot), after])
    rejects = Rejects()
    assert list(read_lines(BytesIO(lines), "test", rejects)) == [plot]
    assert rejects.account.balanced
    assert rejects.total == sum(
        1
        for line in (before.removeprefix(b"\xef\xbb\xbf") + b"\n" + after).split(b"\n")
        if line.strip(b" \t\n\r\x0b\f\x1e")
    )


GOOD_SBS = b"MSG,3,1,1,4ca124,1,,,,,,32000,,,47.5,8.25,,,0,0,0,0"
sbs_fields = st.lists(st.text(alphabet="0123456789abcdef.,-+eENaninf ", max_size=12), max_size=24)


@quick
@given(st.binary(max_size=200), sbs_fields, st.sampled_from(["MSG,3", "MSG,4", "MSG,9", "MLAT,3", "STA", "SG,3"]))
def test_every_sbs_line_is_used_rejected_or_passed_over_and_never_spoils_the_next(
    octets: bytes, fields: list[str], head: str
) -> None:
    rejects = Rejects()
    reader = SbsReader("sky", rejects)
    lines = [one for one in octets.splitlines() if one.removeprefix(b"\xef\xbb\xbf").strip()]
    lines += [",".join([head, "1", "1", "4ca124", *fields]).encode()]
    lines += [",".join([head, "1", "1", "4ca124", "1", "", "", "", "", *(fields + [""] * 13)[:13]]).encode()]
    found = [position for one in lines if (position := reader.read(one, 1e9)) is not None]
    assert [observation_from_json(to_json(one)) for one in found] == found
    assert rejects.account.balanced
    assert (rejects.account.read, rejects.account.used) == (len(lines), len(found))
    good = reader.read(GOOD_SBS, 1e9)
    assert good is not None and (good.lat, good.lon) == (47.5, 8.25)


json_values = (
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | st.integers()
)


@quick
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["hex", "lat", "lon", "alt_baro", "gs", "track", "seen_pos"]), json_values)
    )
)
def test_random_aircraft_never_cost_the_good_ones_in_the_same_picture(aircraft: list[dict[str, object]]) -> None:
    good = {"hex": "4ca123", "lat": 47.5, "lon": 8.25, "alt_baro": 32_000, "seen_pos": 0.5}
    body = json.dumps({"now": 1e9, "aircraft": [*aircraft, good]}).encode()
    rejects = Rejects()
    *others, found = AircraftReader("sky", rejects).read(body, 1e9)
    assert isinstance(found, Position) and (found.icao24, found.lat, found.lon) == ("4ca123", 47.5, 8.25)
    assert [observation_from_json(to_json(one)) for one in others] == others
    assert rejects.account.balanced
    assert (rejects.account.read, rejects.account.used) == (len(aircraft) + 1, len(others) + 1)


PICTURES = [
    b'{"now": 1e9, "aircraft": [{"hex": "4ca123", "lat": 47.5, "lon": 8.25, "alt_baro": 32000, "seen_pos": 0.5}]}',
    b'{"ac": [{"icao": "4CA123","lat": "47.5", "lon": "8.25", "alt": "32000", "postime": "1e12"}], "ctime": 1e12}',
    b'{"stm": 1e12, "acList": [{"Icao": "4CA123", "Lat": 47.5, "Long": 8.25, "Alt": 32000, "Gnd": false, "Trak": 9}]}',
    b'{"time": 1e9, "states": [["4ca123", "X", "", 1e9, 1e9, 8.25, 47.5, 9e3, false, 9, 9, 0, 0, 9e3, "", false, 0]]}',
    b'{"4ca123": ["4ca123", 47.5, 8.25, 90, 32000, 400, "", "", "", "", 1e9, "", "", "", 0, 0, "X"], "version": 4}',
]


@quick
@given(st.sampled_from(PICTURES), st.lists(st.tuples(st.integers(0, 250), st.binary(max_size=4)), max_size=4))
def test_of_a_damaged_picture_all_aircraft_are_accounted_for_or_it_is_refused(
    body: bytes, harms: list[tuple[int, bytes]]
) -> None:
    for at, octets in harms:
        body = body[:at] + octets + body[at + len(octets) // 2 :]
    rejects = Rejects()
    try:
        found = AircraftReader("sky", rejects).read(body, 1e9)
    except BadRecord:
        found = []
    assert [observation_from_json(to_json(one)) for one in found] == found
    assert rejects.account.balanced
    assert rejects.account.used == len(found)
