"""Heights of the ground on a grid of latitude and longitude."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.model.errors import BadValue

# Meridians meet at the poles, and a line of sight there is nothing like a line on such a grid. Nobody is warned there.
LAT_MAX_DEG = 85.0
# Of a step: a place on the border itself is on the grid, whichever way its degrees were rounded.
BORDER = 1e-6


@dataclass(frozen=True)
class Elevation:
    """Posts on a grid, between which the ground is bilinear; beyond the grid it goes on as its border is.

    heights_m      float32 [R, C], metres above mean sea level; row 0 in the north, column 0 in the west
    north_deg      latitude of row 0
    west_deg       longitude of column 0, -180 to 180; a grid may go on eastwards over the date line
    step_lat_deg   degrees from one row to the next, southwards
    step_lon_deg   degrees from one column to the next, eastwards
    """

    heights_m: NDArray[np.float32]
    north_deg: float
    west_deg: float
    step_lat_deg: float
    step_lon_deg: float

    def __post_init__(self) -> None:
        if self.heights_m.ndim != 2 or min(self.heights_m.shape) < 2 or self.heights_m.dtype != np.float32:
            raise BadValue(
                f"heights {self.heights_m.dtype} {self.heights_m.shape}; give float32 [R, C] of two rows or more"
            )
        if not (0 < self.step_lat_deg <= 1 and 0 < self.step_lon_deg <= 1):
            raise BadValue(f"steps of {self.step_lat_deg} and {self.step_lon_deg} degrees; give more than 0, at most 1")
        if self.north_deg > LAT_MAX_DEG or self.south_deg < -LAT_MAX_DEG:
            raise BadValue(f"elevation from {self.south_deg} to {self.north_deg} degrees; at most {LAT_MAX_DEG:g}")
        if not -180 <= self.west_deg <= 180 or (self.heights_m.shape[1] - 1) * self.step_lon_deg > 360:
            raise BadValue(f"elevation from {self.west_deg} degrees, {self.heights_m.shape[1]} columns: not on Earth")
        # A height that is not known must be filled, and said, by whoever read it.
        if not np.isfinite(self.heights_m).all():
            raise BadValue("a height is not a number; fill what is not known")

    @property
    def south_deg(self) -> float:
        """Latitude of the last row."""
        return float(self.north_deg - (len(self.heights_m) - 1) * self.step_lat_deg)

    @property
    def middle_deg(self) -> float:
        """Longitude of the middle between the first and the last column."""
        return float(self.west_deg + (self.heights_m.shape[1] - 1) * self.step_lon_deg / 2)

    @property
    def grid(self) -> tuple[float, float, float, float, float]:
        """What kernels are told: latitude of row 0, longitude of the middle, the two steps, all in radians; and the
        column of the middle."""
        angles = np.radians([self.north_deg, self.middle_deg, self.step_lat_deg, self.step_lon_deg]).tolist()
        return angles[0], angles[1], angles[2], angles[3], (self.heights_m.shape[1] - 1) / 2

    def rows_cols(self, lat: ArrayLike, lon: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(row, column) float64 of places in degrees, in fractions of a step; same shape as the input.

        Columns are counted the short way round from the middle of the grid, so that a grid may lie over the date line.
        """
        east = (np.asarray(lon, float) - self.middle_deg + 180) % 360 - 180
        cols = east / self.step_lon_deg + (self.heights_m.shape[1] - 1) / 2
        return (self.north_deg - np.asarray(lat, float)) / self.step_lat_deg, np.asarray(cols, float)

    def holds(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.bool_]:
        """bool: whether places lie on the grid; same shape as the input."""
        (row, col), (rows, cols) = self.rows_cols(lat, lon), self.heights_m.shape
        inside = (row >= -BORDER) & (row <= rows - 1 + BORDER) & (col >= -BORDER) & (col <= cols - 1 + BORDER)
        return np.asarray(inside, bool)

    def at(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
        """Metres above sea level, float64, same shape as the input: bilinear; beyond the grid, as at its border."""
        row, col = self.rows_cols(lat, lon)
        rows, cols = self.heights_m.shape
        row, col = np.clip(row, 0, rows - 1), np.clip(col, 0, cols - 1)
        i = np.minimum(row.astype(np.int64), rows - 2)
        j = np.minimum(col.astype(np.int64), cols - 2)
        down, right = row - i, col - j
        north = self.heights_m[i, j] * (1 - right) + self.heights_m[i, j + 1] * right
        south = self.heights_m[i + 1, j] * (1 - right) + self.heights_m[i + 1, j + 1] * right
        return np.asarray(north * (1 - down) + south * down, float)
