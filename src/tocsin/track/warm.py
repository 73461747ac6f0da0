"""Compile the kernels once, so that nobody waits for it later: `make` calls this at install."""

from __future__ import annotations

import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.model.plots import PlotTable
from tocsin.model.sensor import Sensor
from tocsin.track.bulk import track_plots
from tocsin.track.tracker import Tracker


def warm() -> None:
    """Track three plots of nothing: every kernel is compiled (one to two minutes) or read from its cache (0.3 s)."""
    sensor = Sensor(id="warm", kind="radar", lat=0.0, lon=0.0)
    three = np.arange(3, dtype=np.float64)
    track_plots(
        PlotTable(
            time_s=5 * three,
            sensor=np.zeros(3, np.int32),
            range_m=50_000 + 1_000 * three,
            azimuth_deg=np.full(3, 45.0),
            altitude_m=np.full(3, np.nan),
            doppler_mps=np.full(3, np.nan),
            icao24=np.zeros(3, np.uint32),
            mode3a=np.full(3, -1, np.int16),
            sensors=("warm",),
        ),
        [sensor],
    )
    # A live tracker looks at its tracks by a kernel of its own: the first line of a night is not to wait for it.
    Tracker([sensor], LocalFrame(0.0, 0.0)).advance(0.0)


if __name__ == "__main__":
    warm()
