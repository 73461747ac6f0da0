"""Forms with little room. What, where, when, one thing to do: as much of it as fits, and never less than the first two.

The names that fit are named and the rest are counted; a single name too long for its message is cut. Nothing is ever
cut inside a character, and no message needs a second part: a part that is lost would leave half a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import chain

from tocsin.words import gsm7
from tocsin.words.catalogue import Catalogue
from tocsin.words.english import SAID
from tocsin.words.notice import Notice, clean, kind, sent, when, when_briefly, where, whole

# 3GPP TS 23.040, 9.2.3.24: one message of 140 octets.
SMS_SEPTETS, SMS_UNITS = 160, 70
# ATIS-0700036 and ETSI TS 102 900: what every phone that shows alerts shows whole.
CELL_CHARACTERS = 360
MESH_BYTES = 200
_NAMED_MAX = 20
PAGE_OCTETS, PAGE_SEPTETS, _RETURN = 82, 93, 0x0D
# 3GPP TS 23.038, 5: GSM alphabet, language unspecified; UCS-2, not compressed, no class.
DCS_GSM, DCS_UCS2 = 0x0F, 0x48


def sms(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> str:
    """One text message: 160 characters of the GSM alphabet where folding accents allows it, else 70 of UCS-2."""
    return gsm7.folded(_fitted(_brief(notice, words, zone), notice, words, _fits_sms))


def mesh(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> str:
    """At most 200 bytes of UTF-8."""
    return _fitted(_brief(notice, words, zone), notice, words, lambda text: len(text.encode()) <= MESH_BYTES)


def cell(notice: Notice, words: Catalogue, zone: tzinfo = UTC) -> str:
    """The text of a cell broadcast, at most 360 characters: the whole sentences where they fit."""
    sentences = whole(replace(notice, remark=""), words, zone, 1)[1:]
    bare = [sentence for sentence in sentences if sentence not in kind(notice, words)][:-1]
    tails = [whole(notice, words, zone, 1)[1:], sentences, bare, *_brief(notice, words, zone)]
    return gsm7.folded(_fitted(iter(tails), notice, words, lambda text: len(gsm7.folded(text)) <= CELL_CHARACTERS))


def pages(text: str) -> tuple[int, list[bytes]]:
    """The data coding scheme and the pages of 82 octets that carry a cell broadcast (3GPP TS 23.041, 9.4.2).

    93 characters of the GSM alphabet fill a page, or 41 of UCS-2; no character lies on two. The last is filled up with
    carriage returns.
    """
    codes = [gsm7.septets(c) for c in text]
    if all(code is not None for code in codes):
        full = [tuple(chain(*page)) for page in _cut([code or () for code in codes], PAGE_SEPTETS)]
        return DCS_GSM, [gsm7.packed(page + (_RETURN,) * (PAGE_SEPTETS - len(page))) for page in full]
    units = [tuple(c.encode("utf-16-be")) for c in text]
    full = [tuple(chain(*page)) for page in _cut(units, PAGE_OCTETS)]
    return DCS_UCS2, [bytes(page) + bytes((0, _RETURN)) * ((PAGE_OCTETS - len(page)) // 2) for page in full]


def _cut(characters: list[tuple[int, ...]], room: int) -> Iterator[list[tuple[int, ...]]]:
    """Characters, each of some codes, in pages that have room for so many codes."""
    page: list[tuple[int, ...]] = []
    for character in characters:
        if sum(map(len, page)) + len(character) > room:
            yield page
            page = []
        page.append(character)
    yield page


def _brief(notice: Notice, words: Catalogue, zone: tzinfo) -> Iterator[list[str]]:
    """What follows the places, the richest first."""
    first, brief = when(notice, words, zone)[:1] or [sent(notice, words, zone)], words.say(SAID[notice.sense].brief)
    if remark := clean(notice.remark):
        yield [*kind(notice, words), *first, brief, remark]
        # Why it is over, where an operator says so: that it was a mistake, for one.
        if notice.sense == "all_clear":
            yield [*first, remark]
    yield [*kind(notice, words), *first, brief]
    yield [*first, brief]
    yield first
    yield when_briefly(notice, words, zone)
    # As a newsreader's line has it: when it was said.
    yield [f"{words.clock(notice.sent_at, zone)}."]
    yield []


def _fits_sms(text: str) -> bool:
    codes = gsm7.septets(gsm7.folded(text))
    return len(codes) <= SMS_SEPTETS if codes is not None else len(text.encode("utf-16-le")) // 2 <= SMS_UNITS


def _fitted(tails: Iterator[list[str]], notice: Notice, words: Catalogue, fits: Callable[[str], bool]) -> str:
    """The richest text that fits, with as many names as fit; where none does, the name is cut."""

    def text(told: Notice, named: int, tail: list[str]) -> str:
        return " ".join([f"{where(told, named, words)}.", *tail])

    for tail in tails:
        # All names may be shorter than fewer and the words for the rest.
        for named in range(min(len(notice.places), _NAMED_MAX), 0, -1):
            if fits(said := text(notice, named, tail)):
                return said
    name, others = clean(notice.places[0]), notice.places[1:]
    while name and not fits(text(replace(notice, places=(f"{name}…", *others)), 1, [])):
        name = name[:-1].rstrip()
    cut = text(replace(notice, places=(f"{name}…", *others)), 1, [])
    assert fits(cut), f"no room for the words alone in {words.language}"
    return cut
