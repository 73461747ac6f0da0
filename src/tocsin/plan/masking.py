"""What the land hides from a radar, cell by cell of its coverage, from the heights at which it sees each post."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.frames import LocalFrame
from tocsin.earth.physics import DEGREE_M
from tocsin.model.masking import CLEAR, LEAST, LOW_M, NEVER, PARTS, RAYS, RINGS, STEP_M, SURE, Masking, text_of
from tocsin.model.sensor import Sensor

Floats = NDArray[np.float64]

# Posts are first taken together in blocks about this large, or of a 360th of the reach: asking for the direction of
# each of a hundred million would take minutes.
BLOCK_M, BLOCKS = 400.0, 360.0
# A cell is judged by what lies so far around it, too: radars measure no better, the sector's flat frame turns
# directions by hundreds of metres at its edge, and between posts the ground is not known.
AROUND_M = 500.0
# Cells are made from finer ones: so many of them each way.
FINER = 4
# Rows of blocks that are reduced at once: sums of heights need room beside the heights.
ROWS_AT_ONCE = 16


def masking_of(ground: Elevation, lowest_m: NDArray[np.float32], radar: Sensor, reach_m: float) -> Masking:
    """What a radar sees over the land, from the least height over the ground at which it sees each post.

    ground     of which `lowest_m` [R, C] was made, as `plan.viewshed.viewshed_m` gives it

    Whatever is not known, beyond the reach or the land given, is neither surely seen nor surely hidden.
    """
    sides = _sides(ground, reach_m)
    rows, cols = (
        np.minimum(np.arange(0, size, side) + (side - 1) / 2, size - 1)
        for size, side in zip(ground.heights_m.shape, sides, strict=True)
    )
    lat, lon = np.meshgrid(
        ground.north_deg - rows * ground.step_lat_deg, ground.west_deg + cols * ground.step_lon_deg, indexing="ij"
    )
    east, north = LocalFrame(radar.lat, radar.lon).to_local(lat, (lon + 180) % 360 - 180)
    half_m = math.hypot(sides[0] * ground.step_lat_deg, sides[1] * ground.step_lon_deg) * DEGREE_M / 2
    fine = _by_direction(_blocks(ground, lowest_m, sides), east, north, reach_m, half_m + AROUND_M)
    highest, deepest, over = fine.reshape(PARTS, RAYS, FINER, RINGS, FINER).max(axis=(2, 4))
    known = highest > -np.inf
    cells = np.zeros((RAYS, RINGS, PARTS), np.uint8)
    cells[..., SURE] = np.where(known, np.clip(np.ceil(highest / STEP_M), 0, NEVER), NEVER)
    cells[..., LEAST] = np.where(known, np.clip(np.floor(-deepest / STEP_M), 0, NEVER - 1), 0)
    cells[..., CLEAR] = known & (over <= LOW_M)
    return Masking(reach_m=reach_m, cells=text_of(cells))


def _sides(ground: Elevation, reach_m: float) -> tuple[int, int]:
    """How many rows and columns of posts make a block."""
    block_deg = max(BLOCK_M, reach_m / BLOCKS) / DEGREE_M
    middle_deg = (ground.north_deg + ground.south_deg) / 2
    across_deg = block_deg / max(math.cos(math.radians(middle_deg)), 0.05)
    return max(1, int(block_deg / ground.step_lat_deg)), max(1, int(across_deg / ground.step_lon_deg))


def _blocks(ground: Elevation, lowest_m: NDArray[np.float32], sides: tuple[int, int]) -> NDArray[np.float32]:
    """float32 [PARTS, R, C] of each block: the greatest height above the sea from which on a post is seen, the least
    one taken negative, and the greatest height above the ground."""
    (rows, cols), (down, right) = lowest_m.shape, sides
    first = np.arange(0, cols, right)
    found = np.empty((PARTS, -(-rows // down), len(first)), np.float32)
    for begin in range(0, found.shape[1], ROWS_AT_ONCE):
        part = slice(begin * down, (begin + ROWS_AT_ONCE) * down)
        over = lowest_m[part]
        height = over + ground.heights_m[part]
        starts = np.arange(0, len(over), down)
        for number, heights in ((SURE, height), (LEAST, -height), (CLEAR, over)):
            reduced = np.maximum.reduceat(np.maximum.reduceat(heights, starts, axis=0), first, axis=1)
            found[number, begin : begin + len(starts)] = reduced
    return found


def _by_direction(
    blocks: NDArray[np.float32], east_m: Floats, north_m: Floats, reach_m: float, around_m: float
) -> NDArray[np.float32]:
    """float32 [PARTS, FINER * RAYS, FINER * RINGS]: the most of all blocks whose middles lie within `around_m` of a
    cell's any point; minus infinity where there are none."""
    rays, rings = FINER * RAYS, FINER * RINGS
    width_m, width_rad = reach_m / rings, 2 * math.pi / rays
    far_m = np.hypot(east_m, north_m).ravel()
    ray = (np.arctan2(east_m, north_m).ravel() % (2 * math.pi) / width_rad).astype(np.int64) % rays
    more = math.ceil(around_m / width_m)
    # What lies just beyond the reach reaches into the last rings.
    ring = (far_m / width_m).astype(np.int64)
    within = ring < rings + more
    fine = np.full((PARTS, rays, rings + more), -np.inf, np.float32)
    for number in range(PARTS):
        np.maximum.at(fine[number], (ray[within], ring[within]), blocks[number].ravel()[within])
    for r in range(rings + more):
        beside = math.ceil(math.asin(min(1.0, around_m / max(r * width_m, around_m))) / width_rad)
        fine[:, :, r] = _widened(fine[:, :, r], min(beside, rays // 2), 1)
    return _widened(fine, more, 2, closed=False)[:, :, :rings]


def _widened(cells: NDArray[np.float32], by: int, axis: int, *, closed: bool = True) -> NDArray[np.float32]:
    """The most of all cells up to `by` to either side; where `closed` the first follows the last."""
    pad = [(by, by) if number == axis else (0, 0) for number in range(cells.ndim)]
    wide = np.pad(cells, pad, mode="wrap") if closed else np.pad(cells, pad, constant_values=-np.inf)
    most, covers = np.moveaxis(wide, axis, -1), 1
    # Each step the most of two stretches beside or over each other: a wide look costs little more than a narrow one.
    while covers < 2 * by + 1:
        step = min(covers, 2 * by + 1 - covers)
        most, covers = np.maximum(most[..., :-step], most[..., step:]), covers + step
    return np.moveaxis(most, -1, axis)
