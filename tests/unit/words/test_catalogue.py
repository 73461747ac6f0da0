"""The catalogues: every sentence in every language, whole, with its places, and in the right plural."""

from __future__ import annotations

import re
import string
import unicodedata
from importlib.resources import files

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.some import some
from tocsin.model.errors import BadSettings
from tocsin.model.threat import THREAT_CLASSES
from tocsin.words import english
from tocsin.words.catalogue import Catalogue, catalogue_in, languages, timezone_named
from tocsin.words.english import KINDS, MESSAGES, MORE, SAID

TRANSLATED = [language for language in languages() if language != "en"]
SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "he": "HEBREW", "ru": "CYRILLIC", "uk": "CYRILLIC"}


def po(language: str) -> Catalog:
    with (files("tocsin.words") / "locale" / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def places(text: str) -> list[str]:
    """The {places} of a text; a brace that belongs to none is an error."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def forms(language: str) -> tuple[str, ...]:
    said = po(language).get(MORE[0]).string
    return said if isinstance(said, tuple) else (str(said),)


def translated(language: str) -> list[tuple[str, str]]:
    """Every English sentence, and what it is here."""
    catalogue = po(language)
    return [(english_, str(catalogue.get(english_).string)) for english_ in MESSAGES]


def test_there_are_ten_languages_and_english_comes_first() -> None:
    assert languages()[0] == "en"
    assert set(languages()) == {"ar", "de", "en", "es", "fa", "fr", "he", "ru", "tr", "uk"}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_no_other(language: str) -> None:
    catalogue = po(language)
    ids = {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue if message.id}
    assert ids == {*MESSAGES, MORE}
    assert not catalogue.obsolete
    assert not any(message.fuzzy for message in some([one for one in catalogue if one.id]))
    assert all(said.strip() for _, said in some(translated(language)))
    assert all(form.strip() for form in some(forms(language)))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_keeps_its_places_and_its_end(language: str) -> None:
    for english_, said in some(translated(language)):
        assert places(said) == places(english_), said
        assert said.endswith((".", "؟")) == english_.endswith("."), said
        assert said == said.strip() and "  " not in said
        assert unicodedata.normalize("NFC", said) == said
        # Isolates are set around names when they are known; none may be left open here.
        assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", said), said
        # Every digit people read is filled in, in the digits of their language.
        assert not re.search(r"\d", said), said


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_no_letter_of_another_script_slipped_into_a_sentence(language: str) -> None:
    for _, said in some(translated(language)):
        bare = re.sub(r"\{\w+\}", "", said)
        letters = {unicodedata.name(c).split()[0] for c in bare if unicodedata.category(c).startswith("L")}
        assert letters <= {SCRIPTS[language]}, bare


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_two_senses_share_a_headline_and_none_is_english(language: str) -> None:
    words = catalogue_in(language)
    told = [words.say(said.headline) for said in SAID.values()]
    assert len(set(told)) == len(SAID)
    assert not set(told) & {said.headline for said in SAID.values()}
    kinds = [words.say(name) for name in KINDS.values() if name]
    assert len(set(kinds)) == len(kinds) == len(THREAT_CLASSES) - 2


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_count_takes_the_form_that_cldr_gives_its_number(language: str) -> None:
    """The `.po` file's own rule and Unicode's say the same: numbers of one category have one form, others another."""
    words, plural = catalogue_in(language), Locale.parse(language).plural_form
    used: dict[str, set[str]] = {}
    for count in range(1, 2000):
        used.setdefault(plural(count), set()).add(words.count(MORE, count).replace(words.number(count), "{count}"))
    assert all(len(said) == 1 for said in some(used.values())), used


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_form_without_its_number_is_the_form_of_one_number_alone(language: str) -> None:
    words = catalogue_in(language)
    silent = [n for n in range(1, 2000) if words.number(n) not in words.count(MORE, n)]
    assert set(silent) <= {1, 2}


def test_arabic_counts_two_three_and_eleven_each_in_their_own_way() -> None:
    words = catalogue_in("ar")
    assert words.count(MORE, 1) == "مكان واحد آخر"
    assert words.count(MORE, 2) == "مكانان آخران"
    assert words.count(MORE, 3) == "3 أماكن أخرى"
    assert words.count(MORE, 11) == "11 مكانًا آخر"
    assert words.count(MORE, 100) == "100 مكان آخر"


def test_persian_is_written_in_its_own_digits_and_right_to_left() -> None:
    words = catalogue_in("fa")
    assert words.number(1202) == "۱٬۲۰۲"
    assert [catalogue_in(language).direction for language in ("fa", "ar", "he", "uk", "en")] == ["rtl"] * 3 + [
        "ltr"
    ] * 2


def test_a_time_zone_is_found_by_its_name_and_utc_is_said() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)
    assert catalogue_in("en").clock(at) == "14:30 UTC"
    assert catalogue_in("en").clock(at, timezone_named("Europe/Kyiv")) == "16:30"
    assert catalogue_in("fa").clock(at, timezone_named("Asia/Tehran")) == "۱۸:۰۰"
    for name in ("Nowhere/City", "../../etc/passwd", ""):
        with pytest.raises(BadSettings, match="no time zone"):
            timezone_named(name)


def test_a_language_without_words_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(BadSettings, match=r"'xx'; choose from en, ar, de"):
        catalogue_in("xx")


def test_every_english_sentence_is_short_and_none_names_a_class() -> None:
    for sentences in SAID.values():
        assert all(len(sentence) <= 160 for sentence in some(sentences))
        named = re.compile(r"\b(drone|missile|rocket|jet|helicopter|aircraft)s?\b", re.IGNORECASE)
        assert not any(named.search(sentence) for sentence in some(sentences))
    assert isinstance(catalogue_in("en"), Catalogue) and english.DRILL.isupper()
