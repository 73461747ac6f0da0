"""Writes CAP 1.2 messages: the same warnings give the same bytes.

The element order, the value lists and the meanings are those of OASIS CAP-v1.2, section 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby, islice
from typing import Annotated, Literal

import shapely
from lxml import etree
from msgspec import Meta

from tocsin.cap.claims import CLAIMS, Claim, Claimed
from tocsin.cap.texts import Texts, texts_in
from tocsin.earth.simplify import simplified
from tocsin.model.value import Name, Time, Value
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# Zones are told apart by this geocode and levels by this parameter; other systems may ignore both.
ZONE_GEOCODE = "tocsin-zone"
LEVEL_PARAMETER = "tocsin-level"
# In blocks about zones where we may be blind, as far as the public is told.
DEGRADED_PARAMETER = "tocsin-degraded"
# Phones and sign boards choke on long outlines; Wireless Emergency Alerts stop at 100 corners.
CORNERS_MAX = 100
GRID_DEG = 1e-5
# Codes of one zone, in the schemes of all who know it by another name.
CODES_MAX = 50
Kind = Literal["Alert", "Update", "Cancel"]
# Elements 3.2.1: no spaces, commas, < or & in sender and identifier.
Plain = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\s,<&\x00-\x1f\x7f\ud800-\udfff]+$(?!\n)")]

# urgency, severity, responseType (3.2.2), the gravest first.
_GRADES: dict[Level, tuple[str, str, str]] = {
    "take_cover": ("Immediate", "Extreme", "Shelter"),
    "prepare": ("Expected", "Severe", "Prepare"),
    "all_clear": ("Past", "Minor", "AllClear"),
}
# `Likely` is "p > ~50 %" in CAP's own words.
LIKELY = 0.5
# XML 1.0, production 2: characters that cannot be written at all.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Issuer(Value, frozen=True, kw_only=True):
    """In whose name messages go out.

    sender        unique and lasting, such as a domain name: no spaces, commas, < or &
    sender_name   the name people know
    languages     one info block each, in this order
    profiles      of networks, which every message claims to keep to
    """

    sender: Plain
    sender_name: Annotated[str, Meta(max_length=200)] = ""
    languages: Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)] = ("en",)
    web: Annotated[str, Meta(max_length=500)] = ""
    contact: Annotated[str, Meta(max_length=500)] = ""
    profiles: tuple[Claimed, ...] = ()


class Message(Value, frozen=True, kw_only=True):
    """One CAP message before it is written.

    references   `sender,identifier,sent` of every message this one takes the place of
    warnings     one per zone: everything the message says from now on
    blind        of those zones, where we might be blind when it was made
    """

    identifier: Plain
    sent: Time
    kind: Kind
    references: tuple[str, ...] = ()
    warnings: Annotated[tuple[Warning, ...], Meta(min_length=1)]
    blind: tuple[Name, ...] = ()

    @property
    def drill(self) -> bool:
        """Whether this is an exercise."""
        return any(warning.drill for warning in self.warnings)

    @property
    def level(self) -> Level:
        """The gravest level in it."""
        return gravest(self.warnings)


def gravest(warnings: Iterable[Warning]) -> Level:
    """The gravest level among warnings, of which there is one at least."""
    levels = {warning.level for warning in warnings}
    return next(level for level in _GRADES if level in levels)


def expires_in_cap(warning: Warning) -> datetime:
    """When a warning ends as CAP tells it: at the end of the minute, and never before it does.

    Zones warned within one minute share an info block this way. Else a message would have as many as zones, in every
    language, and readers stop at some number.
    """
    minute = warning.expires.replace(second=0, microsecond=0)
    return minute if minute == warning.expires else minute + timedelta(minutes=1)


def time_in_cap(time: datetime) -> str:
    """A time as CAP wants it: whole seconds and a numeric offset; 3.3.2 writes UTC as -00:00 and forbids Z.

    >>> time_in_cap(datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC))
    '2026-01-02T03:04:05-00:00'
    """
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def reference(issuer: Issuer, message: Message) -> str:
    """How a later message names an earlier one (3.2.1 `references`)."""
    return f"{issuer.sender},{message.identifier},{time_in_cap(message.sent)}"


class Author:
    """Writes messages about a set of zones in an issuer's name.

    Raises BadSettings for a language without texts.
    """

    def __init__(self, issuer: Issuer, zones: Sequence[Zone]) -> None:
        self.issuer = issuer
        self._texts = {language: texts_in(language) for language in issuer.languages}
        # Of several outlines of one zone the last one given holds.
        self._zones = {zone.id: zone for zone in zones}

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """The zones it writes about."""
        return tuple(self._zones)

    @cached_property
    def _outlines(self) -> dict[str, tuple[str, ...]]:
        shapes = simplified(tuple(self._zones.values()))
        return {zone_id: polygon_texts(shape) for zone_id, shape in zip(self._zones, shapes, strict=True)}

    def xml(self, message: Message) -> bytes:
        """The message as UTF-8 XML."""
        return as_bytes(self.alert(message))

    def alert(self, message: Message, profiles: Sequence[Claimed] | None = None) -> etree._Element:
        """The message as an element, the caller's own; it claims all of the issuer's profiles, or only these."""
        claims = [CLAIMS[one] for one in (self.issuer.profiles if profiles is None else profiles)]
        alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
        add(alert, "identifier", message.identifier)
        add(alert, "sender", self.issuer.sender)
        add(alert, "sent", time_in_cap(message.sent))
        add(alert, "status", "Exercise" if message.drill else "Actual")
        add(alert, "msgType", message.kind)
        add(alert, "scope", "Public")
        for claim in claims:
            if claim.code is not None:
                add(alert, "code", claim.code)
        if message.drill:
            add(alert, "note", " / ".join(texts.drill_note for texts in self._texts.values()))
        if message.references:
            add(alert, "references", " ".join(message.references))

        blind = frozenset(message.blind)

        def told_apart(warning: Warning) -> tuple[object, ...]:
            return (*_told_apart(warning), warning.zone in blind)

        for _, told in groupby(sorted(message.warnings, key=told_apart), key=told_apart):
            warnings = list(told)
            for language, texts in self._texts.items():
                self._info(alert, warnings, message, language, texts, claims)
        return alert

    def headlines(self, message: Message) -> list[tuple[str, list[str]]]:
        """The headline of every level in a message, the gravest first, and the names of its zones.

        In the issuer's first language.
        """
        language, texts = next(iter(self._texts.items()))
        told = []
        for level in _GRADES:
            warnings = [warning for warning in message.warnings if warning.level == level]
            if warnings:
                headline = texts.headline(level, message.drill, lapses=all(map(_lapses, warnings)))
                told.append((headline, [self._name(warning.zone, language) for warning in warnings]))
        return told

    def _name(self, zone_id: str, language: str) -> str:
        zone = self._zones.get(zone_id)
        return (zone.name_in(language) if zone else "") or zone_id

    def _info(
        self,
        alert: etree._Element,
        warnings: list[Warning],
        message: Message,
        language: str,
        texts: Texts,
        claims: Sequence[Claim],
    ) -> None:
        level, lapses, blind = warnings[0].level, _lapses(warnings[0]), warnings[0].zone in message.blind
        urgency, severity, response = _GRADES[level]
        info = add(alert, "info")
        add(info, "language", language)
        for category in ("Safety", "Security"):
            add(info, "category", category)
        add(info, "event", _event(message, language, texts, claims))
        add(info, "responseType", response)
        add(info, "urgency", urgency)
        add(info, "severity", severity)
        add(info, "certainty", certainty_of(warnings[0]))
        for claim in claims:
            if claim.events is not None:
                code = claim.events.of(message.level, drill=message.drill)
                _add_pair(info, "eventCode", claim.events.list_name, code)
        if message.kind != "Cancel" or not any(claim.bare_ends for claim in claims):
            add(info, "effective", time_in_cap(message.sent))
        onsets = [warning.eta_earliest for warning in warnings if warning.eta_earliest is not None]
        expires = expires_in_cap(warnings[0])
        if onsets and level != "all_clear" and min(onsets) <= expires:
            # What could have come before it was said comes now.
            add(info, "onset", time_in_cap(max(message.sent, min(onsets))))
        add(info, "expires", time_in_cap(expires))
        if self.issuer.sender_name:
            add(info, "senderName", self.issuer.sender_name)
        add(info, "headline", texts.headline(level, message.drill, lapses=lapses))
        # What an operator tells everybody is in his own words, whatever the language of the block.
        description = texts.description(level, message.drill, lapses=lapses)
        said = (description, texts.blind if blind else "", warnings[0].public_reason or "")
        add(info, "description", " ".join(filter(None, said)))
        add(info, "instruction", texts.at(level, lapses=lapses).instruction)
        if self.issuer.web:
            add(info, "web", self.issuer.web)
        if self.issuer.contact:
            add(info, "contact", self.issuer.contact)
        _add_pair(info, "parameter", LEVEL_PARAMETER, level)
        if blind:
            _add_pair(info, "parameter", DEGRADED_PARAMETER, "true")
        for name, value in (pair for claim in claims for pair in claim.parameters):
            _add_pair(info, "parameter", name, value)
        for warning in warnings:
            area = add(info, "area")
            add(area, "areaDesc", self._name(warning.zone, language))
            for polygon in self._outlines.get(warning.zone, ()):
                add(area, "polygon", polygon)
            _add_pair(area, "geocode", ZONE_GEOCODE, warning.zone)
            for scheme, code in self._codes(warning.zone):
                _add_pair(area, "geocode", scheme, code)

    def _codes(self, zone_id: str) -> list[tuple[str, str]]:
        """What others call a zone: scheme and code, the first CODES_MAX."""
        zone = self._zones.get(zone_id)
        found = ((scheme, code) for scheme, codes in (zone.codes if zone else {}).items() for code in codes)
        return list(islice(((scheme, code) for scheme, code in found if scheme != ZONE_GEOCODE), CODES_MAX))


def as_bytes(alert: etree._Element) -> bytes:
    """A document of its own, as UTF-8 XML."""
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8"))


def writable(text: str) -> str:
    """Text with a space for every character that XML cannot hold."""
    return _UNWRITABLE.sub(" ", text)


def certainty_of(warning: Warning) -> str:
    """CAP's certainty: a forecast is likely above one half, else possible, and never observed; an ended warning is.

    What an operator, an impact or a neighbour asks for rests on no forecast: its cover is likely, its rest possible.
    """
    if warning.level == "all_clear":
        return "Observed"
    forecast = warning.probability > 0.0
    likely = warning.probability > LIKELY if forecast else warning.level == "take_cover"
    return "Likely" if likely else "Possible"


def _event(message: Message, language: str, texts: Texts, claims: Sequence[Claim]) -> str:
    """What `event` says: in our words, or in English in those of a profile that fixes them."""
    if language == "en":
        for claim in claims:
            if claim.events is not None and claim.named:
                return claim.named[claim.events.of(message.level, drill=message.drill)]
    return f"{texts.drill}: {texts.event}" if message.drill else texts.event


def _lapses(warning: Warning) -> bool:
    """Whether a warning ends by itself, and no all clear follows."""
    return warning.lapses is True


def _told_apart(warning: Warning) -> tuple[int, str, bool, datetime, str]:
    """Warnings that share an info block: one level, certainty, way to end and public reason; the gravest first."""
    grave = tuple(_GRADES).index(warning.level)
    return grave, certainty_of(warning), _lapses(warning), expires_in_cap(warning), warning.public_reason or ""


def polygon_texts(shape: shapely.Geometry) -> tuple[str, ...]:
    """The outer rings of a Polygon or MultiPolygon in degrees, as CAP's `polygon`: `lat,lon lat,lon ...`, closed.

    A ring of more than CORNERS_MAX corners is simplified further. CAP has no holes: who lives in one is warned too.
    """
    texts = []
    # Without their holes, one part may hold another: together they are one.
    outer = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape)])
    for part in shapely.get_parts(outer):
        ring = _on_grid(part)
        tolerance_deg = 0.001
        while len(ring.exterior.coords) > CORNERS_MAX:
            ring = _on_grid(shapely.simplify(part, tolerance_deg, preserve_topology=True))
            tolerance_deg *= 1.5
        texts.append(" ".join(f"{_degrees(lat)},{_degrees(lon)}" for lon, lat in ring.exterior.coords))
    return tuple(texts)


def _on_grid(polygon: shapely.Polygon) -> shapely.Polygon:
    """The polygon without holes, its corners on the five-decimal grid, still simple after rounding."""
    whole = shapely.Polygon(polygon.exterior)
    rounded = shapely.set_precision(whole, GRID_DEG)
    # Rounding may pinch off slivers of a metre; a place smaller than that is given a square around it.
    parts = [part for part in shapely.get_parts(rounded) if part.geom_type == "Polygon" and not part.is_empty]
    if not parts:
        return _on_grid(shapely.box(*whole.buffer(2 * GRID_DEG).bounds))
    return shapely.Polygon(max(parts, key=shapely.area).exterior)


def _degrees(value: float) -> str:
    """Five decimals without trailing zeros and without an exponent.

    >>> _degrees(34.5), _degrees(-0.000001)
    ('34.5', '0')
    """
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """A new last child, in the namespace of its parent."""
    space, brace, _ = parent.tag.rpartition("}")
    child = etree.SubElement(parent, f"{space}{brace}{name}")
    if text is not None:
        child.text = writable(text)
    return child


def _add_pair(parent: etree._Element, name: str, value_name: str, value: str) -> None:
    pair = add(parent, name)
    add(pair, "valueName", value_name)
    add(pair, "value", value)
