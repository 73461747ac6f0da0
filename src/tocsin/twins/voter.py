"""One of those that decide a sector: what it said last of every zone, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from tocsin.model.effect import Effect, Picture
from tocsin.model.warning import Warning, ZoneState

# Living: it is heard, and counts. Unheard: it lives, and what it holds is not known: it may raise, and until it has
# told, nothing is lowered. Dead: it does not count.
Life = Literal["living", "unheard", "dead"]


def rank(warning: Warning | None) -> int:
    """How much a warning asks of people; 0: nothing. What ends by itself asks less than what is renewed."""
    if warning is None or warning.level == "all_clear":
        return 0
    if warning.level == "take_cover":
        return 3
    return 1 if warning.lapses is True else 2


class Word(msgspec.Struct):
    """What a voter said last of a zone.

    warning   the last it gave
    over      it shows none there by now: that warning, or all clear, has ended
    """

    warning: Warning
    over: bool = False

    @property
    def rank(self) -> int:
        """How much it asks of people now."""
        return 0 if self.over else rank(self.warning)


class Voter:
    """What one says.

    words      zone -> what it said last; a zone of which it never said anything, or long ago, is not there
    states     how zones stand by its pictures, of which there is anything to say: level, or that we may be blind there
    at         the newest time of which it spoke; None: it never did
    """

    def __init__(self, name: str, life: Life) -> None:
        self.name, self.life = name, life
        self.words: dict[str, Word] = {}
        self.states: dict[str, ZoneState] = {}
        self.at: datetime | None = None

    def rank(self, zone: str) -> int:
        """How much it asks of people in a zone."""
        word = self.words.get(zone)
        return 0 if word is None else word.rank

    def blind(self, zone: str) -> str | None:
        """Why we may be blind in a zone, as it says; None: it does not say so."""
        state = self.states.get(zone)
        return None if state is None or not state.degraded else state.degraded_reason or ""

    def whole(self) -> tuple[tuple[Warning, ...], Picture] | None:
        """All that it holds, as it said it last; None: it never spoke."""
        if self.at is None:
            return None
        warnings = tuple(word.warning for word in self.words.values() if not word.over)
        return warnings, Picture(time=self.at, zones=tuple(self.states.values()))

    def listen(self, effects: Iterable[Effect]) -> dict[str, None]:
        """Take in what it says; the zones it speaks of, in order."""
        touched: dict[str, None] = {}
        for effect in effects:
            if isinstance(effect, Warning):
                self.words[effect.zone] = Word(effect)
                touched[effect.zone] = None
            elif isinstance(effect, Picture):
                touched |= self._look(effect)
            else:
                continue
            self.at = effect.time if self.at is None else max(self.at, effect.time)
        return touched

    def _look(self, picture: Picture) -> dict[str, None]:
        for state in picture.zones:
            word = self.words.get(state.zone)
            if word is not None and state.level == "none":
                word.over = True
            if state.level != "none" or state.degraded:
                self.states[state.zone] = state
            else:
                self.states.pop(state.zone, None)
        return {state.zone: None for state in picture.zones}

    def forget(self) -> dict[str, None]:
        """Let go of all it said; the zones of which it had said something."""
        touched = dict.fromkeys((*self.words, *self.states))
        self.words, self.states, self.at = {}, {}, None
        return touched
