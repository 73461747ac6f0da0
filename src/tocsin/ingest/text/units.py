"""Words for regions and districts beside a name, and the names that only such a word makes one: adjectives, lands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tocsin.ingest.text.language import Seats
from tocsin.ingest.text.names import Names
from tocsin.ingest.text.plain import Token
from tocsin.ingest.text.words import BREAKS, COMMAS, Look

# How far behind its adjectives "region" or "district" may stand ("Kyiv, Cherkasy and Poltava regions").
UNIT_REACH = 8
# What is left of a seat's name when what stands between it and a suffix is gone.
STEM_LETTERS_MIN = 3
_UNITS = frozenset({"region", "regions", "district"})


class Units:
    """Says whether a word for region or district goes with a name, and which towns a district is called after."""

    def __init__(self, names: Names, seats: Iterable[Seats]) -> None:
        seats = tuple(seats)
        self._names = names
        self._district_of = _suffixed((one.adjectives, one.endings) for one in seats)
        self._land_of = _suffixed((one.lands, one.land_endings) for one in seats)
        self._elliptic = tuple(ending for one in seats for ending in one.elliptic)
        self._suffixes = tuple(suffix for one in seats for suffix in one.adjectives)
        self._between = tuple(between for one in seats for between in one.between)

    def may_be(self, look: Look) -> bool:
        """Whether a word may be a district or the land around a town."""
        return self._district_of.match(look.plain) is not None or self._land_of.match(look.plain) is not None

    def towns(self, row: Sequence[Token], looks: Sequence[Look], at: int) -> list[int]:
        """The towns after which a district is called by the adjective here, or the land around them."""
        plain = looks[at].plain
        match = self._district_of.match(plain)
        if match is None or not _within(row, looks, at + 1, "district"):
            match = self._land_of.match(plain)
        if match is None:
            return []
        stem = match[1]
        between = next((one for one in self._between if stem.endswith(one)), "")
        found = self._names.seats(stem)
        for suffix in self._suffixes:
            # "Pokrovskyi" is of Pokrov, or of Pokrovsk.
            if plain.startswith(stem + suffix):
                found = [*found, *(town for town in self._names.called(stem + suffix) if town not in found)]
        if found or not between or len(stem) - len(between) < STEM_LETTERS_MIN:
            return found
        return self._names.seats(stem.removesuffix(between))

    @staticmethod
    def is_district(looks: Sequence[Look], at: int) -> bool:
        """Whether a word for district stands here."""
        return at < len(looks) and "district" in _units(looks[at])

    def goes_with(self, row: Sequence[Token], looks: Sequence[Look], at: int, end: int) -> bool:
        """Whether a word for region goes with the adjective at..end."""
        if looks[at].cased and not looks[at].plain.isascii():
            return _within(row, looks, end, "region")
        beside = [one for one in (at - 1, end) if 0 <= one < len(row)]
        if any("region" in _units(looks[one]) for one in beside):
            return True
        return not looks[at].abjad and _in_list(row, looks, end)

    def follows(self, row: Sequence[Token], looks: Sequence[Look], end: int) -> bool:
        """Whether a word for region stands behind a name, or behind a list that it begins."""
        return (end < len(row) and "region" in _units(looks[end])) or _in_list(row, looks, end)

    def is_elliptic(self, row: Sequence[Token], looks: Sequence[Look], at: int, end: int) -> bool:
        """Whether the adjective of a region may stand for it, without the word: "from the Bryansk [one]"."""
        look = looks[at]
        if not (look.cased and look.title and look.plain.endswith(self._elliptic)):
            return False
        return end >= len(row) or not row[end].said.isalpha() or bool(looks[end].single)


def _in_list(row: Sequence[Token], looks: Sequence[Look], end: int) -> bool:
    """Whether only names of regions stand before a word for several: "Kharkiv, Sumy and Poltava regions"."""
    for one in range(end, min(end + UNIT_REACH, len(row))):
        look = looks[one]
        if "regions" in _units(look):
            return True
        meanings = {phrase.meaning for phrase in look.single}
        joins = row[one].said in COMMAS or ("unit", "and") in meanings
        if not joins and not any(meaning.heading == "region_adjective" for meaning in meanings):
            return False
    return False


def _within(row: Sequence[Token], looks: Sequence[Look], end: int, unit: str) -> bool:
    for one in range(end, min(end + UNIT_REACH, len(row))):
        units = _units(looks[one])
        if units:
            return unit in units
        if row[one].said in BREAKS:
            return False
    return False


def _units(look: Look) -> set[str]:
    meanings = (phrase.meaning for phrase in (*look.single, *look.longer))
    return {meaning.value for meaning in meanings if meaning.heading == "unit" and meaning.value in _UNITS}


def _suffixed(tables: Iterable[tuple[Sequence[str], Sequence[str]]]) -> re.Pattern[str]:
    """A word made of a town's name by suffixes and their endings, with what stands before them."""
    either = [f"(?:{'|'.join(suffixes)})(?:{'|'.join(endings)})" for suffixes, endings in tables if suffixes]
    return re.compile(f"(.{{3,}}?)(?:{'|'.join(either)})$" if either else r"(?!)()")
