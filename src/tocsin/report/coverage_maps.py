"""What a network sees, cell by cell, as GeoTIFF for maps of others."""

from __future__ import annotations

import numpy as np
import shapely

from tocsin.plan.geotiff import geotiff_of
from tocsin.plan.tiles import Shown, unseen
from tocsin.report.plan_coverage import Covered

# Cells along the longer side, and how far beyond the zones, in parts of that side.
CELLS = 512
BEYOND = 0.1
# What a class at a height sees of some rows of cells may take, by S sensors.
BYTES_MAX = 64_000_000
BANDS = ("sensors that see", "chance at one look of each")


def coverage_maps(found: Covered, shown: Shown = unseen) -> dict[str, bytes]:
    """`CLASS-HEIGHTm.tif` for each class and height, around the zones: by how many sensors a cell's middle is seen, and
    the chance that any notices what is there at one look of each.

    shown   is told the share that is done

    Raises Missing where rasterio is not installed.
    """
    index = found.given.index
    west, south, east, north = shapely.total_bounds(index.outlines).tolist()
    beyond = BEYOND * max(east - west, north - south)
    corners_e, corners_n = np.meshgrid((west - beyond, east + beyond), (south - beyond, north + beyond))
    lat, lon = index.frame.to_geodetic(corners_e, corners_n)
    # The short way round: a country may lie over the date line.
    lon = index.frame.lon + (lon - index.frame.lon + 180) % 360 - 180
    high, wide = float(np.ptp(lat)), float(np.ptp(lon)) * float(np.cos(np.radians(index.frame.lat)))
    rows, cols = (max(1, round(CELLS * side / max(high, wide))) for side in (high, wide))
    step = (float(np.ptp(lat)) / rows, float(np.ptp(lon)) / cols)
    middles = lat.max() - (np.arange(rows) + 0.5) * step[0], lon.min() + (np.arange(cols) + 0.5) * step[1]
    at_once = max(1, BYTES_MAX // (4 * cols * max(1, len(found.sight.sensors))))
    maps = {}
    for number, one in enumerate(found.seen):
        bands = [np.empty((rows, cols), np.float32) for _ in BANDS]
        for top in range(0, rows, at_once):
            some = slice(top, min(rows, top + at_once))
            lats, lons = np.meshgrid(middles[0][some], middles[1], indexing="ij")
            seen = found.sight.at(one.threat, one.height_m, lats.ravel(), (lons.ravel() + 180) % 360 - 180)
            for band, values in zip(bands, (seen.by, seen.together), strict=True):
                band[some] = values.reshape(lats.shape)
            shown((number + some.stop / rows) / len(found.seen))
        name = f"{one.threat}-{one.height_m:.0f}m.tif"
        maps[name] = geotiff_of(dict(zip(BANDS, bands, strict=True)), float(lat.max()), float(lon.min()), step)
    return maps
