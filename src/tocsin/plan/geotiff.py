"""GeoTIFF: elevation brought onto latitude and longitude, and what is written. Needs the extra `terrain`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadFile, Missing
from tocsin.plan.tiles import Shown, Tile, known

# A country's width at 30 m is half of this: 400 million heights, 1.6 GB. Beyond, a map is cut into several files.
POSTS_MAX = 400_000_000
GEOGRAPHIC = "EPSG:4326"
# A map is read in so many strips: as often whoever waits is told how far it is.
STRIPS = 50


def geotiff_tile(path: Path) -> Tile:
    """The tile that a GeoTIFF holds in its first band, in metres above sea level: bilinear onto latitude and longitude
    where it has another projection, about as dense as it is itself.

    Raises BadFile, and Missing where rasterio is not installed.
    """
    rasterio, warp = _rasterio(path)
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise BadFile(f"{path} does not say where it lies (no CRS); write it in with `gdal_edit.py -a_srs`")
            if source.count >= 3 and set(source.dtypes) == {"uint8"}:
                raise BadFile(f"{path} is a picture, of {source.count} bands of colour; give one of heights in metres")
            transform, cols, rows = warp.calculate_default_transform(
                source.crs, GEOGRAPHIC, source.width, source.height, *source.bounds
            )
    except rasterio.errors.RasterioError as error:
        raise BadFile(f"{path} is no GeoTIFF that can be read: {error}") from error
    if rows * cols > POSTS_MAX or min(rows, cols) < 2:
        raise BadFile(f"{path}: {rows} x {cols} heights; two rows or more, at most {POSTS_MAX:,}: cut it into pieces")

    def read(shown: Shown) -> NDArray[np.float32]:
        found = np.full((rows, cols), np.nan, np.float32)
        high = max(1, -(-rows // STRIPS))
        try:
            with rasterio.open(path) as source:
                for top in range(0, rows, high):
                    there = type(transform)(*transform[:5], transform.f + transform.e * top)
                    warp.reproject(
                        rasterio.band(source, 1), found[top : top + high], dst_transform=there, dst_crs=GEOGRAPHIC,
                        dst_nodata=math.nan, resampling=warp.Resampling.bilinear, init_dest_nodata=True,
                    )  # fmt: skip
                    shown(min(1.0, (top + high) / rows))
        except rasterio.errors.RasterioError as error:
            raise BadFile(f"{path} is damaged: {error}; fetch it again") from error
        return known(path, found)

    # A pixel's height is its middle's.
    north, west = transform.f + transform.e / 2, transform.c + transform.a / 2
    return Tile(path, north, west, -transform.e, transform.a, rows, cols, read)


def geotiff_of(
    bands: Mapping[str, NDArray[np.float32]], north_deg: float, west_deg: float, step_deg: tuple[float, float]
) -> bytes:
    """A GeoTIFF in latitude and longitude (WGS 84).

    bands      by their names, float32 [rows, cols] from the north-western cell on
    north_deg, west_deg   the outer corner of that cell
    step_deg   (latitude, longitude) from cell to cell

    Raises Missing where rasterio is not installed.
    """
    rasterio, _ = _rasterio(Path("GeoTIFF"))
    rows, cols = next(iter(bands.values())).shape
    transform = rasterio.Affine(step_deg[1], 0.0, west_deg, 0.0, -step_deg[0], north_deg)
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=cols, height=rows, count=len(bands), dtype="float32", crs=GEOGRAPHIC,
            transform=transform, nodata=math.nan, compress="deflate",
        ) as file:  # fmt: skip
            for number, (name, values) in enumerate(bands.items(), 1):
                file.write(values, number)
                file.set_band_description(number, name)
        return bytes(memory.read())


def _rasterio(path: Path) -> tuple[Any, Any]:
    try:
        import rasterio
        import rasterio.warp
    except ImportError as error:
        raise Missing(f"{path}: GeoTIFF needs rasterio; install `tocsin[terrain]`, or give .hgt files") from error
    return rasterio, rasterio.warp
