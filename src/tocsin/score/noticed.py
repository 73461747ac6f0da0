"""What could be known in time: how often an attacker was reported before people had to start for shelter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.model.value import seconds_of
from tocsin.score.strikes import Struck

Floats = NDArray[np.float64]

# Reports in this long before people must start count; so many of them are enough to warn on.
NOTICED_S = 240.0
NOTICED_LEAST = 3


def arrivals_of(reports: Iterable[tuple[str, datetime]]) -> dict[str, Floats]:
    """When reports of each object arrived, POSIX seconds, sorted; from (object, time received) in any order."""
    times: dict[str, list[float]] = {}
    for name, received in reports:
        times.setdefault(name, []).append(seconds_of(received))
    return {name: np.sort(np.array(found, float)) for name, found in times.items()}


def noticed(struck: Struck, reported: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Which strikes could have been warned of, whatever a tracker made of it, bool [S].

    Those whose attacker was reported at least `NOTICED_LEAST` times in the `NOTICED_S` before people had to start for
    shelter, `shelter_s` before the strike; both ends count. A report counts by when it arrived: nobody can act on one
    that is still under way.

    reported   object -> when reports that stem from it arrived, POSIX seconds, sorted
    """
    starts_s = struck.time_s - struck.shelter_s
    counts = [
        np.searchsorted(times, at_s, side="right") - np.searchsorted(times, at_s - NOTICED_S)
        if (times := reported.get(strike.object or "")) is not None
        else 0
        for strike, at_s in zip(struck.strikes, starts_s.tolist(), strict=True)
    ]
    return np.array(counts, np.int64) >= NOTICED_LEAST
