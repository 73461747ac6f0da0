"""The Atom feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from lxml import etree

from tocsin.announce import atom_feed as feed_module
from tocsin.announce.atom_feed import ENTRIES_MAX, AtomFeed, feed
from tocsin.announce.cap_archive import Archive
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


def test_a_feed_is_bounded_and_an_empty_one_is_still_a_feed(author: Author, warn: Callable[..., Warning]) -> None:
    archive = Archive(ISSUER)
    assert entries(feed(archive, author, "", drill=False)) == []
    for number in range(ENTRIES_MAX + 3):
        archive.apply([warn("z0", revision=number, at_s=timedelta(seconds=number).total_seconds())])
    found = entries(feed(archive, author, "", drill=True))
    assert len(found) == ENTRIES_MAX == 100
    names = [message.identifier for message in archive.messages]
    assert [one.find("{*}link").get("href") for one in found] == [f"/cap/{name}.xml" for name in names[:-101:-1]]


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
