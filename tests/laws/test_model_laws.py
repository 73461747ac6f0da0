"""What holds for every value: written and read back it is the same, and nonsense is refused at birth."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.errors import BadInput, BadRecord, BadValue
from tocsin.model.geojson import zones_from_geojson, zones_to_geojson
from tocsin.model.observation import Plot, Position, Sighting
from tocsin.model.sensor import DEFAULTS, Sensor, SensorKind, with_defaults
from tocsin.model.value import EPOCH, seconds_of, time_of, time_text
from tocsin.model.wire import observation_from_json, pack, sensors_from_json, to_json, unpack
from tocsin.model.zone import Zone

printable = st.characters(
    min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["C", "Z"], exclude_characters="\\./"
)
ids = st.text(printable, min_size=1, max_size=20)
times = st.integers(0, 2**52).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))
lats, lons = st.floats(-90, 90), st.floats(-180, 180)
azimuths = st.floats(0, 360)
sightings = st.builds(
    Sighting, id=ids, time=times, received=st.none() | times, source=ids, lat=lats, lon=lons,
    threat=st.sampled_from(["drone", "jet", "unknown"]), count=st.integers(1, 1_000), bearing_deg=st.none() | azimuths,
)  # fmt: skip
plots = st.builds(
    Plot, id=ids, time=times, sensor=ids, range_m=st.floats(0, 1e6), azimuth_deg=azimuths,
    mode3a=st.none() | st.from_regex("[0-7]{4}", fullmatch=True),
)  # fmt: skip


@given(sightings | plots)
def test_an_observation_written_and_read_back_is_the_same(observation: Sighting | Plot) -> None:
    assert observation_from_json(to_json(observation)) == observation


@given(sightings)
def test_the_same_value_gives_the_same_bytes(sighting: Sighting) -> None:
    assert to_json(observation_from_json(to_json(sighting))) == to_json(sighting)


@given(st.binary(max_size=200) | st.text(max_size=100))
def test_any_bytes_are_an_observation_or_a_bad_record(line: bytes | str) -> None:
    with pytest.raises(BadRecord):
        observation_from_json(line)


@given(st.floats().filter(lambda v: not -90 <= v <= 90), lons)
def test_no_sighting_is_off_the_earth(lat: float, lon: float) -> None:
    with pytest.raises(BadValue, match="lat is"):
        Sighting(id="a", time=time_of(0), lat=lat, lon=lon)


@given(st.floats(0, 4e9))
def test_seconds_and_times_are_the_same_moment_to_the_microsecond(seconds: float) -> None:
    assert seconds_of(time_of(seconds)) == pytest.approx(seconds, abs=1e-6)


@given(times, st.integers(-14 * 60, 14 * 60))
def test_a_time_in_any_zone_is_kept_in_utc(time: datetime, offset_min: int) -> None:
    local = time.astimezone(timezone(timedelta(minutes=offset_min)))
    sighting = Sighting(id="a", time=local, lat=0, lon=0)
    assert sighting.time == time
    assert sighting.time.tzinfo is UTC
    assert time_text(local) == time_text(time)


@given(st.sampled_from(list(DEFAULTS)), st.none() | st.floats(1, 1e6))
def test_a_sensors_own_figures_outrank_the_defaults(kind: SensorKind, range_m: float | None) -> None:
    sensor = with_defaults(Sensor(id="a", kind=kind, lat=0, lon=0, range_m=range_m))
    assert sensor.range_m == (range_m if range_m is not None else DEFAULTS[kind]["range_m"])
    assert with_defaults(sensor) == sensor
    assert sensors_from_json(b"[" + to_json(sensor) + b"]") == (sensor,)


numbers = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
scalars = st.none() | numbers | st.text() | st.binary()


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
def test_what_is_packed_comes_back(state: object) -> None:
    assert unpack(pack(state)) == state
    assert pack(unpack(pack(state))) == pack(state)


@given(
    st.sampled_from(["<f8", "<i4", "<u1", "|b1"]), st.lists(st.integers(0, 4), min_size=1, max_size=3), st.integers()
)
def test_arrays_come_back_bit_for_bit(dtype: str, shape: list[int], seed: int) -> None:
    rng = np.random.default_rng(abs(seed))
    array = rng.integers(0, 2, size=shape).astype(dtype)
    back = unpack(pack({"a": array}))["a"]
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@given(st.binary(max_size=100))
def test_any_bytes_are_a_snapshot_or_a_bad_record(data: bytes) -> None:
    try:
        state = unpack(data)
    except BadInput:
        return
    assert pack(unpack(pack(state))) == pack(state)


@given(
    st.lists(st.tuples(st.floats(-170, 170), st.floats(-80, 80), st.floats(0.01, 5)), min_size=1, max_size=5),
    st.none() | times,
)
def test_zones_written_and_read_back_are_the_same(
    places: list[tuple[float, float, float]], valid_from: datetime | None
) -> None:
    zones = tuple(
        Zone(
            id=f"z{i}", name={"en": "A", "ar": "أ"} if i % 2 else "A", population=i, parent="p" if i else None,
            valid_from=valid_from,
            polygons=(((((lon, lat), (lon + size, lat), (lon, lat + size), (lon, lat)),)),),
        )
        for i, (lon, lat, size) in enumerate(places)
    )  # fmt: skip
    assert zones_from_geojson(zones_to_geojson(zones)) == zones


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(BadValue):
        Position(id="a", time=time_of(0), lat=0, lon=0, altitude_m=value)
