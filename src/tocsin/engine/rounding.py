"""Numbers in effects are rounded to what they mean, so that effects compare byte for byte and claim nothing more."""

from __future__ import annotations

import msgspec

from tocsin.model.sensor import SensorHealth
from tocsin.model.track import Track
from tocsin.model.unchecked import unchecked

# 1e-5 degree is 1 m.
DEGREE_DECIMALS = 5
PROBABILITY_DECIMALS = 3


# What `for_people` writes; the rest of a track is shown as it is.
_ROUNDED = (
    "lat", "lon", "altitude_m", "speed_mps", "heading_deg", "climb_mps", "sigma_m", "probability", "classes",
    "newest", "others", "covariance", "arc",
)  # fmt: skip


def for_people(track: Track) -> Track:
    """The track as effects carry it: metres, tenths of m/s and degrees, probabilities to 0.001, no covariance."""
    rounded = (
        round(track.lat, DEGREE_DECIMALS),
        round(track.lon, DEGREE_DECIMALS),
        float(round(track.altitude_m)),
        round(track.speed_mps, 1),
        round(track.heading_deg, 1) % 360,
        round(track.climb_mps, 1) + 0.0,
        max(1.0, float(round(track.sigma_m))),
        round(track.probability, PROBABILITY_DECIMALS),
        {name: round(p, PROBABILITY_DECIMALS) for name, p in track.classes.items() if p >= 0.001},
        "",
        None,
        (),
        None,
    )
    # No bound of a track lies between two numbers so round.
    return unchecked(track, _ROUNDED, rounded)


# What a radar's measured performance means: decimetres, thousandths of a degree and of a second, a hundredth of a plot.
_HEALTH_DECIMALS = {
    "range_bias_m": 1,
    "azimuth_bias_deg": 3,
    "time_bias_s": 3,
    "range_bias_sigma_m": 1,
    "azimuth_bias_sigma_deg": 3,
    "time_bias_sigma_s": 3,
    "range_noise_m": 1,
    "azimuth_noise_deg": 3,
    "detection_probability": PROBABILITY_DECIMALS,
    "false_plots_per_scan": 2,
    "delay_s": 3,
}


def health_for_people(health: SensorHealth) -> SensorHealth:
    """A sensor's performance as effects carry it.

    A different processor's last digits are rounded away: they were all that told two runs of a night apart.
    """
    measured = ((name, getattr(health, name), decimals) for name, decimals in _HEALTH_DECIMALS.items())
    rounded = {name: round(value, decimals) + 0.0 for name, value, decimals in measured if value is not None}
    return msgspec.structs.replace(health, **rounded)
