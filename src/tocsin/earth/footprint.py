"""Which zones strangers' outlines touch, at a bounded cost however they are drawn.

A zone is touched when an edge of an outline meets it, or when it lies wholly inside: then so does the point kept for
it, about which the outline winds. Nothing is repaired and no outline meets another as a whole: repairing a star of 290
corners makes 10,000 pieces, and comparing those with a country's zones took minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]
Ring = Sequence[tuple[float, float]]

# An edge is straight in degrees and bent in the frame: pieces of half a degree are right to 60 m at 50 degrees north.
PIECE_DEG = 0.5
# Edges (and circles) looked at together: few while many zones are left to try them on, for each hit spares the rest.
_BATCH, _BATCH_MAX, _PAIRS_FEW = 32, 2_048, 1_000
_CELLS_MAX = 4_000_000


@dataclass
class Work:
    """How much one message may still ask for. Each is at most some tenths of a second of one processor.

    The largest alerts of the archives have 1,500 outlines and 40,000 corners.
    """

    outlines: int = 5_000
    corners: int = 150_000
    crossings: int = 3_000_000
    meetings: int = 150_000
    distances: int = 20_000
    simplicities: int = 4_000_000


class Circle(NamedTuple):
    """Everything within a distance of a point."""

    lat: float
    lon: float
    radius_m: float


def zones_touched(index: ZoneIndex, rings: Sequence[Ring], circles: Sequence[Circle], work: Work) -> tuple[Rows, int]:
    """The zones that closed rings of (lat, lon) and circles touch, and how many of these were too much work.

    The cheap come first: one monstrous outline costs itself and no other.
    """
    touched = np.zeros(len(index), bool)
    if not len(index):
        return np.flatnonzero(touched), 0
    kept = rings[: work.outlines]
    work.outlines -= len(kept)
    refused = len(rings) - len(kept)
    refused += _rings(index, kept, touched, work) if kept else 0
    round_ones = circles[: work.outlines]
    work.outlines -= len(round_ones)
    refused += len(circles) - len(round_ones)
    by_size = sorted(round_ones, key=lambda circle: circle.radius_m)
    refused += _circles(index, by_size, touched, work) if by_size else 0
    left = (work.outlines, work.corners, work.crossings, work.meetings, work.distances)
    assert min(left) >= 0, f"more was done than one message may ask for: {work}"
    assert 0 <= refused <= len(rings) + len(circles), "more outlines were too much work than there are"
    return np.flatnonzero(touched), refused


def crosses(ring: Ring, work: Work) -> bool:
    """Whether a closed ring crosses or touches itself; not looked at where that would be too much work.

    Comparing every edge with every other is the worst that can be drawn; alerts have tens of corners.
    """
    pairs = len(ring) * len(ring)
    if pairs > work.simplicities:
        return False
    work.simplicities -= pairs
    return not bool(shapely.is_simple(shapely.linearrings(np.array(ring, float))))


def _rings(index: ZoneIndex, rings: Sequence[Ring], touched: Bools, work: Work) -> int:
    """Mark the zones that rings touch; how many rings were too much work."""
    pieces = sorted(
        (part for ring in rings if (part := _pieces(np.array(ring, float), work.corners)) is not None), key=len
    )
    most = int(np.searchsorted(np.cumsum([len(part) for part in pieces]), work.corners, "right"))
    lengths = np.array([len(part) for part in pieces[:most]])
    if not most:
        return len(rings)
    work.corners -= int(lengths.sum())
    lat, lon = np.concatenate(pieces[:most]).T
    corners = np.column_stack(index.frame.to_local(lat, lon))
    ring = np.repeat(np.arange(most), lengths)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    edges, ring = np.stack([corners[start], corners[start + 1]], axis=1), ring[start]
    wound = _wind(index, edges, ring, most, touched, work)
    kept = wound[ring]
    met = _meet(index, edges[kept], ring[kept], most, touched, work)
    return len(rings) - int((wound & met).sum())


def _wind(index: ZoneIndex, edges: Floats, ring: Rows, count: int, touched: Bools, work: Work) -> Bools:
    """Mark the zones about whose inner point a ring winds: its edges pass east of it. Which rings were tried."""
    order, north_m = index.by_north
    south, north = np.sort(edges[:, :, 1], axis=1).T
    first = np.searchsorted(north_m, south, "left")
    crossings = np.searchsorted(north_m, north, "left") - first
    of_ring = np.bincount(ring, crossings, count)
    tried = np.zeros(count, bool)
    cheapest = np.argsort(of_ring, kind="stable")
    tried[cheapest[np.cumsum(of_ring[cheapest]) <= work.crossings]] = True
    work.crossings -= int(of_ring[tried].sum())
    group = max(1, _CELLS_MAX // len(index))
    for low in range(0, count, group):
        some = np.flatnonzero((ring >= low) & (ring < low + group) & tried[ring] & (crossings > 0))
        counts = crossings[some]
        edge = np.repeat(some, counts)
        zone = order[np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]]
        (e0, n0), (e1, n1) = edges[edge].transpose(1, 2, 0)
        east = index.east_m[zone] < e0 + (index.north_m[zone] - n0) * (e1 - e0) / (n1 - n0)
        cell = (ring[edge] - low) * len(index) + zone
        turns = np.bincount(cell[east], np.sign(n1 - n0)[east], group * len(index))
        touched[np.flatnonzero(turns) % len(index)] = True
    return tried


def _meet(index: ZoneIndex, edges: Floats, ring: Rows, count: int, touched: Bools, work: Work) -> Bools:
    """Mark the zones that an edge meets; the rings all of whose edges could be tried."""
    start, batch = 0, _BATCH
    while start < len(edges):
        lines = shapely.linestrings(edges[start : start + batch])
        line, zone = index.pairs(lines)
        untouched = ~touched[zone]
        line, zone = line[untouched], zone[untouched]
        if len(zone) > work.meetings and batch > 1:
            batch //= 2
            continue
        if len(zone) > work.meetings:
            break
        work.meetings -= len(zone)
        touched[zone[shapely.intersects(index.outlines[zone], lines[line])]] = True
        start += batch
        batch = min(2 * batch, _BATCH_MAX) if len(zone) < _PAIRS_FEW else _BATCH
    tried = np.ones(count, bool)
    tried[ring[start:]] = False
    return tried


def _circles(index: ZoneIndex, circles: Sequence[Circle], touched: Bools, work: Work) -> int:
    """Mark the zones that circles touch; how many circles were too much work."""
    lat, lon, radius_m = np.array(circles, float).T
    east, north = index.frame.to_local(lat, lon)
    boxes = shapely.box(east - radius_m, north - radius_m, east + radius_m, north + radius_m)
    points = shapely.points(east, north)
    start, batch = 0, _BATCH
    while start < len(circles):
        circle, zone = index.pairs(boxes[start : start + batch])
        circle += start
        near = np.hypot(index.east_m[zone] - east[circle], index.north_m[zone] - north[circle]) <= radius_m[circle]
        touched[zone[near]] = True
        untouched = ~touched[zone]
        circle, zone = circle[untouched], zone[untouched]
        if len(zone) > work.distances and batch > 1:
            batch //= 2
            continue
        if len(zone) > work.distances:
            break
        work.distances -= len(zone)
        touched[zone[shapely.dwithin(index.outlines[zone], points[circle], radius_m[circle])]] = True
        start += batch
        batch = min(2 * batch, _BATCH_MAX) if len(zone) < _PAIRS_FEW else _BATCH
    return max(0, len(circles) - start)


def _pieces(ring: Floats, most: int) -> Floats | None:
    """The corners [N, (lat, lon)] of a ring whose edges, taken the short way round the Earth, are cut into pieces.

    None: they are more than `most`.
    """
    edges = np.diff(ring, axis=0)
    edges[:, 1] = (edges[:, 1] + 180) % 360 - 180
    pieces = np.maximum(1, np.ceil(np.abs(edges).max(axis=1) / PIECE_DEG)).astype(int)
    if pieces.sum() > most:
        return None
    edge = np.repeat(np.arange(len(edges)), pieces)
    part = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
    cut: Floats = np.append(ring[edge] + part[:, None] * edges[edge], ring[-1:], axis=0)
    return cut
