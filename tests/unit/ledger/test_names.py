"""Sources that may be one are proposed with the reason, incidents too, and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tocsin.ledger.alias import propose_aliases
from tocsin.ledger.decision import Apart, Merge
from tocsin.ledger.duplicates import propose_duplicates
from tocsin.ledger.incident import Incident
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.standing import Standing
from tocsin.ledger.window import Place, Window

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def source(name: str, *names: str, language: str = "", site: str | None = None, echoes: str | None = None) -> Source:
    texts = tuple(SourceName(text=text, language=language) for text in names)
    return Source(id=name, recorded=NOW, by="desk", source=name, names=texts, site=site, echoes=echoes)


SOHR = "Syrian Observatory for Human Rights"


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (source("a", "SOHR"), source("b", SOHR), "are the initials of"),
        (source("a", "OSDH"), source("b", SOHR), "in another language (fr)"),
        (source("a", "المرصد السوري لحقوق الإنسان"), source("b", SOHR), "mean the same"),
        (source("a", "Міністерство охорони здоров'я"), source("b", "Ministry of Health"), "mean the same"),
        (source("a", "Enab Baladi"), source("b", "عنب بلدي"), "sound alike in two scripts"),
        (source("a", "Kyiv Post"), source("b", "KYIV  post"), "are the same name"),
        (source("a", "قناة ١٢"), source("b", "قناة 12"), "are the same name"),
        (
            source("a", "A", site="https://www.news.example/en"),
            source("b", "B", site="http://news.example"),
            "both publish",
        ),
        (
            source("a", "A", site="https://t.me/Channel"),
            source("b", "B", site="https://t.me/channel/7"),
            "both publish",
        ),
    ],
)
def test_two_names_of_one_source_are_proposed_with_the_reason(one: Source, other: Source, reason: str) -> None:
    (found,) = propose_aliases([one, other], Standing())
    assert (found.one, found.other) == ("a", "b")
    assert any(reason in str(said) for said in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (source("a", "Syrian Network for Human Rights", "SNHR"), source("b", SOHR, "SOHR")),
        (source("a", "Ministry of Health of Ukraine"), source("b", "Ministry of Health of Poland")),
        (source("a", "One", site="https://t.me/one"), source("b", "Two", site="https://t.me/two")),
        (source("a", "Ministry of Health"), source("b", "Ministry of Defence")),
        (source("a", "Al Alam"), source("b", "Al Manar")),
        (source("a", "Al Manar"), source("b", "El Minor")),
        (source("a", "Channel 12"), source("b", "Channel 13")),
        (source("a", "Канал 24"), source("b", "Kanal 5")),
        (source("a", "قناة ١٢"), source("b", "قناة ١٣")),
    ],
)  # fmt: skip
def test_names_that_only_resemble_each_other_are_not_proposed(one: Source, other: Source) -> None:
    assert propose_aliases([one, other], Standing()) == ()


def test_what_is_merged_or_said_to_be_two_is_proposed_no_more() -> None:
    pair = [source("a", "SOHR"), source("b", "Syrian Observatory for Human Rights")]
    said = {"id": "d", "recorded": NOW, "by": "desk", "what": "source"}
    for decision in (Merge(**said, into="b", of=("a",)), Apart(**said, one="b", other="a")):  # type: ignore[arg-type]
        assert propose_aliases(pair, Standing([decision])) == ()


def incident(name: str, lat: float = 33.5, hours: float = 0.0, struck: str = "", **more: object) -> Incident:
    begin = NOW + timedelta(hours=hours)
    given: dict[str, object] = {"place": Place(lat=lat, lon=36.3, sigma_m=1_000.0), "threat": "drone"} | more
    window = Window(begin=begin, end=begin + timedelta(hours=3))
    return Incident(id=name, recorded=NOW, by="desk", incident=name, struck=struck, window=window, **given)  # type: ignore[arg-type]


def test_incidents_near_each_other_in_place_and_time_are_proposed_with_what_speaks_for_it() -> None:
    pair = [incident("a", struck="an oil depot"), incident("b", 33.51, 2, "Depot burning")]
    (found,) = propose_duplicates(pair, Standing())
    assert (found.one, found.other) == ("a", "b")
    said = [str(one) for one in found.reasons]
    assert said[0].startswith("1.1 km apart")
    assert "both name depot" in said
    assert "both by drone" in said


@pytest.mark.parametrize(
    "other",
    [
        incident("b", 34.5),
        incident("b", hours=4),
        incident("b", threat="ballistic_missile"),
        incident("b", drill=True),
        incident("b", place=None),
        incident("b", place=Place(lat=33.5, lon=36.3, sigma_m=50_000.0)),
    ],
    ids=["elsewhere", "later", "by something else", "a drill", "nowhere", "anywhere"],
)
def test_incidents_that_differ_are_not_proposed(other: Incident) -> None:
    assert list(propose_duplicates([incident("a"), other], Standing())) == []


def test_only_the_newest_record_of_an_incident_is_compared() -> None:
    moved = msgspec.structs.replace(incident("b", 50.0), id="b/2", recorded=NOW + timedelta(hours=1))
    assert list(propose_duplicates([incident("a"), moved, incident("b")], Standing())) == []
