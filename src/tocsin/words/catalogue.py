"""What is said in one language: sentences from its `.po` file; numbers, lists and times as Unicode's CLDR writes them.

The `.po` files that translators work on are what is shipped and read: a language takes milliseconds, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from tocsin.model.errors import BadSettings

_LOCALES = files("tocsin.words") / "locale"
# More than any browser sends.
ACCEPTED_MAX = 500
_DIGITS = {"arab": "٠١٢٣٤٥٦٧٨٩", "arabext": "۰۱۲۳۴۵۶۷۸۹"}


@cache
def languages() -> tuple[str, ...]:
    """The languages there are words for, English first."""
    return ("en", *sorted(file.name.removesuffix(".po") for file in _LOCALES.iterdir() if file.name.endswith(".po")))


@cache
def catalogue_in(language: str) -> Catalogue:
    """The words of one language. Raises BadSettings where there are none."""
    if language not in languages():
        known = ", ".join(languages())
        raise BadSettings(f"there are no texts in language {language!r}; choose from {known}, or add a file of texts")
    return Catalogue(language)


def language_wanted(accepted: str) -> str:
    """The language that an Accept-Language header (RFC 9110, 12.5.4) likes best of those there are; else English."""
    liked: list[tuple[float, str]] = []
    for part in accepted[:ACCEPTED_MAX].split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        # What old phones call Hebrew.
        language = "he" if language == "iw" else language
        quality = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        liked.append((-float(quality[1]) if quality else -1.0, language))
    known = languages()
    return next(
        (language for quality, language in sorted(liked, key=lambda one: one[0]) if quality and language in known), "en"
    )


def timezone_named(name: str) -> tzinfo:
    """A time zone, as `Europe/Kyiv` or `UTC`. Raises BadSettings where there is none of that name."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadSettings(f"there is no time zone {name!r} here; take one as Europe/Kyiv, or UTC") from error


class Catalogue:
    """The words of one language, and which way it is written; get it from `catalogue_in`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(language)
        self.direction: Literal["ltr", "rtl"] = "rtl" if self._locale.text_direction == "rtl" else "ltr"
        self._said = _translations(language)
        self._digits = str.maketrans("0123456789", _DIGITS.get(self._locale.default_numbering_system, "0123456789"))

    def say(self, english: str, **fill: str) -> str:
        """A sentence of `english`, its {places} filled in."""
        return self._said.gettext(english).format(**fill)

    def count(self, forms: tuple[str, str], count: int) -> str:
        """A phrase with a count in it, in the form that goes with that number here."""
        return self._said.ngettext(*forms, count).format(count=self.number(count))

    def number(self, number: int) -> str:
        """A whole number, in the digits people read."""
        shown: str = format_decimal(number, locale=self._locale, numbering_system="default")
        # Babel takes the signs of the system and leaves the digits.
        return shown.translate(self._digits)

    def digits(self, text: str) -> str:
        """A text with its digits as people read them."""
        return text.translate(self._digits)

    def clock(self, time: datetime, zone: tzinfo = UTC) -> str:
        """Hours and minutes; UTC says so, for that is nobody's wall clock."""
        shown = time.astimezone(zone).strftime("%H:%M").translate(self._digits)
        return f"{shown} UTC" if zone is UTC else shown

    def dated(self, time: datetime) -> str:
        """Day, month, year, hours and minutes, UTC."""
        day: str = format_date(time.astimezone(UTC).date(), "medium", locale=self._locale)
        return f"{day.translate(self._digits)}, {self.clock(time)}"

    def month(self, month: str) -> str:
        """A month and its year, given as 2026-03."""
        at = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        named: str = format_skeleton("yMMMM", at, locale=self._locale)
        return named.translate(self._digits)

    def listed(self, items: Sequence[str]) -> str:
        """Items as one phrase: "a, b and c"."""
        return format_list(items, style="standard", locale=self._locale).replace(", and ", " and ")


def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    with (_LOCALES / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
