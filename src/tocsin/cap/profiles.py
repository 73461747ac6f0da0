"""What some networks ask for beyond CAP, from what they publish; as far as it can be seen in a message alone.

Only what a profile demands is a problem, not what it recommends. What is not looked at stands in docs/reference/cap.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from tocsin.cap.claims import CLAIMS, Claimed
from tocsin.cap.rules import BASIC, Rule, children, line_of, of_info, text_at
from tocsin.cap.structure import Problem, text_of
from tocsin.cap.write import CORNERS_MAX, LEVEL_PARAMETER, ZONE_GEOCODE
from tocsin.cap.xml import version_of
from tocsin.words.gsm7 import septets

# 47 CFR 11.31(d): who may originate.
_ORIGINATORS = ("EAS", "CIV", "WXR", "PEP")
# Wireless Emergency Alerts: the short and the long text of the IPAWS developers' guide.
_WEA_CHARS_MAX = {"CMAMtext": 90, "CMAMlongtext": 360}
# A broadcast of 15 pages, in GSM 7 bit and in UCS-2 (3GPP TS 23.041).
_BROADCAST_GSM_MAX, _BROADCAST_UCS2_MAX = 1_395, 615
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*)){2,}", re.ASCII)


def is_version_1_2(alert: etree._Element) -> Iterator[Problem]:
    """Only CAP 1.2."""
    if version_of(alert) != "1.2":
        yield Problem(alert.sourceline, f"CAP {version_of(alert)}; this profile is for CAP 1.2")


def infos_say_all(alert: etree._Element, *names: str) -> Iterator[Problem]:
    """There is an info block (a Cancel may do without), and each has these elements."""
    infos = children(alert, "info")
    if not infos and text_at(alert, "msgType") != "Cancel":
        yield Problem(alert.sourceline, "no info block")
    for info in infos:
        for name in names:
            if not text_at(info, name):
                yield Problem(info.sourceline, f"info has no {name}")


def blocks_agree(alert: etree._Element) -> Iterator[Problem]:
    """All blocks are about one thing: the same categories and event codes, and one event in each language."""
    seen: tuple[object, object] | None = None
    events: dict[str, str] = {}
    for info in children(alert, "info"):
        categories = frozenset(text_of(one).strip() for one in children(info, "category"))
        found = categories, frozenset(_pairs(info, "eventCode"))
        if seen is not None and found != seen:
            yield Problem(info.sourceline, "info blocks of different categories or event codes")
            return
        seen = found
        event = text_at(info, "event")
        if events.setdefault(text_at(info, "language").lower(), event) != event:
            yield Problem(line_of(info, "event"), "info blocks of one language name different events")


def _pairs(parent: etree._Element, name: str) -> list[tuple[str, str]]:
    return [(text_at(pair, "valueName"), text_at(pair, "value")) for pair in children(parent, name)]


def _says(alert: etree._Element, profile: Claimed, family: str = "") -> Iterator[Problem]:
    """It says that it keeps to the profile: by its code, or any of a family of codes."""
    wanted = CLAIMS[profile].code or ""
    codes = [text_of(code).strip() for code in children(alert, "code")]
    if wanted not in codes and not (family and any(code.startswith(family) for code in codes)):
        yield Problem(line_of(alert, "code"), f"no code {wanted}")


def _areas_hold(alert: etree._Element, *names: str) -> Iterator[Problem]:
    """Each block has an area, and each area one of these elements."""
    for info in children(alert, "info"):
        areas = children(info, "area")
        if not areas:
            yield Problem(info.sourceline, "info has no area")
        for area in areas:
            if not any(children(area, name) for name in names):
                yield Problem(area.sourceline, f"area has no {' or '.join(names)}")


def _google(alert: etree._Element) -> Iterator[Problem]:
    """Google Public Alerts CAP v1.0."""
    yield from is_version_1_2(alert)
    if not children(alert, "info"):
        yield Problem(alert.sourceline, "no info block")
    yield from infos_say_all(alert, "description", "web", "expires")
    yield from blocks_agree(alert)
    yield from _areas_hold(alert, "polygon", "circle", "geocode")


def _ipaws(alert: etree._Element) -> Iterator[Problem]:
    """The IPAWS Profile v1.0 of CAP 1.2 (OASIS, 2009)."""
    yield from is_version_1_2(alert)
    yield from _says(alert, "ipaws")
    yield from infos_say_all(alert, "expires")
    yield from blocks_agree(alert)
    for info in children(alert, "info"):
        same = [value for name, value in _pairs(info, "eventCode") if name == "SAME"]
        if len(same) != 1 or not re.fullmatch(r"[A-Z0-9]{3}", same[0]):
            yield Problem(info.sourceline, "info needs exactly one eventCode SAME of three letters")
        if not children(info, "area"):
            yield Problem(info.sourceline, "info has no area")
        places = [pair for pair in children(info, "area", "geocode") if text_at(pair, "valueName") == "SAME"]
        if not places:
            yield Problem(info.sourceline, "no area has a geocode SAME")
        for place in places:
            if not re.fullmatch(r"\d{6}", text_at(place, "value")):
                yield Problem(place.sourceline, f"geocode SAME {text_at(place, 'value')!r} is not six digits")
        for name, value in _pairs(info, "parameter"):
            if name == "EAS-ORG" and value not in _ORIGINATORS:
                yield Problem(info.sourceline, f"EAS-ORG {value[:20]!r} is none of {', '.join(_ORIGINATORS)}")
            if len(value) > _WEA_CHARS_MAX.get(name, len(value)):
                yield Problem(info.sourceline, f"{name} is longer than {_WEA_CHARS_MAX[name]} characters")


def _cap_cp(alert: etree._Element) -> Iterator[Problem]:
    """The Canadian profile, rule set Beta 0.4 and 1.0; whether codes are in its lists is not looked at."""
    yield from is_version_1_2(alert)
    yield from _says(alert, "cap-cp", "profile:CAP-CP:")
    yield from _public_says_what(alert)
    yield from blocks_agree(alert)
    yield from infos_say_all(alert, "language")
    for info in children(alert, "info"):
        if not any(name.lower().startswith("profile:cap-cp:event:") for name, _ in _pairs(info, "eventCode")):
            yield Problem(info.sourceline, "info has no eventCode profile:CAP-CP:Event")
        for area in children(info, "area"):
            if not any(name.lower().startswith("profile:cap-cp:location:") for name, _ in _pairs(area, "geocode")):
                yield Problem(area.sourceline, "area has no geocode profile:CAP-CP:Location")
    yield from _areas_hold(alert, "geocode")


def _public_says_what(alert: etree._Element) -> Iterator[Problem]:
    """An Alert, Update or Cancel says what it is about in an info block."""
    if text_at(alert, "msgType") in ("Alert", "Update", "Cancel") and not children(alert, "info"):
        yield Problem(alert.sourceline, "no info block")


def _cap_au(alert: etree._Element) -> Iterator[Problem]:
    """The Australian profile v1.0 (OASIS, 2013); of its list of events only those that Tocsin uses are known."""
    claim = CLAIMS["cap-au"]
    assert claim.events is not None
    yield from is_version_1_2(alert)
    yield from _says(alert, "cap-au")
    yield from _public_says_what(alert)
    yield from blocks_agree(alert)
    for info in children(alert, "info"):
        codes = {value for name, value in _pairs(info, "eventCode") if name == claim.events.list_name}
        if len(codes) != 1:
            yield Problem(info.sourceline, f"info needs exactly one eventCode {claim.events.list_name}")
        for code in codes:
            named, event = claim.named.get(code), text_at(info, "event")
            english = (text_at(info, "language") or "en-US").lower().startswith("en")
            if named is not None and english and event != named:
                yield Problem(line_of(info, "event"), f"event {event[:60]!r}; code {code} is called {named!r}")
        if text_at(alert, "msgType") == "Cancel" and text_at(info, "effective"):
            yield Problem(line_of(info, "effective"), "a Cancel must not say effective")
        if not children(info, "area"):
            yield Problem(info.sourceline, "info has no area")


def _wmo(alert: etree._Element) -> Iterator[Problem]:
    """The WMO's guidelines (WMO-No. 1109): what a reader anywhere needs; identifiers as OIDs where they are OIDs."""
    yield from is_version_1_2(alert)
    yield from infos_say_all(alert, "language", "senderName", "expires", "headline", "description", "instruction")
    yield from _areas_hold(alert, "polygon", "circle")
    for name in ("identifier", "sender"):
        text = text_at(alert, name)
        if text.lower().startswith("urn:oid:") and not _OID.fullmatch(text):
            yield Problem(line_of(alert, name), f"{name} {text[:80]!r} is no object identifier")


def _uk(alert: etree._Element) -> Iterator[Problem]:
    """What the interface of GOV.UK Emergency Alerts takes: the text that is broadcast, and where."""
    yield from is_version_1_2(alert)
    if text_at(alert, "msgType") == "Cancel":
        return
    yield from infos_say_all(alert, "description")
    yield from _areas_hold(alert, "polygon")
    for text in of_info(alert, "description"):
        said = text_of(text).strip()
        codes = septets(said)
        chars, chars_max = (len(said), _BROADCAST_UCS2_MAX) if codes is None else (len(codes), _BROADCAST_GSM_MAX)
        if chars > chars_max:
            yield Problem(text.sourceline, f"description of {chars} characters; {chars_max} can be broadcast")


def _tocsin(alert: etree._Element) -> Iterator[Problem]:
    """What every message of ours keeps to."""
    yield from is_version_1_2(alert)
    yield from infos_say_all(alert, "language", "responseType", "expires", "headline", "description")
    if text_at(alert, "msgType") != "Cancel":
        yield from infos_say_all(alert, "effective")
    if text_at(alert, "status") == "Exercise" and not text_at(alert, "note"):
        yield Problem(line_of(alert, "status"), "status Exercise needs a note that says it is a drill")
    for info in children(alert, "info"):
        if LEVEL_PARAMETER not in [name for name, _ in _pairs(info, "parameter")]:
            yield Problem(info.sourceline, f"info has no parameter {LEVEL_PARAMETER}")
        if len(text_at(info, "headline")) > 160:
            yield Problem(line_of(info, "headline"), "headline is longer than 160 characters (3.2.2 suggests no more)")
        for area in children(info, "area"):
            if ZONE_GEOCODE not in [name for name, _ in _pairs(area, "geocode")]:
                yield Problem(area.sourceline, f"area has no geocode {ZONE_GEOCODE}")
    for polygon in children(alert, "info", "area", "polygon"):
        if len(text_of(polygon).split()) > CORNERS_MAX:
            yield Problem(polygon.sourceline, f"a polygon of more than {CORNERS_MAX} corners")


# What each asks for beyond BASIC.
ADDED: dict[str, tuple[Rule, ...]] = {
    "basic": (),
    "google": (_google,),
    "ipaws": (_ipaws,),
    "cap-cp": (_cap_cp,),
    "cap-au": (_cap_au,),
    "wmo": (_wmo,),
    "uk": (_uk,),
    "tocsin": (_tocsin,),
}
PROFILES: dict[str, tuple[Rule, ...]] = {name: (*BASIC, *rules) for name, rules in ADDED.items()}
