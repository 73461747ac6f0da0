"""Compile every kernel, or load it from its cache: at install, and before a service says that it is ready."""

from __future__ import annotations

import numpy as np
import structlog

from tocsin import compiled
from tocsin.forecast.ballistic import coast, fall
from tocsin.forecast.posterior import POINTS, outlook_rows
from tocsin.forecast.track_row import WIDTH
from tocsin.track.warm import warm

log = structlog.get_logger(__name__)


def warm_up() -> None:
    """One to two minutes the first time on a machine, half a second afterwards; where nothing is kept, every time."""
    if (trouble := compiled.trouble()) is not None:
        log.warning(trouble)
    warm()
    position, velocity, beta = np.array([[6_400_000.0, 0.0, 0.0]]), np.zeros((1, 3)), np.array([1_000.0])
    fall(*coast(position, velocity, beta, 1.0), beta)
    outlook_rows(np.ones((1, WIDTH)), np.ones((4, 1)), np.ones((1, POINTS, 2)), np.ones(1), 900.0, 240.0, 0.0)


if __name__ == "__main__":
    warm_up()
