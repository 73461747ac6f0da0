"""What a source may not say is refused here, at every way in, with a reason that teaches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from tocsin.earth.frames import LocalFrame
from tocsin.model.access import Authority, Circle, Sources, authority_of, kind_of
from tocsin.model.observation import (
    Bearing,
    Impact,
    Launch,
    Observation,
    Plot,
    Position,
    Presence,
    Sighting,
    Status,
)
from tocsin.model.sensor import Sensor


def refusal(observation: Observation, sources: Sources | None, sensors: Mapping[str, Sensor]) -> str | None:
    """Why an observation may not be said by its source, in a sentence; None: it may. Without sources all may."""
    if sources is None:
        return None
    authority, kind = authority_of(observation, sources), kind_of(observation)
    if kind not in authority.kinds:
        may = ", ".join(authority.kinds) or "nothing"
        return f"source {authority.id} may not send a {kind}, only {may}; an operator can add it to its `kinds`"
    sensor = _spoken_for(observation, authority, sensors)
    if sensor is not None and not authority.speaks_for(sensor):
        return f"source {authority.id} may not speak for {sensor}; an operator can add it to its `sensors`"
    if isinstance(observation, (Sighting, Position, Launch, Impact)):
        return _misplaced(observation.lat, observation.lon, authority)
    return None


def _spoken_for(observation: Observation, authority: Authority, sensors: Mapping[str, Sensor]) -> str | None:
    """The sensor or declared post in whose name an observation speaks; None: in nobody's."""
    if isinstance(observation, (Plot, Bearing, Presence, Status)):
        return observation.sensor
    return observation.source if observation.source in sensors and observation.source != authority.id else None


def _misplaced(lat: float, lon: float, authority: Authority) -> str | None:
    if not authority.area or any(_holds(circle, lat, lon) for circle in authority.area):
        return None
    exchanged = abs(lon) <= 90 and any(_holds(circle, lon, lat) for circle in authority.area)
    hint = "; are lat and lon exchanged?" if exchanged else ""
    return f"{lat:.4f}, {lon:.4f} is outside the area of source {authority.id}{hint}"


def _holds(circle: Circle, lat: float, lon: float) -> bool:
    """Whether a place lies in a circle; its edge belongs to it."""
    if abs(lat - circle.lat) * 110_000.0 > circle.radius_m:
        return False
    east, north = _frame(circle.lat, circle.lon).to_local(lat, lon)
    return math.hypot(float(east), float(north)) <= circle.radius_m


@lru_cache(maxsize=1_000)
def _frame(lat: float, lon: float) -> LocalFrame:
    return LocalFrame(lat, lon)
