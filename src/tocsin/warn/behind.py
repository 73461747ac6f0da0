"""What stands behind the warnings in force, for operators who ask why: taken at one moment, and never changed after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.standing import Standing
from tocsin.warn.told import CODES, Part

_LEVELS = {code: level for level, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class Behind:
    """How the zones stand, and why.

    policy      under which it was decided
    pressure    how strongly each zone was called for
    standings   by zone, of those in which anything stands
    calm_s      since when nothing that sensors, alerts, impacts or reports say speaks against an all clear, POSIX
                seconds, float64 [Z]; infinite: something does
    need_s      seconds before an attack at which people of each zone must be told, float64 [Z]
    alerts      neighbours' alerts in force: whose, and where
    """

    policy: Policy
    pressure: Pressure
    standings: Mapping[str, Standing]
    calm_s: NDArray[np.float64]
    need_s: NDArray[np.float64]
    alerts: Sequence[tuple[str, Part]]

    def alerts_in(self, z: int) -> list[tuple[str, str, float]]:
        """Of zone number `z`: whose alert is in force, of which level, and until when, POSIX seconds."""
        found: list[tuple[str, str, float]] = []
        for source, part in self.alerts:
            at = int(np.searchsorted(part.rows, z))
            if at < len(part.rows) and part.rows[at] == z:
                found.append((source, _LEVELS[part.code], part.until_s))
        return found
