"""What the planner's reports share: the network they are of, maps of zones, and files that only their owner reads."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.earth.elevation import Elevation
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone

Floats = NDArray[np.float64]

FOR_PLANNERS = "A plan says where sensors stand and what they miss: it is for planners alone, and for no public page."
# Outlines in a picture of some hundred kilometres need no finer ones.
OUTLINE_M = 150.0


@dataclass(frozen=True)
class Given:
    """The network that a plan is of; `land_said`: what is not known of the land, a sentence each."""

    sensors: tuple[Sensor, ...]
    zones: tuple[Zone, ...]
    elevation: Elevation | None = None
    land_said: tuple[str, ...] = ()

    @cached_property
    def index(self) -> ZoneIndex:
        """The zones, ready to be asked."""
        return ZoneIndex(self.zones)

    @property
    def terrain(self) -> str:
        """What land it is planned over, for people."""
        return (
            "; ".join(("elevation as given", *self.land_said))
            if self.elevation is not None
            else "a smooth Earth at sea level: no hill hides anything"
        )


def csv_of(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(["" if one is None or one != one else one for one in row])
    return text.getvalue().encode()


def known(value: float, digits: int = 0) -> float | None:
    """A rounded number; None where it is not known."""
    return None if value != value else round(float(value), digits) + 0.0


def zone_map(index: ZoneIndex, values: Floats, label: str, top: float, *, sensors: Sequence[Sensor] = ()) -> bytes:
    """A PNG of zones by a value from 0 (red) to `top` (blue); grey where it is not known.

    sensors   drawn as triangles (radars) and dots
    """
    import matplotlib
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 5.4), layout="constrained")
    axes = figure.add_subplot()
    rings, owner = [], []
    for number, outline in enumerate(shapely.simplify(index.outlines, OUTLINE_M)):
        for part in shapely.get_parts(outline):
            if part.geom_type == "Polygon":
                rings.append(np.asarray(part.exterior.coords)[:, :2] / 1e3)
                owner.append(number)
    shown = PolyCollection(
        rings, cmap=matplotlib.colormaps["RdYlBu"].with_extremes(bad="0.8"), edgecolors="0.6", linewidths=0.2
    )
    shown.set_array(np.ma.masked_invalid(values[owner]))
    shown.set_clim(0, top)
    axes.add_collection(shown)
    for kind, mark in (("radar", "k^"), ("", "k.")):
        some = [s for s in sensors if s.kind != "adsb" and (s.kind == "radar") == (kind == "radar")]
        if some:
            east, north = index.frame.to_local([s.lat for s in some], [s.lon for s in some])
            axes.plot(np.asarray(east) / 1e3, np.asarray(north) / 1e3, mark, ms=5 if kind else 2)
    axes.set(xlabel="east, km", ylabel="north, km", aspect="equal")
    axes.autoscale_view()
    axes.spines[["top", "right"]].set_visible(False)
    figure.colorbar(shown, ax=axes, label=label, shrink=0.8, extend="max")
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110, facecolor="white", metadata={"Software": None})
    return data.getvalue()


def picture(png: bytes, text: str) -> str:
    """A picture inside a page, named for screen readers."""
    data = base64.b64encode(png).decode()
    return f'<img style="max-width:100%" alt="{escape(text)}" src="data:image/png;base64,{data}">'
