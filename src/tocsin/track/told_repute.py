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


class _Legs(NamedTuple):
    """Straight parts of the paths of what sensors held, arrays of one length: whose, from when and where, how far."""

    owner: NDArray[np.int64]
    begin_s: NDArray[np.float64]
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]
    lasts_s: NDArray[np.float64]
    flown_east_m: NDArray[np.float64]
    flown_north_m: NDArray[np.float64]

    def nearest(self, east_m: float, north_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How near each leg comes to a place, metres, and when."""
        east, north = east_m - self.east_m, north_m - self.north_m
        squared = np.maximum(self.flown_east_m**2 + self.flown_north_m**2, 1.0)
        share = np.clip((east * self.flown_east_m + north * self.flown_north_m) / squared, 0.0, 1.0)
        away = np.hypot(east - share * self.flown_east_m, north - share * self.flown_north_m)
        return away, self.begin_s + share * self.lasts_s


class Reputes:
    """The reputes of all voices, and where sensors held what in the last minutes."""

    def __init__(self) -> None:
        self._of: dict[str, Repute] = {}
        # Track id -> (its class, rows of time, east, north).
        self._held: dict[str, tuple[ThreatClass, list[tuple[float, float, float]]]] = {}
        self._noted_s = -math.inf
        # Made of `_held` when a line is first weighed after it was noted.
        self._legs: _Legs | None = None

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
        self._legs = None
        sure = [track for track in held if track.status == "confirmed"][:HELD_MAX]
        if sure:
            east, north = frame.to_local([track.lat for track in sure], [track.lon for track in sure])
            for track, e, n in zip(sure, east.tolist(), north.tolist(), strict=True):
                rows = self._held[track.id][1] if track.id in self._held else []
                rows.append((now_s, e, n))
                self._held[track.id] = track.threat, rows
        for name, (_, rows) in list(self._held.items()):
            while rows and rows[0][0] <= now_s - KEPT_S:
                rows.pop(0)
            if not rows:
                del self._held[name]

    def passed_s(self, east_m: float, north_m: float, near_m: float, threat: ThreatClass) -> float | None:
        """When what sensors held passed within `near_m` of a place in the frame; None: nothing did, or several did."""
        if self._legs is None:
            self._legs = _legs_of([rows for _, rows in self._held.values()])
        away, passed_s = self._legs.nearest(east_m, north_m)
        kinds, found = [kind for kind, _ in self._held.values()], []
        for owner in np.unique(self._legs.owner[away <= near_m]).tolist():
            own = np.flatnonzero(self._legs.owner == owner)
            at_s = float(passed_s[own[np.argmin(away[own])]])
            begin_s, end_s = self._legs.begin_s[own[0]], self._legs.begin_s[own[-1]] + self._legs.lasts_s[own[-1]]
            if alike(kinds[owner], threat) and begin_s + PASSED_S <= at_s <= end_s - PASSED_S:
                found.append(at_s)
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


def _legs_of(paths: Sequence[Sequence[tuple[float, float, float]]]) -> _Legs:
    """The legs of paths of times and places, in a row: a line that names twenty towns asks of five hundred paths."""
    rows = np.array([row for path in paths for row in path], float).reshape(-1, 3)
    owner = np.repeat(np.arange(len(paths)), np.array([len(path) for path in paths], int))
    within = owner[1:] == owner[:-1]
    leg = np.diff(rows, axis=0)[within]
    return _Legs(owner[:-1][within], *rows[:-1][within].T, *leg.T)
