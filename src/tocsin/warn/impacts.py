"""Which track an impact ended: something that fell is not in the air any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Impact
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

# A report of an impact may come with a time that is off by this much.
TIME_SLACK_S = 20.0
# A thing falls at most this far from where it was last seen flying, besides its flight since and the errors.
NEAR_M = 1_500.0


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
