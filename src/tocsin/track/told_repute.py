"""How late each channel is, and how often others bear out what it tells: for the picture and for operators.

Warnings do not rest on it: whoever taught it could lower them (decision 29).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.threat import ThreatClass, alike
from tocsin.model.track import Track

# A channel's delay beyond what is expected of it is learned slowly, within bounds, and forgotten as slowly.
LAG_SHARE, LAG_KEPT, LAG_STEP_S, LAG_MAX_S = 0.15, 0.98, 60.0, 240.0
VOICES_MAX = 500
# Where sensors held tracks is kept at these intervals and so long; a line that tells of longer ago teaches nothing.
EVERY_S, KEPT_S = 10.0, 600.0
HELD_MAX = 500
# Of about so many objects the last are remembered.
OBJECTS = 50.0
# A pass at the end of what is known of a path may be no pass: the object may still be on its way there.
PASSED_S = 15.0


class Repute(NamedTuple):
    """How one channel has done.

    objects     it told of, of about the last fifty
    borne_out   of these by sensors or another channel
    late_s      how much later than expected it usually writes; NaN: never seen beside others
    """

    objects: float
    borne_out: float
    late_s: float


class Reputes:
    """The reputes of all voices, and where sensors held what in the last minutes."""

    def __init__(self) -> None:
        self._of: dict[str, Repute] = {}
        # Track id -> (its class, rows of time, east, north).
        self._held: dict[str, tuple[ThreatClass, list[tuple[float, float, float]]]] = {}
        self._noted_s = -math.inf

    def of(self, voice: str) -> Repute:
        """How a voice has done until now."""
        return self._of.get(voice, Repute(0.0, 0.0, math.nan))

    def known(self) -> dict[str, Repute]:
        """Every voice that is known, and how it has done."""
        return dict(self._of)

    def lag_s(self, voice: str) -> float:
        """By how much more than expected a voice is late; 0: nothing is known."""
        late_s = self.of(voice).late_s
        return 0.0 if math.isnan(late_s) else late_s

    def note(self, now_s: float, held: Sequence[Track], frame: LocalFrame) -> None:
        """Keep where sensors hold what, every now and then."""
        if now_s - self._noted_s < EVERY_S:
            return
        self._noted_s = now_s
        sure = [track for track in held if track.status == "confirmed"][:HELD_MAX]
        if sure:
            east, north = frame.to_local([track.lat for track in sure], [track.lon for track in sure])
            for track, e, n in zip(sure, east.tolist(), north.tolist(), strict=True):
                rows = self._held[track.id][1] if track.id in self._held else []
                self._held[track.id] = track.threat, [*rows, (now_s, e, n)]
        kept = {
            name: (threat, [row for row in rows if row[0] > now_s - KEPT_S])
            for name, (threat, rows) in self._held.items()
        }
        self._held = {name: one for name, one in kept.items() if one[1]}

    def passed_s(self, east_m: float, north_m: float, near_m: float, threat: ThreatClass) -> float | None:
        """When what sensors held passed within `near_m` of a place in the frame; None: nothing did, or several did."""
        found = [
            passed
            for kind, rows in self._held.values()
            if len(rows) > 1 and alike(kind, threat)
            if (passed := _passed(np.array(rows), east_m, north_m, near_m)) is not None
        ]
        return found[0] if len(found) == 1 else None

    def late(self, voice: str, late_s: float) -> None:
        """A place that a voice told was passed so long before the time that its line was taken to tell of."""
        if voice in self._of or len(self._of) < VOICES_MAX:
            lag = LAG_KEPT * self.lag_s(voice) + LAG_SHARE * max(-LAG_STEP_S, min(LAG_STEP_S, late_s))
            self._of[voice] = self.of(voice)._replace(late_s=max(-LAG_MAX_S, min(LAG_MAX_S, lag)))

    def told(self, voices: Iterable[str], *, borne_out: bool) -> None:
        """An object that these voices told of is over."""
        for voice in sorted(voices):
            if voice in self._of or len(self._of) < VOICES_MAX:
                before, fade = self.of(voice), 1 - 1 / OBJECTS
                self._of[voice] = before._replace(
                    objects=fade * before.objects + 1, borne_out=fade * before.borne_out + borne_out
                )

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        return {
            "of": {voice: tuple(one) for voice, one in self._of.items()},
            "held": {name: (threat, list(rows)) for name, (threat, rows) in self._held.items()},
            "noted_s": self._noted_s,
        }

    @classmethod
    def load(cls, state: dict[str, Any]) -> Reputes:
        """What `dump` gave, going on."""
        reputes = cls()
        reputes._of = {voice: Repute(*one) for voice, one in state["of"].items()}
        reputes._held = {name: (threat, [tuple(row) for row in rows]) for name, (threat, rows) in state["held"].items()}
        reputes._noted_s = state["noted_s"]
        return reputes


def _passed(rows: NDArray[np.float64], east_m: float, north_m: float, near_m: float) -> float | None:
    """When a path [N, 3] of times and places was nearest to a place; None: not within `near_m`, or not yet past it."""
    start, leg = rows[:-1], np.diff(rows, axis=0)
    off = np.array([east_m, north_m]) - start[:, 1:]
    squared = np.maximum((leg[:, 1:] ** 2).sum(axis=1), 1.0)
    share = np.clip((off * leg[:, 1:]).sum(axis=1) / squared, 0.0, 1.0)
    away = np.hypot(*(off - share[:, None] * leg[:, 1:]).T)
    nearest = int(np.argmin(away))
    passed_s = float(start[nearest, 0] + share[nearest] * leg[nearest, 0])
    inside = rows[0, 0] + PASSED_S <= passed_s <= rows[-1, 0] - PASSED_S
    return passed_s if inside and away[nearest] <= near_m else None
