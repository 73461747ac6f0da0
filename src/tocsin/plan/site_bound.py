"""What no choice of sites can exceed, and choices that come to light on the way there.

The bound is the Lagrangian dual of "a place counts only where `fold` of the chosen see it" (Galvao and ReVelle 1996):
its least value is that of the relaxed linear programme, and every step on the way to it is a bound.
Small problems are given to HiGHS as well, relaxed or whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.plan.site_search import Search
from tocsin.plan.siting import Floats, Indices, Siting, merged

# A step's direction keeps so much of the one before (Camerini, Fratta and Maffioli 1975), and a step that was not
# better than the best for so long is halved: chosen on valleys 100 to 119 of tocsin.bench.plan_siting, which reports on
# others.
KEEPS = 0.7
PATIENCE = 15


class Dual:
    """Steps down to the dual of a siting.

    bound    no choice gives more
    worth    [C]: what each candidate is worth at the prices of that bound
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        siting = search.siting
        self.need = np.maximum(siting.fold - siting.seen(search.kept), 0)
        self.given = float(siting.people[self.need == 0].sum())
        self.people = np.where(self.need > 0, siting.people, 0.0)
        self.most = self.people / np.maximum(self.need, 1)
        # A place that many see is worth little to each of them.
        self.price = np.asarray(self.most * np.minimum(1.0, 2.0 / np.maximum(siting.sees.sum(axis=0), 1)), np.float64)
        self.bound, self.worth = np.inf, np.zeros(len(siting.kind))
        self._direction = np.zeros(len(self.price))
        self._length, self._waited = 1.0, 0

    def step(self, known: float) -> Indices | None:
        """One step, from a value that is known to be reached (Polyak's length); what it would choose.

        None: there is nowhere to go.
        """
        siting = self.search.siting
        worth = np.asarray(self.search.sees @ self.price.astype(np.float32), float)
        chosen, linear = _most(siting, worth)
        left = self.people - self.need * self.price
        # Single precision adds at most this to what is summed.
        value = self.given + float(np.maximum(left, 0.0).sum()) + linear * (1 + 1e-6)
        if value < self.bound - self.search.least:
            self.bound, self.worth, self._waited = value, worth, 0
        elif (waited := self._waited + 1) > PATIENCE:
            self._length, self._waited = self._length / 2, 0
        else:
            self._waited = waited
        self._direction = siting.seen(chosen) - np.where(left > 0, self.need, 0) + KEEPS * self._direction
        steep = float(self._direction @ self._direction)
        if not steep or self.bound - known <= self.search.least:
            return None
        along = self._length * (value - known) / steep * self._direction
        self.price = np.clip(self.price - along, 0.0, self.most)
        return chosen


def _most(siting: Siting, worth: Floats) -> tuple[Indices, float]:
    """(a choice of much worth, which no allowed choice has more of): with a budget a part of the last may count."""
    worth = np.where(siting.kept, 0.0, worth)
    allowed = _first_of_kinds(siting, np.argsort(-worth, kind="stable")) & (worth > 0)
    by_count = float(worth[allowed].sum())
    if not np.isfinite(siting.budget):
        return np.flatnonzero(allowed), by_count
    ratio = np.full(len(worth), np.inf)
    np.divide(worth, siting.price, out=ratio, where=siting.price > 0)
    order = np.argsort(-ratio, kind="stable")
    # Whoever ignores the kinds' limits has no less, and whoever ignores the budget neither: the smaller one is a bound.
    order = order[worth[order] > 0]
    before = np.cumsum(siting.price[order]) - siting.price[order]
    part = np.clip((siting.budget - before) / np.maximum(siting.price[order], 1e-300), 0.0, 1.0)
    by_budget = float((worth[order] * np.where(siting.price[order] > 0, part, 1.0)).sum())
    order = order[_first_of_kinds(siting, order)[order]]
    spent = np.cumsum(siting.price[order])
    return np.sort(order[spent <= siting.budget * (1 + 1e-12)]), min(by_count, by_budget)


def _first_of_kinds(siting: Siting, order: Indices) -> NDArray[np.bool_]:
    """bool [C]: the first of each kind in an order, as many as may be chosen; never what is kept."""
    found = np.zeros(len(siting.kind), bool)
    for kind, most in enumerate(siting.most):
        mine = order[(siting.kind[order] == kind) & ~siting.kept[order]]
        found[mine[:most]] = True
    return found


def without_hopeless(siting: Siting, dual: Dual, known: float) -> Indices:
    """The candidates that may still be part of a choice that gives more than what is known, kept ones among them.

    Whoever takes in a candidate that the dual leaves out gives up the least that it takes in of that kind: where the
    bound falls to what is known by that, the candidate is hopeless. With a budget nothing is left out.
    """
    if np.isfinite(siting.budget):
        return np.arange(len(siting.kind))
    least = np.zeros(len(siting.most))
    for kind, most in enumerate(siting.most):
        worths = np.sort(dual.worth[(siting.kind == kind) & ~siting.kept])[::-1]
        least[kind] = max(0.0, worths[most - 1]) if 0 < most <= len(worths) else 0.0
    falls = np.maximum(0.0, least[siting.kind] - dual.worth)
    # What single precision may be wrong by is never held against a candidate.
    return np.flatnonzero(siting.kept | (dual.bound - falls > known * (1 - 1e-5)))


def by_highs(siting: Siting, *, whole: bool, limit_s: float) -> tuple[Indices, float, bool]:
    """(what HiGHS chooses, its bound, whether it ended within the limit); unless `whole` relaxed, with no choice."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    small = merged(siting)
    candidates, places = small.sees.shape
    if not small.sees.size:
        return np.zeros(0, np.intp), 0.0, True
    free = ~small.kept
    need = np.maximum(small.fold - small.seen(np.flatnonzero(small.kept)), 0)
    rows = sparse.csr_matrix(small.sees.T & free, dtype=float)
    seen = sparse.hstack([-rows, sparse.diags(need.astype(float))])
    kinds = [(small.kind == kind) & free for kind in range(len(small.most))]
    rooms = np.append(small.most.astype(float), small.budget)
    limits = np.vstack([*kinds, np.where(free, small.price, 0.0)]).astype(float)
    limits = sparse.hstack([sparse.csr_matrix(limits), sparse.csr_matrix((len(limits), places))])
    found = milp(
        np.concatenate([np.zeros(candidates), -small.people]),
        constraints=LinearConstraint(
            sparse.vstack([seen, limits]).tocsr(), ub=np.concatenate([np.zeros(places), rooms])
        ),
        integrality=np.concatenate([np.full(candidates, int(whole)), np.full(places, int(whole and small.fold > 1))]),
        bounds=Bounds(0, np.concatenate([free.astype(float), np.ones(places)])),
        options={"time_limit": limit_s, "mip_rel_gap": 0.0},
    )
    bound = -float(found.mip_dual_bound) if whole and found.mip_dual_bound is not None else np.inf
    if not whole and found.status == 0:
        bound = -float(found.fun)
    if not whole or found.x is None:
        return np.zeros(0, np.intp), bound, found.status == 0
    return np.flatnonzero(found.x[:candidates] > 0.5), bound, found.status == 0
