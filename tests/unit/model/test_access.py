"""Who may say what: a sensor's word is tracked, everybody else's is a report."""

from __future__ import annotations

from typing import Any

import pytest

from tests.some import some
from tocsin.engine.engine import Engine
from tocsin.model.access import KINDS, NOBODY, Access, Authority, Kind, kind_of
from tocsin.model.event import Configuration
from tocsin.model.observation import (
    Alert,
    Bearing,
    ChannelReport,
    Impact,
    Launch,
    Observation,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.value import time_of
from tocsin.model.zone import Zone

DECLARED = ("radar-1", "radar-2", "ear-1", "post-7")
FEED = Authority(
    id="feed", kinds=KINDS, sensors=("radar-*", "post-?"), measures=("position", "launch", "impact"), relays=True
)
TOKEN = Authority(id="token")
LOUD = Authority(id="loud", kinds=KINDS)


def one_of_each(source: str, sensor: str = "radar-1", via: str | None = None) -> dict[Kind, Observation]:
    """An observation of every kind, said by `source`."""
    what: dict[str, Any] = {"id": "x", "time": time_of(0), "source": source, "via": via}
    place: dict[str, Any] = {"lat": 50.0, "lon": 20.0}
    return {
        "sighting": Sighting(**what, **place),
        "bearing": Bearing(**what, sensor=sensor, azimuth_deg=1, sigma_deg=5),
        "presence": Presence(**what, sensor=sensor),
        "plot": Plot(**what, sensor=sensor, range_m=1_000, azimuth_deg=1),
        "position": Position(**what, **place, altitude_m=100),
        "launch": Launch(**what, **place, sigma_m=100),
        "impact": Impact(**what, **place, sigma_m=100),
        "alert": Alert(**what, cap="<alert/>"),
        "report": ChannelReport(**what, channel="suburbs", text="a drone over the bridge"),
        "status": Status(**what, sensor=sensor, state="up"),
    }


def tracked(access: Access, said: dict[Kind, Observation]) -> set[Kind]:
    """Kinds that count as a sensor's."""
    return {kind for kind, one in said.items() if access.word(one).measured}


def test_every_kind_has_its_word() -> None:
    assert set(one_of_each("feed")) == set(KINDS)
    assert all(kind_of(one) == kind for kind, one in some(one_of_each("feed").items()))


@pytest.mark.parametrize(
    ("source", "via", "sensor", "kinds"),
    [
        ("radar-1", "feed", "radar-1", set(KINDS) - {"alert", "report"}),
        ("radar-1", "feed", "ear-1", {"position", "launch", "impact", "sighting"}),
        ("feed", None, "radar-2", set(KINDS) - {"alert", "report", "sighting"}),
        ("post-7", "feed", "ear-1", {"sighting", "position", "launch", "impact"}),
        ("ear-1", "feed", "ear-1", {"position", "launch", "impact"}),
        ("token", None, "radar-1", set()),
        ("loud", None, "radar-1", set()),
        ("radar-1", "loud", "radar-1", set()),
        ("stranger", None, "radar-1", set()),
        ("stranger", "feed", "nowhere", {"position", "launch", "impact"}),
    ],
)  # fmt: skip
def test_what_counts_as_a_sensors_word(source: str, via: str | None, sensor: str, kinds: set[Kind]) -> None:
    access = Access((FEED, TOKEN, LOUD), DECLARED)
    assert tracked(access, one_of_each(source, sensor, via)) == kinds


def test_a_transponder_is_nobodys_measurement_even_from_a_feed_that_measures() -> None:
    access = Access((FEED,), DECLARED)
    said = Position(id="x", time=time_of(0), source="feed", lat=50, lon=20, altitude_m=9_000, cooperative=True)
    assert not access.word(said).measured
    assert Access(None, DECLARED).word(said).measured, "a recording without sources is trusted as it is"


def test_without_authorities_everybody_is_trusted_and_is_a_voice_of_his_own() -> None:
    access = Access(None, DECLARED)
    said = one_of_each("anybody", "nowhere", "somebody")
    assert tracked(access, said) == set(KINDS)
    assert access.word(said["sighting"]).voice == "anybody"


def test_a_stranger_may_say_nothing() -> None:
    access = Access((FEED, TOKEN), DECLARED)
    for via in (None, "another-stranger"):
        assert access.authority(one_of_each("stranger", via=via)["sighting"]) is NOBODY
    assert NOBODY.kinds == ()


def test_a_recording_that_names_only_the_sensor_stands_on_whoever_relays_for_it() -> None:
    access = Access((LOUD, FEED), DECLARED)
    assert access.authority(one_of_each("radar-2")["plot"]) is FEED
    # Not those that nobody relays for, nor what is no declared sensor.
    assert access.authority(one_of_each("ear-1")["presence"]) is NOBODY
    assert access.authority(one_of_each("radar-9")["plot"]) is NOBODY


@pytest.mark.parametrize(
    ("pattern", "speaks", "silent"),
    [
        ("radar-*", ("radar-1", "radar-", "radar-north/2"), ("Radar-1", "radar", "my-radar-1")),
        ("post-?", ("post-7",), ("post-17", "post-")),
        ("048/*", ("048/1",), ("48/1",)),
        ("*", ("anything",), ()),
        ("ear-1", ("ear-1",), ("ear-11", "ear-*")),
    ],
)
def test_patterns_of_sensors(pattern: str, speaks: tuple[str, ...], silent: tuple[str, ...]) -> None:
    authority = Authority(id="a", sensors=(pattern,))
    assert [name for name in (*speaks, *silent) if authority.speaks_for(name)] == list(speaks)


def test_what_a_source_relays_is_one_voice_unless_it_vouches() -> None:
    vouching = Authority(id="office", kinds=KINDS, relays=True, vouches=True)
    access = Access((FEED, vouching, TOKEN), DECLARED)
    told = [one_of_each(name, via=via)["sighting"] for via in ("feed", "office") for name in ("anna", "omar")]
    assert [access.word(one).voice for one in told] == ["feed", "feed", "anna", "omar"]
    assert access.word(one_of_each("token")["sighting"]).voice == "token"


def test_what_an_observation_counts_as_takes_one_look_at_its_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    # Thousands a second are asked in a flood, and each look cost a tenth of taking one in.
    begin, look = time_of(0), Access.authority
    looks: list[Observation] = []

    def counted(access: Access, one: Observation) -> Authority:
        looks.append(one)
        return look(access, one)

    square = (((50.0, 20.0), (50.1, 20.0), (50.1, 20.1), (50.0, 20.1), (50.0, 20.0)),)
    zones = (Zone(id="z", name="z", population=1, polygons=(square,)),)
    engine = Engine()
    engine.step(Configuration(id="c", time=begin, sensors=(), zones=zones, sources=(FEED, TOKEN, LOUD)))
    monkeypatch.setattr(Access, "authority", counted)
    for source in ("feed", "token", "loud", "stranger"):
        for kind, one in some(one_of_each(source).items()):
            looks.clear()
            engine.step(one)
            assert len(looks) == 1, f"a {kind} of {source} is asked about {len(looks)} times"
