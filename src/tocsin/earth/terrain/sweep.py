"""How low an eye sees over every post of a grid, by rays that walk away from it, row after row.

A quarter of the grid is swept at a time: a fan of rays leaves the eye, each with the steepest view so far, and where
two neighbours pass a post on either side, what is between them is the view to that post. Rays are geodesics, cross
rows where the sphere leads them, and end one to a post; the ground is met wherever a ray crosses a row or a column.
Rays to the border are Franklin and Ray's R2 (Higher isn't necessarily better, SDH 1994). What is taken from two
neighbours is not handed on: nothing adds up over the way, as it does with reference planes (Wang, Robinson and White,
PE&RS 66:1, 2000) or XDraw.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.geodesic import to_frame, wrapped
from tocsin.earth.terrain.line import CLOSE_M, STRAIGHT_DOWN, Grid, Point
from tocsin.kernels import released

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]
# Where along a row it is asked where rays cross it, in rows from the eye: Chebyshev's, for the fourth degree.
NODES = 5
ACROSS = 1.02 * np.cos(np.pi * (2 * np.arange(NODES) + 1) / (2 * NODES))
# Fan = a quarter, the first ray and the one past the last, the first's tangent in all and what is between two.
Fan = tuple[int, int, int, float, float]
# The eye's height, 1 / (2 k R), and how far it reaches.
View = tuple[np.float32, np.float32, np.float32]
# The eye's column, how many rows away a row is, and how far between two rows the eye stands.
Place = tuple[np.float32, np.float32, np.float32]
# The first of them and the one past the last.
Part = tuple[int, int]
# What is known of each ray: its tangent; the steepest view so far, with and without the ground of the row itself; where
# it crossed a row and crosses the next; and between the two a column, how far from row to row, and the heights.
(TANGENTS, STEEP, PASSED, COLUMN, METRES, NEXT_COLUMN, NEXT_METRES, LINE, WAY, AWAY, LINE_GROUND, GROUND) = range(12)
RAY_FIELDS = 12
# Of each post of a row: its column, the ray that leads there, the steepest view on the way, and the distance.
POSTS, RAY, VIEW, THERE = range(4)
POST_FIELDS = 4
SIDE, SQUARE, TANGENT, POST_SQUARE = range(4)
# Rows whose crossings are asked for; what lies between two is between them too, to the last digit that counts here.
ROWS_ASKED = 16
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
def _crossed(grid: Grid, eye: Point, quarter: int, row: float, out: Floats) -> None:
    """Rays and a row, into out [4, NODES], polynomials: of a ray's tangent, and of the side, where the two meet.

    Side is how far across from the eye, in rows away from it. SIDE and SQUARE are of the tangent; TANGENT and
    POST_SQUARE, what a post asks, of the side. Squares are of the distance, in square metres for a row squared.
    """
    along, across = stands(grid, eye, quarter)
    away = abs(row - along)
    tangents, squares = np.empty(NODES), np.empty(NODES)
    for k in range(NODES):
        tangents[k], distance = _tangent(grid, eye, quarter, row, across + away * ACROSS[k])
        squares[k] = (distance / away) ** 2
    _polynomial(tangents, ACROSS.copy(), out[SIDE])
    _polynomial(tangents, squares.copy(), out[SQUARE])
    _polynomial(ACROSS, tangents.copy(), out[TANGENT])
    _polynomial(ACROSS, squares, out[POST_SQUARE])


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
def _side(crossed: Heights, tangent: float) -> float:
    """How far across a ray of a tangent is where it crosses a row, in rows away from the eye."""
    found = 0.0
    for power in range(NODES - 1, -1, -1):
        found = found * tangent + crossed[SIDE, power]
    return found


@released
def _mixed(asked: Floats, away: float, part: float, out: Heights) -> None:
    """Into out [4, NODES] the crossings of a row `part` of the way between two that were asked for [2, 4, NODES]."""
    for kind in range(4):
        scale = away * away if kind in (SQUARE, POST_SQUARE) else 1.0
        for power in range(NODES):
            out[kind, power] = scale * (asked[0, kind, power] * (1.0 - part) + asked[1, kind, power] * part)


@released
def sweep(heights: Heights, lowest: Heights, grid: Grid, eye: Point, fan: Fan, reach_m: float, curve: float) -> None:
    """Fill what lies between some rays of a quarter of `lowest`: metres above the ground of each post.

    heights, lowest   [A, B], the whole grid; in the east and west with its axes changed over
    """
    quarter, first, last, left, apart = fan
    rows, cols = heights.shape
    along, across = stands(grid, eye, quarter)
    step = -1 if quarter in (NORTH, WEST) else 1
    row = math.floor(along) if step < 0 else math.ceil(along)
    if abs(row - along) < OWN_ROW:
        row += step
    # A ray more on either side: which two pass a post is settled by rounding, and by the same one whoever asks.
    base, size = first - 1, last - first + 2
    rays, posts = np.zeros((RAY_FIELDS, size), np.float32), np.zeros((POST_FIELDS, cols), np.float32)
    rays[STEEP], rays[COLUMN] = STRAIGHT_DOWN, across
    for ray in range(size):
        rays[TANGENTS, ray] = left + (base + ray) * apart
    for post in range(cols):
        posts[POSTS, post] = post
    asked, crossed = np.empty((2, 4, NODES)), np.empty((4, NODES), np.float32)
    view = (np.float32(eye[2]), np.float32(curve), np.float32(reach_m))
    # Before the first row it is from the eye, somewhere between two, that rays come.
    begun, count = 1.0 - abs(row - along), 0
    while 0 <= row < rows:
        away = abs(row - along)
        if count % ROWS_ASKED == 0:
            _crossed(grid, eye, quarter, row, asked[0])
            _crossed(grid, eye, quarter, row + step * ROWS_ASKED, asked[1])
        _mixed(asked, away, (count % ROWS_ASKED) / ROWS_ASKED, crossed)
        beyond = reach_m * reach_m - crossed[SQUARE, 0]
        if beyond < -0.01 * reach_m * reach_m:
            break
        # Tangents at the grid's borders and at the reach, and a little beyond.
        wide = 1.05 * math.sqrt(max(beyond, 0.0) / crossed[SQUARE, 2]) + BEYOND / away
        least = max(left * (across + BEYOND) / away, -wide)
        most = min(-left * (cols - 1 - across + BEYOND) / away, wide)
        begin = max(0, math.floor((least - left) / apart) - base)
        end = min(size, math.ceil((most - left) / apart) - base)
        if end > begin:
            place = (np.float32(across), np.float32(away), np.float32(begun))
            part = (begin, end)
            _meet(rays, part, crossed, place, np.float32(cols - 1))
            _ground(heights[row - step], heights[row], rays, part)
            _look(rays, part, view)
            # A post is one part's alone; one on the diagonal also the next quarter's, in the other of two arrays.
            own = away * (1.0 + OWN_ROW)
            start = math.ceil(max(across - own, across + away * _side(crossed, left + first * apart)))
            stop = math.ceil(across + away * _side(crossed, left + (last - 1) * apart))
            start, stop = max(start, 0), min(stop, cols, math.floor(across + own) + 1)
            if stop > start:
                _lead(posts, (start, stop), crossed, place, (np.float32(left), np.float32(1.0 / apart)))
                _between(posts, (start, stop), rays[PASSED], base)
                _judge(posts, (start, stop), heights[row], lowest[row], view)
        begun = 0.0
        row += step
        count += 1


# A loop that finds its numbers here and there in an array takes one at a time, and all that it does with them: each of
# these finds, or it reckons, and what reckons takes eight numbers at once.


@released
def _meet(rays: Heights, part: Part, crossed: Heights, place: Place, border: np.float32) -> None:
    """Where rays cross a row, and which column on the way there: how far towards the row, and how far from the eye."""
    begin, end = part
    across, away, begun = place
    none, one = np.float32(0.0), np.float32(1.0)
    tangents, columns, metres = rays[TANGENTS][begin:end], rays[COLUMN][begin:end], rays[METRES][begin:end]
    next_columns, next_metres, lines, ways, aways = (
        rays[NEXT_COLUMN][begin:end],
        rays[NEXT_METRES][begin:end],
        rays[LINE][begin:end],
        rays[WAY][begin:end],
        rays[AWAY][begin:end],
    )
    a0, a1, a2, a3, a4 = crossed[SIDE]
    b0, b1, b2, b3, b4 = crossed[SQUARE]
    for n in range(len(tangents)):
        tangent, last = tangents[n], columns[n]
        column = across + away * (a0 + tangent * (a1 + tangent * (a2 + tangent * (a3 + tangent * a4))))
        there = np.sqrt(b0 + tangent * (b1 + tangent * (b2 + tangent * (b3 + tangent * b4))))
        line = np.floor(column if column > last else last)
        line = line if line > none else none
        line = line if line < border else border
        share = (line - last) / (column - last)
        lines[n] = line
        ways[n] = begun + share * (one - begun)
        # Where no column lies between, there is nothing to see: it is as near as what the eye stands on.
        aways[n] = metres[n] + share * (there - metres[n]) if (share >= none) & (share <= one) else none
        column = column if column > none else none
        next_columns[n], next_metres[n] = column if column < border else border, there


@released
def _ground(before: Heights, after: Heights, rays: Heights, part: Part) -> None:
    """The ground where rays cross a column between two rows, and where they cross the second."""
    begin, end = part
    lines, ways, columns = rays[LINE][begin:end], rays[WAY][begin:end], rays[NEXT_COLUMN][begin:end]
    line_ground, ground = rays[LINE_GROUND][begin:end], rays[GROUND][begin:end]
    last = len(after) - 2
    for n in range(len(lines)):
        line = np.uint32(int(lines[n]))
        line_ground[n] = before[line] + ways[n] * (after[line] - before[line])
        post = np.uint32(min(int(columns[n]), last))
        ground[n] = after[post] + (columns[n] - np.float32(post)) * (after[post + np.uint32(1)] - after[post])


@released
def _look(rays: Heights, part: Part, view: View) -> None:
    """The steepest view up to the row, PASSED, and with its own ground, STEEP."""
    begin, end = part
    eye_m, curve, _ = view
    close = np.float32(CLOSE_M)
    steep, passed, columns, metres = (
        rays[STEEP][begin:end],
        rays[PASSED][begin:end],
        rays[COLUMN][begin:end],
        rays[METRES][begin:end],
    )
    next_columns, next_metres, aways = rays[NEXT_COLUMN][begin:end], rays[NEXT_METRES][begin:end], rays[AWAY][begin:end]
    line_ground, ground = rays[LINE_GROUND][begin:end], rays[GROUND][begin:end]
    for n in range(len(steep)):
        away, there = aways[n], next_metres[n]
        slope, before = (line_ground[n] - eye_m) / away - away * curve, steep[n]
        before = slope if (slope > before) & (away > close) else before
        passed[n] = before
        slope = (ground[n] - eye_m) / there - there * curve
        steep[n] = slope if (slope > before) & (there > close) else before
        columns[n], metres[n] = next_columns[n], there


@released
def _lead(posts: Heights, part: Part, crossed: Heights, place: Place, fan: tuple[np.float32, np.float32]) -> None:
    """Which ray, in fractions, leads to each of a row's posts, and how far it is; `fan`: the first's tangent, and rays
    for one of tangent."""
    begin, end = part
    across, away, _ = place
    left, rays_for_one = fan
    columns, rays, metres = posts[POSTS][begin:end], posts[RAY][begin:end], posts[THERE][begin:end]
    a0, a1, a2, a3, a4 = crossed[TANGENT]
    b0, b1, b2, b3, b4 = crossed[POST_SQUARE]
    for n in range(len(rays)):
        side = (columns[n] - across) / away
        rays[n] = (a0 + side * (a1 + side * (a2 + side * (a3 + side * a4))) - left) * rays_for_one
        metres[n] = np.sqrt(b0 + side * (b1 + side * (b2 + side * (b3 + side * b4))))


@released
def _between(posts: Heights, part: Part, passed: Heights, base: int) -> None:
    """The steepest view on the way to each post: between those of the rays that pass on either side."""
    begin, end = part
    rays, views = posts[RAY][begin:end], posts[VIEW][begin:end]
    last = len(passed) - 2
    for n in range(len(rays)):
        ray = int(rays[n])
        left = np.uint32(min(max(ray - base, 0), last))
        views[n] = passed[left] + (rays[n] - np.float32(ray)) * (passed[left + np.uint32(1)] - passed[left])


@released
def _judge(posts: Heights, part: Part, ground: Heights, lowest: Heights, view: View) -> None:
    """How low over the ground each of a row's posts is seen."""
    begin, end = part
    eye_m, curve, reach_m = view
    none, never = np.float32(0.0), np.float32(np.inf)
    views, metres = posts[VIEW][begin:end], posts[THERE][begin:end]
    ground, lowest = ground[begin:end], lowest[begin:end]
    for n in range(len(lowest)):
        there = metres[n]
        needed = eye_m + views[n] * there + there * there * curve - ground[n]
        needed = needed if needed > none else none
        lowest[n] = needed if there <= reach_m else never


# Posts of a square that is turned at a time: two of them lie in the nearest cache, and no line of it is fetched twice.
SQUARE_POSTS = 64


@released
def turn(source: Heights, target: Heights, first: int, last: int) -> None:
    """Rows `first` to `last` of a grid [A, B] into columns of another [B, A]."""
    for row in range(first, last, SQUARE_POSTS):
        for col in range(0, source.shape[1], SQUARE_POSTS):
            for i in range(row, min(row + SQUARE_POSTS, last)):
                for j in range(col, min(col + SQUARE_POSTS, source.shape[1])):
                    target[j, i] = source[i, j]


@released
def join(lowest: Heights, turned: Heights, first: int, last: int) -> None:
    """Rows `first` to `last` of what was seen northwards and southwards [A, B], and beside [B, A]: the lower."""
    for row in range(first, last, SQUARE_POSTS):
        for col in range(0, lowest.shape[1], SQUARE_POSTS):
            for i in range(row, min(row + SQUARE_POSTS, last)):
                for j in range(col, min(col + SQUARE_POSTS, lowest.shape[1])):
                    other = turned[j, i]
                    lowest[i, j] = other if other < lowest[i, j] else lowest[i, j]
