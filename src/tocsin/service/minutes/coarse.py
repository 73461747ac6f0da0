"""What the public is told of fewer minutes: by region, late, and for a while; so that no sensor is found by it.

A sensor's loss takes minutes from the zones on its far side as well as from those around it, at once and with a shape
that is its own. Told zone by zone and at once, it would say where the sensor stands, and to whoever shot at it that he
hit. So a sentence is said of a whole region or not at all; regions are squares laid over the zones without regard to
sensors; it is said only at full quarters of an hour, of what was so throughout the last one, and for an hour after.
Where we may be blind is told at once, through its own veil (`announce.veil`): nobody waits for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.value import seconds_of

if TYPE_CHECKING:
    from tocsin.service.minutes.kept import Left

# Five times as far as the veil over blind zones keeps a sensor hidden.
SIDE_M = 100_000.0
# A corner of a square with a town or two would say too much of these: it belongs to the next square.
ZONES_MIN = 10
# Of people who can usually be in shelter in time so many no longer can, ...
ZONE_SHARE = 0.2
# ... in zones where at least this share of a region's people live.
REGION_SHARE = 0.5
SLOT_S, KEPT_S = 900.0, 3_600.0

Numbers = NDArray[np.int64]


class Coarse:
    """The regions of which it is said; asked once a second or so, from one thread."""

    def __init__(self, index: ZoneIndex) -> None:
        self._ids = [zone.id for zone in index.zones]
        self.region = regions(np.stack([index.east_m, index.north_m], axis=-1))
        count = int(self.region.max(initial=-1)) + 1
        # Where nobody is known to live, zones count alike.
        self._people = np.maximum(index.population, 1e-6)
        self._all = np.bincount(self.region, self._people, count)
        self._since_s = np.full(count, np.inf)
        self._last_s = np.full(count, -np.inf)
        self._told = np.zeros(count, bool)
        self._slot: float | None = None

    def told(self, left: Left | None, now: datetime) -> frozenset[str]:
        """Ids of the zones in which there is said to be less warning time than usual."""
        now_s = seconds_of(now)
        less = np.zeros(len(self._told), bool) if left is None else self._less(left)
        self._since_s = np.where(less, np.minimum(self._since_s, now_s), np.inf)
        self._last_s[less] = now_s
        slot = now_s // SLOT_S
        if slot != self._slot:
            self._slot = slot
            begun_s = slot * SLOT_S - SLOT_S
            self._told = (self._since_s <= begun_s) | (self._told & (now_s - self._last_s < KEPT_S))
        return frozenset(self._ids[z] for z in np.flatnonzero(self._told[self.region]).tolist())

    def _less(self, left: Left) -> NDArray[np.bool_]:
        fallen = np.zeros(len(self._ids), bool)
        for threat in left.now:
            fallen |= left.fallen(threat, ZONE_SHARE)
        theirs = np.bincount(self.region, np.where(fallen, self._people, 0.0), len(self._all))
        return np.asarray(theirs >= REGION_SHARE * self._all)


def regions(at_m: NDArray[np.float64]) -> Numbers:
    """The number of the region that each zone belongs to, from 0, [Z]; `at_m` east and north of each, [Z, 2]."""
    if not len(at_m):
        return np.empty(0, np.int64)
    square = np.floor((at_m - at_m.min(axis=0)) / SIDE_M).astype(np.int64)
    _, region = np.unique(square, axis=0, return_inverse=True)
    region = region.reshape(-1).astype(np.int64)
    while True:
        count = np.bincount(region)
        kept, small = np.flatnonzero(count > 0), np.flatnonzero((count > 0) & (count < ZONES_MIN))
        if len(kept) == 1 or not len(small):
            return np.unique(region, return_inverse=True)[1].reshape(-1).astype(np.int64)
        # The smallest first, so that two small neighbours become one before a large one takes both.
        least = int(small[np.argmin(count[small])])
        middle = {one: at_m[region == one].mean(axis=0) for one in kept.tolist()}
        others = [one for one in kept.tolist() if one != least]
        nearest = min(others, key=lambda one: float(np.hypot(*(middle[one] - middle[least]))))
        region[region == least] = nearest
