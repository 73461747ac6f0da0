"""Sites for the town that is worst off: the most minutes that every town can have."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tocsin.model.errors import BadValue
from tocsin.plan.site_choice import site
from tocsin.plan.siting import Floats, Indices, Siting


class SitedForWorst(NamedTuple):
    """What was chosen. `bound_minutes`: no choice gives the worst town more; `unreachable` towns are left out.

    chosen    indices in ascending order, without what was kept
    minutes   of the worst town that any candidate reaches at all
    """

    chosen: Indices
    minutes: float
    bound_minutes: float
    unreachable: int


def minutes_of(minutes: Floats, network: Indices, fold: int = 1) -> Floats:
    """[P]: the minutes of each place under a network, from those [C, P] that each candidate gives; 0 without enough.

    A place that needs several sensors has the minutes of the one that comes last of them.
    """
    if len(network) < fold:
        return np.zeros(minutes.shape[1])
    return np.asarray(np.partition(minutes[network], len(network) - fold, axis=0)[len(network) - fold], float)


def site_for_worst(siting: Siting, minutes: Floats) -> SitedForWorst:
    """The choice that gives the worst town the most minutes. `siting.sees` is not looked at.

    Whether every town can have so many is a question of coverage; the answer only falls as minutes rise, so it is found
    by halving the minutes that occur. Raises BadValue where no town is reachable.
    """
    reachable = (minutes > 0).sum(axis=0) >= siting.fold
    minutes = minutes[:, reachable]
    if not minutes.size:
        raise BadValue("no candidate gives any town a minute; give other candidates, or more reach")
    at_best = minutes_of(minutes, np.arange(len(minutes)), siting.fold).min()
    levels = np.unique(minutes[(minutes > 0) & (minutes <= at_best)])
    chosen, refused = site(_towns(siting, minutes, levels[0]), steps=0).chosen, len(levels)
    low, high = -1, len(levels)
    # The first level that is not reached, and the first that is proved out of reach: the truth lies between them.
    while high - low > 1:
        middle = (low + high) // 2
        towns = _towns(siting, minutes, levels[middle])
        found = site(towns, [chosen])
        if found.people >= len(towns.people):
            low, chosen = middle, found.chosen
        else:
            high = middle
            if found.bound < len(towns.people) * (1 - 1e-9):
                refused = middle
    reached = float(minutes_of(minutes, np.append(chosen, np.flatnonzero(siting.kept)), siting.fold).min())
    # Between what was not found and what was proved out of reach, prove as much as can be proved.
    while refused - high > 0:
        middle = (high + refused) // 2
        towns = _towns(siting, minutes, levels[middle])
        if site(towns, [chosen]).bound < len(towns.people) * (1 - 1e-9):
            refused = middle
        else:
            high = middle + 1
    bound = levels[refused - 1] if refused else 0.0
    return SitedForWorst(chosen, reached, max(reached, float(bound)), int((~reachable).sum()))


def _towns(siting: Siting, minutes: Floats, least: float) -> Siting:
    """Every town counts one, and is seen by whoever gives it so many minutes."""
    return replace(siting, sees=minutes >= least, people=np.ones(minutes.shape[1]))
