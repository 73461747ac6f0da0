"""A word of caution beside what is seen leaves it seen; alone it declares a threat."""

from __future__ import annotations

import pytest

from tests.unit.ingest.text.readers import reader


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Небезпека! Балістика на Київ", "in_flight"),
        ("Небезпека! Тривога! Балістика на Київ", "in_flight"),
        ("Шахеди летять на Суми, сирена", "in_flight"),
        ("Опасность! БПЛА над Шебекино", "over"),
        ("БПЛА над Шебекино, опасность!", "over"),
        ("Shahed over Kyiv, stay alert", "over"),
        ("Shahed over Kyiv stay alert", "over"),
        ("Danger: missile heading to Kyiv", "in_flight"),
        ("حربي بأجواء سراقب الحذر", "over"),
        ("تحذير: حربي بأجواء سراقب", "over"),
        ("אזעקה! כטב״ם מעל חיפה", "over"),
    ],
)
def test_a_caution_beside_what_flies_somewhere_now_leaves_it_seen(text: str, stage: str) -> None:
    (report,) = reader().read(text).reports
    assert report.stage == stage


@pytest.mark.parametrize(
    "text",
    [
        "Загроза балістики",
        "Небезпека БпЛА для області",
        "Небезпека: БпЛА для Сумської області",
        "Небезпека! Можливі шахеди на Суми",
        "Опасность атаки БПЛА в Липецкой области",
        "Опасность БПЛА, Белгород",
        "Rocket alert Ashkelon",
        "Sirens in Poltava",
        "Danger! Drones may turn towards Odesa",
        "אזעקה בבאר שבע",
        "خطر مسيرات في محافظة الحسكة",
        "الحذر في سراقب",
    ],
)
def test_a_caution_of_what_is_not_seen_declares_a_threat(text: str) -> None:
    assert [report.stage for report in reader().read(text).reports] == ["threat"]


def test_a_caution_for_another_place_is_not_lost() -> None:
    for text in (
        "Shahed over Kyiv. Kharkiv, danger!",
        "Shahed over Kyiv. Danger! Kharkiv",
        "Shahed over Kyiv. Danger of glide bombs in Kharkiv",
    ):
        assert "threat" in [report.stage for report in reader().read(text).reports], text
