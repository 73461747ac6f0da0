"""Places by what they are called: a trie of words, into which inflected and misspelt words lead."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.ingest.place_names import begins_alike
from tocsin.ingest.text.endings import SLIP_LETTERS_MIN, SLIP_LETTERS_MIN_ABJAD, Endings, Slips
from tocsin.ingest.text.language import Language
from tocsin.ingest.text.plain import plain, tokens, word

NAME_WORDS_MAX = 5
_DOUBLED = re.compile(r"([^\W\d_])\1")
# Where towns were renamed as wholes; elsewhere a name that begins otherwise is only another language's.
_RENAMED = re.compile("[Ѐ-ӿ]")
# How far a form speaks for a name: as it stands, inflected, one slip away.
EXACT, INFLECTED, SLIPPED = 1.0, 0.5, 0.1
# Of a name that a place had once; the gazetteer does not say which those are.
FORMER = 0.05
# Of a spelling in Latin letters that begins otherwise than the name: another language's, or a former one.
OTHERWISE = 0.2
# A particle taken off where the whole is a name too.
PARTED = 0.002
# Slips are looked for among places that a channel would name without saying where they are.
SLIP_PEOPLE_MIN = 2_000
# Whoever names a district names its seat, and that is no hamlet.
SEAT_PEOPLE_MIN = 5_000


class Entry(NamedTuple):
    """A place: id, Latin name, where, people, first-level unit (`UA.13`), width as one standard deviation in metres.

    alone   how likely its name means it at most, for there may be villages of that name which are not known
    """

    id: str
    name: str
    lat: float
    lon: float
    people: float
    unit: str
    sigma_m: float
    alone: float = 1.0


class Node:
    """What may follow after some words of a name, and the places whose name ends here, with how much it is theirs."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.entries: dict[int, float] = {}


class Step(NamedTuple):
    """A word taken for one of names: which, how well, and the role that a particle before it gives."""

    name_word: str
    quality: float
    role: str


class Names:
    """Places, and the words of their names."""

    def __init__(self, languages: Iterable[Language]) -> None:
        languages = tuple(languages)
        self.entries: list[Entry] = []
        self.root = Node()
        self.words: set[str] = set()
        self._exact: dict[str, list[int]] = {}
        # Unit and Latin name (`UA.13 Brovary`), and id -> the place; of several the one with most people.
        self.known: dict[str, int] = {}
        self._endings = Endings(language.endings for language in languages)
        self._articles = tuple(article for language in languages for article in language.articles)
        self._vowel_letters = "".join(language.vowel_letters for language in languages)
        vowels = "".join(sorted({letter for language in languages for letter in language.vowels}))
        self._vowels = re.compile(f"[{re.escape(vowels)}]+" if vowels else r"(?!)")
        self._slips: Slips | None = None
        self._slips_abjad: Slips | None = None
        # Words that names begin with, in order, each also without its vowels.
        self._sorted: list[tuple[str, str]] | None = None

    def add(self, entry: Entry, names: Iterable[str]) -> int:
        """Take a place in by its names, each once; those that begin otherwise than its own are former ones."""
        number = len(self.entries)
        self.entries.append(entry)
        self.known[entry.id] = number
        key = f"{entry.unit} {entry.name}"
        if key not in self.known or self.entries[self.known[key]].people < entry.people:
            self.known[key] = number
        self.call(number, names, alike_to=entry.name)
        return number

    def has(self, name: str, but: int) -> bool:
        """Whether another place than the one of this number is called so."""
        node: Node | None = self.root
        for one in name_words(name):
            node = node.next.get(self._without_article(one)) if node is not None else None
        return node is not None and any(number != but and theirs == 1.0 for number, theirs in node.entries.items())

    def call(
        self, number: int, names: Iterable[str], exact: bool = False, alike_to: str = "", share: float = 1.0
    ) -> None:
        """Further names of a place that is known.

        exact       names of three capital letters or fewer are taken as written
        alike_to    names that begin otherwise than this are weighed as former ones
        share       how much the others are the place's
        """
        for name in names:
            if exact and name.isupper() and len(name) <= 3:
                self._exact.setdefault(name, []).append(number)
                continue
            words = name_words(name)
            if not 1 <= len(words) <= NAME_WORDS_MAX or len("".join(words)) < 3:
                continue
            node = self.root
            for one in (self._without_article(one) for one in words):
                self.words.add(one)
                node = node.next.setdefault(one, Node())
            theirs = share
            if alike_to and name != alike_to and not begins_alike(name, alike_to):
                theirs = FORMER if _RENAMED.match(name) else OTHERWISE if name.isascii() else share
            node.entries[number] = max(theirs, node.entries.get(number, 0.0))

    def as_written(self, said: str) -> list[int]:
        """The places that capital letters stand for."""
        return self._exact.get(said, [])

    def steps(self, forms: Sequence[tuple[str, str]]) -> tuple[Step, ...]:
        """The words of names that a word may be a form of; `forms` are the word and what particles leave of it."""
        found: dict[tuple[str, str], Step] = {}
        for at, (form, role) in enumerate(forms):
            # A word that is a name as it stands is seldom another with a particle before it.
            part = PARTED if at and found else 1.0
            bare = self._without_article(form)
            if bare in self.words:
                found.setdefault((bare, role), Step(bare, EXACT * part, role))
            for base in self._endings.bases(form):
                if base in self.words:
                    found.setdefault((base, role), Step(base, INFLECTED * part, role))
        return tuple(found.values())

    def slips(self, forms: Sequence[tuple[str, str]]) -> tuple[Step, ...]:
        """The same, for a word in which one letter is wrong."""
        if self._slips is None or self._slips_abjad is None:
            people = {one: self._people(node) for one, node in self.root.next.items()}
            single = [one for one, node in self.root.next.items() if node.entries]
            cased = [one for one, most in people.items() if most >= SLIP_PEOPLE_MIN and one.upper() != one]
            self._slips = Slips(cased, SLIP_LETTERS_MIN)
            # Without vowels, one letter more or less is a way of writing and no slip.
            self._slips_abjad = Slips(
                (one for one in single if one.upper() == one), SLIP_LETTERS_MIN_ABJAD, self._vowel_letters
            )
        found: dict[tuple[str, str], Step] = {}
        for form, role in forms:
            near = self._slips if form.upper() != form else self._slips_abjad
            once = _DOUBLED.sub(r"\1", form)
            for base in (form, *self._endings.bases(form)):
                for one in near.near(base):
                    found.setdefault((one, role), Step(one, SLIPPED, role))
            for base in (once, *self._endings.bases(once)) if once != form else ():
                if base in self.root.next:
                    found.setdefault((base, role), Step(base, SLIPPED, role))
        return tuple(found.values())

    def _people(self, node: Node) -> float:
        """The most people that a place has whose name ends here or a word later."""
        here = (self.entries[number].people for number in node.entries)
        later = (self.entries[number].people for after in node.next.values() for number in after.entries)
        return max((*here, *later), default=0.0)

    def seats(self, stem: str) -> list[int]:
        """The towns that a district's adjective may come from: those that begin as its stem does."""
        if self._sorted is None:
            self._sorted = [(one, self._vowels.sub("", one)) for one in sorted(self.root.next)]
        bare_stem = self._vowels.sub("", stem)
        for size in range(len(stem), max(2, len(stem) - 3), -1):
            start = stem[:size]
            found, best = list[int](), list[int]()
            for at in range(bisect_left(self._sorted, (start, "")), len(self._sorted)):
                one, bare = self._sorted[at]
                if not one.startswith(start):
                    break
                if not bare.startswith(bare_stem[:size]):
                    continue
                towns = [
                    number for number in self.root.next[one].entries if self.entries[number].people >= SEAT_PEOPLE_MIN
                ]
                found += [number for number in towns if number not in found]
                best += [number for number in towns if bare == bare_stem and number not in best]
            if found:
                return best or found
        return []

    def called(self, one: str) -> list[int]:
        """The towns whose whole name is this word."""
        node = self.root.next.get(one)
        numbers = node.entries if node is not None else ()
        return [number for number in numbers if self.entries[number].people >= SEAT_PEOPLE_MIN]

    def _without_article(self, one: str) -> str:
        for article in self._articles:
            if one.startswith(article) and len(one) >= len(article) + 2:
                return one[len(article) :]
        return one


def name_words(name: str) -> list[str]:
    """The words of a name for looking up."""
    return [word(token.said) for token in tokens(plain(name)) if token.said.isalnum()]
