"""Pictures of aircraft as every receiver and server writes them, and as they come when something is wrong."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from typing import Any

import pytest

from tests.some import some
from tocsin.ingest import aircraft_json
from tocsin.ingest.aircraft_json import AircraftJsonSource, AircraftReader
from tocsin.ingest.loose_json import loose_json
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Position

NOW_S = 1_767_225_600.0
READSB = {
    "hex": "4ca123",
    "flight": "TST1  ",
    "alt_baro": 10_000,
    "gs": 100.0,
    "track": 90.0,
    "lat": 50.5,
    "lon": 30.25,
}
AGED = READSB | {"seen_pos": 2.0}
STATE = [
    "4ca123", "TST1    ", "Nowhere", NOW_S - 2, NOW_S - 1, 30.25, 50.5, 3_000.0, False, 51.4444, 90.0, 0.0, None,
    3_048.0, "1000", False, 0,
]  # fmt: skip
FLIGHT = ["4CA123", 50.5, 30.25, 90, 10_000, 100, "1000", "", "", "", NOW_S - 2, "", "", "", 0, 0, "TST1"]


def picture(*aircraft: Any, **more: Any) -> bytes:
    return json.dumps({"now": NOW_S, "aircraft": list(aircraft)} | more).encode()


class Polled:
    """A reader with its account."""

    def __init__(self) -> None:
        self.rejects = Rejects()
        self.reader = AircraftReader("sky", self.rejects)

    def __call__(self, body: bytes, at_s: float = NOW_S) -> list[Position]:
        found = self.reader.read(body, at_s)
        assert self.rejects.account.balanced
        return [one for one in found if isinstance(one, Position)]


VRS = {
    "Id": 1, "Icao": "4CA123", "Alt": 10_000, "GAlt": 10_000, "Call": "TST1", "Lat": 50.5, "Long": 30.25, "Gnd": False,
    "PosTime": (NOW_S - 2) * 1_000, "Spd": 100.0, "Trak": 90.0, "Mlat": False, "Tisb": False,
}  # fmt: skip
V1 = {
    "icao": "4CA123", "lat": "50.5", "lon": "30.25", "alt": "10000", "galt": "10000", "spd": "100", "trak": "90",
    "call": "TST1", "gnd": "0", "mlat": "0", "tisb": "0", "postime": str(int(NOW_S - 2) * 1_000),
}  # fmt: skip
MUTABILITY = {
    "hex": "4ca123", "flight": "TST1", "altitude": 10_000, "speed": 100, "track": 90, "lat": 50.5, "lon": 30.25,
    "seen": 0.5, "seen_pos": 2.0, "mlat": [], "tisb": [],
}  # fmt: skip
FIRST = {
    "hex": "4ca123", "squawk": "0000", "flight": "TST1    ", "lat": 50.5, "lon": 30.25, "validposition": 1,
    "altitude": 10_000, "track": 90, "validtrack": 1, "speed": 100, "messages": 5, "seen": 2,
}  # fmt: skip
DIALECTS: dict[str, bytes] = {
    "readsb": picture(AGED),
    "readsb, the height above the ellipsoid": picture(AGED | {"alt_geom": 10_000, "alt_baro": 9_000}),
    "dump1090-mutability": picture(MUTABILITY),
    "the first dump1090s": json.dumps([FIRST]).encode(),
    "adsb.lol": json.dumps({"ac": [AGED], "now": NOW_S * 1_000, "msg": "No error", "total": 1}).encode(),
    "version 1": json.dumps({"ac": [V1], "total": 1, "ctime": NOW_S * 1_000}).encode(),
    "Virtual Radar Server": json.dumps({"acList": [VRS], "stm": NOW_S * 1_000, "src": 1}).encode(),
    "OpenSky": json.dumps({"time": NOW_S, "states": [STATE]}).encode(),
    "Flightradar24's feeder": json.dumps({"4CA123": FLIGHT, "full_count": 1, "version": 4}).encode(),
    "by address": json.dumps({"aircraft": {"4CA123": {k: v for k, v in AGED.items() if k != "hex"}}}).encode(),
    "all in text": picture({name: str(value) for name, value in AGED.items()}, now=str(NOW_S)),
    "a mark in front": b"\xef\xbb\xbf" + picture(AGED),
    "UTF-16": b"\xff\xfe" + picture(AGED).decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_says_the_same_of_the_same_aircraft(dialect: str) -> None:
    (one,) = Polled()(DIALECTS[dialect])
    assert (one.icao24, one.callsign, one.lat, one.lon) == ("4ca123", "TST1", 50.5, 30.25)
    assert one.altitude_m == pytest.approx(3_048.0)
    assert one.speed_mps == pytest.approx(51.4444, abs=1e-4)
    assert (one.heading_deg, one.cooperative) == (90.0, True)
    # A picture that tells no time is of when it came.
    assert one.time.timestamp() == pytest.approx(NOW_S - 2)


@pytest.mark.parametrize("nothing", [b'{"ac": null}', b'{"states": null, "time": 0}', b"[]", b'{"aircraft": []}'])
def test_an_empty_sky_is_no_fault_in_any_dialect(nothing: bytes) -> None:
    assert Polled()(nothing) == []


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b'{"planes": [{"hex": "4ca123"}]}', "its keys are 'planes'"),
        (b'{"error": "rate limit", "code": 429}', "its keys are 'error', 'code'"),
        (b'{"aircraft": [{"reg": "X", "y": 1}], "now": 1}', "the keys of its aircraft are 'reg', 'y'"),
        (b'[{"id": 1}, {"place": 2}]', "the keys of its aircraft are 'id', 'place'"),
        (b'{"aircraft": 5}', "aircraft is 5"),
        (b"17", "it is 17"),
        (b'{"now": 1e300, "aircraft": []}', "which is no time"),
        (b"<html>Too many requests</html>", "not JSON"),
        (b'{"now": 1767225600, "aircraft": [{"hex": "4ca123", "lat": 50,5}]}', "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_dialect_nobody_knows_is_refused_with_its_keys_and_never_silently_nothing(body: bytes, keys: str) -> None:
    with pytest.raises(BadRecord, match=keys):
        Polled()(body)


@pytest.mark.parametrize("token", ["NaN", "-NaN", "Infinity", "-Infinity", "nan", "-nan", "inf", "1.#QNAN", "1e999"])
@pytest.mark.parametrize("key", ["rssi", "lat", "gs", "alt_baro", "seen_pos", "flight"])
def test_what_is_no_number_costs_at_most_its_aircraft(token: str, key: str) -> None:
    polled = Polled()
    spoilt = json.dumps(AGED | {"hex": "4ca124", key: "@"}).replace('"@"', token)
    body = picture(AGED, "@", AGED | {"hex": "4ca125"}).replace(b'"@"', spoilt.encode())
    found = {one.icao24: one for one in polled(body)}
    assert {"4ca123", "4ca125"} <= set(found)
    assert ("4ca124" in found) == (key in ("rssi", "gs", "flight", "alt_baro"))
    assert (polled.rejects.total, sum(polled.rejects.left_out.values())) in {
        "rssi": [(0, 0)], "gs": [(0, 1)], "alt_baro": [(0, 1)], "flight": [(0, 1), (0, 0)],
    }.get(key, [(1, 0)])  # fmt: skip


def test_broken_text_and_commas_too_many_cost_no_picture() -> None:
    body = picture(AGED, AGED | {"hex": "4ca124", "flight": "@"}, AGED | {"hex": "4ca125"})
    body = body.replace(b'"@"', b'"\xff\x01\x00"').replace(b"]}", b",]}")
    assert {one.icao24 for one in Polled()(body)} == {"4ca123", "4ca124", "4ca125"}
    assert len(Polled()(picture(AGED | {"messages": 10**400}))) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lat": 0.0, "lon": 0.0}, "both 0"),
        ({"lat": 95}, "lat is"),
        ({"lat": "50,5"}, "write decimals with a point"),
        ({"lat": True}, "no number"),
        ({"lat": [50]}, "no number"),
        ({"lat": None}, "lat is missing"),
        ({"hex": "TWR12"}, "six hexadecimal digits"),
        ({"hex": 4_919_297}, "six hexadecimal digits"),
        ({"hex": "000000"}, "nobody's"),
        ({"seen_pos": -0.4}, "of the future"),
        ({"seen_pos": "soon"}, "its age"),
    ],
)
def test_an_aircraft_that_is_none_is_rejected_with_its_reason(change: dict[str, Any], reason: str) -> None:
    polled = Polled()
    found = polled(picture(AGED | change, AGED | {"hex": "4ca125"}))
    assert [one.icao24 for one in found] == ["4ca125"]
    assert polled.rejects.total == 1
    assert reason in next(iter(polled.rejects.counts)).replace("…", "0") or reason in str(polled.rejects.values)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"alt_baro": "ground"}, "on the ground"),
        ({"gnd": True}, "on the ground"),
        ({"lat": None, "lon": None}, "without a place"),
        ({"hex": "~4ca123"}, "not ICAO's"),
        ({"seen_pos": 60.5}, "older than 15 s"),
        ({"tisb": ["lat", "lon"]}, "TIS-B"),
        ({"type": "tisb_icao"}, "TIS-B"),
        ({"validposition": 0}, "without a place"),
    ],
)
def test_a_sound_aircraft_that_is_not_for_us_is_passed_over_by_name(change: dict[str, Any], why: str) -> None:
    polled = Polled()
    assert polled(picture(AGED | change)) == []
    (said,) = polled.rejects.passed_over
    assert why in said


@pytest.mark.parametrize(
    "change", [{"mlat": ["lat", "lon"]}, {"type": "mlat"}, {"tisb": ["callsign"]}, {"type": "adsr_icao"}]
)
def test_an_aircraft_that_answers_for_itself_is_taken_whoever_computed_its_place(change: dict[str, Any]) -> None:
    assert len(Polled()(picture(AGED | change))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"alt_baro": "high"},
        {"alt_baro": 1e6},
        {"gs": -5},
        {"gs": 99_999},
        {"gs": "fast"},
        {"track": 999},
        {"flight": "\x01\x02"},
        {"flight": 7},
    ],
)
def test_a_bad_height_speed_course_or_callsign_costs_itself_alone(change: dict[str, Any]) -> None:
    polled = Polled()
    (one,) = polled(picture(AGED | change))
    assert None in (one.speed_mps, one.callsign, one.altitude_m)
    assert (polled.rejects.total, sum(polled.rejects.left_out.values())) == (0, 1)


def test_a_picture_too_long_to_mend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    body = picture(AGED | {"rssi": math.nan})
    monkeypatch.setattr(aircraft_json, "MENDED_BYTES_MAX", len(body))
    assert len(Polled()(body)) == 1
    with pytest.raises(BadRecord, match="is not mended"):
        Polled()(body + b" ")


def test_a_worse_height_stands_in_for_one_that_is_none() -> None:
    polled = Polled()
    (one,) = polled(picture(AGED | {"alt_geom": "?"}))
    assert one.altitude_m == pytest.approx(3_048)
    assert sum(polled.rejects.left_out.values()) == 1
    (none,) = Polled()(picture(AGED | {"alt_baro": None}))
    assert none.altitude_m is None


def test_a_dead_receiver_s_last_picture_grows_old_although_it_tells_no_time() -> None:
    polled = Polled()
    body = json.dumps([FIRST | {"seen": 0}]).encode()
    told = [len(polled(body, NOW_S + second)) for second in range(30)]
    assert told == [1] + [0] * 29
    assert polled.rejects.passed_over["a position told before"] == 29
    assert len(polled(json.dumps([FIRST | {"lat": 51, "seen": 0}]).encode(), NOW_S + 30)) == 1


def test_a_fault_that_stays_is_kept_once_and_counted_each_time(tmp_path: Any) -> None:
    path = tmp_path / "rejects.jsonl"
    with Rejects(path) as rejects:
        reader = AircraftReader("sky", rejects)
        for second in range(5):
            reader.read(picture(AGED | {"lat": 95 + second}, now=NOW_S + second), NOW_S + second)
    assert (rejects.total, len(some(path.read_text().splitlines()))) == (5, 1)


DAMAGES = {
    "a decimal comma": (b"100.0", b"100,5"),
    "no value": (b"100.0", b""),
    "a number that C wrote": (b"100.0", b"100."),
    "a quote in a callsign": (b"TST1", b'TS"T1'),
    "a backslash in a callsign": (b"TST1", b"TS\\T1"),
    "a word": (b"100.0", b"undefined"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
@pytest.mark.parametrize(
    "wrap", ["%s", '{"now": 1767225600, "aircraft": %s}', '{"x": [{"y": 1}], "acList": %s, "z": []}']
)
def test_what_is_no_json_costs_its_aircraft_only(damage: str, wrap: str) -> None:
    old, new = DAMAGES[damage]
    broken = json.dumps(AGED | {"hex": "4ca124"}).encode().replace(old, new)
    good = [json.dumps(AGED | {"hex": address}).encode() for address in ("4ca123", "4ca125")]
    polled = Polled()
    found = polled(wrap.encode() % (b"[" + b", ".join((good[0], broken, good[1])) + b"]"))
    assert [one.icao24 for one in found] == ["4ca123", "4ca125"]
    assert polled.rejects.account == (3, 2, 1, 0) and "not an aircraft: it is no JSON" in polled.rejects.summary()


def test_of_a_picture_that_is_still_being_written_the_whole_aircraft_are_read() -> None:
    whole = picture(AGED, AGED | {"hex": "4ca124"}, AGED | {"hex": "4ca125"})
    polled = Polled()
    assert [one.icao24 for one in polled(whole[:-60])] == ["4ca123", "4ca124"]
    assert polled.rejects.account == (3, 2, 1, 0)
    assert len(polled(whole + b"\n\0\0\0")) == 1, "octets behind a picture are no part of it"


def test_states_are_read_one_by_one_where_one_is_damaged() -> None:
    body = json.dumps({"time": NOW_S, "states": [STATE, STATE, ["4ca124", *STATE[1:]]]}).encode()
    polled = Polled()
    assert [one.icao24 for one in polled(body.replace(b"51.4444", b"51.", 1))] == ["4ca123", "4ca124"]
    assert polled.rejects.account == (3, 2, 1, 0)


@pytest.mark.parametrize(
    "body",
    [
        b'{"aircraft": [{"hex": 5,5}]}',
        b'[{"a": [{',
        b"[[[[" * 50_000,
        b"[{},{" * 50_000,
        b'[{"hex": 5}, ' + b"{x}," * 200_000,
    ],
)
def test_where_no_aircraft_can_be_read_there_is_no_picture(body: bytes) -> None:
    with pytest.raises(BadRecord, match="sent no aircraft"):
        Polled()(body)


@pytest.mark.parametrize("nothing", [float("nan"), "nan", "None", "NULL", None, ""])
def test_what_programs_write_for_no_callsign_is_none(nothing: Any) -> None:
    (one,) = Polled()(picture(AGED | {"flight": nothing}))
    assert one.callsign is None


def test_a_speed_through_the_air_is_none_over_the_ground_and_a_heading_no_course() -> None:
    for change in ({"SpdTyp": 2}, {"spdtyp": "3"}, {"TrkH": True}, {"trkh": "1"}):
        (one,) = Polled()(json.dumps({"stm": NOW_S * 1_000, "acList": [VRS | change]}).encode())
        assert (one.speed_mps, one.heading_deg) == (None, None), change
    (one,) = Polled()(json.dumps({"stm": NOW_S * 1_000, "acList": [VRS | {"SpdTyp": 0, "TrkH": False}]}).encode())
    assert one.heading_deg == 90


def test_a_picture_is_read_in_steps_so_that_nobody_waits_for_all_of_it() -> None:
    reader, body = AircraftReader("sky", Rejects()), picture(AGED, {}, AGED | {"hex": "4ca124"})
    assert len(list(reader.steps(reader.picture(body), body, NOW_S))) == 3


def test_a_picture_is_mended_where_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def watched(text: bytes, **bounds: Any) -> Any:
        threads.append(threading.current_thread())
        return loose_json(text, **bounds)

    monkeypatch.setattr(aircraft_json, "loose_json", watched)

    class Once(AircraftJsonSource):
        async def _fetch(self, session: Any) -> bytes:
            return picture(AGED)

    async def told() -> list[Any]:
        found: asyncio.Queue[list[Any]] = asyncio.Queue()
        task = asyncio.create_task(Once("sky", "http://127.0.0.1", Rejects(), clock=lambda: NOW_S).run(found.put))
        try:
            return await asyncio.wait_for(found.get(), 60)
        finally:
            task.cancel()

    assert len(asyncio.run(told())) == 1
    assert threading.main_thread() not in threads and threads


@pytest.mark.parametrize(
    "body", [b"{}", b'{"full_count": 9, "version": 4}', b"[]", b'{"now": %f, "aircraft": []}' % NOW_S]
)
def test_an_empty_sky_is_a_picture_of_every_dialect(body: bytes) -> None:
    polled = Polled()
    assert polled(body) == [] and polled.rejects.account == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "lives"), [(picture(), True), (picture({"hex": "4ca123"}), True), (b"{}", False), (b"[]", False)]
)
def test_a_receiver_whose_pictures_have_a_time_lives_though_nothing_flies(body: bytes, lives: bool) -> None:
    class Served(AircraftJsonSource):
        async def _fetch(self, session: Any) -> bytes:
            return body

    async def told() -> tuple[bool, list[list[Any]]]:
        delivered: list[list[Any]] = []

        async def deliver(found: list[Any]) -> None:
            delivered.append(found)

        source = Served("sky", "http://127.0.0.1", Rejects(), every_s=0.01, clock=lambda: NOW_S)
        task = asyncio.create_task(source.run(deliver))
        await asyncio.sleep(0.2)
        async with asyncio.timeout(60):
            while lives and not delivered and not task.done():
                await asyncio.sleep(0.01)
        ended = task.done()
        task.cancel()
        return ended, delivered

    ended, delivered = asyncio.run(told())
    assert not ended
    assert set(map(len, delivered)) == ({0} if lives else set())


@pytest.mark.parametrize(("age_s", "told"), [(2, 1), (200, 0)])
def test_a_place_of_plane_finder_is_as_old_as_it_says(age_s: float, told: int) -> None:
    one = {"lat": 50.5, "lon": 30.25, "altitude": 10_000, "heading": 90, "speed": 100, "pos_update_time": NOW_S - age_s}
    polled = Polled()
    found = polled(json.dumps({"aircraft": {"4CA123": one}, "user_lat": 50}).encode())
    assert [(each.icao24, each.heading_deg, each.time.timestamp()) for each in found] == [
        ("4ca123", 90.0, NOW_S - age_s)
    ] * told
    assert polled.rejects.account == (1, told, 0, 1 - told)
