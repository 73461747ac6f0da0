"""A peer of `tocsin bench track`: Stone Soup on the very same plots, in its tuned configuration."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.track_measures import Estimates
from tocsin.bench.track_scenario import FRAME, Scenario
from tocsin.earth.frames import LocalFrame

Floats = NDArray[np.float64]

EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 - Stone Soup compares naive times
NOISE = 1_000.0  # m^2/s^3, the tuned configuration
GATE = 4.0
POINTS = 4
DELETE_S = 12.0


def scans(scenario: Scenario) -> list[tuple[float, int, Floats]]:
    """(time, sensor, [n, 2] places in the frame) of every scan; plots of one time and sensor go together."""
    plots = scenario.plots
    place = np.empty((len(plots), 2))
    for number, sensor in enumerate(scenario.sensors):
        mine = plots.sensor == number
        azimuth, range_m = np.radians(plots.azimuth_deg[mine]), plots.range_m[mine]
        own = LocalFrame(sensor.lat, sensor.lon)
        east, north = FRAME.to_local(*own.to_geodetic(range_m * np.sin(azimuth), range_m * np.cos(azimuth)))
        place[mine] = np.stack([east, north], axis=1)
    order = np.lexsort((plots.sensor, plots.time_s))
    breaks = np.flatnonzero((np.diff(plots.time_s[order]) != 0) | (np.diff(plots.sensor[order]) != 0)) + 1
    return [(float(plots.time_s[part[0]]), int(plots.sensor[part[0]]), place[part]) for part in np.split(order, breaks)]


def stone_soup(scenario: Scenario) -> tuple[Estimates, float]:
    """Estimates at every second and the seconds it took: kd-tree GNN, EKF constant velocity, as it is tuned best."""
    from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
    from stonesoup.deleter.time import UpdateTimeDeleter
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
    from stonesoup.predictor.kalman import ExtendedKalmanPredictor
    from stonesoup.tracker.simple import MultiTargetTracker
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import ExtendedKalmanUpdater

    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(NOISE), ConstantVelocity(NOISE)])
    predictor, updater = ExtendedKalmanPredictor(motion), ExtendedKalmanUpdater(None)
    hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
    associator = DetectionKDTreeGNN2D(
        hypothesiser, predictor, updater, number_of_neighbours=5, max_distance_covariance_multiplier=GATE
    )
    deleter = UpdateTimeDeleter(timedelta(seconds=DELETE_S))
    start = GaussianState([[0], [0], [0], [0]], np.diag([0, 300.0**2, 0, 300.0**2]), timestamp=EPOCH)
    initiator = MultiMeasurementInitiator(
        start, deleter=deleter, data_associator=associator, updater=updater, min_points=POINTS
    )
    tracker = MultiTargetTracker(initiator, deleter, _detections(scenario), associator, updater)
    began = time.process_time()
    seen = [
        (
            (at - EPOCH).total_seconds(),
            [(one.id, one.state.state_vector, one.state.covar, one.state.timestamp) for one in tracks],
        )
        for at, tracks in tracker
    ]
    return every_second(seen, float(scenario.time_s[-1])), time.process_time() - began


def _detections(scenario: Scenario) -> list[Any]:
    from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
    from stonesoup.types.angle import Bearing
    from stonesoup.types.array import StateVector
    from stonesoup.types.detection import Detection

    models = []
    for sensor in scenario.sensors:
        east, north = FRAME.to_local(sensor.lat, sensor.lon)
        noise = np.diag([np.radians(sensor.sigma_azimuth_deg or 0.1) ** 2, (sensor.sigma_range_m or 60.0) ** 2])
        models.append(
            CartesianToBearingRange(4, (0, 2), noise, translation_offset=np.array([[float(east)], [float(north)]]))
        )
    frames = []
    for at_s, number, places in scans(scenario):
        at = EPOCH + timedelta(seconds=at_s)
        offset = places - models[number].translation_offset.ravel()
        polar = zip(np.arctan2(offset[:, 1], offset[:, 0]), np.hypot(offset[:, 0], offset[:, 1]), strict=True)
        found = {
            Detection(StateVector([[Bearing(a)], [r]]), timestamp=at, measurement_model=models[number])
            for a, r in polar
        }
        frames.append((at, found))
    return frames


def every_second(seen: list[Any], end_s: float) -> Estimates:
    """The newest states, carried forward in a straight line to whole seconds.

    seen: (seconds, [(name, state east, speed, north, speed, covariance, time stamp)]) after every scan
    """
    numbers: dict[str, int] = {}
    at_s, who, states, covs = [], [], [], []
    newest = -1
    for second in np.arange(1.0, end_s + 0.5):
        while newest + 1 < len(seen) and seen[newest + 1][0] <= second + 1e-9:
            newest += 1
        for name, vector, covariance, stamp in seen[newest][1] if newest >= 0 else ():
            dt = second - (stamp - EPOCH).total_seconds()
            step = np.kron(np.eye(2), [[1, dt], [0, 1]])
            noise = np.kron(np.eye(2), [[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) * NOISE
            state = step @ np.asarray(vector, float).ravel()
            cov = step @ np.asarray(covariance, float) @ step.T + noise
            at_s.append(second)
            who.append(numbers.setdefault(name, len(numbers) + 1))
            states.append(state[[0, 2, 1, 3]])
            covs.append(cov[np.ix_([0, 2, 1, 3], [0, 2, 1, 3])][np.triu_indices(4)])
    return Estimates(np.array(at_s), np.array(who), np.array(states).reshape(-1, 4), np.array(covs).reshape(-1, 10))
