"""Files of elevation: SRTM's `.hgt`, and GeoTIFF where rasterio is installed. A file is looked at before it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadFile

# SRTM writes this where radar saw nothing (USGS, SRTM topography, 2015).
VOID_M = -32_768
# Posts on a side of a tile of one degree, by how many octets its file has: 3 and 1 seconds of arc.
SIDES = {2 * side * side: side for side in (1_201, 3_601)}
NAME = re.compile(r"(?P<north>[NS])(?P<lat>\d\d)(?P<east>[EW])(?P<lon>\d\d\d)", re.ASCII)
# Of a step: posts so near to those of the file are those of the file.
ALIGNED = 1e-4
# Is told the share of a file that is read, from 0 to 1.
Shown = Callable[[float], None]
# From the shore of the Dead Sea to the top of Mount Everest, and an error of 200 m beyond either.
LOWEST_M, HIGHEST_M = -650.0, 9_050.0


@dataclass(frozen=True)
class Tile:
    """One file, not read yet: where its posts lie, and how to read them.

    step_lat_deg, step_lon_deg   between posts
    read                         float32 [rows, cols] from the north-western post on; not a number where nobody knows;
                                 tells how far it is
    """

    path: Path
    north_deg: float
    west_deg: float
    step_lat_deg: float
    step_lon_deg: float
    rows: int
    cols: int
    read: Callable[[Shown], NDArray[np.float32]]

    @property
    def south_deg(self) -> float:
        """Latitude of the last row."""
        return self.north_deg - (self.rows - 1) * self.step_lat_deg

    @property
    def east_deg(self) -> float:
        """Longitude of the last column; beyond 180 where it lies over the date line."""
        return self.west_deg + (self.cols - 1) * self.step_lon_deg


def hgt_tile(path: Path) -> Tile:
    """The tile that a `.hgt` file is: its name says where its south-western corner lies, its size how dense it is.

    Raises BadFile.
    """
    named = NAME.fullmatch(path.stem.upper())
    if named is None:
        raise BadFile(f"{path}: an .hgt file is named after its south-western corner, as N42E001.hgt; rename it")
    octets = _size(path)
    side = SIDES.get(octets)
    if side is None:
        sizes = " or ".join(f"{size:,}" for size in SIDES)
        raise BadFile(f"{path}: {octets:,} octets; a tile of 1,201 or 3,601 posts a side has {sizes}: fetch it again")
    lat = int(named["lat"]) * (1 if named["north"] == "N" else -1)
    lon = int(named["lon"]) * (1 if named["east"] == "E" else -1)
    step = 1 / (side - 1)

    def read(_shown: Shown) -> NDArray[np.float32]:
        found = np.fromfile(path, ">i2")
        if len(found) != side * side:
            raise BadFile(f"{path} changed while it was read; read it again")
        heights = found.reshape(side, side).astype(np.float32)
        heights[heights == VOID_M] = np.nan
        return known(path, heights)

    return Tile(path, lat + 1.0, float(lon), step, step, side, side, read)


def known(path: Path, heights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The heights, where all that are known can be heights on Earth. Raises BadFile."""
    strange = heights[(heights < LOWEST_M) | (heights > HIGHEST_M)]
    if len(strange):
        raise BadFile(f"{path}: a height of {strange[0]:g} m; from {LOWEST_M:g} to {HIGHEST_M:g}: are these metres?")
    return heights


def filled(heights: NDArray[np.float32]) -> int:
    """Fill heights that nobody knows with the nearest that is known, in place; how many those were.

    Where none is known, all lie at sea level.
    """
    unknown = np.isnan(heights)
    count = int(unknown.sum())
    if count == heights.size:
        heights[:] = 0.0
    elif count:
        from scipy.ndimage import distance_transform_edt

        rows, cols = distance_transform_edt(unknown, return_distances=False, return_indices=True)
        heights[unknown] = heights[rows[unknown], cols[unknown]]
    return count


def unseen(_share: float) -> None:
    """Nobody is shown how far a file is read."""


def posts_at(
    tile: Tile, lat: NDArray[np.float64], lon: NDArray[np.float64], shown: Shown = unseen
) -> NDArray[np.float32]:
    """float32 [R, C]: a tile at latitudes [R] and longitudes [C] within it, a step apart each; bilinear, or as in the
    file where they are its own posts, or every nth. Not a number where a neighbour is not."""
    heights = tile.read(shown)
    rows = np.clip((tile.north_deg - lat) / tile.step_lat_deg, 0, tile.rows - 1)
    cols = np.clip((lon - tile.west_deg) / tile.step_lon_deg, 0, tile.cols - 1)
    if np.abs(rows - np.round(rows)).max() < ALIGNED and np.abs(cols - np.round(cols)).max() < ALIGNED:
        return heights[_slice(rows), _slice(cols)].copy()
    i, j = np.minimum(rows.astype(int), tile.rows - 2), np.minimum(cols.astype(int), tile.cols - 2)
    down, right = (rows - i).astype(np.float32)[:, None], (cols - j).astype(np.float32)
    north = heights[np.ix_(i, j)] * (1 - right) + heights[np.ix_(i, j + 1)] * right
    south = heights[np.ix_(i + 1, j)] * (1 - right) + heights[np.ix_(i + 1, j + 1)] * right
    return np.asarray(north * (1 - down) + south * down, np.float32)


def _slice(places: NDArray[np.float64]) -> slice:
    first, last = round(float(places[0])), round(float(places[-1]))
    return slice(first, last + 1, max(1, (last - first) // max(1, len(places) - 1)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}; give the path of a file of elevation") from error
