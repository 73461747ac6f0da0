"""When each track was expected in each zone, from what a decision rested on."""

from __future__ import annotations

import numpy as np

from tocsin.engine.decision_basis import Moment
from tocsin.model.value import seconds_of
from tocsin.replay.run_files import FORECAST_LEAST
from tocsin.score.windows import Windows


def windows_of(moment: Moment) -> Windows:
    """When tracks are expected in zones, of what is likely enough to be kept; a forecast states no latest time yet."""
    outlook = moment.outlook
    tracks = {track.id: track for track in moment.tracks}
    followed = np.array([name in tracks for name in outlook.tracks], bool)
    kept = np.flatnonzero((outlook.probability >= FORECAST_LEAST) & followed[outlook.track])
    behind = [tracks[outlook.tracks[number]] for number in outlook.track[kept].tolist()]
    return Windows(
        at_s=np.full(len(kept), moment.now_s),
        zone=outlook.zone[kept].astype(np.int64),
        threat=np.array([outlook.classes[number] for number in outlook.track[kept].tolist()], np.str_),
        seen_s=np.array([seconds_of(track.time) for track in behind], float),
        lat=np.array([track.lat for track in behind], float),
        lon=np.array([track.lon for track in behind], float),
        sigma_m=np.array([track.sigma_m for track in behind], float),
        low_s=outlook.eta_earliest_s[kept],
        likely_s=outlook.eta_likely_s[kept],
        high_s=np.full(len(kept), np.nan),
    )
