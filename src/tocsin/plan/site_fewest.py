"""How few sensors do: the fewest, or the cheapest, that give so many people enough minutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.plan.site_choice import site
from tocsin.plan.siting import Sited, Siting

# A budget is known to this share of itself: prices are known no better.
BUDGET_SHARE = 0.005


def fewest(siting: Siting, people: float) -> Sited | None:
    """The choice with the smallest budget that was found to give so many people enough; None where none was found.

    Budgets are halved between nothing and the siting's own, or what all that may be chosen costs. Where all prices are
    the same that is the number of sensors. `siting.most` holds all the while.
    """
    free = siting.price[~siting.kept]
    one = float(free.min()) if len(free) and free.min() == free.max() > 0 else 0.0
    dearest = [np.sort(siting.price[(siting.kind == kind) & ~siting.kept])[::-1] for kind in range(len(siting.most))]
    all_of_it = sum(float(prices[:most].sum()) for prices, most in zip(dearest, siting.most, strict=True))
    least, most = 0.0, min(siting.budget, all_of_it)
    best = site(replace(siting, budget=most))
    if best.people < people:
        return None
    while most - least > (one or BUDGET_SHARE * most):
        budget = (least + most) / 2
        budget = round(budget / one) * one if one else budget
        found = site(replace(siting, budget=budget), [best.chosen[: int(budget / one)]] if one else ())
        if found.people >= people:
            best, most = found, budget
        else:
            least = budget
    return best
