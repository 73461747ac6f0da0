"""Time of day into time. ASTERIX gives seconds since midnight UTC, category 001 even less."""

from __future__ import annotations

import math

DAY_S = 86_400.0
# Item 001/141 is the lower 16 bits of the time of day in 1/128 s.
TRUNCATED_S = 512.0


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
    turns_max = math.floor((DAY_S - phase_s) / TRUNCATED_S)
    candidates = []
    for start_s in (midnight_s - DAY_S, midnight_s, midnight_s + DAY_S):
        turns = min(max(round((near_s - start_s - phase_s) / TRUNCATED_S), 0), turns_max)
        candidates.append(start_s + phase_s + turns * TRUNCATED_S)
    return min(candidates, key=lambda time_s: abs(time_s - near_s))


class Clock:
    """The full time of reports of one stream.

    The day is that of the capture where a capture time is known; else the first report is taken to be of the day
    that begins at `day_s`, and midnight is passed when times of day leap back.
    """

    def __init__(self, day_s: float = 0.0) -> None:
        self._day_s = day_s
        self._last_s: float | None = None
        self._by_source: dict[tuple[int, int], float] = {}

    def full_s(self, of_day_s: float, captured_s: float | None, source: tuple[int, int]) -> float:
        """POSIX seconds of a time of day; remembered as the time the source has reached."""
        if captured_s is not None:
            time_s = nearest(of_day_s, DAY_S, captured_s)
        elif self._last_s is not None:
            time_s = nearest(of_day_s, DAY_S, self._last_s)
        else:
            time_s = self._day_s + of_day_s
        self._last_s = self._by_source[source] = time_s
        return time_s

    def truncated_s(self, phase_s: float, captured_s: float | None, source: tuple[int, int]) -> float | None:
        """POSIX seconds of a time of day known modulo 512 s, near what the source has reached; None: not known."""
        near_s = self.reached_s(captured_s, source)
        return None if near_s is None else nearest_truncated(phase_s, near_s)

    def reached_s(self, captured_s: float | None, source: tuple[int, int]) -> float | None:
        """The time a source has reached: its own last one, else that of the capture, of the stream, else None."""
        own_s = self._by_source.get(source, captured_s)
        return self._last_s if own_s is None else own_s
