"""A line is understood on its way in, by its channel's profile and by what the channel said before."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tocsin.ingest.area import from_middle
from tocsin.ingest.text.channels import Channels
from tocsin.ingest.text.profile import Profile
from tocsin.ingest.text.within import ENDS, within
from tocsin.model.access import Circle
from tocsin.model.observation import ChannelReport
from tocsin.model.told import Place, Spot, Told
from tocsin.model.value import time_of

NOW_S = 1_772_334_000.0
# Nizhyn and what lies around it.
NORTH = (Circle(lat=51.05, lon=31.89, radius_m=100_000.0),)


def line(text: str, name: str = "1", at_s: float = 0.0, **fields: Any) -> ChannelReport:
    what: dict[str, Any] = {"id": name, "source": "desk", "channel": "suburbs", "text": text}
    return ChannelReport(**what | {"time": time_of(NOW_S + at_s)} | fields)


def test_what_a_line_says_is_written_beside_it_whatever_its_sender_wrote_there() -> None:
    forged = (Told(stage="in_flight", threat="ballistic_missile"),)
    one = Channels().understood(line("2 шахеди над Ніжином курсом на Київ", told=forged, unused=("all is well",)))
    (told,) = one.told
    assert (told.stage, told.threat, told.count) == ("in_flight", "drone", 2)
    assert [(place.role, place.likeliest.name) for place in told.places] == [("over", "Nizhyn"), ("towards", "Kyiv")]
    assert told.heading_deg is not None and told.heading_sigma_deg is not None
    assert abs(told.heading_deg - 236) < 5 and told.delay_s == 120.0
    assert not one.unused and len(one.wording) == 32


def test_a_line_that_could_not_be_kept_is_no_repetition_of_itself_when_it_is_sent_again() -> None:
    channels = Channels()
    first = channels.understood(line("Шахед над Ніжином"))
    assert channels.understood(line("Шахед над Ніжином")) == first and first.told
    again = channels.understood(line("Шахед над Ніжином!", name="2", at_s=60))
    assert not again.told and again.unused == ("said before",)


def test_a_reply_means_what_it_answers_and_another_source_s_channel_of_that_name_is_another() -> None:
    channels = Channels()
    channels.understood(line("Шахед над Ніжином"))
    reply = line("Ще один шахед", name="2", at_s=30, reply_to="1")
    assert some([place.likeliest.name for told in channels.understood(reply).told for place in told.places]) == [
        "Nizhyn"
    ]
    other = channels.understood(msgspec.structs.replace(reply, source="other"))
    assert not [place for told in other.told for place in told.places]


def test_places_outside_a_source_s_area_are_left_out_and_said() -> None:
    one = Channels().understood(line("Шахеди над Ніжином та Одесою"), NORTH)
    assert [place.likeliest.name for told in one.told for place in told.places] == ["Nizhyn"]
    assert "outside the area of source desk" in one.unused[0]
    gone = Channels().understood(line("Шахед над Одесою"), NORTH)
    assert not gone.told and gone.unused


def test_of_a_region_only_the_part_in_a_source_s_area_is_believed_and_that_is_said() -> None:
    suburb = Circle(lat=50.51, lon=30.79, radius_m=20_000.0)
    one = Channels().understood(line("Загроза балістики для Київської області"), (suburb,))
    (place,) = some([place for told in one.told for place in told.places])
    whole = Channels().understood(line("Загроза балістики для Київської області")).told[0].places[0].likeliest
    part = place.likeliest
    assert part.sigma_m < suburb.radius_m < whole.sigma_m and part.weight == whole.weight
    assert math.hypot(*from_middle(suburb, part.lat, part.lon)) + part.sigma_m <= suburb.radius_m
    assert one.unused == ("of 1 places only the part in the area of source desk is believed",)
    country = Circle(lat=50.0, lon=31.0, radius_m=700_000.0)
    assert Channels().understood(line("Загроза балістики для Київської області"), (country,)).told[0].places == (
        Place(role="over", spots=(whole,)),
    )
    away = Circle(lat=46.5, lon=30.7, radius_m=30_000.0)
    assert not Channels().understood(line("Загроза балістики для Київської області"), (away,)).told


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(10_000, 200_000), st.lists(st.floats(1_000, 200_000), max_size=3))
def test_a_wide_place_is_never_believed_outside_of_the_area_and_is_not_lost_where_it_reaches_it(
    north: float, east: float, sigma_m: float, radii: list[float]
) -> None:
    area = [Circle(lat=45.0 + number, lon=30.0, radius_m=radius_m) for number, radius_m in enumerate(radii)]
    spot = Spot(name="UA.99", lat=45.0 + north, lon=30.0 + east, sigma_m=sigma_m, weight=1.0)
    told = (Told(stage="threat", places=(Place(role="over", spots=(spot,)),)),)
    found, outside, cut = within(told, area)
    reached = [
        math.hypot(*from_middle(one, spot.lat, spot.lon)) < one.radius_m + ENDS * sigma_m * 0.999 for one in area
    ]
    assert outside + cut <= 1 and (outside == 0) >= any(reached)
    places = [place for one in found for place in one.places]
    if places != list(told[0].places):
        for place in places:
            part = place.likeliest
            assert part.sigma_m <= sigma_m
            assert any(
                math.hypot(*from_middle(one, part.lat, part.lon)) + part.sigma_m <= one.radius_m * 1.001 for one in area
            )


def test_a_threat_declared_for_no_place_is_for_what_the_channel_covers() -> None:
    covering = Channels({"desk": Profile("suburbs", covers=("UA.13",))})
    (told,) = covering.understood(line("Загроза балістики!")).told
    assert told.stage == "threat" and [place.likeliest.name for place in told.places] == ["UA.13"]
    (nowhere,) = Channels().understood(line("Загроза балістики!")).told
    assert not nowhere.places


def test_what_is_dropped_has_its_reason_and_the_words_that_nothing_was_made_of() -> None:
    one = Channels().understood(line("Доброї ночі всім"))
    assert not one.told and one.unused
