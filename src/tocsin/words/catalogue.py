"""What is said in one language: sentences from its `.po` file; numbers, lists and times as Unicode's CLDR writes them.

The `.po` files that translators work on are what is shipped and read: a language takes milliseconds, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from tocsin.model.errors import BadSettings

_LOCALES = files("tocsin.words") / "locale"
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

    def clock(self, time: datetime, zone: tzinfo = UTC) -> str:
        """Hours and minutes; UTC says so, for that is nobody's wall clock."""
        shown = time.astimezone(zone).strftime("%H:%M").translate(self._digits)
        return f"{shown} UTC" if zone is UTC else shown

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
