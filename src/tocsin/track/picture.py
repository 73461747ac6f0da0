"""A look at every track at a time, without touching it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import fill, inlined, kernel, leaf
from tocsin.track.arc.frame import completed
from tocsin.track.arc.room import Flight
from tocsin.track.bank import (
    AGILE,
    DEAD,
    ENDS,
    HEIGHT_KNOWN,
    HIT,
    MODELS,
    NEWEST,
    OTHERS_TIME,
    STATUS,
    SUPPORTERS,
    TAGS,
    TAKEN,
    TIME,
    Bank,
)
from tocsin.track.motion import ARC, NEGLIGIBLE, Turns, move, turns
from tocsin.track.sensors.registration import TIME_BOUND_S
from tocsin.track.state import UP, V_UP, State

Floats = NDArray[np.float64]

# An arc less likely than this is not worked out for a picture: its shadow moves on at the speed it had when last seen.
# That moves a track by half a hundredth of its sigma at most; working out all of them took an eighth of the time.
ARC_SEEN = 2e-3


class Glance(NamedTuple):
    """K tracks as they were seen at their times, as columns; glances at several times may follow each other.

    at_s       float64 [K]
    mean       float64 [K, 6]: east, north, their speeds, height, climb
    cov        float64 [K, 10]: upper triangle of (east, north, their speeds)
    up         float64 [K, 3] of height and climb
    arc        float64 [K]: probability of the ballistic model
    agile      float64 [K]: log-likelihood ratio of who turns hard often to who never does
    state_s, hit_s   float64 [K]: time of the bank's own state, and of the last report
    measured   bool [K]: whether a height was ever measured
    said       float32 [K, 9], tag int32 [K, TAGS]: as in the bank
    sensors    int64 [K]: how many support it
    newest     int64 [K]: number of the sensor of the last report
    others_s   float64 [K]: time of the last report of any other sensor; -inf: none
    """

    at_s: Floats
    mean: Floats
    cov: Floats
    up: Floats
    arc: Floats
    agile: Floats
    state_s: Floats
    hit_s: Floats
    measured: NDArray[np.bool_]
    said: NDArray[np.float32]
    tag: NDArray[np.int32]
    sensors: NDArray[np.int64]
    newest: NDArray[np.int64]
    others_s: Floats


# A row of each column: what it is made of, and how many of that.
_ROWS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "at_s": (np.float64, ()),
    "mean": (np.float64, (6,)),
    "cov": (np.float64, (10,)),
    "up": (np.float64, (3,)),
    "arc": (np.float64, ()),
    "agile": (np.float64, ()),
    "state_s": (np.float64, ()),
    "hit_s": (np.float64, ()),
    "measured": (np.bool_, ()),
    "said": (np.float32, (9,)),
    "tag": (np.int32, (TAGS,)),
    "sensors": (np.int64, ()),
    "newest": (np.int64, ()),
    "others_s": (np.float64, ()),
}
# Every column begins on a line of the processor's cache.
_LINE = 64


def unseen(room: int) -> Glance:
    """Room for `room` tracks, in one piece of memory.

    From 4 MB on NumPy asks the system for huge pages. The columns of a bulk run, one by one, are smaller than that, and
    getting them page by page took a tenth of its time.
    """
    sizes = [room * np.dtype((kind, shape)).itemsize for kind, shape in _ROWS.values()]
    starts = np.cumsum([0, *(-(-size // _LINE) * _LINE for size in sizes)]).tolist()
    piece = np.empty(starts[-1], np.uint8)
    columns = {
        name: piece[start : start + size].view(kind).reshape(room, *shape)
        for (name, (kind, shape)), start, size in zip(_ROWS.items(), starts, sizes, strict=False)
    }
    return Glance(**columns)


@kernel
def picture(bank: Bank, at: float, origin: Floats, seen: Glance, n: int, room: Flight) -> int:
    """Carry a look at every track alive at time `at` there, into `seen` from row n on. Returns the row after the last.

    origin   [2] latitude and longitude of the frame's origin, radians
    """
    scratch = State(
        np.empty((MODELS, 4)), np.empty((MODELS, 10)), np.empty(MODELS), np.empty((2, 2)), np.empty((2, 3)),
        np.empty(6), np.empty(10),
    )  # fmt: skip
    return int(drawn(bank, at, origin, scratch, seen, n, room))


@leaf
def drawn(bank: Bank, at: float, origin: Floats, scratch: State, seen: Glance, n: int, room: Flight) -> int:
    """`picture`, with its scratch."""
    # Tracks that one radar saw in one scan move on for the same time, and turn alike.
    ahead = turns(0.0)
    for i in range(bank.tally[TAKEN]):
        if bank.tag[i, STATUS] != DEAD and at <= bank.life[i, ENDS]:
            dt = max(at - bank.life[i, TIME], -TIME_BOUND_S)
            if dt != ahead.dt:
                ahead = turns(dt)
            seen.at_s[n] = at
            sketched(bank, i, ahead, origin, scratch, seen, n, room)
            n += 1
    return n


@inlined
def sketched(
    bank: Bank, i: int, ahead: Turns, origin: Floats, scratch: State, seen: Glance, n: int, room: Flight
) -> None:
    """Track i, some time ahead of its state, into row n."""
    x, p, h, hp = scratch.x, scratch.p, scratch.h, scratch.hp
    life, mu, mean, cov = bank.life[i], bank.mu[i], seen.mean[n], seen.cov[n]
    for m in range(MODELS):
        fill(x[m], bank.x[i, m])
        fill(p[m], bank.p[i, m])
    move(x, p, mu, NEGLIGIBLE, ahead)
    completed(bank, i, origin, ahead.dt, State(x, p, mu, h, hp, mean, cov), ARC_SEEN, room)
    own = 1 if mu[ARC] > 0.5 else 0
    mean[UP], mean[V_UP] = h[own, 0], h[own, 1]
    fill(seen.up[n], hp[own])
    seen.state_s[n], seen.hit_s[n], seen.arc[n] = life[TIME], life[HIT], mu[ARC]
    seen.agile[n] = life[AGILE]
    seen.newest[n], seen.others_s[n] = int(life[NEWEST]) - 1, life[OTHERS_TIME]
    seen.measured[n] = life[HEIGHT_KNOWN] > 0.5
    fill(seen.said[n], bank.said[i])
    fill(seen.tag[n], bank.tag[i])
    seen.sensors[n] = 0
    for k in range(SUPPORTERS):
        seen.sensors[n] += bank.support[i, k] >= 0
