"""Small worlds for forecasts and warnings: a grid of towns and tracks that fly where they are told."""

from __future__ import annotations

from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.zone import Zone

NOW_S = 1_767_225_600.0


def square(name: str, lat: float, lon: float, half_deg: float = 0.04, **fields: Any) -> Zone:
    """A square zone about a point."""
    south, north, west, east = lat - half_deg, lat + half_deg, lon - half_deg, lon + half_deg
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return Zone(id=name, name=name, population=fields.pop("population", 10_000), polygons=((ring,),), **fields)


def grid(rows: int = 9, columns: int = 9) -> ZoneIndex:
    """Towns 0.1 degrees apart about 50 N 20 E; `r4c4` is in the middle."""
    return ZoneIndex(
        [
            square(f"r{r}c{c}", 50 + (r - rows // 2) * 0.1, 20 + (c - columns // 2) * 0.15)
            for r in range(rows)
            for c in range(columns)
        ]
    )


def flying(index: ZoneIndex, east_m: float, north_m: float, at_s: float = NOW_S, **fields: Any) -> Track:
    """A confirmed track at a place relative to the middle of the grid; a drone flying north unless told otherwise."""
    lat, lon = index.frame.to_geodetic(east_m, north_m)
    threat = fields.pop("threat", "drone")
    return Track(
        **{
            "id": "T1", "time": time_of(at_s), "updated": time_of(at_s), "lat": float(lat), "lon": float(lon),
            "altitude_m": 500.0, "speed_mps": 50.0, "heading_deg": 0.0, "sigma_m": 100.0, "threat": threat,
            "probability": 0.95, "classes": {threat: 0.95}, "status": "confirmed", "sensors": 2,
        }
        | fields
    )  # fmt: skip
