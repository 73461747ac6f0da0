"""How much of a message is read: so much and no more, said as a number."""

from __future__ import annotations

import pytest

from tests.unit.cap.test_check import GOOD
from tocsin.cap.read import CapAlert, read_alerts, read_cap
from tocsin.model.errors import BadInput

INFO = GOOD[GOOD.index("<info>") : GOOD.index("</alert>")]
AREA = INFO[INFO.index("<area>") : INFO.index("</info>")]
REFERENCE = "x,a0,2026-03-01T02:00:00-00:00"


def read(old: str, new: str) -> CapAlert:
    assert old in GOOD
    return read_cap(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "many", "most"),
    [
        (INFO, "<info><event>A</event></info>", 200),
        (AREA, "<area/>", 20_000),
        ("<category>Safety</category>", "<category>Safety</category>", 2_000),
        ("<polygon>50,10 50,11 51,11 50,10</polygon>", "<polygon/>", 2_000),
        ("<circle>50,10 5</circle>", "<circle/>", 2_000),
        ("<geocode>", "<geocode><valueName>a</valueName><value>b</value></geocode>", 1_999),
    ],
)
def test_more_of_one_kind_than_anybody_sends_is_refused_and_so_many_are_read(old: str, many: str, most: int) -> None:
    tail = old if old == "<geocode>" else ""
    assert read(old, many * most + tail).sender == "town.example"
    with pytest.raises(BadInput, match=f"at most {most + bool(tail)} are read"):
        read(old, many * (most + 1) + tail)


def test_ten_thousand_messages_are_read_at_once() -> None:
    one = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier><sender>s</sender>'
    one += "<sent>2026-03-01T03:00:00Z</sent><status>Actual</status><msgType>Alert</msgType></alert>"
    assert len(read_alerts(f"<feed>{one * 10_000}</feed>")) == 10_000
    with pytest.raises(BadInput, match="10001 CAP messages in one document; at most 10000 are read"):
        read_alerts(f"<feed>{one * 10_001}</feed>")


def test_a_text_is_cut_at_twenty_thousand_characters_and_references_at_two_thousand() -> None:
    assert len(read("Air raid", "a" * 20_001).infos[0].event) == 20_000
    alert = read("Public</scope>", f"Public</scope><references>{' '.join([REFERENCE] * 2_001)}</references>")
    assert alert.references == (("x", "a0", "2026-03-01T02:00:00-00:00"),) * 2_000


def test_of_an_area_that_is_wrong_everywhere_twenty_faults_are_named() -> None:
    (area,) = read("<circle>", "<circle>nowhere</circle>" * 21 + "<circle>").infos[0].areas
    assert len(area.problems) == 20 and area.circles == ((50.0, 10.0, 5.0),)
