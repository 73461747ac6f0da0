"""CAP's own way of writing times and areas: offsets, midnight, lat before lon, kilometres, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cap import geometry
from tocsin.cap.geometry import circle_of, is_open, point_of, ring_of, time_from_cap
from tocsin.model.errors import BadValue

WHOLE_SECONDS = st.integers(-2_000_000_000, 4_000_000_000).map(
    lambda s: datetime.fromtimestamp(s, UTC).replace(tzinfo=None)
)
LATS, LONS = st.floats(-90, 90).map(lambda at: round(at, 6)), st.floats(-180, 180).map(lambda at: round(at, 6))


@given(WHOLE_SECONDS, st.integers(-14 * 60, 14 * 60))
def test_a_time_is_that_of_its_offset_east_and_west_of_greenwich(local: datetime, east_min: int) -> None:
    sign, apart = "+-"[east_min < 0], abs(east_min)
    written = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{apart // 60:02}:{apart % 60:02}"
    read = time_from_cap(f" {written} ")
    assert read == local.replace(tzinfo=timezone(timedelta(minutes=east_min)))
    assert read.utcoffset() == timedelta(0)


def test_noon_in_kyiv_and_in_new_york_are_ten_and_seventeen_in_greenwich() -> None:
    assert time_from_cap("2026-03-01T12:00:00+02:00") == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert time_from_cap("2026-03-01T12:00:00-05:00") == datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert time_from_cap("2026-03-01T12:00:00-00:00") == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("midnight", ["24:00:00", "24:00", "24:00:00.0"])
def test_midnight_may_be_written_as_the_end_of_its_day(midnight: str) -> None:
    assert time_from_cap(f"2026-02-28T{midnight}+02:00") == datetime(2026, 2, 28, 22, tzinfo=UTC)
    with pytest.raises(BadValue, match="no time zone"):
        time_from_cap(f"2026-02-28T{midnight}")


@pytest.mark.parametrize("wrong", ["2026-02-28T24:00:01Z", "2026-02-28T24:01:00Z", "2026-02-29T00:00:00Z", "soon", ""])
def test_what_is_no_time_is_refused(wrong: str) -> None:
    with pytest.raises(BadValue, match="not a date and time"):
        time_from_cap(wrong)


def test_a_time_that_no_calendar_has_in_greenwich_is_refused() -> None:
    for wrong in ("9999-12-31T24:00:00Z", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(BadValue, match="not a date and time"):
            time_from_cap(wrong)


@given(LATS, LONS)
def test_a_point_is_its_latitude_and_then_its_longitude(lat: float, lon: float) -> None:
    assert point_of(f"{lat:.6f},{lon:.6f}") == (lat, lon)


@pytest.mark.parametrize("text", ["90,180", "-90,-180", "+1,-.5", "0,1."])
def test_the_ends_of_the_earth_are_on_it(text: str) -> None:
    lat, lon = text.split(",")
    assert point_of(text) == (float(lat), float(lon))


@pytest.mark.parametrize(
    "text",
    ["90.01,0", "-90.01,0", "0,180.01", "0,-180.01", "1", "1,2,3", "1e1,2", "nan,1", "1,", "٣,1", f"1,{'1' * 41}"],
)
def test_what_is_no_point_on_earth_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        point_of(text)


def test_a_ring_is_closed_and_has_four_points_or_more() -> None:
    corners = ((50.0, 10.0), (50.0, 11.0), (51.0, 11.0), (50.0, 10.0))
    assert ring_of("50,10 50,11\n51,11 50,10") == corners
    for wrong in ("50,10 50,11 51,11", "50,10 50,11 50,10", "50,10 50,11 51,11 50,10.1", ""):
        with pytest.raises(BadValue, match="polygon"):
            ring_of(wrong)
    assert ring_of("50,10 50,11 51,11", lenient=True) == corners
    with pytest.raises(BadValue, match="at least 4"):
        ring_of("50,10 50,11", lenient=True)


@pytest.mark.parametrize(
    "written",
    ["50, 10 50, 11 51, 11", "50 ,10 50 ,11 51 ,11", "50 10 50 11 51 11", "50,10,50,11,51,11", "50,10;50,11;51,11",
     "50,10, 50,11, 51,11,"],
)  # fmt: skip
def test_numbers_parted_in_another_way_are_read_where_they_cannot_mean_anything_else(written: str) -> None:
    assert ring_of(written, lenient=True) == ((50.0, 10.0), (50.0, 11.0), (51.0, 11.0), (50.0, 10.0))
    with pytest.raises(BadValue):
        ring_of(written)


def test_what_might_mean_several_rings_is_refused_and_not_guessed() -> None:
    for wrong in ("50 10 50 11 51 11 7", "50 10, 50 11, 51 11", "50,10,50,11,51,11,7", "50,10,7 50,11 51,11"):
        with pytest.raises(BadValue):
            ring_of(wrong, lenient=True)


def test_what_was_left_open_is_known() -> None:
    assert is_open("50,10 50,11 51,11")
    assert not is_open("50,10 50,11 51,11 50,10")
    assert not is_open("50,10 50,11")


def test_a_ring_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "CORNERS_MAX", 4)
    assert len(ring_of("50,10 50,11 51,11 50,10")) == 4
    with pytest.raises(BadValue, match="at most 4"):
        ring_of("50,10 50,11 51,11 51,10 50,10")


@given(LATS, LONS, st.floats(0, 20_100).map(lambda radius: round(radius, 3)))
def test_a_circle_is_its_middle_and_its_radius_in_kilometres(lat: float, lon: float, radius_km: float) -> None:
    assert circle_of(f"{lat:.6f},{lon:.6f} {radius_km:.3f}") == (lat, lon, radius_km)
    loose = f"{lat:.6f} , {lon:.6f}, {radius_km:.3f}"
    assert circle_of(loose, lenient=True) == (lat, lon, radius_km)


@pytest.mark.parametrize("text", ["50,10", "50,10 -0.001", "50,10 20100.1", "50,10 5 6", "50 10 5", "50,10 5km", "5"])
def test_what_is_no_circle_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        circle_of(text)
