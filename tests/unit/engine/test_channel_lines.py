"""What channels write raises as a person's report does, is no second voice for its own echo, and lowers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.some import some
from tocsin.engine.engine import Engine
from tocsin.model.access import Authority
from tocsin.model.effect import Effect, Picture, Refused
from tocsin.model.event import Configuration, Tick
from tocsin.model.incident import Incident
from tocsin.model.observation import ChannelReport, Sighting
from tocsin.model.told import Place, Spot, Told
from tocsin.model.value import time_of
from tocsin.model.wire import event_from_json, observation_from_json, to_json
from tocsin.model.zone import Zone

BEGIN_S = 1_772_000_000.0
KM = 1 / 111.195
SOURCES = tuple(Authority(id=name, kinds=("report", "sighting"), per_second_max=100.0) for name in ("a", "b", "c"))


def _zone(number: int) -> Zone:
    south = 50.0 + 10 * KM * number
    ring = ((20.0, south), (20.1, south), (20.1, south + 8 * KM), (20.0, south + 8 * KM), (20.0, south))
    return Zone(id=f"z{number}", name=f"z{number}", population=20_000, polygons=((ring,),))


ZONES = tuple(map(_zone, range(12)))


def spot(number: float, weight: float = 1.0, sigma_m: float = 1_500.0) -> Spot:
    """In the middle of a zone."""
    return Spot(name=f"z{number}", lat=50.0 + (10 * number + 4) * KM, lon=20.05, sigma_m=sigma_m, weight=weight)


def told(*spots: Spot, role: Any = "over", **fields: Any) -> Told:
    places = (Place(role=role, spots=spots),) if spots else ()
    return Told(**{"stage": "in_flight", "threat": "drone", "places": places, "delay_s": 120.0} | fields)


def line(name: str, source: str, at_s: float, *said: Told, **fields: Any) -> ChannelReport:
    what: dict[str, Any] = {"id": name, "source": source, "channel": f"channel {source}", "text": name, "told": said}
    return ChannelReport(**what | {"time": time_of(BEGIN_S + at_s)} | fields)


def engine_of(sources: Sequence[Authority] | None = SOURCES) -> Engine:
    engine = Engine()
    known = None if sources is None else tuple(sources)
    engine.step(Configuration(id="c", time=time_of(BEGIN_S), zones=ZONES, sources=known))
    return engine


def run(engine: Engine, lines: Sequence[Any], until_s: float) -> list[Effect]:
    """Everything up to a time, with a tick every five seconds."""
    waiting, effects, now_s = sorted(lines, key=lambda one: one.received_at), list[Effect](), 0.0
    while now_s <= until_s:
        while waiting and waiting[0].received_at <= time_of(BEGIN_S + now_s):
            effects += engine.step(waiting.pop(0))
        effects += engine.step(Tick(time=time_of(BEGIN_S + now_s)))
        now_s += 5.0
    return effects


def levels(effects: Sequence[Effect]) -> dict[str, set[str]]:
    """Every level at which each zone ever stood."""
    found: dict[str, set[str]] = {zone.id: set() for zone in ZONES}
    for effect in effects:
        if isinstance(effect, Picture):
            for state in effect.zones:
                found[state.zone].add(state.level)
    return found


def covered(effects: Sequence[Effect]) -> set[str]:
    return {zone for zone, stood in levels(effects).items() if "take_cover" in stood}


def wary(effects: Sequence[Effect]) -> set[str]:
    return {zone for zone, stood in levels(effects).items() if "prepare" in stood}


def test_one_channel_makes_those_near_prepare_however_often_it_says_so() -> None:
    said = [line(f"{k}", "a", 10 + 60 * k, told(spot(5 - 0.3 * k))) for k in range(5)]
    effects = run(engine_of(), said, 400)
    assert "z5" in wary(effects) and "z11" not in wary(effects)
    assert not covered(effects)


def test_a_second_channel_that_tells_how_it_went_on_sends_into_cover() -> None:
    said = [line("1", "a", 10, told(spot(5))), line("2", "b", 100, told(spot(4.5)))]
    assert covered(run(engine_of(), said, 200))
    alone = [line("1", "a", 10, told(spot(5))), line("2", "a", 100, told(spot(4.5)))]
    assert not covered(run(engine_of(), alone, 200))


def test_an_echo_is_no_second_voice_and_one_in_the_same_words_never_is() -> None:
    echo = [line("1", "a", 10, told(spot(5))), line("2", "b", 40, told(spot(5.1)))]
    assert not covered(run(engine_of(), echo, 200))
    late = [line("1", "a", 10, told(spot(5)), wording="ab"), line("2", "b", 250, told(spot(5)), wording="ab")]
    assert not covered(run(engine_of(), late, 300))
    other = [line("1", "a", 10, told(spot(5)), wording="ab"), line("2", "b", 250, told(spot(5)), wording="cd")]
    assert covered(run(engine_of(), other, 300))


@pytest.mark.parametrize("before_s", [1, 30, 85])
def test_who_copies_is_an_echo_also_where_he_says_that_he_wrote_first(before_s: float) -> None:
    came = time_of(BEGIN_S + 60)
    copy = line("2", "b", 50 - before_s, told(spot(5.1)), received=came)
    assert not covered(run(engine_of(), [line("1", "a", 50, told(spot(5))), copy], 200))


def test_who_follows_another_is_its_copy_also_where_he_says_that_he_wrote_first() -> None:
    both = [one for k in range(8) for one in (
        line(f"a{k}", "a", 200 + 150 * k, told(spot(11 - 0.7 * k))),
        line(f"b{k}", "b", 100 + 150 * k, told(spot(11 - 0.7 * k)), received=time_of(BEGIN_S + 205 + 150 * k)),
    )]  # fmt: skip
    engine = engine_of()
    run(engine, both, 1_300)
    assert engine._state is not None
    assert "a" in [one for one in engine._state.reported.kept if one.voice == "b"][-1].echoes


def test_a_channel_that_follows_another_all_the_time_is_its_copy() -> None:
    # Slow enough not to be an echo, and never with a word of its own.
    both = [one for k in range(8) for one in (
        line(f"a{k}", "a", 10 + 150 * k, told(spot(11 - 0.7 * k))),
        line(f"b{k}", "b", 110 + 150 * k, told(spot(11 - 0.7 * k))),
    )]  # fmt: skip
    engine = engine_of()
    first = run(engine, [one for one in both if one.time < time_of(BEGIN_S + 900)], 900)
    assert covered(first), "until that is known, they are two"
    assert engine._state is not None
    kept = engine._state.reported.kept
    copies = [one for one in kept if one.voice == "b"]
    assert "a" in copies[-1].echoes


@pytest.mark.parametrize("ahead_s", [-60, -5, 5, 60])
def test_who_copies_honest_channels_before_or_after_takes_nothing_from_them(ahead_s: float) -> None:
    honest = [line("1", "a", 80, told(spot(5))), line("2", "b", 170, told(spot(4.5)))]
    copies = [
        msgspec.structs.replace(one, id=f"c{k}", source="c", time=time_of(BEGIN_S + (80, 170)[k] - ahead_s))
        for k, one in enumerate(honest)
    ]
    with_copies = covered(run(engine_of(), honest + copies, 300))
    assert covered(run(engine_of(), honest, 300)) <= with_copies
    assert not covered(run(engine_of(), honest[:1] + copies[:1], 300))


def test_a_person_and_a_channel_are_two_voices() -> None:
    seen = Sighting(
        id="s", source="c", time=time_of(BEGIN_S + 60), lat=spot(4.6).lat, lon=20.05, threat="drone", sense="seen"
    )
    assert covered(run(engine_of(), [line("1", "a", 10, told(spot(5))), seen], 200))


def test_nothing_that_a_channel_calls_gone_or_clear_lowers_anything() -> None:
    said = [line("1", "a", 10, told(spot(5))), line("2", "b", 100, told(spot(4.5)))]
    clear = [
        line(f"{stage}{k}", source, 120 + k, told(spot(4.5), stage=stage))
        for k, source in enumerate("abc")
        for stage in ("gone", "all_clear")
    ]
    without, with_word = engine_of(), engine_of()
    shown = [covered(run(engine, lines, 300)) for engine, lines in ((without, said), (with_word, said + clear))]
    assert shown[0] and shown[0] == shown[1]
    refused = [one for one in run(engine_of(), clear[:1], 200) if isinstance(one, Refused)]
    assert [one.used for one in refused] == [False]


@pytest.mark.parametrize("number", [1, 3])
def test_a_declared_threat_is_worth_vigilance_and_no_more(number: int) -> None:
    said = [
        line(f"{k}", source, 10 + 100 * k, told(spot(5, sigma_m=15_000.0), stage="threat", threat="ballistic_missile"))
        for k, source in enumerate("abc"[:number])
    ]
    effects = run(engine_of(), said, 400)
    assert "z5" in wary(effects) and not covered(effects)


def test_a_name_that_may_mean_two_places_makes_both_prepare_and_confirms_nothing() -> None:
    either = told(spot(2, weight=0.45), spot(9, weight=0.4))
    effects = run(engine_of(), [line("1", "a", 10, either), line("2", "b", 160, told(spot(2.2)))], 300)
    assert {"z2", "z9"} <= wary(effects)
    assert not covered(effects)


def test_what_is_bound_for_a_place_warns_that_place_and_not_where_the_course_leads_on() -> None:
    effects = run(engine_of(), [line("1", "a", 10, told(spot(5), role="towards", threat="ballistic_missile"))], 100)
    assert "z5" in wary(effects)


def test_what_fell_is_an_incident_and_ends_no_warning() -> None:
    effects = run(engine_of(), [line("1", "a", 10, told(spot(5), stage="impact"))], 100)
    assert [one.zone for one in effects if isinstance(one, Incident)] == ["z5"]
    assert "z5" in wary(effects) and not covered(effects)


def test_a_launch_counts_as_its_sources_launches_do() -> None:
    fired = line("1", "a", 10, told(spot(5), role="from", stage="launch", threat="rocket", heading_deg=0.0,
                                    heading_sigma_deg=10.0, delay_s=0.0))  # fmt: skip
    trusted = (Authority(id="a", kinds=("report",), measures=("launch",)),)
    assert not covered(run(engine_of(), [fired], 60))
    assert covered(run(engine_of(trusted), [fired], 60))


def test_a_known_observer_may_raise_cover_alone() -> None:
    alone = (Authority(id="a", kinds=("report",), alone=("drone",)),)
    assert covered(run(engine_of(alone), [line("1", "a", 10, told(spot(5)))], 100))


def test_an_edit_takes_the_place_of_what_was_said_and_of_no_other_post() -> None:
    engine = engine_of()
    effects = run(engine, [
        line("1", "a", 10, told(spot(5))), line("2", "a", 20, told(spot(11), threat="cruise_missile")),
        line("1", "a", 30, told(spot(1)), edited=True, text="mended"),
    ], 60)  # fmt: skip
    shown = [one.tracks for one in effects if isinstance(one, Picture)][-1]
    near = sorted(round((track.lat - 50.0) / (10 * KM)) for track in some(shown))
    assert near == [1, 11]


def test_channels_tracks_are_shown_and_hidden_where_a_sensor_holds_the_object() -> None:
    said = [
        line(f"{k}", "abc"[k % 3], 10 + 100 * k, told(spot(10 - 0.5 * k), heading_deg=180.0, heading_sigma_deg=25.0))
        for k in range(6)
    ]
    effects = run(engine_of(), said, 560)
    (track,) = [one.tracks for one in effects if isinstance(one, Picture)][-1]
    assert (track.id, track.status, track.sensors) == ("R000001", "confirmed", 3)
    # Told two minutes late, and shown where it is by now.
    north_km = (track.lat - 50.0) / KM
    assert abs(north_km - (79.0 - 0.05 * (560 - 510 + 120))) < 6.0
    assert 150 < track.heading_deg < 210 and track.sigma_m < 12_000


def test_an_engine_goes_on_from_its_snapshot_as_if_nothing_had_happened() -> None:
    said = [line(f"{k}", "abc"[k % 3], 10 + 60 * k, told(spot(8 - 0.3 * k)), wording=f"{k:02x}") for k in range(8)]
    first, last = said[:4], said[4:]
    through = engine_of()
    run(through, first, 200)
    again = Engine.restore(through.snapshot())
    ends = []
    for engine in (through, again):
        effects: list[Effect] = []
        for k in range(60):
            for one in last:
                if 200 + 5 * k < (one.time - time_of(BEGIN_S)).total_seconds() <= 205 + 5 * k:
                    effects += engine.step(one)
            effects += engine.step(Tick(time=time_of(BEGIN_S + 205 + 5 * k)))
        ends.append([to_json(effect) for effect in effects])
    assert ends[0] == ends[1]


def test_a_line_is_written_and_read_back_with_what_was_understood() -> None:
    one = line("1", "a", 10, told(spot(5), heading_deg=180.0, heading_sigma_deg=25.0), wording="ab", unused=("x",))
    assert event_from_json(to_json(one)) == one
    bare = b'{"kind":"report","id":"1","time":"2026-03-01T00:00:00Z","channel":"c","text":"t","edited":true}'
    read = observation_from_json(bare)
    assert isinstance(read, ChannelReport) and read.edited and read.told == ()
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"role": "over", "spots": [{"name": "x", "lat": 0, "lon": 0, "sigma_m": 1, "weight": 0.7}] * 2},
                        Place)  # fmt: skip
