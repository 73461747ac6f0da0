"""A policy that is told where every attacker is: what our forecast and our rule would reach if no sensor ever erred.

The bound of everything that sensors, tracker and classifier can still gain: what is left is not knowing the targets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.forecaster import Forecaster
from tocsin.model.threat import BALLISTIC
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.warning import Warning
from tocsin.score.cover import Cover, cover_of_warnings
from tocsin.score.sightings import CIVIL
from tocsin.score.truth import Path4, Truth
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

Floats = NDArray[np.float64]

# It looks this often, and goes on for so long after the last attacker is down.
EVERY_S, AFTER_S = 2.0, 200.0
# Courses are those over so many seconds about the moment.
COURSE_S = 1.0
# One standard deviation of each coordinate and of each speed: a tracker that is sure.
SIGMA_M, SIGMA_MPS = 20.0, 1.0
_VARIANCES = np.diag([SIGMA_M**2] * 3 + [SIGMA_MPS**2] * 3)
COVARIANCE = tuple(_VARIANCES[np.triu_indices(6)].tolist())


def policy_that_knows(truth: Truth, index: ZoneIndex, policy: Policy) -> Cover:
    """The cover that a policy gives on perfect tracks of all attackers, from when each appears until it is down."""
    flights = [Flight(path, index) for path in truth.paths if path.threat != CIVIL and len(path.time_s) > 1]
    if not flights:
        return cover_of_warnings([], index.number, 0.0)
    forecaster, warner = Forecaster(index), Warner(index, policy, drill=True)
    warnings: list[Warning] = []
    end_s = max(flight.end_s for flight in flights) + AFTER_S
    for now_s in np.arange(np.ceil(min(flight.begin_s for flight in flights)), end_s, EVERY_S).tolist():
        tracks = [flight.track(now_s) for flight in flights if flight.begin_s <= now_s < flight.end_s]
        outlook = forecaster.outlook(now_s, tracks, ())
        warnings += warner.decide(now_s, outlook, tracks, impacts=(), alerts=(), acts=(), blind={}).warnings
    return cover_of_warnings(warnings, index.number, end_s)


class Flight:
    """One attacker as a perfect tracker follows it between `begin_s` and `end_s`.

    Something thrown is followed once its motor is out, when its arc is known.
    """

    def __init__(self, path: Path4, index: ZoneIndex) -> None:
        self._path = path
        self._places = np.stack([*index.frame.to_local(path.lat, path.lon), path.altitude_m])
        self.begin_s, self.end_s = path.time_s[0] + COURSE_S, path.time_s[-1] - COURSE_S
        if path.threat in BALLISTIC:
            speed = np.linalg.norm(np.diff(self._places), axis=0) / np.maximum(np.diff(path.time_s), 1e-9)
            self.begin_s = path.time_s[1 + int(np.argmax(speed))] + COURSE_S

    def track(self, now_s: float) -> Track:
        """Where it is and how it flies."""
        path = self._path
        before, after = (self._at(now_s + off_s) for off_s in (-COURSE_S, COURSE_S))
        east, north, climb = (after - before) / (2.0 * COURSE_S)
        lat, lon = path.at(np.array([now_s]))
        return Track(
            id=path.object,
            time=time_of(now_s),
            updated=time_of(now_s),
            lat=float(lat[0]),
            lon=float(lon[0]),
            altitude_m=float(self._at(now_s)[2]),
            speed_mps=float(np.hypot(east, north)),
            heading_deg=float(np.degrees(np.arctan2(east, north)) % 360.0),
            climb_mps=float(climb),
            sigma_m=SIGMA_M,
            threat=path.threat,
            probability=1.0,
            classes={path.threat: 1.0},
            status="confirmed",
            sensors=2,
            covariance=COVARIANCE,
        )

    def _at(self, time_s: float) -> Floats:
        return np.array([np.interp(time_s, self._path.time_s, column) for column in self._places])
