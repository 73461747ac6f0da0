"""Cutting a country into sectors of like load, each in one piece and as round as the others let it be.

Zones are halved across their longest extent, and the halves again (recursive inertial bisection: Simon, *Computing
Systems in Engineering* 2:135, 1991). What then lies apart from its sector goes to the one around it. At last a sector
that has too much gives zones at its border to a lighter neighbour, as long as it stays in one piece: every such step
makes the loads more alike, so that this ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.sectors.cut import SECTORS_MAX
from tocsin.sectors.neighbours import can_leave, neighbours_of, pieces_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def planned(index: ZoneIndex, load: Floats, count: int) -> Ints:
    """The sector of each zone, int64 [Z], numbered from north to south. The same arguments, the same cut.

    load   share of the work that each zone brings, float64 [Z]

    Raises BadSettings where there are fewer zones than sectors.
    """
    if not 1 <= count <= min(SECTORS_MAX, len(index)):
        raise BadSettings(f"{count} sectors of {len(index)} zones; there may be 1 to {min(SECTORS_MAX, len(index))}")
    places = np.column_stack([index.east_m, index.north_m])
    beside = neighbours_of(index)
    label = np.zeros(len(index), np.int64)
    _halve(places, load, np.arange(len(index)), count, label)
    _gather(load, beside, label)
    _even(places, load, beside, label)
    norths = [-float(np.average(index.north_m[label == one], weights=load[label == one])) for one in range(count)]
    rank = np.empty(count, np.int64)
    rank[np.argsort(norths, kind="stable")] = np.arange(count)
    return np.asarray(rank[label], np.int64)


def _halve(places: Floats, load: Floats, zones: NDArray[np.intp], count: int, label: Ints) -> None:
    """Write sectors numbered on from that of the first of some zones, as many as `count`, into `label`."""
    if count == 1:
        return
    fewer = count // 2
    off = places[zones] - np.average(places[zones], axis=0, weights=load[zones])
    east2, both, north2 = (float(np.sum(load[zones] * off[:, i] * off[:, k])) for i, k in ((0, 0), (0, 1), (1, 1)))
    angle = 0.5 * math.atan2(2 * both, east2 - north2)
    order = zones[np.argsort(off @ np.array([math.cos(angle), math.sin(angle)]), kind="stable")]
    reached = np.cumsum(load[order]) / load[order].sum()
    first = int(np.searchsorted(reached, fewer / count)) + 1
    first = min(max(first, fewer), len(order) - (count - fewer))
    label[order[first:]] += fewer
    _halve(places, load, order[:first], fewer, label)
    _halve(places, load, order[first:], count - fewer, label)


def _gather(load: Floats, beside: Sequence[Sequence[int]], label: Ints) -> None:
    """Give what lies apart from most of its sector to the sector beside it, in place: each time a piece less."""
    while True:
        apart: list[list[int]] = []
        for one in range(int(label.max()) + 1):
            pieces = pieces_of(np.flatnonzero(label == one).tolist(), beside)
            apart += sorted(pieces, key=lambda piece: float(load[piece].sum()))[:-1]
        if not apart:
            return
        piece = apart[0]
        around = [int(label[other]) for z in piece for other in beside[z] if label[other] != label[z]]
        label[piece] = int(np.argmax(np.bincount(around)))


def _even(places: Floats, load: Floats, beside: Sequence[Sequence[int]], label: Ints) -> None:
    """Let heavy sectors give zones at their borders to lighter ones, in place."""
    count = int(label.max()) + 1
    weight: Floats = np.bincount(label, load, count).astype(float)
    while True:
        middles = np.array([places[label == one].mean(axis=0) for one in range(count)])
        given = [_given(one, weight, middles, places, load, beside, label) for one in np.argsort(-weight).tolist()]
        if not any(given):
            return


def _given(
    giver: int, weight: Floats, middles: Floats, places: Floats, load: Floats,
    beside: Sequence[Sequence[int]], label: Ints,
) -> int:  # fmt: skip
    """Let one sector give zones away, those first that lie best where they come to; how many."""
    offers = []
    for z in np.flatnonzero(label == giver).tolist():
        for taker in sorted({int(label[other]) for other in beside[z]} - {giver}):
            nearer = np.hypot(*(places[z] - middles[taker])) - np.hypot(*(places[z] - middles[giver]))
            offers.append((float(nearer), z, taker))
    given = 0
    for _, z, taker in sorted(offers):
        # Each such step makes the sum of the squares of the loads less.
        lighter = label[z] == giver and weight[giver] - weight[taker] > load[z] > 0
        if lighter and can_leave(z, beside, label):
            label[z] = taker
            weight[giver] -= load[z]
            weight[taker] += load[z]
            given += 1
    return given
