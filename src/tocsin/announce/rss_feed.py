"""The RSS 2.0 feed of CAP messages at /feed.rss, newest first: those in force, and the newest.

It lists what the Atom feed lists, for readers that know nothing else; older messages are on the pages of that one.

Order     newest message first; an item never changes once it is there
Retries   readers poll; a reader that was away finds all that is in force
Bounds    messages in force, and one page of others
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from tocsin.announce.atom_feed import (
    ATOM,
    Listed,
    WrittenFeed,
    cap_path,
    entry_summary,
    entry_title,
    feed_title,
    lasting_id,
)
from tocsin.announce.quality import Quality, done, exempt, todo
from tocsin.cap.write import Author, Message, add
from tocsin.model.value import EPOCH


class RssFeed(WrittenFeed):
    """The channel."""

    name = "rss_feed"
    quality = Quality(
        one_batch=exempt("its items are CAP messages, and those hold to it"),
        order=done("test_rss_lists_what_atom_lists_in_the_same_order"),
        idempotent=done("test_rss_lists_what_atom_lists_in_the_same_order"),
        bounded=exempt("it lists what the Atom feed lists, without its pages"),
        stands_alone=done("test_a_listener_that_always_raises_stops_nothing_and_is_said_once"),
        retries=exempt("readers poll, and find what they missed"),
        deadline=exempt("it lists messages, and those carry their expiry"),
        receipts=exempt("readers poll, and nobody knows who they are"),
        restart=exempt("its items are CAP messages, and those hold to it"),
        drill=done("test_rss_says_what_is_a_drill"),
        private=exempt("it says what the Atom feed says, and nothing else"),
        blindness=todo("it does not say itself that we may be blind; the messages do"),
        languages=todo("it is in the first language of the settings only"),
        proof=todo("it is not signed itself; the messages that it links to are, where a key is set"),
    )

    def _write(self) -> bytes:
        return rss(self._messages.archive, self._messages.author, self._base_url, drill=self._drill)


def rss(archive: Listed, author: Author, base_url: str, *, drill: bool) -> bytes:
    """The feed as UTF-8 XML; `base_url` as in `atom_feed.feed`. The same messages give the same bytes.

    Links of items end in `.xml`: importers of CAP tell messages by that.
    """
    root = etree.Element("rss", nsmap={"atom": ATOM})
    root.set("version", "2.0")
    channel = add(root, "channel")
    title = feed_title(author, drill=drill)
    add(channel, "title", title)
    add(channel, "link", f"{base_url}/")
    add(channel, "description", title)
    add(channel, "language", author.issuer.languages[0])
    add(channel, "lastBuildDate", _time(max((message.sent for message in archive.current), default=EPOCH)))
    own = etree.SubElement(channel, f"{{{ATOM}}}link")
    own.set("rel", "self")
    own.set("href", f"{base_url}/feed.rss")
    own.set("type", "application/rss+xml")
    for message in reversed(archive.current):
        _add_item(channel, message, author, base_url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add_item(channel: etree._Element, message: Message, author: Author, base_url: str) -> None:
    item = add(channel, "item")
    add(item, "title", entry_title(author, message))
    add(item, "link", base_url + cap_path(message))
    add(item, "description", entry_summary(author, message))
    for category in (message.level, *(("drill",) if message.drill else ())):
        add(item, "category", category)
    add(item, "guid", lasting_id(author, message.identifier)).set("isPermaLink", "false")
    add(item, "pubDate", _time(message.sent))


def _time(time: datetime) -> str:
    return format_datetime(time.replace(microsecond=0), usegmt=True)
