"""Compile the planner's kernels once, so that nobody waits for it later: `make` calls this at install."""

from __future__ import annotations

import numpy as np

from tocsin.earth.elevation import Elevation
from tocsin.earth.sight import sees
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone
from tocsin.plan.attacks import usual
from tocsin.plan.coverage import Sight
from tocsin.plan.minutes import Minutes
from tocsin.plan.set_cover import cheapest_cover


def warm() -> None:
    """Plan for a town on a plain: every kernel is compiled (a minute) or read from its cache."""
    ring = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.1), (0.0, 0.0))
    index = ZoneIndex([Zone(id="warm", name="warm", polygons=((ring,),))])
    plain = Elevation(np.zeros((3, 3), np.float32), 0.2, -0.1, 0.2, 0.2)
    sensors = [Sensor(id="warm", kind="radar", lat=0.0, lon=0.0, altitude_m=10.0, range_m=20_000.0)]
    Minutes(index, sensors, [usual("drone"), usual("rocket")], elevation=plain, draws=2).firm_s()
    Sight(sensors, index.frame, elevation=plain).at("drone", 100.0, 0.0, 0.05)
    sees(plain, (0.0, 0.0, 10.0), [(0.05, 0.05, 10.0)])
    cheapest_cover(np.ones((1, 1), bool), np.ones(1))


if __name__ == "__main__":
    warm()
