"""Which zones lie side by side: a country's zones as a graph in one piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth.zone_index import ZoneIndex

# Outlines of neighbours that were drawn apart leave gaps of this order.
BESIDE_M = 500.0
# Of so many nearest zones some are beside one that touches none.
NEAREST = 12


def neighbours_of(index: ZoneIndex) -> list[list[int]]:
    """The zones beside each zone, rising: those that touch it, and those that no third lies between.

    Nothing lies between two whose middles no other's is nearer to, seen from half-way (Gabriel and Sokal, *Systematic
    Zoology* 18:259, 1969): areas that are warned are towns, and leave the land between them to nobody.
    """
    tree = shapely.STRtree(index.outlines)
    first, second = tree.query(index.outlines, "dwithin", distance=BESIDE_M)
    pairs = {(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a != b}
    places = np.column_stack([index.east_m, index.north_m])
    pairs |= _nothing_between(places)
    beside = _lists(len(index), pairs)
    # What lies apart is beside the nearest zone of the rest, over the water.
    while len(pieces := pieces_of(range(len(index)), beside)) > 1:
        for piece in sorted(pieces, key=len)[:-1]:
            inside = np.zeros(len(index), bool)
            inside[piece] = True
            away, nearest = cKDTree(places[~inside]).query(places[inside])
            at = int(np.argmin(away))
            a, b = int(np.flatnonzero(inside)[at]), int(np.flatnonzero(~inside)[nearest[at]])
            pairs |= {(a, b), (b, a)}
        beside = _lists(len(index), pairs)
    return beside


def _lists(count: int, pairs: set[tuple[int, int]]) -> list[list[int]]:
    beside: list[list[int]] = [[] for _ in range(count)]
    for a, b in sorted(pairs):
        beside[a].append(b)
    return beside


def can_leave(z: int, beside: Sequence[Sequence[int]], label: NDArray[np.int64]) -> bool:
    """Whether what remains of the sector of zone `z` without it is in one piece, and something."""
    around = [other for other in beside[z] if label[other] == label[z]]
    if not around:
        return False
    # Zones beside the same one are beside each other, or nearly: they are found before much is searched.
    wanted, seen, ways = set(around[1:]), {z, around[0]}, deque(around[:1])
    while ways and wanted:
        for other in beside[ways.popleft()]:
            if other not in seen and label[other] == label[z]:
                seen.add(other)
                wanted.discard(other)
                ways.append(other)
    return not wanted


def pieces_of(zones: Sequence[int], beside: Sequence[Sequence[int]]) -> list[list[int]]:
    """Some zones as pieces: from each zone of one one can go to each other of it without leaving it."""
    left, pieces = set(zones), []
    for zone in zones:
        if zone in left:
            left.remove(zone)
            piece = [zone]
            for z in piece:
                near = [other for other in beside[z] if other in left]
                left.difference_update(near)
                piece += near
            pieces.append(piece)
    return pieces


def _nothing_between(places: NDArray[np.float64]) -> set[tuple[int, int]]:
    middles = cKDTree(places)
    _, nearest = middles.query(places, min(NEAREST + 1, len(places)))
    first = np.repeat(np.arange(len(places)), nearest.reshape(len(places), -1).shape[1])
    second = nearest.ravel()
    half = np.hypot(*(places[first] - places[second]).T) / 2
    nothing, _ = middles.query((places[first] + places[second]) / 2)
    chosen = (first != second) & (nothing >= half * (1 - 1e-9))
    both = list(zip(first[chosen].tolist(), second[chosen].tolist(), strict=True))
    return {*both, *((b, a) for a, b in both)}
