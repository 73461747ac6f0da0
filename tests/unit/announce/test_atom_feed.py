"""The Atom feed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from lxml import etree

from tocsin.announce import atom_feed as feed_module
from tocsin.announce.atom_feed import AtomFeed, archived, feed
from tocsin.announce.cap_archive import PAGE, Archive
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.cap.write import Author, Issuer
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", sender_name="Example <Warnings>", languages=("de", "en"))


@pytest.fixture
def author(zones: tuple[Zone, ...]) -> Author:
    return Author(ISSUER, zones)


def entries(xml: bytes) -> list[etree._Element]:
    return list(etree.fromstring(xml).findall("{*}entry"))


def links(xml: bytes) -> dict[str, str]:
    return {link.get("rel"): link.get("href") for link in etree.fromstring(xml).findall("{*}link")}


def text(element: etree._Element, name: str) -> str:
    return str(element.findtext(f"{{*}}{name}"))


def test_the_newest_message_comes_first_and_links_to_itself(author: Author, warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER)
    archive.apply([warn("z0")])
    (newest,) = archive.apply([warn("z1", "prepare", at_s=60)])
    xml = feed(archive, author, "https://tocsin.example", drill=True)
    first, second = entries(xml)
    assert first.find("{*}link").get("href") == f"https://tocsin.example/cap/{newest.identifier}.xml"
    assert text(first, "updated") == "2026-03-01T03:01:00Z" == etree.fromstring(xml).findtext("{*}updated")
    assert text(first, "title").startswith("ÜBUNG") and "Stadt 1" in text(first, "title")
    assert [c.get("term") for c in second.findall("{*}category")] == ["take_cover", "drill"]
    assert etree.fromstring(xml).findtext("{*}title").startswith("ÜBUNG")


def test_entries_never_change_and_keep_their_ids_when_the_service_moves(
    author: Author, warn: Callable[..., Warning]
) -> None:
    archive = Archive(ISSUER)
    archive.apply([warn("z0")])
    before = etree.tostring(entries(feed(archive, author, "", drill=True))[0])
    archive.apply([warn("z1", at_s=5)])
    assert etree.tostring(entries(feed(archive, author, "", drill=True))[1]) == before
    moved = entries(feed(archive, author, "https://elsewhere.example", drill=True))
    assert text(moved[1], "id") == text(etree.fromstring(before), "id")
    assert text(moved[0], "id") != text(moved[1], "id")


def test_the_feed_and_its_pages_list_every_message_and_an_empty_one_is_still_a_feed(
    author: Author, warn: Callable[..., Warning]
) -> None:
    archive = Archive(ISSUER)
    assert entries(feed(archive, author, "", drill=False)) == [] and archive.page() is None
    (first,) = archive.apply([warn("z1")])
    for number in range(2 * PAGE + 2):
        archive.apply([warn("z0", revision=number, at_s=number)])
    now = feed(archive, author, "https://tocsin.example", drill=True)
    # What was said first is still in force, and three messages are on no page yet.
    assert len(entries(now)) == 1 + 3
    assert entries(now)[-1].find("{*}link").get("href").endswith(f"/cap/{first.identifier}.xml")
    listed = [text(entry, "id") for entry in entries(now)[:-1]]
    older = links(now)
    pages = []
    while "prev-archive" in older:
        name = older["prev-archive"].removeprefix("https://tocsin.example/feed/").removesuffix(".atom")
        page = archive.page(name)
        assert page is not None
        xml = archived(page, author, "https://tocsin.example", drill=True)
        assert etree.fromstring(xml).find("{http://purl.org/syndication/history/1.0}archive") is not None
        assert len(entries(xml)) == PAGE
        listed += [text(entry, "id") for entry in entries(xml)]
        older = links(xml)
        assert older["current"] == "https://tocsin.example/feed.atom"
        pages.append(older)
    assert len(set(listed)) == len(listed) == 2 * PAGE + 3
    assert ["next-archive" in page for page in pages] == [False, True]


def test_many_places_are_counted_not_listed(
    author: Author, warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PLACES_MAX", 2)
    archive = Archive(ISSUER)
    archive.apply([warn(f"z{n}") for n in range(6)])
    (entry,) = entries(feed(archive, author, "", drill=True))
    assert text(entry, "summary").endswith("Stadt 0, Stadt 1 … (+4)") and text(entry, "title").endswith("(+5)")


def test_a_feed_that_was_read_shows_what_comes_after_and_what_it_is_called(
    author: Author, warn: Callable[..., Warning]
) -> None:
    messages = CapMessages(author)
    channel = AtomFeed(messages, "", drill=True)
    seen = []
    for number in range(3):
        seen.append(len(entries(channel.xml())))
        batch = Batch(number, warn("z0").time, (warn(f"z{number}", at_s=number),))
        messages.fold(batch)
        channel.fold(batch)
    assert (seen, len(entries(channel.xml()))) == ([0, 1, 2], 3)
    made = channel.xml()
    channel.fold(Batch(9, warn("z0").time, (), whole=True))
    assert channel.xml() == made
    channel.label(False)
    assert "ÜBUNG" not in str(etree.fromstring(channel.xml()).findtext("{*}title"))
    assert "ÜBUNG" in str(etree.fromstring(made).findtext("{*}title"))


def test_each_entry_says_itself_whether_it_is_a_drill(author: Author, warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER)
    archive.apply([warn("z0")])
    archive.apply([msgspec.structs.replace(warn("z1", at_s=1), drill=False)])
    for drill in (False, True):
        found = entries(feed(archive, author, "", drill=drill))
        assert [len(one.findall("{*}category[@term='drill']")) for one in found] == [0, 1]


def test_an_entry_is_called_after_the_gravest_and_says_the_rest(author: Author, warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER)
    archive.apply([warn("z0"), warn("z1"), warn("z2")])
    archive.apply([warn("z1", "prepare", 2, 60, replaces="z1/1/1/take_cover")])
    entry = entries(feed(archive, author, "", drill=True))[0]
    assert text(entry, "title").endswith("Stadt 0 (+1)")
    cover, prepare = author.headlines(archive.current[-1])
    assert text(entry, "summary") == f"{cover[0]}. Stadt 0, Stadt 2 {prepare[0]}. Stadt 1"
