"""The structure of CAP 1.0, 1.1 and 1.2 messages: which elements, in which order, how often, holding what.

Written from the standards' data dictionaries (CAP-v1.2 section 3.2; CAP-V1.1 section 3.2; CAP 1.0 section 3.2) as a
table, and applied by one short matcher. Its verdicts are compared with those of the published XML schemas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from tocsin.cap.xml import DSIG, version_of

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION_HINTS = {f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"}

Check = Callable[[str], "str | None"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the line it is on."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One element of a sequence: `content` is a check of its text, or the sequence of its children."""

    name: str
    least: int
    most: float
    content: Check | tuple[Rule, ...]


def _text(text: str) -> str | None:
    return None


# XML Schema part 2: xs:dateTime (3.2.7), xs:language (3.3.3), xs:integer (3.3.13), xs:decimal (3.2.3).
_DATE_TIME = re.compile(
    r"(-?(?:[1-9]\d{4,}|\d{4}))-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?",
    re.ASCII,
)
# CAP 1.2 (3.3.2): four-digit year, whole seconds, a numeric offset and never Z.
_CAP_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _date_time(text: str) -> str | None:
    match = _DATE_TIME.fullmatch(" ".join(text.split()))
    if match is None:
        return f"{text!r} is not a date and time; write it like 2026-01-02T03:04:05-00:00"
    year, month, day, hour, minute, second = (int(match.group(i)) for i in range(1, 7))
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    try:
        # The calendar repeats after 400 years; datetime knows no year 0 and none beyond 9999.
        datetime(2000 + year % 400, month, day, hour, minute, second)  # noqa: DTZ001 - only the calendar is asked
    except ValueError as error:
        return f"{text!r} is not a date and time: {error}"
    return None


def _cap_time(text: str) -> str | None:
    if _CAP_TIME.fullmatch(" ".join(text.split())) is None:
        return f"{text!r} is not a CAP time; write it like 2026-01-02T03:04:05-00:00 (an offset, never Z)"
    return _date_time(text)


def _language(text: str) -> str | None:
    tag = " ".join(text.split())
    # An empty element stands for the default, en-US.
    return None if not text or _LANGUAGE.fullmatch(tag) else f"{text!r} is not a language tag such as en-US"


def _integer(text: str) -> str | None:
    return None if _INTEGER.fullmatch(text.strip()) else f"{text!r} is not a whole number"


def _decimal(text: str) -> str | None:
    return None if _DECIMAL.fullmatch(text.strip()) else f"{text!r} is not a decimal number"


def _uri(text: str) -> str | None:
    # xs:anyURI allows nearly everything; what stays forbidden are broken escapes and a second fragment.
    wrong = _PERCENT.search(text.strip()) or text.count("#") > 1
    return f"{text!r} is not a URI" if wrong else None


def _one_of(*values: str) -> Check:
    def check(text: str) -> str | None:
        return None if text in values else f"{text!r} is not one of {', '.join(values)}"

    return check


_MANY = float("inf")


def one(name: str, content: Check | tuple[Rule, ...] = _text) -> Rule:
    """An element that must be there once."""
    return Rule(name, 1, 1, content)


def maybe(name: str, content: Check | tuple[Rule, ...] = _text) -> Rule:
    """An element that may be there once."""
    return Rule(name, 0, 1, content)


def some(name: str, content: Check | tuple[Rule, ...] = _text) -> Rule:
    """An element that may be there any number of times."""
    return Rule(name, 0, _MANY, content)


_STATUS = ("Actual", "Exercise", "System", "Test")
_CATEGORY = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra")
_URGENCY = _one_of("Immediate", "Expected", "Future", "Past", "Unknown")
_SEVERITY = _one_of("Extreme", "Severe", "Moderate", "Minor", "Unknown")
_TYPE = _one_of("Alert", "Update", "Cancel", "Ack", "Error")
_SCOPE = _one_of("Public", "Restricted", "Private")


def _grammar(version: str) -> tuple[Rule, ...]:
    """The children of `alert` in a version of CAP."""
    old, new = version == "1.0", version == "1.2"
    time = _cap_time if new else _date_time
    pair: Check | tuple[Rule, ...] = _text if old else (one("valueName"), one("value"))
    number = _decimal if new else _text
    response = ("Shelter", "Evacuate", "Prepare", "Execute", "Monitor", "Assess", "None")
    more_response = ("Avoid", "AllClear") if new else ()
    category = _one_of(*_CATEGORY, *(("Other",) if old else ("CBRNE", "Other")))
    resource = (
        one("resourceDesc"),
        one("mimeType") if new else maybe("mimeType"),
        maybe("size", _integer),
        maybe("uri", _uri),
        *(() if old else (maybe("derefUri"),)),
        maybe("digest"),
    )
    area = (
        one("areaDesc"),
        some("polygon"),
        some("circle"),
        some("geocode", pair),
        maybe("altitude", number),
        maybe("ceiling", number),
    )
    info = (
        maybe("language", _language),
        Rule("category", 0 if old else 1, _MANY, category),
        one("event"),
        *(() if old else (some("responseType", _one_of(*response, *more_response)),)),
        one("urgency", _URGENCY),
        one("severity", _SEVERITY),
        one("certainty", _one_of("Very Likely" if old else "Observed", "Likely", "Possible", "Unlikely", "Unknown")),
        maybe("audience"),
        some("eventCode", pair),
        maybe("effective", time),
        maybe("onset", time),
        maybe("expires", time),
        maybe("senderName"),
        maybe("headline"),
        maybe("description"),
        maybe("instruction"),
        maybe("web", _uri),
        maybe("contact"),
        some("parameter", pair),
        some("resource", resource),
        some("area", area),
    )
    return (
        one("identifier"),
        one("sender"),
        one("sent", time),
        one("status", _one_of(*_STATUS, *(() if old else ("Draft",)))),
        one("msgType", _TYPE),
        *((maybe("password"),) if old else ()),
        maybe("source"),
        maybe("scope", _SCOPE) if old else one("scope", _SCOPE),
        maybe("restriction"),
        maybe("addresses"),
        some("code"),
        maybe("note"),
        maybe("references"),
        maybe("incidents"),
        some("info", info),
    )


_GRAMMARS = {version: _grammar(version) for version in ("1.0", "1.1", "1.2")}


def structural_problems(alert: etree._Element) -> list[Problem]:
    """What a schema of the alert's own CAP version would find wrong, in document order; empty: nothing."""
    version = version_of(alert)
    assert version is not None
    space = etree.QName(alert).namespace
    return list(_sequence(alert, _GRAMMARS[version], f"{{{space}}}", signed=version == "1.2"))


def _sequence(
    parent: etree._Element, rules: tuple[Rule, ...], space: str, *, signed: bool = False
) -> Iterator[Problem]:
    yield from _attributes(parent)
    parent_name = _name_of(parent)
    if any(text and text.strip() for text in (parent.text, *(child.tail for child in parent))):
        yield Problem(parent.sourceline, f"{parent_name} holds text between its elements")
    place, count = 0, 0
    for child in parent.iterchildren(tag=etree.Element):
        if signed and child.tag.startswith(f"{{{DSIG}}}"):
            # Signatures come last (3.3.4.2); their insides are for `tocsin cap verify`.
            yield from _missing(child, rules, place, count, parent_name)
            place, count = len(rules), 0
            continue
        start = place, count
        while place < len(rules) and (child.tag != space + rules[place].name or count >= rules[place].most):
            if count < rules[place].least:
                break
            place, count = place + 1, 0
        if place == len(rules) or child.tag != space + rules[place].name:
            place, count = start
            yield Problem(child.sourceline, _unexpected(child, rules, place, count, space, parent_name))
            return
        count += 1
        content = rules[place].content
        if isinstance(content, tuple):
            yield from _sequence(child, content, space)
        else:
            yield from _leaf(child, content)
    yield from _missing(parent, rules, place, count, parent_name)


def _unexpected(
    child: etree._Element, rules: tuple[Rule, ...], place: int, count: int, space: str, parent_name: str
) -> str:
    name = etree.QName(child).localname
    if not child.tag.startswith(space):
        return f"{name} in {parent_name} is of another namespace ({etree.QName(child).namespace})"
    known = [rule.name for rule in rules]
    missing = next(
        (rule.name for rule in rules[place:] if rule.least and (rule is not rules[place] or not count)), None
    )
    if name not in known:
        return f"{name} is not an element of {parent_name}"
    if missing is not None and known.index(name) > known.index(missing):
        return f"{parent_name} needs {missing} before {name}"
    if known.index(name) == place and count >= rules[place].most:
        return f"a second {name} in {parent_name}; there may be one"
    return f"{name} is out of order in {parent_name}; the order is {', '.join(known)}"


def _missing(
    at: etree._Element, rules: tuple[Rule, ...], place: int, count: int, parent_name: str
) -> Iterator[Problem]:
    for number, rule in enumerate(rules[place:], place):
        if (count if number == place else 0) < rule.least:
            yield Problem(at.sourceline, f"{parent_name} has no {rule.name}")
            return


def _leaf(element: etree._Element, check: Check) -> Iterator[Problem]:
    yield from _attributes(element)
    name = _name_of(element)
    if len(element) and next(element.iterchildren(tag=etree.Element), None) is not None:
        yield Problem(element.sourceline, f"{name} holds elements; it may hold text only")
        return
    what = check(text_of(element))
    if what is not None:
        yield Problem(element.sourceline, f"{name} {what}")


def _name_of(element: etree._Element) -> str:
    """Its name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: etree._Element) -> str:
    """An element's own text without comments."""
    if not len(element):
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _attributes(element: etree._Element) -> Iterator[Problem]:
    for name in element.attrib:
        if name not in _LOCATION_HINTS:
            local = etree.QName(element).localname
            yield Problem(element.sourceline, f"{local} has an attribute {name}; CAP elements have none")
