"""What the nights through text count as tracked: one track for each drone, near it, half of the time."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.bench.text_nights import FOLLOWS_M, _followed
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.score.truth import Path4, Truth
from tocsin.simulate.places import invented_zones

INDEX = ZoneIndex(invented_zones(5))
BEGIN_S = 1_772_000_000.0


def drone(name: str, north_m: float) -> Path4:
    """One that hangs in one place for ten minutes."""
    lat, lon = INDEX.frame.to_geodetic(0.0, north_m)
    ends = np.array([BEGIN_S, BEGIN_S + 600.0])
    return Path4(name, "drone", ends, np.full(2, float(lat)), np.full(2, float(lon)), np.zeros(2))


def track(name: str, north_m: float, at_s: float) -> Track:
    lat, lon = (float(part) for part in INDEX.frame.to_geodetic(0.0, north_m))
    return Track(
        id=name, time=time_of(at_s), lat=lat, lon=lon, altitude_m=0, speed_mps=50, heading_deg=0, sigma_m=3_000,
        threat="drone", probability=1.0, status="tentative", sensors=1, updated=time_of(at_s),
    )  # fmt: skip


@pytest.mark.parametrize(("looks", "tracked"), [(range(20), 1), (range(11), 1), (range(8), 0)])
def test_a_drone_followed_half_of_the_time_is_tracked_and_one_track_follows_one_drone(
    looks: range, tracked: int
) -> None:
    truth = Truth((), (drone("a", 0.0), drone("b", 4_000.0)))
    first_s = {"a": BEGIN_S, "b": BEGIN_S}
    seen = [
        (BEGIN_S + 30.0 * k, (track("R1", 1_000.0, BEGIN_S + 30.0 * k), track("R2", 60_000.0, BEGIN_S)) * (k in looks))
        for k in range(20)
    ]
    found = _followed(seen, truth, first_s, INDEX)
    assert (found["drones"], found["tracked"], found["tracks"], found["idle"]) == (2, tracked, 2, 1)
    assert found["errors_m"] == pytest.approx(1_000.0, abs=5.0) and found["errors_m"].max() < FOLLOWS_M
