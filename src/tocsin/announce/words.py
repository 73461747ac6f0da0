"""Warnings in words, in any language and for any way out.

    say(warnings, zones, "uk", "sms")     one text about warnings that say the same of several zones
    digest(warnings, zones, "uk", "sms")  of any warnings: a text for each thing that is said, the gravest first
    unsure(zones, "uk", "sms", ...)       we may be blind there
    retraction(warnings, zones, "uk", "sms", ...)   what was sent was a mistake

A place is called as `Zone.name_in` says: by its name in the language, else in the language's script, else in English,
else by any name it has. A district is named with its city; a city of which every district is told, by its own name.
Nothing here names a track, a sensor, a probability, or a class that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Literal

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.place_names import named
from tocsin.model.zone import Zone
from tocsin.words import short
from tocsin.words.catalogue import catalogue_in
from tocsin.words.english import SAID, Sense
from tocsin.words.notice import Notice, sense_of, where, whole

# title   one line, such as the heading of a notification
# full    one sentence each: what and where, what is going on, when, what to do, and what with no shelter at hand
# sms     one text message; cell: a cell broadcast; mesh: 200 bytes of UTF-8; spoken: to be read aloud by a machine
Form = Literal["title", "full", "sms", "cell", "mesh", "spoken"]
# Who reads on after this many names looks at a map.
NAMED_MAX, TITLED_MAX, SPOKEN_MAX = 12, 3, 5
# No form names more.
PLACES_MAX = 20
_ORDER: tuple[Sense, ...] = tuple(SAID)


def say(
    warnings: PublicWarning | Sequence[PublicWarning],
    zones: Mapping[str, Zone],
    language: str,
    form: Form = "full",
    *,
    timezone: tzinfo = UTC,
) -> str:
    """One text about warnings that all say the same thing: one level, one way to end, all drills or none.

    Raises ValueError where they do not (see `digest`), BadSettings for a language that there are no words in.
    """
    told = (warnings,) if isinstance(warnings, PublicWarning) else warnings
    if len({_told_apart(warning) for warning in told}) != 1:
        raise ValueError("warnings of one text all say the same thing; take `digest` for any others")
    return spell(notice_of(told, zones, language), language, form, timezone=timezone)


def digest(
    warnings: Sequence[PublicWarning],
    zones: Mapping[str, Zone],
    language: str,
    form: Form = "full",
    *,
    timezone: tzinfo = UTC,
) -> list[str]:
    """A text for each thing that the warnings say, the gravest first."""
    return [say(group, zones, language, form, timezone=timezone) for group in alike(warnings)]


def alike(warnings: Sequence[PublicWarning]) -> list[list[PublicWarning]]:
    """Warnings apart by what they say, the gravest first; those of drills after the others that say the same.

    Of several about one zone only the last is told: nobody shall read an older word beside a newer one.
    """
    groups: dict[tuple[int, bool], list[PublicWarning]] = {}
    for warning in {one.zone: one for one in warnings}.values():
        groups.setdefault(_told_apart(warning), []).append(warning)
    return [groups[key] for key in sorted(groups)]


def unsure(
    zone_ids: Sequence[str],
    zones: Mapping[str, Zone],
    language: str,
    form: Form = "full",
    *,
    since: datetime,
    drill: bool = False,
    timezone: tzinfo = UTC,
) -> str:
    """That we may be blind in some zones, which is no all clear."""
    places, more = named(zone_ids, zones, language, PLACES_MAX)
    return spell(Notice("unknown", places, since, drill, more=more), language, form, timezone=timezone)


def retraction(
    warnings: Sequence[PublicWarning],
    zones: Mapping[str, Zone],
    language: str,
    form: Form = "full",
    *,
    at: datetime,
    timezone: tzinfo = UTC,
) -> str:
    """That some warnings were a mistake; who was told of a drill is told so of a drill."""
    places, more = named([warning.zone for warning in warnings], zones, language, PLACES_MAX)
    notice = Notice("retracted", places, at, any(warning.drill for warning in warnings), more=more)
    return spell(notice, language, form, timezone=timezone)


def spell(notice: Notice, language: str, form: Form, *, timezone: tzinfo = UTC) -> str:
    """A notice in one language and form."""
    words = catalogue_in(language)
    if form == "title":
        return where(notice, TITLED_MAX, words)
    if form == "full":
        return " ".join(whole(notice, words, timezone, NAMED_MAX))
    if form == "spoken":
        # A voice makes a pause for a full stop, and reads a dash or stumbles over it.
        return " ".join(whole(notice, words, timezone, SPOKEN_MAX)).replace(" – ", ". ").translate(_UNSPOKEN)
    return {"sms": short.sms, "cell": short.cell, "mesh": short.mesh}[form](notice, words, timezone)


def notice_of(told: Sequence[PublicWarning], zones: Mapping[str, Zone], language: str) -> Notice:
    """What warnings that say the same thing say; the zones that may be reached first stand first."""
    first = sorted(told, key=lambda one: (one.eta_earliest or one.time, -_people(one.zone, zones), one.zone))
    etas = [one.eta_earliest for one in told if one.eta_earliest is not None]
    threats = {one.threat for one in told}
    places, more = named([one.zone for one in first], zones, language, PLACES_MAX)
    remarks = dict.fromkeys(one.public_reason for one in first if one.public_reason)
    return Notice(
        sense=_sense(first[0]),
        places=places,
        more=more,
        sent_at=max(one.time for one in told),
        drill=first[0].drill,
        from_at=min(etas, default=None),
        likely_at=first[0].eta_likely if len(first) == 1 else None,
        ends_at=max(one.expires for one in told),
        threat=threats.pop() if len(threats) == 1 else "unknown",
        remark=" ".join(str(remark) for remark in remarks),
    )


_UNSPOKEN = {0x2068: None, 0x2069: None}


def _sense(warning: PublicWarning) -> Sense:
    return sense_of(warning.level, lapses=warning.lapses is True)


def _told_apart(warning: PublicWarning) -> tuple[int, bool]:
    return _ORDER.index(_sense(warning)), warning.drill


def _people(zone_id: str, zones: Mapping[str, Zone]) -> float:
    zone = zones.get(zone_id)
    return zone.population if zone else 0.0
