"""The filter bank: every track alive as arrays of structures, ordered by age."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]

# Horizontal motion models; MODELS in motion.py says what each one is.
MODELS = 6
# Columns of `tag`.
NUMBER, STATUS, ICAO, MODE3A, HITS, COOPERATIVE, FALL = range(7)
TAGS = 7
# What a track is; one that is dead only waits for its place to be taken.
DEAD, TENTATIVE, CONFIRMED = -1, 0, 1
SUPPORTERS = 8
# Arcs followed at once, each with its modes and the numbers of a mode's state (`arc_motion`). Salvos on record had
# fewer; a track without a slot is still followed by the flat model.
ARCS_MAX, ARC_MODES, ARC_STATE = 256, 2, 10
# Columns of `life`.
TIME, SCORE, PEAK, HIT, ENDS, LOOK, HEIGHT_KNOWN = range(7)
# The newest report by which sensors may be compared: its sensor's number plus one (0: none), time, place, variance.
WITNESS, WITNESS_TIME, WITNESS_EAST, WITNESS_NORTH, WITNESS_VAR = range(7, 12)
# The radars that surely look at it, bit by bit.
LOOKERS = 12
AGILE = 13
# The sensor of the last hit, by its number plus one (0: none), and the last hit by any other one.
NEWEST, OTHERS_TIME = 14, 15
LIFE = 16
# Columns of `tally`.
TAKEN, BIRTHS = range(2)


class Bank(NamedTuple):
    """Room for N tracks; the first `tally[TAKEN]` are taken, a few of them by dead ones.

    x        float64 [N, M, 4]: east, north and their speeds in each model
    p        float64 [N, M, 10]: upper triangle of each covariance, row by row
    mu       float64 [N, M]: probability of each model
    h, hp    float64 [N, 2, 2], [N, 2, 3]: height and climb, level and ballistic, with covariance (00, 01, 11)
    life     float64 [N, LIFE]: time of the state, score, best score, last hit, when it is lost unless it is
             seen again, expected looks per second,
             whether a height was ever measured, newest report for registration,
             radars that look at it, log-likelihood ratio of who turns hard often to who never does,
             sensor of the last hit, time of the last hit by another (-inf: none)
    said     float32 [N, 9]: log-likelihood of each threat class by what reporters said
    tag      int32 [N, TAGS]: number, status, ICAO address and Mode A code (-1: none), hits, cooperative,
             its slot among the arcs, counted from 1 (0: none)
    support  int32 [N, SUPPORTERS]: the sensors that support it, newest last; -1: none
    fall     float64 [A, K, S]: slots of arcs: mean of each mode, see `arc_motion`
    fallp    float64 [A, K, S, S]: covariance of each mode
    fallw    float64 [A, K]: probability of each mode; all zero: the slot is free
    tally    int64 [2]: places TAKEN, BIRTHS so far plus one
    """

    x: Floats
    p: Floats
    mu: Floats
    h: Floats
    hp: Floats
    life: Floats
    said: NDArray[np.float32]
    tag: Shorts
    support: Shorts
    fall: Floats
    fallp: Floats
    fallw: Floats
    tally: Ints


_SLOTS = ("fall", "fallp", "fallw")
_WHOLE = (*_SLOTS, "tally")


def empty(room: int) -> Bank:
    """A bank with room for `room` tracks and none in it."""
    return Bank(
        x=np.zeros((room, MODELS, 4)),
        p=np.zeros((room, MODELS, 10)),
        mu=np.zeros((room, MODELS)),
        h=np.zeros((room, 2, 2)),
        hp=np.zeros((room, 2, 3)),
        life=np.zeros((room, LIFE)),
        said=np.zeros((room, 9), np.float32),
        tag=np.zeros((room, TAGS), np.int32),
        support=np.zeros((room, SUPPORTERS), np.int32),
        fall=np.zeros((ARCS_MAX, ARC_MODES, ARC_STATE)),
        fallp=np.zeros((ARCS_MAX, ARC_MODES, ARC_STATE, ARC_STATE)),
        fallw=np.zeros((ARCS_MAX, ARC_MODES)),
        tally=np.array([0, 1], np.int64),
    )


def kept(bank: Bank) -> Bank:
    """A copy of the places taken, without the room; of the arcs' slots all, for new ones may be needed at once."""
    taken = int(bank.tally[TAKEN])
    assert 0 <= taken <= len(bank.x), f"{taken} tracks in a bank of {len(bank.x)}"
    columns = {name: column.copy() for name, column in bank._asdict().items() if name in _WHOLE}
    columns |= {name: column[:taken].copy() for name, column in bank._asdict().items() if name not in _WHOLE}
    return Bank(**columns)


def restored(saved: Bank, room: int) -> Bank:
    """The saved tracks in a bank with room for `room`."""
    bank = empty(max(room, int(saved.tally[TAKEN])))
    assert len(saved.x) == int(saved.tally[TAKEN]), "what is saved has no room in it"
    for name in Bank._fields:
        part = getattr(saved, name)
        getattr(bank, name)[: len(part)] = part
    return bank


def packed(bank: Bank) -> dict[str, Any]:
    """For `model.wire.pack`."""
    state = kept(bank)._asdict()
    used = int(state["tag"][:, FALL].max(initial=0))
    return state | {name: state[name][:used] for name in _SLOTS}


def unpacked(state: dict[str, Any]) -> Bank:
    """What `packed` gave."""
    bank = Bank(**{name: state[name] for name in Bank._fields})
    tracks = {len(column) for name, column in bank._asdict().items() if name not in _WHOLE}
    assert tracks == {int(bank.tally[TAKEN])}, f"columns of {sorted(tracks)} tracks"
    return bank
