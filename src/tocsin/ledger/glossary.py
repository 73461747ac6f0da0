"""What organisations' names mean, so that one name in two languages can be recognised: a hint for people, no more."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from babel import Locale

Meaning = frozenset[str]
# Words that say nothing: articles, prepositions, of any of the languages.
_SMALL = frozenset({
    "the", "a", "an", "of", "for", "in", "and", "on", "to", "de", "des", "du", "la", "le", "les", "l", "d", "et",
    "pour", "en", "el", "los", "las", "y", "der", "die", "das", "fur", "und", "von", "ve", "icin", "по", "за", "і",
    "и", "в", "з", "во", "о", "у", "на",
})  # fmt: skip
_ARTICLE = "ال"
# What is written in one with the word behind it.
_ATTACHED = (_ARTICLE, "لل", "وال", "بال", "ل", "و", "ב", "ל", "ה", "ו")
# Arabic letters that are written one for another.
_ALIKE = str.maketrans("ةىیک", "هيىك".replace("ى", "ي"))
# Within a word of Ukrainian; in other scripts it parts two.
_APOSTROPHE = re.compile("(?<=[\u0400-\u04ff])['’ʼ](?=[\u0400-\u04ff])")
# A name of more words is a sentence.
WORDS_MAX = 8
_STEM_CHARS_MIN = 4


def folded(text: str) -> str:
    """Small letters without accents, marks and Arabic letters that are written one for another.

    >>> folded("Réseau  وكالة")
    'reseau  وكاله'
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_ALIKE).replace("ı", "i")


def words_of(text: str) -> list[str]:
    """The words of a name that say something.

    >>> words_of("Observatoire syrien des droits de l'homme")
    ['observatoire', 'syrien', 'droits', 'homme']
    """
    whole = _APOSTROPHE.sub("", folded(text))
    return [word for word in re.findall(r"[^\W\d_]+", whole) if word not in _SMALL]


def numbers_of(text: str) -> list[str]:
    """The numbers in a name, in order, whichever digits they are written in: Channel 12 is not Channel 13.

    >>> numbers_of("Channel 12"), numbers_of("قناة ١٢")
    (['12'], ['12'])
    """
    return [str(int(digits)) for digits in re.findall(r"\d{1,9}", text)]


@cache
def languages() -> tuple[str, ...]:
    """The languages whose words are known."""
    return tuple(_table())


def meaning_of(text: str, language: str) -> Meaning | None:
    """What a name means in a language; None: not every word is known, or there are fewer than two.

    >>> sorted(meaning_of("Observatoire syrien des droits de l'homme", "fr"))
    ['SY', 'human', 'observatory', 'rights']
    """
    words = words_of(text)
    if not 2 <= len(words) <= WORDS_MAX:
        return None
    found: set[str] = set()
    for word in words:
        meanings = _of_word(word, language)
        if meanings is None:
            return None
        found |= meanings
    return frozenset(found)


def initials_of(meaning: Meaning, language: str) -> Iterator[str]:
    """What the initials of a name with that meaning may be in a language, in the order of the alphabet.

    >>> "dhos" in set(initials_of(frozenset({"SY", "observatory", "human", "rights"}), "fr"))
    True
    """
    if not meaning:
        yield ""
        return
    wanted = min(meaning)
    for stem, said in _stems(language):
        if wanted in said and said <= meaning:
            for others in initials_of(meaning - said, language):
                yield "".join(sorted(stem[0] + others))


def _of_word(word: str, language: str) -> Meaning | None:
    forms = [word, *(word.removeprefix(one) for one in _ATTACHED if word.startswith(one))]
    fitting = [(len(stem), said) for stem, said in _stems(language) for form in forms if form.startswith(stem)]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


@cache
def _stems(language: str) -> tuple[tuple[str, Meaning], ...]:
    """How words begin, and what they mean then; of a country its own name and what is derived from it."""
    own = [(stem, frozenset(said)) for stem, said in _table().get(language, {}).items()]
    places = [
        (_stem(folded(name).removeprefix(_ARTICLE)), frozenset({code}))
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and len(folded(name).removeprefix(_ARTICLE)) >= _STEM_CHARS_MIN and " " not in name
    ]
    return (*own, *places)


def _stem(name: str) -> str:
    """What a country's name and its adjective have in common: Syria and Syrian, Syrie and syrien."""
    return name[: max(_STEM_CHARS_MIN, len(name) - 2)]


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("tocsin.ledger") / "organisations.toml").read_text(encoding="utf-8"))
