"""The RSS feed."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree

from tests.some import some
from tocsin.announce.atom_feed import feed
from tocsin.announce.cap_archive import Archive
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.rss_feed import RssFeed, rss
from tocsin.cap.feed import listed_in
from tocsin.cap.write import Author, Issuer
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ISSUER = Issuer(sender="warnings.example", sender_name="Example <Warnings>", languages=("en", "de"))
URL = "https://tocsin.example"


@pytest.fixture
def archive(warn: Callable[..., Warning]) -> Archive:
    archive = Archive(ISSUER)
    archive.apply([warn("z0"), warn("z1", "prepare")])
    archive.apply([warn("z2", at_s=60)])
    return archive


def test_rss_lists_what_atom_lists_in_the_same_order(archive: Archive, zones: tuple[Zone, ...]) -> None:
    author = Author(ISSUER, zones)
    xml = rss(archive, author, URL, drill=True)
    items = etree.fromstring(xml).findall("channel/item")
    entries = etree.fromstring(feed(archive, author, URL, drill=True)).findall("{*}entry")
    assert len(items) == 3
    for item, entry in some(zip(items, entries, strict=True)):
        assert item.findtext("title") == entry.findtext("{*}title")
        assert item.findtext("description") == entry.findtext("{*}summary")
        assert item.findtext("link") == entry.find("{*}link").get("href")
        assert item.findtext("link").endswith(".xml"), "importers of CAP tell messages by that"
        assert item.findtext("guid") == entry.findtext("{*}id")
        assert item.find("guid").get("isPermaLink") == "false"
    dates = [parsedate_to_datetime(item.findtext("pubDate")) for item in items]
    assert dates == sorted(dates, reverse=True)
    assert rss(archive, author, URL, drill=True) == xml


def test_our_own_reader_of_neighbours_feeds_finds_every_message_in_it(
    archive: Archive, zones: tuple[Zone, ...]
) -> None:
    listed = listed_in(rss(archive, Author(ISSUER, zones), URL, drill=False))
    assert listed.problems == ()
    assert [one.link for one in listed.entries] == [f"{URL}/cap/{one.identifier}.xml" for one in archive.current]
    assert listed_in(rss(Archive(ISSUER), Author(ISSUER, zones), URL, drill=False)).entries == ()


def test_rss_says_what_is_a_drill(zones: tuple[Zone, ...], warn: Callable[..., Warning]) -> None:
    messages = CapMessages(Author(ISSUER, zones))
    channel = RssFeed(messages, URL, drill=False)
    messages.fold(batch := Batch(1, warn("z0").time, (warn("z0"),)))
    channel.fold(batch)
    root = etree.fromstring(channel.xml())
    assert not root.findtext("channel/title").startswith("DRILL")
    assert [one.text for one in root.findall("channel/item/category")] == ["take_cover", "drill"]
    assert "DRILL" in root.findtext("channel/item/title")
    channel.label(True)
    assert etree.fromstring(channel.xml()).findtext("channel/title").startswith("DRILL")
