"""When it was, as a source says it: "overnight Sunday to Monday" becomes a window, with the rule that made it one.

Phrases in English and in the languages of `spoken`, relative to the day of publication in a named time zone, and ISO
8601 always. A phrase is resolved to the last such time that had begun when it was published, for what is reported has
happened; where it would reach beyond the publication it ends there. What no rule knows is Unresolved: whoever records
it gives the times himself, or keeps the words alone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from tocsin.ledger.phrases import DAY, RULES, Found, Spoken
from tocsin.ledger.spoken import languages, phrases_of, plain
from tocsin.ledger.window import Window
from tocsin.model.errors import BadValue


class Unresolved(BadValue):
    """No rule knows when that is, or rules of several languages differ on it."""


def resolve(said: str, published: datetime, zone: str, language: str = "") -> Window:
    """The window that a phrase means.

    published   when it was said, aware
    zone        the time zone whose days are meant, such as Asia/Damascus
    language    in which it was said; empty: whoever knows it, where all who do agree

    Raises Unresolved where no rule knows the phrase, and BadValue where it is no time, or nobody knows the zone.

    >>> window = resolve("overnight Sunday to Monday", datetime(2026, 6, 9, 8, tzinfo=UTC), "Asia/Damascus")
    >>> window.begin.isoformat(), window.end.isoformat()
    ('2026-06-07T16:00:00+00:00', '2026-06-08T03:00:00+00:00')
    """
    try:
        local = ZoneInfo(zone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise BadValue(f"zone is {zone!r}; give a time zone such as Asia/Damascus") from error
    try:
        spoken = published.astimezone(local)
    except OverflowError as error:
        raise BadValue(f"it was published at {published.isoformat()}; in {zone} there is no such time") from error
    if (exact := _iso(said.strip(), local)) is not None:
        return Window(begin=exact.begin, end=exact.end, said=said, zone=zone, rule=exact.rule)
    try:
        found = _meant(said, spoken, language.partition("-")[0].lower())
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{said!r} is no time ({error}); correct it") from error
    if not found:
        raise Unresolved(
            f"no rule knows when {said!r} is; write it as ISO 8601 (2026-05-03/2026-05-04T06:00), or in words such as "
            "'overnight Sunday to Monday', 'on Tuesday evening', 'early May', '3 May 2026', 'two days ago'"
        )
    if len({(one.begin, one.end) for one in found}) > 1:
        raise Unresolved(f"{said!r} means one time in one language and another in another; give its language")
    return _window(found[0], said, zone, local, published)


def _meant(said: str, spoken: datetime, language: str) -> list[Found]:
    """What a phrase means in the language it is said in; where that is not known, in each that knows it."""
    asked = [language] if language in ("en", *languages()) else []
    for one in (*asked, None):
        found = [
            meant
            for name in ((one,) if one else ("en", *languages()))
            if (meant := _in(name, said, spoken)) is not None
        ]
        if found:
            return found
    return []


def _in(language: str, said: str, published: datetime) -> Found | None:
    """What a phrase means in one language: by its first rule that knows it. Raises ValueError and OverflowError."""
    if language != "en":
        text, told = plain(said), Spoken({}, published)
        return next((found for one in phrases_of(language) if (found := one.found(text, told)) is not None), None)
    phrase = " ".join(said.casefold().replace("–", "-").split())
    for pattern, rule in RULES:
        if (match := pattern.fullmatch(phrase)) is not None:
            return rule(Spoken(match.groupdict(), published))
    return None


def _window(found: Found, said: str, zone: str, local: ZoneInfo, published: datetime) -> Window:
    begin, end = (at.replace(tzinfo=local).astimezone(UTC) for at in (found.begin, found.end))
    rule = found.rule
    if begin <= published < end:
        end, rule = published, f"{rule}, until it was published"
    return Window(begin=begin, end=end, said=said, zone=zone, rule=rule)


def _iso(text: str, local: ZoneInfo) -> Found | None:
    """ISO 8601: a date, a time, or two with / between; without an offset in the zone given. None: it is none."""
    parts = text.split("/")
    if not 1 <= len(parts) <= 2 or not all(re.match(r"\d{4}-\d{2}-\d{2}", part) for part in parts):
        return None
    try:
        begin, end = _iso_span(parts[0], local)[0], _iso_span(parts[-1], local)[1]
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{text!r} is no time of ISO 8601 ({error}); correct it") from error
    return Found(begin, end, "ISO 8601")


def _iso_span(part: str, local: ZoneInfo) -> tuple[datetime, datetime]:
    if len(part) == len("2026-05-03"):
        day = datetime.combine(date.fromisoformat(part), time(), local)
        return day.astimezone(UTC), (day + DAY).astimezone(UTC)
    at = datetime.fromisoformat(part)
    at = (at if at.tzinfo is not None else at.replace(tzinfo=local)).astimezone(UTC)
    return at, at
