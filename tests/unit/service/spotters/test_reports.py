"""A spotter's report as an observation: places rounded, doubts declared, times of now."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth.frames import LocalFrame
from tocsin.earth.sighted import sighted
from tocsin.ingest.admission import OLD_S
from tocsin.model.errors import BadValue
from tocsin.model.observation import Impact, Sighting
from tocsin.model.value import SENT_AHEAD_S
from tocsin.service.spotters.reports import (
    ACCURACY_MAX_M,
    AIMED_FROM_M,
    FELL_SIGMA_M,
    SpotterPlace,
    SpotterReport,
    Untimely,
    observation_of,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
POST = SpotterPlace(46.0512345, 8.0498765, 12.0)
places = st.builds(SpotterPlace, st.floats(45, 47), st.floats(7, 9), st.floats(0, 20_000))


def made(**more: Any) -> Sighting | Impact:
    given: dict[str, Any] = {"id": "12345678", "time": NOW, "what": "drone", "post": POST} | more
    return observation_of(SpotterReport(**given), "post-7F3K.1", "team-7F3K", NOW)


def where(observation: Sighting | Impact) -> tuple[float, float, float]:
    """Where the thing was, east and north of the post in metres, and the worse of its standard deviations."""
    assert isinstance(observation, Sighting)
    east, north, along, across, _ = sighted(observation, LocalFrame(POST.lat, POST.lon))
    return east, north, max(along, across)


@given(places, st.sampled_from(["drone", "explosion"]))
def test_no_place_is_known_better_than_a_hundred_metres(place: SpotterPlace, what: str) -> None:
    for given_as in ({"post": place, "bearing_deg": 40.0}, {"post": None, "at": place}, {"post": POST, "at": place}):
        if place.accuracy_m > ACCURACY_MAX_M and given_as["post"] is place:
            continue
        found = made(what=what, **given_as)
        assert (found.lat, found.lon) == (round(found.lat, 3), round(found.lon, 3))


@given(st.floats(0, 359.9), st.floats(500, 30_000))
def test_a_point_on_the_map_is_where_a_bearing_and_a_distance_say(bearing_deg: float, distance_m: float) -> None:
    east, north = distance_m * math.sin(math.radians(bearing_deg)), distance_m * math.cos(math.radians(bearing_deg))
    lat, lon = LocalFrame(POST.lat, POST.lon).to_geodetic(east, north)
    found_east, found_north, sigma_m = where(made(at=SpotterPlace(float(lat), float(lon))))
    # Rounded twice by 111 m at most; near by it has no direction, and lies within the finger's own doubt.
    assert math.hypot(found_east - east, found_north - north) < max(200.0, sigma_m + 200.0 if distance_m < 1_200 else 0)


@given(st.floats(0, 20_000), st.none() | st.floats(0, 20_000))
def test_who_knows_his_place_worse_is_believed_within_more(accuracy_m: float, distance_m: float | None) -> None:
    def sigma_m(accuracy_m: float) -> float:
        place = SpotterPlace(POST.lat, POST.lon, accuracy_m)
        return where(made(post=place, bearing_deg=90.0, distance_m=distance_m))[2]

    if accuracy_m > ACCURACY_MAX_M:
        with pytest.raises(BadValue, match="says no place"):
            sigma_m(accuracy_m)
    else:
        assert sigma_m(accuracy_m) >= (accuracy_m if accuracy_m > AIMED_FROM_M else sigma_m(0.0))


def test_a_report_without_a_place_says_how_to_give_one() -> None:
    with pytest.raises(BadValue, match="choose where you are, or point at the map"):
        made(post=None)


@given(st.none() | st.floats(0, 359), st.none() | st.floats(0, 30_000))
def test_what_fell_fell_within_bounds(bearing_deg: float | None, distance_m: float | None) -> None:
    fell = made(what="explosion", bearing_deg=bearing_deg, distance_m=distance_m)
    assert isinstance(fell, Impact)
    assert FELL_SIGMA_M[0] <= fell.sigma_m <= FELL_SIGMA_M[1]


@given(st.floats(-4 * OLD_S, 4 * OLD_S))
def test_a_report_of_another_time_is_refused_and_told_how_far_it_is_off(off_s: float) -> None:
    time = NOW + timedelta(seconds=off_s)
    kept = time.replace(microsecond=0)
    if (NOW - kept).total_seconds() > OLD_S or (kept - NOW).total_seconds() > SENT_AHEAD_S:
        with pytest.raises(Untimely) as caught:
            made(time=time)
        assert caught.value.code == ("old" if off_s < 0 else "ahead")
    else:
        assert made(time=time).time == kept


def test_a_report_says_whose_voice_it_is_and_what_was_sensed() -> None:
    found = made(sense="heard", count=3, heading_deg=270.0, bearing_deg=10.0)
    assert isinstance(found, Sighting)
    assert (found.source, found.id, found.sense, found.count, found.heading_deg) == (
        "team-7F3K", "post-7F3K.1", "heard", 3, 270.0,
    )  # fmt: skip


def test_a_reports_tag_is_its_own_and_its_devices() -> None:
    one = SpotterReport(id="12345678", time=NOW, what="drone", post=POST)
    other = SpotterReport(id="12345678", time=NOW, what="jet", post=POST)
    assert len({one.tag("a"), one.tag("b"), other.tag("a")}) == 3
    assert one.tag("a") == SpotterReport(id="12345678", time=NOW, what="drone", post=POST).tag("a")
