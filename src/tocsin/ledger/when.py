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
    """No rule knows when that is, rules of several languages differ on it, or there is no such time."""


def resolve(said: str, published: datetime, zone: str, language: str = "") -> Window:
    """The window that a phrase means.

    published   when it was said, aware
    zone        the time zone whose days are meant, such as Asia/Damascus
    language    in which it was said; empty: whoever knows it, where all who do agree

    Raises Unresolved where no rule knows the phrase or there is no such time, and BadValue where nobody knows the zone.
    Where the clocks were changed just then, the window spans what may be meant, and the rule says so.

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
        begin, end, rule = exact
        return Window(begin=begin, end=end, said=said, zone=zone, rule=rule)
    try:
        found = _meant(said, spoken, language.partition("-")[0].lower())
    except (ValueError, OverflowError) as error:
        raise Unresolved(f"{said!r} is no time ({error}); correct it") from error
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
    (begin, _, first), (_, end, last) = (moments(at, local, border=True) for at in (found.begin, found.end))
    rule = f"{found.rule}{first}{last}"
    if begin <= published < end:
        end, rule = published, f"{rule}, until it was published"
    return Window(begin=begin, end=end, said=said, zone=zone, rule=rule)


def moments(at: datetime, local: ZoneInfo, *, border: bool = False) -> tuple[datetime, datetime, str]:
    """The first and last moment that a time on the clock may be, and how that comes, to be added to a rule.

    border   where a rule begins or ends: one that was never on the clock is when it was put forward
    """
    first, last = (at.replace(tzinfo=local, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == last:
        return first, last, ""
    clock = f"{at:%H:%M} of {at:%Y-%m-%d}"
    if first < last:
        return first, last, f"; {clock} was there twice, as the clock was put back, and both are meant"
    # PEP 495: of a time that was skipped, fold 0 is as late after the change as it is beyond it.
    said = f"; {clock} was not there, as the clock was put forward"
    return (first, first, said) if border else (last, first, f"{said}: an hour before or after it")


def _iso(text: str, local: ZoneInfo) -> tuple[datetime, datetime, str] | None:
    """ISO 8601: a date, a time, or two with / between; without an offset in the zone given. None: it is none."""
    parts = text.split("/")
    if not 1 <= len(parts) <= 2 or not all(re.match(r"\d{4}-\d{2}-\d{2}", part) for part in parts):
        return None
    try:
        (begin, _, first, _), (_, end, _, last) = (_iso_span(part, local) for part in (parts[0], parts[-1]))
    except (ValueError, OverflowError) as error:
        raise Unresolved(f"{text!r} is no time of ISO 8601 ({error}); correct it") from error
    return begin, end, f"ISO 8601{first}{last if last != first else ''}"


def _iso_span(part: str, local: ZoneInfo) -> tuple[datetime, datetime, str, str]:
    """From when to when, and what is to be said of each."""
    if len(part) == len("2026-05-03"):
        day = datetime.combine(date.fromisoformat(part), time())
        (begin, _, first), (_, end, last) = (moments(at, local, border=True) for at in (day, day + DAY))
        return begin, end, first, last
    at = datetime.fromisoformat(part)
    if at.tzinfo is not None:
        exact = at.astimezone(UTC)
        return exact, exact, "", ""
    begin, end, said = moments(at, local)
    return begin, end, said, said
