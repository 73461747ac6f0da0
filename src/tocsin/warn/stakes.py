"""What is at stake in a zone: the time people there need, and what a strike that meets them without cover weighs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.warn.policy import Policy

Floats = NDArray[np.float64]

# People of a zone where no figure is known anywhere.
PEOPLE_USUAL = 5_000.0


def need_s(index: ZoneIndex, policy: Policy) -> Floats:
    """Seconds before an attack at which people of each zone must be told, float64 [Z]."""
    return index.shelter_s + policy.delivery_s + policy.margin_s


def harm_s(index: ZoneIndex, policy: Policy) -> Floats:
    """Seconds under cover that a strike in each zone, met without cover, weighs for one person of it, float64 [Z].

    One strike endangers `struck_people` of those who live there, and each of them loses `miss_minutes`. A zone cut in
    two halves is warned as it was whole: the probability of a strike and the people halve alike.
    """
    factor = np.array(
        [policy.region_factor.get(z.id, policy.region_factor.get(z.parent or z.id, 1.0)) for z in index.zones], float
    )
    return 60.0 * policy.miss_minutes * policy.struck_people * factor / _stake(index, policy)


def _stake(index: ZoneIndex, policy: Policy) -> Floats:
    """People of each zone, and as many more as its ground draws strikes that nobody aimed at people, float64 [Z].

    The chance that a strike in a zone hits one given person of it is `struck_people` over this: both add up over the
    parts of a zone. Where nobody was counted anywhere, every zone has as many people as a usual one.
    """
    people, area = index.population, np.array([outline.area for outline in index.outlines], float)
    if not people.sum():
        people = np.full(len(index), PEOPLE_USUAL)
    ground = policy.area_share / (1.0 - policy.area_share) * people.sum() / max(area.sum(), 1e-9)
    return np.asarray(np.maximum(people + ground * area, 1.0), float)
