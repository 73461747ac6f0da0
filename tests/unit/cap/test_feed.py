"""What lists CAP messages, in the forms that services use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ingest.cap_texts import message
from tocsin.cap.feed import LISTED_MAX, listed_in
from tocsin.cap.read import read_cap

OLD, NEW = "2026-03-01T03:00:00+00:00", "2026-03-01T03:05:00+00:00"


def bare(**more: str) -> str:
    return message(**more).split("\n", 1)[1]


def atom(*entries: str) -> bytes:
    inside = "".join(f"<entry>{one}</entry>" for one in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{inside}</feed>'.encode()


@pytest.mark.parametrize(
    "entry",
    [
        '<id>urn:1</id><link href="a.html" type="text/html"/><link href="a.xml" type="application/cap+xml"/>',
        '<id>urn:1</id><content src="a.xml" type="application/cap+xml"/><link href="b.xml"/>',
        '<id>urn:1</id><link rel="self" href="b.xml"/><link href="a.xml"/>',
        "<guid>1</guid><link>a.xml</link>",
        '<guid>1</guid><link>b.xml</link><enclosure url="a.xml" length="1" type="application/cap+xml"/>',
        "<nonXMLContent><mimeType>application/xml</mimeType><uri>a.xml</uri></nonXMLContent>",
    ],
)
def test_the_link_to_the_message_is_found(entry: str) -> None:
    (found,) = listed_in(f"<r><entry>{entry}</entry></r>".encode()).entries
    assert found.link == "a.xml"


def test_links_come_oldest_first_by_what_the_feed_says_else_by_its_order() -> None:
    times = {"b": NEW, "c": OLD, "a": "2026-03-01T04:04:00+01:00"}
    dated = atom(*(f'<updated>{at}</updated><link href="{name}"/>' for name, at in times.items()))
    assert [one.link for one in listed_in(dated).entries] == ["c", "a", "b"]
    undated = atom(*(f'<updated>soon</updated><link href="{name}"/>' for name in "cba"))
    assert [one.link for one in listed_in(undated).entries] == ["a", "b", "c"]
    rss = "<rss><channel>{}</channel></rss>".format(
        "".join(
            f"<item><link>{name}</link><pubDate>Sun, 01 Mar 2026 03:0{minute}:00 GMT</pubDate></item>"
            for name, minute in (("b", 5), ("c", 0), ("a", 4))
        )
    )
    assert [one.link for one in listed_in(rss.encode()).entries] == ["c", "a", "b"]


def test_an_entry_that_changes_has_another_version() -> None:
    first, second = (
        listed_in(atom(f'<id>1</id><updated>{at}</updated><link href="a"/>')).entries[0].version for at in (OLD, NEW)
    )
    assert first != second


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="b"/><content>{}</content></entry></feed>',
        "<rss><channel><item><description>{}</description></item></channel></rss>",
        '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><contentObject><xmlContent>'
        "<embeddedXMLContent>{}</embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>",
        "<alerts>{}</alerts>",
    ],
)
def test_a_message_inside_is_a_document_of_its_own(around: str) -> None:
    found = listed_in(around.format(bare(identifier="inside")).encode())
    assert not found.entries
    assert not found.problems
    (one,) = found.messages
    assert read_cap(one.xml) == read_cap(bare(identifier="inside"))
    assert one.sent.isoformat() == OLD


def test_messages_come_oldest_first_and_a_broken_one_costs_itself() -> None:
    some = (
        bare(identifier="new", sent=NEW),
        bare(identifier="broken", sent="yesterday"),
        bare(identifier="old", sent=OLD),
    )
    found = listed_in(f"<alerts>{''.join(some)}</alerts>".encode())
    assert [read_cap(one.xml).identifier for one in found.messages] == ["old", "new"]
    (problem,) = found.problems
    assert "yesterday" in problem


def test_of_a_list_without_end_the_newest_are_kept_and_the_rest_is_told() -> None:
    found = listed_in(atom(*(f'<link href="{number}"/>' for number in range(LISTED_MAX + 7))))
    assert len(found.entries) == LISTED_MAX
    assert found.entries[-1].link == "0"
    assert (found.beyond, found.problems) == (7, ())


def test_of_faults_without_end_the_rest_is_counted() -> None:
    found = listed_in(atom(*["<title>no link</title>"] * (LISTED_MAX + 3)))
    assert (len(found.problems), found.beyond) == (LISTED_MAX, 3)


_ENTRIES = {
    "link": '<link href="https://w.example/{n}.xml" type="application/cap+xml"/>',
    "message": "{message}",
    "undated": "{undated}",
    "stranger": '<content><alert xmlns="urn:oasis:names:tc:emergency:cap:1.3"/></content>',
    "nothing": "<title>t</title>",
}


@given(st.lists(st.sampled_from(sorted(_ENTRIES)), max_size=12))
def test_every_entry_of_a_feed_is_a_link_a_message_or_a_problem(kinds: list[str]) -> None:
    entries = [
        _ENTRIES[kind].format(
            n=number, message=bare(identifier=f"m{number}"), undated=bare(sent="soon", identifier=f"u{number}")
        )
        for number, kind in enumerate(kinds)
    ]
    listed = listed_in(atom(*entries))
    assert len(listed.entries) == kinds.count("link")
    assert len(listed.messages) == kinds.count("message")
    assert len(listed.problems) == len(kinds) - len(listed.entries) - len(listed.messages)
