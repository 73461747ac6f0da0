"""Where all the zones are: by it a report whose latitude and longitude were exchanged is noticed."""

from __future__ import annotations

import numpy as np

from tocsin.earth.zone_index import ZoneIndex

# A place as near as this to a zone is among them; one that is not as near as that is far.
NEAR_M, FAR_M = 10_000.0, 200_000.0
# About the same in degrees of latitude, for the rectangle by which nearly every place is told at once.
NEAR_DEG, FAR_DEG = 0.1, 1.8
# From farther than this nothing that is warned of here comes, and nobody sees it.
OUTSIDE_M = 1_000_000.0


class Country:
    """Where all the zones are: a place that is among them only with lat and lon exchanged is asked about.

    Zones astride the date line span the world in longitude; there nothing is asked.
    """

    def __init__(self, index: ZoneIndex) -> None:
        self._index = index
        corners = np.array([point for zone in index.zones for outline in zone.polygons for point in outline[0]])
        west, south, east, north = (*corners.min(axis=0), *corners.max(axis=0)) if len(corners) else (0, 0, 0, 0)
        self._west, self._south, self._east, self._north = map(float, (west, south, east, north))

    def exchanged(self, lat: float, lon: float) -> bool:
        """Whether a place lies among the zones only when its two numbers are exchanged."""
        # Two comparisons for nearly everything; the zones are asked only about what they let pass.
        if self._within(lat, lon, FAR_DEG) or not self._within(lon, lat, NEAR_DEG) or not len(self._index):
            return False
        return len(self._index.within(lon, lat, NEAR_M)) > 0 and len(self._index.within(lat, lon, FAR_M)) == 0

    def outside(self, lat: float, lon: float) -> bool:
        """Whether a place is too far from every zone to be of any concern."""
        if self._within(lat, lon, FAR_DEG) or not len(self._index):
            return False
        return len(self._index.within(lat, lon, OUTSIDE_M)) == 0

    def _within(self, lat: float, lon: float, margin_deg: float) -> bool:
        """Whether a place lies in the zones' rectangle, made wider by a margin."""
        return (
            self._south - margin_deg <= lat <= self._north + margin_deg
            and self._west - margin_deg <= lon <= self._east + margin_deg
        )
