"""One line of sight after the other, held against the ground wherever it crosses the grid."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.geodesic import from_frame, to_frame, wrapped
from tocsin.kernels import released

Floats = NDArray[np.float64]
# Latitude of row 0 and longitude of the middle column, the steps between rows and columns, all in radians; that column.
Grid = tuple[float, float, float, float, float]
# Latitude and longitude in radians, metres above mean sea level.
Point = tuple[float, float, float]
# Where nothing has stood in the way yet: steeper downwards than anything on Earth.
STRAIGHT_DOWN = -1e9
# A geodesic of 500 km leaves a polynomial of the fourth degree through five of its points by less than a millimetre.
NODES = 5
# Steps for each cell that a path goes over: so short that it crosses a row and a column at most once in each.
STEPS_A_CELL = 2
# What an eye or a target stands on does not stand in its way.
CLOSE_M = 0.01


@released
def _through(values: Floats, coefficients: Floats) -> None:
    """Newton's divided differences in place of values at 0, 1/4, .. 1 into coefficients [NODES]."""
    for k in range(NODES):
        coefficients[k] = values[k]
    for order in range(1, NODES):
        for k in range(NODES - 1, order - 1, -1):
            coefficients[k] = (coefficients[k] - coefficients[k - 1]) * (NODES - 1) / order


@released
def _value(coefficients: Floats, share: float) -> float:
    """The polynomial's value at a share of the way."""
    found = coefficients[NODES - 1]
    for k in range(NODES - 2, -1, -1):
        found = found * (share - k / (NODES - 1)) + coefficients[k]
    return float(found)


@released
def height_at(heights: NDArray[np.float32], row: float, col: float) -> float:
    """The ground at a fractional place of the grid; beyond it, as at its border."""
    rows, cols = heights.shape
    row, col = min(max(row, 0.0), rows - 1.0), min(max(col, 0.0), cols - 1.0)
    i, j = min(int(row), rows - 2), min(int(col), cols - 2)
    down, right = row - i, col - j
    north = heights[i, j] * (1.0 - right) + heights[i, j + 1] * right
    south = heights[i + 1, j] * (1.0 - right) + heights[i + 1, j + 1] * right
    return float(north * (1.0 - down) + south * down)


@released
def steepest(heights: NDArray[np.float32], grid: Grid, eye: Point, target: Point, curve: float) -> tuple[float, float]:
    """(slope, metres): the steepest view from an eye to what lies between it and a target, and how far that one is.

    eye, target   latitude and longitude in radians, and metres above mean sea level (the target's is not looked at)
    curve         1 / (2 k R): seen from the eye, the ground sinks by curve * distance**2
    """
    north, middle, step_lat, step_lon, middle_col = grid
    lat, lon, height = eye
    east_m, north_m, _ = to_frame(lat, lon, target[0], target[1])
    distance = math.hypot(east_m, north_m)
    at_row, at_col = np.empty(NODES), np.empty(NODES)
    for k in range(NODES):
        share = k / (NODES - 1)
        there = from_frame(lat, lon, share * east_m, share * north_m) if k else (lat, lon)
        at_row[k] = (north - there[0]) / step_lat
        at_col[k] = wrapped(there[1] - middle) / step_lon + middle_col
    rows, cols = np.empty(NODES), np.empty(NODES)
    _through(at_row, rows)
    _through(at_col, cols)
    longest = max(abs(at_row[NODES - 1] - at_row[0]), abs(at_col[NODES - 1] - at_col[0]))
    steps = 2 + int(STEPS_A_CELL * longest)
    slope = STRAIGHT_DOWN
    row, col = at_row[0], at_col[0]
    for step in range(1, steps + 1):
        next_row, next_col = _value(rows, step / steps), _value(cols, step / steps)
        for axis in range(2):
            start, end = (row, next_row) if axis == 0 else (col, next_col)
            line = math.floor(max(start, end))
            if line <= min(start, end):
                continue
            part = (line - start) / (end - start)
            away = (step - 1 + part) / steps * distance
            if CLOSE_M < away < distance - CLOSE_M:
                ground = height_at(heights, row + part * (next_row - row), col + part * (next_col - col))
                slope = max(slope, (ground - height) / away - away * curve)
        row, col = next_row, next_col
    return slope, distance


@released
def seen(
    heights: NDArray[np.float32], grid: Grid, eye: Point, targets: Floats, curve: float, found: NDArray[np.bool_]
) -> None:
    """Into found [N]: whether each of targets [N, 3] and the eye see each other.

    A line is walked from its southern end, whichever of the two is the eye's: who sees is seen, to the last digit.
    """
    for n in range(len(targets)):
        target = (targets[n, 0], targets[n, 1], targets[n, 2])
        first, last = (eye, target) if eye < target else (target, eye)
        slope, distance = steepest(heights, grid, first, last, curve)
        over = first[2] + slope * distance + distance * distance * curve
        # Straight above and below each other nothing was crossed.
        found[n] = slope == STRAIGHT_DOWN or over <= last[2]


@released
def lowest(heights: NDArray[np.float32], grid: Grid, eye: Point, places: Floats, curve: float, found: Floats) -> None:
    """Into found [N]: metres above mean sea level from which on the eye sees what is over each of places [N, 2]."""
    for n in range(len(places)):
        slope, distance = steepest(heights, grid, eye, (places[n, 0], places[n, 1], 0.0), curve)
        found[n] = eye[2] + slope * distance + distance * distance * curve
