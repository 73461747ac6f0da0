"""From offers and candidates to a proposal: which sensors where, and what other layouts would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor
from tocsin.plan.site_candidates import Offer
from tocsin.plan.site_choice import proved, site
from tocsin.plan.site_fewest import fewest
from tocsin.plan.site_losses import site_for_losses
from tocsin.plan.site_network import Network
from tocsin.plan.site_worst import site_for_worst
from tocsin.plan.siting import Indices, Siting


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    offers   what can be had; most  the most of each
    budget   for all together
    aim      `people` with enough minutes; `losses`: those left after the worst loss of one sensor; `worst`: the median
             minutes of the town that is worst off
    reach    instead: the cheapest that gives this share of all people enough; 0: no such wish
    fold     how many sensors each way in needs
    prove_s  seconds for branch and bound; 0: the bound is that of the search
    """

    offers: tuple[Offer, ...]
    most: tuple[int, ...]
    budget: float = np.inf
    aim: str = "people"
    fold: int = 1
    prove_s: float = 0.0
    reach: float = 0.0


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and what it was chosen by.

    reached, bound   people, seconds of the worst town or price, by what is wished; as each sensor gives alone
    """

    sensors: tuple[Sensor, ...]
    reached: float
    bound: float
    proved_by: str
    price: float


def siting_of(network: Network, wish: Wish, kinds: Sequence[int | None]) -> Siting:
    """The problem of arrays. `kinds`: for each sensor of the network the offer that it is of; None: it is there."""
    kept = np.array([kind is None for kind in kinds], bool)
    kind = np.array([kind or 0 for kind in kinds], np.intp)
    prices = np.array([offer.price for offer in wish.offers])
    return Siting(
        sees=network.alone,
        people=network.people,
        kind=kind,
        most=np.array(wish.most, np.intp),
        price=np.where(kept, 0.0, prices[kind]),
        kept=kept,
        budget=wish.budget,
        fold=wish.fold,
    )


def proposed(
    network: Network, wish: Wish, kinds: Sequence[int | None], layouts: Mapping[str, Sequence[str]]
) -> Proposal:
    """The best sites found; never worse, by what each sensor gives alone, than an allowed one of the layouts (ids)."""
    siting = siting_of(network, wish, kinds)
    numbers = {sensor.id: number for number, sensor in enumerate(network.sensors)}
    starts: list[Indices] = [
        np.array(sorted(numbers[one] for one in ids if kinds[numbers[one]] is not None), np.intp)
        for ids in layouts.values()
    ]
    if wish.reach:
        cheapest = fewest(siting, wish.reach * float(network.people.sum()))
        if cheapest is None:
            raise BadSettings(f"no choice gives {wish.reach:.0%} of the people enough; ask for less, or offer more")
        told = "the largest budget that a Lagrangian dual refuses"
        return _told(network, siting, cheapest.chosen, (cheapest.price, cheapest.bound), told)
    if wish.aim == "worst":
        worst = site_for_worst(siting, network.median_s)
        told = "halving over coverage, each refused by its Lagrangian dual"
        return _told(network, siting, worst.chosen, (worst.minutes, worst.bound_minutes), told)
    if wish.aim == "losses":
        found = site_for_losses(siting, starts)
    elif wish.aim == "people":
        found = site(siting, starts)
        found = proved(siting, found, wish.prove_s) if wish.prove_s else found
    else:
        raise BadSettings(f"the aim is {wish.aim!r}; it must be people, losses or worst")
    return _told(network, siting, found.chosen, (found.people, found.bound), found.proved_by)


def _told(network: Network, siting: Siting, chosen: Indices, reached: tuple[float, float], proved_by: str) -> Proposal:
    sensors = tuple(network.sensors[number] for number in chosen.tolist())
    return Proposal(sensors, *reached, proved_by, float(siting.price[chosen].sum()))
