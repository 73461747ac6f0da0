"""The Atom feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from tocsin.announce import atom_feed as feed_module
from tocsin.announce.atom_feed import ENTRIES_MAX, feed
from tocsin.announce.cap_archive import Archive
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
    assert len(entries(feed(archive, author, "", drill=True))) == ENTRIES_MAX


def test_many_places_are_counted_not_listed(
    author: Author, warn: Callable[..., Warning], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PLACES_MAX", 2)
    archive = Archive(ISSUER)
    archive.apply([warn(f"z{n}") for n in range(6)])
    (entry,) = entries(feed(archive, author, "", drill=True))
    assert text(entry, "summary").endswith("Stadt 0, Stadt 1 … (+4)") and text(entry, "title").endswith("(+5)")
