"""What lines of monitoring channels are read as: the labelled halves above their floors, and laws over all of them."""

from __future__ import annotations

import random
import time
import unicodedata
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ingest.text.readers import read, reader
from tocsin.ingest.text.corpus import Labelled, Score, read_corpus, score
from tocsin.ingest.text.plain import CHARACTERS_MAX, WORDS_MAX
from tocsin.ingest.text.reading import Reading

CORPUS = Path(__file__).parent / "corpus"
LINES = tuple(read_corpus(sorted(CORPUS.glob("*.jsonl"))))
# Written to be hard, and reported on beside the halves and not in them.
BLIND = {part: tuple(read_corpus([CORPUS / f"blind_{part}.jsonl"])) for part in ("chosen", "kept")}
# Shares that may not be fallen below, in both halves; measured: docs/how-to/read-channels.md.
FLOORS = {
    "lines with a reason": 1.0, "read": 0.99, "as many reports": 0.95, "class": 0.97, "stage": 0.95,
    "count": 0.95, "place": 0.95, "role": 0.93,
    "sure places": 0.99, "course": 0.95, "dropped": 0.9,
}  # fmt: skip
LINES_TRIED = st.sampled_from([line.text for line in LINES])


def _score(half: str) -> Score:
    hard = {line.text for line in BLIND["chosen"] + BLIND["kept"]}
    return score((line for line in LINES if line.half == half and line.text not in hard), read)


@pytest.mark.parametrize("half", ["chosen", "kept"])
def test_either_half_of_the_labelled_lines_is_read_above_its_floors(half: str) -> None:
    found = _score(half)
    for figure, floor in FLOORS.items():
        assert found.of[figure] >= 20, figure
        assert found.share(figure) >= floor, (figure, found.share(figure))


def test_no_line_is_lost_without_a_reason() -> None:
    for line in some(LINES):
        reading = read(line)
        assert bool(reading.reports) != bool(reading.dropped), line.text


@given(text=LINES_TRIED, chance=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_marks_controls_and_invisible_letters_change_nothing(text: str, chance: random.Random) -> None:
    noise = ["\u200b", "\u200f", "\u202e", "\u2066", "\u0301", "\u00ad", "\ufe0f", "\ufeff"]
    dirty = "".join(
        letter + (chance.choice(noise) if letter.isalpha() and chance.random() < 0.3 else "") for letter in text
    )
    # A mark behind a letter that it makes another of ("и" and a breve) is no noise; none of these is such.
    clean = unicodedata.normalize("NFC", text)
    assert _same(reader().read(dirty), reader().read(clean)), dirty


@given(text=LINES_TRIED)
@settings(max_examples=60, deadline=None)
def test_latin_letters_that_pass_for_cyrillic_ones_change_nothing(text: str) -> None:
    passing = str.maketrans("аеорсух", "aeopcyx")
    words = [word.translate(passing) if len(word) > 4 else word for word in text.split(" ")]
    # A word of nothing but such letters is Latin, and nobody can tell.
    fair = [
        new if any("Ѐ" <= letter <= "ӿ" for letter in new) else old
        for new, old in zip(words, text.split(" "), strict=True)
    ]
    assert _same(reader().read(" ".join(fair)), reader().read(text)), fair


@given(text=LINES_TRIED)
@settings(max_examples=40, deadline=None)
def test_the_same_line_is_read_alike_every_time_and_with_a_line_of_thanks_below_it(text: str) -> None:
    first = reader().read(text)
    assert reader().read(text) == first
    if first.reports:
        assert _same(reader().read(text + "\nПідписатися на канал"), first)


@given(text=st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_whatever_is_read_or_dropped_with_a_reason(text: str) -> None:
    reading = reader().read(text)
    assert bool(reading.reports) != bool(reading.dropped)
    for report in reading.reports:
        assert abs(sum(report.threat.values()) - 1) < 1e-9
        for named in report.places:
            assert sum(spot.weight for spot in named.spots) <= 1 + 1e-6


@pytest.mark.parametrize(
    "said", ["❶ shahed over Sumy", "³ shaheds over Sumy", "③ над Сумами", "Ⅳ ракети", "½ Суми", "४ шахеди"]
)
def test_signs_that_are_digits_of_a_kind_cost_nothing(said: str) -> None:
    assert reader().read(said).reports


HOSTILE = {
    "one word": "а" * 65_536,
    "marks": "а" + "\u0301" * 65_535,
    "controls": "\u202e" * 65_536,
    "places": "Київ " * 11_000,
    "nearly places": "Кийв Броври " * 6_000,
    "numbers": "1 " * 32_768,
    "a long number": "9" * 65_536,
    "arrows": "→" * 65_536,
    "stems": "шахед" * 13_000,
    "breaks": ".\n" * 32_768,
    "ligatures": "\ufdfa" * 30_000,
    "particles": "וב" * 32_000,
    "phrases": "північний " * 7_000,
    "dashes": "Суми-" * 13_000,
    "tags": "<" * 65_536,
    "blanks": "а" + " " * 65_535,
    "low lines": "а" + "_" * 65_535,
    "pictures": "🛵" * 16_384,
    "denials": "немає загрози " * 4_600,
    "lands": "".join(f"Бр{a}в{b}щина " for a, b in product("абвгдежзиклмнопрстуфхцчшщ", repeat=2)),
    "districts": "".join(f"Бр{a}в{b}ський район " for a, b in product("абвгдежзиклмнопрстуфхцчшщ", repeat=2)),
    "regions by adjective": "з Харківської " * 4_600,
    "lists of regions": "Kharkiv, Sumy, " * 4_300 + "Poltava regions",
    "letters of other alphabets": "Шaxeд нa Cyми " * 4_600,
    "addresses": "https://t.me/abc/1?x=шахед " * 2_400,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_64_kilobytes_of_anything_cost_no_more_than_a_moment(name: str) -> None:
    took = []
    for _ in range(4):
        start = time.process_time()
        reader().read(HOSTILE[name])
        took.append(time.process_time() - start)
    # An honest post takes less than a millisecond; the goal is 50 ms, and machines of tests are slow.
    assert min(took) < 0.25


def test_words_that_nobody_wrote_before_cost_no_more_than_a_moment() -> None:
    took = []
    for first in "бвгд":
        text = " ".join(f"{first.upper()}р{a}в{b}и" for a, b in product("абвгдежзиклмнопрстуфхцчшщ", repeat=2))
        start = time.process_time()
        reader().read(text)
        took.append(time.process_time() - start)
    assert min(took) < 0.5


@pytest.mark.parametrize("filling", [" " * CHARACTERS_MAX, "ab " * WORDS_MAX, "ab, " * WORDS_MAX])
def test_what_comes_after_the_longest_post_is_not_read_and_that_is_said(filling: str) -> None:
    reading = reader().read(filling + "Шахед над Броварами")
    assert reading.dropped is not None and len("Шахед над Броварами") <= reading.beyond < len(filling) + 30
    assert reader().read(f"Шахед над Броварами\n{filling}{filling}.").beyond > 0


def test_a_warning_is_not_lost_in_an_essay() -> None:
    essay = "Цього ранку ми довго говорили про те, як змінилося наше життя і чого навчилися люди в цьому місті. " * 4
    assert reader().read(essay).dropped == "essay"
    for text in (f"Шахед над Броварами! {essay}", f"{essay}\nШахед над Броварами"):
        (report,) = reader().read(text).reports
        assert report.likeliest == "drone" and report.places[0].spots[0].name == "Brovary"


@given(text=LINES_TRIED)
@settings(max_examples=30, deadline=None)
def test_a_post_of_ordinary_length_is_read_to_its_end(text: str) -> None:
    assert reader().read(text + " " * CHARACTERS_MAX).beyond == 0


def test_a_place_without_a_class_is_a_weak_report() -> None:
    (report,) = reader().read("Увага Бровари").reports
    assert report.weak and report.likeliest == "unknown"


def test_one_name_of_many_places_is_a_mixture_until_the_channel_or_a_region_says_which() -> None:
    (report,) = reader().read("Шахед над Михайлівкою").reports
    assert not report.places[0].sure and len(report.places[0].spots) > 3
    (report,) = reader().read("Шахед над Михайлівкою, Запорізька область").reports
    assert all(47 < spot.lat < 48 and 34 < spot.lon < 37 for spot in some(report.places[0].spots))
    (report,) = reader().covering(["UA.26"]).read("Шахед над Михайлівкою").reports
    assert report.places[0].spots[0].weight > 0.65


@pytest.mark.parametrize(
    "said",
    [
        "Чернігова",
        "Чернігову",
        "Черніговом",
        "Чернігові",
        "Чернигова",
        "Чернигову",
        "Черниговом",
        "Чернигове",
        "Chernihiv",
    ],
)
def test_an_inflected_name_is_the_town_and_not_another_400_km_away(said: str) -> None:
    (report,) = reader().read(f"Шахед біля {said}").reports
    assert report.places[0].spots[0].name == "Chernihiv" and report.places[0].sure


def test_a_misspelt_town_is_found_and_said_with_less_weight() -> None:
    (report,) = reader().read("Шахед над Конотпом").reports
    spot = report.places[0].spots[0]
    assert spot.name == "Konotop" and spot.weight < 1


def test_a_report_of_many_things_is_many_reports() -> None:
    reports = reader().read("2 шахеди на Ніжин\n1 на Прилуки\nРакета на Лубни").reports
    assert [report.likeliest for report in reports] == ["drone", "drone", "cruise_missile"]
    assert [report.count_min for report in reports] == [2, 1, 1]
    assert [report.inherited for report in reports] == [False, True, False]


def _same(one: Reading, other: Reading) -> bool:
    """Whether the same is reported; which words stood for it may differ."""

    def plain(reading: Reading) -> object:
        return reading.dropped, [
            (report.kind, report.stage, report.count_min, report.course_deg, [named.spots for named in report.places])
            for report in reading.reports
        ]

    return plain(one) == plain(other)


def test_labels_and_readings_speak_of_the_same_halves() -> None:
    assert {line.half for line in LINES} == {"chosen", "kept"} and isinstance(LINES[0], Labelled)


def test_a_heading_says_where_all_that_follows_is_and_reports_nothing_itself() -> None:
    reports = reader().read("Київщина:\n2 шахеди на Бровари\n1 повз Васильків на Обухів").reports
    assert [report.count_min for report in reports] == [2, 1]
    assert [report.likeliest for report in reports] == ["drone", "drone"]


@pytest.mark.parametrize(
    ("said", "count"),
    [("Шахеди (3) над Сумами", 3), ("5-7 шахедів над Сумами", 5), ("Шахеди над Сумами, висота 300 м", 2)],
)
def test_numbers_count_what_flies_and_nothing_else(said: str, count: int) -> None:
    (report,) = reader().read(said).reports
    assert report.count_min == count


def test_what_is_denied_is_not_reported() -> None:
    (report,) = reader().read("Не балістика, а шахед на Суми").reports
    assert report.likeliest == "drone"


def test_so_far_from_a_town_is_so_far_from_it() -> None:
    (near,) = reader().read("Дрон над Краматорськом").reports
    (far,) = reader().read("Дрон за 20 км на схід від Краматорська").reports
    east = (far.places[0].spots[0].lon - near.places[0].spots[0].lon) * 111.2 * 0.66
    assert 18 < east < 22 and abs(far.places[0].spots[0].lat - near.places[0].spots[0].lat) < 0.01


@pytest.mark.parametrize("said", ["درون على بعد 100 متر شمال إدلب", "רחפן 500 מטר צפונית לצפת"])
def test_metres_are_metres_in_every_script(said: str) -> None:
    (report,) = reader().read(said).reports
    (town,) = reader().read(said.split()[-1]).reports
    assert abs(report.places[0].spots[0].lat - town.places[0].spots[0].lat) < 0.01


def test_of_a_long_list_every_town_is_a_place_or_is_said_to_be_unread() -> None:
    towns = ["Київ", "Бровари", "Бориспіль", "Ірпінь", "Буча", "Васильків", "Обухів", "Фастів", "Яготин", "Богуслав"]
    (report,) = reader().read(f"Балістика! {', '.join(towns)}, Тетіїв, Узин, Ніжин, Прилуки, Лубни").reports
    assert len({place.spots[0].name for place in report.places}) == 15
    reading = reader().read("Балістика! " + ", ".join(towns * 12))
    assert len(reading.reports[0].places) + len(reading.unread) == 120


@pytest.mark.parametrize("said", ["на півночі", "на сході", "на північно-східному напрямку"])
def test_where_something_is_active_is_no_course(said: str) -> None:
    (report,) = reader().read(f"Активність тактичної авіації {said}").reports
    assert report.course_deg is None


@pytest.mark.parametrize(
    ("said", "course_deg"),
    [("з півдня", 0), ("курсом на захід", 270), ("летить на північний схід", 45), ("с востока", 270), ("→", 90)],
)
def test_a_course_is_whither_and_never_whence(said: str, course_deg: float) -> None:
    (report,) = reader().read(f"Шахед {said}").reports
    assert report.course_deg == course_deg


def test_a_misspelt_name_is_never_sure() -> None:
    (report,) = reader().read("Шахед над Харквом").reports
    assert report.places[0].spots[0].name == "Kharkiv" and not report.places[0].sure


@pytest.mark.parametrize("said", ["Шахед над Олександрівськом", "Дрон возле Николаевки", "Шахед біля Білої"])
def test_a_name_of_a_small_place_that_a_larger_one_has_too_is_a_mixture(said: str) -> None:
    (report,) = reader().read(said).reports
    assert not report.places[0].sure and len(report.places[0].spots) > 1


def test_a_name_that_a_town_had_once_is_not_taken_for_the_town() -> None:
    (report,) = reader().read("Шахед над Олександрівкою").reports
    assert all(spot.weight < 0.8 for spot in some(report.places[0].spots))


@pytest.mark.parametrize(("said", "sure"), [("Шебекино", True), ("Клинцами", True), ("Валуйками", False)])
def test_a_small_town_where_villages_are_not_known_is_never_sure_by_its_name(said: str, sure: bool) -> None:
    (report,) = reader().read(f"БПЛА над {said}").reports
    assert report.places[0].sure is sure


def test_a_larger_town_far_away_does_not_take_a_neighbours_name() -> None:
    (report,) = reader().read("Шахед над Самаром").reports
    assert report.places[0].spots[0].id.startswith("UA-")


def test_weights_of_a_mixture_never_sum_to_more_than_one() -> None:
    for text in ("Шахед над Михайлівкою", "Шахед над Іванівкою", "Шахед на Новосілки", "Шахед біля Степанівки"):
        (report,) = reader().read(text).reports
        assert 0.5 < sum(spot.weight for spot in some(report.places[0].spots)) <= 1.0


@pytest.mark.parametrize(
    "said",
    ["Слава Україні! Доброго ранку всім", "Унаслідок удару по Харкову загинули двоє людей", "Курс долара 42",
     "Кому потрібен генератор, пишіть", "Росія втратила 1200 солдатів за добу", "Мой канал теперь в другом мессенджере",
     "Two were injured in Odesa", "שבת שלום", "السلام عليكم ورحمة الله", "+", "3", "Ще"],
)  # fmt: skip
def test_what_people_say_besides_is_no_report(said: str) -> None:
    assert reader().read(said).dropped is not None


def test_what_stands_under_a_heading_is_of_the_heading_s_place() -> None:
    for said in ("Суми: відбій, загроза дронів", "Sumy: all clear, drone threat"):
        over, still = reader().read(said).reports
        assert (over.stage, still.stage) == ("all_clear", "threat")
        assert [place.spots[0].name for place in some(still.places)] == ["Sumy"]
    _, other = reader().read("Суми: відбій, шахед на Ромни").reports
    assert [place.spots[0].name for place in some(other.places)] == ["Romny"]


@pytest.mark.parametrize(
    ("said", "threat", "stage", "role"),
    [
        ("صاروخان باليستيان باتجاه حلب", "ballistic_missile", "in_flight", "towards"),
        ("مقاتلتان فوق حماة", "jet", "over", "over"),
        ("حوامتين تقتربان من سراقب", "helicopter", "in_flight", "towards"),
    ],
)
def test_two_are_told_by_the_arabic_dual(said: str, threat: str, stage: str, role: str) -> None:
    (report,) = reader().read(said).reports
    assert (report.likeliest, report.stage, report.count_min, report.places[0].role) == (threat, stage, 2, role)
