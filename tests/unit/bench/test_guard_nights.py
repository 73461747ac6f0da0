"""The nights of `bench guard`: when an all clear is a false one."""

from __future__ import annotations

import numpy as np

from tocsin.bench.guard_nights import flown_mps


def test_where_a_path_begins_or_ends_its_speed_is_that_of_the_step_that_was_flown() -> None:
    east = np.array([np.nan, np.nan, 0.0, 100.0, 300.0, np.nan])
    found = flown_mps(east, 0.0 * east, np.linspace(0.0, 10.0, 6))
    np.testing.assert_array_equal(found, [np.nan, np.nan, 50.0, 100.0, 100.0, np.nan])
