"""What a push message holds: a notice for each zone, in the reader's language; many zones at once are one notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal

import msgspec

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.web_push.encryption import PLAIN_BYTES_MAX
from tocsin.announce.words import Form, alike, say
from tocsin.model.warning import Level
from tocsin.model.zone import Zone

# Who follows more places than that reads one notice about all of them.
APART_MAX = 3
# Tag of a notice about several zones.
TOGETHER = "together"
URGENCY: dict[Level, int] = {"take_cover": 0, "prepare": 1, "all_clear": 2}


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One notification. A newer one with the same tag takes its place.

    time      when the warning was issued: an older notice never takes the place of a newer one
    expires   after that it means nothing
    """

    tag: str
    level: Level | Literal["welcome", "test"]
    title: str
    body: str
    time: datetime | None = None
    expires: datetime | None = None
    zones: tuple[str, ...] = ()
    drill: bool = False


class Message(msgspec.Struct, frozen=True):
    """The body of a push, before it is encrypted."""

    language: str
    notices: tuple[Notice, ...]


def message_of(warnings: Sequence[PublicWarning], zones: Mapping[str, Zone], language: str, timezone: tzinfo) -> bytes:
    """What one subscriber is told: JSON of at most PLAIN_BYTES_MAX octets."""
    groups = alike(warnings)
    apart = [[one] for group in groups for one in group]
    shapes: tuple[tuple[list[list[PublicWarning]], Form], ...] = (
        (apart, "full"),
        (groups, "full"),
        (groups, "sms"),
        (groups[:1], "sms"),
    )
    for parts, form in shapes:
        if parts is apart and len(apart) > APART_MAX:
            continue
        notices = tuple(
            Notice(
                tag=part[0].zone if len(part) == 1 else TOGETHER,
                level=part[0].level,
                title=say(part, zones, language, "title", timezone=timezone),
                body=say(part, zones, language, form, timezone=timezone),
                time=max(one.time for one in part),
                expires=max(one.expires for one in part),
                zones=tuple(one.zone for one in part),
                drill=part[0].drill,
            )
            for part in parts
        )
        body = msgspec.json.encode(Message(language, notices))
        if len(body) <= PLAIN_BYTES_MAX:
            break
    return body


def welcome(zone_ids: Sequence[str], zones: Mapping[str, Zone], language: str) -> bytes:
    """The first message where nothing stands: the page has the words for it."""
    names = ", ".join(zones[zone].name_in(language) for zone in zone_ids[:APART_MAX] if zone in zones)
    notice = Notice(tag="welcome", level="welcome", title="", body=names, zones=tuple(zone_ids[:APART_MAX]))
    return msgspec.json.encode(Message(language, (notice,)))


def tested(language: str) -> bytes:
    """What somebody gets who asked for a test: whoever shows it says in his words that nothing is happening."""
    return msgspec.json.encode(Message(language, (Notice(tag="test", level="test", title="TEST", body=""),)))
