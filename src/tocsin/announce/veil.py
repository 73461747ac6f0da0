"""What the public is told of blindness, so that everybody who may be blind is told and no sensor is found by it.

Where a sensor is alone, what goes blind with it is a disc around it, and the edge of what is watched is made of arcs
around sensors: of months of exact maps a fitted disc finds a radar to a few hundred metres. So the public map is the
exact one, blurred and displaced: a zone is shown as blind when one that is blind lies within SHIFT_M of the point that
is SHIFT_M from it in a secret direction. Every blind zone lies just within that circle, so that none is left out. A
disc becomes a larger disc, an edge another edge, around a point SHIFT_M off; and as the direction never changes, no
amount of data averages it out. What it costs: within twice SHIFT_M of a blind zone others are called blind, too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth.zone_index import ZoneIndex

# Nobody shall find a sensor closer than this, ...
HIDDEN_M = 20_000.0
# ... and a disc of which the border cuts off most is fitted 10 km wrong.
SHIFT_M = 30_000.0
# Directions tried. Near a border, or beside what is blind anyway, some would leave to be seen only what lies at the
# sensor's feet.
TURNS = 24
# The same words everywhere: a count or a kind of sensor would tell the zones of one from those of another.
PUBLIC_REASON = "Part of the picture is missing around here."

Floats = NDArray[np.float64]


class Outage(NamedTuple):
    """What fails with one sensor, at lat, lon in degrees: ids of the zones blind while it works, and without it."""

    lat: float
    lon: float
    before: Collection[str]
    after: Collection[str]


class Veil:
    """The public map of blindness over the zones of an index.

    secret    from which the direction follows; the same for as long as the sensors stand where they stand
    outages   that must not be found; the direction is the first, in an order only the secret tells, that hides them all
    """

    def __init__(self, index: ZoneIndex, secret: bytes, outages: Sequence[Outage] = ()) -> None:
        self._index = index
        self._ids = [zone.id for zone in self._index.zones]
        self._at_m = np.stack([self._index.east_m, self._index.north_m], axis=-1)
        digest = hashlib.sha256(secret).digest()
        # The same for the same secret, and tells nothing of it.
        self.mark = hashlib.sha256(b"mark" + digest).hexdigest()[:12]
        first = int.from_bytes(digest[:8], "big") / 2**64
        order = np.random.default_rng(list(digest)).permutation(TURNS).tolist()
        turns = [2 * math.pi * (k + first) / TURNS for k in order]
        self._shift_m = self._shift(next((turn for turn in turns if self._hides(turn, outages)), turns[0]))

    def over(self, blind: Collection[str]) -> frozenset[str]:
        """Ids of the zones to be shown as blind when these are; every one of these is among them."""
        shown = self._over(blind, self._shift_m)
        return frozenset(blind) | {self._ids[z] for z in np.flatnonzero(shown)}

    def _over(self, blind: Collection[str], shift_m: Floats) -> NDArray[np.bool_]:
        truly = np.array([zone in blind for zone in self._ids], bool)
        if not truly.any():
            return truly
        away_m, _ = cKDTree(self._at_m[truly]).query(self._at_m - shift_m, distance_upper_bound=SHIFT_M)
        return np.asarray(truly | np.isfinite(away_m))

    def _shift(self, turn: float) -> Floats:
        return SHIFT_M * np.array([math.sin(turn), math.cos(turn)])

    def _hides(self, turn: float, outages: Sequence[Outage]) -> bool:
        """Whether the middle of what is shown to go blind with each sensor stays away from it."""
        shift_m = self._shift(turn)
        # Half of them are the same for all: nothing fails before, or everything has failed after.
        maps: dict[int, NDArray[np.bool_]] = {}

        def over(blind: Collection[str]) -> NDArray[np.bool_]:
            if id(blind) not in maps:
                maps[id(blind)] = self._over(blind, shift_m)
            return maps[id(blind)]

        for outage in outages:
            gone = over(outage.after) & ~over(outage.before)
            east, north = self._index.frame.to_local(outage.lat, outage.lon)
            if gone.any() and np.hypot(*(self._at_m[gone].mean(axis=0) - (east, north))) < HIDDEN_M:
                return False
        return True
