"""What a track is called: by how it turns where speed alone cannot tell, and never surer than it may be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.some import some
from tocsin.bench.track_measures import calibration
from tocsin.model.threat import THREAT_CLASSES
from tocsin.track.bank import MODELS
from tocsin.track.classify import AGILE_MAX, class_probabilities, turned
from tocsin.track.motion import ARC, CRUISE, LEFT, RIGHT

JET, CIVIL, AIRCRAFT, CRUISE_MISSILE, UNKNOWN = (
    THREAT_CLASSES.index(name) for name in ("jet", "civil", "aircraft", "cruise_missile", "unknown")
)
SECONDS = 2.0


def flown(model: int, times: int, agile: float = 0.0) -> float:
    """The evidence of so many reports, two seconds apart, of one kind of motion."""
    mu = np.zeros(MODELS)
    mu[model] = 1.0
    for _ in range(times):
        agile = turned(agile, mu, SECONDS)
    return agile


def named(
    agile: float, speed_mps: float = 230.0, height_m: float | None = None, word: tuple[int, float] | None = None
) -> NDArray[np.float64]:
    """Probabilities of the classes at a speed, by radar alone: with a height, or a reporter's word, where given."""
    said = np.zeros((1, len(THREAT_CLASSES)), np.float32)
    if word:
        said[0, word[0]] = word[1]
    found: NDArray[np.float64] = class_probabilities(
        np.array([speed_mps]), np.array([10.0]), np.array([2_500.0 if height_m is None else height_m]),
        np.array([math.inf if height_m is None else 100.0]), np.array([1e-6]), np.array([agile]), said,
        np.array([False]),
    )  # fmt: skip
    return np.asarray(found[0], float)


def test_speed_alone_does_not_tell_an_airliner_from_a_cruise_missile_or_a_jet() -> None:
    assert named(0.0).max() < 0.5


def test_who_turns_hard_at_speed_is_a_jet() -> None:
    shares = named(flown(RIGHT, 5), 270.0)
    assert shares[JET] > 0.7
    assert shares[CIVIL] < 0.01


def test_a_jet_may_fly_straight_for_an_hour() -> None:
    assert named(flown(CRUISE, 1_800))[JET] > named(0.0)[JET] / 3


def test_a_silent_airliner_that_radars_see_for_a_quarter_of_an_hour_is_no_threat_of_unknown_kind() -> None:
    shares = named(flown(CRUISE, 450), 230.0, 11_000.0)
    assert shares[CIVIL] + shares[AIRCRAFT] > 0.8
    assert shares[UNKNOWN] < 0.02


def test_a_silent_aircraft_does_not_pass_for_an_airliner_by_flying_like_one() -> None:
    assert named(flown(CRUISE, 450), 230.0, 11_000.0)[CIVIL] < 0.5
    assert named(flown(CRUISE, 450), 270.0, 11_000.0)[CIVIL] < 0.25


def test_what_flies_low_at_the_speed_of_a_cruise_missile_is_one() -> None:
    assert named(0.0, 240.0, 100.0)[CRUISE_MISSILE] > 0.8


def test_one_turn_is_not_taken_back_by_a_minute_of_straight_flight() -> None:
    assert flown(CRUISE, 30, flown(RIGHT, 5)) > 1.0


def test_turns_are_not_evidence_without_end() -> None:
    assert abs(flown(RIGHT, 1_000)) <= AGILE_MAX
    assert abs(flown(CRUISE, 10_000)) <= AGILE_MAX


def test_what_reporters_say_counts_beside_the_turns() -> None:
    assert named(flown(CRUISE, 100), word=(JET, 5.0))[JET] > 0.9


@given(
    st.floats(0, 5_000), st.floats(0, 2_000), st.floats(-500, 500_000), st.floats(1, 1e6), st.floats(0, 1),
    st.floats(-AGILE_MAX, AGILE_MAX), st.booleans(),
)  # fmt: skip
def test_probabilities_of_anything_that_flies_sum_to_one(
    speed: float, sigma: float, height: float, height_sigma: float, arc: float, agile: float, cooperative: bool
) -> None:
    found = class_probabilities(
        np.array([speed]), np.array([sigma]), np.array([height]), np.array([height_sigma]), np.array([arc]),
        np.array([agile]), np.zeros((1, len(THREAT_CLASSES)), np.float32), np.array([cooperative]),
    )  # fmt: skip
    assert abs(found.sum() - 1.0) < 1e-9
    assert some(found >= 0.0).all()


def test_two_right_names_are_as_sure_as_both_together() -> None:
    classes = np.zeros((10, len(THREAT_CLASSES)))
    classes[:, AIRCRAFT], classes[:, CIVIL] = 0.6, 0.4
    found = calibration(classes, np.full(10, CIVIL), np.ones(10))
    assert abs(found.right - 1.0) < 1e-9
    assert found.error < 1e-9
    assert found.log_loss < 1e-9


def test_who_is_sure_of_everything_and_wrong_half_the_time_is_half_a_calibration_error_off() -> None:
    classes = np.zeros((10, len(THREAT_CLASSES)))
    classes[:, JET] = 1.0
    true = np.array([JET, CRUISE_MISSILE] * 5)
    assert calibration(classes, true, np.ones(10)).error == 0.5
    assert calibration(classes, true, (true == JET).astype(float)).error == 0.0


# Class, share of its time, usual speed and the spread of its logarithm, usual height and its spread, part that turns.
WAYS = (
    ("jet", 0.8, 270, 0.18, 5_500, 2_800, 0.50), ("jet", 0.2, 190, 0.30, 4_500, 2_800, 0.40),
    ("helicopter", 1.0, 60, 0.25, 700, 600, 0.50), ("drone", 0.85, 49, 0.18, 1_000, 700, 0.50),
    ("drone", 0.15, 60, 0.40, 3_000, 2_000, 0.20), ("cruise_missile", 0.9, 240, 0.08, 250, 300, 0.20),
    ("cruise_missile", 0.1, 220, 0.20, 1_500, 1_500, 0.20), ("ballistic_missile", 1.0, 1_300, 0.5, 6e4, 8e4, 0.1),
    ("rocket", 1.0, 600, 0.40, 5_000, 6_000, 0.10), ("aircraft", 0.6, 200, 0.22, 7_000, 3_000, 0.06),
    ("aircraft", 0.4, 55, 0.45, 1_200, 900, 0.50), ("civil", 0.6, 232, 0.10, 10_700, 1_000, 0.02),
    ("civil", 0.25, 170, 0.25, 5_000, 2_800, 0.04), ("civil", 0.15, 60, 0.40, 1_200, 900, 0.50),
    ("unknown", 1.0, 150, 1.50, 8_000, 20_000, 0.20),
)  # fmt: skip
MANY = {
    "jet": 0.17, "helicopter": 0.06, "drone": 0.24, "cruise_missile": 0.10, "ballistic_missile": 0.05, "rocket": 0.03,
    "aircraft": 0.24, "civil": 0.10, "unknown": 0.01,
}  # fmt: skip


def bayes(
    speed: float, sigma: float, height: float, height_sigma: float, arc: float, agile: float, cooperative: bool
) -> NDArray[np.float64]:
    """The classes by Bayes' rule alone, way by way, with the numbers that its figures were measured with."""
    found = dict.fromkeys(THREAT_CLASSES, 1e-9)
    speed = max(speed, 1.0)
    for name, share, usual, spread, high, high_spread, turning in WAYS:
        var = spread**2 + (sigma / speed) ** 2
        like = math.exp(-0.5 * (math.log(speed) - math.log(usual)) ** 2 / var) / math.sqrt(var)
        off2 = (math.log(speed) - math.log(usual)) ** 2 / var
        if math.isfinite(height_sigma):
            over = high_spread**2 + max(height_sigma, 50.0) ** 2
            off2 += (height - high) ** 2 / over
            like *= math.exp(-0.5 * (height - high) ** 2 / over) / math.sqrt(over / 1_000.0**2)
        if off2 < 40.0:
            found[name] += MANY[name] * share * like * (1 - turning + turning * math.exp(agile))  # type: ignore[index]
    arc = min(max(arc, 1e-5), 1 - 1e-5)
    for one in found:
        found[one] *= arc if one in ("ballistic_missile", "rocket") else 1 - arc
    found["civil"] *= math.exp(7.0) if cooperative else 1 / 12
    whole = np.array([found[one] for one in THREAT_CLASSES])
    return np.asarray(whole / whole.sum())


@given(
    st.floats(0, 2_500), st.floats(0, 100), st.floats(-100, 60_000), st.sampled_from([20.0, 300.0, math.inf]),
    st.sampled_from([0.0, 0.3, 1.0]), st.floats(-AGILE_MAX, AGILE_MAX), st.booleans(),
)  # fmt: skip
def test_what_a_track_is_called_follows_from_speed_height_turns_and_arc_by_bayes_rule(
    speed: float, sigma: float, height: float, height_sigma: float, arc: float, agile: float, cooperative: bool
) -> None:
    found = class_probabilities(
        np.array([speed]), np.array([sigma]), np.array([height]), np.array([height_sigma]), np.array([arc]),
        np.array([agile]), np.zeros((1, len(THREAT_CLASSES)), np.float32), np.array([cooperative]),
    )  # fmt: skip
    wanted = bayes(speed, sigma, height, height_sigma, arc, agile, cooperative)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-6, atol=1e-12)


def test_one_manoeuvre_is_one_piece_of_evidence_and_what_falls_gives_none() -> None:
    mu = np.zeros(MODELS)
    mu[RIGHT], mu[LEFT], mu[CRUISE] = 0.3, 0.2, 0.5
    # Those who turn hard often do so a tenth of their time, the others 4 in 1,000; nobody knows: a tenth.
    turns, rests = 0.5 / 0.1, 0.5 / 0.9
    whole = math.log((turns * 0.1 + rests * 0.9) / (turns * 0.004 + rests * 0.996))
    assert turned(0.0, mu, 5.0) == turned(0.0, mu, 60.0) == pytest.approx(whole)
    assert turned(1.0, mu, 2.0) == pytest.approx(1.0 + whole * 2 / 5)
    falling = np.zeros(MODELS)
    falling[ARC], falling[RIGHT] = 0.6, 0.4
    assert turned(1.5, falling, 5.0) == 1.5
