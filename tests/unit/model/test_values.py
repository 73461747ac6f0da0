"""Values by example: what they refuse, and what they say when they do."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.event import OperatorAct
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.observation import Alert, Plot, Sighting
from tocsin.model.plots import PlotTable
from tocsin.model.value import ID_CHARS_MAX, time_of
from tocsin.model.wire import observation_from_json, sensors_from_json, to_json, unpack
from tocsin.model.zone import Zone

SQUARE = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadValue, match="without a time zone"):
        Sighting(id="a", time=datetime(2026, 1, 1), lat=0, lon=0)  # noqa: DTZ001


def test_what_was_not_received_later_was_received_when_it_was_true() -> None:
    sighting = Sighting(id="a", time=time_of(5), lat=0, lon=0)
    assert sighting.received_at == time_of(5)
    assert Sighting(id="a", time=time_of(5), received=time_of(9), lat=0, lon=0).received_at == time_of(9)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"kind":"sighting","id":"a","time":"2026-01-01T00:00:00Z","lat":91,"lon":0}', "lat"),
        (b'{"kind":"sighting","id":"a b","time":"2026-01-01T00:00:00Z","lat":1,"lon":0}', "id"),
        (b'{"kind":"sighting","id":"a","time":"2026-01-01T00:00:00","lat":1,"lon":0}', "time"),
        (b'{"kind":"rumour","id":"a","time":"2026-01-01T00:00:00Z"}', "rumour"),
        (
            b'{"kind":"plot","id":"a","time":"2026-01-01T00:00:00Z","sensor":"r","range_m":1,"azimuth_deg":1,'
            b'"mode3a":"7800"}',
            "mode3a",
        ),
        (b"[" * 100_000, "not an observation"),
    ],
)  # fmt: skip
def test_a_bad_record_says_which_field_is_wrong(line: bytes, says: str) -> None:
    with pytest.raises(BadRecord, match=says):
        observation_from_json(line)


def test_a_record_too_long_to_be_an_observation_is_refused_unread() -> None:
    with pytest.raises(BadRecord, match="at most"):
        observation_from_json(b" " * 7_000_000)


def test_a_whole_country_fits_into_an_alert() -> None:
    assert Alert(id="a", time=time_of(0), cap="x" * 1_700_000).cap


def test_two_sensors_of_one_id_are_refused() -> None:
    with pytest.raises(BadRecord, match="unique"):
        sensors_from_json(b'[{"id":"r","kind":"radar","lat":0,"lon":0},{"id":"r","kind":"adsb","lat":0,"lon":0}]')


def test_an_unknown_extension_in_a_snapshot_is_refused() -> None:
    with pytest.raises(BadRecord):
        unpack(b"\xc7\x01\x7f\x00")


def test_columns_of_different_lengths_are_no_plot_table() -> None:
    one, two = np.zeros(1), np.zeros(2)
    with pytest.raises(BadValue, match="lengths"):
        PlotTable(two, one.astype(np.int32), one, one, one, one, one.astype(np.uint32), one.astype(np.int16), ("r",))


def test_a_plot_table_names_only_sensors_it_has() -> None:
    one = np.zeros(1)
    with pytest.raises(BadValue, match="sensor number 3"):
        PlotTable(one, np.array([3], np.int32), one, one, one, one, one.astype(np.uint32), one.astype(np.int16), ("r",))


def test_a_name_is_found_in_the_language_in_english_or_in_any() -> None:
    zone = Zone(id="z", name={"en": "Homs", "ar": "حمص"}, polygons=(SQUARE,))
    assert zone.name_in("ar") == "حمص"
    assert zone.name_in("de") == "Homs"
    assert Zone(id="z", name={"uk": "Київ"}, polygons=(SQUARE,)).name_in("de") == "Київ"
    assert Zone(id="z", name="Bern", polygons=(SQUARE,)).name_in("ar") == "Bern"


def test_a_name_whose_language_is_open_is_found_by_its_script() -> None:
    zone = Zone(id="z", name={"en": "Damascus", "und-Arab": "دمشق"}, polygons=(SQUARE,))
    assert zone.name_in("ar") == "دمشق"
    assert zone.name_in("fr") == "Damascus"


def test_an_outline_holds_from_its_first_moment_to_before_its_last() -> None:
    zone = Zone(id="z", name="z", valid_from=time_of(10), valid_to=time_of(20), polygons=(SQUARE,))
    assert [zone.valid_at(time_of(t)) for t in (9, 10, 19, 20)] == [False, True, True, False]


@pytest.mark.parametrize(
    "ring",
    [SQUARE[0][:3], (*SQUARE[0][:3], (9.0, 9.0)), ((0.0, 0.0), (200.0, 0.0), (1.0, 1.0), (0.0, 0.0))],
    ids=["short", "open", "off the Earth"],
)
def test_a_ring_that_is_open_short_or_off_the_earth_is_refused(ring: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(BadValue, match="zone z has"):
        Zone(id="z", name="z", polygons=((ring,),))


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}]}',
        b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[[0]]]},"properties":{"id":"a","name":"a"}}]}',
        b"\xff",
    ],
)  # fmt: skip
def test_what_is_no_zones_file_is_a_bad_record(text: bytes) -> None:
    with pytest.raises(BadRecord):
        zones_from_geojson(text)


def test_a_plot_keeps_its_transponder_code_as_written() -> None:
    assert Plot(id="a", time=time_of(0), sensor="r", range_m=1, azimuth_deg=1, mode3a="0012").mode3a == "0012"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "two words", "without white space"),
        ("icao24", "zz", "six hexadecimal digits"),
        ("mode3a", "9", "four octal"),
    ],
)
def test_what_misses_a_pattern_is_told_in_words(field: str, value: str, said: str) -> None:
    line = {"kind": "position", "id": "a", "time": "2026-01-01T00:00:00Z", "lat": 1, "lon": 2, "altitude_m": 3}
    with pytest.raises(BadRecord, match=said) as told:
        observation_from_json(to_json(line | {field: value}))
    assert f": {field} must be " in str(told.value)
    assert "^" not in str(told.value)


def _why(field: str, value: object) -> str:
    line = {"kind": "sighting", "id": "a", "time": "2026-01-01T00:00:00Z", "lat": 1, "lon": 2, field: value}
    with pytest.raises(BadRecord) as told:
        observation_from_json(to_json(line))
    return str(told.value).removeprefix("not an observation: ")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("lat", "north", "lat must be a number, and is text"), ("lat", 91, "lat must be at most 90"),
        ("bearing_deg", "n", "bearing_deg must be a number or null, and is text"),
        ("sense", "smelt", "sense is 'smelt'; it may be 'seen', 'heard' or 'both'"),
        ("sense", 1, "sense must be 'seen', 'heard' or 'both', and is a number"),
        ("time", "now", "time must be a time such as 2026-03-01T03:00:00Z"),
        ("time", "2026-01-01T00:00:00", "time must end with its time zone; in UTC that is Z"),
        ("id", "x" * (ID_CHARS_MAX + 1), f"id must have at most {ID_CHARS_MAX} characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_observation_is_a_plain_sentence(field: str, value: object, said: str) -> None:
    assert _why(field, value) == said


@given(st.sampled_from(["id", "time", "lat", "lon", "threat", "count", "bearing_deg", "sense", "kind"]), st.data())
def test_no_refusal_speaks_the_decoders_tongue(field: str, data: st.DataObject) -> None:
    wrong: object = data.draw(st.one_of(st.none(), st.booleans(), st.text(max_size=3), st.just([]), st.just({})))
    line = {"kind": "sighting", "id": "a", "time": "2026-01-01T00:00:00Z", "lat": 1, "lon": 2, field: wrong}
    try:
        observation_from_json(to_json(line))
    except BadRecord as error:
        for word in ("Expected", "`$", "float", "`str", "regex", "enum"):
            assert word not in str(error), str(error)


def _act(public_reason: str) -> OperatorAct:
    return OperatorAct(
        id="1", time=time_of(0), operator="duty", action="raise", zones=("z",), public_reason=public_reason
    )


def test_what_everybody_reads_hides_and_turns_nothing() -> None:
    for said in (
        "می\u200cخواهم",
        "क\u200dष",
        "שלום, זה תרגיל",
        "Тривога!\nв укриття",
        "Straße — “ok” 100 %",
        "🙂\ufe0f",
    ):
        assert _act(said).public_reason == said
    for (
        hidden
    ) in "\u202e\u202a\u2066\u2069\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad\u0000\u0007\u2028\u3164\U000e0041":
        with pytest.raises(BadValue, match="invisible"):
            _act(f"all {hidden}clear")
