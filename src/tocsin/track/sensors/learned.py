"""What is learned about the radars, as arrays: kernels fill them, checkpoints and snapshots copy them.

Only radars have rows: nothing is learned about microphones and people, and a mesh of 14,000 microphones would make
every checkpoint as large as that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.track.sensors.sites import RINGS, SECTORS, Sites

Floats = NDArray[np.float64]

# Columns of `state`: last plot heard; said to be working; scans watched (old ones fading) and time of that; looks at
# confirmed tracks and how many were hits (both fading); squared residual over declared variance, in range and in
# azimuth, and how many of them; evidence per second that its looks give about a target in reach, nats.
HEARD, UP, WATCHED, WATCHED_AT, LOOKS, LOOKS_HIT, RANGE_POWER, AZIMUTH_POWER, RESIDUALS, LOOK_RATE = range(10)
STATE = 10
# Parts of a bias.
RANGE_BIAS, AZIMUTH_BIAS, TIME_BIAS = range(3)
BIASES = 3
# A radar's bias may be a few times its declared noise, and its clock wrong by a second or so.
BIAS_SIGMAS = 3.0
TIME_SIGMA_S = 1.0
# Biases are learned jointly; the covariance of more radars than this would be larger than all the tracks.
REGISTERED_MAX = 64


class Sensed(NamedTuple):
    """R radars, in the order of `Sites.radars`; float64.

    state   [R, STATE]
    cells   [R, RINGS * SECTORS] unexplained plots per cell of the coverage, old ones fading
    bias    [R, BIASES] metres, radians, seconds: what its plots say too much, as estimated
    taken   [R, BIASES] the part of that which is more than chance: taken off
    cov     [BIASES * K, BIASES * K] of the biases of the first K <= REGISTERED_MAX radars
    """

    state: Floats
    cells: Floats
    bias: Floats
    taken: Floats
    cov: Floats


class Pad(NamedTuple):
    """Scratch for one pair of reports: how each bias of two sensors moves it, and how all biases go with it.

    moves   float64 [2 BIASES, 2]
    cross   float64 [BIASES K, 2]
    """

    moves: Floats
    cross: Floats


def pad_for(sensed: Sensed) -> Pad:
    """Room for pairs of these radars."""
    return Pad(np.zeros((2 * BIASES, 2)), np.zeros((len(sensed.cov), 2)))


def unlearned(sites: Sites) -> Sensed:
    """Nothing learned yet: every radar works and has no bias that we know of."""
    radars = len(sites.radars)
    state = np.zeros((radars, STATE))
    state[:, UP] = 1.0
    state[:, HEARD] = state[:, WATCHED_AT] = -np.inf
    state[:, LOOK_RATE] = -np.log(1.0 - sites.detection[sites.radars]) / sites.scan[sites.radars]
    known = sites.radars[:REGISTERED_MAX]
    sigma = np.stack(
        [
            BIAS_SIGMAS * sites.sigma_range[known],
            BIAS_SIGMAS * sites.sigma_azimuth[known],
            np.full(len(known), TIME_SIGMA_S),
        ],
        axis=1,
    )
    return Sensed(
        state=state,
        cells=np.zeros((radars, RINGS * SECTORS)),
        bias=np.zeros((radars, BIASES)),
        taken=np.zeros((radars, BIASES)),
        cov=np.diag(sigma.ravel() ** 2),
    )


def copy_of(sensed: Sensed) -> Sensed:
    """A copy that shares nothing."""
    return Sensed(*(part.copy() for part in sensed))


def sensed_state(sensed: Sensed) -> dict[str, Any]:
    """For `model.wire.pack`."""
    return sensed._asdict()


def sensed_from(state: dict[str, Any]) -> Sensed:
    """What `sensed_state` gave."""
    return Sensed(**{name: state[name] for name in Sensed._fields})
