"""Tracks and sensors as the console shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np

from tocsin.model.sensor import Sensor, SensorHealth, with_defaults
from tocsin.model.track import Track
from tocsin.service.console.shown import Declared, Ellipse, ShownSensor, ShownTrack

# Nobody who does not know a height better than this knows one: an unmeasured one is believed to within 2,500 m.
ALTITUDE_SIGMA_M_MAX = 2_000.0
# Of the upper triangle of six: (east, east), (east, north), (north, north) and (up, up).
_EAST, _EAST_NORTH, _NORTH, _UP = 0, 1, 6, 11


class Tracks:
    """Shows tracks, and remembers since when each was shown."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def shown(self, measured: Sequence[Track], words: Sequence[Track]) -> tuple[ShownTrack, ...]:
        """The tracks that sensors measured, and those out of what channels tell."""
        now = (*measured, *words)
        self._since = {track.id: self._since.get(track.id, track.time) for track in now}
        ellipses = _ellipses(measured)
        return (
            *(self._shown(track, *ellipses.get(track.id, (None, None))) for track in measured),
            *(self._shown(track, None, None, words=True) for track in words),
        )

    def _shown(
        self, track: Track, ellipse: Ellipse | None, up_sigma_m: float | None, *, words: bool = False
    ) -> ShownTrack:
        known = up_sigma_m is not None and up_sigma_m <= ALTITUDE_SIGMA_M_MAX
        return ShownTrack(
            id=track.id,
            by="words" if words else "sensors",
            lat=round(track.lat, 5),
            lon=round(track.lon, 5),
            altitude_m=float(round(track.altitude_m)) if known else None,
            altitude_sigma_m=float(round(up_sigma_m)) if known and up_sigma_m is not None else None,
            speed_mps=round(track.speed_mps, 1),
            heading_deg=round(track.heading_deg, 1) % 360,
            climb_mps=round(track.climb_mps, 1) + 0.0,
            sigma_m=max(1.0, float(round(track.sigma_m))),
            ellipse=ellipse,
            threat=track.threat,
            probability=round(track.probability, 3),
            classes={name: round(p, 3) for name, p in track.classes.items() if p >= 0.001},
            status=track.status,
            sensors=track.sensors,
            cooperative=track.cooperative,
            icao24=track.icao24,
            since=self._since[track.id],
            heard=track.updated,
            lost=track.status == "coasted",
        )


def _ellipses(tracks: Sequence[Track]) -> dict[str, tuple[Ellipse, float]]:
    """By track with a covariance: its ellipse, and one standard deviation of its height; all at once."""
    known = [track for track in tracks if track.covariance]
    if not known:
        return {}
    columns = np.array([track.covariance for track in known])[:, (_EAST, _EAST_NORTH, _NORTH, _UP)].T
    east, both, north, up = columns
    middle, half = (east + north) / 2, np.hypot((east - north) / 2, both)
    major, minor = np.sqrt(np.maximum(middle + half, 1.0)), np.sqrt(np.maximum(middle - half, 1.0))
    # Clockwise from north: the longer axis of a covariance whose first axis is east.
    turned = np.degrees(np.arctan2(2 * both, north - east)) / 2 % 180
    axes = zip(np.round(major).tolist(), np.round(minor).tolist(), (np.round(turned) % 180).tolist(), strict=True)
    ups = np.sqrt(np.maximum(up, 1.0)).tolist()
    return {track.id: (Ellipse(*each), height) for track, each, height in zip(known, axes, ups, strict=True)}


def declared_of(sensors: Iterable[Sensor]) -> dict[str, tuple[Sensor, Declared]]:
    """By id: a sensor, and what is declared of it."""
    found = {}
    for sensor in map(with_defaults, sensors):
        fields = {name: getattr(sensor, name) for name in Declared.__struct_fields__}
        found[sensor.id] = sensor, Declared(**fields)
    return found


def sensors_shown(
    declared: Mapping[str, tuple[Sensor, Declared]], health: Iterable[SensorHealth], heard: Mapping[str, datetime]
) -> tuple[ShownSensor, ...]:
    """The sensors of the configuration; `heard`: when the newest report of each was made."""
    found = []
    for one in health:
        if one.sensor not in declared:
            continue
        sensor, says = declared[one.sensor]
        found.append(
            ShownSensor(
                id=sensor.id,
                kind=sensor.kind,
                lat=sensor.lat,
                lon=sensor.lon,
                state=one.state,
                reports=one.reports,
                heard=heard.get(one.sensor),
                declared=says,
                range_bias_m=round(one.range_bias_m) + 0.0,
                azimuth_bias_deg=round(one.azimuth_bias_deg, 2) + 0.0,
                time_bias_s=round(one.time_bias_s, 2) + 0.0,
                measured_range_noise_m=_rounded(one.range_noise_m, 0),
                measured_azimuth_noise_deg=_rounded(one.azimuth_noise_deg, 2),
                measured_detection_probability=_rounded(one.detection_probability, 2),
                measured_false_plots_per_scan=_rounded(one.false_plots_per_scan, 1),
                measured_delay_s=_rounded(one.delay_s, 1),
            )
        )
    return tuple(found)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
