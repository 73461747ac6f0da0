"""What lists CAP messages: Atom (RFC 4287), RSS 2.0, EDXL-DE and plain XML; the messages themselves, or links to them.

Elements are known by their local names: feeds are written by hand, and name spaces are the first thing to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree
from msgspec import Struct

from tocsin.cap.geometry import time_from_cap
from tocsin.cap.xml import alerts_in, parse, strangers_in
from tocsin.model.errors import BadValue
from tocsin.model.value import Time

# A national service lists a few hundred. The newest are kept.
LISTED_MAX = 500
LINK_CHARS_MAX = 2_000
CAP_TYPE = "application/cap+xml"
NOT_CAP = "an alert that is none of CAP 1.0, 1.1 and 1.2, by its namespace; not read"
NO_LINK = "an entry that holds no message and links to none"
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


class Entry(Struct, frozen=True):
    """A link to a message. `version` changes when what is behind it does, as far as the feed says."""

    link: str
    version: str
    at: Time | None = None


class Message(Struct, frozen=True):
    """One message as a document of its own, and when it says that it was sent."""

    xml: str
    sent: Time


class Listed(Struct, frozen=True):
    """What a document with that root element lists, oldest first.

    problems   what of it cannot be used, each with its reason
    beyond     how many more entries, messages and problems there are than are kept here
    """

    root: str
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]
    problems: tuple[str, ...]
    beyond: int = 0


def listed_in(body: bytes) -> Listed:
    """What a document holds or links to. Raises BadXml where it is no XML that can be read."""
    root = parse(body)
    problems: list[str] = []
    messages = sorted(_messages(root, problems), key=lambda one: one.sent)
    problems += [f"line {stranger.sourceline}: {NOT_CAP}" for stranger in strangers_in(root)]
    # Feeds list the newest first, and most say when each was changed.
    listed = list(entries_in(root))
    problems += [f"line {line}: {NO_LINK}" for line, entry in listed if entry is None]
    entries = [entry for _, entry in listed if entry is not None][::-1]
    if all(entry.at is not None for entry in entries):
        entries.sort(key=lambda entry: entry.at or _EARLIEST)
    beyond = sum(max(0, len(some) - LISTED_MAX) for some in (entries, messages, problems))
    return Listed(
        etree.QName(root).localname,
        tuple(entries[-LISTED_MAX:]),
        tuple(messages[-LISTED_MAX:]),
        tuple(problems[-LISTED_MAX:]),
        beyond,
    )


def _messages(root: etree._Element, problems: list[str]) -> Iterator[Message]:
    for alert in alerts_in(root):
        try:
            sent = time_from_cap(alert.findtext("{*}sent") or "")
        except BadValue as error:
            problems.append(f"line {alert.sourceline}: sent: {error}")
            continue
        # A copy leaves behind the name spaces that only what is around it uses: they were not there when it was signed.
        yield Message(etree.tostring(deepcopy(alert), encoding="unicode", with_tail=False), sent)


def entries_in(root: etree._Element) -> Iterator[tuple[int, Entry | None]]:
    """Line and link of every entry that does not hold its message itself; None where it links to none either."""
    for element in root.iter("{*}entry", "{*}item", "{*}contentObject"):
        if alerts_in(element) or next(strangers_in(element), None) is not None:
            continue
        link = next((one for one in _links(element) if one), "")
        if not link or len(link) > LINK_CHARS_MAX:
            yield element.sourceline, None
            continue
        said = [_said(element, name) for name in ("id", "guid", "updated", "pubDate", "published")]
        yield element.sourceline, Entry(link, " ".join(said)[:LINK_CHARS_MAX], _changed(element))


def _links(element: etree._Element) -> Iterator[str]:
    """Where the message may be, the likeliest first."""
    links = list(element.iterchildren("{*}link", "{*}enclosure"))
    for link in links:
        if link.get("type", "") == CAP_TYPE:
            yield link.get("href") or link.get("url") or ""
    for content in element.iterchildren("{*}content"):
        yield content.get("src", "")
    for link in links:
        if link.get("rel", "alternate") == "alternate" and "html" not in link.get("type", ""):
            yield link.get("href") or link.get("url") or (link.text or "").strip()
    for name in ("uri", "derefUri"):
        yield next((uri.text or "" for uri in element.iter(f"{{*}}{name}")), "").strip()


def _said(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _changed(element: etree._Element) -> datetime | None:
    """When an entry was last changed; None where it does not say so."""
    try:
        if written := _said(element, "updated") or _said(element, "published"):
            return time_from_cap(written)
        if written := _said(element, "pubDate"):
            at = parsedate_to_datetime(written)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (BadValue, ValueError, OverflowError):
        return None
    return None
