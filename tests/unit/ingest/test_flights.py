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
