"""Which sources may be one under several names: proposed with the reason, and never merged but by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple
from urllib.parse import urlsplit

from tocsin.ingest.place_names import script_of, skeleton_of
from tocsin.ledger.glossary import folded, initials_of, languages, meaning_of, numbers_of, words_of
from tocsin.ledger.reasons import Reason, reason
from tocsin.ledger.source import Source, SourceName
from tocsin.ledger.standing import Standing, Voices

# Sites on which everybody publishes: there the first part of the path says who.
_SHARED = frozenset({
    "t.me", "x.com", "twitter.com", "facebook.com", "youtube.com", "instagram.com", "vk.com", "tiktok.com", "bsky.app",
    "medium.com",
})  # fmt: skip
_ACRONYM_CHARS = range(3, 9)
# Fewer consonants are many names' in common.
_CONSONANTS_MIN = 4
# A key that so many sources share tells none of them apart.
_SHARED_BY_MAX = 20


class Proposal(NamedTuple):
    """Two sources that may be one, by the names under which they stand, and why."""

    one: str
    other: str
    reasons: tuple[Reason, ...]


class _Hint(NamedTuple):
    source: str
    text: str
    how: str


def propose_aliases(sources: Iterable[Source], standing: Standing) -> tuple[Proposal, ...]:
    """Sources that may be one, in order; not those that are, nor those of which somebody said that they are two."""
    voices = Voices(sources, standing)
    hints: dict[tuple[str, ...], dict[str, _Hint]] = defaultdict(dict)
    for name, source in sorted(voices.sources.items()):
        root = voices.itself(name)
        for key, hint in _hints(root, source):
            hints[key].setdefault(root, hint)
    reasons: dict[tuple[str, str], dict[Reason, None]] = defaultdict(dict)
    for key, by_source in sorted(hints.items()):
        if len(by_source) > _SHARED_BY_MAX:
            continue
        for one, other in combinations(sorted(by_source), 2):
            if why := _why(key[0], by_source[one], by_source[other]):
                reasons[one, other][why] = None
    return tuple(
        Proposal(*pair, tuple(why)) for pair, why in sorted(reasons.items()) if not standing.is_apart("source", *pair)
    )


def _hints(root: str, source: Source) -> Iterator[tuple[tuple[str, ...], _Hint]]:
    """What a source may be known by: a key that another source shares with it, and how it came about."""
    if source.site is not None:
        yield ("site", site := _site(source.site)), _Hint(root, site, "site")
    for name in source.names:
        text = name.text
        numbers = numbers_of(text)
        yield ("name", " ".join(words_of(text)) or folded(text), *numbers), _Hint(root, text, "name")
        skeleton = skeleton_of(text, consonants_only=True)
        if len(skeleton) >= _CONSONANTS_MIN:
            yield ("sound", skeleton, *numbers), _Hint(root, text, script_of(text))
        if _is_acronym(name):
            letters = folded(text).replace(".", "")
            yield ("initials", letters), _Hint(root, text, "acronym")
            yield ("letters", "".join(sorted(letters))), _Hint(root, text, "acronym")
            continue
        words = words_of(text)
        if len(words) in _ACRONYM_CHARS:
            yield ("initials", "".join(word[0] for word in words)), _Hint(root, text, "words")
        yield from _meant(root, name)


def _meant(root: str, name: SourceName) -> Iterator[tuple[tuple[str, ...], _Hint]]:
    """By what a name means, and by its initials in other languages."""
    language = name.language.partition("-")[0].lower()
    for spoken in (language,) if language in languages() else languages():
        meaning = meaning_of(name.text, spoken)
        if meaning is None:
            continue
        yield ("meaning", *sorted(meaning), *numbers_of(name.text)), _Hint(root, name.text, spoken)
        for other in languages():
            if other == spoken:
                continue
            for letters in {one for one in initials_of(meaning, other) if len(one) in _ACRONYM_CHARS}:
                yield ("letters", letters), _Hint(root, name.text, other)
        return


def _why(key: str, one: _Hint, other: _Hint) -> Reason | None:
    """Why a key that two sources share speaks for their being one; None: it does not."""
    both = {"one": one.text, "other": other.text}
    match key:
        case "site":
            return reason("site", site=one.text)
        case "name":
            return reason("same_name", **both)
        case "sound":
            return reason("sound", **both) if one.how != other.how else None
        case "initials":
            return _initials(one, other)
        case "meaning":
            return reason("mean", **both) if folded(one.text) != folded(other.text) else None
    return _initials(one, other, abroad=True)


def _initials(one: _Hint, other: _Hint, *, abroad: bool = False) -> Reason | None:
    """Of an acronym and the words whose initials it is, maybe in another language."""
    if (one.how == "acronym") == (other.how == "acronym"):
        return None
    short, words = (one, other) if one.how == "acronym" else (other, one)
    if abroad:
        return reason("initials_abroad", one=short.text, other=words.text, language=words.how)
    return reason("initials", one=short.text, other=words.text)


def _is_acronym(name: SourceName) -> bool:
    letters = name.text.replace(".", "")
    return len(letters) in _ACRONYM_CHARS and letters.isalpha() and (name.acronym or letters.isupper())


def _site(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    first = parts.path.strip("/").partition("/")[0].casefold()
    return f"{host}/{first}" if host in _SHARED else host
