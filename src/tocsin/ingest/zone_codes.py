"""Zones by the codes that others have for them: alerts often name an area by a code and draw no outline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.zone import Zone

# A zone within a zone within a zone: no country has more levels than this.
LEVELS_MAX = 10
# A short number is a code of many schemes at once; an id like it is taken for one only where its scheme is named.
DIGITS_TELLING = 6


class ZoneCodes:
    """Codes to rows of an index: the zones' ids, their own codes, and those of the zones that they are part of."""

    def __init__(self, index: ZoneIndex) -> None:
        self._by_id: dict[str, set[int]] = defaultdict(set)
        self._by_code: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row, zone in enumerate(index.zones):
            for name in _lineage(zone, index):
                self._by_id[name.casefold()].add(row)
                above = index.zones[index.number[name]] if name in index.number else None
                for scheme, values in above.codes.items() if above is not None else ():
                    for value in values:
                        self._by_code[_scheme(scheme), value.casefold()].add(row)

    def rows(self, codes: Iterable[tuple[str, str]], own: str) -> set[int]:
        """The zones that (scheme, code) pairs name; `own` is the scheme whose codes are our zones' ids."""
        found: set[int] = set()
        for scheme, value in codes:
            code = value.strip().casefold()
            found |= self._by_code.get((_scheme(scheme), code), set())
            if scheme == own or not code.isdecimal() or len(code) >= DIGITS_TELLING:
                found |= self._by_id.get(code, set())
        return found


_KNOWN: WeakKeyDictionary[ZoneIndex, ZoneCodes] = WeakKeyDictionary()


def codes_of(index: ZoneIndex) -> ZoneCodes:
    """The codes of an index's zones, worked out once."""
    if index not in _KNOWN:
        _KNOWN[index] = ZoneCodes(index)
    return _KNOWN[index]


def _lineage(zone: Zone, index: ZoneIndex) -> Iterator[str]:
    """Ids of a zone, of the zone that it is part of, and so on."""
    name: str | None = zone.id
    for _ in range(LEVELS_MAX):
        if name is None:
            return
        yield name
        known = index.number.get(name)
        name = index.zones[known].parent if known is not None else None


def _scheme(name: str) -> str:
    """A scheme's name as it is compared: letters and digits alone."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
