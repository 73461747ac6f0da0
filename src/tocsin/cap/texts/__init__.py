"""The words of the messages, one TOML file per language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from tocsin.model.errors import BadSettings
from tocsin.model.warning import Level


class LevelTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said at one level."""

    headline: str
    description: str
    instruction: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is said in one language.

    lapses   instead of `prepare`, where a warning ends by itself and no all clear follows
    """

    drill: str
    drill_note: str
    event: str
    prepare: LevelTexts
    take_cover: LevelTexts
    all_clear: LevelTexts
    lapses: LevelTexts

    def at(self, level: Level, *, lapses: bool = False) -> LevelTexts:
        """What is said at a level, or where a warning of that level lapses."""
        texts: LevelTexts = self.lapses if lapses else getattr(self, level)
        return texts

    def headline(self, level: Level, drill: bool, *, lapses: bool = False) -> str:
        """The headline, marked where it is a drill."""
        headline = self.at(level, lapses=lapses).headline
        return f"{self.drill} – {headline} – {self.drill}" if drill else headline

    def description(self, level: Level, drill: bool, *, lapses: bool = False) -> str:
        """The description, marked where it is a drill."""
        description = self.at(level, lapses=lapses).description
        return f"{self.drill}: {self.drill_note} {description}" if drill else description


@cache
def languages() -> tuple[str, ...]:
    """The languages there are texts for, English first."""
    found = sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml"))
    return ("en", *(language for language in found if language != "en"))


@cache
def texts_in(language: str) -> Texts:
    """The texts of one language. Raises BadSettings where there are none."""
    if language not in languages():
        known = ", ".join(languages())
        raise BadSettings(f"there are no texts in language {language!r}; choose from {known}, or add a file of texts")
    table = tomllib.loads((files(__name__) / f"{language}.toml").read_text("utf-8"))
    return msgspec.convert(table, Texts)
