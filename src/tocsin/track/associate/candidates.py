"""Which rows of a batch may be which track's: tracks carried to the batch, and the statistical gate."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import fill, inlined, kernel
from tocsin.track.arc.frame import completed
from tocsin.track.arc.room import Flight
from tocsin.track.associate.gate import FREE_MIN, Look, Near, inside
from tocsin.track.bank import ICAO, MODE3A, MODELS, TIME, Bank
from tocsin.track.likelihood import GATE, adapted, densities
from tocsin.track.motion import RIGHT, mix, move, turns, unfolded
from tocsin.track.report_rows import ICAO as ROW_ICAO
from tocsin.track.report_rows import MODE3A as ROW_MODE3A
from tocsin.track.report_rows import TIME as ROW_TIME
from tocsin.track.sensors.measure import MEASUREMENT
from tocsin.track.sensors.sites import Sites
from tocsin.track.state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A pair less likely than this is never better than a miss.
RATIO_MIN = 0.02
RATIO_MAX_LOG = 60.0
IDENTITY_LOG = 14.0
CODE_SAME_LOG, CODE_OTHER_LOG = 3.0, -3.0
# A report that names the track may lie twice as many sigma off.
NAMED_GATE = 4.0


class Carried(NamedTuple):
    """C tracks carried to the batch: columns as in the bank, with the mixture's mean and covariance.

    xc, pc float64 [C, 4], [C, 10]: the mean and the covariance
    who    int64 [C]: place in the bank
    when   float64 [C]: the time they were carried to, that of their nearest row
    w      float64 [M, M]: scratch
    """

    who: Ints
    when: Floats
    x: Floats
    p: Floats
    mu: Floats
    h: Floats
    hp: Floats
    xc: Floats
    pc: Floats
    w: Floats


class Pairs(NamedTuple):
    """Tracks and rows that may belong together, in order of the tracks.

    first  int64 [C + 1]: those of carried track c are first[c]:first[c + 1]
    track, row  int64
    log    float64: log-likelihood ratio to the row's being a false plot
    z      float64 [N, MEASUREMENT]: the row as this track would have given it
    each   float64 [N, M]: its density in each model of the track
    beta   float64 [N]: probability that the row is the track's
    """

    first: Ints
    track: Ints
    row: Ints
    log: Floats
    z: Floats
    each: Floats
    beta: Floats


@inlined
def state_of(to: Carried, c: int) -> State:
    """Carried track c."""
    return State(to.x[c], to.p[c], to.mu[c], to.h[c], to.hp[c], to.xc[c], to.pc[c])


@inlined
def carry(bank: Bank, i: int, origin: Floats, when: float, to: Carried, c: int, room: Flight) -> None:
    """Carry track i to a time, into place c."""
    dt = when - bank.life[i, TIME]
    state = state_of(to, c)
    x, p, mu = state.x, state.p, state.mu
    to.who[c], to.when[c] = i, when
    if bank.mu[i, RIGHT] == 0.0:
        unfolded(bank.x[i], bank.p[i], bank.mu[i], x, p, mu)
    else:
        mix(bank.x[i], bank.p[i], bank.mu[i], dt, x, p, mu, to.w)
    move(x, p, mu, 0.0, turns(dt))
    completed(bank, i, origin, dt, state, 0.0, room)


@inlined
def named(bank: Bank, i: int, row: Floats) -> float:
    """What a row's identity says for its being track i's, nats; minus infinity where it is another's."""
    if row[ROW_ICAO] >= 0.0 and bank.tag[i, ICAO] >= 0:
        return IDENTITY_LOG if row[ROW_ICAO] == bank.tag[i, ICAO] else -math.inf
    if row[ROW_MODE3A] >= 0.0 and bank.tag[i, MODE3A] >= 0:
        return CODE_SAME_LOG if row[ROW_MODE3A] == bank.tag[i, MODE3A] else CODE_OTHER_LOG
    return 0.0


@inlined
def likelihood(row: Floats, sites: Sites, to: Carried, c: int, gate: float, z: Floats, each: Floats) -> float:
    """Log density of a row under carried track c, minus infinity outside the gate.

    z [MEASUREMENT] becomes the track's own; each [M]: the density in each of its models
    """
    state = state_of(to, c)
    adapted(row, sites, z, state, row[ROW_TIME] - to.when[c])
    nearest = densities(state, z, each)
    like = 0.0
    for m in range(MODELS):
        like += state.mu[m] * each[m]
    return math.log(max(like, 1e-300)) if nearest <= gate else -math.inf


@kernel
def paired(
    bank: Bank, sites: Sites, look: Look, offset: Floats, count: int, seen: Near, room: Flight
) -> tuple[int, Carried, Pairs]:
    """The tracks of `seen` that have rows within the statistical gate, carried there: how many, and their pairs.

    offset [n]   log-likelihood of a detection of the row less that of a false plot there
    """
    rows, z = look.rows, look.z
    to = Carried(
        np.empty(count, np.int64), np.empty(count), np.empty((count, MODELS, 4)), np.empty((count, MODELS, 10)),
        np.empty((count, MODELS)), np.empty((count, 2, 2)), np.empty((count, 2, 3)), np.empty((count, 4)),
        np.empty((count, 10)), np.empty((MODELS, MODELS)),
    )  # fmt: skip
    most = seen.rows[:count].sum()
    pairs = Pairs(
        np.zeros(count + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most),
        np.empty((most, MEASUREMENT)), np.empty((most, MODELS)), np.zeros(most),
    )  # fmt: skip
    found = n = 0
    for t in range(count):
        i = seen.who[t]
        carry(bank, i, sites.origin, rows[seen.nearest[t], ROW_TIME], to, found, room)
        for k in range(seen.first[t], seen.stop[t]):
            j = look.order[k]
            if look.free[j] <= FREE_MIN or not inside(seen.circle[t], z[j]):
                continue
            said = named(bank, i, rows[j])
            if said == -math.inf:
                continue
            fill(pairs.z[n], z[j])
            gate = GATE * (NAMED_GATE if said == IDENTITY_LOG else 1.0)
            ratio = likelihood(rows[j], sites, to, found, gate, pairs.z[n], pairs.each[n]) + offset[j] + said
            if ratio >= math.log(RATIO_MIN):
                pairs.track[n], pairs.row[n], pairs.log[n] = found, j, min(ratio, RATIO_MAX_LOG)
                n += 1
        if n > pairs.first[found]:
            found += 1
            pairs.first[found] = n
    return found, to, pairs
