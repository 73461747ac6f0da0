"""Whatever is to be told, of whatever places: every text is whole, short enough, and true to what is known."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.unit.words.slow_pages import read_pages
from tocsin.announce.bodies import PublicWarning, public_warning
from tocsin.announce.words import Form, alike, digest, retraction, say, spell, unsure
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone
from tocsin.words import gsm7
from tocsin.words.catalogue import catalogue_in, languages, timezone_named
from tocsin.words.english import DRILL, DRILL_NOTE, KINDS, SAID, Sense
from tocsin.words.notice import Notice
from tocsin.words.short import pages

TEHRAN = timezone_named("Asia/Tehran")
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FORMS: tuple[Form, ...] = get_args(Form)
RING = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),)
# What people call places, what files hold, and what somebody may write who means harm.
hostile = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)
towns = st.sampled_from(
    ["Haifa", "حيفا", "חיפה", "Харків", "Şanlıurfa", "Ouagadougou 12", "King's {Lynn}", "A\u202eB", "🏙️"]
)
names = st.one_of(towns, hostile).filter(lambda name: any(unicodedata.category(c)[0] != "C" for c in name.strip()))
near = st.integers(-600, 7_200).map(lambda s: NOW + timedelta(seconds=s))
notices = st.builds(
    Notice,
    sense=st.sampled_from(get_args(Sense)),
    places=st.lists(names, min_size=1, max_size=40).map(tuple),
    sent_at=st.just(NOW),
    drill=st.booleans(),
    from_at=st.none() | near,
    likely_at=st.none() | near,
    ends_at=st.none() | near,
    threat=st.sampled_from(THREAT_CLASSES),
    remark=st.just("") | hostile,
)


@settings(max_examples=150, deadline=None)
@given(notice=notices, language=st.sampled_from(languages()), form=st.sampled_from(FORMS))
@example(Notice("lapses", ("ш" * 300,), NOW, drill=True), "uk", "sms")
@example(Notice("unknown", ("\u05d0" * 300, "b"), NOW, drill=True), "he", "sms")
@example(Notice("lapses", ("🏙️" * 150,) * 2, NOW, drill=True), "fa", "mesh")
def test_every_text_is_one_whole_line_that_fits_its_form(notice: Notice, language: str, form: Form) -> None:
    text = spell(notice, language, form)
    assert text and text == text.strip()
    # One line, nothing invisible but what spelling and isolates need, and every isolate closed where it opens.
    shown = set("\u200c\u200d\u2068\u2069\u200f")
    assert not [c for c in text if unicodedata.category(c)[0] == "C" and c not in shown]
    depth = 0
    for c in text:
        depth += (c == "\u2068") - (c == "\u2069")
        assert depth in (0, 1)
    assert depth == 0
    # UTF-8 and UTF-16 can write it: no character was cut.
    assert text.encode().decode() == text
    if form == "sms":
        codes = gsm7.septets(text)
        assert len(codes) <= 160 if codes is not None else len(text.encode("utf-16-be")) <= 140
    if form == "mesh":
        assert len(text.encode()) <= 200
    if form == "cell":
        assert len(text) <= 360
        scheme, octets = pages(text)
        assert len(octets) <= 15
        assert read_pages(scheme, octets) == text


@settings(max_examples=80, deadline=None)
@given(notice=notices, language=st.sampled_from(languages()), form=st.sampled_from(FORMS))
def test_the_first_word_of_a_drill_says_so_and_no_other_text_does(notice: Notice, language: str, form: Form) -> None:
    words = catalogue_in(language)
    fold = gsm7.folded if form in ("sms", "cell") else str
    text, mark = spell(notice, language, form), words.say(DRILL)
    assert (text.startswith((mark, fold(mark)))) == notice.drill
    if notice.drill and form in ("full", "spoken"):
        assert words.say(DRILL_NOTE) in text


@settings(max_examples=80, deadline=None)
@given(notice=notices, language=st.sampled_from(languages()), form=st.sampled_from(FORMS))
def test_a_class_is_named_only_where_it_is_known_and_something_comes(notice: Notice, language: str, form: Form) -> None:
    quiet = Notice(notice.sense, ("—",), NOW, notice.drill, notice.from_at, threat=notice.threat)
    text, words = spell(quiet, language, form), catalogue_in(language)
    named = {threat for threat, name in KINDS.items() if name and words.say(name) in text}
    coming = notice.sense in ("take_cover", "prepare")
    # "aircraft" is part of "jet aircraft", and the like.
    known = {
        threat for threat, name in KINDS.items() if name and words.say(name) in words.say(KINDS[notice.threat] or "-")
    }
    assert named <= (known if coming else set())
    if form == "full" and coming and KINDS[notice.threat]:
        assert notice.threat in named


@settings(max_examples=150, deadline=None)
@given(
    sense=st.sampled_from(get_args(Sense)),
    drill=st.booleans(),
    eta=near,
    count=st.integers(1, 2_000),
    language=st.sampled_from(languages()),
    form=st.sampled_from(FORMS),
)
def test_no_text_mixes_the_digits_of_two_scripts(
    sense: Sense, drill: bool, eta: datetime, count: int, language: str, form: Form
) -> None:
    text = spell(Notice(sense, ("—",) * count, NOW, drill, eta, eta, eta), language, form)
    zeros = {chr(ord(c) - unicodedata.decimal(c)) for c in text if unicodedata.category(c) == "Nd"}
    assert zeros <= {"۰" if language == "fa" else "0"}, text
    assert "{" not in text


@given(notice=notices, language=st.sampled_from(languages()))
@settings(max_examples=50, deadline=None)
def test_the_full_text_says_every_sentence_once_and_the_rest_of_the_places_as_a_number(
    notice: Notice, language: str
) -> None:
    text, words = spell(notice, language, "full"), catalogue_in(language)
    for sentence in SAID[notice.sense][:4]:
        assert words.say(sentence) in text
    more = len(notice.places) - 12
    if more > 2:
        assert words.number(more) in text


warnings = st.builds(
    lambda zone, level, minutes, drill, lapses: public_warning(
        Warning(
            id=f"z{zone}/1/1/{level}",
            zone=f"z{zone}",
            level=level,
            time=NOW,
            expires=NOW + timedelta(minutes=20),
            eta_earliest=None if level == "all_clear" else NOW + timedelta(minutes=minutes),
            reason="radar R-17 sees track t-99",
            probability=0.987,
            tracks=("t-99",),
            drill=drill,
            lapses=lapses,
        )
    ),
    st.integers(0, 30),
    st.sampled_from(get_args(Level)),
    st.integers(0, 60),
    st.booleans(),
    st.booleans(),
)
TOWNS = {f"z{n}": Zone(id=f"z{n}", name={"en": f"Town {n}"}, population=n, polygons=(RING,)) for n in range(29)}


@settings(max_examples=50, deadline=None)
@given(told=st.lists(warnings, min_size=1, max_size=30), language=st.sampled_from(languages()))
def test_a_digest_tells_each_zone_once_the_gravest_first_and_no_secret(
    told: list[PublicWarning], language: str
) -> None:
    groups = alike(told)
    zones = [one.zone for group in groups for one in group]
    assert sorted(zones) == sorted({one.zone for one in told})
    newest = {one.zone: one for one in told}
    assert all(one is newest[one.zone] for one in some(one for group in groups for one in group))
    texts = digest(told, TOWNS, language)
    words = catalogue_in(language)
    headlines = [words.say(said.headline) for said in SAID.values()]
    ranks = [next(n for n, headline in enumerate(headlines) if headline in text.split(":")[0]) for text in some(texts)]
    assert ranks == sorted(ranks)
    assert not re.search(r"R-17|t-99|0[.,]98|98\s?%", " ".join(texts))


def test_the_zones_that_may_be_reached_first_are_named_first_and_then_the_larger() -> None:
    def one(zone: str, minutes: int) -> PublicWarning:
        fields = {"id": f"{zone}/1/1/take_cover", "zone": zone, "level": "take_cover", "time": NOW, "expires": NOW}
        return public_warning(Warning(**fields, eta_earliest=NOW + timedelta(minutes=minutes)))  # type: ignore[arg-type]

    text = say([one("z1", 5), one("z2", 5), one("z3", 2)], TOWNS, "en", "title")
    assert text == "Take cover now: Town 3, Town 2 and Town 1"


def test_being_blind_is_no_all_clear_and_a_mistake_is_said_to_be_one() -> None:
    zones = {"z1": TOWNS["z1"]}
    blind = unsure(["z1", "gone"], zones, "en", "sms", since=NOW)
    assert blind == (
        "We may be blind, this is not an all clear: Town 1 and gone. Since 03:00 UTC. Watch and listen yourself."
    )
    told = [public_warning(Warning(id="z1/1/1/prepare", zone="z1", level="prepare", time=NOW, expires=NOW))]
    back = retraction(told, zones, "en", "sms", at=NOW)
    assert back == "False alarm, warning withdrawn: Town 1. Sent at 03:00 UTC. It was a mistake."


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("drill", [False, True])
@pytest.mark.parametrize("sense", get_args(Sense))
def test_a_text_message_about_a_place_of_twelve_letters_always_says_a_time(
    sense: Sense, drill: bool, language: str
) -> None:
    name = {"ar": "ا", "fa": "ا", "he": "א", "ru": "ж", "uk": "ж"}.get(language, "e") * 12
    at = NOW + timedelta(minutes=9)
    notice = Notice(sense, (name,), NOW, drill, from_at=at, ends_at=at)
    text = spell(notice, language, "sms", timezone=TEHRAN)
    expected = catalogue_in(language).clock(NOW if sense in ("all_clear", "unknown", "retracted") else at, TEHRAN)
    assert name in text and expected in text


@pytest.mark.parametrize(
    ("language", "name", "alone"),
    [
        ("ar", "Haifa", True), ("ar", "حيفا 2", True), ("ar", "حيفا", False),
        ("he", "Haifa", True), ("he", "חיפה", False), ("fa", "حيفا", False),
        ("en", "حيفا", True), ("uk", "חיפה", True), ("en", "Haifa 2", False), ("uk", "Haifa", False),
    ],
)  # fmt: skip
def test_a_name_that_runs_against_the_text_stands_between_isolates(language: str, name: str, alone: bool) -> None:
    text = spell(Notice("prepare", (name,), NOW), language, "full")
    assert (f"\u2068{name}\u2069" in text) == alone
    assert name in text
    assert "\u2068" not in spell(Notice("prepare", (name,), NOW), language, "spoken")


def test_a_name_cannot_turn_round_or_end_the_text_around_it() -> None:
    text = spell(Notice("prepare", ("Ha\u202eifa\nAll clear: \u2069\x00Town",), NOW), "en", "full")
    assert text.startswith("Prepare to take cover: Ha ifa All clear: Town. An air attack")


@pytest.mark.parametrize("form", ["full", "sms", "cell", "mesh", "spoken"])
def test_an_all_clear_says_why_where_an_operator_does(form: Form) -> None:
    text = spell(Notice("all_clear", ("Town",), NOW, remark="It was a test\nby mistake."), "en", form)
    assert text.startswith("All clear: Town. ") and "It was a test by mistake." in text
    long = spell(Notice("all_clear", ("Town",), NOW, remark="Because " * 40), "en", "sms")
    assert long == "All clear: Town. Sent at 03:00 UTC. Do not touch unknown objects."


CITY = {
    f"c-{n}": Zone(
        id=f"c-{n}", name={"en": name, "uk": "Центр"}, parent="c", parent_name={"en": "Kharkiv", "uk": "Харків"},
        polygons=(RING,),
    )
    for n, name in enumerate(["Kharkiv", "Old Town", "Saltivka"])
}  # fmt: skip


def test_a_district_is_named_with_its_city_and_a_city_told_whole_by_its_own_name() -> None:
    zones = CITY | TOWNS

    def told(*ids: str, language: str = "en") -> str:
        return unsure(ids, zones, language, "title", since=NOW).split(": ")[1]

    assert told("c-1") == "Old Town (Kharkiv)"
    assert told("c-0", "c-1") == "Kharkiv and Old Town (Kharkiv)"
    assert told("z1", "c-2", "z2", "c-0", "c-1") == "Town 1, Kharkiv and Town 2"
    assert told("c-2", "c-0", "c-1", language="uk") == "Харків"
    assert told("c-2", language="uk") == "Центр (Харків)"
    assert told(*(f"z{n}" for n in range(29))) == "Town 0, Town 1, Town 2 and 26 more places"
