"""Which tracks impacts ended: something that fell is not in the air any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Impact
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

# A report of an impact may come with a time that is off by this much.
TIME_SLACK_S = 20.0
# A thing falls at most this far from where it was last seen flying, besides its flight since and the errors.
NEAR_M = 1_500.0
# An impact ends a track only when sensors stop seeing it: when it has not been observed from this long after the impact
REVIVED_S = 2.0
# until this long after it, which is two turns of a usual radar.
UNSEEN_S = 12.0
# Positions of tracks are remembered this long, to tell which one an impact ended.
SEEN_S = 300.0
ENDED_MAX = 5_000


class EndedTracks:
    """The tracks that were seen of late, and which of them an impact ended."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}  # track id -> POSIX time of the impact that ended it
        self._seen: dict[str, Track] = {}

    def see(self, now_s: float, current: Mapping[str, Track]) -> None:
        """Keep the last positions of tracks; forget that those ended which are seen flying after all."""
        kept = {name: t for name, t in self._seen.items() if now_s - seconds_of(t.updated) <= SEEN_S}
        self._seen = kept | {name: track for name, track in current.items() if track.status != "tentative"}
        self._at = {
            name: at
            for name, at in list(self._at.items())[-ENDED_MAX:]
            if name not in current or seconds_of(current[name].updated) <= at + REVIVED_S
        }

    def note(self, impact: Impact) -> None:
        """Take an impact in."""
        name = ended_by(impact, self._seen, self._at)
        # What was seen flying since did not come down, however late the impact is told.
        if name is not None and seconds_of(self._seen[name].updated) <= seconds_of(impact.time) + REVIVED_S:
            self._at[name] = seconds_of(impact.time)

    def down(self, now_s: float) -> dict[str, float]:
        """The tracks that are down, and no sensor has seen since; by id, POSIX seconds of the impact."""
        return {name: at for name, at in self._at.items() if now_s - at >= UNSEEN_S}

    def dump(self) -> dict[str, Any]:
        """All of it; `load` goes on exactly as this would."""
        return {"ended": self._at, "seen": [msgspec.to_builtins(track) for track in self._seen.values()]}

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> EndedTracks:
        """What `dump` gave."""
        ended = cls()
        ended._at = state["ended"]
        seen = [msgspec.convert(plain, Track) for plain in state["seen"]]
        ended._seen = {track.id: track for track in seen}
        return ended


def ended_by(impact: Impact, tracks: Mapping[str, Track], ended: Mapping[str, float]) -> str | None:
    """Id of the track that came down there: the nearest that could have; None when none could.

    Jets and helicopters drop things and fly on, so they never end this way.
    """
    fell_s = seconds_of(impact.time)
    candidates: Sequence[Track] = [
        track
        for track in tracks.values()
        if track.id not in ended
        and not track.cooperative
        and track.threat not in ("jet", "helicopter", "civil")
        and abs(seconds_of(track.updated) - fell_s) <= 180.0
    ]
    if not candidates:
        return None
    frame = LocalFrame(impact.lat, impact.lon)
    east, north = frame.to_local([t.lat for t in candidates], [t.lon for t in candidates])
    away = np.hypot(east, north)
    flown = np.array([max(0.0, fell_s - seconds_of(t.time)) for t in candidates])
    speed = np.array([t.speed_mps for t in candidates])
    sigma = np.array([t.sigma_m for t in candidates])
    room = NEAR_M + 3 * impact.sigma_m + 2 * sigma + speed * TIME_SLACK_S
    excess = np.abs(away - speed * flown) / room
    nearest = int(np.argmin(np.minimum(excess, away / room)))
    fits = away[nearest] <= room[nearest] + speed[nearest] * flown[nearest]
    return candidates[nearest].id if fits else None
