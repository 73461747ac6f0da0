"""Files of elevation, as they are and as they should not be, and the land that is made of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from tests.some import some
from tocsin.earth.sight import lowest_seen_m
from tocsin.model.errors import BadFile, BadSettings, BadValue, Missing
from tocsin.plan.terrain import MEMORY_MAX, Land, Terrain, read_terrain
from tocsin.plan.tiles import VOID_M

# rasterio multiplies where its own dependency would have it written otherwise.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


def slope(side: int = 1_201) -> NDArray[np.int16]:
    """A tile that rises by a metre each column and falls by two each row."""
    rows, cols = np.indices((side, side), dtype=np.int16)
    return np.asarray(cols + 2 * (1_200 - rows), np.int16)


def hgt(folder: Path, name: str, heights: NDArray[np.int16]) -> Path:
    path = folder / f"{name}.hgt"
    heights.astype(">i2").tofile(path)
    return path


def tif(path: Path, heights: NDArray[np.float32], crs: str | None, west: float, north: float, step: float) -> Path:
    transform = rasterio.transform.from_origin(west, north, step, step)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=1, crs=crs, transform=transform, nodata=-9999.0,
        width=heights.shape[1], height=heights.shape[0],
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def corners(land: Land) -> tuple[float, float, float, float]:
    """South, north, west and east of the posts."""
    made = land.elevation
    east = made.west_deg + (made.heights_m.shape[1] - 1) * made.step_lon_deg
    return made.south_deg, made.north_deg, made.west_deg, east


def test_posts_are_those_of_the_file_wherever_the_sensor_stands(tmp_path: Path) -> None:
    heights = slope()
    land = read_terrain([hgt(tmp_path, "N42E001", heights)]).around(42.51234, 1.47, 20_000)
    made = land.elevation
    row = round((43 - made.north_deg) * 1_200)
    col = round((made.west_deg - 1) * 1_200)
    rows, cols = made.heights_m.shape
    assert (some(made.heights_m) == heights[row : row + rows, col : col + cols]).all()
    assert not land.said()
    south, north, west, east = corners(land)
    assert south <= 42.51234 - 0.179 < 42.51234 + 0.179 <= north
    assert west <= 1.47 - 0.243 < 1.47 + 0.243 <= east


def test_tiles_are_joined_and_what_lies_in_none_is_said_to_be_sea(tmp_path: Path) -> None:
    hgt(tmp_path, "N42E001", np.full((1_201, 1_201), 100, np.int16))
    hgt(tmp_path, "N42E002", np.full((1_201, 1_201), 200, np.int16))
    hgt(tmp_path, "S01W180", np.full((1_201, 1_201), 7, np.int16))
    (tmp_path / "README").write_text("passed over")
    land = read_terrain([tmp_path]).around(42.02, 2.0, 30_000)
    assert land.elevation.at([42.1, 42.1, 41.9], [1.9, 2.1, 2.0]).tolist() == [100.0, 200.0, 0.0]
    assert 0.4 < land.unknown < 0.5
    assert "in no file: it is taken to lie at sea level" in land.said()[0]
    over = read_terrain([tmp_path]).around(-0.5, -179.95, 20_000)
    assert over.elevation.at([-0.5, -0.5], [-179.9, 179.9]).tolist() == [7.0, 0.0]


def test_voids_are_filled_from_what_is_nearest_and_said(tmp_path: Path) -> None:
    heights = np.full((1_201, 1_201), 100, np.int16)
    heights[:, 601:] = 900
    heights[500:520, 590:601] = VOID_M
    land = read_terrain([hgt(tmp_path, "N42E001", heights)]).around(42.5, 1.5, 30_000)
    assert land.voids == 220
    assert land.said() == ["220 heights were never measured: they are taken from the nearest that was"]
    assert sorted(some(np.unique(land.elevation.heights_m).tolist())) == [100.0, 900.0]
    nothing = read_terrain([hgt(tmp_path, "N10E001", np.full((1_201, 1_201), VOID_M, np.int16))])
    sea = nothing.around(10.5, 1.5, 20_000)
    assert not some(sea.elevation.heights_m).any()
    assert sea.said() == ["there is no elevation here: the Earth is taken to be smooth, at sea level"]


def test_a_picture_of_land_is_no_land(tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "shot.tif", "w", driver="GTiff", width=20, height=20, count=3, dtype="uint8", crs="EPSG:4326",
        transform=rasterio.transform.from_origin(1.0, 42.0, 0.01, 0.01),
    ) as file:  # fmt: skip
        file.write(np.full((3, 20, 20), 128, np.uint8))
    with pytest.raises(BadFile, match="is a picture, of 3 bands"):
        read_terrain([tmp_path / "shot.tif"])


def test_of_two_files_of_one_place_the_denser_counts_and_the_other_fills_its_voids(tmp_path: Path) -> None:
    hgt(tmp_path, "N42E001", np.full((1_201, 1_201), 100, np.int16))
    fine = np.full((400, 400), 300, np.float32)
    fine[100:200, 100:200] = -9_999
    tif(tmp_path / "fine.tif", fine, "EPSG:4326", 1.4, 42.6, 1 / 3_600)
    land = read_terrain([tmp_path]).around(42.55, 1.45, 10_000)
    assert land.elevation.step_lat_deg == pytest.approx(1 / 3_600)
    assert land.elevation.at([42.51, 42.558, 42.65], [1.41, 1.442, 1.45]).tolist() == [300.0, 100.0, 100.0]
    assert land.voids == 0


@pytest.mark.parametrize("crs", ["EPSG:32631", "EPSG:4326"])
def test_a_geotiff_lies_where_its_projection_says(tmp_path: Path, crs: str) -> None:
    heights = np.zeros((300, 400), np.float32)
    heights[150, 200] = 500.0
    if crs == "EPSG:4326":
        path, at = tif(tmp_path / "map.TIF", heights, crs, 3.0, 42.0, 0.001), (42 - 0.1505, 3.2005)
    else:
        path = tif(tmp_path / "map.TIF", heights, crs, 500_000.0, 4_650_000.0, 100.0)
        # The central meridian of zone 31; a northing of 4,634,950 m, by PROJ.
        at = (41.8660, 3.2416)
    land = read_terrain([path]).around(*at, 2_000)
    top = np.unravel_index(land.elevation.heights_m.argmax(), land.elevation.heights_m.shape)
    lat = land.elevation.north_deg - top[0] * land.elevation.step_lat_deg
    lon = land.elevation.west_deg + top[1] * land.elevation.step_lon_deg
    assert (lat, lon) == pytest.approx(at, abs=0.0012)


def test_whoever_waits_for_a_map_is_told_how_far_it_is(tmp_path: Path) -> None:
    tif(tmp_path / "map.tif", np.zeros((900, 900), np.float32), "EPSG:32631", 470_000.0, 4_680_000.0, 30.0)
    hgt(tmp_path, "N42E002", slope())
    told: list[float] = []
    read_terrain([tmp_path]).around(42.2, 2.9, 9_000, shown=told.append)
    assert told == sorted(told) and len(told) > 20 and 0.0 <= told[0] < 0.1 and told[-1] == 1.0


def test_without_a_file_the_earth_is_smooth_and_that_is_said() -> None:
    land = Terrain().around(50.0, 30.0, 20_000)
    assert not some(land.elevation.heights_m).any()
    assert land.said() == ["there is no elevation here: the Earth is taken to be smooth, at sea level"]


@pytest.mark.parametrize(("lat", "reach_m"), [(0.0, 111_000), (50.0, 300_000), (-60.0, 500_000)])
def test_memory_is_said_beforehand_and_bounded_and_what_that_costs_is_said(lat: float, reach_m: float) -> None:
    terrain = Terrain()
    assert terrain.memory(lat, 30.0, reach_m) <= MEMORY_MAX * 1.01
    narrow = 20_000_000
    assert terrain.memory(lat, 30.0, reach_m, narrow) <= narrow * 1.02
    land = terrain.around(lat, 30.0, reach_m, narrow)
    assert land.elevation.heights_m.size * 17 <= narrow * 1.02
    assert land.coarser > 1
    assert "row and column is used" in land.said()[-1]
    south, north, _, _ = corners(land)
    assert south < lat - reach_m / 112_000 < lat + reach_m / 112_000 < north


def test_a_sensor_sees_to_its_reach_on_the_land_around_it() -> None:
    land = Terrain().around(70.0, 30.0, 30_000)
    lowest = lowest_seen_m(land.elevation, 70.0, 30.0, 10.0, 30_000)
    assert some(lowest[[0, -1]] == np.inf).all()
    assert some(lowest[:, [0, -1]] == np.inf).all()


def test_what_is_no_elevation_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "N42E001.hgt").write_bytes(b"0" * 100)
    (tmp_path / "valley.hgt").write_bytes(b"")
    (tmp_path / "no.tif").write_text("no picture")
    nowhere = tif(tmp_path / "nowhere.tif", np.zeros((5, 5), np.float32), None, 3.0, 42.0, 0.5)
    (tmp_path / "empty").mkdir()
    cases = [
        ("N42E001.hgt", "100 octets; a tile of 1,201 or 3,601"),
        ("valley.hgt", "named after its south-western corner"),
        ("no.tif", "no GeoTIFF that can be read"),
        ("nowhere.tif", "does not say where it lies"),
        ("empty", "no file of elevation there"),
        ("N10E010.hgt", "cannot be read: No such file"),
        ("heights.asc", "no elevation that is known"),
    ]
    for name, said in some(cases):
        with pytest.raises(BadFile, match=said):
            read_terrain([tmp_path / name])
    feet = hgt(tmp_path, "N43E001", np.full((1_201, 1_201), 29_000, np.int16))
    with pytest.raises(BadFile, match="are these metres"):
        read_terrain([feet]).around(43.5, 1.5, 1_000)
    with pytest.raises(BadSettings, match="at most 85"):
        Terrain().around(84.9, 0.0, 100_000)
    with pytest.raises(BadValue, match="a reach of"):
        lowest_seen_m(Terrain().around(50.0, 0.0, 1_000).elevation, 50.0, 0.0, 0.0, 1e9)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(Missing, match=r"install `tocsin\[terrain\]`"):
        read_terrain([nowhere])


@pytest.mark.parametrize(("lat", "lon"), [(42.5, 1.5), (-0.2, 179.9), (10.0, -179.9), (50.0, -60.0)])
def test_a_map_of_the_whole_world_is_land_everywhere_and_over_its_own_seam(
    tmp_path: Path, lat: float, lon: float
) -> None:
    tif(tmp_path / "world.tif", np.full((360, 720), 700, np.float32), "EPSG:4326", -180, 90, 0.5)
    land = read_terrain([tmp_path]).around(lat, lon, 150_000)
    assert land.unknown < 0.3
    assert float(land.elevation.at(lat, lon)) == 700
