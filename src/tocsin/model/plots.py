"""Radar plots as columns: the bulk form of `Plot`, for recordings and benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tocsin.model.errors import BadValue


@dataclass(frozen=True, slots=True)
class PlotTable:
    """N plots as columns of length N, in order of arrival.

    time_s       float64, POSIX seconds (or seconds of a run that has no date)
    sensor       int32, index into `sensors`
    range_m      float64, as `Plot.range_m`
    azimuth_deg  float64
    altitude_m   float64, NaN: not measured
    doppler_mps  float64, NaN: not measured
    icao24       uint32 address, 0: none
    mode3a       int16 code 0..4095, -1: none
    sensors      ids the `sensor` column points into
    """

    time_s: NDArray[np.float64]
    sensor: NDArray[np.int32]
    range_m: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    doppler_mps: NDArray[np.float64]
    icao24: NDArray[np.uint32]
    mode3a: NDArray[np.int16]
    sensors: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, f.name)) for f in fields(self) if f.name != "sensors"}
        if len(lengths) > 1:
            raise BadValue(f"columns of a plot table have lengths {sorted(lengths)}; they must be equal")
        if len(self.sensor) and not (self.sensor.min() >= 0 and self.sensor.max() < len(self.sensors)):
            raise BadValue(f"a plot names sensor number {self.sensor.max()}; there are {len(self.sensors)}")

    def __len__(self) -> int:
        return len(self.time_s)
