"""Minutes with one cruise missile, eight towns and one radar: a scenario that is played in a moment."""

from __future__ import annotations

from pathlib import Path

from tocsin.model.geojson import zones_to_geojson
from tocsin.simulate.places import invented_zones


def raid(seconds: int = 600) -> str:
    """The scenario."""
    return f"""
name = "small"
start = 2026-01-01T00:00:00Z
duration_s = {seconds}
[place]
zones = "towns.geojson"
[[threats]]
kind = "cruise_missile"
from_m = [20_000, 30_000]
speed_mps = [240, 250]
[[sensors]]
name = "radar"
kind = "radar"
mast_m = 50
asterix = true
"""


def write_raid(folder: Path, seconds: int = 600) -> Path:
    """Write the scenario and its towns; the scenario's path."""
    (folder / "towns.geojson").write_bytes(zones_to_geojson(invented_zones(8)))
    path = folder / "raid.toml"
    path.write_text(raid(seconds))
    return path
