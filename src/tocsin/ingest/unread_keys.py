"""Keys of an observation that nobody reads, or that stand twice: told to who wrote them, with what was perhaps meant.

A misspelt `heading_deg` would otherwise be ignored in silence, and its report count for less than its sender thinks.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import KeysView
from functools import lru_cache
from typing import get_args

import msgspec

from tocsin.model.observation import Observation
from tocsin.model.value import UNREADABLE

# Of a hostile line with a million keys this many are named, each with its beginning.
NAMED_MAX, KEY_CHARS_MAX = 5, 40
# How alike two spellings must be, between 0 and 1: `lattitude` and `latitude` are 0.94, `range` and `azimuth` 0.17.
ALIKE = 0.75
_UNITS = ("_deg", "_m", "_mps")
# What people write for keys that are shorter here.
_SPELT: dict[str, tuple[str, ...]] = {
    "lat": ("latitude",),
    "lon": ("longitude", "long", "lng"),
    "altitude_m": ("alt", "height"),
    "speed_mps": ("velocity",),
    "heading_deg": ("course", "track"),
    "time": ("timestamp", "datetime"),
}
_KNOWN: dict[str, frozenset[str]] = {
    str(kind.__struct_config__.tag): frozenset(kind.__struct_fields__) | {"kind"} for kind in get_args(Observation)
}
_KINDS = {f'"{kind}"'.encode(): kind for kind in _KNOWN}
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


# A key and its colon; texts may hold what looks like one, so that there are at least as many as there are keys.
_KEY = re.compile(rb'"[ \t\r\n]*:')


def repeated_keys(line: bytes | str) -> str | None:
    """What to tell the sender of an observation's JSON about keys that stand in it twice; None: there are none.

    >>> repeated_keys('{"kind": "sighting", "lat": 1, "lat": 2}')
    "the key 'lat' stands twice; the last is read"
    """
    octets = line if isinstance(line, bytes) else line.encode(errors="replace")
    try:
        values = _decode(octets)
        # Nearly every line ends here.
        if len(_KEY.findall(octets)) == len(values):
            return None
        pairs = json.loads(octets, object_pairs_hook=list)
    except (ValueError, *UNREADABLE):
        return None
    counts = Counter(key for key, _ in pairs)
    twice = [repr(key[:KEY_CHARS_MAX]) for key, count in counts.items() if count > 1]
    if not twice:
        return None
    more = f" and {len(twice) - NAMED_MAX} more" if len(twice) > NAMED_MAX else ""
    keys = f"the key {twice[0]} stands" if len(twice) == 1 else f"the keys {', '.join(twice[:NAMED_MAX])}{more} stand"
    return f"{keys} twice; the last is read"


def unread_keys(line: bytes | str) -> str | None:
    """What to tell the sender of an observation's JSON about keys that nobody reads; None: there are none to tell of.

    >>> unread_keys('{"kind": "sighting", "lat": 1, "headng": 90}')
    "the key 'headng' is not read; is heading_deg meant?"
    """
    try:
        values = _decode(line)
    except UNREADABLE:
        return None
    kind = _KINDS.get(bytes(values.get("kind", b"")))
    return None if kind is None else _unread(values.keys(), _KNOWN[kind])


def unknown_keys(line: bytes, known: frozenset[str]) -> str | None:
    """The same of an object of which every known key is given."""
    try:
        return _unread(_decode(line).keys(), known)
    except UNREADABLE:
        return None


def _unread(keys: KeysView[str], known: frozenset[str]) -> str | None:
    # Nearly every line ends here: it costs half of what reading it does.
    if keys <= known:
        return None
    unread = [key for key in keys if key not in known]
    hints = dict.fromkeys(hint for key in unread[:NAMED_MAX] if (hint := _meant(known, key[:KEY_CHARS_MAX])))
    named = ", ".join(repr(key[:KEY_CHARS_MAX]) for key in unread[:NAMED_MAX])
    more = f" and {len(unread) - NAMED_MAX} more" if len(unread) > NAMED_MAX else ""
    said = f"the key {named} is" if len(unread) == 1 else f"the keys {named}{more} are"
    asked = f"; {'is' if len(hints) == 1 else 'are'} {', '.join(hints)} meant?" if hints else ""
    return f"{said} not read{asked}"


@lru_cache(maxsize=1_000)
def _meant(known: frozenset[str], key: str) -> str | None:
    """The known key that is most like another."""
    spellings: dict[str, str] = {}
    for name in sorted(known):
        bare = next((name.removesuffix(unit) for unit in _UNITS if name.endswith(unit)), name)
        spellings |= dict.fromkeys((name, bare, *_SPELT.get(name, ())), name)
    close = difflib.get_close_matches(key.casefold(), spellings, n=1, cutoff=ALIKE)
    return spellings[close[0]] if close else None
