"""Reasons grouped by kind: records with the same fault are one line, and the values in which they differ are named.

Senders make up values and reasons, so everything here has a bound: kinds, values named, values told apart, characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

REASON_CHARS_MAX = 300
# Of a flood of made-up reasons so many kinds are told apart.
REASONS_MAX = 200
OTHER = "other reasons"
# Values of a kind that are named, and that are told apart: a network has a few hundred sources, a file a few ids.
NAMED_MAX, DISTINCT_MAX, VALUE_CHARS_MAX = 10, 1_000, 80
REASONS_SAID = 5

# Quoted texts, lists, times and numbers differ from record to record; the kind of fault is what is counted.
_VARYING = re.compile(
    r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\[[-+\d., ]*\d\]"
    r"|(?<![\w.])\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[-+]\d\d:\d\d)?(?!\w)"
    r"|(?<![\w.])[-+]?\d(?:[\d.,/e+:-]*[\d])?(?![\w]))"
)
# A feed of one unknown radar gives the same reason a thousand times a second.
KNOWN_MAX = 2_000


def _parts(reason: str) -> tuple[str, list[str], tuple[str, ...]]:
    """A reason's kind, its unvarying pieces and, between them, the values in which others of its kind may differ.

    >>> _parts("azimuth_deg is 400.5; it must be below 360")
    ('azimuth_deg is …; it must be below …', ['azimuth_deg is ', '; it must be below ', ''], ('400.5', '360'))
    """
    parts = _VARYING.split(reason.replace("…", "..."))
    return "…".join(parts[::2]), parts[::2], tuple(parts[1::2])


_known_parts = lru_cache(KNOWN_MAX)(_parts)


@dataclass(slots=True)
class _Kind:
    pieces: list[str]
    first: tuple[str, ...]
    count: int = 0
    varies: list[bool] = field(default_factory=list)
    named: Counter[tuple[str, ...]] = field(default_factory=Counter)
    # Digests of all values: ten characters or ten thousand cost the same.
    seen: set[int] = field(default_factory=set)

    def note(self, values: tuple[str, ...], number: int) -> None:
        self.count += number
        if values in self.named or len(self.named) < NAMED_MAX:
            self.named[values] += number
        if len(self.seen) < DISTINCT_MAX:
            self.seen.add(hash(values))
        if values != self.first:
            self.varies = [old or a != b for old, a, b in zip(self.varies, self.first, values, strict=True)]

    def told(self) -> dict[str, Any]:
        filled = ["…" if varies else value for value, varies in zip(self.first, self.varies, strict=True)]
        named: Counter[str] = Counter()
        for values, number in self.named.items():
            differing = (one for one, varies in zip(values, self.varies, strict=True) if varies)
            named[", ".join(dict.fromkeys(one[:VALUE_CHARS_MAX] for one in differing))] += number
        return {
            "says": "".join(piece + value for piece, value in zip(self.pieces, (*filled, ""), strict=True)),
            "distinct": len(self.seen),
            "values": dict(named) if any(self.varies) else {},
        }


class Reasons:
    """Counts of reasons by kind, with the values named."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def count(self, reason: str, number: int = 1) -> str:
        """Count so many records with this reason; returns its kind."""
        if number < 1:
            return OTHER
        name, pieces, values = _known_parts(reason[:REASON_CHARS_MAX])
        if name not in self._kinds:
            if len(self._kinds) >= REASONS_MAX:
                name, pieces, values = OTHER, [OTHER], ()
            self._kinds.setdefault(name, _Kind(pieces, values, varies=[False] * len(values)))
        self._kinds[name].note(values, number)
        return name

    @property
    def total(self) -> int:
        """How many records."""
        return sum(kind.count for kind in self._kinds.values())

    @property
    def counts(self) -> dict[str, int]:
        """Kind of reason (with `…` for values) -> how many records, most frequent first."""
        most = sorted(self._kinds.items(), key=lambda one: -one[1].count)
        return {name: kind.count for name, kind in most}

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """Kind of reason, of those that hold values -> in what its records differ.

        says      the reason, with `…` only where they differ
        distinct  how many different values there were; at DISTINCT_MAX counting them ended
        values    the first NAMED_MAX of them -> how many records each
        """
        return {name: kind.told() for name, kind in self._kinds.items() if kind.first}


def by_reason(
    counts: Mapping[str, int], values: Mapping[str, Mapping[str, Any]], first: Mapping[str, str] | None = None
) -> str:
    """The most frequent reasons with their counts, and in what their records differ, for people.

    first   kind of reason -> where the first such record stood
    """
    most = sorted(counts.items(), key=lambda one: -one[1])
    stood = {kind: f" (first: {where})" for kind, where in (first or {}).items()}
    text = "; ".join(
        f"{number} × {_said(kind, values.get(kind))}{stood.get(kind, '')}" for kind, number in most[:REASONS_SAID]
    )
    return f"{text}; and {len(most) - REASONS_SAID} other reasons" if len(most) > REASONS_SAID else text


def _said(kind: str, told: Mapping[str, Any] | None) -> str:
    if told is None:
        return kind
    if not told["values"]:
        return str(told["says"])
    named = ", ".join(f"{value} ({number})" for value, number in told["values"].items())
    distinct = f"{told['distinct']} or more" if told["distinct"] >= DISTINCT_MAX else str(told["distinct"])
    first = f", the first {len(told['values'])}" if told["distinct"] > len(told["values"]) else ""
    return f"{told['says']} ({distinct} different{first}: {named})"
