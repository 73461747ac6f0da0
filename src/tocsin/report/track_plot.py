"""Confirmed tracks over the reports they were made of and, where it is known, over the truth: one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.sensor import Sensor
from tocsin.model.threat import THREAT_CLASSES
from tocsin.score.truth import read_truth
from tocsin.track.bulk import TrackTable
from tocsin.track.report_rows import AZIMUTH, EAST, KIND, NORTH, PLOT, POSITION, RANGE, SENSOR

Floats = NDArray[np.float64]

# Colour-blind safe (Okabe and Ito, 2008), by class; what is unknown is grey.
COLOURS = ("#d55e00", "#e69f00", "#009e73", "#cc79a7", "#b8860b", "#8b4513", "#56b4e9", "#0072b2", "#777777")
MARGIN = 0.05


def draw(
    path: Path, rows: Floats, tracks: TrackTable, sensors: Sequence[Sensor], frame: LocalFrame, truth: Path | None
) -> None:
    """Write the picture, kilometres about the sensors. Raises BadFile when the truth cannot be read."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(10, 10), layout="constrained")
    spots = _spots(rows, sensors, frame) / 1e3
    axes.plot(*spots.T, ".", ms=1.5, mew=0, color="0.72", zorder=1, rasterized=True, label="reports")
    if truth is not None:
        for number, flown in enumerate(read_truth(truth).paths):
            east, north = frame.to_local(flown.lat, flown.lon)
            axes.plot(east / 1e3, north / 1e3, "-", lw=3.5, color="0.45", alpha=0.4, zorder=2,
                      label="truth" if number == 0 else None)  # fmt: skip
    shown = tracks.status > 0
    east, north = (part / 1e3 for part in frame.to_local(tracks.lat, tracks.lon))
    for number in np.unique(tracks.track[shown]).tolist():
        mine = shown & (tracks.track == number)
        colour = COLOURS[int(tracks.threat[mine][-1])]
        axes.plot(east[mine], north[mine], "-", lw=1.2, color=colour, zorder=3)
        axes.plot(east[mine][-1:], north[mine][-1:], "o", ms=3, color=colour, zorder=3)
    for number in np.unique(tracks.threat[shown]).tolist():
        axes.plot([], [], "-", color=COLOURS[number], label=THREAT_CLASSES[number].replace("_", " "))
    for sensor in sensors:
        if sensor.kind == "radar":
            place = [float(part) / 1e3 for part in frame.to_local(sensor.lat, sensor.lon)]
            axes.plot(*place, "k^", ms=7, zorder=4)
            axes.annotate(sensor.id, place, xytext=(6, 4), textcoords="offset points", fontsize=8)
    extent = np.concatenate([np.stack([east[shown], north[shown]], axis=1), spots])
    if len(extent):
        low, high = np.percentile(extent, [0.1, 99.9], axis=0)
        half = (high - low).max() * (0.5 + MARGIN) + 1.0
        middle = (low + high) / 2
        axes.set_xlim(middle[0] - half, middle[0] + half)
        axes.set_ylim(middle[1] - half, middle[1] + half)
    count = len(np.unique(tracks.track[shown]))
    axes.set(xlabel="east, km", ylabel="north, km", aspect="equal", title=f"{count} tracks of {len(rows)} reports")
    axes.grid(color="0.92", lw=0.6)
    axes.legend(loc="upper right", framealpha=0.9, markerscale=4)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _spots(rows: Floats, sensors: Sequence[Sensor], frame: LocalFrame) -> Floats:
    """[n, 2] where plots and positions lie in the frame, metres."""
    found = [rows[rows[:, KIND] == POSITION][:, [EAST, NORTH]]]
    for number, sensor in enumerate(sensors):
        mine = rows[(rows[:, KIND] == PLOT) & (rows[:, SENSOR] == number)]
        east, north = mine[:, RANGE] * np.sin(mine[:, AZIMUTH]), mine[:, RANGE] * np.cos(mine[:, AZIMUTH])
        own = LocalFrame(sensor.lat, sensor.lon)
        found.append(np.stack(frame.to_local(*own.to_geodetic(east, north)), axis=1))
    return np.concatenate(found)
