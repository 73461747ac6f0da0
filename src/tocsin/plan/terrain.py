"""The land around a sensor, from as many files as it takes; and none at all, which is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tocsin.earth.elevation import LAT_MAX_DEG, Elevation
from tocsin.earth.physics import DEGREE_M
from tocsin.earth.terrain.around import BYTES_A_POST
from tocsin.model.errors import BadFile, BadSettings
from tocsin.plan.geotiff import geotiff_tile
from tocsin.plan.tiles import ALIGNED, Shown, Tile, filled, hgt_tile, posts_at, unseen

# Where nothing says how dense the land is to be: SRTM's three seconds of arc.
USUAL_STEP_DEG = 1 / 1_200
# What one look around may take; and beside it the file that is being read, at most 1.6 GB of GeoTIFF, 0.1 GB of .hgt.
MEMORY_MAX = 2_300_000_000
# In a sentence.
NAMED_MAX = 5
FILES_MAX = 5_000
ENDINGS = {".hgt": hgt_tile, ".tif": geotiff_tile, ".tiff": geotiff_tile}


@dataclass(frozen=True)
class Land:
    """The land around a place, and what is not known of it.

    unknown   share of posts, 0 to 1, that no file covers: they lie at sea level
    voids     posts whose height no radar saw: they are as high as the nearest that is known
    coarser   how many of the files' posts make one here, so that memory suffices
    far       sensors that stand too far away for land to be read as far as there
    """

    elevation: Elevation
    unknown: float
    voids: int
    coarser: int = 1
    far: tuple[str, ...] = ()

    def said(self) -> list[str]:
        """What a reader must know of it, a sentence each; nothing where it is as in the files."""
        found = []
        if self.unknown == 1:
            found.append("there is no elevation here: the Earth is taken to be smooth, at sea level")
        elif self.unknown:
            found.append(f"{self.unknown:.1%} of this land is in no file: it is taken to lie at sea level")
        if self.voids:
            found.append(f"{self.voids:,} heights were never measured: they are taken from the nearest that was")
        if self.coarser > 1:
            found.append(f"every {self.coarser}th row and column is used, for more would not go into memory")
        if self.far:
            several = f"{len(self.far)} sensors stand" if len(self.far) > 1 else "a sensor stands"
            others = f" and {len(self.far) - NAMED_MAX:,} others" if len(self.far) > NAMED_MAX else ""
            found.append(
                f"{several} too far from these zones for the land between to be read "
                f"({', '.join(self.far[:NAMED_MAX])}{others}): over a smooth Earth there"
            )
        return found


class Terrain:
    """Files of elevation, each read when land that it covers is asked for; none: a smooth Earth.

    Where two cover a place, the denser one counts; of two alike, the one that is named later.
    """

    def __init__(self, tiles: Sequence[Tile] = ()) -> None:
        self.tiles = sorted(tiles, key=lambda tile: -tile.step_lat_deg)

    def around(
        self, lat: float, lon: float, reach_m: float, memory_max: int = MEMORY_MAX, shown: Shown = unseen
    ) -> Land:
        """The land within a reach of a place. Raises BadFile, BadSettings and BadValue.

        shown   is told the share of its files that is read
        """
        tiles = self._near(lat, lon, reach_m)
        (rows, cols), coarser = self._size(tiles, lat, reach_m, memory_max)
        # Posts are every so many of the densest file's own, and go on beyond it.
        step = _step_deg(tiles) * coarser
        north, west = (tiles[-1].north_deg, tiles[-1].west_deg) if tiles else (0.0, 0.0)
        row = math.floor((north - lat - reach_m / DEGREE_M) / step)
        col = math.floor(((lon - west + 180) % 360 - 180) / step - (cols - 1) / 2)
        lats = np.asarray(north - (row + np.arange(rows)) * step, np.float64)
        lons = np.asarray(west + (col + np.arange(cols)) * step, np.float64)
        heights = np.zeros((rows, cols), np.float32)
        covered = np.zeros((rows, cols), bool)
        voids = 0
        for number, tile in enumerate(tiles):
            shown(number / len(tiles))
            rounding = ALIGNED * tile.step_lat_deg
            down = np.flatnonzero((lats <= tile.north_deg + rounding) & (lats >= tile.south_deg - rounding))
            # The short way round: land may lie over the date line.
            turned = tile.west_deg + (lons - tile.west_deg + rounding) % 360 - rounding
            right = np.flatnonzero(turned <= tile.east_deg + rounding)
            # Land over the seam of a map of the world lies at both of its ends.
            for run in np.split(right, np.flatnonzero((np.diff(right) > 1) | (np.diff(turned[right]) < 0)) + 1):
                if not (len(down) and len(run)):
                    continue
                here = slice(down[0], down[-1] + 1), slice(run[0], run[-1] + 1)
                there = posts_at(tile, lats[here[0]], turned[here[1]], partial(_part, shown, number, len(tiles)))
                if np.isnan(there).all():
                    # A file of nothing is no file: there is no nearest height to take.
                    continue
                # What this file does not know another may.
                other = np.isnan(there) & covered[here]
                there[other] = heights[here][other]
                voids += filled(there)
                heights[here], covered[here] = there, True
        lon_of = (lons[0] + 180) % 360 - 180
        elevation = Elevation(heights, float(lats[0]), float(lon_of), step, step)
        return Land(elevation, 1.0 - float(covered.mean()), voids, coarser)

    def holds(self, lat: float, lon: float) -> bool:
        """Whether any file covers a place."""
        return bool(self._near(lat, lon, 1.0))

    def memory(self, lat: float, lon: float, reach_m: float, memory_max: int = MEMORY_MAX) -> int:
        """Octets that looking around within a reach of a place takes at most, beside the file being read."""
        (rows, cols), _ = self._size(self._near(lat, lon, reach_m), lat, reach_m, memory_max)
        return rows * cols * (BYTES_A_POST + 1)

    def _near(self, lat: float, lon: float, reach_m: float) -> list[Tile]:
        """The files with land within a reach, or little beyond, the densest last."""
        high, wide = _degrees(lat, reach_m)
        found = []
        for tile in self.tiles:
            # East of the western border, as far as it takes: a map of the world is more than half of the way round.
            beside = (lon - tile.west_deg + wide) % 360 - wide
            if beside <= tile.east_deg - tile.west_deg + wide and tile.south_deg - high <= lat <= tile.north_deg + high:
                found.append(tile)
        return found

    def _size(self, tiles: Sequence[Tile], lat: float, reach_m: float, memory_max: int) -> tuple[tuple[int, int], int]:
        """((rows, columns), every how many posts are used) of the land within a reach."""
        high, wide = _degrees(lat, reach_m)
        step = _step_deg(tiles)
        posts = 4 * high * wide / step**2
        coarser = max(1, math.ceil(math.sqrt(posts * (BYTES_A_POST + 1) / memory_max)))
        return (math.ceil(2 * high / step / coarser) + 2, math.ceil(2 * wide / step / coarser) + 2), coarser


def _degrees(lat: float, reach_m: float) -> tuple[float, float]:
    """How many degrees of latitude and of longitude a reach is at most. Raises BadSettings beyond LAT_MAX_DEG."""
    high = reach_m / DEGREE_M
    if not 0 < abs(lat) + high <= LAT_MAX_DEG:
        raise BadSettings(f"land {reach_m / 1000:.0f} km around latitude {lat:.2f}; at most {LAT_MAX_DEG:g} degrees")
    return high, high / math.cos(math.radians(abs(lat) + high))


def _part(shown: Shown, number: int, count: int, share: float) -> None:
    shown((number + share) / count)


def _step_deg(tiles: Sequence[Tile]) -> float:
    return tiles[-1].step_lat_deg if tiles else USUAL_STEP_DEG


def read_terrain(paths: Sequence[Path]) -> Terrain:
    """The files given, and those in folders given: `.hgt`, `.tif`, `.tiff`; others in a folder are passed over.

    Only their heads are read. Raises BadFile and Missing.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS)
        elif path.suffix.lower() in ENDINGS:
            found.append(path)
        else:
            raise BadFile(f"{path} is no elevation that is known; give {', '.join(ENDINGS)}, or a folder of them")
    if len(found) > FILES_MAX:
        raise BadFile(f"{len(found):,} files of elevation; at most {FILES_MAX:,}: give those of your country")
    if paths and not found:
        raise BadFile(f"{paths[0]}: no file of elevation there ({', '.join(ENDINGS)}); `tocsin plan fetch` gets some")
    return Terrain([ENDINGS[path.suffix.lower()](path) for path in found])
