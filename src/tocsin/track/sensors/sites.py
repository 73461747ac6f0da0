"""Sensors as columns, and how each one's polar world lies in the sector's frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import WGS84_A_M, WGS84_E2, LocalFrame, ecef_of, enu_axes
from tocsin.model.masking import PARTS, RAYS, Masking, cells_of
from tocsin.model.masking import RINGS as CELL_RINGS
from tocsin.model.sensor import Sensor, with_defaults

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
KINDS = ("radar", "acoustic", "presence", "spotter", "adsb")
RADAR, ACOUSTIC = 0, 1

# Equal areas: rings times sectors. Ships, wind farms and roads are larger than one; one radar has about 20 of each.
RINGS, SECTORS = 4, 8

# The map from a sensor's own plane to the sector's is fitted with polynomials of this degree: over 400 km the rest
# is a few metres, below any radar's error, and evaluating it costs nothing next to a projection.
DEGREE = 4
POWERS = tuple((i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i))
SCALE_M = 200_000.0
NO_LAND: Mapping[str, Masking] = MappingProxyType({})


class Sites(NamedTuple):
    """S sensors, float64 [S] unless said otherwise; metres, radians, seconds.

    east, north    in the sector's frame
    kind           index into KINDS
    radius         Gaussian radius of curvature of the Earth there
    slant          1 where ranges are slant, 0 where they are over the ground
    clutter        false plots per square metre and scan
    number         int64, place among the radars; -1 for other sensors
    radars         int64 [R], the sensors that are radars
    place, axes    [S, 3] Earth-centred place of the antenna, [S, 3, 3] east, north and up there
    origin         [2] latitude and longitude of the sector's origin
    shape          [S, 2, len(POWERS)] polynomial from (east, north) about a radar to the sector's frame
    turn           clockwise turn from the frame's north to true north there
    land           int64, place among those of which it is known what the land hides from them; -1 for others
    ring           width of a ring of cells
    masked         uint8 [L, RAYS, CELL_RINGS, PARTS], as `model.masking` has it
    """

    east: Floats
    north: Floats
    kind: Floats
    altitude: Floats
    radius: Floats
    reach: Floats
    slant: Floats
    sigma_range: Floats
    sigma_azimuth: Floats
    sigma_altitude: Floats
    scan: Floats
    detection: Floats
    clutter: Floats
    number: Ints
    radars: Ints
    place: Floats
    axes: Floats
    origin: Floats
    shape: Floats
    turn: Floats
    land: Ints
    ring: Floats
    masked: NDArray[np.uint8]


# A report from nowhere we know: a spotter's phone.
_STRANGER = Sensor(id="stranger", kind="spotter", lat=0.0, lon=0.0)
# Plots no target explains are never rarer than this; a sensor that declares none still lies now and then.
FALSE_PLOTS_MIN = np.array([0.5, 0.001, 0.001, 0.001, 0.001])


def sites_of(
    sensors: Sequence[Sensor], frame: LocalFrame, strangers: int, masking: Mapping[str, Masking] = NO_LAND
) -> Sites:
    """Columns of the sensors, followed by `strangers` reporters that no sensor file names.

    masking   by radar: what the land hides from it
    """
    full = [with_defaults(sensor) for sensor in sensors] + [with_defaults(_STRANGER)] * strangers

    def column(name: str, empty: float) -> Floats:
        values = [getattr(sensor, name) for sensor in full]
        return np.array([empty if value is None else float(value) for value in values], float)

    kind = np.array([KINDS.index(sensor.kind) for sensor in full], int)
    radar = kind == RADAR
    over_land = [k for k, sensor in enumerate(sensors) if sensor.kind == "radar" and sensor.id in masking]
    land, ring = np.full(len(full), -1), np.ones(len(full))
    land[over_land] = np.arange(len(over_land))
    ring[over_land] = [masking[sensors[k].id].reach_m / CELL_RINGS for k in over_land]
    shape = _shapes(full, frame)
    latitude = np.radians(column("lat", 0.0))
    east, north = frame.to_local(column("lat", 0.0), column("lon", 0.0))
    reach, scan, detection = column("range_m", 1e5), column("scan_s", 10.0), column("detection_probability", 0.9)
    area = np.pi * np.maximum(reach, 1_000.0) ** 2
    # Rates divide by the first, weights by the other two: values' bounds see to it, and so must every default.
    assert np.all(scan > 0.0), "a sensor that looks everywhere in no time"
    sigma_range, sigma_azimuth = column("sigma_range_m", 60.0), np.radians(column("sigma_azimuth_deg", 0.16))
    assert np.all(sigma_range > 0.0) and np.all(sigma_azimuth > 0.0), "a sensor that is never wrong"
    return Sites(
        east=np.asarray(east, float).reshape(-1),
        north=np.asarray(north, float).reshape(-1),
        kind=kind.astype(float),
        altitude=column("altitude_m", 0.0),
        radius=WGS84_A_M * np.sqrt(1 - WGS84_E2) / (1 - WGS84_E2 * np.sin(latitude) ** 2),
        reach=reach,
        slant=np.array([sensor.range_kind == "slant" for sensor in full], float),
        sigma_range=sigma_range,
        sigma_azimuth=sigma_azimuth,
        sigma_altitude=column("sigma_altitude_m", 400.0),
        scan=scan,
        detection=np.clip(detection, 0.05, 0.99),
        clutter=np.maximum(column("false_plots_per_scan", 0.0), FALSE_PLOTS_MIN[kind]) / area,
        number=np.where(radar, np.cumsum(radar) - 1, -1),
        radars=np.flatnonzero(radar),
        place=ecef_of(column("lat", 0.0), column("lon", 0.0), column("altitude_m", 0.0)).reshape(-1, 3),
        axes=enu_axes(column("lat", 0.0), column("lon", 0.0)).reshape(-1, 3, 3),
        origin=np.radians([frame.lat, frame.lon]),
        shape=shape,
        turn=_turns(shape),
        land=land,
        ring=ring,
        masked=np.array([cells_of(masking[sensors[k].id]) for k in over_land], np.uint8).reshape(
            -1, RAYS, CELL_RINGS, PARTS
        ),
    )


# A disc of radius 1 as the fit sees it: equal areas have as many points.
_RING = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_DISTANCE = np.sqrt(np.linspace(0.02, 1, 8))
_EAST, _NORTH = ((_DISTANCE[:, None] * side(_RING)).ravel() for side in (np.sin, np.cos))


@lru_cache(maxsize=1)
def _least_squares() -> Floats:
    """[len(POWERS), points]: from values at the disc's points to the polynomial; the same for every radar."""
    return np.linalg.pinv(np.stack([_EAST**i * _NORTH**j for i, j in POWERS], axis=1))


def _shapes(sensors: Sequence[Sensor], frame: LocalFrame) -> Floats:
    """[S, 2, len(POWERS)]: least squares over each radar's reach; zero for other sensors."""
    shapes = np.zeros((len(sensors), 2, len(POWERS)))
    radars = [k for k, sensor in enumerate(sensors) if sensor.kind == "radar"]
    if not radars:
        return shapes
    reach = np.array([min(max(sensors[k].range_m or 0.0, 10_000.0), 600_000.0) for k in radars])
    places = [
        LocalFrame(sensors[k].lat, sensors[k].lon).to_geodetic(far * _EAST, far * _NORTH)
        for k, far in zip(radars, reach, strict=True)
    ]
    target = np.stack(frame.to_local(*np.stack(places, axis=1)), axis=1)
    # The disc has a radius of 1; the polynomial's arguments are in units of SCALE_M.
    units = (SCALE_M / reach)[:, None] ** np.array([i + j for i, j in POWERS])
    shapes[radars] = target @ _least_squares().T * units[:, None, :]
    return shapes


def _turns(shape: Floats) -> Floats:
    """[S]: where a step to the true north of each radar leads in the frame, clockwise; zero for other sensors."""
    north = shape[:, :, POWERS.index((0, 1))]
    return np.arctan2(north[:, 0], north[:, 1])
