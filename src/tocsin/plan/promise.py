"""From firm tracks to people in shelter: what a plan promises, over all the ways an attack may come.

Two times before a strike: since when it is *tracked*, which is what the sensors give, and since when people are
*covered*, which is what a policy makes of it: cover too early is a burden, so of a drone tracked for half an hour
people hear in the last minutes. When the chain says so was measured on raids that nothing is reported on (`LEADS`;
`docs/why/minutes.md` says which, and how far the promise held on others).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tocsin.model.threat import ThreatClass
from tocsin.warn.policy import Policy

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

# When cover comes where a track is early enough: deciles (0 to 100 %) of the seconds before the strike, in times of
# what people there need (seconds to shelter, delivery and margin). After Kaplan and Meier (1958) of 47 strikes by
# drones, 40 by cruise missiles and 37 by jets: where cover came with the track, all that is known is that it was no
# later. Too few helicopters struck; they are flown by people, as jets are.
_FLOWN = (0.8, 1.0, 1.6, 1.7, 2.2, 2.9, 3.1, 3.7, 4.4, 4.5, 4.6)
LEADS: dict[ThreatClass, tuple[float, ...]] = {
    "drone": (1.3, 1.5, 2.3, 2.7, 2.9, 3.3, 3.6, 4.0, 4.9, 6.0, 7.5),
    "cruise_missile": (0.6, 1.3, 1.4, 1.6, 1.8, 2.2, 2.3, 3.0, 3.2, 3.3, 3.3),
    "jet": _FLOWN,
    "helicopter": _FLOWN,
}
# Of what is thrown: deciles of the seconds from the track to cover, of 29 ballistic missiles; of 43 rockets 0 to 2.
LAGS: dict[ThreatClass, tuple[float, ...]] = {
    "ballistic_missile": (0.0, 0.0, 0.0, 0.0, 0.0, 21.0, 27.0, 30.0, 33.0, 45.0, 59.0),
}
# Steps of the golden section fall evenly between 0 and 1, however many they are.
GOLDEN = 0.6180339887498949
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Times:
    """Seconds before a strike, by zone, float64 [Z]; NaN where no attack of the class can come.

    worst_s   of any way in
    least_s   nine ways of ten have at least this
    median_s
    most_s    one way of ten has this or more
    """

    worst_s: Floats
    least_s: Floats
    median_s: Floats
    most_s: Floats


@dataclass(frozen=True)
class Promise:
    """What one class's attacks on each zone leave people, arrays [Z].

    tracked   from the first firm track to the strike
    covered   from the order to take cover to the strike, under the policy
    noticed   share of the ways on which there is a firm track at all
    could     share of people who can be in shelter when it strikes, told as soon as there is a track
    inside    the same, told when the policy tells them
    """

    tracked: Times
    covered: Times
    noticed: Floats
    could: Floats
    inside: Floats

    def with_zones(self, which: NDArray[np.bool_], anew: Promise) -> Promise:
        """The same with that of some zones [Z] instead, in their order."""

        def put(old: Floats, new: Floats) -> Floats:
            found = old.copy()
            found[which] = new
            return found

        def times(old: Times, new: Times) -> Times:
            return Times(*(put(getattr(old, name), getattr(new, name)) for name in Times.__dataclass_fields__))

        shares = (put(getattr(self, name), getattr(anew, name)) for name in ("noticed", "could", "inside"))
        return Promise(times(self.tracked, anew.tracked), times(self.covered, anew.covered), *shares)


def promise_of(threat: ThreatClass, firm_s: Singles, shelter_s: Floats, policy: Policy) -> Promise:
    """What ways of one class promise.

    firm_s      float32 [Z, N], as `flown.firm` gives them
    shelter_s   [Z]
    """
    firm = firm_s.astype(float)
    need = shelter_s + policy.delivery_s + policy.margin_s
    ways = firm.shape[1]
    covered = np.minimum(firm, need[:, None] * _drawn(LEADS.get(threat), ways, np.inf)[None, :])
    covered = np.maximum(covered - _drawn(LAGS.get(threat), ways, 0.0)[None, :], 0.0)
    comes = np.isfinite(firm)
    share = comes.sum(axis=1)
    noticed = np.divide((firm > 0).sum(axis=1), share, out=np.full(len(firm), np.nan), where=share > 0)
    return Promise(
        times_of(firm),
        times_of(covered),
        noticed,
        _inside(firm, shelter_s, policy),
        _inside(covered, shelter_s, policy),
    )


def times_of(seconds: Floats) -> Times:
    """Quantiles of [Z, N] over N; NaN is passed over, and is what comes of nothing else."""
    ordered = np.sort(seconds, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    rows = np.arange(len(ordered))

    def at(share: float) -> Floats:
        # The middle of the steps that a sample of N makes of a distribution; between two of them in a straight line.
        place = np.clip(share * count - 0.5, 0, np.maximum(count - 1, 0))
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        return np.asarray(ordered[rows, low] + (place - low) * (ordered[rows, high] - ordered[rows, low]), float)

    return Times(ordered[:, 0], *(at(share) for share in SHARES))


def _drawn(deciles: tuple[float, ...] | None, ways: int, otherwise: float) -> Floats:
    """A distribution on N ways, evenly, in an order that has nothing to do with theirs; `otherwise` without one."""
    if deciles is None:
        return np.full(ways, otherwise)
    share = (0.5 + np.arange(ways) * GOLDEN) % 1.0
    return np.asarray(np.interp(share, np.linspace(0, 1, len(deciles)), deciles), float)


def _inside(told_s: Floats, shelter_s: Floats, policy: Policy) -> Floats:
    """Share of people in shelter, [Z], where orders come so long before the strike, [Z, N]: times to shelter differ."""
    heard = np.maximum(told_s - policy.delivery_s, 0.0)
    need = np.maximum(shelter_s, 1e-3)[:, None]
    with np.errstate(divide="ignore"):
        arrived = np.where(heard > 0, expit(np.log(heard / need) / policy.response_spread), 0.0)
    known = np.isfinite(told_s)
    many = known.sum(axis=1)
    total = np.where(known, arrived, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, many, out=np.full(len(told_s), np.nan), where=many > 0), float)
