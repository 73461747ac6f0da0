"""Values by example: what they refuse, and what they say when they do."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.observation import Alert, Plot, Sighting
from tocsin.model.plots import PlotTable
from tocsin.model.value import time_of
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
    assert str(told.value).endswith(f"- at `$.{field}`")
    assert "^" not in str(told.value)
