"""Sites for a network that loses any one of its sensors, whichever hurts most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tocsin.plan.site_bound import Dual
from tocsin.plan.site_choice import STEPS, site, sited
from tocsin.plan.site_search import Search
from tocsin.plan.siting import Floats, Indices, Sited, Siting, in_order, merged

# What everybody has before the loss breaks ties: it counts a thousandth.
BEFORE = 1e-3
# Kept sensors whose loss is looked at for the bound; each takes as long as a choice.
KEPT_MAX = 8


def site_for_losses(siting: Siting, starts: Sequence[Indices] = ()) -> Sited:
    """The choice with the most people left after the worst loss of one sensor, chosen or kept; `people` are those left.

    The choices for no loss, for no loss with one sensor more for every place, and `starts` are each filled and then
    exchanged one for one, best first, as long as more people are left after the worst loss; the best of them is taken.
    The bound is that of the same network with one sensor less: of each kind, and of each kept one.
    """
    ordered, order = in_order(siting)
    place = np.argsort(order)
    search = Search(merged(ordered))
    doubled = replace(siting, fold=siting.fold + 1)
    first = [
        site(siting, starts).chosen,
        site(doubled, steps=0).chosen,
        *(one for one in starts if siting.allowed(one)),
    ]
    tried = [_exchanged(search, _filled(search, np.sort(place[one]))) for one in first]
    tried += [np.sort(place[one]) for one in first]
    best = max(tried, key=lambda one: left(search, one))
    people = left(search, best)
    found = sited(siting, order[best], np.inf, "")
    return found._replace(people=people, bound=max(people, bound_after_loss(search, people)), proved_by=_PROVED_BY)


_PROVED_BY = "the Lagrangian dual of one sensor less"


def left(search: Search, chosen: Indices) -> float:
    """People with enough minutes after the worst loss of one sensor of the network."""
    network = np.append(chosen, search.kept).astype(np.intp)
    return float(search.siting.after_losses(network).min()) if len(network) else 0.0


def _filled(search: Search, chosen: Indices) -> Indices:
    """Whatever fits is added as if places needed one sensor more: room that is left makes losses cheaper."""
    doubled = Search(replace(search.siting, fold=search.siting.fold + 1))
    return doubled.filled(chosen, per_price=np.isfinite(search.siting.budget))


def _exchanged(search: Search, chosen: Indices) -> Indices:
    while True:
        now = left(search, chosen) + BEFORE * search.value(chosen)
        best, exchange = now + search.least, None
        for out in range(len(chosen)):
            rest = np.delete(chosen, out)
            allowed = search.fits(rest)
            allowed[chosen] = False
            after = np.where(allowed, _left_with(search, rest), -np.inf)
            if len(after) and after.max() > best:
                best, exchange = float(after.max()), np.append(rest, int(np.argmax(after)))
        if exchange is None:
            return chosen
        chosen = exchange


def _left_with(search: Search, rest: Indices) -> Floats:
    """[C]: people left after the worst loss of a network of `rest` and a candidate, and a little for no loss."""
    siting = search.siting
    seen = search.seen(rest)
    whole, adds = _worth(search, seen)
    # The newcomer may be lost itself.
    least = np.full(len(siting.kind), whole)
    for lost in np.append(rest, search.kept).astype(np.intp):
        worth, more = _worth(search, seen - siting.sees[lost])
        least = np.minimum(least, worth + search.sees @ more)
    return least + BEFORE * (whole + search.sees @ adds)


def _worth(search: Search, seen: Indices) -> tuple[float, Floats]:
    fold = search.siting.fold
    people = float(search.siting.people[seen >= fold].sum())
    return people, np.where(seen == fold - 1, search.people, np.float32(0))


def bound_after_loss(search: Search, known: float) -> float:
    """No network keeps more people after its worst loss than the best one with one sensor less has."""
    siting = search.siting
    fewer = []
    for kind in np.flatnonzero((siting.most > 0) & ~np.isfinite(siting.budget)):
        most = siting.most.copy()
        most[kind] -= 1
        fewer.append(replace(siting, most=most))
    if np.isfinite(siting.budget):
        free = siting.price[~siting.kept]
        cheapest = float(free.min()) if len(free) else 0.0
        fewer.append(replace(siting, budget=max(0.0, siting.budget - cheapest)))
    costs = siting.after_losses(search.kept)
    for one in search.kept[np.argsort(costs, kind="stable")[:KEPT_MAX]]:
        sees, kept = siting.sees.copy(), siting.kept
        sees[one] = False
        fewer.append(replace(siting, sees=sees, kept=kept))
    return min((_dual(one, known) for one in [*fewer, siting]), default=np.inf)


def _dual(siting: Siting, known: float) -> float:
    dual = Dual(Search(siting))
    for _ in range(STEPS):
        if dual.step(known) is None:
            break
    return dual.bound
