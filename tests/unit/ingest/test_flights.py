"""Recordings of flights as libraries and programs save them: a row that is none is rejected with its reason."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.ingest.aircraft_json import AircraftReader
from tocsin.ingest.flights import read_flights
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadFile
from tocsin.model.observation import Position
from tocsin.model.wire import observation_from_json, to_json

T_S = 1_767_225_600
ROW: dict[str, Any] = {
    "timestamp": T_S * 1_000, "latitude": 50.5, "longitude": 30.25, "altitude": 10_000, "groundspeed": 100,
    "track": 90, "icao24": "4CA123", "callsign": "TST1",
}  # fmt: skip


def read(tmp_path: Path, document: Any) -> tuple[list[Position], Rejects]:
    path = tmp_path / "flights.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    rejects = Rejects()
    found = list(read_flights(path, rejects, Counter()))
    assert rejects.account.balanced
    assert rejects.account.used == len(found)
    return found, rejects


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        (T_S, "is of seconds, and milliseconds are read"),
        (T_S * 10**6, "is of microseconds, and milliseconds are read"),
        (T_S * 10**9, "is of nanoseconds, and milliseconds are read"),
        (-1e20, "is no time in milliseconds from 1980 to 2100"),
        (1e308, "is no time"),
        (10**400, "timestamp is a number of 1329 bits"),
        (0, "is no time"),
        (None, "no time"),
        ("", "no time"),
        ("2026-01-01", "no number"),
        (True, "no number"),
        ([1], "no number"),
    ],
)
def test_a_time_of_another_unit_is_rejected_and_called_by_it(tmp_path: Path, stamp: Any, reason: str) -> None:
    found, rejects = read(tmp_path, [ROW | {"timestamp": stamp}, ROW])
    assert [one.time.timestamp() for one in found] == [T_S]
    (said,) = rejects.counts
    assert reason in said or reason in str(rejects.values) or reason.split(" bits")[0][:20] in said


@pytest.mark.parametrize(
    ("start", "later"),
    [(T_S * 1_000, 0), (T_S, 1e20), (T_S, None), (None, 0), (-1e20, 1e20), (1e308, 1e308), (T_S, "x"), ("x", 1)],
)
def test_a_trace_s_row_without_a_time_costs_itself(tmp_path: Path, start: Any, later: Any) -> None:
    found, rejects = read(tmp_path, {"icao": "4ca123", "timestamp": start, "trace": [[later, 50, 30, 100, 10, 20]]})
    assert (found, rejects.total) == ([], 1)


@pytest.mark.parametrize(
    "change",
    [
        {"latitude": None}, {"latitude": 91}, {"longitude": -1e300}, {"latitude": 0, "longitude": 0},
        {"latitude": "north"}, {"latitude": 10**400},
    ],
)  # fmt: skip
def test_a_row_without_a_place_costs_itself(tmp_path: Path, change: dict[str, Any]) -> None:
    found, rejects = read(tmp_path, [ROW | change | {"icao24": "4ca124"}, ROW, 5, None])
    assert (len(found), rejects.total) == (1, 3)


@pytest.mark.parametrize("altitude", [None, 1e9, "high", "absent"])
def test_a_row_without_a_height_is_a_position_of_unknown_height(tmp_path: Path, altitude: Any) -> None:
    row = {key: value for key, value in (ROW | {"altitude": altitude}).items() if value != "absent"}
    later = ROW | {"timestamp": (T_S + 1) * 1_000}
    found, rejects = read(tmp_path, [row, later, row | {"timestamp": (T_S + 2) * 1_000}])
    # The height before it stands in for the last one.
    assert [one.altitude_m for one in found] == [None, 3_048, 3_048]
    assert rejects.account == (3, 3, 0, 0)


@pytest.mark.parametrize("change", [{"groundspeed": 99_999}, {"track": 1e30}, {"callsign": "\x01"}, {"icao24": "zz"}])
def test_a_value_that_is_none_costs_itself(tmp_path: Path, change: dict[str, Any]) -> None:
    (one,), rejects = read(tmp_path, [ROW | change])
    assert None in (one.speed_mps, one.callsign, one.icao24)
    assert sum(rejects.left_out.values()) == 1


def test_marks_gaps_and_joined_archives_are_read(tmp_path: Path) -> None:
    text = json.dumps([ROW, ROW | {"track": "@"}])
    for document in (
        b"\xef\xbb\xbf" + text.encode(),
        text.replace('"@"', "NaN").encode(),
        b"\xff\xfe" + text.encode("utf-16-le"),
        gzip.compress(text[:50].encode()) + gzip.compress(text[50:].encode()) + b"\0" * 512,
    ):
        assert len(read(tmp_path, document)[0]) == 2
    for damaged in (gzip.compress(text.encode())[:-20], gzip.compress(text.encode()) + b"x"):
        with pytest.raises(BadFile, match="fetch it again"):
            read(tmp_path, damaged)
    with pytest.raises(BadFile, match="decoded first"):
        read(tmp_path, b"\x1a2\0")


anything = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(sorted(ROW)), anything), max_size=5), st.booleans())
def test_whatever_a_row_holds_it_is_used_or_rejected(tmp_path: Path, rows: list[dict[str, Any]], columns: bool) -> None:
    documents = [*(ROW | row for row in rows), ROW]
    document: Any = documents
    if columns:
        document = {name: {str(n): row[name] for n, row in enumerate(documents)} for name in ROW}
    found, rejects = read(tmp_path, document)
    assert rejects.account.read == len(documents)
    assert found[-1].lat == 50.5
    assert [observation_from_json(to_json(one)) for one in found] == found


def test_a_row_that_is_no_json_costs_itself(tmp_path: Path) -> None:
    rows = [json.dumps(ROW | {"timestamp": (T_S + second) * 1_000}) for second in range(3)]
    for spoilt in (rows[1].replace("10000", "10,5"), rows[1].replace("100,", ","), rows[1].replace("TST1", 'T"1')):
        found, rejects = read(tmp_path, f"[{rows[0]}, {spoilt}, {rows[2]}]".encode())
        assert [one.time.timestamp() for one in found] == [T_S, T_S + 2]
        assert "is no JSON" in rejects.summary()
    found, rejects = read(tmp_path, f"[{rows[0]}, {rows[1][:-20]}".encode())
    assert len(found) == 1 and rejects.account == (2, 1, 1, 0)


def test_a_trace_that_writes_its_times_as_text_keeps_them_apart(tmp_path: Path) -> None:
    rows = [[second, 50.5, 30.25, 10_000, 100, 90] for second in (0, "5.5", 10, None, "x")]
    found, rejects = read(tmp_path, {"icao": "4ca123", "timestamp": str(T_S), "trace": rows})
    assert [one.time.timestamp() for one in found] == [T_S, T_S + 5.5, T_S + 10]
    assert rejects.account == (5, 3, 2, 0)


SAVED = {
    "rows a line": "\n".join(json.dumps(ROW | {"timestamp": (T_S + n) * 1_000}) for n in range(2)),
    "columns of lists": json.dumps({name: [value, value] for name, value in ROW.items()}),
    "rows under data": json.dumps({"schema": {}, "data": [ROW, ROW]}),
    "lists under data": json.dumps({"columns": list(ROW), "data": [list(ROW.values())] * 2}),
    "times in words": json.dumps(
        [ROW | {"timestamp": "2026-01-01T00:00:00Z"}, ROW | {"timestamp": "2026-01-01 01:00:00+01:00"}]
    ),
    "a track of OpenSky": json.dumps(
        {"icao24": "4ca123", "callsign": "TST1", "path": [[T_S + n, 50.5, 30.25, 3_048, 90, False] for n in range(2)]}
    ),
    "a table of OpenSky": "time,icao24,lat,lon,velocity,heading,callsign,onground,baroaltitude,lastposupdate\n"
    + "".join(f"{T_S},4ca123,50.5,30.25,51.4444,90,TST1,false,3048,\n" for n in range(2)),
    "a table of Flightradar24": "Timestamp,UTC,Callsign,Position,Altitude,Speed,Direction\n"
    + f'{T_S},2026-01-01T00:00:00Z,TST1,"50.5,30.25",10000,100,90\n' * 2,
    "a table of traffic": "timestamp;latitude;longitude;altitude;groundspeed;track;icao24;callsign\n"
    + "2026-01-01 00:00:00+00:00;50.5;30.25;10000;100;90;4ca123;TST1\n" * 2,
    "an aircraft.json": json.dumps(
        {"now": T_S + 1, "aircraft": [{"hex": "4ca123", "flight": "TST1", "lat": 50.5, "lon": 30.25, "alt_baro": 10_000,
         "gs": 100, "track": 90, "seen_pos": 1}] * 2}
    ),
    "states of OpenSky": json.dumps(
        {"time": T_S, "states": [["4ca123", "TST1", "", T_S, T_S, 30.25, 50.5, 3_048, False, 51.4444, 90, 0, None, None,
         "", False, 0]] * 2}
    ),
    "Virtual Radar Server": json.dumps(
        {"stm": T_S * 1_000, "acList": [{"Icao": "4CA123", "Call": "TST1", "Lat": 50.5, "Long": 30.25, "Alt": 10_000,
         "Spd": 100, "Trak": 90, "PosTime": T_S * 1_000}] * 2}
    ),
}  # fmt: skip


_PICTURES = [{"now": T_S + n, "aircraft": [{"hex": "4ca123", "flight": "TST1", "lat": 50.5, "lon": 30.25,
    "alt_baro": 10_000, "gs": 100, "track": 90, "seen_pos": 0}]} for n in range(2)]  # fmt: skip
SAVED |= {
    "pictures a line": "\n".join(map(json.dumps, _PICTURES)),
    "pictures one behind the other": "\n".join(json.dumps(one, indent=1) for one in _PICTURES),
    "a list of pictures": json.dumps(_PICTURES),
}


@pytest.mark.parametrize("shape", SAVED)
def test_every_shape_in_which_people_save_flights_says_the_same(tmp_path: Path, shape: str) -> None:
    found, rejects = read(tmp_path, SAVED[shape].encode())
    assert rejects.account == (2, 2, 0, 0)
    assert rejects.left_out == {}
    for one in some(found):
        assert (one.lat, one.lon, one.altitude_m, one.heading_deg or 90) == (50.5, 30.25, 3_048, 90)
        assert one.time.timestamp() in (T_S, T_S + 1)
        assert one.speed_mps is None or one.speed_mps == pytest.approx(51.44, abs=0.01)
        assert (one.icao24 or "4ca123", one.callsign) == ("4ca123", "TST1")


@pytest.mark.parametrize("time", ["2023-11-14T22:13:20", "2023-11-14 99:13", "1699999999"])
def test_a_time_in_words_without_a_zone_costs_its_row(tmp_path: Path, time: str) -> None:
    found, rejects = read(tmp_path, [ROW | {"timestamp": time}, ROW])
    assert (len(found), rejects.account) == (1, (2, 1, 1, 0))


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"MSG,3,1,1,4CA123,1,2026/01/01,00:00:00.000,,,,10000,,,50.5,30.2,,,0,0,0,0\n", "SBS lines"),
        (b"*8D40621D58C382D690C8AC2863A7;\n", "raw messages as text"),
        (b"<html>429</html>", "see `tocsin import --help` for what is read"),
        (b'{"positions": []}', "its keys are 'positions'"),
    ],
)
def test_what_is_no_recording_of_flights_is_called_what_it_is(tmp_path: Path, octets: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read(tmp_path, octets)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hex": "~2a1b3c"}, "an address that is not ICAO's"),
        ({"alt_baro": "ground"}, "an aircraft on the ground"),
        ({"type": "tisb_icao"}, "an aircraft placed by the ground, not by itself (TIS-B, radar)"),
        ({"lat": None, "lon": None}, "an aircraft without a place"),
    ],
)
def test_a_saved_picture_passes_over_whom_the_live_reader_passes_over(
    tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    flying = {"hex": "4ca123", "lat": 50.5, "lon": 30.25, "alt_baro": 10_000, "seen_pos": 1}
    picture = {"now": T_S, "aircraft": [flying, flying | {"hex": "4ca124"} | change]}
    found, rejects = read(tmp_path, picture)
    live = Rejects()
    assert [one.icao24 for one in found] == ["4ca123"]
    assert len(AircraftReader("roof", live).read(json.dumps(picture).encode(), T_S)) == 1
    assert rejects.passed_over == live.passed_over == {why: 1}


@pytest.mark.parametrize(
    "document",
    [
        [ROW | {"onground": True}, ROW | {"icao24": "~2a1b3c"}],
        {"icao": "4ca123", "timestamp": T_S, "trace": [[0, 50.5, 30.25, "ground", 5, 90]] * 2},
        {"icao24": "4ca123", "path": [[T_S, 50.5, 30.25, 0, 90, True]] * 2},
        f"time,icao24,lat,lon,velocity,heading,onground\n{T_S},4ca123,50.5,30.25,5,90,True\n{T_S},~4ca12,5,3,5,9,\n",
    ],
)
def test_whoever_taxies_or_has_no_address_is_passed_over_in_every_shape(tmp_path: Path, document: Any) -> None:
    found, rejects = read(tmp_path, document.encode() if isinstance(document, str) else document)
    assert (found, rejects.account) == ([], (2, 0, 0, 2))


def test_an_entry_that_is_no_aircraft_says_what_it_is(tmp_path: Path) -> None:
    flying = {"hex": "4ca123", "lat": 50.5, "lon": 30.25}
    for spoilt in (5, flying | {"seen_pos": "old"}, flying | {"PosTime": 1e300}, flying | {"hex": ""}):
        found, rejects = read(tmp_path, {"now": T_S, "aircraft": [flying, spoilt]})
        assert (len(found), rejects.account) == (1, (2, 1, 1, 0))
        assert next(iter(rejects.counts)).startswith("not an aircraft: ")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{T_S},4ca124,50,5,30,25", "6 fields under a heading of 4"),
        (f"{T_S},4ca124,50.5", "3 fields under a heading of 4"),
        (f'{T_S},"4ca124,50.5,30.25', "2 fields under a heading of 4"),
    ],
)
def test_a_row_of_another_shape_than_its_heading_costs_itself_and_no_other(
    tmp_path: Path, row: str, reason: str
) -> None:
    good = f"{T_S},4ca123,50.5,30.25"
    found, rejects = read(tmp_path, "\n".join(["time,icao24,lat,lon", good, row, good, "", good]).encode())
    assert [one.icao24 for one in found] == ["4ca123"] * 3
    assert rejects.account == (4, 3, 1, 0)
    assert reason in rejects.summary()


def test_rows_without_a_time_are_called_by_their_keys_and_a_damaged_picture_costs_itself(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [{"hex": "4ca123", "latitude": 50.5}])
    assert "a row without a time; its keys are 'hex', 'latitude'" in rejects.summary()
    text = "\n".join(json.dumps(one, indent=1) for one in (_PICTURES[0], {"aircraft": 5}, _PICTURES[1]))
    found, rejects = read(tmp_path, text.encode())
    assert (len(found), rejects.account) == (2, (3, 2, 1, 0))
