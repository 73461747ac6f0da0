"""What one track endangers, many of them as one table, and what was let go of on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.forecast.footprint import NOWHERE, Footprint, footprint_of, joined, plain_of, released
from tocsin.model.threat import Outlook

NOW_S = 1_000.0


def under(rows: dict[int, tuple[float, float, float]]) -> Footprint:
    """Of zone -> (probability, earliest, likely)."""
    zones = sorted(rows)
    columns = np.array([rows[zone] for zone in zones], float).reshape(-1, 3).T
    return Footprint(np.array(zones, np.int32), *columns)


def test_what_was_let_go_at_a_zone_fades_over_a_minute_and_over_a_quarter_once_it_should_have_arrived() -> None:
    was = under({2: (0.8, 1_000.0, 1_040.0), 4: (0.5, 900.0, 950.0), 6: (0.4, 900.0, 986.0)})
    now = under(
        {2: (0.1, 1_020.0, 1_200.0), 3: (0.2, 1_010.0, 1_100.0), 4: (0.1, 1_030.0, 1_090.0), 6: (0.0, 1e3, 1e3)}
    )
    found = released(was, 990.0, NOW_S, now)
    assert found.zone.tolist() == [2, 3, 4, 6]
    # Zone 4 should have been struck more than 15 s ago; zone 6 within them.
    wanted = [0.8 * math.exp(-10 / 60), 0.2, 0.5 * math.exp(-10 / 15), 0.4 * math.exp(-10 / 60)]
    assert found.probability == pytest.approx(wanted)
    assert found.earliest_s.tolist() == now.earliest_s.tolist()
    assert found.likely_s.tolist() == [1_040.0, 1_100.0, 1_030.0, 1_000.0], (
        "its own time, and never before the earliest"
    )


def test_of_what_was_flown_at_and_is_flown_at_more_only_what_is_now_counts() -> None:
    was, now = under({1: (0.2, 0.0, 10.0)}), under({1: (0.3, 1_001.0, 1_050.0)})
    assert released(was, NOW_S, NOW_S, now).probability.tolist() == [0.3]
    assert released(was, NOW_S, NOW_S, now).likely_s.tolist() == [1_050.0]
    assert released(NOWHERE, 0.0, NOW_S, now) is now
    beyond = under({9: (0.3, 1_001.0, 1_050.0)})
    assert released(was, NOW_S, NOW_S, beyond).probability.tolist() == [0.3], "a zone beyond all that were flown at"


@given(
    st.lists(
        st.dictionaries(st.integers(0, 70_000), st.tuples(st.floats(0, 1), st.floats(0, 99), st.floats(0, 99))),
        max_size=5,
    )
)
def test_the_table_holds_every_row_of_every_track_once_sorted_by_zone_and_then_by_track(
    parts: list[dict[int, tuple[float, float, float]]],
) -> None:
    outlook = joined(NOW_S, [(f"T{k}", "drone", under(rows)) for k, rows in enumerate(parts)])
    wanted = sorted((zone, k, *rows[zone]) for k, rows in enumerate(parts) for zone in rows)
    found = zip(
        outlook.zone, outlook.track, outlook.probability, outlook.eta_earliest_s, outlook.eta_likely_s, strict=True
    )
    assert [tuple(float(part) for part in row) for row in found] == [(*row[:4], max(row[3], row[4])) for row in wanted]
    assert outlook.tracks == tuple(f"T{k}" for k in range(len(parts)))
    assert outlook.at_s == NOW_S


def test_a_probability_a_hair_above_one_is_one_and_what_is_apart_goes_along() -> None:
    apart: Outlook = joined(NOW_S, [])
    outlook = joined(NOW_S, [("T1", "jet", under({0: (1.0 + 1e-12, 1.0, 2.0)}))], apart)
    assert outlook.probability.tolist() == [1.0]
    assert outlook.apart is apart
    assert outlook.classes == ("jet",)


def test_a_footprint_over_zones_numbered_anew_keeps_each_row_with_its_zone_and_drops_those_that_are_gone() -> None:
    was = under({0: (0.1, 1.0, 2.0), 1: (0.2, 3.0, 4.0), 2: (0.3, 5.0, 6.0)})
    again = footprint_of(plain_of(was), np.array([5, -1, 3], np.int32))
    assert again.zone.tolist() == [3, 5]
    assert again.probability.tolist() == [0.3, 0.1]
    assert again.earliest_s.tolist() == [5.0, 1.0]
    assert again.likely_s.tolist() == [6.0, 2.0]
    assert footprint_of(plain_of(NOWHERE), np.empty(0, np.int32)).zone.tolist() == []
    assert plain_of("T1") == "T1"


def test_columns_of_several_lengths_are_no_footprint() -> None:
    with pytest.raises(AssertionError, match="columns of"):
        Footprint(np.zeros(2, np.int32), np.zeros(2), np.zeros(2), np.zeros(1))
