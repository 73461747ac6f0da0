"""Phrases of time in languages other than English, from `times.toml`: each becomes what an English one is made of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from tocsin.ledger.glossary import folded
from tocsin.ledger.phrases import BY_KEY, MONTHS, PARTS, THIRDS, WEEKDAYS, Found, Spoken

# What is not written everywhere, or not seen: apostrophes, joiners, marks of direction, the long stroke of Arabic.
_DROPPED = dict.fromkeys(map(ord, "'’ʼ‘`´״׳\"“”„«»\u200c\u200d\u200e\u200f\u061c\u0640"))
_DASHES = str.maketrans("–—־‐‑", "-----")
_NUMBER, _YEAR = r"\d{1,3}", r"\d{4}"


class Phrase(NamedTuple):
    """A phrase of one language: what it looks like, which rule it asks for, and what its words mean in English."""

    language: str
    pattern: re.Pattern[str]
    rule: str
    meanings: Mapping[str, Mapping[str, str]]

    def found(self, text: str, spoken: Spoken) -> Found | None:
        """What a text that was made plain means; None: it is not this phrase. Raises ValueError and OverflowError."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        said = {name: None if one is None else self._meant(name, one) for name, one in match.groupdict().items()}
        rule = BY_KEY[self.rule]
        found = rule(Spoken(dict.fromkeys(("part", "last", "third", "year")) | said, spoken.published))
        return found._replace(rule=f"{found.rule}, said in {self.language}")

    def _meant(self, name: str, text: str) -> str:
        return self.meanings.get(name, {}).get(text) or text


def plain(text: str) -> str:
    """A text as phrases are compared: small, without accents, apostrophes and what turns or joins writing.

    >>> plain(" В  ніч на П’ятницю")
    'в ніч на пятницю'
    """
    return " ".join(folded(text.translate(_DROPPED).translate(_DASHES)).split()).strip(" .,;:")


@cache
def languages() -> tuple[str, ...]:
    """Languages whose phrases are known beside English."""
    return tuple(_table())


@cache
def phrases_of(language: str) -> tuple[Phrase, ...]:
    """The phrases of a language, those that say more first; none: nobody wrote any."""
    table = _table().get(language)
    if table is None:
        return ()
    meanings = _meanings(table)
    fill = {name: _any(name, words) for name, words in meanings.items()}
    fill |= {"number": f"(?P<number>{_forms(meanings['number'])}|{_NUMBER})", "first": f"(?P<first>{_NUMBER})"}
    fill["year"] = folded(table["year"]).replace("{year}", f"(?P<year>{_YEAR})")
    return tuple(
        Phrase(language, re.compile(_filled(phrase, fill)), rule, meanings)
        for rule in BY_KEY
        for phrase in table["phrases"].get(rule, ())
    )


def _meanings(table: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Kind of word -> word -> what it is in English."""
    days = _said(zip(WEEKDAYS, table["weekdays"], strict=True))
    return {
        "day": days,
        "next": days,
        "month": _said(zip(MONTHS, table["months"], strict=True)),
        "part": _said((name, table["parts"].get(name, ())) for name in PARTS),
        "third": _said((name, table["thirds"][name]) for name in THIRDS),
        "which": _said(table["which"].items()),
        "last": _said([("last", table["last"])]),
        "number": _said((str(number), words) for number, words in enumerate(table["numbers"], 1)),
    }


def _said(words: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    return {plain(form): meaning for meaning, forms in words for form in forms}


def _any(name: str, words: Iterable[str]) -> str:
    return f"(?P<{name}>{_forms(words)})"


def _forms(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _filled(phrase: str, fill: Mapping[str, str]) -> str:
    # What stands in a phrase is compared with plain texts, too; regular expressions are plain already.
    return re.sub(r"\{([a-z]+)\}", lambda match: fill[match[1]], folded(phrase.translate(_DROPPED).translate(_DASHES)))


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("tocsin.ledger") / "times.toml").read_text(encoding="utf-8"))
