"""The Atom feed (RFC 4287) of CAP messages at /feed.atom, newest first, and its older pages (RFC 5005).

Order     newest message first; an entry never changes once it is there
Retries   readers poll; a reader that was away finds all that is in force, and on the pages before it what is over
Bounds    messages in force, and one page of others; pages of PAGE entries, as many as the archive keeps messages for
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from tocsin.announce.cap_archive import Page
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Batch
from tocsin.announce.quality import Quality, done, exempt, todo
from tocsin.cap.texts import texts_in
from tocsin.cap.write import Author, Message, add
from tocsin.model.value import EPOCH, time_text

ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
HISTORY = "http://purl.org/syndication/history/1.0"
# A summary lists this many places by name and counts the rest.
PLACES_MAX = 20


class WrittenFeed(ABC):
    """A feed of another channel's messages, written when somebody reads it. Fold it after that one."""

    def __init__(self, messages: CapMessages, base_url: str, *, drill: bool) -> None:
        self._messages = messages
        self._base_url = base_url
        self._drill = drill
        self._made: bytes | None = None

    def label(self, drill: bool) -> None:
        """Be a drill's feed, or a live one, from now on."""
        self._drill, self._made = drill, None

    def fold(self, batch: Batch) -> None:
        """Forget the feed that was made before these warnings."""
        if batch.warnings:
            self._made = None

    def xml(self) -> bytes:
        """The feed."""
        if self._made is None:
            self._made = self._write()
        return self._made

    @abstractmethod
    def _write(self) -> bytes:
        """The feed, as of now."""


class AtomFeed(WrittenFeed):
    """The channel."""

    name = "atom_feed"
    quality = Quality(
        one_batch=exempt("its entries are CAP messages, and those hold to it"),
        order=done("test_the_newest_message_comes_first_and_links_to_itself"),
        idempotent=done("test_entries_never_change_and_keep_their_ids_when_the_service_moves"),
        bounded=done("test_the_feed_and_its_pages_list_every_message_and_an_empty_one_is_still_a_feed"),
        stands_alone=done("test_a_listener_that_always_raises_stops_nothing_and_is_said_once"),
        retries=exempt("readers poll, and find what they missed"),
        deadline=exempt("it lists messages, and those carry their expiry"),
        receipts=exempt("readers poll, and nobody knows who they are"),
        restart=done("test_a_restart_shows_the_same_warnings_and_messages"),
        drill=done("test_the_newest_message_comes_first_and_links_to_itself"),
        private=done("test_nothing_public_names_a_source_a_reason_or_a_track"),
        blindness=todo("it does not say itself that we may be blind; the messages do"),
        languages=todo("it is in the first language of the settings only"),
        proof=todo("it is not signed itself; the messages that it links to are, where a key is set"),
    )

    def _write(self) -> bytes:
        return feed(self._messages.archive, self._messages.author, self._base_url, drill=self._drill)

    def page(self, name: str) -> bytes | None:
        """An older page by its name; None: there is none."""
        page = self._messages.archive.page(name)
        if page is None:
            return None
        return archived(page, self._messages.author, self._base_url, drill=self._drill)


def cap_path(message: Message) -> str:
    """Where the service serves a message."""
    return f"/cap/{quote(message.identifier, safe='')}.xml"


def page_path(name: str) -> str:
    """Where the service serves an older page."""
    return f"/feed/{quote(name, safe='')}.atom"


class Listed(Protocol):
    """What a feed lists: an archive, or how one was at some moment."""

    @property
    def current(self) -> tuple[Message, ...]:
        """As `Archive.current`."""

    def page(self, name: str | None = None) -> Page | None:
        """As `Archive.page`."""


def feed(archive: Listed, author: Author, base_url: str, *, drill: bool) -> bytes:
    """The feed as UTF-8 XML; `base_url` is the service's public address without a final slash (empty: relative links).

    The same messages give the same bytes: `updated` is the newest message's time, never the clock's.
    """
    page = archive.page()
    links = {"self": "/feed.atom"} | ({"prev-archive": page_path(page.name)} if page else {})
    return _document(archive.current, links, author, base_url, drill=drill)


def archived(page: Page, author: Author, base_url: str, *, drill: bool) -> bytes:
    """An archive document (RFC 5005, 4): its entries are the same for good."""
    links = {"self": page_path(page.name), "current": "/feed.atom"}
    links |= {"prev-archive": page_path(page.before)} if page.before else {}
    links |= {"next-archive": page_path(page.after)} if page.after else {}
    return _document(page.messages, links, author, base_url, drill=drill, archive=True)


def _document(
    messages: Sequence[Message],
    links: dict[str, str],
    author: Author,
    base_url: str,
    *,
    drill: bool,
    archive: bool = False,
) -> bytes:
    """Messages, oldest first, as a feed document, newest first."""
    issuer = author.issuer
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "fh": HISTORY})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", issuer.languages[0])
    add(root, "id", lasting_id(author, "feed"))
    name = issuer.sender_name or issuer.sender
    add(root, "title", feed_title(author, drill=drill))
    add(root, "updated", _time(max((message.sent for message in messages), default=EPOCH)))
    for relation, path in links.items():
        _link(root, relation, base_url + path, "application/atom+xml")
    add(add(root, "author"), "name", name)
    if archive:
        etree.SubElement(root, f"{{{HISTORY}}}archive")
    for message in reversed(messages):
        _add_entry(root, message, author, base_url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def feed_title(author: Author, *, drill: bool) -> str:
    """What the feed is called."""
    texts = texts_in(author.issuer.languages[0])
    title = f"{texts.event} – {author.issuer.sender_name or author.issuer.sender}"
    return f"{texts.drill}: {title}" if drill else title


def entry_title(author: Author, message: Message) -> str:
    """The gravest thing that a message says, and the first place it says it of."""
    headline, places = author.headlines(message)[0]
    return f"{headline}: {places[0]}" + (f" (+{len(places) - 1})" if len(places) > 1 else "")


def entry_summary(author: Author, message: Message) -> str:
    """All that a message says, in headlines and places."""
    return " ".join(f"{headline}. {_listed(places)}" for headline, places in author.headlines(message))


def _add_entry(root: etree._Element, message: Message, author: Author, base_url: str) -> None:
    entry = add(root, "entry")
    add(entry, "id", lasting_id(author, message.identifier))
    add(entry, "title", entry_title(author, message))
    add(entry, "updated", _time(message.sent))
    add(entry, "published", _time(message.sent))
    _link(entry, "alternate", base_url + cap_path(message), CAP_TYPE)
    # Readers that know pages only (feedparser, and cap-composer, which is built on it) take an entry's id for its link
    # unless one bears no type. Two alternates that differ in type are allowed (RFC 4287, 4.1.2).
    _link(entry, "alternate", base_url + cap_path(message))
    add(entry, "category").set("term", message.level)
    if message.drill:
        add(entry, "category").set("term", "drill")
    add(entry, "summary", entry_summary(author, message))


def _listed(places: Sequence[str]) -> str:
    rest = f" … (+{len(places) - PLACES_MAX})" if len(places) > PLACES_MAX else ""
    return ", ".join(places[:PLACES_MAX]) + rest


def lasting_id(author: Author, name: str) -> str:
    """An id that stays the same when the service moves to another address (RFC 4287, 4.2.6)."""
    return uuid5(NAMESPACE_URL, f"{author.issuer.sender}/{name}").urn


def _link(parent: etree._Element, rel: str, href: str, media_type: str | None = None) -> None:
    link = add(parent, "link")
    link.set("rel", rel)
    link.set("href", href)
    if media_type is not None:
        link.set("type", media_type)


def _time(time: datetime) -> str:
    return time_text(time.replace(microsecond=0))
