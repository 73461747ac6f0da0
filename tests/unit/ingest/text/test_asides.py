"""Names that say no place of what flies: of streets, roads, rivers, quarters, and what is so far from a town."""

from __future__ import annotations

import pytest

from tests.unit.ingest.text.readers import reader
from tocsin.ingest.text.reading import Named, Report


def _one(text: str) -> Report:
    reports = reader().read(text).reports
    assert len(reports) == 1, text
    return reports[0]


def _sure(text: str) -> dict[str, Named]:
    return {one.spots[0].name: one for report in reader().read(text).reports for one in report.places if one.sure}


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("вул. Полтавська, Харків: вибух", "Kharkiv"), ("Сумська вулиця, Харків, дрон", "Kharkiv"),
        ("На Одеському шосе дрон, Київ", "Kyiv"), ("Харків, метро Київська, вибух", "Kharkiv"),
        ("ул. Черниговская, Киев, обломки", "Kyiv"), ("Explosion on Sumska Street in Kharkiv", "Kharkiv"),
        ("انفجار في شارع حلب بمدينة حماة", "Ḩamāh"), ("פיצוץ ברחוב ירושלים בצפת", "Safed"),
    ],
)  # fmt: skip
def test_a_street_called_after_a_town_is_not_there(text: str, town: str) -> None:
    assert set(_sure(text)) == {town}


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Шахед вздовж траси Київ–Одеса, район Умані", "Uman"), ("Траса Харків - Київ, Лубни, мопед", "Lubny"),
        ("Вдоль трассы Киев — Харьков дрон, Пирятин", "Pyryatyn"),
        ("Drone along the Kyiv-Odesa highway near Bila Tserkva", "Bila Tserkva"),
    ],
)  # fmt: skip
def test_the_towns_that_a_road_is_named_by_give_way_to_the_place_along_it(text: str, town: str) -> None:
    assert set(_sure(text)) == {town}


def test_a_road_alone_says_between_its_towns_and_one_off_it_leaves_them() -> None:
    assert {one.role for one in _one("На трасі Ніжин - Прилуки мопед").places} == {"between"}
    assert {"Nizhyn", "Pryluky"} <= set(_sure("На трасі Ніжин - Прилуки мопед, Одеса"))


@pytest.mark.parametrize(
    "text",
    [
        "Ціль летить уздовж Дніпра в напрямку Канева", "Мопед над Дніпром (річка), Канів", "БПЛА вдоль Днепра, Канев",
        "Drone near the Dnipro, Kaniv", "Drone over the Dnipro river near Kaniv",
    ],
)  # fmt: skip
def test_a_river_is_not_the_city_of_its_name(text: str) -> None:
    assert set(_sure(text)) == {"Kaniv"}


def test_the_city_of_a_rivers_name_stays_one() -> None:
    assert set(_sure("Шахед над Дніпром")) == {"Dnipro"}
    assert set(_sure("Балістика на Дніпро!")) == {"Dnipro"}


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Харків, Київський район, каб", "Kharkiv"), ("Харьков каб Киевский район", "Kharkiv"),
        ("Харків, Шевченківський район, вибух", "Kharkiv"),
        ("Запоріжжя, Дніпровський район, дрон", "Zaporizhzhya"), ("Ростов, Ворошиловский район, дрон", "Rostov-on-Don"),
    ],
)  # fmt: skip
def test_a_quarter_of_a_city_is_no_district_elsewhere(text: str, city: str) -> None:
    assert set(_sure(text)) == {city}


def test_a_district_of_a_regions_own_beside_its_capital_stays() -> None:
    assert set(_sure("Суми, Конотопський район: шахеди")) == {"Sumy", "Konotop"}


def test_so_far_from_a_town_is_a_wide_place_around_it_and_no_way_it_came() -> None:
    (place,) = _one("За 40 км від Києва мопед").places
    assert (place.role, place.spots[0].name) == ("over", "Kyiv")
    assert place.spots[0].sigma_m == 40_000
    assert set(_sure("Мопед за 40 км від Києва, Баришівка")) == {"Baryshivka"}
    (north,) = _one("Shahed 12 km NE of Nizhyn").places
    assert north.spots[0].sigma_m < 12_000


@pytest.mark.parametrize(
    "text",
    ["Школа 12, Умань, вибух", "вул. Перемоги 45, Умань, дрон", "Умань, 300 метрів, дрон", "School 12, Uman, drone"],
)
def test_numbers_of_houses_and_heights_count_nothing(text: str) -> None:
    assert _one(text).count_min == 1


def test_a_number_behind_a_street_that_counts_what_flies_does() -> None:
    assert _one("Умань, вул. Перемоги 2 шахеди").count_min == 2


def test_a_common_word_in_small_letters_is_no_sure_town() -> None:
    assert set(_sure("рівне гудіння над Коростенем")) == {"Korosten"}
    assert set(_sure("Шахед на Рівне")) == {"Rivne"}


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Можливі пуски КАБ на Сумщину", "threat"), ("Возможен пуск баллистики", "threat"),
        ("Possible ballistic launch from Kursk", "threat"), ("من الممكن إطلاق صواريخ", "threat"),
        ("ייתכן שיגור מתימן", "threat"), ("може зайти на Кременчук", "threat"),
        ("Можливо розвідник над Снігурівкою", "over"), ("Could be a Shahed near Vasylkiv", "over"),
        ("Шахед на Бровари, можливі вибухи", "in_flight"), ("Шахед на Бровари. Можливі вибухи", "in_flight"),
        ("Взрывы в Харькове, возможно баллистика", "impact"), ("Загроза балістики в Києві минула", "all_clear"),
        ("Загроза: ракета минула Суми", "threat"), ("Threat: drone passed Sumy", "threat"),
        ("Увага, повітряна загроза, швидкісна ціль на Павлоград", "in_flight"), ("Херсон, дрон скидає", "over"),
        ("КАБ впав біля Золочева", "impact"), ("Шахед впав біля Золочева", "gone"), ("Суми тихо", "gone"),
        ("Суми, тихо летить шахед", "over"), ("Через 5 хв будуть над Конотопом, 3 шт", "in_flight"),
    ],
)  # fmt: skip
def test_what_may_be_is_a_threat_and_what_is_seen_stays_seen(text: str, stage: str) -> None:
    assert _one(text).stage == stage


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("А шахед ще над Броварами чи вже збили?", "question"),
        ("Поїзд Київ – Львів затримується через тривогу", "traffic"),
        ("Шахеди — це не страшно 😂", "laughter"), ("Якщо чуєте мопед — не виходьте на балкон", "advice"),
        ("لا صحة لأنباء القصف على الرقة", "rumour"), ("Минулий раз на Ніжин пішло п'ять", "past"),
    ],
)  # fmt: skip
def test_what_tells_of_nothing_is_dropped_and_says_why(text: str, reason: str) -> None:
    assert reader().read(text).dropped == reason


def test_an_answer_behind_a_question_and_a_warning_with_a_laugh_are_read() -> None:
    answer = _one("Чи є загроза? 3 на Бровари")
    assert (answer.stage, answer.count_min) == ("in_flight", 3)
    assert _one("Шахед на Бровари 😂").stage == "in_flight"
    assert _one("Шахед на Бровари?").stage == "in_flight"


def test_a_town_that_once_had_a_name_gives_way_to_the_one_that_has_it() -> None:
    assert _one("Confirmed hit in Sloviansk").places[0].spots[0].name == "Slovyansk"


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Київ, відбій не оголошено", "threat"),
        ("Відбій у Києві не оголошено", "threat"),
        ("Київ. Отбой не объявлен", "threat"),
        ("Київ: відбою не було", "threat"),
        ("Відбій у Києві", "all_clear"),
        ("Київ відбій, не розслабляйтесь", "all_clear"),
    ],
)
def test_an_all_clear_that_was_not_announced_is_none(text: str, stage: str) -> None:
    assert [report.stage for report in reader().read(text).reports] == [stage]
