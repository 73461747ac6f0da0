"""The phrases of all languages, found in a row of words in time that does not grow with how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tocsin.ingest.text.language import COMPASS, Language
from tocsin.ingest.text.plain import plain, tokens, word
from tocsin.model.errors import BadSettings

# A stem of one letter would begin half of all words.
_STEM_LETTERS_MIN = 2
_STEM_LETTERS_MAX = 24


# Units that are headings of their own, for every span is asked for them.
HEADED = {"but": "boundary", "not": "denies", "none": "denies", "absent": "denies"}


class Meaning(NamedTuple):
    """What a phrase means: a heading (`kind`, `stage`, `role`, ...) and which of it."""

    heading: str
    value: str


class Phrase(NamedTuple):
    """One phrase: its words, each whole or a stem, and what it means."""

    words: tuple[str, ...]
    stems: tuple[bool, ...]
    meaning: Meaning

    def rank(self) -> tuple[int, int, int]:
        """Longer phrases before shorter ones, whole words before stems, long stems before short ones."""
        return len(self.words), -sum(self.stems), sum(map(len, self.words))


class Lexicon:
    """Phrases by their first word."""

    def __init__(self) -> None:
        self._whole: dict[str, list[Phrase]] = {}
        self._stem: dict[str, list[Phrase]] = {}
        self.particles: dict[str, str] = {}
        self.known: set[str] = set()

    def add(self, heading: str, value: str, phrases: Iterable[str]) -> None:
        """Take phrases in, as language files write them. Raises BadSettings for one without a word."""
        for text in phrases:
            words = list[str]()
            stems = list[bool]()
            parts = text.split()
            for part in parts:
                stem = part.endswith("*")
                said = [token.said for token in tokens(plain(part.rstrip("*")))]
                words += [word(one) for one in said if one != "-"]
                stems += [False] * (len(words) - len(stems) - 1) + [stem]
            if not words:
                raise BadSettings(f"{text!r} under {heading} has no word in it; give words, with * for any ending")
            phrase = Phrase(tuple(words), tuple(stems), Meaning(heading, value))
            table = self._stem if stems[0] else self._whole
            table.setdefault(words[0], []).append(phrase)
            self.known.update(words)

    def beginning(self, form: str) -> list[Phrase]:
        """The phrases whose first word a form may be."""
        found = list(self._whole.get(form, ()))
        for end in range(_STEM_LETTERS_MIN, min(len(form), _STEM_LETTERS_MAX) + 1):
            if (rows := self._stem.get(form[:end])) is not None:
                found += rows
        return found


def lexicon_of(languages: Mapping[str, Language], more: Mapping[str, Mapping[str, Iterable[str]]]) -> Lexicon:
    """The lexicon of languages together, and of further phrases by heading and value (a channel's own)."""
    made = Lexicon()
    for language in languages.values():
        by_heading: list[tuple[str, Mapping[Any, Iterable[str]]]] = [
            ("kind", language.kinds), ("stage", language.stages), ("role", language.roles), ("verb", language.verbs),
            ("count", language.counts), ("drop", language.drops),
            ("unit", {name: said for name, said in language.units.items() if name not in HEADED}),
            *((heading, {name: language.units.get(name, ())}) for name, heading in HEADED.items()),
            ("many", {"": language.many.phrases}), ("more", {"": language.more.phrases}),
            ("filler", {"": language.filler.words}), ("offset", {"word": language.offset.words}),
            ("offset", {"form": language.offset.forms}), ("offset", {"adjacent": language.offset.adjacent}),
            ("compass_to", {"": language.compass_to.words}), ("metres", language.metres),
            ("role_after", language.roles_after), ("by_case", {"": language.role_by_case.words}),
            ("compass_at", {"": language.compass_at.words}),
            ("compass", {str(COMPASS[name]): phrases for name, phrases in language.compass.items()}),
        ]  # fmt: skip
        for heading, table in by_heading:
            for value, phrases in table.items():
                made.add(heading, value, phrases)
        made.particles.update(language.particles)
    for heading, further in more.items():
        for value, phrases in further.items():
            made.add(heading, value, phrases)
    return made
