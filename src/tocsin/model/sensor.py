"""Sensors: where they stand, how far they reach and how well they measure. Never published."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.model.value import Altitude, Distance, Latitude, Longitude, Name, Probability, Seconds, Sigma, Value

SensorKind = Literal["radar", "acoustic", "presence", "spotter", "adsb"]
Speaks = Literal["always", "event"]
State = Literal["up", "unheard", "down", "silent", "flooded", "biased", "clock", "removed"]
Octet = Annotated[int, Meta(ge=0, le=255)]


class Sensor(Value, frozen=True, kw_only=True):
    """One sensor. Fields that do not apply to its kind stay None and `with_defaults` fills those that do.

    altitude_m            antenna or observer height above mean sea level
    range_m               reach
    sigma_range_m         one standard deviation of the range error
    sigma_azimuth_deg     one standard deviation of the azimuth error
    scan_s                time between two looks at the same place
    false_plots_per_scan  expected number over the whole coverage
    delay_s               typical time from measurement to arrival
    asterix               (SAC, SIC) where its reports come as ASTERIX
    speaks                `always`: whether or not anything is there, so that its silence is a fault; `event`: only when
                          it notices something, so that its silence says nothing
    """

    id: Name
    kind: SensorKind
    lat: Latitude
    lon: Longitude
    altitude_m: Altitude = 0.0
    range_m: Distance | None = None
    range_kind: Literal["slant", "ground"] = "slant"
    sigma_range_m: Sigma | None = None
    sigma_azimuth_deg: Annotated[float, Meta(gt=0, le=180)] | None = None
    sigma_altitude_m: Sigma | None = None
    scan_s: Annotated[float, Meta(gt=0, le=3_600)] | None = None
    detection_probability: Probability | None = None
    false_plots_per_scan: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    delay_s: Seconds | None = None
    asterix: tuple[Octet, Octet] | None = None
    speaks: Speaks | None = None


# Planning figures: terminal radar, microphone node and human post; a sensor's own declaration always wins.
DEFAULTS: dict[SensorKind, dict[str, float]] = {
    "radar": {
        "range_m": 111_000.0, "sigma_range_m": 60.0, "sigma_azimuth_deg": 0.16, "sigma_altitude_m": 400.0,
        "scan_s": 4.8, "detection_probability": 0.9, "false_plots_per_scan": 20.0, "delay_s": 1.0,
    },
    "acoustic": {
        "range_m": 4_000.0, "sigma_azimuth_deg": 5.0, "scan_s": 2.0, "detection_probability": 0.8,
        "false_plots_per_scan": 0.002, "delay_s": 1.0,
    },
    "presence": {
        "range_m": 4_000.0, "scan_s": 2.0, "detection_probability": 0.8, "false_plots_per_scan": 0.002, "delay_s": 1.0,
    },
    "spotter": {
        "range_m": 8_000.0, "sigma_azimuth_deg": 10.0, "scan_s": 30.0, "detection_probability": 0.7,
        "false_plots_per_scan": 0.01, "delay_s": 45.0,
    },
    "adsb": {"range_m": 370_000.0, "sigma_range_m": 50.0, "scan_s": 1.0, "detection_probability": 0.95, "delay_s": 1.0},
}  # fmt: skip

# A radar's beam always meets something, and a receiver's sky is never empty for long; a microphone may wait for weeks.
SPEAKS: dict[SensorKind, Speaks] = {
    "radar": "always", "acoustic": "event", "presence": "event", "spotter": "event", "adsb": "always",
}  # fmt: skip


def with_defaults(sensor: Sensor) -> Sensor:
    """The sensor with everything undeclared of its kind filled in from `DEFAULTS` and `SPEAKS`."""
    told: dict[str, float | Speaks] = {**DEFAULTS[sensor.kind], "speaks": SPEAKS[sensor.kind]}
    missing = {name: value for name, value in told.items() if getattr(sensor, name) is None}
    fields = {name: getattr(sensor, name) for name in Sensor.__struct_fields__}
    return Sensor(**(fields | missing))


# Noise of twice what is declared: the tracker believes such plots more than it should.
NOISY_SIGMAS = 2.0


class SensorHealth(Value, frozen=True, kw_only=True):
    """What is known of one sensor's performance now; for operators only.

    state                  `up`, `unheard` (no report and no heartbeat ever), `down` (said so), `silent` (overdue),
                           `flooded` (far more reports than declared), `biased` (biases or noise beyond what it
                           declares), `clock` (its reports are refused for their time) or `removed` (from the sensors
                           file, within the last day)
    range_bias_m ...       what its plots say too much; the tracker takes it off. time_bias_s: its stamps are late by
    range_bias_sigma_m ... one standard deviation of each bias
    range_noise_m ...      one standard deviation of its errors, as measured
    detection_probability  of a target in reach at one look, as measured
    Whatever is not measured (yet) is None.
    """

    sensor: Name
    state: State = "up"
    reports: int = 0
    range_bias_m: float = 0.0
    azimuth_bias_deg: float = 0.0
    time_bias_s: float = 0.0
    range_bias_sigma_m: float | None = None
    azimuth_bias_sigma_deg: float | None = None
    time_bias_sigma_s: float | None = None
    range_noise_m: float | None = None
    azimuth_noise_deg: float | None = None
    detection_probability: Probability | None = None
    false_plots_per_scan: float | None = None
    delay_s: float | None = None
