"""A tracker's saved state for another list of sensors: rows, tracks and what was learned follow the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.track.bank import LOOKERS, NEWEST, WITNESS
from tocsin.track.report_rows import SENSOR
from tocsin.track.sensors.health import unwatched
from tocsin.track.sensors.learned import BIASES, sensed_from, sensed_state, unlearned
from tocsin.track.sensors.sites import Sites

Ints = NDArray[np.int64]


def rearranged(state: dict[str, Any], old: Sequence[str], new: Sequence[str], sites: Sites) -> dict[str, Any]:
    """The state of `Tracker.dump` as if the sensors had always been `new`; sites: of those.

    Reports of sensors that are gone are forgotten; tracks stay. A sensor is known by its id.
    """
    number = {name: i for i, name in enumerate(new)}
    strangers = len(sites.kind) - len(new)
    place = np.array([number.get(name, -1) for name in old] + [len(new) + k for k in range(strangers)], np.int64)
    assert len(np.unique(place[place >= 0])) == np.count_nonzero(place >= 0), "two sensors would become one"
    before = np.array(state["radars"], np.int64)
    radars = np.array([sites.number[place[s]] if place[s] >= 0 else -1 for s in before], np.int64)
    rows = _moved(np.asarray(state["rows"]), place)
    assert len(state["watch"]) == len(old), "a sensor that was not watched, or one watched that was none"
    watch = unwatched(len(new))
    kept = place[: len(old)] >= 0
    watch[place[: len(old)][kept]] = state["watch"][kept]
    return state | {
        "bank": _bank(state["bank"], place),
        "sensed": _sensed(state["sensed"], radars, sites),
        "rows": rows,
        "new": _moved(np.array(state["new"], float).reshape(-1, rows.shape[1]), place).tolist(),
        "checkpoints": [
            [at, _bank(bank, place), _sensed(sensed, radars, sites)] for at, bank, sensed in state["checkpoints"]
        ],
        "watch": watch,
    }


def _moved(rows: NDArray[np.float64], place: Ints) -> NDArray[np.float64]:
    sensor = place[rows[:, SENSOR].astype(np.int64)]
    rows = rows[sensor >= 0].copy()
    rows[:, SENSOR] = sensor[sensor >= 0]
    return rows


def _bank(bank: dict[str, Any], place: Ints) -> dict[str, Any]:
    support, life = bank["support"], bank["life"].copy()
    for column in (WITNESS, NEWEST):
        sensor = life[:, column].astype(np.int64) - 1
        life[:, column] = np.where(sensor >= 0, place[sensor] + 1, 0)
    # Which radars look at it is found anew within seconds.
    life[:, LOOKERS] = 0.0
    return bank | {"support": np.where(support >= 0, place[support], -1).astype(support.dtype), "life": life}


def _sensed(state: dict[str, Any], radars: Ints, sites: Sites) -> dict[str, Any]:
    """radars: the new number of each old radar, -1 where it is gone."""
    old, found = sensed_from(state), unlearned(sites)
    kept = radars >= 0
    for name in ("state", "cells", "bias", "taken"):
        getattr(found, name)[radars[kept]] = getattr(old, name)[kept]
    limit, was = len(found.cov) // BIASES, len(old.cov) // BIASES
    both = [(a, b) for a, b in enumerate(radars.tolist()) if a < was and 0 <= b < limit]
    if both:
        source = np.array([[BIASES * a + k for k in range(BIASES)] for a, _ in both]).ravel()
        target = np.array([[BIASES * b + k for k in range(BIASES)] for _, b in both]).ravel()
        found.cov[np.ix_(target, target)] = old.cov[np.ix_(source, source)]
    return sensed_state(found)
