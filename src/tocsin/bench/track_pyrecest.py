"""A peer of `tocsin bench track`: PyRecEst on the very same plots.

Its TrackManager does the same job as the others: births on plots nothing explains, confirmation, deletion, one global
nearest neighbour over all tracks and plots of a scan, a Kalman filter per track. Points, gate, noise and deletion are
those of the tuned Stone Soup. The matrix of distances is ours, in NumPy: the library leaves it to its user.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.track_measures import Estimates
from tocsin.bench.track_peers import DELETE_S, GATE, NOISE, POINTS, scans
from tocsin.bench.track_scenario import FRAME, Scenario

Floats = NDArray[np.float64]

START_SPEED_MPS = 300.0
SEES = np.eye(2, 4)


def _step(dt: float) -> tuple[Floats, Floats]:
    """Transition and noise of (east, north, their speeds) over dt seconds at constant velocity."""
    block = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) * NOISE
    transition = np.kron(np.array([[1.0, dt], [0.0, 1.0]]), np.eye(2))
    return np.asarray(transition, float), np.asarray(np.kron(block, np.eye(2)), float)


def _noises(scenario: Scenario, number: int, places: Floats) -> Floats:
    """[n, 2, 2] covariances of plots in the frame, from each one's own range and azimuth."""
    sensor = scenario.sensors[number]
    off = places - np.array([float(one) for one in FRAME.to_local(sensor.lat, sensor.lon)])
    far = np.hypot(off[:, 0], off[:, 1])
    u = off / far[:, None]
    side = np.stack([u[:, 1], -u[:, 0]], axis=1)
    along, across = (sensor.sigma_range_m or 60.0) ** 2, (np.radians(sensor.sigma_azimuth_deg or 0.1) * far) ** 2
    return np.asarray(along * u[:, :, None] * u[:, None] + across[:, None, None] * side[:, :, None] * side[:, None])


def pyrecest(scenario: Scenario) -> tuple[Estimates, float]:
    """Confirmed tracks at every second, and the seconds it took from plots in memory."""
    from pyrecest.distributions import GaussianDistribution
    from pyrecest.filters import KalmanFilter
    from pyrecest.filters.track_manager import AssociationResult, TrackManager, solve_global_nearest_neighbor

    now = 0.0

    def predict(track: Any, step: tuple[Floats, Floats]) -> None:
        track.single_target_filter.predict_linear(*step)

    def associate(tracks: Any, places: Floats, noises: Floats) -> AssociationResult:
        means = np.array([one.single_target_filter.filter_state.mu for one in tracks])
        covs = np.array([one.single_target_filter.filter_state.C for one in tracks])
        off = places[None] - means[:, None, :2]
        spread = covs[:, None, :2, :2] + noises[None]
        a, b, d = spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1]
        squared = (d * off[..., 0] ** 2 - 2 * b * off[..., 0] * off[..., 1] + a * off[..., 1] ** 2) / (a * d - b * b)
        return solve_global_nearest_neighbor(np.where(squared < GATE**2, np.sqrt(squared), np.inf), GATE / 2)

    def update(track: Any, place: Floats, measurement_index: int, noises: Floats) -> None:
        track.single_target_filter.update_linear(place, SEES, noises[measurement_index])
        track.metadata["hit"] = now

    def born(place: Floats, measurement_index: int, noises: Floats) -> Any:
        cov = np.diag([0.0, 0.0, START_SPEED_MPS**2, START_SPEED_MPS**2])
        cov[:2, :2] = noises[measurement_index]
        return KalmanFilter(GaussianDistribution(np.array([*place, 0.0, 0.0]), cov))

    manager = TrackManager(
        predict, update, born, associate, n_init=POINTS,
        delete_condition=lambda track: now - track.metadata["hit"] > DELETE_S,
        track_metadata_initializer=lambda *_, **__: {"hit": now},
        keep_history=False, log_prior_estimates=False, log_posterior_estimates=False,
    )  # fmt: skip
    seen: list[tuple[float, Any]] = []
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for at_s, number, places in scans(scenario):
            step, now = _step(at_s - now), at_s
            noises = {"noises": _noises(scenario, number, places)}
            manager.step(
                places, predict_kwargs={"step": step}, association_kwargs=noises, update_kwargs=noises,
                initiation_kwargs=noises,
            )  # fmt: skip
            manager.purge_deleted_tracks()
            seen.append((at_s, [(one.track_id, one.filter_state) for one in manager.get_tracks()]))
    return _every_second(seen, float(scenario.time_s[-1])), time.process_time() - began


def _every_second(seen: list[tuple[float, Any]], end_s: float) -> Estimates:
    """The newest states, carried forward in a straight line to whole seconds."""
    at_s, who, states = [], [], []
    newest = -1
    for second in np.arange(1.0, end_s + 0.5):
        while newest + 1 < len(seen) and seen[newest + 1][0] <= second + 1e-9:
            newest += 1
        transition, _ = _step(second - seen[newest][0]) if newest >= 0 else _step(0.0)
        for number, state in seen[newest][1] if newest >= 0 else ():
            at_s.append(second)
            who.append(number + 1)
            states.append(transition @ state.mu)
    return Estimates(np.array(at_s), np.array(who), np.array(states).reshape(-1, 4))


def pyrecest_told_s(scenario: Scenario) -> float:
    """Seconds of PyRecEst's bare global nearest neighbour, told every target and its start.

    No births, no deaths, no false plots to judge, no answer per second: a part of the job, for its speed only.
    """
    from pyrecest.distributions import GaussianDistribution
    from pyrecest.filters import KalmanFilter
    from pyrecest.filters.global_nearest_neighbor import GlobalNearestNeighbor

    first = np.isfinite(scenario.path[:, :, 0]).argmax(axis=1)
    starts = scenario.path[np.arange(len(first)), first]
    bank = [KalmanFilter(GaussianDistribution(start, np.diag([1e4, 1e4, 400.0, 400.0]))) for start in starts]
    tracker = GlobalNearestNeighbor(bank, log_prior_estimates=False, log_posterior_estimates=False)
    began = time.process_time()
    before = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for at_s, number, places in scans(scenario):
            dt, before = at_s - before, at_s
            if dt > 0:
                tracker.predict_linear(*_step(dt))
            sensor = scenario.sensors[number]
            sigma = 100_000.0 * np.radians(sensor.sigma_azimuth_deg or 0.1)
            tracker.update_linear(places.T, SEES, np.diag([sigma**2, sigma**2]))
    return time.process_time() - began
