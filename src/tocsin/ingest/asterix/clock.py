"""Time of day into time, for each source by itself. ASTERIX gives seconds since midnight UTC, category 001 even less.

Where a capture (or the arrival, live) says when a report came, that decides the day, and the turn of a truncated time:
a radar's own clock is followed instead only where its full times have shown, again and again, how far it is off; a
full time that is far from both is rejected. Where nothing says so, each source goes on from its own last time; a leap
is believed once several in a row agree. Who leaps back has been recorded on another night: nothing is placed earlier
than what went before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from tocsin.ingest.asterix.reached import AGREEING, DAY_S, Reached, nearest, nearest_truncated
from tocsin.model.errors import BadRecord

# With capture times: a radar's clock is followed once so many of its full times, over so long, were off by the same.
# A clock that stands still, or a few damaged times, never are.
OFFSETS_AGREEING = 3
OFFSETS_SPAN_S = 4.0
OFFSET_S_MAX = 1.0
# A full time this far from the capture, and from what its source's clock has shown, is no delay any more: it is wrong.
ASIDE_S_MAX = 600.0
# Without capture times, leaps from this on are told: nobody can say whether a day lies between.
LEAP_TOLD_S = 3_600.0
# A source that begins within this of what another has reached began on the same day, whatever midnight did.
NEAR_S = 600.0
# Each record of a source that is not believed yet looks at the others: at so many, however many a file makes up.
OTHERS_MAX = 100
Source = tuple[int, int]


@dataclass(slots=True)
class _Offset:
    """How far a source's clock is from that of the capture: 0 until its full times have shown something else.

    shown_s         what they have shown; first_*: the offset and the capture time since which they agree, and how many
    first_shown_s   what they showed first, None: nothing yet
    seen            how many full times there were
    """

    shown_s: float = 0.0
    first_shown_s: float | None = None
    first_s: float = 0.0
    first_captured_s: float = 0.0
    agreeing: int = 0
    seen: int = 0

    def note(self, offset_s: float, captured_s: float) -> bool:
        """Take in an offset; whether it is the first that is shown."""
        self.seen += 1
        if self.agreeing == 0 or abs(offset_s - self.first_s) > OFFSET_S_MAX:
            self.first_s, self.first_captured_s, self.agreeing = offset_s, captured_s, 1
            return False
        self.agreeing += 1
        if self.agreeing >= OFFSETS_AGREEING and captured_s - self.first_captured_s >= OFFSETS_SPAN_S:
            self.shown_s = offset_s
            if self.first_shown_s is None:
                self.first_shown_s = offset_s
                return True
        return False

    def show_few(self) -> None:
        """At the end of a recording that was too short to show anything: two or more, all off by the same, do."""
        if self.first_shown_s is None and self.agreeing == self.seen > 1:
            self.first_shown_s = self.first_s


def _of_day(time_s: float) -> str:
    """A time of day for people.

    >>> _of_day(90_061.0)
    '01:01:01'
    """
    seconds = int(time_s % DAY_S)
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _aside_s(offset_s: float, shown_s: float) -> float:
    """How far apart two offsets are, by the shorter way around the day.

    >>> _aside_s(-43_000, 43_000)
    400.0
    """
    return abs((offset_s - shown_s + DAY_S / 2) % DAY_S - DAY_S / 2)


class Clock:
    """The full times of the reports of one stream.

    day_s    midnight of the first report's day, POSIX seconds, where no capture times tell
    notice   told, once for each source, where its days or its clock cannot be what they should
    live     what comes at a wrong time is refused by whoever takes it in, with the time that it says
    """

    def __init__(
        self, day_s: float = 0.0, notice: Callable[[str], None] = lambda text: None, *, live: bool = False
    ) -> None:
        self._day_s = day_s
        self._live = live
        self._notice = notice
        self._last_s: float | None = None
        self._reached: dict[Source, Reached] = {}
        self._offsets: dict[Source, _Offset] = {}
        self._leapt: set[Source] = set()

    def full_s(self, of_day_s: float, captured_s: float | None, source: Source) -> float:
        """POSIX seconds of a time of day. Raises BadRecord for one that cannot be right."""
        if captured_s is None:
            return self._uncaptured_s(of_day_s, source)
        time_s = nearest(of_day_s, DAY_S, captured_s)
        offset = self._offsets.setdefault(source, _Offset())
        if offset.note(time_s - captured_s, captured_s):
            self._tell_aside(source, offset)
        if not self._live and self._aside(time_s - captured_s, offset):
            hours = _aside_s(time_s - captured_s, offset.shown_s) / 3_600
            raise BadRecord(f"a time of day {hours:.1f} h from where the capture and the others of its source have it")
        return self._captured(source, time_s)

    def learn(self, rehearsed: Clock, *, whole: bool) -> None:
        """Begin with what sources' clocks were off by when the same capture, or the `whole` of it, was gone through."""
        for source, offset in rehearsed._offsets.items():
            if whole:
                offset.show_few()
            if offset.first_shown_s is not None:
                self._offsets[source] = _Offset(offset.first_shown_s, offset.first_shown_s)
                self._tell_aside(source, offset)

    def _tell_aside(self, source: Source, offset: _Offset) -> None:
        """Say it where a source's clock is far from the capture's; which of the two is right nobody knows."""
        if offset.first_shown_s is not None and abs(offset.first_shown_s) > ASIDE_S_MAX:
            self._notice(
                f"the clock of ASTERIX source {source[0]}/{source[1]} is {offset.first_shown_s / 3_600:+.2f} h from "
                "that of the recorder; the radar's own times are used: make sure that they are UTC"
            )

    def _aside(self, offset_s: float, own: _Offset) -> bool:
        """Whether a time is far from where the clock of its source is, or, of one not known yet, that of any other."""
        if _aside_s(offset_s, own.shown_s) <= ASIDE_S_MAX:
            return False
        if own.first_shown_s is not None:
            return True
        others = (one for one in islice(self._offsets.values(), OTHERS_MAX) if one.first_shown_s is not None)
        return all(_aside_s(offset_s, one.shown_s) > ASIDE_S_MAX for one in others)

    def _uncaptured_s(self, of_day_s: float, source: Source) -> float:
        begin_s = self._begin_s(of_day_s, source)
        reached = self._source(source)
        before_s = reached.believed_s
        time_s = reached.step_full(of_day_s, begin_s)
        if time_s is None:
            raise BadRecord(f"a time of day that goes back; {AGREEING} in a row are believed, of the next day")
        if before_s is not None and reached.believed_s is not None and time_s == reached.believed_s:
            self._tell(source, before_s, time_s)
        self._last_s = time_s
        return time_s

    def _tell(self, source: Source, before_s: float, time_s: float) -> None:
        """Say it where a source leaps by more than an hour, the first time."""
        if abs(time_s - before_s) < LEAP_TOLD_S or source in self._leapt or len(self._leapt) >= OTHERS_MAX:
            return
        self._leapt.add(source)
        days = int(time_s // DAY_S - before_s // DAY_S)
        day = "the same day" if days == 0 else "the next day" if days == 1 else f"{days} days later"
        self._notice(
            f"the times of ASTERIX source {source[0]}/{source[1]} leap from {_of_day(before_s)} to {_of_day(time_s)}, "
            f"and nothing says when they were captured: taken for {day}; give the recordings of several nights one by "
            "one, each with its --date"
        )

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
        self._last_s = self._source(source).step_truncated(phase_s, time_s)
        return self._last_s

    def reached_s(self, captured_s: float | None, source: Source) -> float | None:
        """The time a source has reached: that of the capture by its own clock, else its last one, else the stream's."""
        if captured_s is not None:
            offset = self._offsets.get(source)
            return captured_s if offset is None else captured_s + offset.shown_s
        reached = self._reached.get(source)
        return self._last_s if reached is None else reached.last_s

    def _source(self, source: Source) -> Reached:
        return self._reached.setdefault(source, Reached())

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
