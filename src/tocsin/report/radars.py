"""What a run of the tracker learned about the radars, as a table for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("radar", "plots", "delay s", "seen", "false/scan", "range m", "azimuth deg", "clock s", "")


def lines(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The entries as a table; biases with one standard deviation, `-` where too little was seen."""
    table = [COLUMNS, *(_cells(one) for one in entries)]
    widths = [max(len(row[k]) for row in table) for k in range(len(COLUMNS))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    def figure(name: str, digits: int) -> str:
        return f"{one[name]:.{digits}f}" if name in one else "-"

    def bias(name: str, digits: int) -> str:
        part, unit = name.rsplit("_", 1)
        sigma = one.get(f"{part}_sigma_{unit}", math.nan)
        return f"{one[name]:+.{digits}f} ± {sigma:.{digits}f}"

    return (
        one["sensor"],
        str(one["reports"]),
        figure("delay_s", 2),
        figure("detection_probability", 2),
        figure("false_plots_per_scan", 1),
        bias("range_bias_m", 0),
        bias("azimuth_bias_deg", 3),
        bias("time_bias_s", 2),
        "" if one["state"] == "up" else one["state"],
    )
