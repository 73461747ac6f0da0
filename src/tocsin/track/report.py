"""The filter bank as tracks people and the later steps can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.track import Track, TrackStatus
from tocsin.model.unchecked import unchecked
from tocsin.model.value import EPOCH, bounds_of, time_of
from tocsin.track.arc.report import Flying
from tocsin.track.arc.room import Flight, flight
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


def track_id(number: int) -> str:
    """The name of a track by its number: T000001."""
    return f"T{number:06d}"


# Where the numbers of an upper triangle stand, and those of the plane among all.
_ROW_4, _COLUMN_4 = np.triu_indices(4)
_ROW_6, _COLUMN_6 = np.triu_indices(6)
_PLACE = np.array([0, 1, 3, 4])
_FIELDS = Track.__struct_fields__
# The numbers that a track's type bounds, and its bounds.
_BOUNDED = ("lat", "lon", "altitude_m", "speed_mps", "heading_deg", "climb_mps", "sigma_m")
_LEAST, _MOST = np.array([bounds_of(Track, name) for name in _BOUNDED]).T[:, :, None]
ICAO_MAX = 0xFFFFFF
# Any track at all: what every other one is made from.
_ANY = Track(
    id=track_id(0), time=EPOCH, lat=0.0, lon=0.0, altitude_m=0.0, speed_mps=0.0, heading_deg=0.0, sigma_m=1.0,
    threat="unknown", probability=1.0, status="tentative", sensors=0, updated=EPOCH,
)  # fmt: skip


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


class Room(NamedTuple):
    """Room to look at tracks in, made once for many looks: each writes over what the one before it saw."""

    seen: Glance
    flight: Flight


def room_for(tracks: int) -> Room:
    """Room to look at that many tracks."""
    return Room(unseen(tracks), flight())


def look(bank: Bank, at_s: float, origin: Floats, room: Room | None = None) -> Glance:
    """Every track alive at a time, in the frame about `origin` [2] (latitude and longitude, radians).

    room   for as many tracks as the bank has taken; what comes back lies in it
    """
    seen, scratch = room or room_for(int(bank.tally[TAKEN]))
    assert len(seen.at_s) >= bank.tally[TAKEN], "the kernel does not look whether there is room"
    n = picture(bank, at_s, origin, seen, 0, scratch)
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


def tracks_of(seen: Pictures, arcs: Mapping[int, Flying], sensors: Sequence[str] = ()) -> tuple[Track, ...]:
    """The pictures as values, oldest track first; those with a number in `arcs` as they fly in space.

    sensors   their ids, by number; of whoever is not among them the number is the name

    Raises BadValue where a number is none that a track may have.
    """
    assert np.all(np.abs(seen.classes.sum(axis=1) - 1.0) < 1e-9), "classes that do not sum to one"
    numbers = seen.number.tolist()
    assert len(set(numbers)) == len(numbers), "two tracks of one name"
    rows = zip(numbers, _sound(seen).tolist(), *_columns(seen, sensors), strict=True)
    return tuple(
        unchecked(_ANY, _FIELDS, row)
        if sound and number not in arcs
        else Track(**dict(zip(_FIELDS, row, strict=True)) | _in_space(arcs.get(number)))
        for number, sound, *row in rows
    )


def _columns(seen: Pictures, sensors: Sequence[str]) -> tuple[list[Any], ...]:
    """What each field of the tracks is, in the order of `_FIELDS`."""
    likeliest = seen.classes.argmax(axis=1)
    # Tracks are looked at together, and the time is nearly always the same.
    times = {at_s: time_of(at_s) for at_s in set(seen.at_s.tolist())}
    return (
        [track_id(number) for number in seen.number.tolist()],
        [times[at_s] for at_s in seen.at_s.tolist()],
        seen.lat.tolist(),
        seen.lon.tolist(),
        seen.altitude_m.tolist(),
        seen.speed_mps.tolist(),
        seen.heading_deg.tolist(),
        seen.climb_mps.tolist(),
        seen.sigma_m.tolist(),
        [THREAT_CLASSES[threat] for threat in likeliest.tolist()],
        seen.classes[np.arange(len(likeliest)), likeliest].tolist(),
        [
            {threat: share for threat, share in zip(THREAT_CLASSES, shares, strict=True) if share > 0.001}
            for shares in seen.classes.tolist()
        ],
        [STATUSES[status] for status in seen.status.tolist()],
        seen.sensors.tolist(),
        seen.cooperative.tolist(),
        [None if icao < 0 else f"{icao:06x}" for icao in seen.icao.tolist()],
        [time_of(updated_s) for updated_s in seen.updated_s.tolist()],
        [sensors[s] if 0 <= s < len(sensors) else f"#{s}" for s in seen.newest.tolist()],
        [None if others_s == -np.inf else time_of(others_s) for others_s in seen.others_s.tolist()],
        [tuple(covariance) for covariance in _covariances(seen.cov, seen.up, seen.turn_rad).tolist()],
        [None] * len(seen.number),
    )


def _sound(seen: Pictures) -> NDArray[np.bool_]:
    """Of which tracks every number is one that its type declares, asked of all tracks at once: bool [K]."""
    numbers = np.stack([getattr(seen, name) for name in _BOUNDED])
    within = ((numbers >= _LEAST) & (numbers <= _MOST)).all(axis=0) & (seen.sigma_m > 0.0) & (seen.icao <= ICAO_MAX)
    # What is finite has a finite sum, or is so large that it is asked for one by one.
    return np.asarray(within & np.isfinite(seen.cov.sum(axis=1) + seen.up.sum(axis=1) + seen.turn_rad), bool)


def _in_space(flying: Flying | None) -> dict[str, Any]:
    """The fields of a track that flies along an arc; none for one that does not."""
    if flying is None:
        return {}
    altitude_m = min(max(flying.altitude_m, ALTITUDE_MIN_M), ALTITUDE_MAX_M)
    return flying._asdict() | {"altitude_m": altitude_m, "speed_mps": min(flying.speed_mps, SPEED_MAX_MPS)}


def _covariances(cov: Floats, up: Floats, turn_rad: Floats) -> Floats:
    """float64 [N, 21]: (east, north, up, and their speeds), turned from the frame's north to true north."""
    plane = np.zeros((len(cov), 4, 4))
    plane[:, _ROW_4, _COLUMN_4] = plane[:, _COLUMN_4, _ROW_4] = cov
    both = np.zeros((len(cov), 4, 4))
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    for k in range(4):
        both[:, k, k] = cos
    both[:, 1, 0] = both[:, 3, 2] = sin
    both[:, 0, 1] = both[:, 2, 3] = -sin
    full = np.zeros((len(cov), 6, 6))
    full[:, _PLACE[:, None], _PLACE] = both @ plane @ both.transpose(0, 2, 1)
    height, climb = 2, 5
    full[:, height, height], full[:, height, climb], full[:, climb, climb] = up.T
    return np.asarray(full[:, _ROW_6, _COLUMN_6])
