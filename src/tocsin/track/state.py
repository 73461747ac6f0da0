"""One track as it is worked on, and what stands where in its mean and its covariance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Parts of a mean; a motion model has the first four.
EAST, NORTH, V_EAST, V_NORTH, UP, V_UP = range(6)
# Cells of the covariance of the first four: its upper triangle, row by row.
E_E, E_N, E_VE, E_VN, N_N, N_VE, N_VN, VE_VE, VE_VN, VN_VN = range(10)
# Cells of a height's covariance: of height and climb.
UP_UP, UP_VU, VU_VU = range(3)
# A covariance in the frame: of east, of east and north, of north.
Spread = tuple[float, float, float]


class State(NamedTuple):
    """One track at a time, in every model; columns as in the bank, less the track's own place there.

    x, p, mu     float64 [M, 4], [M, 10], [M]
    h, hp        float64 [2, 2], [2, 3]
    mean, cov    float64 [4 or more], [10]: of the mixture of all models
    """

    x: Floats
    p: Floats
    mu: Floats
    h: Floats
    hp: Floats
    mean: Floats
    cov: Floats


class Report(NamedTuple):
    """What one track is told.

    row      float64 [report_rows.WIDTH]
    z        float64 [MEASUREMENT]: the row as this track would have given it
    when     the time that the track is carried to
    surely   probability that the row is the track's
    """

    row: Floats
    z: Floats
    when: float
    surely: float
