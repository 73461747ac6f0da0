"""Which law is which function, and how many aims it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tocsin.simulate.motion.ballistic import ballistic
from tocsin.simulate.motion.feint import feint
from tocsin.simulate.motion.lowland import terrain
from tocsin.simulate.motion.recorded import recorded
from tocsin.simulate.motion.spline import spline
from tocsin.simulate.motion.stand_off import stand_off
from tocsin.simulate.motion.swarm import swarm
from tocsin.simulate.motion.way import Order, Way
from tocsin.simulate.motion.waypoints import waypoints
from tocsin.simulate.threats import PARTS_MAX, Law


@dataclass(frozen=True)
class Entry:
    """aims: as many are drawn for each order; together: one order is the whole group, not one of its members."""

    fly: Callable[[Order], tuple[Way, ...]]
    aims: int = 1
    together: bool = False


LAWS: dict[Law, Entry] = {
    "waypoints": Entry(waypoints),
    "spline": Entry(spline),
    "terrain": Entry(terrain),
    "swarm": Entry(swarm, aims=PARTS_MAX, together=True),
    "feint": Entry(feint, aims=4),
    "stand_off": Entry(stand_off),
    "ballistic": Entry(ballistic),
    "recorded": Entry(recorded),
}
