"""What CAP asks for beyond its schema.

Each rule reads one part of a message and says what is wrong with it; the clause it comes from stands beside it
(OASIS CAP-v1.2 unless it says otherwise).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

import shapely
from lxml import etree

from tocsin.cap.geometry import circle_of, ring_of, time_from_cap
from tocsin.cap.structure import Problem, text_of
from tocsin.cap.xml import version_of
from tocsin.model.errors import BadValue

Rule = Callable[[etree._Element], Iterator[Problem]]

# Of polygons up to this long it is remembered what was wrong with them: a hundred corners, which is what ours have.
REMEMBERED_CHARS_MAX = 4_000
_FORBIDDEN = re.compile(r"[\s,<&]")
_DIGEST = re.compile(r"[0-9A-Fa-f]{40}")
_MIME = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*(\s*;.*)?", re.ASCII)


def children(parent: etree._Element, *path: str) -> list[etree._Element]:
    """The elements at a path of local names, in the parent's own namespace."""
    space, brace, _ = parent.tag.rpartition("}")
    found = [parent]
    for name in path:
        tag = f"{space}{brace}{name}"
        found = [child for above in found for child in above.iterchildren(tag)]
    return found


def text_at(parent: etree._Element, *path: str) -> str:
    """The text of the first element at a path; empty where there is none."""
    found = children(parent, *path)
    return text_of(found[0]).strip() if found else ""


def _time_at(parent: etree._Element, name: str) -> datetime | None:
    try:
        return time_from_cap(text_at(parent, name))
    except BadValue:
        return None


def line_of(parent: etree._Element, name: str) -> int:
    found = children(parent, name)
    return int((found[0] if found else parent).sourceline)


def names_are_plain(alert: etree._Element) -> Iterator[Problem]:
    """3.2.1: identifier and sender hold no spaces, commas, < or &, and say something."""
    for name in ("identifier", "sender"):
        text = text_at(alert, name)
        if not text or _FORBIDDEN.search(text):
            yield Problem(line_of(alert, name), f"{name} {text!r} must be non-empty without spaces, commas, < or &")


def texts_say_something(alert: etree._Element) -> Iterator[Problem]:
    """3.2.2, 3.2.4: what must be there must not be empty."""
    for element in (*children(alert, "info", "event"), *children(alert, "info", "area", "areaDesc")):
        if not text_of(element).strip():
            yield Problem(element.sourceline, f"{etree.QName(element).localname} is empty")


def references_are_triples(alert: etree._Element) -> Iterator[Problem]:
    """3.2.1: `sender,identifier,sent` of earlier messages; needed by whatever is about an earlier one."""
    line, kind = line_of(alert, "references"), text_at(alert, "msgType")
    references = text_at(alert, "references").split()
    if kind in ("Update", "Cancel", "Ack", "Error") and not references:
        yield Problem(line, f"msgType {kind} needs references to the messages it is about")
    own = text_at(alert, "sender"), text_at(alert, "identifier")
    if version_of(alert) == "1.0":
        return
    for reference in references:
        parts = reference.split(",")
        if len(parts) != 3 or not all(parts):
            yield Problem(line, f"the reference {reference[:100]!r} is not sender,identifier,sent")
            continue
        if (parts[0], parts[1]) == own:
            yield Problem(line, "the message refers to itself")
        try:
            sent = time_from_cap(parts[2])
        except BadValue as error:
            yield Problem(line, f"the reference {reference[:100]!r}: {error}")
            continue
        now = _time_at(alert, "sent")
        if now is not None and sent > now:
            yield Problem(line, f"the reference {reference[:100]!r} is to a message sent later than this one")


def scope_is_complete(alert: etree._Element) -> Iterator[Problem]:
    """3.2.1: Restricted says to whom it is restricted, Private to whom it is addressed."""
    for scope, needed in (("Restricted", "restriction"), ("Private", "addresses")):
        if text_at(alert, "scope") == scope and not text_at(alert, needed):
            yield Problem(line_of(alert, "scope"), f"scope {scope} needs {needed}")


def errors_are_explained(alert: etree._Element) -> Iterator[Problem]:
    """3.2.1: a rejection says why in its note."""
    if text_at(alert, "msgType") == "Error" and not text_at(alert, "note"):
        yield Problem(line_of(alert, "msgType"), "msgType Error needs a note that says why the message was rejected")


def times_are_in_order(alert: etree._Element) -> Iterator[Problem]:
    """3.2.2: a message expires after it was sent, takes effect and begins."""
    sent = _time_at(alert, "sent")
    for info in children(alert, "info"):
        expires = _time_at(info, "expires")
        if expires is None:
            continue
        line = line_of(info, "expires")
        if sent is not None and expires <= sent and text_at(alert, "msgType") != "Cancel":
            yield Problem(line, f"expires {expires.isoformat()} is not after sent {sent.isoformat()}")
        for name in ("effective", "onset"):
            begins = _time_at(info, name)
            if begins is not None and expires < begins:
                yield Problem(line, f"expires {expires.isoformat()} is before {name} {begins.isoformat()}")


def times_have_zones(alert: etree._Element) -> Iterator[Problem]:
    """3.3.2 (and XML Schema for 1.0, 1.1): a time without its offset is not a time."""
    for element in (*children(alert, "sent"), *of_info(alert, "effective", "onset", "expires")):
        try:
            time_from_cap(text_of(element))
        except BadValue as error:
            yield Problem(element.sourceline, f"{etree.QName(element).localname}: {error}")


def of_info(alert: etree._Element, *names: str) -> list[etree._Element]:
    return [element for name in names for element in children(alert, "info", name)]


def areas_are_places(alert: etree._Element) -> Iterator[Problem]:
    """3.2.4: closed rings of lat,lon that enclose something; circles with a radius; ceilings above a floor."""
    for polygon in children(alert, "info", "area", "polygon"):
        if text_of(polygon).strip():
            yield from _polygon(polygon)
    for circle in children(alert, "info", "area", "circle"):
        try:
            if text_of(circle).strip():
                circle_of(text_of(circle))
        except BadValue as error:
            yield Problem(circle.sourceline, str(error))
    for area in children(alert, "info", "area"):
        floor, ceiling = text_at(area, "altitude"), text_at(area, "ceiling")
        if ceiling and not floor:
            yield Problem(line_of(area, "ceiling"), "ceiling must not stand without altitude")
        elif ceiling and version_of(alert) == "1.2" and float(ceiling) < float(floor):
            yield Problem(line_of(area, "ceiling"), f"ceiling {ceiling} is below altitude {floor}")


def _polygon(polygon: etree._Element) -> Iterator[Problem]:
    text = text_of(polygon)
    what = _trouble_of_short(text) if len(text) <= REMEMBERED_CHARS_MAX else _trouble_of(text)
    if what is not None:
        yield Problem(polygon.sourceline, what)


def _trouble_of(ring: str) -> str | None:
    """What is wrong with one polygon."""
    try:
        shape = shapely.Polygon([(lon, lat) for lat, lon in ring_of(ring)])
    except BadValue as error:
        return str(error)
    if shape.convex_hull.area == 0:
        return "a polygon that encloses nothing"
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape).split("[")[0].strip().lower()
        return f"a polygon that crosses or touches itself ({reason})"
    return None


# Zones are warned of again and again, and looking at 70,000 corners takes seconds: once is enough.
_trouble_of_short = lru_cache(maxsize=4_096)(_trouble_of)


def polygons_lie_apart(alert: etree._Element) -> Iterator[Problem]:
    """3.2.4: several polygons of an area add up; one inside another looks like a hole and is none."""
    for area in children(alert, "info", "area"):
        polygons = children(area, "polygon")[:500]
        if len(polygons) < 2:
            continue
        shapes = []
        for polygon in polygons:
            try:
                shapes.append((polygon, shapely.Polygon([(lon, lat) for lat, lon in ring_of(text_of(polygon))])))
            except BadValue:
                continue
        valid = [(polygon, shape) for polygon, shape in shapes if shape.is_valid]
        tree = shapely.STRtree([shape for _, shape in valid])
        for inner, (polygon, shape) in enumerate(valid):
            if any(outer != inner and valid[outer][1].covers(shape) for outer in tree.query(shape, "covered_by")):
                yield Problem(polygon.sourceline, "a polygon inside another one of its area: CAP has no holes")


def resources_are_sound(alert: etree._Element) -> Iterator[Problem]:
    """3.2.3: MIME type, size, SHA-1 digest, and contents that are base64 and as long as they say."""
    for resource in children(alert, "info", "resource"):
        mime, digest, size = (text_at(resource, name) for name in ("mimeType", "digest", "size"))
        if mime and not _MIME.fullmatch(mime):
            yield Problem(line_of(resource, "mimeType"), f"mimeType {mime!r} is not like image/png")
        if digest and not _DIGEST.fullmatch(digest):
            yield Problem(line_of(resource, "digest"), f"digest {digest!r} is not a SHA-1 of 40 hexadecimal digits")
        if size.lstrip("+").isdigit() is False and size:
            yield Problem(line_of(resource, "size"), f"size {size!r} is not a number of bytes")
        contents = text_at(resource, "derefUri")
        if contents:
            try:
                base64.b64decode("".join(contents.split()), validate=True)
            except ValueError:
                yield Problem(line_of(resource, "derefUri"), "derefUri is not base64")


def pairs_are_named(alert: etree._Element) -> Iterator[Problem]:
    """3.2.2, 3.2.4: a code or parameter has a name."""
    if version_of(alert) == "1.0":
        return
    pairs = [*of_info(alert, "eventCode", "parameter"), *children(alert, "info", "area", "geocode")]
    for pair in pairs:
        if not text_at(pair, "valueName"):
            yield Problem(pair.sourceline, f"{etree.QName(pair).localname} has an empty valueName")


BASIC: tuple[Rule, ...] = (
    names_are_plain,
    texts_say_something,
    references_are_triples,
    scope_is_complete,
    errors_are_explained,
    times_have_zones,
    times_are_in_order,
    areas_are_places,
    polygons_lie_apart,
    resources_are_sound,
    pairs_are_named,
)
