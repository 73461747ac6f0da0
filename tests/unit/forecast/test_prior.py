"""Where things are sent at all: shares that sum to one, by people, by area, evenly, and by what is known of places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forecast.worlds import square
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.prior import prior_of
from tocsin.forecast.settings import ForecastSettings

# A town of three times the people, a wide one, and one where nobody is counted.
INDEX = ZoneIndex(
    [
        square("town", 50.0, 20.0, population=30_000),
        square("wide", 50.5, 20.0, half_deg=0.08, population=10_000),
        square("empty", 51.0, 20.0, population=0),
    ]
)
AREA = np.array([outline.area for outline in INDEX.outlines])


def test_a_share_goes_by_area_and_the_rest_by_people_and_where_nobody_is_counted_somebody_may_be() -> None:
    people = np.array([30_000.0, 10_000.0, 1.0])
    wanted = 0.7 * people / people.sum() + 0.3 * AREA / AREA.sum()
    assert prior_of(INDEX, ForecastSettings()) == pytest.approx(wanted)
    assert wanted[1] / AREA[1] < wanted[0] / AREA[0]


def test_a_share_may_be_spread_evenly_and_people_may_count_less_than_their_number() -> None:
    people = np.sqrt([30_000.0, 10_000.0, 1.0])
    wanted = 0.5 * people / people.sum() + 0.2 / 3 + 0.3 * AREA / AREA.sum()
    assert prior_of(INDEX, ForecastSettings(even_weight=0.2, population_power=0.5)) == pytest.approx(wanted)
    assert prior_of(INDEX, ForecastSettings(even_weight=1.0, area_weight=0.0)) == pytest.approx(np.full(3, 1 / 3))


def test_a_power_station_weighs_its_factor_and_a_strike_of_before_a_mean_zone() -> None:
    plain = prior_of(INDEX, ForecastSettings())
    sensitive = prior_of(INDEX, ForecastSettings(sensitive={"wide": 5.0, "nowhere": 9.0}))
    weight = plain * [1.0, 5.0, 1.0]
    assert sensitive == pytest.approx(weight / weight.sum())
    struck = prior_of(INDEX, ForecastSettings(past_strikes={"empty": 2.0, "nowhere": 9.0}, past_strike_weight=0.5))
    weight = plain + np.array([0.0, 0.0, 0.5 * 2.0 / 3])
    assert struck == pytest.approx(weight / weight.sum())


@given(st.integers(1_000, 10**7), st.floats(0.0, 1.0))
def test_a_zone_cut_in_two_is_as_likely_struck_as_it_was_whole(people: int, area_weight: float) -> None:
    other = square("other", 50.5, 20.0, population=50_000)
    west, east = (
        square(name, 50.0, lon, half_deg=0.04, population=people) for name, lon in (("w", 20.0), ("e", 20.08))
    )
    ring = ((19.96, 49.96), (20.12, 49.96), (20.12, 50.04), (19.96, 50.04), (19.96, 49.96))
    whole = type(west)(id="whole", name="whole", population=2 * people, polygons=((ring,),))
    settings = ForecastSettings(area_weight=area_weight)
    one = prior_of(ZoneIndex([whole, other]), settings)[0]
    two = prior_of(ZoneIndex([west, east, other]), settings)[:2].sum()
    assert two == pytest.approx(one, rel=1e-3)


def test_where_everything_weighs_nothing_every_zone_is_alike_and_no_zones_have_no_prior() -> None:
    nothing = ForecastSettings(sensitive={"town": 0.0, "wide": 0.0, "empty": 0.0})
    assert prior_of(INDEX, nothing).tolist() == [1 / 3] * 3
    assert prior_of(ZoneIndex([]), ForecastSettings()).shape == (0,)
