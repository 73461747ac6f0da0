"""Good choices of sites: lazy greedy, then exchanges of one sensor for another until none helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.plan.siting import Flags, Floats, Indices, Siting

# A gain below this share of all people is the rounding of single precision.
LEAST_GAIN = 1e-6
# How much a place counts that is on its way to being seen `fold` times: never as much as one that is.
PROMISE = 1e-3
# Lazy greedy looks at so many at once: one product of matrices costs little more than one of vectors.
BATCH = 32


class Search:
    """A siting made ready: what it sees in single precision, and room for nothing else.

    A network here is the chosen (indices) and, always, the kept.
    """

    def __init__(self, siting: Siting) -> None:
        self.siting = siting
        self.sees = siting.sees.astype(np.float32)
        self.people = siting.people.astype(np.float32)
        self.kept = np.flatnonzero(siting.kept)
        self.least = LEAST_GAIN * max(float(siting.people.sum()), 1.0)
        self._kept_seen = siting.seen(self.kept)

    def seen(self, chosen: Indices) -> Indices:
        """How many of the network see each place, [P]."""
        return self._kept_seen + self.siting.seen(chosen)

    def value(self, chosen: Indices) -> float:
        """People with enough minutes."""
        return float(self.siting.people[self.seen(chosen) >= self.siting.fold].sum())

    def fits(self, chosen: Indices) -> Flags:
        """Which candidates may be added, [C]."""
        siting = self.siting
        room = siting.most - np.bincount(siting.kind[chosen], minlength=len(siting.most))
        left = siting.budget * (1 + 1e-12) - siting.price[chosen].sum()
        fits = ~siting.kept & (room[siting.kind] > 0) & (siting.price <= left)
        fits[chosen] = False
        return np.asarray(fits, bool)

    def worth(self, seen: NDArray[np.int_]) -> tuple[Floats, NDArray[np.float32]]:
        """For counts [..., P]: the worth of having them, [...], and what one more look at each place adds, [..., P].

        The worth is the people who are seen `fold` times, and, where that takes several sensors, a little for others.
        """
        fold, people = self.siting.fold, self.people
        adds = np.where(seen == fold - 1, people, np.float32(0))
        worth = np.asarray((seen >= fold) @ self.siting.people, float)
        if fold > 1:
            adds += np.where(seen < fold, np.float32(PROMISE / fold) * people, np.float32(0))
            worth += PROMISE / fold * (np.minimum(seen, fold) @ self.siting.people)
        return worth, adds

    def filled(self, chosen: Indices, *, per_price: bool) -> Indices:
        """The chosen and, one by one, whatever adds most (for its price) as long as anything fits: lazy greedy.

        Minoux 1978: what a candidate adds only falls as others are added, so what it added before is a bound. Where
        places need several sensors each look counts its share, so that this holds there too.
        """
        siting = self.siting
        price = np.maximum(siting.price, 1e-9) if per_price else np.ones(len(siting.price))
        seen = self.seen(chosen)
        bound = np.full(len(price), np.inf)
        while (fits := self.fits(chosen)).any():
            share = np.where(seen < siting.fold, self.people / np.float32(siting.fold), np.float32(0))
            bound[~fits] = -np.inf
            best, adds = self._laziest(bound, share, price)
            if adds * price[best] <= self.least / siting.fold:
                break
            chosen = np.append(chosen, best)
            seen = seen + siting.sees[best]
        return chosen

    def _laziest(self, bound: Floats, share: NDArray[np.float32], price: Floats) -> tuple[int, float]:
        """The candidate that adds most now, and what; bounds that were looked at are renewed."""
        fresh = np.zeros(len(bound), bool)
        while True:
            best = int(np.argmax(bound))
            if fresh[best] or bound[best] == -np.inf:
                return best, float(bound[best])
            top = np.flatnonzero(~fresh & (bound > -np.inf))
            if np.isfinite(bound[best]) and len(top) > BATCH:
                top = top[np.argsort(-bound[top], kind="stable")[:BATCH]]
            bound[top] = (self.sees[top] @ share) / price[top]
            fresh[top] = True

    def exchanged(self, chosen: Indices) -> Indices:
        """The chosen after exchanges of one for one, the best first, until none gives more."""
        while len(chosen):
            without = self.seen(chosen) - self.siting.sees[chosen]
            worth, adds = self.worth(without)
            after = worth + self.sees @ adds.T
            after[~self._exchanges(chosen)] = -np.inf
            now, _ = self.worth(self.seen(chosen))
            into, out = np.unravel_index(int(np.argmax(after)), after.shape)
            if not after[into, out] > now + self.least:
                return chosen
            chosen = np.append(np.delete(chosen, out), into)
        return chosen

    def _exchanges(self, chosen: Indices) -> Flags:
        """bool [C, N]: whether candidate c may take the place of the n-th chosen."""
        siting = self.siting
        room = siting.most - np.bincount(siting.kind[chosen], minlength=len(siting.most))
        left = siting.budget * (1 + 1e-12) - siting.price[chosen].sum()
        same = siting.kind[:, None] == siting.kind[chosen]
        allowed = (room[siting.kind][:, None] + same > 0) & (siting.price[:, None] <= left + siting.price[chosen])
        allowed[siting.kept] = False
        allowed[chosen] = False
        return np.asarray(allowed, bool)

    def improved(self, chosen: Indices) -> Indices:
        """The chosen, filled and exchanged in turn until neither helps; what they give never falls."""
        while True:
            better = self.exchanged(self.filled(chosen, per_price=np.isfinite(self.siting.budget)))
            if len(better) == len(chosen) and self.value(better) <= self.value(chosen) + self.least:
                return better
            chosen = better
