"""Numbers in effects are rounded to what they mean, and never to another thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.warn.worlds import NOW_S, track_of
from tocsin.engine.rounding import for_people, health_for_people
from tocsin.model.sensor import SensorHealth


@pytest.mark.parametrize(
    ("field", "measured", "shown"),
    [
        ("lat", 49.123456, 49.12346),
        ("lon", -0.000004, 0.0),
        ("lon", 179.999996, 180.0),
        ("altitude_m", 300.6, 301.0),
        ("altitude_m", -12.4, -12.0),
        ("speed_mps", 50.06, 50.1),
        ("heading_deg", 359.94, 359.9),
        ("heading_deg", 359.96, 0.0),
        ("heading_deg", 0.04, 0.0),
        ("climb_mps", -3.26, -3.3),
        ("sigma_m", 0.2, 1.0),
        ("sigma_m", 1.6, 2.0),
        ("probability", 0.12345, 0.123),
        ("probability", 0.9996, 1.0),
        ("classes", {"jet": 0.0010, "drone": 0.99851, "rocket": 0.0009}, {"drone": 0.999, "jet": 0.001}),
        ("covariance", (1.0,) * 21, ()),
    ],
)
def test_a_track_is_shown_to_what_its_numbers_mean(field: str, measured: Any, shown: Any) -> None:
    assert getattr(for_people(track_of(NOW_S, **{field: measured})), field) == shown


def test_no_zero_is_shown_with_a_sign() -> None:
    assert str(for_people(track_of(NOW_S, climb_mps=-0.04)).climb_mps) == "0.0"


def test_what_is_no_number_is_shown_as_it_is() -> None:
    track = track_of(NOW_S, status="coasted", cooperative=True, icao24="4b1234", sensors=3)
    shown = for_people(track)
    for field in ("id", "time", "updated", "threat", "status", "sensors", "cooperative", "icao24"):
        assert getattr(shown, field) == getattr(track, field)


def test_what_is_measured_of_a_sensor_is_told_as_exactly_as_it_is_known() -> None:
    measured = SensorHealth(
        sensor="radar", state="biased", reports=7, range_bias_m=-0.04, azimuth_bias_deg=0.12345, time_bias_s=0.0004,
        range_bias_sigma_m=11.298084871976053, azimuth_noise_deg=0.10311889351110966, detection_probability=0.90269,
        false_plots_per_scan=1.1082, delay_s=0.60049,
    )  # fmt: skip
    assert health_for_people(measured) == SensorHealth(
        sensor="radar", state="biased", reports=7, range_bias_m=0.0, azimuth_bias_deg=0.123, time_bias_s=0.0,
        range_bias_sigma_m=11.3, azimuth_noise_deg=0.103, detection_probability=0.903,
        false_plots_per_scan=1.11, delay_s=0.6,
    )  # fmt: skip
    assert "-0.0" not in str(health_for_people(measured))
