"""Which report belongs to which track, inside one cluster of tracks that share reports.

Small clusters: joint probabilistic data association over every joint event, pruned as in JPDA* (Blom & Bloem, IEEE
TAC 45:247, 2000): of the events that use the same tracks and the same plots only the best permutation counts, so that
two wingmen are never averaged into one. Large clusters: the optimal assignment (shortest augmenting paths).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Every joint event of at most this many tracks and plots is weighed; beyond, the assignment alone decides.
JOINT_TRACKS, JOINT_PLOTS = 4, 6


@kernel
def joint(ratio: Floats, tracks: int, plots: int, miss: float, beta: Floats) -> None:
    """beta [tracks, plots]: probability that each plot is the track's; ratio: likelihood ratio to clutter, 0 if gated.

    miss is the likelihood of a track's not being detected at all.
    """
    keys = 1 << (tracks + plots)
    best = np.zeros(keys)
    chosen = np.zeros((keys, tracks), np.int64)
    choice = np.full(tracks, -2, np.int64)
    weight = np.ones(tracks + 1)
    used = 0
    level = 0
    while level >= 0:
        if level == tracks:
            mask = used << tracks
            for i in range(tracks):
                if choice[i] >= 0:
                    mask |= 1 << i
            if weight[level] > best[mask]:
                best[mask] = weight[level]
                chosen[mask] = choice
            level -= 1
            continue
        if choice[level] >= 0:
            used &= ~(1 << choice[level])
        following = choice[level] + 1
        if choice[level] == -2:
            choice[level] = -1
            weight[level + 1] = weight[level] * miss
            level += 1
            continue
        while following < plots and (used >> following & 1 or ratio[level, following] <= 0.0):
            following += 1
        if following == plots:
            choice[level] = -2
            level -= 1
            continue
        choice[level] = following
        used |= 1 << following
        weight[level + 1] = weight[level] * ratio[level, following]
        level += 1
    total = 0.0
    for mask in range(keys):
        total += best[mask]
    for mask in range(keys):
        if best[mask] > 0.0:
            for i in range(tracks):
                if chosen[mask, i] >= 0:
                    beta[i, chosen[mask, i]] += best[mask] / total


@kernel
def assign(ratio: Floats, tracks: int, plots: int, miss: float, beta: Floats) -> None:
    """The single best joint event, as probabilities 0 and 1; same arguments as `joint`."""
    columns = plots + tracks
    high = 1e6
    cost = np.full((tracks, columns), high)
    for i in range(tracks):
        for j in range(plots):
            if ratio[i, j] > 0.0:
                cost[i, j] = -np.log(ratio[i, j])
        cost[i, plots + i] = -np.log(miss)
    # Shortest augmenting paths with potentials (Kuhn-Munkres in O(n^2 m)); row and column 0 are sentinels.
    u = np.zeros(tracks + 1)
    v = np.zeros(columns + 1)
    owner = np.zeros(columns + 1, np.int64)
    way = np.zeros(columns + 1, np.int64)
    for i in range(1, tracks + 1):
        owner[0] = i
        j0 = 0
        least = np.full(columns + 1, 1e18)
        done = np.zeros(columns + 1, np.bool_)
        while True:
            done[j0] = True
            i0 = owner[j0]
            delta = 1e18
            j1 = 0
            for j in range(1, columns + 1):
                if not done[j]:
                    reduced = cost[i0 - 1, j - 1] - u[i0] - v[j]
                    if reduced < least[j]:
                        least[j] = reduced
                        way[j] = j0
                    if least[j] < delta:
                        delta = least[j]
                        j1 = j
            for j in range(columns + 1):
                if done[j]:
                    u[owner[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            j0 = j1
            if owner[j0] == 0:
                break
        while j0 != 0:
            owner[j0] = owner[way[j0]]
            j0 = way[j0]
    for j in range(1, plots + 1):
        i = owner[j] - 1
        if i >= 0 and ratio[i, j - 1] > 0.0:
            beta[i, j - 1] = 1.0


@kernel
def clusters(track: Ints, plot: Ints, pairs: int, tracks: int, plots: int, label: Ints) -> None:
    """label [tracks]: tracks that share a plot, directly or through others, share the smallest index among them."""
    first = np.full(plots, -1, np.int64)
    for i in range(tracks):
        label[i] = i
    for k in range(pairs):
        i, j = track[k], plot[k]
        if first[j] < 0:
            first[j] = i
            continue
        a, b = i, first[j]
        while label[a] != a:
            a = label[a]
        while label[b] != b:
            b = label[b]
        if a < b:
            label[b] = a
        elif b < a:
            label[a] = b
    for i in range(tracks):
        label[i] = label[label[i]]
