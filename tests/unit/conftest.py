"""A row of square zones, and warnings about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def _square(number: int) -> Zone:
    west, south = 10.0 + number * 0.1, 50.0
    ring = ((west, south), (west + 0.1, south), (west + 0.1, south + 0.1), (west, south + 0.1), (west, south))
    name = {"en": f"Town {number}", "de": f"Stadt {number}"}
    return Zone(id=f"z{number}", name=name, population=1_000, polygons=((ring,),))


@pytest.fixture
def zones() -> tuple[Zone, ...]:
    """z0 … z5, side by side along a parallel."""
    return tuple(_square(number) for number in range(6))


@pytest.fixture
def warn() -> Callable[..., Warning]:
    """Makes a warning; `at_s` seconds after NOW."""

    def make(
        zone: str, level: Level = "take_cover", revision: int = 1, at_s: float = 0, replaces: str | None = None
    ) -> Warning:
        time = NOW + timedelta(seconds=at_s)
        return Warning(
            id=f"{zone}/1/{revision}/{level}",
            zone=zone,
            level=level,
            time=time,
            expires=time + timedelta(minutes=10),
            eta_earliest=None if level == "all_clear" else time + timedelta(minutes=2),
            probability=0.873,
            threat="drone",
            reason="radar north-hill saw T17",
            replaces=replaces,
            tracks=("T17",),
            drill=True,
        )

    return make
