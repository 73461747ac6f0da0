"""Whose word a channel's line is: channels copy each other, and what one of them saw is one voice however often told.

A line echoes a channel from which the same (alike, of the same place) came before it and was told at nearly the same
time, or in the same words, and one that this channel follows habitually. When a line was written its sender says, and
who copies may say "before you": only the order in which lines come is sure. An echo never confirms whom it echoes.
Whether one channel follows another is judged by what these two say, and by nothing that anybody else does: who lies can
only spoil his own word.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

# The same fact so soon after another channel told it is an echo. People write a line in half a minute.
ECHO_S = 90.0
# Who tells the same within this is counted as following.
FOLLOW_S = 300.0
# The same words so long after are the same line.
SAME_WORDS_S = 1_800.0
# Names of one place, or of two beside each other.
SAME_M = 2_500.0
# Who follows another in so large a share of so many facts copies it. Older facts count less and less.
FACTS_MIN, COPIES_SHARE, KEPT_SHARE = 4.0, 0.8, 0.95
# Facts of one channel that others' are compared with, and channels.
FACTS_MAX, CHANNELS_MAX = 60, 500


class Fact(NamedTuple):
    """What a line tells of: when it was posted, where the thing was, what it is, and in which words (0: none)."""

    posted_s: float
    east_m: float
    north_m: float
    threat: str
    wording: int


class Copying:
    """What each channel told lately, and how often one follows another.

    alike    whether two classes may be one thing
    """

    def __init__(self, alike: Callable[[str, str], bool]) -> None:
        self._alike = alike
        self._told: dict[str, deque[Fact]] = {}
        # (who leads, who may follow) -> facts that followed, facts in all.
        self._counts: dict[tuple[str, str], tuple[float, float]] = {}

    def echoes(self, voice: str, fact: Fact) -> tuple[str, ...]:
        """Note what a channel tells; the channels of which it is an echo, in order of name."""
        found = []
        for other, facts in self._told.items():
            recent = [one for one in facts if fact.posted_s - one.posted_s <= SAME_WORDS_S]
            if other == voice or not recent:
                continue
            # Of hundreds of channels nearly all tell of somewhere else.
            near = [one for one in recent if -SAME_M <= one.north_m - fact.north_m <= SAME_M]
            apart_s = [abs(fact.posted_s - one.posted_s) for one in near if self._same(one, fact)]
            followed = any(one <= FOLLOW_S for one in apart_s)
            before, every = self._counts.get((other, voice), (0.0, 0.0))
            before, every = KEPT_SHARE * before + followed, KEPT_SHARE * every + 1.0
            self._counts[other, voice] = before, every
            at_once = any(one <= ECHO_S for one in apart_s)
            words = fact.wording != 0 and any(one.wording == fact.wording for one in recent)
            if at_once or words or (every >= FACTS_MIN and before >= COPIES_SHARE * every):
                found.append(other)
        self._note(voice, fact)
        return tuple(sorted(found))

    def _same(self, one: Fact, other: Fact) -> bool:
        near = (one.east_m - other.east_m) ** 2 + (one.north_m - other.north_m) ** 2 <= SAME_M**2
        return near and self._alike(one.threat, other.threat)

    def _note(self, voice: str, fact: Fact) -> None:
        self._told.setdefault(voice, deque(maxlen=FACTS_MAX)).append(fact)
        if len(self._told) > CHANNELS_MAX:
            gone = min(self._told, key=lambda name: self._told[name][-1].posted_s)
            del self._told[gone]
            self._counts = {pair: count for pair, count in self._counts.items() if gone not in pair}

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        return {
            "told": {voice: [tuple(one) for one in facts] for voice, facts in self._told.items()},
            "counts": [[*pair, *count] for pair, count in self._counts.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        self._told = {
            voice: deque((Fact(*one) for one in facts), maxlen=FACTS_MAX) for voice, facts in state["told"].items()
        }
        self._counts = {(lead, follow): (before, every) for lead, follow, before, every in state["counts"]}
