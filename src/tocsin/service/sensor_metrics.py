"""How every sensor does, as Prometheus metrics; for operators only. Nothing here says where a sensor stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tocsin.model.sensor import SensorHealth

# Field of SensorHealth -> name of the gauge, and what it says. What was not measured (yet) has no sample.
GAUGES = {
    "detection_probability": ("detection_probability", "Probability that it sees a target in reach at one look."),
    "false_plots_per_scan": ("false_plots_per_scan", "Plots per scan that no target explains."),
    "range_noise_m": ("range_noise_meters", "One standard deviation of its errors in range."),
    "azimuth_noise_deg": ("azimuth_noise_degrees", "One standard deviation of its errors in azimuth."),
    "delay_s": ("delay_seconds", "From measurement to arrival, smoothed."),
    "range_bias_m": ("range_bias_meters", "What its ranges say too much; it is taken off."),
    "azimuth_bias_deg": ("azimuth_bias_degrees", "What its azimuths say too much; it is taken off."),
    "time_bias_s": ("time_bias_seconds", "By how much its stamps are late; it is taken off."),
    "range_bias_sigma_m": ("range_bias_sigma_meters", "One standard deviation of the range bias found."),
    "azimuth_bias_sigma_deg": ("azimuth_bias_sigma_degrees", "One standard deviation of the azimuth bias found."),
    "time_bias_sigma_s": ("time_bias_sigma_seconds", "One standard deviation of the time bias found."),
}
# A bias of 0 with no sigma is one nobody looked for.
_BIASES = {
    "range_bias_m": "range_bias_sigma_m",
    "azimuth_bias_deg": "azimuth_bias_sigma_deg",
    "time_bias_s": "time_bias_sigma_s",
}


class _Sensors(Collector):
    """The metrics of one moment."""

    def __init__(self, sensors: Sequence[SensorHealth]) -> None:
        self._sensors = sensors

    def collect(self) -> Iterator[Metric]:
        """One family per figure, one sample per sensor that has it."""
        state = GaugeMetricFamily("tocsin_sensor_state", "1 for the state each is in.", labels=("sensor", "state"))
        reports = CounterMetricFamily("tocsin_sensor_reports", "Reports taken in.", labels=("sensor",))
        for one in self._sensors:
            state.add_metric((one.sensor, one.state), 1.0)
            reports.add_metric((one.sensor,), one.reports)
        yield state
        yield reports
        for field, (name, text) in GAUGES.items():
            gauge = GaugeMetricFamily(f"tocsin_sensor_{name}", text, labels=("sensor",))
            for one in self._sensors:
                value = getattr(one, field)
                if value is not None and getattr(one, _BIASES.get(field, field)) is not None:
                    gauge.add_metric((one.sensor,), value)
            yield gauge


def sensors_text(sensors: Sequence[SensorHealth]) -> bytes:
    """The exposition format."""
    registry = CollectorRegistry()
    registry.register(_Sensors(sensors))
    return generate_latest(registry)
