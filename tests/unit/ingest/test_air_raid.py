"""The table of what counts as an air raid holds for its own examples and for the codes in use."""

from __future__ import annotations

import pytest

from tests.some import some
from tocsin.cap.texts import texts_in
from tocsin.ingest.air_raid import judged, table
from tocsin.words.catalogue import languages

ROWS = {f"{row.language}-{row.means}": row for row in table().words}
SUBJECTS = {"air_raid": "air_raid", "sign": "air_raid", "call": "air_raid", "other": "other", "drill": "drill"}


def test_every_language_has_one_row_of_a_meaning_and_every_row_has_examples() -> None:
    assert len(ROWS) == len(table().words) and all(row.examples for row in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
def test_every_row_finds_its_own_examples(name: str) -> None:
    row = ROWS[name]
    for example in some(row.examples):
        judgement = judged((example, ""), (), ())
        if row.means in SUBJECTS:
            assert judgement == (SUBJECTS[row.means], False), example
        elif row.means == "not_drill":
            assert judgement.subject == "air_raid", example
        else:
            assert judgement.over == (row.means == "over"), example


def test_no_phrase_of_a_drill_or_of_something_else_lies_in_an_air_raids_example() -> None:
    raids = [example for row in ROWS.values() if row.means == "air_raid" for example in row.examples]
    for example in some(raids):
        assert judged((example,), (), ()).subject == "air_raid", example


@pytest.mark.parametrize("language", languages())
def test_our_own_messages_are_air_raids_and_our_own_drills_are_none(language: str) -> None:
    texts = texts_in(language)
    for level in ("prepare", "take_cover"):
        said = judged((texts.event, texts.headline(level, drill=False)), (), ("Safety", "Security"))
        assert said.subject in ("air_raid", "unknown")
    assert judged((texts.event, texts.headline("take_cover", drill=False)), (), ()).subject == "air_raid"


@pytest.mark.parametrize(
    ("scheme", "value", "subject"),
    [
        ("SAME", "TOR", "other"), ("SAME", "RWT", "drill"), ("SAME", "CDW", "unknown"), ("SAME", "CAE", "other"),
        ("oref:category", "1", "air_raid"), ("oref:category", "2", "air_raid"), ("HFC", "missiles", "air_raid"),
        ("Home Front Command", "hostileAircraftIntrusion", "air_raid"), ("oref", "10", "other"),
        ("oref", "14", "air_raid"), ("oref", "15", "drill"), ("oref", "missilesDrill", "drill"),
        ("oref", "7", "other"), ("ukrainealarm", "AIR", "air_raid"), ("ukrainealarm", "ARTILLERY", "air_raid"),
        ("alerts.in.ua", "air_raid", "air_raid"), ("ukrainealarm", "URBAN_FIGHTS", "other"),
        ("ukrainealarm", "CHEMICAL", "other"), ("ukrainealarm", "NUCLEAR", "other"), ("something", "1", "unknown"),
        ("", "AIR", "unknown"),
    ],
)  # fmt: skip
def test_codes_count_under_their_own_schemes(scheme: str, value: str, subject: str) -> None:
    assert judged(("", ""), [(scheme, value)], ()).subject == subject


def test_a_code_says_that_it_is_over() -> None:
    assert judged(("עדכון",), [("oref", "13")], ()).over


def test_a_sign_counts_only_where_nothing_says_that_it_is_something_else() -> None:
    assert judged(("Drones over the city",), (), ()).subject == "air_raid"
    assert judged(("Drones over the city", "A light show with fireworks"), (), ()).subject == "other"
    assert judged(("Drone",), (), ("Met",)).subject == "other"
    assert judged(("Drone attack", "A chemical plant burns"), (), ("Fire",)).subject == "air_raid"


def test_what_is_no_drill_is_none_and_what_is_both_is_one() -> None:
    assert judged(("Missile alert. THIS IS NOT A DRILL.",), (), ()).subject == "air_raid"
    assert judged(("Exercise: this is not a drill",), (), ()).subject == "drill"


@pytest.mark.parametrize(
    "event",
    ["Airport closed", "Rainstorm", "Testament", "Exercised", "Ceilings", "Aviary", "Missed", "Gale", "Driller"],
)
def test_words_that_only_look_alike_are_not_found(event: str) -> None:
    assert judged((event,), (), ()).subject in ("unknown", "other")


def test_case_accents_and_particles_are_passed_over() -> None:
    for event in (
        "ALARMĂ AERIANĂ",
        "alarma aeriana",
        "Тревога: РАКЕТНАЯ ОПАСНОСТЬ",
        "והצבע האדום: לירי רקטות",
        "والغارات الجوية",
    ):
        assert judged((event,), (), ()).subject == "air_raid", event
