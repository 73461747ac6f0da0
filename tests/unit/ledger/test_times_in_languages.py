"""Times as they are said in other languages: resolved, with the rule named, or kept as they were said."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tests.unit.ledger.made_records import times
from tocsin.ledger.phrases import BY_KEY
from tocsin.ledger.spoken import languages, phrases_of
from tocsin.ledger.when import Unresolved, resolve
from tocsin.words.catalogue import languages as spoken_everywhere

# A Friday, 5 June 2026 at noon in UTC.
FRIDAY = datetime(2026, 6, 5, 12, tzinfo=UTC)
NIGHT = ("2026-05-31T19", "2026-06-01T06")
MAY = ("2026-05-04T19", "2026-05-05T06")

SAID = [
    ("overnight Sunday to Monday", "en", NIGHT),
    ("in der Nacht von Sonntag auf Montag", "de", NIGHT),
    ("In der Nacht auf Montag", "de", NIGHT),
    ("in der Nacht zum 5. Mai", "de", MAY),
    ("in der Nacht vom 4. auf den 5. Mai 2026", "de", MAY),
    ("am Dienstagabend", "de", ("2026-06-02T17", "2026-06-03T00")),
    ("Anfang Mai", "de", ("2026-05-01T00", "2026-05-11T00")),
    ("vor drei Tagen", "de", ("2026-06-02T00", "2026-06-03T00")),
    ("gestern Abend", "de", ("2026-06-04T17", "2026-06-05T00")),
    ("heute Nacht", "de", ("2026-06-04T19", "2026-06-05T06")),
    ("в ніч на понеділок", "uk", NIGHT),
    ("у ніч з неділі на понеділок", "uk", NIGHT),
    ("В ніч на 5 травня", "uk", MAY),
    ("у ніч з 4 на 5 травня 2026 року", "uk", MAY),
    ("у п'ятницю вранці", "uk", ("2026-06-05T05", "2026-06-05T12")),
    ("минулої ночі", "uk", ("2026-06-04T19", "2026-06-05T06")),
    ("3 дні тому", "uk", ("2026-06-02T00", "2026-06-03T00")),
    ("наприкінці травня", "uk", ("2026-05-21T00", "2026-06-01T00")),
    ("в ночь на понедельник", "ru", NIGHT),
    ("в ночь с 4 на 5 мая", "ru", MAY),
    ("в ночь на 5 мая", "ru", MAY),
    ("вчера вечером", "ru", ("2026-06-04T17", "2026-06-05T00")),
    ("в начале мая", "ru", ("2026-05-01T00", "2026-05-11T00")),
    ("во вторник днём", "ru", ("2026-06-02T12", "2026-06-02T18")),
    ("dans la nuit de dimanche à lundi", "fr", NIGHT),
    ("dans la nuit du 4 au 5 mai", "fr", MAY),
    ("mardi soir", "fr", ("2026-06-02T17", "2026-06-03T00")),
    ("mi-mai", "fr", ("2026-05-11T00", "2026-05-21T00")),
    ("il y a trois jours", "fr", ("2026-06-02T00", "2026-06-03T00")),
    ("le 1er mai à l’aube", "fr", ("2026-05-01T04", "2026-05-01T08")),
    ("en la noche del domingo al lunes", "es", NIGHT),
    ("el lunes de madrugada", "es", ("2026-06-01T00", "2026-06-01T06")),
    ("anoche", "es", ("2026-06-04T19", "2026-06-05T06")),
    ("a principios de mayo", "es", ("2026-05-01T00", "2026-05-11T00")),
    ("el 5 de mayo de 2026", "es", ("2026-05-05T00", "2026-05-06T00")),
    ("la noche del 4 al 5 de mayo", "es", MAY),
    ("pazarı pazartesiye bağlayan gece", "tr", NIGHT),
    ("Salı akşamı", "tr", ("2026-06-02T17", "2026-06-03T00")),
    ("dün gece", "tr", ("2026-06-04T19", "2026-06-05T06")),
    ("4 Mayıs'ı 5 Mayıs'a bağlayan gece", "tr", MAY),
    ("mayıs başında", "tr", ("2026-05-01T00", "2026-05-11T00")),
    ("3 gün önce", "tr", ("2026-06-02T00", "2026-06-03T00")),
    ("ليلة الاثنين", "ar", ("2026-05-31T19", "2026-06-02T06")),
    ("ليل الأحد - الاثنين", "ar", NIGHT),
    ("فجر الثلاثاء", "ar", ("2026-06-02T04", "2026-06-02T08")),
    ("الليلة الماضية", "ar", ("2026-06-04T19", "2026-06-05T06")),
    ("مطلع أيار", "ar", ("2026-05-01T00", "2026-05-11T00")),
    ("٥ مايو ٢٠٢٦", "ar", ("2026-05-05T00", "2026-05-06T00")),
    ("قبل يومين", "ar", ("2026-06-03T00", "2026-06-04T00")),
    ("בלילה שבין ראשון לשני", "he", NIGHT),
    ("אור ליום שני", "he", NIGHT),
    ("ליל שני", "he", ("2026-05-31T19", "2026-06-02T06")),
    ("ביום שלישי בערב", "he", ("2026-06-02T17", "2026-06-03T00")),
    ("אמש", "he", ("2026-06-04T19", "2026-06-05T06")),
    ("5 במאי", "he", ("2026-05-05T00", "2026-05-06T00")),
    ("בתחילת מאי", "he", ("2026-05-01T00", "2026-05-11T00")),
    ("شب یکشنبه تا دوشنبه", "fa", NIGHT),
    ("شب دوشنبه", "fa", ("2026-05-31T19", "2026-06-02T06")),
    ("بامداد سه‌شنبه", "fa", ("2026-06-02T00", "2026-06-02T06")),
    ("دیشب", "fa", ("2026-06-04T19", "2026-06-05T06")),
    ("سه روز پیش", "fa", ("2026-06-02T00", "2026-06-03T00")),
    ("۵ مه ۲۰۲۶", "fa", ("2026-05-05T00", "2026-05-06T00")),
    ("اوایل مه", "fa", ("2026-05-01T00", "2026-05-11T00")),
]
KNOWN = some(SAID)


@pytest.mark.parametrize(("said", "language", "hours"), KNOWN)
def test_a_time_in_words_is_resolved_with_its_rule(said: str, language: str, hours: tuple[str, str]) -> None:
    for spoken in (language, "", f"{language}-XX"):
        window = resolve(said, FRIDAY, "UTC", spoken)
        assert window.end is not None
        assert (f"{window.begin:%Y-%m-%dT%H}", f"{window.end:%Y-%m-%dT%H}") == hours
        assert (window.said, window.rule.endswith(f"said in {language}")) == (said, language != "en")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("neulich", "no rule knows"),
        ("в ніч з неділі на вівторок", "does not follow"),
        ("31 травня 2026 днями", "no rule"),
        ("in der Nacht vom 3. auf den 5. Mai", "does not follow"),
        ("ليلة", "no rule"),
        ("۱۵ اردیبهشت", "no rule"),
    ],
)
def test_what_no_rule_knows_is_never_guessed(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        resolve(said, FRIDAY, "UTC")


def test_every_language_of_the_public_words_knows_every_kind_of_phrase() -> None:
    assert {*languages(), "en"} == set(spoken_everywhere())
    night = {"pair", "eve", "either"}
    for language in some(languages()):
        asked = {one.rule for one in phrases_of(language)}
        assert set(BY_KEY) - night - {"eve_date"} <= asked, language
        assert asked & night, language


@pytest.mark.parametrize("said", [said for said, *_ in KNOWN if not re.search(r"\d{4}", said)])
@tried(4, 500)
@given(published=times)
def test_what_is_told_in_any_language_had_begun_when_it_was_published(said: str, published: datetime) -> None:
    window = resolve(said, published, "Asia/Damascus")
    assert window.end is not None
    assert window.begin <= window.end <= max(published, window.begin)
    assert window.begin <= published


@given(said=st.text(max_size=30), language=st.sampled_from(["", *languages()]))
@tried(100, 5_000)
def test_any_text_is_resolved_or_said_to_be_none(said: str, language: str) -> None:
    try:
        assert resolve(said, FRIDAY, "UTC", language).said == said
    except ValueError as error:
        assert isinstance(error, Unresolved) or "no time" in str(error) or "said" in str(error)


@pytest.mark.parametrize(
    ("said", "begin", "end", "rule"),
    [
        # Kyiv, 29 March 2026: 03:00 to 04:00 was not there.
        ("2026-03-29T03:30", "2026-03-29T00:30", "2026-03-29T01:30", "03:30 of 2026-03-29 was not there"),
        ("29 March 2026 early morning", "2026-03-29T01:00", "2026-03-29T05:00", "03:00 of 2026-03-29 was not there"),
        # 25 October 2026: 03:00 to 04:00 was there twice.
        ("2026-10-25T03:30", "2026-10-25T00:30", "2026-10-25T01:30", "03:30 of 2026-10-25 was there twice"),
        (
            "25 October 2026 early morning",
            "2026-10-25T00:00",
            "2026-10-25T06:00",
            "03:00 of 2026-10-25 was there twice",
        ),
        ("2026-10-25T03:30+02:00", "2026-10-25T01:30", "2026-10-25T01:30", "ISO 8601"),
        ("2026-10-25", "2026-10-24T21:00", "2026-10-25T22:00", "ISO 8601"),
    ],
)
def test_where_the_clock_was_changed_the_window_spans_what_may_be_meant_and_the_rule_says_so(
    said: str, begin: str, end: str, rule: str
) -> None:
    window = resolve(said, datetime(2026, 11, 1, tzinfo=UTC), "Europe/Kyiv")
    assert (f"{window.begin:%Y-%m-%dT%H:%M}", f"{window.end:%Y-%m-%dT%H:%M}") == (begin, end)
    assert rule in window.rule
    assert rule != "ISO 8601" or window.rule == rule


def test_a_day_that_begins_when_the_clock_is_put_forward_begins_then() -> None:
    # Beirut, 30 March 2025: there was no midnight.
    window = resolve("2025-03-30", datetime(2025, 4, 1, tzinfo=UTC), "Asia/Beirut")
    assert window.end is not None
    assert (window.end - window.begin).total_seconds() == 23 * 3_600
    assert "00:00 of 2025-03-30 was not there" in window.rule
