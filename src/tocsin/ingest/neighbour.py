"""What a neighbour's CAP alert means for our zones.

It is acted on when it is an air raid by the table `air_raid.toml`, or when it is unknown there and asks people to take
shelter at once. What of it is not acted on is said, with the reason, in `unused`: nothing is passed over in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.cap.read import CapAlert, CapArea, CapInfo, read_cap
from tocsin.cap.write import LEVEL_PARAMETER, ZONE_GEOCODE
from tocsin.earth.footprint import Circle, Work, crosses, zones_touched
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.air_raid import beside, judged
from tocsin.ingest.zone_codes import codes_of
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Alert, AlertLevel, AlertPart
from tocsin.model.value import SENT_AHEAD_S, clipped

KINDS = ("Alert", "Update", "Cancel")
LEVELS: dict[str, AlertLevel] = {"prepare": "prepare", "take_cover": "take_cover", "all_clear": "all_clear"}
# Reasons named of one message; the rest are of the same few kinds.
UNUSED_MAX = 20
NAMED_MAX = 5
# No country at war is wider than this to both sides of its middle, and no alert of the archives reaches half as far.
WIDE_KM = 1_000.0


class _Asked(NamedTuple):
    """What one info block asks; level None: nothing, and `why` says why (`unknown`: the table has no word of it).

    passed   words of a drill or of something else that stand in it and count for nothing
    """

    level: AlertLevel | None
    why: str = ""
    unknown: bool = False
    passed: tuple[str, ...] = ()


class _Placed(NamedTuple):
    """Zones that areas mean; `lost` is what could not be placed, and `wrong` what of it could not be read.

    odd   outlines that look wrong and count as they are
    """

    zones: frozenset[str]
    lost: tuple[str, ...]
    wrong: tuple[str, ...]
    odd: tuple[str, ...]


def understood(alert: Alert, index: ZoneIndex) -> Alert:
    """An upstream alert with all that its CAP message says filled in; what the sender wrote there is dropped.

    Raises BadRecord when the message cannot be read.
    """
    try:
        message = read_cap(alert.cap)
    except BadInput as error:
        raise BadRecord(f"alert {alert.id} is not a CAP message: {error}") from error
    return understood_message(alert, message, index)


def understood_message(alert: Alert, message: CapAlert, index: ZoneIndex) -> Alert:
    """The same for a message that has been read already."""
    if max(len(message.sender), len(message.identifier)) > 500:
        raise BadRecord(f"alert {alert.id} has a sender or an identifier of more than 500 characters")
    blank = Alert(
        id=alert.id,
        time=alert.time,
        received=alert.received,
        source=alert.source,
        via=alert.via,
        cap=alert.cap,
        sender=message.sender,
        identifier=message.identifier,
        sent=message.sent,
    )
    if message.status != "Actual":
        return msgspec.structs.replace(blank, unused=(f"its status is {message.status[:40]}, not Actual",))
    if message.kind not in KINDS:
        return msgspec.structs.replace(blank, unused=(f"its msgType is {message.kind[:40]}",))
    own = [name for sender, name, _ in message.references if sender.casefold() == message.sender.casefold()]
    ends = tuple(name for name in own if len(name) <= 500)
    asked = _translated([(info, _asked(message, info)) for info in message.infos])
    parts, notes, odd, placed = _parts(message, asked, index)
    odd += [
        f"{word[:40]!r} is said beside an air raid and a call to shelter at once; it counts all the same"
        for _, what in asked
        for word in what.passed
    ]
    acted = any(what.level is not None for _, what in asked)
    complete = bool(message.infos) and placed and all(what.level or _is_over(info) for info, what in asked)
    notes += message.problems
    if message.kind != "Alert":
        notes += [f"its reference {one[:80]!r} cannot be read, and is not used" for one in message.unread]
    if message.kind == "Cancel" and message.refers and not (message.references or message.unread):
        notes.append("its references name no message: it cancels nothing")
    others = len(message.references) - len(own)
    if others and message.kind != "Alert":
        which = f"{others} that other senders sent" if ends else "messages of other senders alone"
        notes.append(f"it refers to {which}; nothing of theirs is touched")
    if not message.infos and not ends:
        notes.append("it has no info block and names no message of its sender")
    if (ahead_s := (message.sent - alert.received_at).total_seconds()) > SENT_AHEAD_S:
        odd.append(f"its `sent` is {ahead_s:.0f} s in the future; it counts as sent now; set the sender's clock")
    return msgspec.structs.replace(
        blank,
        message=message.kind,
        ends=ends if message.kind != "Alert" else (),
        parts=parts if acted else (),
        complete=complete,
        unused=_once(notes),
        noted=_once(odd),
    )


def _once(notes: Iterable[str]) -> tuple[str, ...]:
    """What to tell, the first of it: a neighbour who says the same in five languages is answered once."""
    return tuple(dict.fromkeys(clipped(note) for note in notes if note))[:UNUSED_MAX]


def _asked(message: CapAlert, info: CapInfo) -> _Asked:
    """What one info block asks of people."""
    said = dict(info.parameters).get(LEVEL_PARAMETER)
    subject, over = judged((info.event, info.headline), info.codes, info.categories)
    called = info.event[:80] or "an event without a name"
    if message.kind == "Cancel":
        # What it cancels stands in its references, however badly; its areas are for who gives none.
        return _Asked(None if message.refers or subject in ("drill", "other") else "all_clear")
    at_once, shelter = info.urgency == "Immediate", "Shelter" in info.responses
    passed: tuple[str, ...] = ()
    if subject in ("drill", "other") and at_once and shelter and not _is_over(info):
        passed = beside(info.event, info.headline, info.codes)
        subject = "air_raid" if passed else subject
    if said in LEVELS and subject != "drill":
        return _Asked(LEVELS[said], passed=passed)
    if subject == "drill":
        return _Asked(None, f"{called!r} is a test or a drill")
    if subject == "other":
        return _Asked(None, f"{called!r} is not about an air raid")
    if _is_over(info) or (over and not at_once and not shelter):
        known = subject == "air_raid" or over
        return _Asked(
            "all_clear" if known else None, "" if known else f"{called!r} does not say what is over", not known
        )
    if subject == "unknown" and not (at_once and shelter):
        return _Asked(None, f"{called!r} is not known as an air raid, and does not call to shelter at once", True)
    return _Asked("take_cover" if at_once or shelter else "prepare", passed=passed)


def _translated(asked: list[tuple[CapInfo, _Asked]]) -> list[tuple[CapInfo, _Asked]]:
    """A block in a language that the table does not have, beside one that it has, says the same of the same areas."""
    known = {_gist(info): what for info, what in asked if what.level is not None}
    return [(info, known.get(_gist(info), what) if what.unknown else what) for info, what in asked]


def _gist(info: CapInfo) -> tuple[object, ...]:
    """All of a block that does not depend on its language."""
    areas = tuple((area.polygons, area.circles, area.geocodes) for area in info.areas)
    return info.urgency, info.severity, info.certainty, info.responses, info.expires, areas


def _is_over(info: CapInfo) -> bool:
    return "AllClear" in info.responses or info.urgency == "Past"


def _parts(
    message: CapAlert, asked: Sequence[tuple[CapInfo, _Asked]], index: ZoneIndex
) -> tuple[tuple[AlertPart, ...], list[str], list[str], bool]:
    """Levels and zones; what is not acted on; what looks wrong; and whether all that asks for something was placed."""
    notes = [what.why for _, what in asked]
    groups: dict[tuple[AlertLevel, datetime | None], dict[CapArea, None]] = defaultdict(dict)
    for info, what in asked:
        if what.level is None:
            continue
        notes += [f"{problem}; taken as not given" for problem in info.problems]
        groups[what.level, info.expires].update(dict.fromkeys(info.areas))
        if not info.areas and not (what.level == "all_clear" and message.refers):
            notes.append(f"it could not be placed: {info.event[:80]!r} names no area")
    work = Work()
    placed = {key: _placed(areas, index, work) for key, areas in groups.items()}
    notes += [note for one in placed.values() for note in (*one.wrong, *one.lost)]
    parts = tuple(
        AlertPart(level=level, expires=expires, zones=tuple(sorted(one.zones)))
        for (level, expires), one in placed.items()
        if one.zones
    )
    homeless = any(what.level in ("prepare", "take_cover") and not info.areas for info, what in asked)
    # An all clear that cannot be placed still ends what it refers to.
    whole = not homeless and not any(
        one.lost or one.wrong for (level, _), one in placed.items() if level != "all_clear"
    )
    if placed and not parts and whole and any(areas for areas in groups.values()):
        notes.append("its areas touch none of our zones")
    return parts, notes, [note for one in placed.values() for note in one.odd], whole


def _placed(areas: Iterable[CapArea], index: ZoneIndex, work: Work) -> _Placed:
    """The zones that areas name by our own geocode, else touch, else name by codes that are known to mean them."""
    zones: set[str] = set()
    lost, wrong, odd = [], [], list[str]()
    rings, circles = dict[tuple[tuple[float, float], ...], None](), dict[Circle, None]()
    for area in areas:
        own = {value for name, value in area.geocodes if name == ZONE_GEOCODE and value in index.number}
        zones |= own
        if own:
            continue
        rings.update(dict.fromkeys(area.polygons))
        circles.update({Circle(lat, lon, radius_km * 1_000): None for lat, lon, radius_km in area.circles})
        odd += _odd(area, work)
        wrong += [f"an outline of {area.description[:80]!r} could not be read: {why}" for why in area.problems]
        if area.problems or not (area.polygons or area.circles):
            rows = codes_of(index).rows(area.geocodes, ZONE_GEOCODE)
            zones |= {index.zones[row].id for row in rows}
            if not rows and not (area.polygons or area.circles):
                lost.append(_homeless(area))
    touched, refused = zones_touched(index, list(rings), list(circles), work)
    zones |= {index.zones[row].id for row in touched.tolist()}
    if refused:
        wrong.append(f"{refused} of {len(rings) + len(circles)} outlines were too tangled to be placed")
    return _Placed(frozenset(zones), tuple(lost), tuple(wrong), tuple(odd))


def _odd(area: CapArea, work: Work) -> list[str]:
    """What of an area's outlines can be read, and is hardly what was meant."""
    where = f"an outline of {area.description[:80]!r}"
    said = [f"{where} was open: it ends where it begins now"] * bool(area.opened)
    if any(crosses(ring, work) for ring in area.polygons):
        said.append(f"{where} crosses or touches itself: every zone that any of its loops touches counts")
    widest_km = max((radius_km for *_, radius_km in area.circles), default=0.0)
    if widest_km > WIDE_KM:
        said.append(f"a circle of {area.description[:80]!r} has a radius of {widest_km:g} km; is that in metres?")
    return said


def _homeless(area: CapArea) -> str:
    """Why an area without a readable outline could not be placed."""
    named = ", ".join(f"{scheme} {value}"[:60] for scheme, value in area.geocodes[:NAMED_MAX])
    what = area.description[:80]
    if named:
        return f"it could not be placed: {what!r} has no outline, and no zone has the code {named}"
    return f"it could not be placed: {what!r} has neither an outline nor a code"
