"""How what channels tell of one object becomes its path: a Kalman filter over a few coarse, delayed places.

State: east, north and their speeds, in the frame; metres and seconds. The whole of it is worked through anew whenever
another line comes: lines of several channels come in any order, and an object has a dozen of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Over two minutes an object turns by some 15 degrees, one standard deviation: (0.27 v)^2 / 120 s.
WANDER = 0.0006
# Its speed is that of its class within a fifth.
SPEED_SHARE = 0.2
# A course that is less sure than this says nothing.
COURSE_SIGMA_MAX_RAD = math.radians(60.0)
# While the course is less sure than this, nothing is known of which way the speed points.
PACED_SIGMA_MAX_RAD = math.radians(40.0)
# What is bound for a place is so far from it, give or take as much.
BOUND_M = 12_000.0
_POSITION = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
_VELOCITY = np.array([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


class Mark(NamedTuple):
    """What one line tells of one object.

    at_s        POSIX time of which it tells, with one standard deviation
    posted_s    when it was posted
    east_m, north_m, sigma_m   where it was; bound: where it is bound for
    course_rad, course_sigma_rad   clockwise from north; NaN: unknown
    voice       whose word it is; post: which post, so that an edit can take it back
    """

    at_s: float
    delay_sigma_s: float
    posted_s: float
    east_m: float
    north_m: float
    sigma_m: float
    bound: bool
    course_rad: float
    course_sigma_rad: float
    voice: str
    post: str


class State(NamedTuple):
    """Mean [4] and covariance [4, 4] at a time."""

    at_s: float
    mean: Floats
    cov: Floats


def path(marks: Sequence[Mark], speed_mps: float) -> State:
    """The state at the newest of marks in order of time; `speed_mps` is what its class flies at."""
    assert marks, "a path of nothing"
    state = _first(marks[0], speed_mps)
    for mark in marks[1:]:
        state = _updated(at(state, mark.at_s, speed_mps), mark, speed_mps)
    return state


def at(state: State, at_s: float, speed_mps: float) -> State:
    """The state at another time, later or earlier; less sure the farther."""
    step_s = at_s - state.at_s
    move = np.eye(4)
    move[0, 2] = move[1, 3] = step_s
    q, away_s = WANDER * speed_mps**2, abs(step_s)
    noise = np.zeros((4, 4))
    for k in range(2):
        noise[k, k], noise[k + 2, k + 2] = q * away_s**3 / 3, q * away_s
        noise[k, k + 2] = noise[k + 2, k] = q * away_s * step_s / 2
    return State(at_s, move @ state.mean, move @ state.cov @ move.T + noise)


def all_at(states: Sequence[State], at_s: float, speed_mps: Floats) -> State:
    """`at` of many states at once, at least one: mean [N, 4], covariance [N, 4, 4]; speeds float64 [N]."""
    step_s = at_s - np.array([state.at_s for state in states])
    move = np.tile(np.eye(4), (len(states), 1, 1))
    move[:, 0, 2] = move[:, 1, 3] = step_s
    q, away_s = WANDER * speed_mps**2, np.abs(step_s)
    noise = np.zeros_like(move)
    for k in range(2):
        noise[:, k, k], noise[:, k + 2, k + 2] = q * away_s**3 / 3, q * away_s
        noise[:, k, k + 2] = noise[:, k + 2, k] = q * away_s * step_s / 2
    mean, cov = np.array([state.mean for state in states]), np.array([state.cov for state in states])
    return State(at_s, (move @ mean[:, :, None])[:, :, 0], move @ cov @ move.transpose(0, 2, 1) + noise)


def misfits(states: State, mark: Mark) -> tuple[Floats, Floats]:
    """(squared distance in standard deviations, the same with what a wide state costs) of a mark from many states, [N].

    states  of `all_at`: a line may name a hundred places, and there are hundreds of tracks

    Of what is bound for a place, how far its course points past it, and how far it is.
    """
    mean, cov = states.mean, states.cov
    east, north = mark.east_m - mean[:, 0], mark.north_m - mean[:, 1]
    speed = np.hypot(mean[:, 2], mean[:, 3])
    course = np.arctan2(mean[:, 2], mean[:, 3])
    course_sigma = np.arctan2(np.sqrt((cov[:, 2, 2] + cov[:, 3, 3]) / 2), np.maximum(speed, 1.0))
    if mark.bound:
        away_m = np.hypot(east, north)
        wide_m = np.hypot(np.sqrt((cov[:, 0, 0] + cov[:, 1, 1]) / 2), mark.sigma_m)
        squared = (np.maximum(0.0, away_m - BOUND_M) / (3 * BOUND_M)) ** 2
        sigma = np.hypot(np.arctan2(wide_m, away_m), course_sigma)
        turn = _turns(np.arctan2(east, north) - course) / sigma
        squared += np.where(away_m > wide_m, turn**2, 0.0)
        return 2 * squared, 2 * squared + 4 * math.log(BOUND_M)
    flown = mean[:, 2:] * mark.delay_sigma_s
    spread = cov[:, :2, :2] + np.eye(2) * mark.sigma_m**2 + flown[:, :, None] * flown[:, None, :]
    det = spread[:, 0, 0] * spread[:, 1, 1] - spread[:, 0, 1] * spread[:, 1, 0]
    across = (spread[:, 0, 1] + spread[:, 1, 0]) * east * north
    squared = (spread[:, 1, 1] * east**2 + spread[:, 0, 0] * north**2 - across) / det
    if not math.isnan(mark.course_rad):
        turn = _turns(mark.course_rad - course) / np.hypot(mark.course_sigma_rad, course_sigma)
        squared += np.where(speed > 10.0, turn**2, 0.0)
    return squared, squared + np.log(det)


def _first(mark: Mark, speed_mps: float) -> State:
    mean = np.array([mark.east_m, mark.north_m, 0.0, 0.0])
    cov = np.zeros((4, 4))
    cov[:2, :2] = np.eye(2) * mark.sigma_m**2
    cov[2:, 2:] = np.eye(2) * speed_mps**2 / 2
    state = State(mark.at_s, mean, cov)
    if mark.bound:
        # On its way there: not yet there, from wherever it comes.
        back = (0.0, 0.0) if math.isnan(mark.course_rad) else (math.sin(mark.course_rad), math.cos(mark.course_rad))
        mean[:2] -= BOUND_M * np.array(back)
        cov[:2, :2] += np.eye(2) * BOUND_M**2
        return _steered(state, mark.course_rad, mark.course_sigma_rad, speed_mps)
    cov[:2, :2] += np.eye(2) * (speed_mps * mark.delay_sigma_s) ** 2 / 2
    return _steered(state, mark.course_rad, mark.course_sigma_rad, speed_mps)


def _updated(state: State, mark: Mark, speed_mps: float) -> State:
    if mark.bound:
        east, north = mark.east_m - state.mean[0], mark.north_m - state.mean[1]
        away_m = math.hypot(east, north)
        wide_m = math.hypot(math.sqrt(float(np.trace(state.cov[:2, :2])) / 2), mark.sigma_m)
        return _steered(state, math.atan2(east, north), math.atan2(wide_m, max(away_m, 1.0)), speed_mps)
    off = np.array([mark.east_m, mark.north_m]) - state.mean[:2]
    state = _paced(_corrected(state, _POSITION, off, _doubt(state, mark)), speed_mps)
    return _steered(state, mark.course_rad, mark.course_sigma_rad, speed_mps)


def _doubt(state: State, mark: Mark) -> Floats:
    """How far a mark may lie from where the object was: the place's width, and the way flown in the doubt of time."""
    flown = state.mean[2:] * mark.delay_sigma_s
    return np.eye(2) * mark.sigma_m**2 + np.outer(flown, flown)


def _steered(state: State, course_rad: float, sigma_rad: float, speed_mps: float) -> State:
    """The state given a course: at the speed of its class, that way."""
    if math.isnan(course_rad) or sigma_rad > COURSE_SIGMA_MAX_RAD:
        return state
    along = np.array([math.sin(course_rad), math.cos(course_rad)])
    across = np.array([along[1], -along[0]])
    doubt = np.outer(along, along) * (SPEED_SHARE * speed_mps) ** 2
    doubt += np.outer(across, across) * (speed_mps * math.sin(sigma_rad)) ** 2
    return _corrected(state, _VELOCITY, speed_mps * along - state.mean[2:], doubt)


def _paced(state: State, speed_mps: float) -> State:
    """The state at the speed of its class, whichever way it goes; as it is while nobody knows which."""
    course, sigma = _course(state), _course_sigma(state)
    if sigma > PACED_SIGMA_MAX_RAD:
        return state
    along = np.array([[0.0, 0.0, math.sin(course), math.cos(course)]])
    off = np.array([speed_mps]) - along @ state.mean
    return _corrected(state, along, off, np.array([[(SPEED_SHARE * speed_mps) ** 2]]))


def _corrected(state: State, seen: Floats, off: Floats, doubt: Floats) -> State:
    gain = np.linalg.solve(seen @ state.cov @ seen.T + doubt, seen @ state.cov).T
    left = np.eye(4) - gain @ seen
    cov = left @ state.cov @ left.T + gain @ doubt @ gain.T
    return State(state.at_s, state.mean + gain @ off, (cov + cov.T) / 2)


def _course(state: State) -> float:
    return math.atan2(float(state.mean[2]), float(state.mean[3]))


def _course_sigma(state: State) -> float:
    """One standard deviation of the course, radians."""
    speed = math.hypot(*state.mean[2:].tolist())
    return math.atan2(math.sqrt(float(np.trace(state.cov[2:, 2:])) / 2), max(speed, 1.0))


def _turns(rad: Floats) -> Floats:
    turned: Floats = (rad + math.pi) % math.tau - math.pi
    return turned
