"""Which zones are blind: those that nothing watches, or whose sensors were never heard, are down, silent, flooded,
refused for their clocks, or biased by nobody knows how much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.sight import horizon_m
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import NOISY_SIGMAS, Sensor, SensorHealth, State, with_defaults
from tocsin.warn.blindness import Blindness, Kind

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
# Noisier than it declares, a radar sees less well; it sees all the same while this share of its looks finds the target.
FOLLOWING = 0.5
# Registration stops at 30 declared sigmas and 5 s: a bias found near there may be any larger one.
LARGEST_SIGMAS = 25.0
LARGEST_S = 4.0
NO_LAND: Mapping[str, Collection[str]] = MappingProxyType({})


class Coverage:
    """Which sensors watch which zone. ADS-B receivers watch nothing: they hear only those who want to be heard.

    removed   sensors that are no longer in the file: what they alone watched, nothing watches, and the reason says why
    sight     for each radar of which the land around is known, the zones that it sees over that land; the others see
              over a smooth Earth
    """

    def __init__(
        self,
        index: ZoneIndex,
        sensors: Sequence[Sensor],
        removed: Sequence[Sensor] = (),
        sight: Mapping[str, Collection[str]] = NO_LAND,
    ) -> None:
        self._index = index
        watching = [with_defaults(sensor) for sensor in sensors if sensor.kind != "adsb"]
        self._sensors = {sensor.id: sensor for sensor in watching}
        self._ids = [sensor.id for sensor in watching]
        self._radar = np.array([sensor.kind == "radar" for sensor in watching], bool)
        covers = _covers(index, watching, sight)
        # Zones that the same sensors watch stand and fall together: a radar's are decided on once, not one by one.
        patterns, group = np.unique(covers.T, axis=0, return_inverse=True)
        self._patterns, self._group = patterns.T, group.ravel()
        assert self._patterns.shape[0] == len(watching) and len(self._group) == len(index), "a zone of no pattern"
        gone = _covers(index, [with_defaults(sensor) for sensor in removed if sensor.kind != "adsb"], NO_LAND)
        seen: list[tuple[bool, bool]] = np.stack([covers.any(axis=0), gone.any(axis=0)], axis=-1).tolist()
        self._nothing = [None if watched else str(Blindness("removed" if was else "nothing")) for watched, was in seen]
        # Which sensors failed last, which zones are blind then and why, and in which of these nothing was lost.
        self._last: tuple[dict[str, State], dict[str, str], frozenset[str]] | None = None

    def blind(self, health: Sequence[SensorHealth]) -> dict[str, str]:
        """Zone id -> why we may be blind there, in the order of the zones; sensors not in `health` work, and biased
        radars whose biases are known well enough to be taken off.

        A zone some radar watches is blind when none of its radars works; another, when fewer than half of its
        microphones and posts do; one that nothing watches, always. Reasons name no sensor.
        """
        return self._as_of(health)[1]

    def unseen(self, health: Sequence[SensorHealth]) -> frozenset[str]:
        """Of the blind zones, those in which no sight was lost: nothing watches there, or nothing was heard yet.

        Sight that was lost may come back, and an all clear waits for it; here there is nothing to wait for.
        """
        return self._as_of(health)[2]

    def _as_of(self, health: Sequence[SensorHealth]) -> tuple[dict[str, State], dict[str, str], frozenset[str]]:
        state: dict[str, State] = {
            one.sensor: one.state
            for one in health
            if (sensor := self._sensors.get(one.sensor)) is not None and not works(one, sensor)
        }
        if self._last is None or state != self._last[0]:
            reasons = self._reasons(state)
            never = self._reasons({name: why for name, why in state.items() if why == "unheard"})
            # Fewer failures blind fewer zones.
            assert never.keys() <= reasons.keys(), "a zone that is unseen and not blind"
            self._last = (state, reasons, frozenset(never))
        return self._last

    def _reasons(self, state: dict[str, State]) -> dict[str, str]:
        """`blind`, given the states of the sensors that do not work."""
        failed = np.array([name in state for name in self._ids], bool)
        radars = self._patterns & self._radar[:, None]
        mesh = self._patterns & ~self._radar[:, None]
        works = ~failed[:, None]
        has_radar = radars.any(axis=0)
        no_radar_left = has_radar & ~(radars & works).any(axis=0)
        heard = (mesh & works).sum(axis=0)
        thin = ~has_radar & mesh.any(axis=0) & (heard < MESH_SHARE * mesh.sum(axis=0))
        why: dict[int, str] = {}
        for k in np.flatnonzero(no_radar_left | thin).tolist():
            lost = np.flatnonzero(self._patterns[:, k] & failed & (self._radar == bool(no_radar_left[k])))
            states = tuple({state[self._ids[s]]: None for s in lost})
            kind: Kind = "radar" if no_radar_left[k] else "mesh"
            count = int((radars if no_radar_left[k] else mesh)[:, k].sum())
            why[k] = str(Blindness(kind, len(lost), count, states))
        zones = zip(self._index.zones, self._nothing, self._group.tolist(), strict=True)
        return {zone.id: said for zone, nothing, k in zones if (said := nothing or why.get(k)) is not None}


def works(entry: SensorHealth, sensor: Sensor) -> bool:
    """Whether a sensor sees what it should; `sensor` with its defaults filled in."""
    return entry.state == "up" or (entry.state == "biased" and corrected(entry, sensor))


def corrected(entry: SensorHealth, sensor: Sensor) -> bool:
    """Whether a biased radar's biases are known so well that its plots, with them taken off, still follow targets.

    sensor   with its defaults filled in
    """
    range_m, azimuth_deg = sensor.sigma_range_m or 0.0, sensor.sigma_azimuth_deg or 0.0
    noisy = (entry.range_noise_m or 0.0) > NOISY_SIGMAS * range_m or (
        (entry.azimuth_noise_deg or 0.0) > NOISY_SIGMAS * azimuth_deg
    )
    if noisy and (entry.detection_probability or 0.0) < FOLLOWING:
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


def _covers(index: ZoneIndex, sensors: Sequence[Sensor], sight: Mapping[str, Collection[str]]) -> NDArray[np.bool_]:
    """bool [S, Z]: whether each sensor watches each zone."""
    covers = np.zeros((len(sensors), len(index)), bool)
    if not sensors or not len(index):
        return covers
    east, north = index.frame.to_local([s.lat for s in sensors], [s.lon for s in sensors])
    for number, sensor in enumerate(sensors):
        away = np.hypot(index.east_m - east[number], index.north_m - north[number])
        reach = sensor.range_m or 0.0
        if sensor.kind == "radar" and sensor.id in sight:
            seen = frozenset(sight[sensor.id])
            covers[number] = [zone.id in seen for zone in index.zones]
        elif sensor.kind == "radar":
            covers[number] = away <= min(reach, float(horizon_m(sensor.altitude_m, TARGET_M)))
        else:
            covers[number] = away - index.radius_m <= NEAR_FACTOR * reach
    return covers
