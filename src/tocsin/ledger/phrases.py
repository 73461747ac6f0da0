"""Phrases of time, relative to when they were published: the English ones, and by which rule any is resolved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
# Part of a day -> its hours; 30 is 6 o'clock of the next day. They overlap, for people say both.
PARTS = {
    "morning": (5, 12), "early morning": (3, 8), "dawn": (4, 8), "noon": (11, 14), "midday": (11, 14),
    "afternoon": (12, 18), "evening": (17, 24), "night": (19, 30), "overnight": (19, 30), "late night": (21, 28),
    "small hours": (0, 6), "early hours": (0, 6),
}  # fmt: skip
_NIGHT = PARTS["night"]
# Days of a month that are called early, mid and late.
THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}

_WEEKDAY = f"(?P<day>{'|'.join(WEEKDAYS)})"
_MONTH = f"(?P<month>{'|'.join(MONTHS)})"
_YEAR = r"(?:,? (?P<year>\d{4}))?"
_PART = f"(?P<part>{'|'.join(sorted(PARTS, key=len, reverse=True))})"
_NUMBER = f"(?P<number>{'|'.join(_NUMBERS)}|\\d{{1,3}})"


class Spoken(NamedTuple):
    """A phrase that was taken apart: its parts, and the day and time at which it was published, in its zone."""

    parts: dict[str, str | None]
    published: datetime

    @property
    def today(self) -> date:
        """The day on which it was published."""
        return self.published.date()


class Found(NamedTuple):
    """Local times without a zone, and the rule in words."""

    begin: datetime
    end: datetime
    rule: str


def _hours(day: date, hours: tuple[int, int]) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time())
    return midnight + timedelta(hours=hours[0]), midnight + timedelta(hours=hours[1])


def _last_weekday(name: str, spoken: Spoken, hours: tuple[int, int] = (0, 24)) -> date:
    """The last such day that had come so far, when it was said, that what is told of it may have happened."""
    back = (spoken.today.weekday() - WEEKDAYS.index(name)) % 7
    day = spoken.today - back * DAY
    begun = _hours(day, hours)[0] <= spoken.published.replace(tzinfo=None)
    return day if begun else day - 7 * DAY


def _two_weekdays(spoken: Spoken) -> Found:
    first, second = str(spoken.parts["day"]), str(spoken.parts["next"])
    if (WEEKDAYS.index(first) + 1) % 7 != WEEKDAYS.index(second):
        raise ValueError(f"{second.title()} does not follow {first.title()}")
    day = _last_weekday(first, spoken, _NIGHT)
    return Found(*_hours(day, _NIGHT), f"the night from {first.title()} to {second.title()}, {_clock(_NIGHT)}")


def _eve(spoken: Spoken) -> Found:
    """The night before a weekday."""
    following = str(spoken.parts["next"])
    before = WEEKDAYS[WEEKDAYS.index(following) - 1]
    return _two_weekdays(Spoken(spoken.parts | {"day": before}, spoken.published))


def _either(spoken: Spoken) -> Found:
    """A weekday's night, where that is said of the one before it and of its own: from the one to the other."""
    name = str(spoken.parts["day"])
    day = _last_weekday(name, spoken, (_NIGHT[0] - 24, 0))
    begin, end = _hours(day - DAY, _NIGHT)[0], _hours(day, _NIGHT)[1]
    return Found(begin, end, f"the night before {name.title()} or its own, {_clock(_NIGHT)}: both are called so")


def _eve_date(spoken: Spoken) -> Found:
    """The night before a day of a month; where both days are said they must follow each other."""
    number, first = int(str(spoken.parts["number"])), spoken.parts.get("first")
    day = _in_year(spoken, lambda year: date(year, _month(spoken), number))
    if first is not None and int(first) != (day - DAY).day:
        raise ValueError(f"day {number} does not follow day {int(first)}")
    year_said = "" if spoken.parts["year"] else ", the last such night before it was published"
    both = " to ".join(f"{one.day} {MONTHS[one.month - 1].title()}" for one in (day - DAY, day))
    rule = f"the night from {both}{year_said}, {_clock(_NIGHT)}"
    return Found(*_hours(day - DAY, _NIGHT), rule)


def _weekday(spoken: Spoken) -> Found:
    name, part = str(spoken.parts["day"]), spoken.parts["part"]
    hours = PARTS[part] if part else (0, 24)
    day = _last_weekday(name, spoken, hours)
    if spoken.parts["last"] and day == spoken.today:
        day -= 7 * DAY
    return Found(*_hours(day, hours), f"the last {name.title()} before it was published, {_clock(hours)}")


def _relative(spoken: Spoken) -> Found:
    """Today, yesterday, and parts of them."""
    part = spoken.parts["part"]
    hours = PARTS[part] if part else (0, 24)
    day = spoken.today - (DAY if spoken.parts["which"] == "yesterday" else 0 * DAY)
    return Found(
        *_hours(day, hours), f"the day {'before ' if day < spoken.today else ''}it was published, {_clock(hours)}"
    )


def _last_night(spoken: Spoken) -> Found:
    """Last night, overnight: the last night that had begun; said in the evening, the one before."""
    day = spoken.today - DAY
    return Found(*_hours(day, _NIGHT), f"the night before the day it was published, {_clock(_NIGHT)}")


def _days_ago(spoken: Spoken) -> Found:
    number = str(spoken.parts["number"])
    day = spoken.today - _NUMBERS.get(number, int(number) if number.isdigit() else 0) * DAY
    return Found(*_hours(day, (0, 24)), "so many days before the day it was published")


def _day_of_month(spoken: Spoken) -> Found:
    part, number = spoken.parts["part"], int(str(spoken.parts["number"]))
    hours = PARTS[part] if part else (0, 24)
    day = _in_year(spoken, lambda year: date(year, _month(spoken), number))
    year_said = "" if spoken.parts["year"] else "the last such day before it was published, "
    return Found(*_hours(day, hours), f"{year_said}{_clock(hours)}")


def _month_or_third(spoken: Spoken) -> Found:
    first, last = THIRDS.get(spoken.parts["third"] or "", (1, 31))
    day = _in_year(spoken, lambda year: date(year, _month(spoken), first))
    following = (day.replace(day=1) + 31 * DAY).replace(day=1)
    end = min(day.replace(day=1) + last * DAY, following)
    days = "the whole month" if (first, last) == (1, 31) else f"days {first} to {(end - DAY).day}"
    year_said = "" if spoken.parts["year"] else " of the last such month before it was published"
    return Found(datetime.combine(day, time()), datetime.combine(end, time()), f"{days}{year_said}")


def _month(spoken: Spoken) -> int:
    return MONTHS.index(str(spoken.parts["month"])) + 1


def _in_year(spoken: Spoken, day: Callable[[int], date]) -> date:
    """A day of the year that is named, or of the last in which it had come when it was said."""
    if spoken.parts["year"]:
        return day(int(spoken.parts["year"]))
    # The 29th of February is there in one of eight years at worst.
    for year in range(spoken.today.year, spoken.today.year - 9, -1):
        try:
            if (found := day(year)) <= spoken.today:
                return found
        except ValueError:
            continue
    raise ValueError("there is no such day")


def _clock(hours: tuple[int, int]) -> str:
    return f"{hours[0]:02d}:00 to {hours[1] % 24:02d}:00" if hours != (0, 24) else "the whole day"


Rule = Callable[[Spoken], Found]
# What a phrase asks for, by a key that other languages use; those that say more come first.
BY_KEY: dict[str, Rule] = {
    "pair": _two_weekdays, "eve": _eve, "either": _either, "pair_dates": _eve_date, "eve_date": _eve_date,
    "last_night": _last_night, "weekday": _weekday, "relative": _relative, "ago": _days_ago, "date": _day_of_month,
    "month": _month_or_third,
}  # fmt: skip
RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (
            rf"(?:overnight|in the night|during the night|on the night)?,? ?(?:of |from |between )?{_WEEKDAY}"
            rf"(?: to | and |-| into )(?P<next>{'|'.join(WEEKDAYS)})(?: night)?",
            _two_weekdays,
        ),
        (rf"(?:on |in |at )?(?:the )?(?P<last>last )?{_WEEKDAY}(?: at)?(?: {_PART})?", _weekday),
        (rf"(?:at |in the |on the )?{_PART}(?: on| of)? (?P<last>last )?{_WEEKDAY}", _weekday),
        (rf"(?:earlier )?(?P<which>today|yesterday|this(?= ))(?: at)?(?: {_PART})?", _relative),
        (r"last night|overnight|during the night|in the night", _last_night),
        (rf"{_NUMBER} days? ago", _days_ago),
        (
            rf"(?:on )?(?:the )?(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}{_YEAR}(?: at)?(?: {_PART})?",
            _day_of_month,
        ),
        (rf"(?:on )?{_MONTH} (?P<number>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}(?: at)?(?: {_PART})?", _day_of_month),
        (rf"(?:in )?(?:the )?(?:(?P<third>early|mid|late)[- ])?{_MONTH}{_YEAR}", _month_or_third),
    )
)
