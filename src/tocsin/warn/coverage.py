"""Which zones would be blind: those whose sensors are down, silent, flooded or biased."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.horizon import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor, SensorHealth, with_defaults

# A radar covers a zone when it would see something this high over it: drones and cruise missiles come lower at times,
# but a lower figure would call every zone behind a hill blind from the beginning.
TARGET_M = 300.0
# Microphones and posts cover a zone that lies within their reach, or that what they hear enters next.
NEAR_FACTOR = 1.5
# With fewer than this share of a mesh at work, something slips through unheard.
MESH_SHARE = 0.5
_WORDS = {
    "down": "reported down",
    "silent": "silent",
    "flooded": "flooded with false reports",
    "biased": "not measuring straight",
}


class Coverage:
    """Which sensors watch which zone. ADS-B receivers watch nothing: they hear only those who want to be heard."""

    def __init__(self, index: ZoneIndex, sensors: Sequence[Sensor]) -> None:
        self._index = index
        watching = [with_defaults(sensor) for sensor in sensors if sensor.kind != "adsb"]
        self._ids = [sensor.id for sensor in watching]
        self._radar = np.array([sensor.kind == "radar" for sensor in watching], bool)
        self._covers = _covers(index, watching)

    def uncovered(self) -> tuple[str, ...]:
        """Ids of zones that no sensor watches even when all work."""
        return tuple(self._index.zones[z].id for z in np.flatnonzero(~self._covers.any(axis=0)))

    def blind(self, health: Sequence[SensorHealth]) -> dict[str, str]:
        """Zone id -> why we may be blind there, in the order of the zones; sensors not in `health` work.

        A zone some radar watches is blind when none of its radars works; another, when fewer than half of its
        microphones and posts do. Reasons name no sensor.
        """
        state = {entry.sensor: entry.state for entry in health if entry.state != "up"}
        failed = np.array([name in state for name in self._ids], bool)
        if not failed.any():
            return {}
        radars = self._covers & self._radar[:, None]
        mesh = self._covers & ~self._radar[:, None]
        works = ~failed[:, None]
        has_radar = radars.any(axis=0)
        no_radar_left = has_radar & ~(radars & works).any(axis=0)
        heard = (mesh & works).sum(axis=0)
        thin = ~has_radar & mesh.any(axis=0) & (heard < MESH_SHARE * mesh.sum(axis=0))
        reasons = {}
        for z in np.flatnonzero(no_radar_left | thin):
            lost = np.flatnonzero(self._covers[:, z] & failed & (self._radar == bool(no_radar_left[z])))
            words = sorted({_WORDS[state[self._ids[s]]] for s in lost})
            kind = "radar" if no_radar_left[z] else "microphones and posts"
            count = int((radars if no_radar_left[z] else mesh)[:, z].sum())
            reasons[self._index.zones[z].id] = f"{len(lost)} of {count} {kind} over this zone: {', '.join(words)}"
        return reasons


def _covers(index: ZoneIndex, sensors: Sequence[Sensor]) -> NDArray[np.bool_]:
    """bool [S, Z]: whether each sensor watches each zone."""
    covers = np.zeros((len(sensors), len(index)), bool)
    if not sensors or not len(index):
        return covers
    east, north = index.frame.to_local([s.lat for s in sensors], [s.lon for s in sensors])
    for number, sensor in enumerate(sensors):
        away = np.hypot(index.east_m - east[number], index.north_m - north[number])
        reach = sensor.range_m or 0.0
        if sensor.kind == "radar":
            covers[number] = away <= min(reach, float(horizon_m(sensor.altitude_m, TARGET_M)))
        else:
            covers[number] = away - index.radius_m <= NEAR_FACTOR * reach
    return covers
