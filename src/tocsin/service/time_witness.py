"""Whose clock is right: ours, the machine's, or the sources'. A time is believed when two clocks agree on it.

Our clock runs on from where it began, and cannot jump. The machine's is right when the kernel says that it is kept by
others (NTP, PTP), or when a source of sensors says the same; two sources, where it is a month and more ahead. Sources
alone move ours only where the machine's is refuted, and no farther than it says: nothing goes back, so that whoever
could send us ahead could make us deaf for good.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Clocks this near each other agree: observations take seconds to reach us, and long plots of radars some more.
AGREE_S = 30.0
# A kept machine's clock is followed in smaller steps; people's phones and feeds are within seconds of it.
KEPT_AGREE_S = 2.0
# The machine's clock and ours say the same as far as anybody need look.
SAME_S = 5.0
# What a source last said of time counts for so long.
HEARD_S = 120.0
# No service stands still for so long without anybody touching its files: a machine's clock so far ahead is not believed
# by itself. A battery that is empty, or a mistyped year, is off by years.
FAR_S = 30 * 86_400.0
# Our own clock stands still rather than go back, for so long at most; farther back there is no way while we run.
STAND_S_MAX = 60.0
# A source whose messages hold the time of day alone cannot tell one day from another.
HALF_DAY_S = 43_200.0
SOURCES_MAX = 1_000
_UNKEPT = 0x40


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to make of our clock.

    move_s    seconds to set it forward; negative: to let it stand
    trouble   why somebody should look at the clocks, and what to do; None: all is well
    doubted   it is so far off that what comes may be passed over: the public is told
    """

    move_s: float = 0.0
    trouble: str | None = None
    doubted: bool = False


def kept_by_others() -> bool:
    """Whether the kernel says that its clock is disciplined by a time server; False also where it does not say."""
    try:
        # A zeroed `struct timex` asks and sets nothing; 208 bytes, of which `status` is the sixth word.
        words = (ctypes.c_long * 64)()
        if ctypes.CDLL(None).adjtimex(ctypes.byref(words)) < 0:
            return False
        return not words[5] & _UNKEPT
    except (OSError, AttributeError):
        return False


class Witnesses:
    """What the sources' clocks say, weighed against ours and the machine's."""

    def __init__(self) -> None:
        # Source -> (its time less our monotonic clock, when it was heard, whether it knows the day).
        self._heard: dict[str, tuple[float, float, bool]] = {}

    def hear(self, source: str, said: datetime, elapsed_s: float, *, knows_day: bool = True) -> None:
        """Take in the time of an observation that has just come.

        elapsed_s   of our clock, as it came
        """
        ahead_s = said.timestamp() - elapsed_s
        before = self._heard.get(source)
        # What was under way for long says too little: of what was said lately, the latest time is nearest the truth.
        if before is not None and elapsed_s - before[1] <= HEARD_S and ahead_s < before[0]:
            return
        if before is None and len(self._heard) >= SOURCES_MAX:
            del self._heard[next(iter(self._heard))]
        self._heard[source] = ahead_s, elapsed_s, knows_day

    def judge(self, ours: datetime, wall: datetime, elapsed_s: float, *, kept: bool) -> Judgement:
        """Who is right, and what our clock is to do."""
        ahead_s = (wall - ours).total_seconds()
        heard = list(self._times(elapsed_s, abs(ahead_s) < HALF_DAY_S))
        for_us, for_wall = _votes(heard, ours, wall)
        if kept:
            return _to(ahead_s, "the machine's clock") if abs(ahead_s) > KEPT_AGREE_S else Judgement()
        differ, doubted = abs(ahead_s) > SAME_S, abs(ahead_s) > AGREE_S
        if differ:
            if for_wall > for_us + (ahead_s > FAR_S):
                return _to(ahead_s, f"the machine's clock, which {_bear_out(for_wall)}")
            if for_us:
                return Judgement(
                    doubted=doubted, trouble=_off(ahead_s) + f", which {_bear_out(for_us)}: set the machine's clock"
                )
        agreed = None if for_us else _agreed(heard)
        if agreed is not None:
            agreed_s = agreed - ours.timestamp()
            if AGREE_S < agreed_s < ahead_s:
                return Judgement(move_s=agreed_s)
            where = "behind" if agreed_s > 0 else "ahead of"
            return Judgement(
                doubted=True,
                trouble=f"our clock is {_long(abs(agreed_s))} {where} what sources agree on; set the machine's clock, "
                "and see docs/how-to/when-time-is-wrong.md",
            )
        if differ:
            return Judgement(
                doubted=doubted, trouble=_off(ahead_s) + "; nobody else says the time: set the machine's clock"
            )
        return Judgement()

    def _times(self, elapsed_s: float, same_day: bool) -> Iterable[float]:
        for ahead_s, heard_s, knows_day in self._heard.values():
            if elapsed_s - heard_s <= HEARD_S and (knows_day or same_day):
                yield ahead_s + elapsed_s


def _votes(times: list[float], ours: datetime, wall: datetime) -> tuple[int, int]:
    """How many say our time, and how many the machine's: each the nearer, where that is near enough. Where both say the
    same, each counts for both."""
    off_s = [(abs(said - ours.timestamp()), abs(said - wall.timestamp())) for said in times]
    for_us = sum(our_s <= AGREE_S and our_s <= wall_s for our_s, wall_s in off_s)
    return for_us, sum(wall_s <= AGREE_S and wall_s <= our_s for our_s, wall_s in off_s)


def _agreed(times: list[float]) -> float | None:
    """The latest time that at least two sources, and more than half of them, agree on."""
    for said in sorted(times, reverse=True):
        agreeing = sum(abs(said - other) <= AGREE_S for other in times)
        if agreeing >= 2 and 2 * agreeing > len(times):
            return said
    return None


def _to(move_s: float, whose: str) -> Judgement:
    if move_s >= -STAND_S_MAX:
        return Judgement(move_s=move_s)
    return Judgement(
        doubted=True,
        trouble=f"our clock is {_long(-move_s)} ahead of {whose}; what comes now is taken for old: "
        "see docs/how-to/when-time-is-wrong.md",
    )


def _off(ahead_s: float) -> str:
    where = "ahead of" if ahead_s > 0 else "behind"
    return f"the machine's clock is {_long(abs(ahead_s))} {where} ours"


def _bear_out(count: int) -> str:
    return "a source's clock bears out" if count == 1 else f"the clocks of {count} sources bear out"


def _long(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 7_200 else str(timedelta(seconds=round(seconds)))


def first_time(wall: datetime, last: datetime | None, touched: datetime | None, *, kept: bool) -> datetime:
    """The time to begin at.

    wall      what the machine's clock says
    last      the last time in the journal; None: it is empty
    touched   when a file of the installation was last written
    """
    known = max((one for one in (last, touched) if one is not None), default=wall)
    if not kept and (wall - known).total_seconds() > FAR_S:
        return known
    return wall if last is None else max(wall, last)
