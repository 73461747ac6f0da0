"""The filter bank as tracks people and the later steps can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.track import Track, TrackStatus
from tocsin.model.value import time_of
from tocsin.track.arc.report import Flying
from tocsin.track.arc.room import flight
from tocsin.track.bank import CONFIRMED, COOPERATIVE, ICAO, NUMBER, STATUS, TAKEN, Bank
from tocsin.track.classify import class_probabilities
from tocsin.track.degrees import degrees_of, once_round
from tocsin.track.picture import Glance, picture, unseen
from tocsin.track.state import E_E, EAST, N_N, NORTH, UP, UP_UP, V_EAST, V_NORTH, V_UP, VE_VE, VN_VN

Floats = NDArray[np.float64]
STATUSES: tuple[TrackStatus, ...] = ("tentative", "confirmed", "coasted")
# Without an update for this long a confirmed track is said to coast: three turns of a slow radar would be 30 s.
COASTED_S = 12.0
# What limits a height report: the contracts' altitudes.
ALTITUDE_MIN_M, ALTITUDE_MAX_M = -1_000.0, 2_000_000.0
# The contract's speed: three false plots may look like something faster, and must not stop what else is in the air.
SPEED_MAX_MPS = 12_000.0
# Half-way round the Earth: to be anywhere is no error of ours that may stop the rest.
SIGMA_MAX_M = 20_000_000.0


class Pictures(NamedTuple):
    """K tracks, each at its time, as columns; metres, degrees, m/s.

    cov          [K, 10] upper triangle of (east, north, their speeds), in the frame
    up           [K, 3] of (height, climb)
    turn_rad     clockwise turn from the frame's north to true north at the track
    """

    at_s: Floats
    number: NDArray[np.int64]
    lat: Floats
    lon: Floats
    altitude_m: Floats
    climb_mps: Floats
    speed_mps: Floats
    heading_deg: Floats
    sigma_m: Floats
    classes: Floats
    status: NDArray[np.int64]
    sensors: NDArray[np.int64]
    cooperative: NDArray[np.bool_]
    icao: NDArray[np.int64]
    updated_s: Floats
    newest: NDArray[np.int64]
    others_s: Floats
    cov: Floats
    up: Floats
    turn_rad: Floats


def look(bank: Bank, at_s: float, origin: Floats) -> Glance:
    """Every track alive at a time, in the frame about `origin` [2] (latitude and longitude, radians)."""
    seen = unseen(int(bank.tally[TAKEN]))
    n = picture(bank, at_s, origin, seen, 0, flight())
    assert n <= len(seen.at_s), "the kernel wrote beyond the room it was given"
    return Glance._make(column[:n] for column in seen)


def pictures(seen: Glance, frame: LocalFrame) -> Pictures:
    """Glances in the world's coordinates, with classes."""
    mean, cov, up, tag = seen.mean, seen.cov, seen.up, seen.tag
    lat, lon, turn = degrees_of(frame, np.ascontiguousarray(mean[:, EAST]), np.ascontiguousarray(mean[:, NORTH]))
    speed = np.sqrt(mean[:, V_EAST] ** 2 + mean[:, V_NORTH] ** 2)
    idle = seen.at_s - seen.hit_s
    classes = class_probabilities(
        speed,
        np.sqrt(np.maximum(cov[:, VE_VE] + cov[:, VN_VN], 1.0) / 2),
        mean[:, UP],
        np.where(seen.measured, np.sqrt(np.maximum(up[:, UP_UP], 1.0)), np.inf),
        seen.arc,
        seen.agile,
        seen.said,
        tag[:, COOPERATIVE] > 0,
    )
    return Pictures(
        at_s=seen.at_s,
        number=tag[:, NUMBER].astype(np.int64),
        lat=lat,
        lon=lon,
        altitude_m=np.clip(mean[:, UP], ALTITUDE_MIN_M, ALTITUDE_MAX_M),
        climb_mps=mean[:, V_UP],
        speed_mps=np.minimum(speed, SPEED_MAX_MPS),
        heading_deg=once_round(np.degrees(np.arctan2(mean[:, V_EAST], mean[:, V_NORTH]) - turn)),
        sigma_m=np.sqrt(np.clip((cov[:, E_E] + cov[:, N_N]) / 2, 1e-6, SIGMA_MAX_M**2)),
        classes=classes,
        status=np.where(tag[:, STATUS] == CONFIRMED, np.where(idle > COASTED_S, 2, 1), 0),
        sensors=seen.sensors,
        cooperative=tag[:, COOPERATIVE] > 0,
        icao=tag[:, ICAO].astype(np.int64),
        updated_s=seen.hit_s,
        newest=seen.newest,
        others_s=seen.others_s,
        cov=cov,
        up=up,
        turn_rad=turn,
    )


def track_id(number: int) -> str:
    """The name of a track by its number: T000001."""
    return f"T{number:06d}"


def tracks_of(seen: Pictures, arcs: Mapping[int, Flying], sensors: Sequence[str] = ()) -> tuple[Track, ...]:
    """The pictures as values, oldest track first; those with a number in `arcs` as they fly in space.

    sensors   their ids, by number; of whoever is not among them the number is the name
    """
    assert len(np.unique(seen.number)) == len(seen.number), "two tracks of one name"
    assert np.all(np.abs(seen.classes.sum(axis=1) - 1.0) < 1e-9), "classes that do not sum to one"
    covariances = _covariances(seen.cov, seen.up, seen.turn_rad).tolist()
    newest = [sensors[s] if 0 <= s < len(sensors) else f"#{s}" for s in seen.newest.tolist()]
    return tuple(
        _track(seen, k, covariances[k], arcs.get(int(seen.number[k])), newest[k]) for k in range(len(seen.number))
    )


def _track(seen: Pictures, k: int, covariance: list[float], flying: Flying | None, newest: str) -> Track:
    likeliest = int(seen.classes[k].argmax())
    icao = int(seen.icao[k])
    flown = flying or Flying(
        lat=float(seen.lat[k]),
        lon=float(seen.lon[k]),
        altitude_m=float(seen.altitude_m[k]),
        speed_mps=float(seen.speed_mps[k]),
        heading_deg=float(seen.heading_deg[k]),
        climb_mps=float(seen.climb_mps[k]),
        sigma_m=float(seen.sigma_m[k]),
        covariance=tuple(covariance),
        arc=None,
    )
    return Track(
        id=track_id(int(seen.number[k])),
        time=time_of(float(seen.at_s[k])),
        lat=flown.lat,
        lon=flown.lon,
        altitude_m=min(max(flown.altitude_m, ALTITUDE_MIN_M), ALTITUDE_MAX_M),
        speed_mps=min(flown.speed_mps, SPEED_MAX_MPS),
        heading_deg=flown.heading_deg,
        climb_mps=flown.climb_mps,
        sigma_m=flown.sigma_m,
        threat=THREAT_CLASSES[likeliest],
        probability=float(seen.classes[k, likeliest]),
        classes={name: float(p) for name, p in zip(THREAT_CLASSES, seen.classes[k], strict=True) if p > 0.001},
        status=STATUSES[int(seen.status[k])],
        sensors=int(seen.sensors[k]),
        cooperative=bool(seen.cooperative[k]),
        icao24=None if icao < 0 else f"{icao:06x}",
        updated=time_of(float(seen.updated_s[k])),
        newest=newest,
        others=None if seen.others_s[k] == -np.inf else time_of(float(seen.others_s[k])),
        covariance=flown.covariance,
        arc=flown.arc,
    )


def _covariances(cov: Floats, up: Floats, turn_rad: Floats) -> Floats:
    """float64 [N, 21]: (east, north, up, and their speeds), turned from the frame's north to true north."""
    plane = np.zeros((len(cov), 4, 4))
    row, column = np.triu_indices(4)
    plane[:, row, column] = plane[:, column, row] = cov
    both = np.zeros((len(cov), 4, 4))
    for k in range(4):
        both[:, k, k] = np.cos(turn_rad)
    both[:, 1, 0] = both[:, 3, 2] = np.sin(turn_rad)
    both[:, 0, 1] = both[:, 2, 3] = -np.sin(turn_rad)
    full = np.zeros((len(cov), 6, 6))
    place = np.array([0, 1, 3, 4])
    full[:, place[:, None], place] = both @ plane @ both.transpose(0, 2, 1)
    height, climb = 2, 5
    full[:, height, height], full[:, height, climb], full[:, climb, climb] = up.T
    row, column = np.triu_indices(6)
    return np.asarray(full[:, row, column])
