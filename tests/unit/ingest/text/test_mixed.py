"""Lines that say more than one thing: reassurance never hides a threat, denials are no all-clear, hurt is no past."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ingest.text.readers import reader
from tocsin.ingest.text.reading import Report

SOOTHING = {
    "uk": ("Над Львовом чисто", "Збили над Львовом", "Відбій у Львові", "Загрози для Львова немає"),
    "ru": ("Над Львовом чисто", "Сбит над Львовом", "Отбой во Львове", "Угрозы для Львова нет"),
    "en": ("Clear over Lviv", "One shot down over Lviv", "All clear in Lviv", "No threat for Lviv"),
    "ar": ("أجواء حلب خالية", "زوال الخطر عن حلب", "لا خطر على حلب"),
    "he": ("יורט מעל חיפה", "הסתיים האירוע בחיפה", "אין סכנה בחיפה"),
}
ALIVE = {
    "uk": ("3 шахеди біля Фастова", "ракета на Фастів", "ще один летить на Фастів", "загроза балістики для Фастова"),
    "ru": ("3 шахеда возле Фастова", "ракета на Фастов", "еще один летит на Фастов", "угроза баллистики для Фастова"),
    "en": ("3 drones near Fastiv", "missile inbound Fastiv", "one more heading for Fastiv"),
    "ar": ("3 مسيرات فوق بنش", "صاروخ باتجاه بنش"),
    "he": ("3 כטבמים מעל נהריה", "טיל לכיוון נהריה"),
}
NAMES = {"Fastiv", "Binnish", "Nahariyya"}
BETWEEN = (", ", ". ", "\n", "; ", "! ")
BUT = {"uk": ", але ", "ru": ", но ", "en": ", but ", "ar": "، ", "he": ", אבל "}


def _alive(report: Report) -> bool:
    named = {place.spots[0].name for place in report.places}
    return bool(named & NAMES) and report.stage not in ("gone", "all_clear")


@pytest.mark.parametrize("language", SOOTHING)
def test_what_is_over_in_one_place_never_hides_what_flies_at_another(language: str) -> None:
    assert SOOTHING[language] and ALIVE[language]
    for soothing, alive in product(SOOTHING[language], ALIVE[language]):
        for between in (*BETWEEN, BUT[language]):
            for text in (soothing + between + alive, alive + between + soothing):
                reports = reader().read(text).reports
                assert any(map(_alive, reports)), (text, reports)
                soothed = [one for one in reports if one.stage in ("gone", "all_clear")]
                places = [named for one in soothed for named in one.places]
                assert all(named.spots[0].name not in NAMES for named in some(places)), text


@pytest.mark.parametrize(
    "said",
    ["Не чисто", "Над Сумами не чисто", "Ще не відбій", "Відбою ще немає", "Загроза ще не минула", "Отбоя нет",
     "Еще не отбой", "В Сумах не чисто", "Not clear yet", "No all clear yet", "The threat is not over",
     "Sumy is not clear", "لم ينته الإنذار", "لم ينته الخطر بعد", "לא הסתיים", "עדיין אין שחרור", "האירוע טרם הסתיים"],
)  # fmt: skip
def test_what_is_not_over_yet_is_a_threat_that_stands(said: str) -> None:
    (report,) = reader().read(said).reports
    assert report.stage == "threat"


@pytest.mark.parametrize(
    "said",
    ["Загрози немає", "Балістики немає", "Шахедів над Сумами немає", "Без загроз", "Угрозы нет", "Нет угрозы",
     "Ракет над Сумами нет", "No threat", "No drones over Sumy", "No ballistic threat", "لا خطر", "لا مسيرات فوق إدلب",
     "אין סכנה", "אין כטבמים מעל עכו"],
)  # fmt: skip
def test_what_there_is_none_of_is_gone_and_threatens_nobody(said: str) -> None:
    (report,) = reader().read(said).reports
    assert report.stage == "gone"


@pytest.mark.parametrize("said", ["Шахед над Сумами, немає зв'язку", "Drone over Sumy no missiles", "Шахеди! Не спимо"])
def test_a_denial_of_something_else_leaves_the_drone_where_it_is(said: str) -> None:
    assert any(one.kind in ("shahed", "drone") and one.stage != "gone" for one in some(reader().read(said).reports))


@pytest.mark.parametrize(
    ("threat", "harm"),
    [("Ракета на Харків", "вже двоє поранених"), ("Шахеди над Одесою", "є загиблі"),
     ("КАБы на Харьков", "трое раненых"),
     ("Missile inbound Kharkiv", "two wounded"),
     ("صاروخ باتجاه دوما", "سقوط جرحى"), ("טיל לכיוון חיפה", "שני פצועים")],
)  # fmt: skip
def test_whom_it_hurt_makes_no_threat_past(threat: str, harm: str) -> None:
    first = reader().read(threat).reports
    for text in (f"{threat}, {harm}", f"{threat}. {harm}", f"{harm}, {threat}"):
        found = [(one.kind, one.stage, one.count_min, one.places) for one in some(reader().read(text).reports)]
        assert found == [(one.kind, one.stage, one.count_min, one.places) for one in first], text


@pytest.mark.parametrize(
    "said",
    ["Троє поранених у Харкові", "Двоє загиблих, пошкоджено дім", "Two killed in missile strike on Kharkiv",
     "Шахед убив двох", "ثلاثة جرحى في دوما", "נפצעו שניים בחיפה"],
)  # fmt: skip
def test_where_nothing_flies_but_what_hurt_them_it_is_past(said: str) -> None:
    assert reader().read(said).dropped == "past"


def test_a_sum_of_the_night_does_not_hide_what_is_said_of_now() -> None:
    (report,) = reader().read("За ніч збито 34 шахеди, зараз ще 2 на Київ").reports
    assert report.count_min == 2 and report.places[0].spots[0].name == "Kyiv"
    assert reader().read("За ніч збито 34 шахеди, 2 на Київ").dropped == "summary"


@pytest.mark.parametrize(
    "said",
    ["КАБ на Харків", "КАБ по Харкову", "Балістика по Харкову", "Ракета по Харкову", "КАБ по Харькову",
     "KAB on Kharkiv", "Ballistic at Kharkiv"],
)  # fmt: skip
def test_what_falls_on_a_place_is_bound_for_it_until_somebody_says_that_it_hit(said: str) -> None:
    (report,) = reader().read(said).reports
    assert report.stage == "in_flight" and report.places[0].role == "towards"


@pytest.mark.parametrize(
    "said", ["Прильот КАБ по Харкову", "РСЗО по Харкову", "Ракета влучила в Харків", "Missile hit Kharkiv"]
)
def test_what_hit_is_there(said: str) -> None:
    (report,) = reader().read(said).reports
    assert report.stage == "impact" and report.places[0].role == "over"


def test_an_impact_that_is_so_many_seconds_away_has_not_been() -> None:
    assert reader().read("Ballistic on Haifa! Impact in 90 seconds").reports[0].stage == "in_flight"
    assert reader().read("Ballistic on Haifa! Impact 2 minutes ago").reports[0].stage == "impact"


TOWNS = ("Kyiv", "Brovary", "Sumy", "Konotop", "Pryluky")
ROWS = st.lists(
    st.tuples(st.sampled_from(TOWNS), st.integers(1, 9)), min_size=2, max_size=5, unique_by=lambda row: row[0]
)


@given(rows=ROWS, form=st.sampled_from(["{0}: {1}", "{0} {1}", "{1} over {0}", "{0} - {1}", "{1} drones to {0}"]))
def test_as_many_reports_as_places_have_numbers(rows: list[tuple[str, int]], form: str) -> None:
    reports = reader().read(", ".join(form.format(*row) for row in rows)).reports
    assert [(one.places[0].spots[0].name, one.count_min) for one in reports] == rows
    assert [len(one.places) for one in reports] == [1] * len(rows)


def test_one_more_from_somewhere_is_another_report() -> None:
    *_, last = reader().read("Kyiv: 3, Brovary: 2, one more from the north").reports
    assert last.further and last.count_min == 1 and last.course_deg == 180 and not last.places


def test_a_list_of_towns_stays_one_report() -> None:
    for text in ("Шахед на Київ, Бровари, Вишгород", "Загроза балістики: Київ, Бровари і Вишгород"):
        (report,) = reader().read(text).reports
        assert len(report.places) == 3


def test_there_too_is_where_the_one_before_was() -> None:
    first, second = reader().read("Мопед крутиться над Ірпенем, там же ще один").reports
    assert second.places[0].spots == first.places[0].spots and second.further
