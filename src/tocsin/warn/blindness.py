"""Why we may be blind in a zone: a sentence for operators that names no sensor, and what it was made of."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.model.sensor import State

Kind = Literal["nothing", "removed", "lost", "radar", "mesh"]
_FIXED: dict[Kind, str] = {
    "nothing": "nothing watches here",
    "removed": "nothing watches here any more: a sensor was removed",
    "lost": "part of what was known here was lost",
}
_FAILED: dict[Kind, str] = {"radar": "radar", "mesh": "microphones and posts"}
_STATES: dict[State, str] = {
    "unheard": "not heard yet",
    "clock": "refused for their clocks",
    "down": "reported down",
    "silent": "silent",
    "flooded": "flooded with false reports",
    "biased": "not measuring straight",
}
_KINDS = {said: kind for kind, said in (_FIXED | _FAILED).items()}
_NAMES = {said: state for state, said in _STATES.items()}
_SENTENCE = re.compile(rf"([0-9]{{1,9}}) of ([0-9]{{1,9}}) ({'|'.join(_FAILED.values())}) over this zone: ([^:]+)")


class Blindness(msgspec.Struct, frozen=True):
    """Why we may be blind in a zone.

    kind     `nothing` watches there; nothing any more, for a sensor was `removed`; part of what was known was `lost`;
             or too few of its `radar` or of its `mesh` (microphones and posts) work
    failed   how many of `count` do not; 0 of 0 for the first three
    states   in which states these are, each once, in the order in which the sentence has them
    """

    kind: Kind
    failed: int = 0
    count: int = 0
    states: tuple[State, ...] = ()

    def __str__(self) -> str:
        if self.kind in _FIXED:
            return _FIXED[self.kind]
        assert 0 < self.failed <= self.count and self.states, "some of those that are there do not work, and why"
        said = ", ".join(sorted(_STATES[state] for state in self.states))
        return f"{self.failed} of {self.count} {_FAILED[self.kind]} over this zone: {said}"


def read(sentence: str) -> Blindness | None:
    """What `str` made the sentence of; None: it is another's.

    >>> read("1 of 2 radar over this zone: silent")
    Blindness(kind='radar', failed=1, count=2, states=('silent',))
    """
    if (kind := _KINDS.get(sentence)) in _FIXED and kind is not None:
        return Blindness(kind)
    found = _SENTENCE.fullmatch(sentence)
    states = [] if found is None else [_NAMES.get(said) for said in found[4].split(", ")]
    named = tuple(state for state in states if state is not None)
    if found is None or len(named) < len(states) or not 0 < int(found[1]) <= int(found[2]):
        return None
    meant = Blindness(_KINDS[found[3]], int(found[1]), int(found[2]), named)
    return meant if str(meant) == sentence else None
