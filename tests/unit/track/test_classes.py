"""What a track is called: by how it turns where speed alone cannot tell, and never surer than it may be."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.model.threat import THREAT_CLASSES
from tocsin.service.bench.track_measures import _calibration
from tocsin.track.bank import MODELS
from tocsin.track.classify import TURNED_MAX, class_probabilities, turned
from tocsin.track.motion import CRUISE, RIGHT

JET, CIVIL, AIRCRAFT = (THREAT_CLASSES.index(name) for name in ("jet", "civil", "aircraft"))
SECONDS = 2.0


def flown(model: int, times: int) -> NDArray[np.float32]:
    """The evidence of so many reports, two seconds apart, of one kind of motion."""
    said, mu = np.zeros(len(THREAT_CLASSES), np.float32), np.zeros(MODELS)
    mu[model] = 1.0
    for _ in range(times):
        turned(said, mu, SECONDS)
    return said


def named(said: NDArray[np.float32], speed_mps: float = 230.0) -> NDArray[np.float64]:
    """Probabilities of the classes at a speed, without height and transponder."""
    found: NDArray[np.float64] = class_probabilities(
        np.array([speed_mps]), np.array([10.0]), np.array([2_500.0]), np.array([math.inf]), np.array([1e-6]),
        said[None].astype(float), np.array([False]),
    )  # fmt: skip
    return np.asarray(found[0], float)


def test_speed_alone_does_not_tell_an_airliner_from_a_cruise_missile_or_a_jet() -> None:
    assert named(flown(CRUISE, 0)).max() < 0.5


def test_who_turns_hard_at_speed_is_a_jet() -> None:
    shares = named(flown(RIGHT, 5))
    assert shares[JET] > 0.7
    assert shares[CIVIL] < 0.01


def test_straight_flight_says_nothing() -> None:
    assert np.allclose(named(flown(CRUISE, 100)), named(flown(CRUISE, 0)), atol=1e-3)


def test_turns_are_not_evidence_without_end() -> None:
    assert np.abs(flown(RIGHT, 1_000)).max() <= TURNED_MAX


def test_turns_take_nothing_from_what_reporters_said() -> None:
    said, mu = np.zeros(len(THREAT_CLASSES), np.float32), np.zeros(MODELS)
    said[JET], mu[RIGHT] = 5.0, 1.0
    turned(said, mu, SECONDS)
    assert said[JET] == 5.0


def test_two_right_names_are_as_sure_as_both_together() -> None:
    classes = np.zeros((10, len(THREAT_CLASSES)))
    classes[:, AIRCRAFT], classes[:, CIVIL] = 0.6, 0.4
    right, error = _calibration(classes, np.zeros(10, np.int64))
    assert right == 1.0
    assert error < 1e-9
