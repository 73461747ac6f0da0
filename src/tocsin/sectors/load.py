"""How much of a country's work each zone brings: what decides where it is cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor, with_defaults

Floats = NDArray[np.float64]


def load_of(index: ZoneIndex, sensors: Sequence[Sensor]) -> Floats:
    """Share of the expected work, float64 [Z], summing to one.

    One part is what every zone brings alike; one is telling, by its people; one is taking in, by how often the sensors
    speak whose nearest zone it is, while something is there. What every sector does anyway is no part.
    """
    assert len(index), "a country without zones"
    parts = [np.ones(len(index)), index.population.astype(float), _spoken(index, sensors)]
    shares = [part / part.sum() for part in parts if part.sum() > 0]
    return np.asarray(np.mean(shares, axis=0), float)


def _spoken(index: ZoneIndex, sensors: Sequence[Sensor]) -> Floats:
    """Reports a second of the sensors nearest to each zone, float64 [Z]."""
    spoken = np.zeros(len(index))
    told = [with_defaults(sensor) for sensor in sensors]
    if told:
        places = np.column_stack(index.frame.to_local([one.lat for one in told], [one.lon for one in told]))
        _, nearest = cKDTree(np.column_stack([index.east_m, index.north_m])).query(places)
        np.add.at(spoken, nearest, [(one.detection_probability or 1.0) / (one.scan_s or 1.0) for one in told])
    return spoken
