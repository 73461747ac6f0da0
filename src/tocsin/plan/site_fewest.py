"""How few sensors do: the fewest, or the cheapest, that give so many people enough minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tocsin.plan.set_cover import cheapest_cover
from tocsin.plan.site_choice import site
from tocsin.plan.siting import Indices, Siting

# A budget is known to this share of itself: prices are known no better.
BUDGET_SHARE = 0.005


class Fewest(NamedTuple):
    """What was chosen, and what it costs; `bound`: whatever reaches as many people costs more than this, or as much."""

    chosen: Indices
    people: float
    price: float
    bound: float


def fewest(siting: Siting, people: float) -> Fewest | None:
    """The choice with the smallest budget that was found to give so many people enough; None where none was found.

    Budgets are halved between nothing and the siting's own, or what all that may be chosen costs; where all prices are
    the same that is the number of sensors. Where everybody whom anybody can reach is to be reached, a set cover is
    tried as well. `siting.most` holds all the while.
    """
    free = siting.price[~siting.kept]
    one = float(free.min()) if len(free) and free.min() == free.max() > 0 else 0.0
    dearest = [np.sort(siting.price[(siting.kind == kind) & ~siting.kept])[::-1] for kind in range(len(siting.most))]
    all_of_it = sum(float(prices[:most].sum()) for prices, most in zip(dearest, siting.most, strict=True))
    least, most = 0.0, min(siting.budget, all_of_it)
    whole = site(replace(siting, budget=most))
    if whole.people < people:
        return None
    best = whole.chosen
    most = float(siting.price[best].sum())
    if (cover := _cover(siting, people)) is not None and siting.price[cover].sum() < most:
        best, most = cover, float(siting.price[cover].sum())
    nothing = site(replace(siting, budget=0.0))
    if nothing.people >= people:
        return Fewest(nothing.chosen, nothing.people, 0.0, 0.0)
    refused = 0.0 if nothing.bound < people else -1.0
    while most - least > (one or BUDGET_SHARE * most):
        budget = (least + most) / 2
        budget = round(budget / one) * one if one else budget
        found = site(replace(siting, budget=budget))
        if found.bound < people:
            refused = max(refused, budget)
        if found.people >= people:
            best, most = found.chosen, float(siting.price[found.chosen].sum())
        else:
            least = budget
    kept = np.flatnonzero(siting.kept)
    # What costs the refused budget is not enough; where all cost the same, one more is needed.
    bound = min(most, refused + one) if refused >= 0 else 0.0
    return Fewest(best, siting.value(np.append(best, kept)), most, bound)


def _cover(siting: Siting, people: float) -> Indices | None:
    """The cheapest found that reaches everybody whom any does, where so many are asked for and that is allowed."""
    seen = siting.sees.any(axis=0) & (siting.people > 0)
    if siting.fold > 1 or people < siting.people[seen].sum():
        return None
    left = seen & ~siting.sees[siting.kept].any(axis=0)
    found = cheapest_cover(siting.sees[:, left], np.maximum(np.where(siting.kept, 1.0, siting.price), 1e-9))
    return found if siting.allowed(found) and siting.kept[found].sum() == 0 else None
