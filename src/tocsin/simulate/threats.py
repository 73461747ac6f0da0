"""What a scenario says of a group of attackers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.model.errors import BadValue
from tocsin.model.value import Probability, Value
from tocsin.simulate.interval import Moment, Pair, ordered

OBJECTS_MAX = 2_000
# More parts than this are no swarm.
PARTS_MAX = 8

Attacker = Literal["jet", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket"]
Law = Literal["route", "waypoints", "spline", "terrain", "swarm", "feint", "stand_off", "ballistic", "recorded"]
# Which classes fly by which law.
SUITS: dict[Law, tuple[Attacker, ...]] = {
    "route": ("jet", "helicopter", "drone", "cruise_missile", "ballistic_missile", "rocket"),
    "waypoints": ("jet", "helicopter", "drone", "cruise_missile"),
    "spline": ("jet", "helicopter", "drone", "cruise_missile"),
    "terrain": ("helicopter", "drone", "cruise_missile"),
    "swarm": ("drone", "cruise_missile"),
    "feint": ("jet", "helicopter", "drone", "cruise_missile"),
    "stand_off": ("jet",),
    "ballistic": ("ballistic_missile", "rocket"),
    "recorded": ("jet", "helicopter", "drone", "cruise_missile"),
}


class Threats(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of attackers of one class.

    kind           jet, helicopter, drone, cruise_missile, ballistic_missile or rocket
    count          how many
    first_s        when the first appears
    spread_s       the others appear within this many seconds after it
    from_deg       [low, high]: the directions they come from, clockwise from low to high
    from_m         [low, high]: how far from the centre they appear (are launched)
    reach_m        it aims at nothing farther than this from where it appears; absent: anywhere in the play
    speed_mps      [low, high]; absent: typical of the class. Not for ballistic missiles and rockets
    altitude_m     [low, high] above the ground; absent: typical of the class
    route          direct, detours (waypoints to both sides) or valley (along the terrain's valleys)
    aim            people (zones weighted by population) or sensors (the radars)
    elsewhere      the share that is aimed at open country instead
    turn_back      the share that turns back on the way and attacks nothing
    shot_down      the share that ends on the way
    law            by which law of motion it flies: route (as `route` says), waypoints, spline, terrain, swarm, feint,
                   stand_off, ballistic or recorded (docs/why/raids.md); `route`, `turn_back`, `circle` and `pairs` are
                   for the law route alone
    decoys         the share that carries nothing and strikes nothing; for swarm and feint
    parts          [low, high]: into how many parts a swarm splits, each with an aim of its own
    stand_off_m    [low, high]: a weapon is released at this distance from its aim, and the carrier leaves
    circle         the share that circles over its aim before striking
    pairs          the share that flies with a wingman 0.5 to 1.5 km away
    launch_report  the share of launches that somebody reports, within seconds
    impact_report  the share of strikes that somebody reports, within minutes
    """

    kind: Attacker
    count: Annotated[int, Meta(ge=1, le=OBJECTS_MAX)] = 1
    first_s: Moment = 0.0
    spread_s: Moment = 0.0
    from_deg: Pair = (0.0, 360.0)
    from_m: Pair = (100_000.0, 150_000.0)
    reach_m: Annotated[float, Meta(ge=500, le=1_500_000)] | None = None
    speed_mps: Pair | None = None
    altitude_m: Pair | None = None
    route: Literal["direct", "detours", "valley"] = "direct"
    aim: Literal["people", "sensors"] = "people"
    elsewhere: Probability = 0.0
    turn_back: Probability = 0.0
    shot_down: Probability = 0.0
    law: Law = "route"
    decoys: Probability = 0.0
    parts: tuple[int, int] = (2, 4)
    stand_off_m: Pair | None = None
    circle: Probability = 0.0
    pairs: Probability = 0.0
    launch_report: Probability = 0.0
    impact_report: Probability = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        ordered("from_deg", self.from_deg, 0, 720)
        ordered("from_m", self.from_m, 500, 1_500_000)
        ordered("speed_mps", self.speed_mps, 5, 1_000)
        ordered("altitude_m", self.altitude_m, 5, 30_000)
        ordered("stand_off_m", self.stand_off_m, 100, 300_000)
        ordered("parts", self.parts, 1, PARTS_MAX)
        if self.kind not in SUITS[self.law]:
            raise BadValue(
                f"a {self.kind} does not fly by the law {self.law!r}; these do: {', '.join(SUITS[self.law])}"
            )
        if self.law != "route" and (self.route != "direct" or self.turn_back or self.circle or self.pairs):
            raise BadValue(
                f"route, turn_back, circle and pairs are for the law 'route', not {self.law!r}; leave them out"
            )
        if self.decoys and self.law not in ("swarm", "feint"):
            raise BadValue(f"decoys are for the laws swarm and feint, not {self.law!r}; leave them out")
