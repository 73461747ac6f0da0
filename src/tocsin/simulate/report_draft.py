"""A report on its way: what a sensor or person says, and when it arrives."""

from __future__ import annotations

from typing import Any, NamedTuple

from tocsin.model.observation import Observation


class Draft(NamedTuple):
    """One report; `received_s` and `time_s` (as the sensor's own clock stamps it) are seconds from the start.

    object   what flew and was noticed; None: nothing did, or what is told is no flight
    """

    received_s: float
    time_s: float
    source: str
    kind: type[Observation]
    fields: dict[str, Any]
    object: str | None = None
