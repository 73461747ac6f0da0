"""What is made without asking each of its fields is what asking would have let through, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.engine.rounding import for_people
from tocsin.model.errors import BadValue
from tocsin.model.threat import THREAT_CLASSES
from tocsin.model.track import Track
from tocsin.model.unchecked import unchecked
from tocsin.model.value import EPOCH
from tocsin.track import report
from tocsin.track.report import ICAO_MAX, Pictures, tracks_of

BOUNDS = {
    "lat": (-90.0, 90.0), "lon": (-180.0, 180.0), "altitude_m": (-1_000.0, 2_000_000.0), "speed_mps": (0.0, 12_000.0),
    "heading_deg": (0.0, 360.0), "climb_mps": (-1e5, 1e5), "sigma_m": (5e-324, 20_100_000.0),
}  # fmt: skip
shares = st.lists(st.floats(0.0, 1.0), min_size=9, max_size=9).filter(lambda some: sum(some) > 0.1)


def asked(track: Track) -> Track:
    return Track(**{name: getattr(track, name) for name in Track.__struct_fields__})


@st.composite
def tracks(draw: Callable[..., Any]) -> Track:
    numbers = {name: draw(st.floats(low, high)) for name, (low, high) in BOUNDS.items()}
    classes = {name: share for name, share in zip(THREAT_CLASSES, draw(shares), strict=True) if share > 0.001}
    return Track(
        id="T000001", time=EPOCH, updated=EPOCH, threat="drone", probability=draw(st.floats(0.0, 1.0)), classes=classes,
        status="confirmed", sensors=2, newest="radar", others=EPOCH, covariance=(1.0,) * 21, **numbers,
    )  # fmt: skip


@given(tracks())
def test_a_track_as_people_are_shown_it_is_one_that_may_be_and_the_track_stays_as_it_was(track: Track) -> None:
    before = asked(track)
    shown = for_people(track)
    assert shown == asked(shown)
    assert track == before


@st.composite
def looked_at(draw: Callable[..., Any]) -> Pictures:
    """A few tracks, of which one number is at times none, or one that no track may have."""
    count = draw(st.integers(1, 3))
    odd = draw(st.sampled_from([None, "cov", "up", "turn_rad", *BOUNDS]))
    strange = st.sampled_from([math.nan, math.inf, -math.inf, -1e-300, -1e9, 1e9, 1e308, 0.0])

    def column(name: str, low: float, high: float, *shape: int) -> np.ndarray:
        size = count * math.prod(shape)
        rows = draw(st.lists(st.floats(low, high), min_size=size, max_size=size))
        if name == odd:
            rows[draw(st.integers(0, size - 1))] = draw(strange)
        return np.array(rows).reshape(count, *shape)

    mixed = np.array([draw(shares) for _ in range(count)])
    seconds = st.lists(st.floats(0.0, 2e9), min_size=count, max_size=count)
    return Pictures(
        at_s=np.full(count, 1.7e9),
        number=np.arange(count),
        classes=mixed / mixed.sum(axis=1, keepdims=True),
        status=np.array([draw(st.integers(0, 2)) for _ in range(count)]),
        sensors=np.arange(count),
        cooperative=np.arange(count) % 2 > 0,
        icao=np.array([draw(st.sampled_from([-1, 0, 0x4B1234, ICAO_MAX, ICAO_MAX + 1])) for _ in range(count)]),
        updated_s=np.array(draw(seconds)),
        newest=np.arange(count) - 1,
        others_s=np.array([draw(st.sampled_from([-math.inf, 1e9])) for _ in range(count)]),
        cov=column("cov", -1e6, 1e6, 10),
        up=column("up", -1e6, 1e6, 3),
        turn_rad=column("turn_rad", -0.1, 0.1),
        **{name: column(name, low, high) for name, (low, high) in BOUNDS.items()},
    )


def made(seen: Pictures) -> tuple[Track, ...] | str:
    """The tracks, or why there are none."""
    try:
        return tracks_of(seen, {}, ("one", "two"))
    except BadValue as error:
        return str(error)


@tried(80, nightly=800)
@given(looked_at())
def test_tracks_asked_by_columns_are_those_of_which_every_field_is_asked(seen: Pictures) -> None:
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        quick = made(seen)
        patch.setattr(report, "_sound", lambda seen: np.zeros(len(seen.number), bool))
        assert made(seen) == quick


def test_a_value_made_from_another_is_another_and_of_its_kind() -> None:
    track = Track(
        id="T000001", time=EPOCH, updated=EPOCH, lat=1.0, lon=2.0, altitude_m=0.0, speed_mps=0.0, heading_deg=0.0,
        sigma_m=1.0, threat="drone", probability=1.0, status="confirmed", sensors=1,
    )  # fmt: skip
    moved = unchecked(track, ("lat", "lon"), (3.0, 4.0))
    assert (type(moved), moved.lat, moved.lon, moved.threat) == (Track, 3.0, 4.0, "drone")
    assert (track.lat, track.lon) == (1.0, 2.0)
