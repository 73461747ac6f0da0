"""Which sites to choose: the most people with enough minutes, for so many sensors of each kind or a budget.

Everything here is arrays: which candidate gives which place enough minutes, how many people live there, what a
candidate costs. Maximum coverage (Church and ReVelle 1974), weighted, with a partition and a budget; a place may need
several sensors (`fold`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadValue

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# 400 million pairs are 1.6 GB in single precision, on a machine of 4 GB the most that leaves room to think.
PAIRS_MAX = 400_000_000


@dataclass(frozen=True)
class Siting:
    """What may be chosen, and what it gives.

    sees     bool [C, P]: candidate c alone gives place p enough minutes
    people   [P]: who live there
    kind     int [C]: the kind of each candidate, 0 to K - 1
    most     int [K]: the most of each kind that may be chosen, beside what is kept
    price    [C]: what each costs
    budget   the most that the chosen may cost together
    kept     bool [C]: there already; always part of the network, costs nothing and does not count
    fold     how many sensors a place needs
    """

    sees: Flags
    people: Floats
    kind: Indices
    most: Indices
    price: Floats
    kept: Flags
    budget: float = np.inf
    fold: int = 1

    def __post_init__(self) -> None:
        candidates, places = self.sees.shape
        if candidates * places > PAIRS_MAX:
            raise BadValue(
                f"{candidates} candidates x {places} places are more than {PAIRS_MAX} pairs; give fewer candidates"
            )
        for name, length in (("kind", candidates), ("price", candidates), ("kept", candidates), ("people", places)):
            if getattr(self, name).shape != (length,):
                raise BadValue(f"{name} has shape {getattr(self, name).shape}; it must be ({length},)")
        if candidates and not (self.kind.min() >= 0 and self.kind.max() < len(self.most)):
            raise BadValue(f"kind is {self.kind.min()} to {self.kind.max()}; it must be 0 to {len(self.most) - 1}")
        for name in ("people", "price"):
            if not np.all(np.isfinite(getattr(self, name)) & (getattr(self, name) >= 0)):
                raise BadValue(f"{name} has {getattr(self, name).min()}; each must be 0 or more")
        if (self.most < 0).any() or not self.budget >= 0:
            raise BadValue(f"most is {self.most.tolist()} and budget {self.budget}; they must be 0 or more")
        if self.fold < 1:
            raise BadValue(f"fold is {self.fold}; a place needs 1 sensor or more")

    def seen(self, network: Indices) -> Indices:
        """How many of a network (indices, the kept among them) give each place enough, [P]."""
        return np.asarray(self.sees[network].sum(axis=0, dtype=np.intp))

    def value(self, network: Indices) -> float:
        """People with enough minutes under a network: of places that `fold` of its sensors give enough."""
        return float(self.people[self.seen(network) >= self.fold].sum())

    def after_losses(self, network: Indices) -> Floats:
        """The same after the loss of each sensor of the network alone, [N]."""
        seen, least = self.seen(network), self.fold
        lost = [self.people[(seen >= least) & (seen - self.sees[one] < least)].sum() for one in network]
        return self.value(network) - np.asarray(lost, float)

    def allowed(self, chosen: Indices) -> bool:
        """Whether these may be chosen together, beside what is kept."""
        counts = np.bincount(self.kind[chosen], minlength=len(self.most))
        return bool((counts <= self.most).all() and self.price[chosen].sum() <= self.budget * (1 + 1e-12))


class Sited(NamedTuple):
    """What was chosen. `bound`: no choice at all gives more people; `proved_by` says how that is known.

    chosen   indices in ascending order, without what was kept
    people   with enough minutes, under the chosen and the kept
    """

    chosen: Indices
    people: float
    bound: float
    proved_by: str

    @property
    def gap(self) -> float:
        """How much more than this, as a share of the bound, the best choice could give at most."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.people / self.bound)


def in_order(siting: Siting) -> tuple[Siting, Indices]:
    """The same with its candidates in an order that depends on what they give alone, and their old indices.

    So the order in which candidates are listed changes nothing of what is found; equals may change places.
    """
    rows = np.packbits(siting.sees, axis=1)
    keys = np.argsort([row.tobytes() for row in rows], kind="stable") if len(rows) else np.zeros(0, np.intp)
    order = keys[np.lexsort((siting.price[keys], siting.kind[keys], ~siting.kept[keys]))]
    return taken(siting, order), order


def taken(siting: Siting, candidates: Indices) -> Siting:
    """The same with these candidates alone, in this order."""
    return replace(
        siting,
        sees=siting.sees[candidates],
        kind=siting.kind[candidates],
        price=siting.price[candidates],
        kept=siting.kept[candidates],
    )


def merged(siting: Siting) -> Siting:
    """The same with places that the same candidates see made one, and those that nobody sees left out.

    Values are the same but for the people of places that nobody sees, who count nowhere.
    """
    seen = siting.sees.sum(axis=0) >= siting.fold
    columns = np.ascontiguousarray(np.packbits(siting.sees[:, seen], axis=0).T)
    if not columns.size:
        return replace(siting, sees=siting.sees[:, seen], people=siting.people[seen])
    keys = columns.view(np.dtype((np.void, columns.shape[1]))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return replace(
        siting,
        sees=np.ascontiguousarray(siting.sees[:, seen][:, first]),
        people=np.bincount(place.ravel(), weights=siting.people[seen]).astype(float),
    )
