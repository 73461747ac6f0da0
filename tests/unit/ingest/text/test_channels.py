"""A line is understood on its way in, by its channel's profile and by what the channel said before."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.some import some
from tocsin.ingest.text.channels import Channels
from tocsin.ingest.text.profile import Profile
from tocsin.model.observation import ChannelReport
from tocsin.model.told import Told
from tocsin.model.value import time_of

NOW_S = 1_772_334_000.0


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
    one = Channels().understood(line("Шахеди над Ніжином та Одесою"), lambda lat, lon: lat > 50)
    assert [place.likeliest.name for told in one.told for place in told.places] == ["Nizhyn"]
    assert "outside the area of source desk" in one.unused[0]
    gone = Channels().understood(line("Шахед над Одесою"), lambda lat, lon: lat > 50)
    assert not gone.told and gone.unused


def test_a_threat_declared_for_no_place_is_for_what_the_channel_covers() -> None:
    covering = Channels({"desk": Profile("suburbs", covers=("UA.13",))})
    (told,) = covering.understood(line("Загроза балістики!")).told
    assert told.stage == "threat" and [place.likeliest.name for place in told.places] == ["UA.13"]
    (nowhere,) = Channels().understood(line("Загроза балістики!")).told
    assert not nowhere.places


def test_what_is_dropped_has_its_reason_and_the_words_that_nothing_was_made_of() -> None:
    one = Channels().understood(line("Доброї ночі всім"))
    assert not one.told and one.unused
