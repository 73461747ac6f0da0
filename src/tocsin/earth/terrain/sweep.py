"""How low an eye sees over every post of a grid, by rays that walk away from it, row after row.

A quarter of the grid is swept at a time: a fan of rays leaves the eye, each with the steepest view so far, and where
two neighbours pass a post on either side, what is between them is the view to that post. Rays are geodesics, cross
rows where the sphere leads them, and end two to a post; the ground is met wherever a ray crosses a row or a column.
Rays to the border are Franklin and Ray's R2 (Higher isn't necessarily better, SDH 1994). What is taken from two
neighbours is not handed on: nothing adds up over the way, as it does with reference planes (Wang, Robinson and White,
PE&RS 66:1, 2000) or XDraw.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.geodesic import to_frame, wrapped
from tocsin.earth.terrain.line import CLOSE_M, STRAIGHT_DOWN, Grid, Point, height_at
from tocsin.earth.terrain.released import released

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]
# Where along a row it is asked where rays cross it, in rows from the eye: Chebyshev's, for the fourth degree.
NODES = 5
ACROSS = 1.02 * np.cos(np.pi * (2 * np.arange(NODES) + 1) / (2 * NODES))
# Fan = a quarter, the first ray and the one past the last, the first's tangent in all and what is between two.
Fan = tuple[int, int, int, float, float]
# Own = a quarter, the eye's place along and across it and its height, how far it reaches, and 1 / (2 k R).
Own = tuple[int, float, float, float, float, float]
# Part = the first ray of a row and the one past the last, the first of all that are kept, its tangent, as in a fan.
Part = tuple[int, int, int, float, float]
STEEP, COLUMN, METRES = range(3)
# A row so near to the eye is the eye's own, and swept by the quarters beside.
OWN_ROW = 1e-6
# Posts beyond the border that rays are followed for: a border post has a neighbour on either side too.
BEYOND = 2.0
# Which way a quarter lies: its first axis leads away from the eye.
NORTH, EAST, SOUTH, WEST = range(4)


@released
def _through(nodes: Floats, values: Floats) -> None:
    """Newton's divided differences in place of values [NODES] at nodes."""
    for order in range(1, NODES):
        for k in range(NODES - 1, order - 1, -1):
            values[k] = (values[k] - values[k - 1]) / (nodes[k] - nodes[k - order])


@released
def _polynomial(nodes: Floats, values: Floats, out: Floats) -> None:
    """Coefficients, the constant first, into out [NODES]; values are lost."""
    _through(nodes, values)
    out[:] = 0.0
    out[0] = values[NODES - 1]
    for k in range(NODES - 2, -1, -1):
        for power in range(NODES - 1, 0, -1):
            out[power] = out[power - 1] - nodes[k] * out[power]
        out[0] = values[k] - nodes[k] * out[0]


@released
def _tangent(grid: Grid, eye: Point, quarter: int, along: float, across: float) -> tuple[float, float]:
    """(tangent, metres) of the ray that leads to a fractional place: a row per row where the Earth is flat.

    along, across   its row and column; in the east and west its column and row
    """
    north, middle, step_lat, step_lon, middle_col = grid
    upright = quarter in (NORTH, SOUTH)
    row, col = (along, across) if upright else (across, along)
    lon = middle + (col - middle_col) * step_lon
    east_m, north_m, _ = to_frame(eye[0], eye[1], north - row * step_lat, lon)
    wide = step_lon * math.cos(eye[0]) / step_lat
    tangent = abs(1.0 / north_m) * east_m / wide if upright else -abs(1.0 / east_m) * north_m * wide
    return tangent, math.hypot(east_m, north_m)


@released
def stands(grid: Grid, eye: Point, quarter: int) -> tuple[float, float]:
    """The eye's fractional place along and across a quarter."""
    north, middle, step_lat, step_lon, middle_col = grid
    row, col = (north - eye[0]) / step_lat, wrapped(eye[1] - middle) / step_lon + middle_col
    return (row, col) if quarter in (NORTH, SOUTH) else (col, row)


@released
def _crossed(grid: Grid, eye: Point, quarter: int, row: int, out: Floats) -> None:
    """Where rays cross a row, into out [2, NODES]: polynomials of their tangents.

    They give how far across from the eye that is, in rows away from it, and the distance squared, in square metres.
    """
    along, across = stands(grid, eye, quarter)
    away = abs(row - along)
    tangents, sides, squares = np.empty(NODES), np.empty(NODES), np.empty(NODES)
    for k in range(NODES):
        tangents[k], distance = _tangent(grid, eye, quarter, row, across + away * ACROSS[k])
        sides[k], squares[k] = ACROSS[k], distance * distance
    _polynomial(tangents, sides, out[0])
    _polynomial(tangents, squares, out[1])


@released
def spread(grid: Grid, eye: Point, quarter: int, far: float) -> float:
    """The largest tangent of a ray that is a row across for each row away, up to `far` rows."""
    along, across = stands(grid, eye, quarter)
    sign = -1.0 if quarter in (NORTH, WEST) else 1.0
    most = 1.0
    for side in (-1.0, 1.0):
        most = max(most, abs(_tangent(grid, eye, quarter, along + sign * far, across + side * far)[0]))
    return most


@released
def sweep(heights: Heights, lowest: Heights, grid: Grid, eye: Point, fan: Fan, reach_m: float, curve: float) -> None:
    """Fill what some rays of a quarter pass of `lowest`: metres above the ground of each post.

    heights, lowest   [A, B], the whole grid; in the east and west with its axes changed over
    """
    quarter, first, last, left, apart = fan
    rows, cols = heights.shape
    along, across = stands(grid, eye, quarter)
    step = -1 if quarter in (NORTH, WEST) else 1
    row = math.floor(along) if step < 0 else math.ceil(along)
    if abs(row - along) < OWN_ROW:
        row += step
    rays = np.empty((3, last - first))
    rays[STEEP], rays[COLUMN], rays[METRES] = STRAIGHT_DOWN, across, 0.0
    crossed = np.empty((2, NODES))
    before = -1
    while 0 <= row < rows:
        away = abs(row - along)
        _crossed(grid, eye, quarter, row, crossed)
        beyond = reach_m * reach_m - crossed[1, 0]
        if beyond < -0.01 * reach_m * reach_m:
            break
        # Tangents at the grid's borders and at the reach, and a little beyond.
        least = left * (across + BEYOND) / away
        most = -left * (cols - 1 - across + BEYOND) / away
        wide = 1.05 * math.sqrt(max(beyond, 0.0) / crossed[1, 2]) + BEYOND / away
        begin = max(first, math.floor((max(least, -wide) - left) / apart))
        end = min(last, math.ceil((min(most, wide) - left) / apart))
        own = (quarter, along, across, eye[2], reach_m, curve)
        _row(heights, lowest, own, (row, before), (begin, end, first, left, apart), crossed, rays)
        before = row
        row += step


@released
def _row(
    heights: Heights, lowest: Heights, own: Own, at: tuple[int, int], fan: Part, crossed: Floats, rays: Floats
) -> None:
    """Lead rays over one row: the posts between them first, then the ground beneath them.

    at     the row, and the one before it; -1: before it was the eye
    rays   [3, N] the steepest view so far, the column and the distance where each crossed the row before; renewed
    """
    quarter, along, across, eye_m, reach_m, curve = own
    row, before = at
    begin, end, first, left, apart = fan
    away, cols = abs(row - along), heights.shape[1]
    # Posts on the diagonal are the north's and the south's.
    strict = quarter in (EAST, WEST)
    was_steep, was_column, was_metres, was_post = 0.0, 0.0, 0.0, cols
    for ray in range(begin, end):
        tangent = left + ray * apart
        side, square = crossed[0, NODES - 1], crossed[1, NODES - 1]
        for power in range(NODES - 2, -1, -1):
            side, square = side * tangent + crossed[0, power], square * tangent + crossed[1, power]
        column, metres = across + away * side, math.sqrt(square)
        post = math.floor(column)
        n = ray - first
        steep, last_column = rays[STEEP, n], rays[COLUMN, n]
        if math.floor(last_column) != post:
            line = max(math.floor(last_column), post)
            if 0 <= line < cols:
                part = (line - last_column) / (column - last_column)
                if before < 0:
                    ground = height_at(heights, along + part * (row - along), float(line))
                else:
                    ground = heights[before, line] + part * (heights[row, line] - heights[before, line])
                there = rays[METRES, n] + part * (metres - rays[METRES, n])
                if there > CLOSE_M:
                    steep = max(steep, (ground - eye_m) / there - there * curve)
        for passed in range(max(was_post + 1, 0), min(post, cols - 1) + 1):
            out = abs(passed - across)
            if out < away or (out == away and not strict):
                part = (passed - was_column) / (column - was_column)
                there = was_metres + part * (metres - was_metres)
                if there <= reach_m:
                    needed = eye_m + (was_steep + part * (steep - was_steep)) * there + there * there * curve
                    lowest[row, passed] = max(needed - heights[row, passed], 0.0)
        was_steep, was_column, was_metres, was_post = steep, column, metres, post
        left_post = min(max(post, 0), cols - 2)
        part = min(max(column - left_post, 0.0), 1.0)
        ground = heights[row, left_post] + part * (heights[row, left_post + 1] - heights[row, left_post])
        if metres > CLOSE_M:
            steep = max(steep, (ground - eye_m) / metres - metres * curve)
        rays[STEEP, n], rays[COLUMN, n], rays[METRES, n] = steep, column, metres
