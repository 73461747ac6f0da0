"""What must be true of every filter bank, whatever it was told: asserted by the laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.track.bank import ARCS_MAX, CONFIRMED, DEAD, FALL, SCORE, STATUS, TAKEN, TIME, Bank
from tocsin.track.motion import MIXED_MIN

Floats = NDArray[np.float64]

# How far sums of probabilities and the two halves of a covariance may differ by rounding.
ROUNDING = 1e-9
_ROW, _COLUMN = np.triu_indices(4)


def sound(bank: Bank) -> None:
    """Assert that states are finite, covariances symmetric and positive definite, and probabilities sum to one.

    Of a model or an arc's mode that has next to no probability nothing is asked: a track just born has two of six, and
    what is mixed of models less likely than MIXED_MIN has no covariance.
    """
    taken = int(bank.tally[TAKEN])
    assert 0 <= taken <= len(bank.x), f"{taken} tracks in a bank of {len(bank.x)}"
    alive = np.flatnonzero(bank.tag[:taken, STATUS] != DEAD)
    tag, life, mu = bank.tag[alive], bank.life[alive], bank.mu[alive]
    assert np.all(tag[:, STATUS] <= CONFIRMED), "a status that is none"
    assert np.all(np.isfinite(life[:, [TIME, SCORE]])), "a track without a time or a score"
    assert np.all(mu >= 0.0), "a model less likely than impossible"
    assert np.all(np.abs(mu.sum(axis=1) - 1.0) < ROUNDING), "models that do not sum to one"
    likely = mu > MIXED_MIN
    assert np.all(np.isfinite(bank.x[alive][likely])), "a position or speed that is no number"
    _positive(_square(bank.p[alive][likely]), "horizontal")
    assert np.all(np.isfinite(bank.h[alive])), "a height that is no number"
    upright = bank.hp[alive][..., [0, 1, 1, 2]].reshape(-1, 2, 2)
    _positive(upright, "vertical")
    _arcs_sound(bank, tag[:, FALL])


def _arcs_sound(bank: Bank, slots: NDArray[np.int32]) -> None:
    used = slots[slots > 0] - 1
    assert len(set(used.tolist())) == len(used), "two tracks share an arc"
    assert len(used) <= ARCS_MAX, "more arcs than there are slots"
    weight = bank.fallw[used]
    assert np.all(weight >= 0.0), "a mode less likely than impossible"
    assert np.all(np.abs(weight.sum(axis=1) - 1.0) < ROUNDING), "modes that do not sum to one"
    likely = weight > 0.0
    assert np.all(np.isfinite(bank.fall[used][likely])), "an arc that is no number"
    spread = bank.fallp[used][likely].copy()
    # What a mode holds for certain (the thrust of one that has burnt out) has no variance, and none with the rest.
    for known in range(spread.shape[1]):
        certain = ~np.any(spread[:, known, :], axis=1)
        spread[certain, known, known] = 1.0
    _positive(spread, "arc's")


def _square(upper: Floats) -> Floats:
    """Covariances [N, 4, 4] of their upper triangles [N, 10]."""
    whole = np.empty((len(upper), 4, 4))
    whole[:, _ROW, _COLUMN] = whole[:, _COLUMN, _ROW] = upper
    return whole


def _positive(covariances: Floats, what: str) -> None:
    """Assert it of [N, S, S], each scaled to a unit diagonal: metres and radians stand in one matrix."""
    sigma = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    assert np.all(sigma > 0.0) and np.all(np.isfinite(covariances)), f"{what} variance that is none"
    scaled = covariances / (sigma[:, :, None] * sigma[:, None, :])
    assert np.all(np.abs(scaled - np.swapaxes(scaled, 1, 2)) < ROUNDING), f"{what} covariance that is not symmetric"
    assert np.all(np.linalg.eigvalsh(scaled) > 0.0), f"{what} covariance that is not positive definite"
