"""The words of the messages, as CAP's elements want them; they come from the one catalogue of `tocsin.words`."""

from __future__ import annotations

from functools import cache

import msgspec

from tocsin.model.warning import Level
from tocsin.words import english
from tocsin.words.catalogue import Catalogue, catalogue_in
from tocsin.words.english import SAID, Sense
from tocsin.words.notice import sense_of


class LevelTexts(msgspec.Struct, frozen=True):
    """What is said at one level."""

    headline: str
    description: str
    instruction: str


class Texts(msgspec.Struct, frozen=True):
    """All that is said in one language.

    lapses   instead of `prepare`, where a warning ends by itself and no all clear follows
    blind    what is said beside it where we may be blind
    """

    drill: str
    drill_note: str
    event: str
    prepare: LevelTexts
    take_cover: LevelTexts
    all_clear: LevelTexts
    lapses: LevelTexts
    blind: str

    def at(self, level: Level, *, lapses: bool = False) -> LevelTexts:
        """What is said at a level, or where a warning of that level lapses."""
        texts: LevelTexts = getattr(self, sense_of(level, lapses=lapses))
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
def texts_in(language: str) -> Texts:
    """The texts of one language. Raises BadSettings where there are none."""
    words = catalogue_in(language)
    senses: tuple[Sense, ...] = ("prepare", "take_cover", "all_clear", "lapses")
    return Texts(
        drill=words.say(english.DRILL),
        drill_note=words.say(english.DRILL_NOTE),
        event=words.say(english.EVENT),
        blind=words.say(SAID["unknown"].what),
        **{sense: _at(sense, words) for sense in senses},
    )


def _at(sense: Sense, words: Catalogue) -> LevelTexts:
    said = SAID[sense]
    instruction = f"{words.say(said.do)} {words.say(said.without)}"
    return LevelTexts(words.say(said.headline), words.say(said.what), instruction)
