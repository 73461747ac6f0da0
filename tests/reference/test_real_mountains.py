"""Sight over real mountains: SRTM's tiles of the Pyrenees, of New Hampshire and of the Golan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.some import some
from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import lowest_seen_m, sees
from tocsin.plan.terrain import Land, read_terrain

pytestmark = [
    pytest.mark.reference,
    # rasterio multiplies where its own dependency would have it written otherwise.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
REACH_M = 400_000.0


@pytest.fixture(scope="module")
def tiles(data_dir: Path) -> Path:
    return data_dir / "terrain"


def land(tiles: Path, name: str, lat: float, lon: float, reach_m: float) -> Land:
    return read_terrain([tiles / name]).around(lat, lon, reach_m)


def judged_alike(ground: Elevation, lat: float, lon: float, mast_m: float, over_m: float) -> float:
    """The share of 1,500 posts, drawn evenly, that the sweep and lines of sight judge alike."""
    rng = np.random.default_rng(7)
    eye = (lat, lon, float(ground.at(lat, lon)) + mast_m)
    rows, cols = (rng.integers(0, size, 1_500) for size in ground.heights_m.shape)
    at = ground.north_deg - rows * ground.step_lat_deg, ground.west_deg + cols * ground.step_lon_deg
    targets = np.stack([*at, ground.heights_m[rows, cols] + over_m], axis=-1)
    exact = sees(ground, eye, targets)
    assert 0 < exact.mean() < 1
    swept = lowest_seen_m(ground, *eye, REACH_M)[rows, cols] <= over_m
    return float(np.mean(some(swept == exact)))


@pytest.mark.parametrize(
    ("name", "lat", "lon", "reach_m"),
    [
        ("N44W072.hgt", 44.27, -71.303, 30_000),
        ("N44W072.hgt", 44.55, -71.6, 40_000),
        ("N42E001.hgt", 42.55, 1.5, 45_000),
        ("golan_30m_utm36n.tif", 32.93, 35.7, 9_000),
    ],
)
@pytest.mark.parametrize(("mast_m", "over_m"), [(2.0, 1.0), (30.0, 50.0), (30.0, 300.0)])
def test_of_a_thousand_posts_the_sweep_judges_three_otherwise_at_most(
    tiles: Path, name: str, lat: float, lon: float, reach_m: float, mast_m: float, over_m: float
) -> None:
    assert judged_alike(land(tiles, name, lat, lon, reach_m).elevation, lat, lon, mast_m, over_m) >= 0.997


def test_the_tiles_are_as_their_page_says(tiles: Path) -> None:
    pyrenees = land(tiles, "N42E001.hgt", 42.5, 1.5, 90_000)
    assert pyrenees.voids == 7_652
    assert (pyrenees.elevation.heights_m.max(), pyrenees.elevation.heights_m.min()) == (3_100, 0)
    hampshire = land(tiles, "N44W072.hgt", 44.5, -71.5, 90_000)
    # Mount Washington, 1,917 m, at 44.2706 N 71.3033 W; SRTM has its top a little lower.
    assert hampshire.voids == 0
    top = np.unravel_index(hampshire.elevation.heights_m.argmax(), hampshire.elevation.heights_m.shape)
    assert hampshire.elevation.heights_m.max() == 1_908
    assert hampshire.elevation.north_deg - top[0] * hampshire.elevation.step_lat_deg == pytest.approx(
        44.2706, abs=0.001
    )
    assert hampshire.elevation.west_deg + top[1] * hampshire.elevation.step_lon_deg == pytest.approx(
        -71.3033, abs=0.001
    )
    golan = land(tiles, "golan_30m_utm36n.tif", 32.9, 35.69, 12_000).elevation
    # Bilinear, between the lowest and the highest that the file says.
    assert -220.7 <= golan.heights_m.min() < -215
    assert 765 < golan.heights_m.max() <= 781.0
    # The Sea of Galilee, and Bental above Ein Zivan.
    assert golan.at(32.83, 35.59) == pytest.approx(-212, abs=8)
