"""What sources say stands side by side, by voice; what each allows together is said, and what cannot both be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.unit.ledger.test_names import source
from tests.unit.ledger.test_stores import NIGHT, claim
from tocsin.ledger.claim import Claim, Figure
from tocsin.ledger.decision import Merge
from tocsin.ledger.figures import figure_of
from tocsin.ledger.reconcile import Finding, reconcile
from tocsin.ledger.standing import Standing, Voices
from tocsin.ledger.window import Window
from tocsin.model.errors import BadValue

ALONE = Voices((), Standing())


def said(name: str, figure: str, *chain: str, **more: Any) -> Claim:
    return msgspec.structs.replace(claim(name), chain=chain, figure=figure_of(figure), **more)


def found(*claims: Claim, voices: Voices = ALONE) -> Finding:
    (one,) = reconcile(claims, voices)
    return one


def test_what_all_voices_allow_is_neither_an_average_nor_a_sum() -> None:
    one = found(said("a", "at least 5", "north"), said("b", "3 to 9", "south"), said("c", "up to 7", "east"))
    assert str(one.agreed) == "5 to 7"
    assert one.span == Figure()
    assert one.contradictions == ()


def test_voices_that_cannot_both_be_right_stand_as_a_contradiction() -> None:
    one = found(said("a", "5", "north"), said("b", "9", "south"), said("c", "about 5", "east"))
    assert one.agreed is None
    assert str(one.span) == "about 5 to 9"
    assert [(each.one, each.other, each.why) for each in one.contradictions] == [("north", "south", "5 against 9")]


def test_a_least_and_a_most_that_are_both_about_set_no_bound_together() -> None:
    one = found(said("a", "at least about 9", "north"), said("b", "up to about 5", "north"))
    assert one.statements[0].figure == Figure()


def test_one_voice_agrees_with_nobody() -> None:
    assert found(said("a", "5", "north"), said("b", "5", "north", "paper")).agreed is None


def test_a_sources_own_words_outweigh_how_others_quote_it() -> None:
    one = found(said("a", "50", "north", "paper"), said("b", "5", "north"))
    (statement,) = one.statements
    assert str(statement.figure) == "5"
    assert [echo.id for echo in statement.echoes] == ["a"]


def test_a_figure_that_its_source_took_back_counts_no_more_however_late_it_is_quoted() -> None:
    late = NIGHT + timedelta(days=3)
    one = found(
        said("a", "5", "north", "paper"),
        said("b", "7", "north", "paper", revises="a"),
        said("c", "5", "north", "gazette", published=late),
    )
    (statement,) = one.statements
    assert str(statement.figure) == "7"
    assert [each.id for each in statement.revised] == ["a"]
    assert [each.id for each in statement.echoes] == ["c"]


def test_nobody_takes_back_what_another_said() -> None:
    one = found(said("a", "5", "north"), said("b", "0", "south", revises="a"))
    assert [str(each.figure) for each in one.statements] == ["5", "0"]


def test_outlets_that_pass_on_one_observatory_are_one_voice() -> None:
    sources = [source("north", "North"), source("relay", "Relay", echoes="north")]
    merge = Merge(id="m", recorded=NIGHT, by="desk", what="source", into="north", of=("nord",))
    voices = Voices(sources, Standing([merge]))
    one = found(said("a", "5", "north"), said("b", "5", "nord"), said("c", "5", "relay"), voices=voices)
    (statement,) = one.statements
    assert [each.id for each in statement.claims] == ["a", "b"]
    assert [each.id for each in statement.echoes] == ["c"]


def test_who_denies_and_who_names_another_party_contradict() -> None:
    blames = [
        msgspec.structs.replace(said(name, "unknown", who, denied=denied), measure="responsibility", subject=party)
        for name, who, party, denied in (
            ("a", "north", "A", False),
            ("b", "south", "A", True),
            ("c", "east", "B", False),
        )
    ]
    first, second = reconcile(blames, ALONE)
    assert {each.why for each in first.contradictions} == {"one denies what the other says", "A against B"}
    assert second.contradictions == ()


def test_outages_whose_times_do_not_meet_contradict_and_open_ends_do_not() -> None:
    def out(name: str, who: str, begin: int, end: int | None) -> Claim:
        window = Window(begin=NIGHT + timedelta(hours=begin), end=None if end is None else NIGHT + timedelta(hours=end))
        return msgspec.structs.replace(claim(name), chain=(who,), measure="outage", figure=None, window=window)

    assert found(out("a", "north", 0, None), out("b", "south", 4, 5)).contradictions == ()
    (only,) = found(out("a", "north", 0, 3), out("b", "south", 4, 5)).contradictions
    assert only.why == "the times do not meet"


def test_of_whom_it_is_said_is_told_apart_whatever_its_letters() -> None:
    claims = [
        said(name, "5", who, subject=whom) for name, who, whom in (("a", "n", "Civilians"), ("b", "s", " civilians"))
    ]
    assert found(*claims).subject == "Civilians"
    assert len(reconcile([*claims, said("c", "5", "n")], ALONE)) == 2


@pytest.mark.parametrize(
    ("words", "figure"),
    [
        ("five", "5"), ("At least nine", "at least 9"), ("more than 1,000", "at least 1001"),
        ("over 20", "at least 21"), ("fewer than 3", "up to 2"), ("up to about 30", "up to about 30"),
        ("between 3 and 5", "3 to 5"), ("10+", "at least 10"), ("dozens", "at least 24"), ("none", "0"),
        ("at least hundreds", "at least 200"), ("some 40", "about 40"), ("unknown", "unknown"),
    ],
)  # fmt: skip
def test_a_figure_is_read_from_words(words: str, figure: str) -> None:
    assert str(figure_of(words)) == figure


@pytest.mark.parametrize("words", ["", "many", "five or so", "-3", "5.5", "5 to 3", "at least", "99999999999"])
def test_words_that_say_no_number_are_refused(words: str) -> None:
    with pytest.raises(BadValue):
        figure_of(words)


@pytest.mark.parametrize(
    "third",
    [
        claim("c", chain=("third",), low=0),
        msgspec.structs.replace(claim("c", chain=("third",)), figure=Figure(low=300, high=300, about=True)),
        msgspec.structs.replace(claim("c", chain=("third",)), figure=None, denied=True),
    ],
)
def test_nothing_is_said_to_be_allowed_by_all_while_one_says_otherwise(third: Claim) -> None:
    both = claim("a", low=5), claim("b", low=5, chain=("sana",))
    voices = Voices((), Standing())
    assert reconcile(both, voices)[0].agreed == Figure(low=5, high=5)
    assert reconcile((*both, third), voices)[0].agreed is None
