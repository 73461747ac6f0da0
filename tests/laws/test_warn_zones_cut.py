"""Who is warned depends on where people are, and not on how their places are cut into zones."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.warn.worlds import NOW_S, track_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.prior import prior_of
from tocsin.forecast.settings import ForecastSettings
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

WIDTH_DEG = 0.1
WHOLE = ZoneIndex([zone("place", 50.0), zone("elsewhere", 51.0, width_deg=0.7)])
classes: list[ThreatClass] = ["drone", "cruise_missile", "jet", "ballistic_missile", "rocket", "unknown"]
# Of each moment: the probability of an attack on the whole place, and seconds until it likely comes.
nights = st.lists(st.tuples(st.floats(0.0, 0.9), st.floats(0.0, 900.0)), min_size=2, max_size=25)


def outlook(at_s: float, shares: list[float], probability: float, left_s: float, threat: ThreatClass) -> Outlook:
    """What endangers the parts of the place, each its share of it; the last zone, elsewhere, is left alone."""
    parts = len(shares)
    likely_s = np.full(parts, at_s + left_s)
    return Outlook(
        at_s=at_s, zone=np.arange(parts, dtype=np.int32), track=np.zeros(parts, np.int32),
        probability=probability * np.array(shares), eta_earliest_s=at_s + 0.7 * (likely_s - at_s),
        eta_likely_s=likely_s, tracks=("T1",), classes=(threat,),
    )  # fmt: skip


def under_cover(
    index: ZoneIndex, shares: list[float], night: list[tuple[float, float]], threat: ThreatClass
) -> list[bool]:
    """Whether each part is under cover, moment by moment."""
    # What is merely possible is told by zone, and is not this law's.
    warner, seen = Warner(index, Policy(), drill=False), []
    for number, (probability, left_s) in enumerate(night):
        at_s = NOW_S + 10.0 * number
        warner.decide(
            at_s, outlook(at_s, shares, probability, left_s, threat), [track_of(at_s)],
            impacts=(), alerts=(), acts=(), blind={},
        )  # fmt: skip
        seen += [state.level == "take_cover" for state in warner.states()[: len(shares)]]
    return seen


@given(st.lists(st.integers(5, 100), min_size=2, max_size=6), nights, st.sampled_from(classes))
@settings(max_examples=60, deadline=None)
def test_cutting_a_place_changes_nobodys_cover(
    widths: list[int], night: list[tuple[float, float]], threat: ThreatClass
) -> None:
    shares = [width / sum(widths) for width in widths]
    west = [20.0 + WIDTH_DEG * sum(shares[:k]) for k in range(len(shares))]
    parts = [zone(f"p{k}", 50.0, lon=west[k], width_deg=WIDTH_DEG * shares[k]) for k in range(len(shares))]
    cut = ZoneIndex([*parts, zone("elsewhere", 51.0, width_deg=0.7)], WHOLE.frame)
    # People are counted one by one: shares of them as exact as of the ground.
    object.__setattr__(cut, "population", np.array([*(1_000 * share for share in shares), 7_000.0]))
    whole = under_cover(WHOLE, [1.0], night, threat)
    assert under_cover(cut, shares, night, threat) == [level for level in whole for _ in shares]
    expected = prior_of(cut, ForecastSettings())[:-1].sum()
    np.testing.assert_allclose(expected, prior_of(WHOLE, ForecastSettings())[0], rtol=1e-3)
