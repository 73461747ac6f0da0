"""Moments and intervals of a scenario."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tocsin.model.errors import BadValue

# Two weeks; the longest shipped scenario is one.
DURATION_S_MAX = 1_209_600.0

Moment = Annotated[float, Meta(ge=0, le=DURATION_S_MAX)]
Pair = tuple[float, float]


def ordered(name: str, pair: Pair | None, low: float, high: float) -> None:
    """Raise BadValue where a pair is not [low, high] within bounds; none at all is fine."""
    if pair is not None and not low <= pair[0] <= pair[1] <= high:
        raise BadValue(f"{name} is {list(pair)}; write [low, high] with {low:g} <= low <= high <= {high:g}")
