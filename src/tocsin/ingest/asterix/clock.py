"""Time of day into time, for each source by itself. ASTERIX gives seconds since midnight UTC, category 001 even less.

Where a capture (or the arrival, live) says when a report came, that decides the day, and the turn of a truncated time:
a radar's own clock is followed instead only where its full times have shown, again and again, how far it is off.
Where nothing says so, each source goes on from its own last time; a leap is believed once several in a row agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

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
# With capture times: a radar's clock is followed once so many of its full times, over so long, were off by the same.
# A clock that stands still, or a few damaged times, never are.
OFFSETS_AGREEING = 3
OFFSETS_SPAN_S = 4.0
OFFSET_S_MAX = 1.0
# A source that begins within this of what another has reached began on the same day, whatever midnight did.
NEAR_S = 600.0
# Each record of a source that is not believed yet looks at the others: at so many, however many a file makes up.
OTHERS_MAX = 100
Source = tuple[int, int]


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
class _Reached:
    """How far one source has come.

    believed_s   the last time that was no leap, None before several have agreed
    doubted_s    the last of those that leapt, and how many in a row agree with it
    """

    believed_s: float | None = None
    doubted_s: float | None = None
    agreeing: int = 0

    @property
    def last_s(self) -> float | None:
        return self.doubted_s if self.believed_s is None else self.believed_s

    def step(self, near: Callable[[float], float], begin_s: float, step_s_max: float, following_s_max: float) -> float:
        """The next time: `near` tells which one lies nearest to a time; `begin_s` it is where none is believed."""
        time_s = begin_s if self.believed_s is None else near(self.believed_s)
        if self.believed_s is not None and abs(time_s - self.believed_s) <= step_s_max:
            self.believed_s, self.doubted_s, self.agreeing = time_s, None, 0
            return time_s
        followed_s = time_s if self.doubted_s is None else near(self.doubted_s)
        if self.doubted_s is not None and abs(followed_s - self.doubted_s) <= following_s_max:
            self.agreeing += 1
        else:
            followed_s, self.agreeing = time_s, 1
        told_s = followed_s if self.believed_s is None else time_s
        self.doubted_s = followed_s
        if self.agreeing >= AGREEING:
            self.believed_s, self.doubted_s, self.agreeing = followed_s, None, 0
        return told_s


@dataclass(slots=True)
class _Offset:
    """How far a source's clock is from that of the capture: 0 until its full times have shown something else.

    shown_s    what they have shown; first_*: the offset and the capture time since which they agree, and how many
    """

    shown_s: float = 0.0
    first_s: float = 0.0
    first_captured_s: float = 0.0
    agreeing: int = 0

    def note(self, offset_s: float, captured_s: float) -> None:
        if self.agreeing == 0 or abs(offset_s - self.first_s) > OFFSET_S_MAX:
            self.first_s, self.first_captured_s, self.agreeing = offset_s, captured_s, 1
            return
        self.agreeing += 1
        if self.agreeing >= OFFSETS_AGREEING and captured_s - self.first_captured_s >= OFFSETS_SPAN_S:
            self.shown_s = offset_s


class Clock:
    """The full times of the reports of one stream.

    day_s   midnight of the first report's day, POSIX seconds, where no capture times tell
    """

    def __init__(self, day_s: float = 0.0) -> None:
        self._day_s = day_s
        self._last_s: float | None = None
        self._reached: dict[Source, _Reached] = {}
        self._offsets: dict[Source, _Offset] = {}

    def full_s(self, of_day_s: float, captured_s: float | None, source: Source) -> float:
        """POSIX seconds of a time of day."""
        if captured_s is None:
            begin_s = self._begin_s(of_day_s, source)
            self._last_s = self._source(source).step(
                lambda near_s: nearest(of_day_s, DAY_S, near_s), begin_s, STEP_S_MAX, FOLLOWING_S_MAX
            )
            return self._last_s
        time_s = nearest(of_day_s, DAY_S, captured_s)
        self._offsets.setdefault(source, _Offset()).note(time_s - captured_s, captured_s)
        return self._captured(source, time_s)

    def truncated_s(self, phase_s: float, captured_s: float | None, source: Source) -> float | None:
        """POSIX seconds of a time of day known modulo 512 s; None: not known.

        Near the capture, by the source's own clock; without a capture near what the source has reached.
        """
        near_s = self.reached_s(captured_s, source)
        if near_s is None:
            return None
        time_s = nearest_truncated(phase_s, near_s)
        if captured_s is not None:
            return self._captured(source, time_s)
        self._last_s = self._source(source).step(
            lambda at_s: nearest_truncated(phase_s, at_s), time_s, TRUNCATED_STEP_S_MAX, TRUNCATED_STEP_S_MAX
        )
        return self._last_s

    def reached_s(self, captured_s: float | None, source: Source) -> float | None:
        """The time a source has reached: that of the capture by its own clock, else its last one, else the stream's."""
        if captured_s is not None:
            offset = self._offsets.get(source)
            return captured_s if offset is None else captured_s + offset.shown_s
        reached = self._reached.get(source)
        return self._last_s if reached is None else reached.last_s

    def _source(self, source: Source) -> _Reached:
        return self._reached.setdefault(source, _Reached())

    def _captured(self, source: Source, time_s: float) -> float:
        """Remember a time that the capture has decided, for what comes without one."""
        self._source(source).believed_s = self._last_s = time_s
        return time_s

    def _begin_s(self, of_day_s: float, source: Source) -> float:
        """When a source whose day is not known yet sends a time of day: on the first day, or as near others are."""
        reached = self._reached.get(source)
        if reached is None or reached.believed_s is None:
            for other in islice(self._reached.values(), OTHERS_MAX):
                if other is not reached and other.last_s is not None:
                    time_s = nearest(of_day_s, DAY_S, other.last_s)
                    if abs(time_s - other.last_s) <= NEAR_S:
                        return time_s
        return self._day_s + of_day_s
