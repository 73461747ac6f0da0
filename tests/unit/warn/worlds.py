"""Two zones, tracks and outlooks about them, and a warner that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tocsin.model.event import OperatorAct
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn.warner import Decision, Warner

NOW_S = 1_767_225_600.0


def zone(name: str, lat: float, lon: float = 20.0, width_deg: float = 0.1) -> Zone:
    """A thousand people on every tenth of a degree of longitude, evenly."""
    east = lon + width_deg
    ring = ((lon, lat), (east, lat), (east, lat + 0.1), (lon, lat + 0.1), (lon, lat))
    return Zone(id=name, name=name, population=round(10_000 * width_deg), polygons=((ring,),))


def track_of(at_s: float, name: str = "T1", **fields: Any) -> Track:
    values: dict[str, Any] = {
        "id": name, "time": time_of(at_s), "updated": time_of(at_s), "lat": 49.9, "lon": 20.05, "altitude_m": 300.0,
        "speed_mps": 50.0, "heading_deg": 0.0, "sigma_m": 100.0, "threat": "drone", "probability": 0.9,
        "classes": {"drone": 0.9}, "status": "confirmed", "sensors": 1,
    }  # fmt: skip
    return Track(**values | fields)


def outlook_of(at_s: float, *rows: tuple[int, float, float], threat: ThreatClass = "drone") -> Outlook:
    """Rows of (zone, probability, seconds to the likely attack), one track each."""
    rows = tuple(sorted(rows))
    likely = np.array([at_s + row[2] for row in rows])
    return Outlook(
        at_s=at_s,
        zone=np.array([row[0] for row in rows], np.int32),
        track=np.arange(len(rows), dtype=np.int32),
        probability=np.array([row[1] for row in rows], float),
        eta_earliest_s=likely - 0.3 * (likely - at_s),
        eta_likely_s=likely,
        tracks=tuple(f"T{n + 1}" for n in range(len(rows))),
        classes=(threat,) * len(rows),
    )


def decided(
    warner: Warner, at_s: float, outlook: Outlook | None = None, tracks: Sequence[Track] | None = None, **what: Any
) -> Decision:
    what = {"impacts": (), "alerts": (), "acts": (), "blind": {}} | what
    return warner.decide(at_s, outlook or outlook_of(at_s), tracks if tracks is not None else [], **what)


def levels(decision: Decision) -> list[tuple[str, str]]:
    return [(w.zone, w.level) for w in decision.warnings]


def act(action: Any, level: Any = "take_cover") -> OperatorAct:
    return OperatorAct(
        id=f"a-{action}", time=time_of(NOW_S), operator="desk", action=action, zones=("south",), level=level
    )
