"""Feeds of a channel's public mirror, RSS 2.0 or Atom: each entry is a post."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from tocsin.cap.xml import BadXml, parse
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.text.plain import CHARACTERS_MAX
from tocsin.ingest.text.post import ID_CHARACTERS_MAX, Post
from tocsin.model.errors import BadFile

_TAG = re.compile(r"<[^<>]{0,2000}>")
_LINE_END = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
# Marks and links make a text longer than it is; beyond this it is cut before it is looked at.
_HTML_MAX = 16 * CHARACTERS_MAX


def entries(data: bytes, name: str, rejects: Rejects) -> Iterator[Post]:
    """The posts of a feed in its order. Raises BadFile for what is no feed; an entry without a time is rejected."""
    try:
        root = parse(data)
    except BadXml as error:
        raise BadFile(f"{name}: {error}") from error
    items = [one for one in root.iter() if isinstance(one.tag, str) and etree.QName(one).localname in ("item", "entry")]
    if etree.QName(root).localname not in ("rss", "feed", "RDF"):
        raise BadFile(f"{name} is XML, and no feed in RSS or Atom")
    channel = _child(root, "title") or next((found for one in root if (found := _child(one, "title"))), "") or name
    for at, item in enumerate(items):
        rejects.read()
        where = f"{name}: entry {at + 1}"
        time_s = _time_s(_child(item, "pubDate"), _child(item, "published") or _child(item, "updated", "date"))
        text = _text(_child(item, "encoded", "content", "description", "summary") or _child(item, "title"))
        if not text:
            rejects.pass_over("an entry without text")
        elif time_s is None:
            rejects.add("an entry without a time", text, where)
        else:
            rejects.use()
            known = _child(item, "guid", "id") or _child(item, "link") or str(at)
            yield Post(channel[:ID_CHARACTERS_MAX], known[:ID_CHARACTERS_MAX], time_s, text)


def _child(element: etree._Element, *names: str) -> str:
    """The text of the first child of these names, in the order of the names; empty where there is none."""
    for name in names:
        for child in element:
            if isinstance(child.tag, str) and etree.QName(child).localname == name:
                text = "".join(child.itertext()).strip()
                if text:
                    return text
    return ""


def _text(given: str) -> str:
    """A text without its markup, line ends kept."""
    bare = _TAG.sub("", _LINE_END.sub("\n", given[:_HTML_MAX]))
    return html.unescape(bare).strip()


def _time_s(rfc822: str, rfc3339: str) -> float | None:
    try:
        time = parsedate_to_datetime(rfc822) if rfc822 else datetime.fromisoformat(rfc3339)
    except (ValueError, TypeError, OverflowError):
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
