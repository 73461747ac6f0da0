"""What a front end makes of what the nodes of every sector tell: never less than anybody holds, never calm unheard."""

from __future__ import annotations

from datetime import timedelta

from tests.decided import NOW
from tests.some import some
from tests.unit.service.front.voice import IDS, Voice, levels
from tocsin.model.effect import Degraded, Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.service.front.country import Country

LATER = NOW + timedelta(seconds=30)


def heard(*voices: Voice) -> Country:
    """Everybody has decided once and told everything, at second 0."""
    country = Country(IDS, dead_after_s=15)
    for voice in voices:
        voice.decide()
        assert not voice.tell(country, 0.0, whole=True)
    return country


def test_before_anybody_is_heard_there_is_no_picture_and_then_only_what_is_spoken_for_is_calm() -> None:
    country = Country(IDS, dead_after_s=15)
    assert country.effects(0.0, NOW, whole=True) == ()
    voice = Voice("north", "a", owned=("brim", "cole"))
    assert voice.tell(country, 0.0) is False, "a node without a picture has nothing to tell"
    assert country.effects(0.0, NOW, whole=True) == ()
    voice.decide()
    assert voice.tell(country, 0.5), "what changed says nothing of the rest"
    assert not voice.tell(country, 1.0, whole=True)
    assert country.effects(1.0, NOW, whole=True) == (), "others may be about to speak"
    for second in range(2, 17):
        voice.decide()
        voice.tell(country, float(second), whole=True)
    assert levels(country, 16.0, NOW) == {"brim": "none", "cole": "none", "dunmere": "none blind", "east": "none blind"}


def test_a_front_end_that_starts_again_lowers_nothing_before_every_twin_of_every_sector_is_heard() -> None:
    north = [Voice("north", name, owned=("brim", "cole")) for name in ("a", "b")]
    south = Voice("south", "a", owned=("dunmere", "east"), twins=("a",))
    heard(*north, south)
    north[0].decide(north[0].decides.warn("brim", "take_cover"))
    north[1].decide(north[1].decides.warn("brim", "take_cover"))
    north[0].decide(north[0].decides.warn("brim", "all_clear", revision=1))
    south.decide(south.decides.warn("east", "take_cover"))
    again = Country(IDS, dead_after_s=15)
    again.effects(0.0, NOW, whole=True)
    for number, voice in enumerate((north[0], south, north[1])):
        assert again.effects(0.5 + number, NOW, whole=True) == ()
        voice.tell(again, 1.0 + number, whole=True)
    assert levels(again, 3.5, NOW) == {"brim": "take_cover", "cole": "none", "dunmere": "none", "east": "take_cover"}


def test_what_one_node_raises_is_raised_and_lowered_only_with_all_of_them() -> None:
    a, b = Voice("north", "a"), Voice("north", "b")
    country = heard(a, b)
    a.decide(a.decides.warn("brim", "take_cover"))
    b.decide()
    a.tell(country, 1.0)
    b.tell(country, 1.0)
    assert levels(country, 1.0, NOW)["brim"] == "take_cover"
    b.decide(b.decides.warn("brim", "take_cover"))
    a.decide(a.decides.warn("brim", "all_clear", revision=1))
    a.tell(country, 2.0)
    b.tell(country, 2.0)
    assert levels(country, 2.0, NOW)["brim"] == "take_cover"
    b.decide(b.decides.warn("brim", "all_clear", revision=1))
    a.decide()
    for voice in (a, b):
        voice.tell(country, 3.0)
    assert levels(country, 3.0, NOW)["brim"] == "all_clear"


def test_every_warning_is_told_once_however_many_nodes_tell_it() -> None:
    a, b = Voice("north", "a"), Voice("north", "b")
    country = heard(a, b)
    told = list[Warning]()
    for revision, level in enumerate(("prepare", "take_cover", "take_cover", "all_clear")):
        for voice in (a, b):
            voice.decide(voice.decides.warn("brim", level, revision=revision))  # type: ignore[arg-type]
            voice.tell(country, 1.0 + revision, whole=revision == 2)
            effects = country.effects(1.0 + revision, NOW, whole=False)
            told += [one for one in effects if isinstance(one, Warning)]
    assert [one.id.rpartition("/")[2] for one in told] == ["prepare", "take_cover", "take_cover", "all_clear"]
    assert not [one for one in some(told) if one.reason or one.tracks]


def test_a_node_that_is_not_heard_counts_no_more_while_another_is() -> None:
    a, b = Voice("north", "a"), Voice("north", "b")
    country = heard(a, b)
    for voice in (a, b):
        voice.decide(voice.decides.warn("brim", "take_cover"))
        voice.tell(country, 1.0)
    for second in range(2, 16):
        a.decide(*([a.decides.warn("brim", "all_clear", revision=1)] if second == 2 else []))
        a.tell(country, float(second), whole=second % 5 == 0)
        assert levels(country, float(second), NOW)["brim"] == "take_cover", second
    for second in range(16, 20):
        a.decide()
        a.tell(country, float(second), whole=second % 5 == 0)
    assert levels(country, 19.0, NOW)["brim"] == "all_clear"
    # When it comes back it holds what it holds again.
    b.decides.now = a.decides.now
    b.decide()
    assert b.tell(country, 20.0), "of what it told meanwhile nothing is known"
    b.tell(country, 20.5, whole=True)
    assert levels(country, 20.5, NOW)["brim"] == "take_cover"


def test_a_sector_that_nobody_hears_is_blind_and_never_calm() -> None:
    north = [Voice("north", name, owned=("brim", "cole")) for name in ("a", "b")]
    south = Voice("south", "a", owned=("dunmere", "east"), twins=("a",))
    country = heard(*north, south)
    for voice in north:
        voice.decide(voice.decides.warn("brim", "take_cover", lasts_s=60))
        voice.tell(country, 1.0)
    assert levels(country, 1.0, NOW) == {"brim": "take_cover", "cole": "none", "dunmere": "none", "east": "none"}
    for second in range(2, 400):
        south.decide()
        south.tell(country, float(second), whole=second % 5 == 0)
    # Long after the warning would have run out: nobody said that it is over.
    found = levels(country, 399.0, NOW + timedelta(seconds=399))
    assert found == {"brim": "take_cover blind", "cole": "none blind", "dunmere": "none", "east": "none"}
    assert {name: round(age_s) for name, age_s in country.unheard(399.0).items()} == {"north": 398}
    assert country.spoken_for(399.0) == {"dunmere", "east"}
    (picture,) = [one for one in country.effects(399.0, LATER, whole=False) if isinstance(one, Picture)]
    assert picture.time == LATER
    for voice in north:
        voice.decide(voice.decides.warn("brim", "all_clear", revision=1))
        voice.tell(country, 400.0, whole=True)
    assert levels(country, 400.0, NOW)["brim"] == "all_clear"
    assert country.unheard(400.0) == {}


def test_a_node_whose_picture_is_old_is_not_heard_however_often_it_tells_it() -> None:
    voice = Voice("north", "a", twins=("a",))
    country = heard(voice)
    for second in range(1, 30):
        # Its engine stands still; or what it says comes late.
        voice.tell(country, float(second), whole=True, late_s=float(second))
    assert country.unheard(29.0) == {"north": 29.0}
    assert country.effects(29.0, LATER, whole=True) == ()


def test_what_was_missed_is_asked_for_and_nothing_is_lowered_until_then() -> None:
    a, b = Voice("north", "a"), Voice("north", "b")
    country = heard(a, b)
    for voice in (a, b):
        voice.decide(voice.decides.warn("brim", "take_cover"))
        voice.tell(country, 1.0)
    b.decide(b.decides.warn("brim", "take_cover", revision=1))
    b.told()
    b.decide(b.decides.warn("cole", "prepare"))
    assert b.tell(country, 2.0), "a number is missing"
    a.decide(a.decides.warn("brim", "all_clear", revision=1))
    a.tell(country, 2.0)
    assert levels(country, 2.0, NOW)["brim"] == "take_cover"
    assert not b.tell(country, 3.0, whole=True)
    assert levels(country, 3.0, NOW)["cole"] == "prepare"


def test_a_node_that_started_anew_is_heard_from_its_first_word() -> None:
    a = Voice("north", "a", twins=("a",))
    country = heard(a)
    for second in range(1, 4):
        a.decide()
        a.tell(country, float(second))
    again = Voice("north", "a", twins=("a",))
    again.decide(again.decides.warn("brim", "prepare"))
    assert not again.tell(country, 5.0, whole=True)
    assert levels(country, 5.0, NOW)["brim"] == "prepare"


def test_a_zone_that_moves_is_as_the_graver_of_its_sectors_says_and_then_as_its_new_one() -> None:
    north, south = Voice("north", "a", twins=("a",)), Voice("south", "a", owned=("cole",), twins=("a",))
    country = heard(north, south)
    south.decide(south.decides.warn("cole", "take_cover"))
    south.tell(country, 1.0)
    north.decide()
    north.tell(country, 1.0, whole=True)
    assert levels(country, 1.0, NOW)["cole"] == "take_cover"
    north.decide(north.decides.warn("cole", "prepare"))
    north.decide(north.decides.warn("cole", "all_clear", revision=1))
    north.tell(country, 2.0)
    new = [one for one in country.effects(2.0, NOW, whole=False) if isinstance(one, Warning)]
    assert not [one for one in new if one.level == "all_clear"]
    north.owned = frozenset(IDS) - {"cole"}
    north.decide()
    north.tell(country, 3.0, whole=True)
    assert levels(country, 3.0, NOW)["cole"] == "take_cover"


def test_blindness_and_less_time_are_those_that_any_node_tells() -> None:
    a, b = Voice("north", "a"), Voice("north", "b")
    country = heard(a, b)
    b.decides.board.say_less_time(frozenset({"east"}))
    b.decide(b.decides.stands(ZoneState(zone="cole", degraded=True, degraded_reason="radar-secret")))
    b.tell(country, 1.0)
    said = [one for one in country.effects(1.0, NOW, whole=False) if isinstance(one, Degraded)]
    assert [one.zones for one in said] == [("cole",)]
    assert levels(country, 1.0, NOW)["cole"] == "none blind"
    assert country.less_time(1.0) == {"east"}
    b.decides.board.unrecorded = lambda: True
    b.decide()
    b.tell(country, 2.0)
    assert country.spoken_for(2.0) == set(IDS), "its twin vouches for all of it"
    a.decides.board.unrecorded = lambda: True
    a.decide()
    a.tell(country, 3.0)
    assert set(levels(country, 3.0, NOW).values()) == {"none blind"}


def test_a_front_end_shows_a_drill_as_one_only_where_every_sector_has_one() -> None:
    north, south = Voice("north", "a", twins=("a",), drill=True), Voice("south", "a", owned=("east",), twins=("a",))
    country = heard(north, south)
    assert not country.drill(0.0, otherwise=True)
    south = Voice("south", "a", owned=("east",), twins=("a",), drill=True)
    south.decide()
    south.tell(country, 1.0, whole=True)
    assert country.drill(1.0, otherwise=False)
    assert country.drill(100.0, otherwise=False) is False, "nobody is heard"
