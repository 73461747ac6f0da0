"""The checker's rules from both sides: what is only just right has no problem, what is only just wrong has one."""

from __future__ import annotations

import pytest

from tests.unit.cap.test_check import GOOD
from tests.unit.ingest.cap_texts import area, info, message
from tocsin.cap import read
from tocsin.cap.check import check
from tocsin.cap.read import read_alerts, read_cap
from tocsin.model.errors import BadRecord

SQUARE = "50,10 50,11 51,11 51,10 50,10"
INNER = "50.2,10.2 50.2,10.4 50.4,10.4 50.4,10.2 50.2,10.2"


def problems(*changes: tuple[str, str], profile: str = "basic") -> list[str]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return [problem.what for problem in check(text.encode(), profile=profile)]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("03:10:00", "03:00:00", True),
        ("03:10:00", "03:00:01", False),
        ("<expires>", "<onset>2026-03-01T03:10:00-00:00</onset><expires>", False),
        ("<expires>", "<effective>2026-03-01T03:10:01-00:00</effective><expires>", True),
        ("Public</scope>", "Public</scope><references>x,a0,2026-03-01T03:00:00-00:00</references>", False),
        ("Public</scope>", "Public</scope><references>x,a0,2026-03-01T03:00:01-00:00</references>", True),
        ("Public</scope>", "Public</scope><references>x,a1,2026-03-01T02:00:00-00:00</references>", False),
        ("Public</scope>", "Public</scope><references>town.example,a0,2026-03-01T02:00:00-00:00</references>", False),
        ("</altitude>", "</altitude><ceiling>100</ceiling>", False),
        ("</altitude>", "</altitude><ceiling>99.9</ceiling>", True),
        ("50,10 5<", "50,10 0<", False),
        ("50,10 5<", "50,10 20100<", False),
        ("50,10 5<", "50,10 20101<", True),
    ],
)
def test_a_rule_draws_its_line_where_it_says(old: str, new: str, wrong: bool) -> None:
    assert len(problems((old, new))) == wrong


def test_a_cancel_may_be_over_and_may_do_without_an_info_block() -> None:
    reference = ("Public</scope>", "Public</scope><references>x,a0,2026-03-01T02:00:00-00:00</references>")
    assert problems(reference, ("Alert</msgType>", "Cancel</msgType>"), ("03:10:00", "02:00:00")) == []
    assert problems(reference, ("Alert</msgType>", "Update</msgType>"), ("03:10:00", "02:00:00")) != []


@pytest.mark.parametrize(
    ("polygons", "found"),
    [
        ((SQUARE,), 0),
        ((SQUARE, "52,10 52,11 53,11 52,10"), 0),
        ((SQUARE, INNER), 1),
        ((INNER, SQUARE), 1),
        # One that cannot be read does not hide the next.
        (("50,10 50,11", SQUARE, INNER), 2),
    ],
)
def test_one_polygon_inside_another_is_said(polygons: tuple[str, ...], found: int) -> None:
    written = "".join(f"<polygon>{one}</polygon>" for one in polygons)
    assert len(problems(("<polygon>50,10 50,11 51,11 50,10</polygon>", written))) == found


@pytest.mark.parametrize(("length", "wrong"), [(160, False), (161, True)])
def test_our_own_headlines_have_at_most_160_characters(length: int, wrong: bool) -> None:
    told = problems(("<resource>", f"<headline>{'x' * length}</headline><resource>"), profile="tocsin")
    assert any("longer than 160" in what for what in told) == wrong


def test_a_signature_comes_last_once_everything_that_must_be_there_is() -> None:
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    assert problems(("</alert>", f"{signature}</alert>")) == []
    assert problems(("<info>", f"{signature}<info>"))[0].startswith("info")
    early = problems(("<scope>Public</scope>", ""), ("</alert>", f"{signature}</alert>"))
    assert len(early) == 1 and "scope" in early[0]


def test_a_message_sent_at_no_place_is_taken_as_sent_in_greenwich_and_one_sent_at_no_time_is_refused() -> None:
    alert = read_cap(message(sent="2026-03-01T03:00:00"))
    assert alert.sent == read_cap(message(sent="2026-03-01T03:00:00-00:00")).sent
    assert alert.problems[0].endswith("taken as UTC")
    with pytest.raises(BadRecord, match="sent"):
        read_cap(message(sent="noon"))


def test_a_document_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text, most in (
        ("ALERTS_MAX", "<r>" + 3 * message().split("\n", 1)[1] + "</r>", 3),
        ("INFOS_MAX", message(3 * info()), 3),
        ("AREAS_MAX", message(info(3 * area(SQUARE))), 3),
    ):
        monkeypatch.setattr(read, name, most)
        assert read_alerts(text)
        monkeypatch.setattr(read, name, most - 1)
        with pytest.raises(BadRecord, match=f"at most {most - 1} are read"):
            read_alerts(text)
        monkeypatch.undo()


def test_what_is_not_said_is_unknown_and_in_english() -> None:
    bare = "<info><category>Safety</category><event>x</event><area><areaDesc>a</areaDesc></area></info>"
    (one,) = read_cap(message(bare)).infos
    assert (one.language, one.urgency, one.severity, one.certainty) == ("en-US", "Unknown", "Unknown", "Unknown")
    assert (one.effective, one.onset, one.expires) == (None, None, None)


def test_circles_and_polygons_are_read_as_they_are_written() -> None:
    (one,) = read_cap(message(info(area("50,10 50,11 51,11", SQUARE, circles=["50,10 5", "48.5,-9 0.25"])))).infos
    assert one.areas[0].circles == ((50.0, 10.0, 5.0), (48.5, -9.0, 0.25))
    assert [len(ring) for ring in one.areas[0].polygons] == [4, 5]
    assert one.areas[0].polygons[1][1] == (50.0, 11.0)
    assert one.areas[0].opened == 1
