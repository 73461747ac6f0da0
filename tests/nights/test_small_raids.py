"""A small raid of every family, seconds to play: who was warned in time, at what burden, of what, and when it was over.

Floors and ceilings stand a little below and above what was measured when they were written; each raid is one integer. A
fault that warns late, warns everybody, or warns nobody is red here, wherever it is. Who changes the rules on purpose
reads the figures of `tocsin bench skill` first, and then moves these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from tocsin.replay.configuration import read_policy
from tocsin.replay.raids import Played, play, scored
from tocsin.score.strikes import Struck, struck_of
from tocsin.simulate.places import invented_zones
from tocsin.simulate.scenario import Fault, Place, Scenario, Sensors
from tocsin.simulate.threats import Attacker, Threats
from tocsin.simulate.world import simulate

pytestmark = pytest.mark.unfollowed
ZONES = invented_zones(40, seed=2, radius_m=30_000)
START = datetime(2026, 1, 1, tzinfo=UTC)
RADARS = Sensors(
    name="radar", kind="radar", count=2, distance_m=(5_000, 20_000), mast_m=60, range_m=250_000, scan_s=5, height=True,
    false_plots_per_scan=3,
)  # fmt: skip


@dataclass(frozen=True)
class Raid:
    """One family's, and what must come of it.

    strikes     of them in zones
    timely      share warned in time, at least
    lead_s      seconds of cover before a strike, the median, at least
    burden      person-seconds of cover a person struck, at most
    clear_s     from the last threat gone to the all clear, the median, at least and at most; None: it ends before
    called      share of strikes before which their zone's danger was called by its class or kin, at least
    """

    kind: Attacker
    seconds: float
    from_m: tuple[float, float]
    seed: int
    strikes: int
    timely: float
    lead_s: float
    burden: float
    called: float
    clear_s: tuple[float, float] | None = None
    count: int = 4
    launch_report: float = 0.0


RAIDS = (
    Raid("drone", 780, (22_000, 30_000), 2, 2, 1.0, 290, 780, 1.0),
    Raid("cruise_missile", 400, (60_000, 75_000), 1, 4, 1.0, 170, 950, 1.0),
    Raid("jet", 400, (70_000, 90_000), 3, 3, 1.0, 195, 980, 1.0),
    Raid("helicopter", 600, (22_000, 28_000), 1, 4, 1.0, 180, 650, 1.0),
    Raid("ballistic_missile", 480, (200_000, 260_000), 2, 4, 0.75, 165, 600, 1.0, (70, 115), launch_report=0.5),
    Raid("rocket", 240, (20_000, 35_000), 1, 6, 1.0, 92, 350, 1.0, (70, 115), count=6, launch_report=0.5),
)


# What cannot be told apart by flight: a light missile from a rocket, a helicopter from a drone.
KIN: dict[str, set[str]] = {"ballistic_missile": {"rocket"}, "helicopter": {"drone"}}


@cache
def played(raid: Raid, faults: tuple[Fault, ...] = ()) -> Played:
    """What came of it."""
    group = Threats(
        kind=raid.kind, count=raid.count, from_m=raid.from_m, first_s=20, spread_s=60, launch_report=raid.launch_report
    )
    scenario = Scenario(
        name="small", start=START, duration_s=raid.seconds, place=Place(radius_m=30_000.0),
        threats=(group,), sensors=(RADARS,), faults=faults,
    )  # fmt: skip
    return play(simulate(scenario, ZONES, raid.seed), read_policy("default"))


def struck(one: Played) -> Struck:
    return struck_of(one.run.truth, one.run.sightings, one.run.index)


@pytest.mark.parametrize("raid", RAIDS, ids=lambda raid: raid.kind)
def test_a_small_raid_is_warned_of_in_time_by_name_and_at_a_bounded_burden(raid: Raid) -> None:
    one = played(raid)
    score: dict[str, Any] = scored(one, family=False)["score"]
    assert score["strikes"] == raid.strikes
    assert score["warned"] >= raid.timely
    assert score["lead_s"]["p50"] >= raid.lead_s
    assert score["burden"] <= raid.burden
    assert score["false_all_clears"] == 0
    assert called(one) >= raid.called
    if raid.clear_s is not None:
        assert raid.clear_s[0] <= score["all_clear_s"]["p50"] <= raid.clear_s[1]


def called(one: Played) -> float:
    """Share of strikes that were expected of their own class in their own zone, at the last look before."""
    found = struck(one)
    right = []
    for strike, zone, time_s in zip(found.strikes, found.zone.tolist(), found.time_s.tolist(), strict=True):
        name = one.run.index.zones[zone].id
        looks = [look for look in one.expected if look.at_s < time_s - 5.0 and name in look.zones]
        last = looks[-1] if looks else None
        right.append(
            last is not None and last.classes[last.zones.index(name)] in {strike.threat} | KIN.get(strike.threat, set())
        )
    return float(np.mean(right))


def test_while_all_radars_are_silent_nobody_is_told_that_it_is_over() -> None:
    # Drones fly on unseen and strike within ten minutes; the radars are back a quarter of an hour after that.
    blind_s, seen_s = 240.0, 1_500.0
    fault = Fault(kind="silent", group="radar", count=2, at_s=blind_s, lasts_s=seen_s - blind_s)
    one = played(replace(RAIDS[0], seconds=1_750), (fault,))
    told = [(warning.time.timestamp() - START.timestamp(), warning) for warning in one.run.warnings]
    clear_s = [at_s for at_s, warning in told if warning.level == "all_clear" and at_s > blind_s]
    assert clear_s and min(clear_s) > seen_s
    stands = {warning.zone: warning.level for at_s, warning in told if at_s < blind_s}
    covered = {zone for zone, level in stands.items() if level == "take_cover"}
    held = {warning.zone for at_s, warning in told if warning.level == "prepare" and blind_s < at_s < seen_s}
    assert covered and covered <= held, "cover that cannot be kept for ever is lowered, not ended"
    assert len(struck(one).strikes) > RAIDS[0].strikes, "they strike all the same"
