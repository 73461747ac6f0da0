"""How far a source has come where no capture times tell: from its own times, one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

DAY_S = 86_400.0
# Item 001/141 is the lower 16 bits of the time of day in 1/128 s.
TRUNCATED_S = 512.0
# Without capture times a step longer than this is doubted: less than half a turn of a truncated time, so that no single
# bad time moves a source to another turn, and far less than half a day.
STEP_S_MAX = 240.0
TRUNCATED_STEP_S_MAX = 64.0
# So many in a row that follow each other within these are no damage any more: the recorder paused.
AGREEING = 5
FOLLOWING_S_MAX = 3_600.0
Near = Callable[[float], float]


def nearest(phase_s: float, period_s: float, near_s: float) -> float:
    """The time congruent to `phase_s` modulo `period_s` that lies nearest to `near_s`.

    >>> nearest(10.0, 86_400.0, 86_399.0)
    86410.0
    >>> nearest(86_390.0, 86_400.0, 86_401.0)
    86390.0
    """
    return phase_s + period_s * round((near_s - phase_s) / period_s)


def nearest_truncated(phase_s: float, near_s: float) -> float:
    """The time nearest to `near_s` whose seconds since midnight are congruent to `phase_s` modulo 512 s.

    A day is not a multiple of 512 s: the count starts anew at midnight, so the days around are tried one by one.

    >>> nearest_truncated(1.0, 86_399.0)
    86401.0
    >>> nearest_truncated(383.0, 86_401.0)
    86399.0
    """
    midnight_s = near_s - near_s % DAY_S
    # The last turn of a day is cut short: 86,400 s itself is the next day's 0.
    turns_max = math.ceil((DAY_S - phase_s) / TRUNCATED_S) - 1
    candidates = []
    for start_s in (midnight_s - DAY_S, midnight_s, midnight_s + DAY_S):
        turns = min(max(round((near_s - start_s - phase_s) / TRUNCATED_S), 0), turns_max)
        candidates.append(start_s + phase_s + turns * TRUNCATED_S)
    return min(candidates, key=lambda time_s: abs(time_s - near_s))


@dataclass(slots=True)
class _Doubt:
    """The last of the times that leapt, and how many in a row agree with it."""

    last_s: float | None = None
    agreeing: int = 0

    def follow(self, time_s: float, near: Near, following_s_max: float) -> float:
        """The time of one that leapt, near the one that leapt before it where they follow each other."""
        followed_s = time_s if self.last_s is None else near(self.last_s)
        if self.last_s is not None and abs(followed_s - self.last_s) <= following_s_max:
            self.agreeing += 1
        else:
            followed_s, self.agreeing = time_s, 1
        self.last_s = followed_s
        return followed_s


@dataclass(slots=True)
class Reached:
    """How far one source has come.

    believed_s   the last time that was no leap, None before several have agreed
    told_s       where none is believed: the last one
    proved       whether full times have agreed, so that it is known what is earlier
    full         the full times in doubt
    truncated    those known modulo 512 s: near to everything, they settle no doubt about the full ones
    """

    believed_s: float | None = None
    told_s: float | None = None
    proved: bool = False
    full: _Doubt = field(default_factory=_Doubt)
    truncated: _Doubt = field(default_factory=_Doubt)

    @property
    def last_s(self) -> float | None:
        return self.told_s if self.believed_s is None else self.believed_s

    def step_full(self, of_day_s: float, begin_s: float) -> float | None:
        """The next full time; `begin_s` it is where none is believed. None: it goes back, and is not believed yet."""

        def near(at_s: float) -> float:
            return nearest(of_day_s, DAY_S, at_s)

        believed_s = self.believed_s
        time_s = begin_s if believed_s is None else near(believed_s)
        if believed_s is not None and abs(time_s - believed_s) <= STEP_S_MAX:
            self.believed_s, self.full = time_s, _Doubt()
            return time_s
        before_s = self.full.last_s
        self.told_s = followed_s = self.full.follow(time_s, near, FOLLOWING_S_MAX)
        # Of the first times nobody knows which leapt: the others are held against none that may have.
        steady = believed_s is not None or (before_s is not None and abs(followed_s - before_s) <= STEP_S_MAX)
        if self.full.agreeing >= AGREEING and steady:
            # Recordings of several nights, one behind the other, never go back.
            days = math.ceil((believed_s - followed_s) / DAY_S) if self.proved and believed_s is not None else 0
            self.believed_s, self.proved = followed_s + max(days, 0) * DAY_S, True
            self.full, self.truncated = _Doubt(), _Doubt()
            return self.believed_s
        if believed_s is None:
            return followed_s
        return None if self.proved and time_s < believed_s else time_s

    def step_truncated(self, phase_s: float, time_s: float) -> float:
        """The next time known modulo 512 s; `time_s` is the one that lies nearest to what was reached."""

        def near(at_s: float) -> float:
            return nearest_truncated(phase_s, at_s)

        time_s = time_s if self.believed_s is None else near(self.believed_s)
        if self.believed_s is not None and abs(time_s - self.believed_s) <= TRUNCATED_STEP_S_MAX:
            self.believed_s, self.truncated = time_s, _Doubt()
            return time_s
        self.told_s = followed_s = self.truncated.follow(time_s, near, TRUNCATED_STEP_S_MAX)
        told_s = followed_s if self.believed_s is None else time_s
        if self.truncated.agreeing >= AGREEING:
            self.believed_s, self.truncated = followed_s, _Doubt()
        return told_s
