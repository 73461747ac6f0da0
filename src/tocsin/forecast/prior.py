"""Where things are sent at all: before anything is seen of their flight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.settings import ForecastSettings

Floats = NDArray[np.float64]


def prior_of(index: ZoneIndex, settings: ForecastSettings) -> Floats:
    """Prior probability of each zone as a destination, float64 [Z], summing to one.

    Shares by population ** power, evenly, and by area; then the sensitive and the struck before weigh more.
    """
    if not len(index):
        return np.empty(0)
    people = np.maximum(index.population, 1.0) ** settings.population_power
    area = np.array([outline.area for outline in index.outlines], float)
    by_people = (1 - settings.even_weight - settings.area_weight) * people / people.sum()
    prior = by_people + settings.even_weight / len(index) + settings.area_weight * area / max(area.sum(), 1e-9)
    for name, factor in sorted(settings.sensitive.items()):
        if name in index.number:
            prior[index.number[name]] *= factor
    for name, count in sorted(settings.past_strikes.items()):
        if name in index.number:
            prior[index.number[name]] += settings.past_strike_weight * count / len(index)
    assert prior.min() >= 0.0, "a zone less likely than never"
    total = prior.sum()
    return np.asarray(prior / total if total > 0 else np.full(len(index), 1 / len(index)), float)
