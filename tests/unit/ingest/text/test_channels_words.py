"""What channels write: routes, sums, aims, launches and alarms, own aircraft, the land around a town."""

from __future__ import annotations

import pytest

from tests.unit.ingest.text.readers import reader
from tocsin.ingest.text.reading import Named, Report


def _reports(text: str) -> tuple[Report, ...]:
    return reader().read(text).reports


def _where(one: Report) -> list[tuple[str, str]]:
    return [(named.role, _name(named)) for named in one.places]


def _name(named: Named) -> str:
    return named.spots[0].name


@pytest.mark.parametrize("said", ["3 мопеди Конотоп → Батурин → Борзна", "3 мопеди: Конотоп - Батурин - Борзна"])
def test_of_three_places_in_a_row_the_last_is_whither(said: str) -> None:
    (one,) = _reports(said)
    assert [_name(named) for named in one.places] == ["Konotop", "Baturyn", "Borzna"]
    assert [named.role for named in one.places][2] == "towards"
    assert one.places[1].role == "via"
    assert one.stage == "in_flight"
    assert one.course_deg is not None
    assert 200 < one.course_deg < 330


def test_a_sum_before_a_colon_is_no_count_of_the_first_place() -> None:
    assert [one.count_min for one in _reports("6 shaheds: 2 Uman, 3 Haisyn, 1 Bershad")] == [2, 3, 1]


@pytest.mark.parametrize("said", ["Смела 1, Городище 2, Корсунь 1 (шахеды)", "2 на Борисполь, 1 на Обухов, все шахеды"])
def test_what_flies_may_be_said_last(said: str) -> None:
    assert {one.likeliest for one in _reports(said)} == {"drone"}


def test_what_is_counted_in_a_region_is_bound_for_its_town_and_is_one_report() -> None:
    (one,) = _reports("Сумщина — 4 шахеди на Ромни")
    assert (one.count_min, one.likeliest, _where(one)) == (4, "drone", [("towards", "Romny")])


def test_an_aim_is_whither_and_no_other_report() -> None:
    (one,) = _reports("Искандер-М из Курской области, цель Сумы")
    assert [named.role for named in one.places] == ["from", "towards"]


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("Launch from Iran, sirens expected in minutes", "launch"),
        ("Possible launches from Iran", "threat"),
        ("Alert over Lviv region: MiG-31 took off", "threat"),
        ("Kyiv: alert over", "all_clear"),
    ],
)
def test_a_launch_before_an_alarm_is_a_launch_and_an_alert_over_a_place_is_not_over(said: str, stage: str) -> None:
    (one,) = _reports(said)
    assert one.stage == stage


def test_towns_that_are_told_of_fire_at_them_are_not_where_it_comes_from() -> None:
    (one,) = _reports("ירי רקטות וטילים, שדרות, ניר עם")
    assert {named.role for named in one.places} == {"towards"}
    (one,) = _reports("ירי רקטות מעזה לעבר שדרות")
    assert [named.role for named in one.places] == ["from", "towards"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Истребитель над Курском, это свои", "friendly"),
        ("Завтра по Києву мінус три, ожеледиця", "weather"),
        ("В 2014-м тут тоже стреляли из градов", "past"),
        ("За ніч збито 119 БпЛА. Зафіксовано влучання на 9 локаціях.", "summary"),
        ("Сосед храпит громче шахеда", "nothing that is understood"),
    ],
)
def test_own_aircraft_weather_years_and_sums_are_no_reports(said: str, why: str) -> None:
    assert reader().read(said).dropped == why


@pytest.mark.parametrize(
    "said",
    [
        "Истребитель над Курском, это свои, и шахед над Льговом",
        "Ожеледиця, а над Києвом шахед",
        "В 2045 шахед над Яготином",
        "За ніч збито 119 БпЛА. Загроза балістики!",
        "За ніч збито 119 БпЛА. Шахед над Сумами",
    ],
)
def test_what_flies_beside_them_is_reported(said: str) -> None:
    assert _reports(said), said


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Мопед над Бородянщиною", "Borodianka"),
        ("БпЛА через Пологівський район", "Polohy"),
        ("Шахед з Брянської", "RU-bryansk"),
        ("Ballistic threat for Kharkiv, Sumy, Poltava oblasts", "UA.07"),
    ],
)
def test_the_land_around_a_town_and_a_region_by_its_adjective_are_places(said: str, name: str) -> None:
    (one,) = _reports(said)
    assert _name(one.places[0]) == name


@pytest.mark.parametrize("said", ["مسيرة فوق عيتا الشباب", "Шахед над Нерозгаданими Сумами"])
def test_behind_an_unknown_word_no_name_is_sure(said: str) -> None:
    (one,) = _reports(said)
    assert [named.sure for named in one.places] == [False] * len(one.places)


@pytest.mark.parametrize(
    ("said", "roles", "course_deg"),
    [
        ("Мопед ↘️ від Ніжина", ["from"], 135),
        ("3 шахи: Бориспіль ⬅️ Березань", ["towards", "from"], 277),
        ("Не на Бровари, а на Бориспіль", ["towards"], None),
        ("Крилаті близько кордону Київської та Черкаської", ["between", "between"], None),
    ],
)
def test_arrows_denied_places_and_borders(said: str, roles: list[str], course_deg: float | None) -> None:
    (one,) = _reports(said)
    assert [named.role for named in one.places] == roles
    assert one.course_deg == (None if course_deg is None else pytest.approx(course_deg, abs=5))


def test_an_all_clear_of_one_thing_does_not_hide_another_without_a_place() -> None:
    assert [(one.likeliest, one.stage) for one in _reports("Відбій балістичної загрози, шахеди ще є")] == [
        ("ballistic_missile", "all_clear"), ("drone", "in_flight"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said", ["Хибна тривога, МіГ не злітав", "Спростовую, пуску не було", "Скоро буде гучно в Києві"]
)
def test_what_was_not_and_what_is_to_come_is_no_launch_and_no_impact(said: str) -> None:
    (one,) = _reports(said)
    assert one.stage in ("gone", "threat")


def test_a_region_before_a_list_of_several_is_none_where_other_words_stand_between() -> None:
    (first, *_) = _reports("Shahed over Kyiv, two more in Sumy and Poltava regions")
    assert _where(first) == [("over", "Kyiv")]


def test_a_course_from_place_to_place_says_more_than_the_side_it_came_from() -> None:
    (one,) = _reports("Шахед обошел Нежин с севера, курс Бобровица")
    assert one.course_deg == pytest.approx(227, abs=5)


def test_what_is_there_in_so_many_minutes_is_bound_for_the_place() -> None:
    (one,) = _reports("Стрий, Калуш: ракети через 5 хв")
    assert {named.role for named in one.places} == {"towards"}
    assert one.stage == "in_flight"
