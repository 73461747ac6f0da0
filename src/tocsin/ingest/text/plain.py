"""A line as plain words and signs: without case, marks, tricks of writing, or more of it than anybody would read."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from tocsin.ingest.text.language import languages

# Telegram's longest post is 4,096 characters; what comes after so many tells nobody where to go.
CHARACTERS_MAX = 4_096
WORDS_MAX = 800
# No name and no word of any language here is longer.
LETTERS_MAX = 40

# What stands between tokens is blank, or a line under letters. It is taken whole, and from where it begins alone: of a
# post that ends in thousands of blanks all would be looked through again from each of them.
_BLANK = "[_" + "".join(one for one in map(chr, range(0x3001)) if one.isspace() and one != "\n") + "]"
_TOKEN = re.compile(rf"(?<!{_BLANK})({_BLANK}*+)((?<!\d)\d{{1,2}}:\d\d(?!\d)|\d+|[^\W\d_]+|\n|[-=]+>|[^\w\s])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DASHES = "-‐‑‒–—―−־"
# Left out: what stands inside words in some hands and not in others.
_LEFT_OUT = "'’‘ʼ`´′\"“”„«»״׳ـ"
# Latin letters that no mark makes of another, and that keyboards write without it.
_BARE = dict(zip("łŁđĐøØıħŧ", "lLdDoOiht", strict=True))
# Latin letters that pass for Cyrillic ones, and back: "Шaхeд" is a word of one alphabet to whoever reads it.
_LATIN = "aAbBcCeEhHiIjJkKmMoOpPtTuUxXyYsS"
_CYRILLIC = "аАвВсСеЕнНіІјЈкКмМоОрРтТиИхХуУѕЅ"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_HAS_CYRILLIC = re.compile("[Ѐ-ӿ]")


class Token(NamedTuple):
    """One word, number or sign of a text. `said` is as written but for marks; `gap`: what stands before it."""

    gap: str
    said: str

    @property
    def glued(self) -> bool:
        """Whether nothing stands between it and the token before it."""
        return not self.gap


@cache
def _alike() -> dict[str, str]:
    """A letter -> the one that it is read as, of all languages."""
    return {**_BARE, **{one: other for language in languages().values() for one, other in language.alike.items()}}


@cache
def _doubled() -> re.Pattern[str]:
    """Letters that some write twice inside a word, twice."""
    letters = "".join(sorted({letter for language in languages().values() for letter in language.doubled}))
    return re.compile(f"([{letters}])\\1" if letters else r"(?!)(.)")


# Characters that the table leaves as they are and that most lines are made of: looked at as one, they cost nothing.
_ORDINARY = re.compile(r"[ !#-&(-~\nа-яА-ЯіїєґІЇЄҐא-ת→]*")


class _Table(dict[int, str | None]):
    """What becomes of each character, worked out once: for str.translate."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        kind = unicodedata.category(character)
        if character in "\n\r\u2028\u2029":
            became: str | None = "\n"
        elif character in _DASHES:
            became = "-"
        elif character in _LEFT_OUT or (kind in ("Mn", "Me", "Cf", "Cc", "Sk", "Cs", "Co") and character != "\t"):
            became = None
        elif kind == "Nd":
            became = str(unicodedata.digit(character))
        elif (bare := unicodedata.normalize("NFD", character)[0]).isascii():
            became = bare
        else:
            became = _alike().get(character, character)
        # Hostile text may hold every character there is.
        if len(self) < 20_000:
            self[code] = became
        return became


_TABLE = _Table()


def plain(text: str) -> str:
    """A text's beginning in its compatibility form without marks, controls and apostrophes; lines end in newlines.

    >>> plain("Шахе\u0301д над «Слов’янськом»")
    'Шахед над Словянськом'
    """
    cut = text[:CHARACTERS_MAX]
    if _ORDINARY.fullmatch(cut):
        return cut
    if not unicodedata.is_normalized("NFKC", cut):
        cut = unicodedata.normalize("NFKC", cut)[:CHARACTERS_MAX]
    return cut.translate(_TABLE)


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a plain text, at most WORDS_MAX."""
    return tokens_and_rest(text)[0]


def tokens_and_rest(text: str) -> tuple[list[Token], int]:
    """The words, numbers and signs of a plain text, and how many of its characters come after the last of them."""
    # One call for all of them: half as long as a loop over matches.
    found = list(map(Token._make, _TOKEN.findall(text)))
    if len(found) <= WORDS_MAX:
        return found, 0
    return found[:WORDS_MAX], sum(len(one.gap) + len(one.said) for one in found[WORDS_MAX:])


def word(said: str) -> str:
    """A word for looking up: small letters of one alphabet, none three times in a row, no longer than a word is.

    >>> word("Шaxееед"), word("БРОВАРИ")
    ('шахед', 'бровари')
    """
    said = said[:LETTERS_MAX]
    if _HAS_CYRILLIC.search(said):
        said = said.translate(_TO_CYRILLIC)
    said = _doubled().sub(r"\1", said)
    return _STRETCHED.sub(r"\1", said.lower())
