"""Elevation in GeoTIFF, brought onto latitude and longitude. Needs the extra `terrain` (rasterio)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadFile, Missing
from tocsin.plan.tiles import Tile, known

# A country's width at 30 m is half of this: 400 million heights, 1.6 GB. Beyond, a map is cut into several files.
POSTS_MAX = 400_000_000
GEOGRAPHIC = "EPSG:4326"


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
            transform, cols, rows = warp.calculate_default_transform(
                source.crs, GEOGRAPHIC, source.width, source.height, *source.bounds
            )
    except rasterio.errors.RasterioError as error:
        raise BadFile(f"{path} is no GeoTIFF that can be read: {error}") from error
    if rows * cols > POSTS_MAX or min(rows, cols) < 2:
        raise BadFile(f"{path}: {rows} x {cols} heights; two rows or more, at most {POSTS_MAX:,}: cut it into pieces")

    def read() -> NDArray[np.float32]:
        found = np.full((rows, cols), np.nan, np.float32)
        try:
            with rasterio.open(path) as source:
                warp.reproject(
                    rasterio.band(source, 1), found, dst_transform=transform, dst_crs=GEOGRAPHIC, dst_nodata=math.nan,
                    resampling=warp.Resampling.bilinear, init_dest_nodata=True,
                )  # fmt: skip
        except rasterio.errors.RasterioError as error:
            raise BadFile(f"{path} is damaged: {error}; fetch it again") from error
        return known(path, found)

    # A pixel's height is its middle's.
    north, west = transform.f + transform.e / 2, transform.c + transform.a / 2
    return Tile(path, north, west, -transform.e, transform.a, rows, cols, read)


def _rasterio(path: Path) -> tuple[Any, Any]:
    try:
        import rasterio
        import rasterio.warp
    except ImportError as error:
        raise Missing(f"{path}: GeoTIFF needs rasterio; install `tocsin[terrain]`, or give .hgt files") from error
    return rasterio, rasterio.warp
