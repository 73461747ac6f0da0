"""What counts as an air raid: the table `air_raid.toml`, asked about what a neighbour's alert calls its event."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

Means = Literal["air_raid", "sign", "call", "other", "drill", "not_drill", "over", "not_over"]
Subject = Literal["air_raid", "drill", "other", "unknown"]
# An event is a few words; what comes after so many characters names nothing any more.
TEXT_MAX = 300
# Scripts written without blanks between words.
_ANYWHERE = ("zh", "ja", "ko", "my")
_WORD = re.compile(r"[^\W_]+")
_CLAUSE = re.compile(r"[.:;,!?()\[\]|/。、؟،؛।\n]+|\s[-–—]+\s")
_PARTICLES = re.compile(r"[והבלמשכ]{1,3}(?=[א-ת]{2})|(?:[وف]?(?:[بكل]?ال|لل)|[وفبلك])(?=[ء-ي]{2})")
# Letters that no decomposition takes apart, and the Persian forms of Arabic ones.
_FOLDED = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ی": "ي", "ى": "ي", "ک": "ك", "ـ": None})


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases of one language that mean one thing; `examples` are events that must be found by them."""

    language: str
    means: Means
    phrases: tuple[str, ...]
    examples: tuple[str, ...]


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values of event codes, under schemes whose name holds one of these."""

    schemes: tuple[str, ...]
    means: Means
    values: tuple[str, ...]


class Categories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Categories of CAP that no air raid has."""

    other: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    words: tuple[Words, ...]
    codes: tuple[Codes, ...]
    categories: Categories


class _Weighed(NamedTuple):
    """Of one text: whether an air raid is named; whether a drill or something else is all it says; words of those."""

    raid: bool
    only: bool
    words: tuple[str, ...]


class Judgement(NamedTuple):
    """What an event is, and whether it is said to be over."""

    subject: Subject
    over: bool


@cache
def table() -> Table:
    """The table as shipped."""
    return msgspec.convert(tomllib.loads((files(__package__) / "air_raid.toml").read_text("utf-8")), Table)


def judged(texts: Sequence[str], codes: Iterable[tuple[str, str]], categories: Iterable[str]) -> Judgement:
    """What an event is by its texts (event, headline), its codes (scheme, value) and its categories."""
    means = {one for text in texts for one in _said(text)} | set(_coded(codes))
    over = "over" in means
    if "drill" in means:
        return Judgement("drill", over)
    if "air_raid" in means:
        return Judgement("air_raid", over)
    named = set(categories)
    if "other" in means or (named and named <= set(table().categories.other)):
        return Judgement("other", over)
    return Judgement("air_raid" if means & {"sign", "call"} else "unknown", over)


def beside(event: str, headline: str, codes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Words of a drill or of something else that merely stand beside an air raid; empty: they say what it is.

    They are to be passed over where people are told to take shelter at once. A drill or a flood that a code or the
    event itself names stays one.
    """
    if {"drill", "other"} & set(_coded(codes)):
        return ()
    said = (_weighed(event), _weighed(headline))
    if said[0].only or not any(one.raid for one in said):
        return ()
    return tuple(dict.fromkeys(word for one in said for word in one.words))


def _weighed(text: str) -> _Weighed:
    """A drill is meant where it is said before the air raid, in one breath with it, or as a label after it."""
    raids, drills, words, label = list[int](), list[int](), list[str](), False
    for number, clause in enumerate(_CLAUSE.split(_plain(text[:TEXT_MAX]))):
        written = _WORD.findall(clause)
        spans = list(_spans([_forms(word) for word in written]))
        denied = {at for means, span in spans if means == "not_drill" for at in span}
        drill = [span for means, span in spans if means == "drill" and span[-1] not in denied]
        other = [span for means, span in spans if means == "other"]
        taken = {at for span in other for at in span}
        anywhere = {means: phrase for means, phrase in _lexicon()[1] if phrase in clause}
        if {"air_raid", "sign"} & anywhere.keys() or any(
            means == "air_raid" or (means == "sign" and taken.isdisjoint(span)) for means, span in spans
        ):
            raids.append(number)
        if drill or "drill" in anywhere:
            drills.append(number)
            label |= "drill" in anywhere or len(written) - len({at for span in drill for at in span}) <= 1
        words += [" ".join(written[span.start : span.stop]) for span in (*drill, *other)]
        words += [phrase for means, phrase in anywhere.items() if means in ("drill", "other")]
    apart = bool(raids) and (not drills or (raids[0] < drills[0] and not label))
    return _Weighed(bool(raids), bool(words) and not apart, tuple(words))


def _said(text: str) -> set[Means]:
    """What the phrases in a text mean; a drill that is denied is none."""
    plain = _plain(text[:TEXT_MAX])
    anywhere = _lexicon()[1]
    found = {means for means, phrase in anywhere if phrase in plain}
    denied, drills = set[int](), set[int]()
    for means, span in _spans([_forms(word) for word in _WORD.findall(plain)], found):
        if means == "not_drill":
            denied.update(span)
        elif means == "drill":
            drills.add(span[-1])
        else:
            found.add(means)
    if "over" in found and _is_denied(plain):
        found.discard("over")
    return found | ({"drill"} if drills - denied else set())


def _is_denied(plain: str) -> bool:
    """Whether every clause that speaks of an end says that it has not come."""
    denied = False
    for clause in _CLAUSE.split(plain):
        spans = list(_spans([_forms(word) for word in _WORD.findall(clause)]))
        over = {at for means, span in spans if means == "over" for at in span}
        if over and all(means != "not_over" or span.start in over for means, span in spans):
            return False
        denied |= bool(over)
    return denied


def _spans(words: Sequence[tuple[str, ...]], known: Collection[Means] = ()) -> Iterator[tuple[Means, range]]:
    """The phrases among words and where they stand; of what is `known` (it may grow meanwhile) no more are sought."""
    for start, forms in enumerate(words):
        for means, phrase in _beginning(forms):
            if means not in known and _follows(phrase, words[start : start + len(phrase)]):
                yield means, range(start, start + len(phrase))


def _coded(codes: Iterable[tuple[str, str]]) -> Iterator[Means]:
    for name, value in codes:
        scheme = "".join(_WORD.findall(name.casefold()))
        for row in table().codes:
            if any(one in scheme for one in row.schemes) and value.strip().casefold() in map(str.casefold, row.values):
                yield row.means


def _plain(text: str) -> str:
    """Without case, accents and points."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).translate(_FOLDED)


@lru_cache(10_000)
def _forms(word: str) -> tuple[str, ...]:
    """A word as it stands, and without the particles that Hebrew and Arabic write in front of it."""
    particles = _PARTICLES.match(word)
    if particles is None:
        return (word,)
    return (word, *(word[cut:] for cut in range(1, particles.end() + 1)))


_Phrases = dict[str, list[tuple[Means, tuple[str, ...]]]]


@cache
def _lexicon() -> tuple[_Phrases, tuple[tuple[Means, str], ...]]:
    """The phrases by their first word, and those that are looked for anywhere."""
    first: _Phrases = defaultdict(list)
    anywhere = []
    for row in table().words:
        for phrase in row.phrases:
            if row.language in _ANYWHERE:
                anywhere.append((row.means, _plain(phrase)))
            else:
                words = tuple(re.findall(r"[^\W_]+=?", _plain(phrase)))
                first[words[0].rstrip("=")].append((row.means, words))
    return dict(first), tuple(anywhere)


@lru_cache(10_000)
def _beginning(forms: tuple[str, ...]) -> frozenset[tuple[Means, tuple[str, ...]]]:
    """The phrases that a word may begin."""
    phrases = _lexicon()[0]
    starts = {form[:end] for form in forms for end in range(1, min(len(form), 40) + 1)}
    return frozenset(row for start in starts for row in phrases.get(start, ()))


def _follows(phrase: tuple[str, ...], words: Sequence[tuple[str, ...]]) -> bool:
    """Whether words begin as a phrase does; loops, because 200 blocks of text may ask it 100,000 times."""
    if len(words) < len(phrase):
        return False
    for wanted, forms in zip(phrase, words, strict=True):
        whole = wanted[-1] == "="
        for form in forms:
            if form == wanted[:-1] if whole else form.startswith(wanted):
                break
        else:
            return False
    return True
