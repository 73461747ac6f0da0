"""Room to work on one arc in: made once for many of them, so that none has to make arrays of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.track.bank import ARC_MODES, ARC_STATE

Floats = NDArray[np.float64]


class Flight(NamedTuple):
    """The arc that is being worked on, and scratch: nothing here outlasts the work on one track. All float64.

    x, p, w      [K + 1, S], [K + 1, S, S], [K + 1]: its modes as in the bank, and what has burnt out meanwhile
    mean, cov    [S], [S, S]: of all modes together
    slopes       [3, S]: Jacobian of the acceleration
    phi, side    [S, 6]: how position and velocity follow from a state, transposed; half of a product with it
    at, rates    [S], [2, 6]: a state on its way, and its rates
    axes         [3, 3]: east, north and up at a place
    flat         [6, 6]: a covariance in the frame
    h, off, var  [3, 3], [3], [3]: a report's slopes by position, its residuals, and their variances
    gain         [S]
    like         [K + 1]: how likely each mode made a report
    """

    x: Floats
    p: Floats
    w: Floats
    mean: Floats
    cov: Floats
    slopes: Floats
    phi: Floats
    side: Floats
    at: Floats
    rates: Floats
    axes: Floats
    flat: Floats
    h: Floats
    off: Floats
    var: Floats
    gain: Floats
    like: Floats


def flight() -> Flight:
    """Room for one arc."""
    modes = ARC_MODES + 1
    return Flight(
        x=np.zeros((modes, ARC_STATE)),
        p=np.zeros((modes, ARC_STATE, ARC_STATE)),
        w=np.zeros(modes),
        mean=np.zeros(ARC_STATE),
        cov=np.zeros((ARC_STATE, ARC_STATE)),
        slopes=np.zeros((3, ARC_STATE)),
        phi=np.zeros((ARC_STATE, 6)),
        side=np.zeros((ARC_STATE, 6)),
        at=np.zeros(ARC_STATE),
        rates=np.zeros((2, 6)),
        axes=np.zeros((3, 3)),
        flat=np.zeros((6, 6)),
        h=np.zeros((3, 3)),
        off=np.zeros(3),
        var=np.zeros(3),
        gain=np.zeros(ARC_STATE),
        like=np.zeros(modes),
    )
