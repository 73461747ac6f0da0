"""Reads other people's CAP messages (1.0, 1.1, 1.2) into frozen values, also out of Atom, EDXL and plain lists.

Lenient about order, extra elements, rings left open and numbers parted oddly, since real senders err there and a
neighbour's warning is worth having. One outline or time that cannot be read costs that outline or time alone, and is
named among the `problems`. Strict about who sent what when, and about size. Signatures are for `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Annotated, NoReturn, TypeVar

from lxml import etree
from msgspec import Meta

from tocsin.cap.geometry import Ring, circle_of, is_open, ring_of, time_from_cap
from tocsin.cap.structure import text_of
from tocsin.cap.xml import alerts_in, parse, version_of
from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.value import Time, Value

ALERTS_MAX = 10_000
INFOS_MAX = 200
AREAS_MAX = 20_000
VALUES_MAX = 2_000
TEXT_MAX = 20_000
# Named one by one; a message that is wrong everywhere says so often enough.
PROBLEMS_MAX = 20

Pairs = tuple[tuple[str, str], ...]
_Shape = TypeVar("_Shape")


class CapArea(Value, frozen=True, kw_only=True):
    """Where. Polygons are closed rings of (lat, lon); circles (lat, lon, radius in km).

    problems   outlines left out, and why
    opened     how many of its polygons did not end where they begin, and were closed
    """

    description: str = ""
    polygons: tuple[Ring, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: Pairs = ()
    problems: tuple[str, ...] = ()
    opened: int = 0


class CapInfo(Value, frozen=True, kw_only=True):
    """What, in one language.

    problems   times left out, and why
    """

    language: str = "en-US"
    categories: tuple[str, ...] = ()
    event: str = ""
    responses: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    effective: Time | None = None
    onset: Time | None = None
    expires: Time | None = None
    headline: str = ""
    description: str = ""
    instruction: str = ""
    codes: Pairs = ()
    parameters: Pairs = ()
    problems: tuple[str, ...] = ()
    areas: Annotated[tuple[CapArea, ...], Meta(max_length=AREAS_MAX)] = ()


class CapAlert(Value, frozen=True, kw_only=True):
    """One message.

    version      "1.0", "1.1" or "1.2"
    kind         msgType: Alert, Update, Cancel, Ack, Error
    references   (sender, identifier, time as written, "" where it is left out) of the messages it is about
    refers       there is a `references` element, whatever stands in it
    unread       what stands in it and names no message
    problems     what had to be guessed
    """

    version: str
    identifier: str
    sender: str
    sent: Time
    status: str
    kind: str
    scope: str = "Public"
    references: tuple[tuple[str, str, str], ...] = ()
    refers: bool = False
    unread: tuple[str, ...] = ()
    infos: Annotated[tuple[CapInfo, ...], Meta(max_length=INFOS_MAX)] = ()
    problems: tuple[str, ...] = ()


def read_cap(data: bytes | str) -> CapAlert:
    """The one message in some XML. Raises BadInput (also where there is none, or more than one)."""
    alerts = read_alerts(data)
    if len(alerts) != 1:
        raise BadRecord(f"{len(alerts)} CAP messages where one is expected; send them one by one")
    return alerts[0]


def read_alerts(data: bytes | str) -> tuple[CapAlert, ...]:
    """Every message in some XML, in order. Raises BadInput naming the line."""
    elements = alerts_in(parse(data))
    if len(elements) > ALERTS_MAX:
        raise BadRecord(f"{len(elements)} CAP messages in one document; at most {ALERTS_MAX} are read")
    return tuple(alert_of(element) for element in elements)


def alert_of(alert: etree._Element) -> CapAlert:
    """The value of one alert element. Raises BadRecord."""
    infos = _children(alert, "info", INFOS_MAX)
    problems: list[str] = []
    references, unread = references_of(_text(alert, "references"))
    return CapAlert(
        version=version_of(alert) or "",
        identifier=_needed(alert, "identifier"),
        sender=_needed(alert, "sender"),
        sent=_sent(alert, problems),
        status=_needed(alert, "status"),
        kind=_needed(alert, "msgType"),
        scope=_text(alert, "scope") or "Public",
        references=references,
        refers=bool(_children(alert, "references", VALUES_MAX)),
        unread=unread,
        infos=tuple(_info(info) for info in infos),
        problems=tuple(problems),
    )


def references_of(text: str) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """`sender,identifier,sent` triples, also without `sent`; and the first of what is neither."""
    read, unread = list[tuple[str, str, str]](), list[str]()
    for reference in text.split()[:VALUES_MAX]:
        parts = reference.strip(",").split(",")
        if len(parts) in (2, 3) and all(parts[:2]):
            read.append((parts[0], parts[1], parts[2] if len(parts) == 3 else ""))
        else:
            unread.append(reference)
    return tuple(read), tuple(unread[:PROBLEMS_MAX])


def _info(info: etree._Element) -> CapInfo:
    problems: list[str] = []
    effective, onset, expires = (_said(info, name, problems) for name in ("effective", "onset", "expires"))
    return CapInfo(
        language=_text(info, "language") or "en-US",
        categories=_texts(info, "category"),
        event=_text(info, "event"),
        responses=_texts(info, "responseType"),
        urgency=_text(info, "urgency") or "Unknown",
        severity=_text(info, "severity") or "Unknown",
        certainty=_text(info, "certainty") or "Unknown",
        effective=effective,
        onset=onset,
        expires=expires,
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        codes=_pairs(info, "eventCode"),
        parameters=_pairs(info, "parameter"),
        problems=tuple(problems),
        areas=tuple(_area(area) for area in _children(info, "area", AREAS_MAX)),
    )


def _area(area: etree._Element) -> CapArea:
    problems: list[str] = []
    written = _texts(area, "polygon", most=None)
    polygons = tuple(_sound(partial(ring_of, lenient=True), written, problems))
    circles = tuple(_sound(partial(circle_of, lenient=True), _texts(area, "circle"), problems))
    return CapArea(
        description=_text(area, "areaDesc"),
        polygons=polygons,
        circles=circles,
        geocodes=_pairs(area, "geocode"),
        problems=tuple(problems[:PROBLEMS_MAX]),
        opened=sum(is_open(text) for text in written),
    )


def _sound(shape_of: Callable[[str], _Shape], texts: Iterable[str], problems: list[str]) -> Iterator[_Shape]:
    """The outlines that can be read; what is wrong with the others goes to `problems`."""
    for text in texts:
        try:
            if text:
                yield shape_of(text)
        except BadValue as error:
            problems.append(str(error))


def _sent(alert: etree._Element, problems: list[str]) -> datetime:
    """When it was sent. That orders a sender's messages, so one without its offset is as good as another in UTC."""
    text = _needed(alert, "sent")
    try:
        return time_from_cap(text)
    except BadValue as error:
        problems.append(f"sent: {error}; taken as UTC")
    try:
        return time_from_cap(f"{text}+00:00")
    except BadValue as error:
        return _refuse(alert, f"sent: {error}")


def _said(info: etree._Element, name: str, problems: list[str]) -> datetime | None:
    """A time that is no worse than none when it cannot be read."""
    try:
        return _time(info, name)
    except BadRecord as error:
        problems.append(str(error))
        return None


def _children(parent: etree._Element, name: str, most: int) -> list[etree._Element]:
    """The children of the parent's own namespace with a name. Raises BadRecord beyond `most`."""
    space = etree.QName(parent).namespace
    found = list(parent.iterchildren(tag=f"{{{space}}}{name}"))
    if len(found) > most:
        _refuse(parent, f"{len(found)} {name} elements; at most {most} are read")
    return found


def _text(parent: etree._Element, name: str) -> str:
    found = _children(parent, name, VALUES_MAX)
    text = text_of(found[0]).strip() if found else ""
    return text if name == "references" else text[:TEXT_MAX]


def _needed(parent: etree._Element, name: str) -> str:
    return _text(parent, name) or _refuse(parent, f"alert has no {name}")


def _texts(parent: etree._Element, name: str, most: int | None = TEXT_MAX) -> tuple[str, ...]:
    return tuple(text_of(child).strip()[:most] for child in _children(parent, name, VALUES_MAX))


def _time(parent: etree._Element, name: str) -> datetime | None:
    text = _text(parent, name)
    if not text:
        return None
    try:
        return time_from_cap(text)
    except BadValue as error:
        return _refuse(parent, f"{name}: {error}")


def _pairs(parent: etree._Element, name: str) -> Pairs:
    return tuple(_split(_children(parent, name, VALUES_MAX)))


def _split(elements: Iterable[etree._Element]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if len(element):
            yield _text(element, "valueName"), _text(element, "value")
        else:  # CAP 1.0 wrote name=value
            key, _, value = text_of(element).strip()[:TEXT_MAX].partition("=")
            yield key, value


def _refuse(element: etree._Element, what: str) -> NoReturn:
    raise BadRecord(f"line {element.sourceline}: {what}")
