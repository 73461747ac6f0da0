"""Compile every kernel, or load it from its cache: at install, and before a service says that it is ready."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import structlog
from numba.core import event

from tocsin import compiled
from tocsin.forecast.ballistic import coast, fall
from tocsin.forecast.posterior import POINTS, outlook_rows
from tocsin.forecast.track_row import WIDTH
from tocsin.replay.progress import share_shown
from tocsin.track.warm import warm

# As many kernels there are, for whoever waits; the last ones take longest, for they hold the others.
KERNELS_ABOUT = 260

log = structlog.get_logger(__name__)


def warm_up(told: Callable[[int], None] = lambda compiled: None, *, planner: bool = False) -> None:
    """Three to five minutes of one core the first time on a machine, half a second afterwards; where nothing is kept,
    every time.

    told      called with how many were compiled so far, as often as there is one more
    planner   those of the planner, too: a service needs them only where it looks over land or works minutes out
    """
    if (trouble := compiled.trouble()) is not None:
        log.warning(trouble)
    with event.install_listener("numba:compile", _Counting(told)):
        warm()
        position, velocity, beta = np.array([[6_400_000.0, 0.0, 0.0]]), np.zeros((1, 3)), np.array([1_000.0])
        fall(*coast(position, velocity, beta, 1.0), beta)
        outlook_rows(np.ones((1, WIDTH)), np.ones((4, 1)), np.ones((1, POINTS, 2)), np.ones(1), 900.0, 240.0, 0.0)
        if planner:
            # Imported here: it brings statistics with it, which take longer to load than the kernels.
            from tocsin.plan.warm import warm as warm_planner

            warm_planner()


class _Counting(event.Listener):  # type: ignore[misc]
    """Counts what numba has compiled; what it reads from its cache is not that."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._count = 0

    def on_start(self, _event: object) -> None:
        """Nothing: it may take a minute."""

    def on_end(self, _event: object) -> None:
        """One more."""
        self._count += 1
        self._told(self._count)


if __name__ == "__main__":
    with share_shown("Compiling kernels, once") as shown:
        warm_up(lambda count: shown(count / KERNELS_ABOUT), planner=True)
