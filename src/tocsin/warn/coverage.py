"""Which zones would be blind: those whose sensors are down, silent, flooded, or biased by nobody knows how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.sight import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import NOISY_SIGMAS, Sensor, SensorHealth, with_defaults

# A radar covers a zone when it would see something this high over it: drones and cruise missiles come lower at times,
# but a lower figure would call every zone behind a hill blind from the beginning.
TARGET_M = 300.0
# Microphones and posts cover a zone that lies within their reach, or that what they hear enters next.
NEAR_FACTOR = 1.5
# With fewer than this share of a mesh at work, something slips through unheard.
MESH_SHARE = 0.5
# The tracker takes a radar's biases off. Known to half its declared noise, what is left of them is less than its plots
# scatter anyway. What the clocks of all radars share cannot be seen without aircraft that say where they are: the sigma
# of one second that it begins with stays at 0.7 s with two radars. A jet makes 200 m of that; zones are larger.
CORRECTED_SIGMAS = 0.5
CORRECTED_S = 0.75
# Registration stops at 30 declared sigmas and 5 s: a bias found near there may be any larger one.
LARGEST_SIGMAS = 25.0
LARGEST_S = 4.0
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
        self._sensors = {sensor.id: sensor for sensor in watching}
        self._ids = [sensor.id for sensor in watching]
        self._radar = np.array([sensor.kind == "radar" for sensor in watching], bool)
        self._covers = _covers(index, watching)
        self._last: tuple[dict[str, str], dict[str, str]] = ({}, {})  # which sensors failed, and what followed

    def blind(self, health: Sequence[SensorHealth]) -> dict[str, str]:
        """Zone id -> why we may be blind there, in the order of the zones; sensors not in `health` work, and biased
        radars whose biases are known well enough to be taken off.

        A zone some radar watches is blind when none of its radars works; another, when fewer than half of its
        microphones and posts do. Reasons name no sensor.
        """
        state: dict[str, str] = {
            one.sensor: one.state for one in health if one.sensor in self._sensors and not self._works(one)
        }
        if state != self._last[0]:
            self._last = (state, self._reasons(state))
        return self._last[1]

    def _reasons(self, state: dict[str, str]) -> dict[str, str]:
        """`blind`, given the states of the sensors that do not work."""
        failed = np.array([name in state for name in self._ids], bool)
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

    def _works(self, entry: SensorHealth) -> bool:
        return entry.state == "up" or (entry.state == "biased" and corrected(entry, self._sensors[entry.sensor]))


def corrected(entry: SensorHealth, sensor: Sensor) -> bool:
    """Whether a biased radar's biases are known so well that its plots, with them taken off, are as good as declared.

    sensor   with its defaults filled in
    """
    range_m, azimuth_deg = sensor.sigma_range_m or 0.0, sensor.sigma_azimuth_deg or 0.0
    if (entry.range_noise_m or 0.0) > NOISY_SIGMAS * range_m or (
        (entry.azimuth_noise_deg or 0.0) > NOISY_SIGMAS * azimuth_deg
    ):
        return False
    return (
        _known(entry.range_bias_m, entry.range_bias_sigma_m, LARGEST_SIGMAS * range_m, CORRECTED_SIGMAS * range_m)
        and _known(
            entry.azimuth_bias_deg,
            entry.azimuth_bias_sigma_deg,
            LARGEST_SIGMAS * azimuth_deg,
            CORRECTED_SIGMAS * azimuth_deg,
        )
        and _known(entry.time_bias_s, entry.time_bias_sigma_s, LARGEST_S, CORRECTED_S)
    )


def _known(bias: float, sigma: float | None, bias_max: float, sigma_max: float) -> bool:
    return sigma is not None and sigma <= sigma_max and abs(bias) <= bias_max


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
