from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tried import tried
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import OperatorAct
from tocsin.model.observation import Alert, Impact
from tocsin.model.threat import Floor, Outlook, ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn.due_zones import Due
from tocsin.warn.policy import Policy
from tocsin.warn.pressure import Pressure
from tocsin.warn.warner import Warner

NOW_S = 1_767_225_600.0
STEP_S = 10.0


def _zone(number: int) -> Zone:
    west = 20.0 + 0.1 * number
    ring = ((west, 50.0), (west + 0.1, 50.0), (west + 0.1, 50.1), (west, 50.1), (west, 50.0))
    return Zone(id=f"z{number}", name=f"z{number}", population=900 * (number + 1), polygons=((ring,),))


INDEX = ZoneIndex([_zone(number) for number in range(4)])
POLICY = Policy(mode={"drone": "confirm", "jet": "manual"}, max_on_s=400.0, cooldown_s=120.0)
# One stretch: steps it lasts; probability in each zone; class; which zone is blind; what arrives as it begins, and
# where; and whether the blind zone was never seen.
stretches = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.lists(st.sampled_from([0.0, 0.0005, 0.01, 0.05, 0.4]), min_size=4, max_size=4),
        st.sampled_from(["drone", "jet", "cruise_missile", "rocket"]),
        st.integers(-1, 3),
        st.sampled_from(["", "raise", "cancel", "release", "confirm", "impact", "alert", "prepare", "take_cover"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=2,
    max_size=8,
)


class _Everything(Due):
    """Leaves no zone out."""

    def now(self, now_s: float, pressure: Pressure, policy: Policy) -> tuple[NDArray[np.bool_], list[int]]:
        return self.moved(now_s, pressure, policy), list(range(len(INDEX)))


def _what(kind: Any, zone: int, at_s: float, number: int) -> dict[str, Any]:
    what: dict[str, Any] = {"impacts": (), "alerts": (), "acts": (), "floors": ()}
    time, name = time_of(at_s), f"{kind}-{number}"
    if kind == "impact":
        where: dict[str, Any] = {"lat": 50.05, "lon": 20.05 + 0.1 * zone}
        what["impacts"] = (Impact(id=name, source="s", time=time, sigma_m=50.0, **where),)
    elif kind == "alert":
        alert = Alert(id=name, source="s", time=time, zones=(f"z{zone}",), level="take_cover", cap="")
        what["alerts"] = (alert,)
    elif kind in ("prepare", "take_cover"):
        # Of one place and the next, for a time of its own: the same zone is told again before the first has ended.
        what["floors"] = (Floor(np.array([zone, (zone + 1) % 4]), kind, at_s + 60.0 + 70.0 * (number % 4), "drone"),)
    elif kind:
        act = OperatorAct(
            id=name, time=time, operator="desk", action=kind, zones=(f"z{zone}",),
            level="take_cover",
        )  # fmt: skip
        what["acts"] = (act,)
    return what


def _outlook(at_s: float, chances: list[float], threat: ThreatClass) -> Outlook:
    zone = np.flatnonzero(chances).astype(np.int32)
    count = len(zone)
    return Outlook(
        at_s=at_s, zone=zone, track=np.zeros(count, np.int32), probability=np.array(chances)[zone],
        eta_earliest_s=np.full(count, at_s + 90.0), eta_likely_s=np.full(count, at_s + 170.0), tracks=("T1",),
        classes=(threat,),
    )  # fmt: skip


def _drone(at_s: float, heading_deg: float) -> Track:
    """A drone south of the zones: it comes nearer, or flies away."""
    return Track(
        id="T9", time=time_of(at_s), updated=time_of(at_s), lat=49.8, lon=20.2, altitude_m=300.0, speed_mps=50.0,
        heading_deg=heading_deg, sigma_m=100.0, threat="drone", probability=0.9, status="confirmed", sensors=2,
    )  # fmt: skip


@tried(30, nightly=400)
@given(stretches)
def test_a_zone_left_out_of_a_decision_would_have_stayed_as_it_was(
    schedule: list[tuple[int, list[float], ThreatClass, int, str, int, bool]],
) -> None:
    some, every = Warner(INDEX, POLICY, drill=False), Warner(INDEX, POLICY, drill=False)
    every._due = _Everything(len(INDEX))
    at_s = NOW_S
    for number, (steps, chances, threat, blind, kind, zone, never_seen) in enumerate(schedule):
        for step in range(steps):
            at_s += STEP_S
            what = _what(kind if step == 0 else "", zone, at_s, number)
            blinds = {f"z{blind}": "lost"} if blind >= 0 else {}
            what["unseen"] = tuple(blinds) if never_seen else ()
            outlook, tracks = _outlook(at_s, chances, threat), [_drone(at_s, 180.0 * (number % 2))]
            assert some.decide(at_s, outlook, tracks, blind=blinds, **what) == every.decide(
                at_s, outlook, tracks, blind=blinds, **what
            )
            if step == steps // 2:
                some = Warner.load(some.dump(), INDEX, POLICY, drill=False)
