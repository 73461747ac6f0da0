"""What a forecast may be told: horizon, priors and bounds. Every weight may be zero."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from tocsin.model.errors import BadValue
from tocsin.model.value import Id, Probability, Value

Weight = Annotated[float, Meta(ge=0, le=1e6)]


class ForecastSettings(Value, frozen=True, kw_only=True):
    """Settings of the forecast.

    horizon_s           attacks expected later than this are not forecast
    reach_s             zones that a track can reach within this are in the outlook even when an attack is unlikely
    keep_probability    pairs less likely than this, and not within reach, are left out
    population_power    prior of a zone ~ population ** power; 1: a zone cut in two is expected to be struck as it was
                        whole; 0: every zone alike
    even_weight         share of the prior spread evenly over the zones, whatever their population
    area_weight         share spread by area: what is shot down, or misses, falls anywhere
    sensitive           zone id -> factor on its prior (power stations, airfields, ministries)
    past_strikes        zone id -> number of past strikes; each adds `past_strike_weight` mean zones' worth of prior
    nowhere             prior probability that a track is bound for no zone at all
    tentative           how far a tentative track (not a ballistic one) counts
    """

    horizon_s: Annotated[float, Meta(ge=60, le=7_200)] = 900.0
    reach_s: Annotated[float, Meta(ge=0, le=3_600)] = 240.0
    keep_probability: Probability = 0.002
    population_power: Annotated[float, Meta(ge=0, le=2)] = 1.0
    even_weight: Probability = 0.0
    area_weight: Probability = 0.3
    sensitive: dict[Id, float] = {}  # noqa: RUF012 - msgspec copies defaults
    past_strikes: dict[Id, float] = {}  # noqa: RUF012
    past_strike_weight: Weight = 1.0
    nowhere: Probability = 0.1
    tentative: Probability = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.even_weight + self.area_weight > 1:
            both = self.even_weight + self.area_weight
            raise BadValue(f"even_weight and area_weight sum to {both:g}; they may reach at most 1")
        for key, table in (("sensitive", self.sensitive), ("past_strikes", self.past_strikes)):
            for name, number in table.items():
                if not 0 <= number <= 1_000_000:
                    raise BadValue(f"{key} of {name} is {number!r}; it must lie between 0 and 1,000,000")
