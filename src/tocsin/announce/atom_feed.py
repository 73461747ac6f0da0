"""The Atom feed (RFC 4287) of CAP messages at /feed.atom, newest first.

Order     newest message first; an entry never changes once it is there
Retries   readers poll; a reader that was away finds what it missed as long as it is among the last ENTRIES_MAX
Bounds    ENTRIES_MAX entries
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from tocsin.announce.cap_messages import Archive
from tocsin.cap.texts import texts_in
from tocsin.cap.write import Author, Message, writable
from tocsin.model.value import EPOCH, time_text

ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"
# Readers poll every minute or so; a whole country's warnings of a few minutes fit.
ENTRIES_MAX = 100
# A summary lists this many places by name and counts the rest.
PLACES_MAX = 20


def cap_path(message: Message) -> str:
    """Where the service serves a message."""
    return f"/cap/{quote(message.identifier, safe='')}.xml"


def feed(archive: Archive, author: Author, base_url: str, *, drill: bool) -> bytes:
    """The feed as UTF-8 XML; `base_url` is the service's public address without a final slash (empty: relative links).

    The same messages give the same bytes: `updated` is the newest message's time, never the clock's.
    """
    issuer = author.issuer
    newest = archive.messages[::-1][:ENTRIES_MAX]
    texts = texts_in(issuer.languages[0])
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", issuer.languages[0])
    _add(root, "id", _lasting_id(author, "feed"))
    name = issuer.sender_name or issuer.sender
    _add(root, "title", f"{texts.drill}: {texts.event} – {name}" if drill else f"{texts.event} – {name}")
    _add(root, "updated", _time(max((message.sent for message in newest), default=EPOCH)))
    _link(root, "self", f"{base_url}/feed.atom", "application/atom+xml")
    _add(_add(root, "author"), "name", name)
    for message in newest:
        entry = _add(root, "entry")
        address = base_url + cap_path(message)
        _add(entry, "id", _lasting_id(author, message.identifier))
        places = author.places(message)
        rest = f" … (+{len(places) - PLACES_MAX})" if len(places) > PLACES_MAX else ""
        listed = ", ".join(places[:PLACES_MAX]) + rest
        headline = author.headline(message)
        _add(entry, "title", f"{headline}: {places[0]}" + (f" (+{len(places) - 1})" if len(places) > 1 else ""))
        _add(entry, "updated", _time(message.sent))
        _add(entry, "published", _time(message.sent))
        _link(entry, "alternate", address, CAP_TYPE)
        _add(entry, "category").set("term", message.level)
        if message.drill:
            _add(entry, "category").set("term", "drill")
        _add(entry, "summary", f"{headline}. {listed}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _lasting_id(author: Author, name: str) -> str:
    """An id that stays the same when the service moves to another address (RFC 4287, 4.2.6)."""
    return uuid5(NAMESPACE_URL, f"{author.issuer.sender}/{name}").urn


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    if text is not None:
        child.text = writable(text)
    return child


def _link(parent: etree._Element, rel: str, href: str, media_type: str) -> None:
    link = _add(parent, "link")
    link.set("rel", rel)
    link.set("href", href)
    link.set("type", media_type)


def _time(time: datetime) -> str:
    return time_text(time.replace(microsecond=0))
