"""Arcs as they fly in space: position, velocity and covariance without the detour over the flat frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import enu_axes, geodetic_of
from tocsin.model.track import Arc
from tocsin.track.arc.room import flight
from tocsin.track.bank import FALL, NUMBER, Bank

if TYPE_CHECKING:
    from tocsin.track.picture import Glance

Floats = NDArray[np.float64]

# A track is shown as an arc when it more likely is one than not.
SHOWN = 0.5
# Beyond this the coefficient is unknown, and a forecast takes what is usual.
FACTOR_MAX = 3.0


class Flying(NamedTuple):
    """What a track's place and motion are; fields as in `Track`."""

    lat: float
    lon: float
    altitude_m: float
    speed_mps: float
    heading_deg: float
    climb_mps: float
    sigma_m: float
    covariance: tuple[float, ...]
    arc: Arc | None


def arcs_of(bank: Bank, seen: Glance) -> dict[int, Flying]:
    """By track number, the tracks of a glance at the bank that are arcs, and are somewhere."""
    rows = np.flatnonzero((seen.tag[:, FALL] > 0) & (seen.arc > SHOWN))
    found = {int(seen.tag[k, NUMBER]): _flying(bank, seen, int(k)) for k in rows}
    return {number: flying for number, flying in found.items() if flying is not None}


def _flying(bank: Bank, seen: Glance, k: int) -> Flying | None:
    # Imported here: the kernels take a second to load, and a quiet sky does not need them.
    from tocsin.track.arc.frame import placed, taken_out
    from tocsin.track.arc.motion import BETA, BURNING, THRUST, blended, carried

    slot = int(seen.tag[k, FALL]) - 1
    assert 0 <= slot < len(bank.fall), "a track that has no arc"
    room = flight()
    taken_out(bank, slot, room)
    carried(room, max(float(seen.at_s[k] - seen.state_s[k]), -1.0))
    blended(room)
    if not placed(room.cov):
        return None
    mean, cov, states, weights = room.mean, room.cov, room.x, room.w
    lat, lon, height = geodetic_of(mean[:3])
    axes = enu_axes(float(lat), float(lon))
    both = np.zeros((6, 6))
    both[:3, :3] = both[3:, 3:] = axes
    full = both @ cov[:6, :6] @ both.T
    velocity = axes @ mean[3:6]
    thrust = axes @ states[BURNING, THRUST:BETA]
    return Flying(
        lat=float(lat),
        lon=float(lon),
        altitude_m=float(height),
        speed_mps=float(np.hypot(velocity[0], velocity[1])),
        heading_deg=math.degrees(math.atan2(velocity[0], velocity[1])) % 360.0,
        climb_mps=float(velocity[2]),
        sigma_m=math.sqrt(max((full[0, 0] + full[1, 1]) / 2.0, 1e-6)),
        covariance=tuple(full[np.triu_indices(6)].tolist()),
        arc=Arc(
            beta_kg_m2=math.exp(mean[BETA]),
            beta_factor=min(math.exp(math.sqrt(max(cov[BETA, BETA], 0.0))), FACTOR_MAX),
            burning=min(max(float(weights[BURNING]), 0.0), 1.0),
            thrust_mps2=(float(thrust[0]), float(thrust[1]), float(thrust[2])),
        ),
    )
