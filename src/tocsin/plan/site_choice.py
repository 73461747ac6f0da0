"""The choice of sites: from greedy, from what the bound's prices say, and from layouts that are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.plan.site_bound import Dual, by_highs, without_hopeless
from tocsin.plan.site_search import Search
from tocsin.plan.siting import Indices, Sited, Siting, in_order, merged, taken

# Steps towards the bound, and from every so many of them a choice is tried: chosen as the bound's own numbers are.
STEPS = 200
TRIED_EVERY = 10
# HiGHS solves the relaxed programme of so many pairs in well under a second.
RELAXED_PAIRS_MAX = 10_000


def site(siting: Siting, starts: Sequence[Indices] = (), *, steps: int = STEPS) -> Sited:
    """The best choice that was found, and a bound; never worse than an allowed one of `starts` (chosen indices)."""
    ordered, order = in_order(siting)
    place = np.argsort(order)
    search = Search(merged(ordered))
    best = _best(search, [np.sort(place[start]) for start in starts if siting.allowed(start)])
    dual, tried = Dual(search), set[bytes]()
    for number in range(steps):
        chosen = dual.step(search.value(best))
        if chosen is None:
            break
        if number % TRIED_EVERY == TRIED_EVERY - 1 and chosen.tobytes() not in tried:
            tried.add(chosen.tobytes())
            best = max(best, search.improved(chosen), key=search.value)
    bound, proved_by = dual.bound, f"the Lagrangian dual, {number + 1 if steps else 0} steps"
    if steps and search.siting.sees.sum() <= RELAXED_PAIRS_MAX and bound - search.value(best) > search.least:
        _, relaxed, _ = by_highs(search.siting, whole=False, limit_s=10.0)
        if relaxed < bound:
            bound, proved_by = relaxed, "the relaxed linear programme (HiGHS)"
    return sited(siting, order[best], bound, proved_by)


def _best(search: Search, starts: Sequence[Indices]) -> Indices:
    none = np.zeros(0, np.intp)
    greedy = [search.filled(none, per_price=False)]
    if np.isfinite(search.siting.budget):
        greedy.append(search.filled(none, per_price=True))
    # The starts themselves too: an exchange may give up people for what places that need several sensors promise.
    tried = [*starts, *greedy, *(search.improved(start) for start in [*starts, *greedy])]
    return max(tried, key=search.value)


def sited(siting: Siting, chosen: Indices, bound: float, proved_by: str) -> Sited:
    """What was chosen, as it is told."""
    chosen = np.sort(chosen)
    people = siting.value(np.append(chosen, np.flatnonzero(siting.kept)))
    return Sited(chosen, people, max(bound, people), proved_by)


def proved(siting: Siting, found: Sited, limit_s: float) -> Sited:
    """What was found, or better, with the bound that branch and bound (HiGHS) reaches within a limit of time.

    Before it the candidates are left out that the dual shows to be hopeless; where none gives more, nothing is left.
    """
    ordered, order = in_order(siting)
    search = Search(merged(ordered))
    dual = Dual(search)
    # A step costs a thousandth of what one candidate more costs HiGHS.
    for _ in range(5 * STEPS):
        if dual.step(found.people) is None:
            break
    hopeful = without_hopeless(search.siting, dual, found.people)
    better, bound, complete = by_highs(taken(search.siting, hopeful), whole=True, limit_s=limit_s)
    chosen = order[hopeful[better]]
    bound = min(found.bound, max(bound, found.people))
    if not siting.allowed(chosen) or siting.value(np.append(chosen, np.flatnonzero(siting.kept))) < found.people:
        chosen = found.chosen
    if not complete and bound >= found.bound:
        return found
    told = "branch and bound (HiGHS)" + ("" if complete else f", not finished within {limit_s:g} s")
    return sited(siting, chosen, bound, told)
