"""The report of `tocsin sectors plan`: the cut, a map of it and a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.errors import BadSettings
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone
from tocsin.replay.files import write_files
from tocsin.report.page import heading, page, paragraph, table
from tocsin.report.plan_page import OUTLINE_M, picture
from tocsin.sectors.cut import Cut, cut_of, cut_to_json
from tocsin.sectors.load import load_of
from tocsin.sectors.planning import planned


@dataclass(frozen=True)
class CutUp:
    """A country's zones, the cut, and what is to be said of each sector."""

    index: ZoneIndex
    cut: Cut
    summary: dict[str, Any]


def cut_up(zones: Sequence[Zone], sensors: Sequence[Sensor], count: int, names: Sequence[str] | None) -> CutUp:
    """Cut by load; `names` from north to south, None: s1, s2 and so on. Raises BadSettings."""
    names = names or [f"s{number + 1}" for number in range(count)]
    if len(names) != count or len(set(names)) != count:
        raise BadSettings(f"{count} sectors need {count} different names; given are {', '.join(names)}")
    index = ZoneIndex(zones)
    load = load_of(index, sensors)
    cut = cut_of(names, planned(index, load, count).tolist(), index.zones)
    rows = []
    for name in names:
        mine = [index.number[zone] for zone in cut.sectors[name]]
        rows.append(
            {
                "sector": name,
                "zones": len(mine),
                "people": float(index.population[mine].sum()),
                "load": round(float(load[mine].sum()), 4),
            }
        )
    return CutUp(index, cut, {"zones": len(index), "sensors": len(sensors), "sectors": rows})


def write_cut(folder: Path, found: CutUp) -> None:
    """Write sectors.json, sectors.png and sectors.html. Raises BadFile."""
    drawn = cut_map(found.index, found.cut)
    files = {
        "sectors.json": cut_to_json(found.cut),
        "sectors.png": drawn,
        "sectors.html": _page(found.summary, drawn).encode(),
    }
    write_files(folder, files)


def cut_map(index: ZoneIndex, cut: Cut) -> bytes:
    """A PNG of the zones, each sector in a colour of its own and with its name."""
    import matplotlib
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 5.4), layout="constrained")
    axes = figure.add_subplot()
    colours = matplotlib.colormaps["tab20"]
    for number, (name, zones) in enumerate(cut.sectors.items()):
        mine = [index.number[zone] for zone in zones]
        rings = [
            np.asarray(part.exterior.coords)[:, :2] / 1e3
            for outline in shapely.simplify(index.outlines[mine], OUTLINE_M)
            for part in shapely.get_parts(outline)
            if part.geom_type == "Polygon"
        ]
        # Pale colours stand between strong ones: neighbours by number are told apart.
        colour = colours((2 * number) % 20 + (2 * number // 20) % 2)
        axes.add_collection(PolyCollection(rings, facecolors=[colour], edgecolors="0.35", linewidths=0.2))
        middle = np.median(np.stack([index.east_m[mine], index.north_m[mine]]), axis=1) / 1e3
        box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5}
        axes.annotate(name, middle, ha="center", va="center", fontsize=9, bbox=box)
    axes.set(xlabel="east, km", ylabel="north, km", aspect="equal")
    axes.autoscale_view()
    axes.spines[["top", "right"]].set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110, facecolor="white", metadata={"Software": None})
    return data.getvalue()


def _page(summary: dict[str, Any], drawn: bytes) -> str:
    rows = [
        (one["sector"], f"{one['zones']:,}", f"{one['people']:,.0f}", f"{100 * one['load']:.1f} %")
        for one in summary["sectors"]
    ]
    parts = [
        paragraph(
            "Each sector decides the warnings of its zones, and hears all that is heard in the country. The load is "
            "shared by a third by zones, by people, and by what sensors say near them."
        ),
        picture(drawn, "a map of the sectors"),
        heading("The sectors"),
        table(("sector", "zones", "people", "share of the load"), rows),
    ]
    return page("A country in sectors", parts)
