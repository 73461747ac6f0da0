"""When each track was expected in each zone, from what a decision rested on."""

from __future__ import annotations

import numpy as np

from tocsin.engine.decision_basis import Moment
from tocsin.model.arrival import arrivals_of, quantile_s
from tocsin.model.value import seconds_of
from tocsin.replay.run_files import FORECAST_LEAST
from tocsin.score.windows import Windows

# A window that is said to hold the arrival nine times in ten.
WINDOW = 0.9


def windows_of(moment: Moment) -> Windows:
    """When tracks are expected in zones, of what is likely enough to be kept: the window that holds `WINDOW` of it."""
    outlook = moment.outlook
    tracks = {track.id: track for track in moment.tracks}
    followed = np.array([name in tracks for name in outlook.tracks], bool)
    kept = np.flatnonzero((outlook.probability >= FORECAST_LEAST) & followed[outlook.track])
    behind = [tracks[outlook.tracks[number]] for number in outlook.track[kept].tolist()]
    shift, spread = (column[outlook.track[kept]] for column in arrivals_of(outlook.classes))
    left_s = outlook.eta_likely_s[kept] - moment.now_s
    low_s, high_s = (
        moment.now_s + quantile_s(share, left_s, shift, spread) for share in ((1 - WINDOW) / 2, (1 + WINDOW) / 2)
    )
    return Windows(
        at_s=np.full(len(kept), moment.now_s),
        zone=outlook.zone[kept].astype(np.int64),
        threat=np.array([outlook.classes[number] for number in outlook.track[kept].tolist()], np.str_),
        seen_s=np.array([seconds_of(track.time) for track in behind], float),
        lat=np.array([track.lat for track in behind], float),
        lon=np.array([track.lon for track in behind], float),
        sigma_m=np.array([track.sigma_m for track in behind], float),
        low_s=low_s,
        likely_s=outlook.eta_likely_s[kept],
        high_s=high_s,
    )
