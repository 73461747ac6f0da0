"""Who judges a chaos night finds what must never be, and nothing where nothing was wrong."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache

from tests.some import some
from tocsin.bench import chaos_raid
from tocsin.bench.chaos_night import CLEAR_SLACK_S, falsely_cleared, late_s_max, told_again
from tocsin.bench.chaos_observer import Look
from tocsin.bench.chaos_truth import Held, Truth
from tocsin.cluster.listener import Shown
from tocsin.model.event import Event, Tick
from tocsin.replay.configuration import configuration_of, tuning_of

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN_S = BEGUN.timestamp()


@cache
def night() -> tuple[Event, ...]:
    """Forty seconds of a raid, as an agreed log holds them."""
    raid, table = chaos_raid.Raid(0), tomllib.loads(chaos_raid.TABLES)
    policy = tomllib.loads(chaos_raid.POLICY)
    tuning = tuning_of(table["track"], {})
    zones, radars = chaos_raid.zones(), chaos_raid.radars()
    events: list[Event] = [configuration_of(zones, radars, policy, drill=True, time=BEGUN, tuning=tuning)]
    for second in range(40):
        events += [plot for radar in radars for plot in raid.seen(radar, second, BEGUN)]
        events.append(Tick(time=BEGUN + timedelta(seconds=second + 0.5)))
    return tuple(events)


@cache
def truth() -> Truth:
    return Truth(night())


def longest() -> Held:
    """The stretch of cover that lasts longest and ends within the night."""
    ended = some(one for one in truth().held(2) if one.to_s < truth().end_s)
    return max(ended, key=lambda one: one.to_s - one.from_s)


def look(zone: str, level: str, at_s: float, warning: str | None = None, name: str = "front-1") -> Look:
    return Look(name, Shown(at_s, zone, level, warning, BEGUN))


def test_an_all_clear_of_a_zone_that_is_held_is_false_and_one_after_it_is_not() -> None:
    held = longest()
    assert held.to_s - held.from_s > CLEAR_SLACK_S
    early = look(held.zone, "all_clear", held.to_s - 0.1)
    assert len(falsely_cleared([early], lambda at_s: at_s, [truth()])) == 1
    over = next(at_s for at_s in truth().ticks if at_s >= held.to_s and not truth().lowest(held.zone, at_s, at_s))
    assert falsely_cleared([look(held.zone, "all_clear", over)], lambda at_s: at_s, [truth()]) == []


def test_a_warning_that_comes_back_after_a_later_one_is_told_again() -> None:
    shown = [look("z1", "prepare", 1, "z1/1"), look("z1", "take_cover", 2, "z1/2")]
    assert told_again([*shown, look("z1", "prepare", 3, "z1/1", name="front-2")]) == []
    assert len(told_again([*shown, look("z1", "prepare", 3, "z1/1")])) == 1


def test_cover_is_late_by_what_passes_until_anybody_is_shown_it() -> None:
    held = longest()
    others = [one for one in truth().held(2) if one.zone != held.zone]
    shown = [look(one.zone, "take_cover", one.from_s) for one in others]
    late = look(held.zone, "take_cover", held.from_s + 2)
    assert 1.9 < late_s_max([*shown, late], lambda at_s: at_s, truth(), BEGIN_S) < 2.1
    never = late_s_max(shown, lambda at_s: at_s, truth(), BEGIN_S)
    assert never == max(one.to_s - one.from_s for one in truth().held(2) if one.zone == held.zone)


def test_what_is_in_a_record_twice_is_counted() -> None:
    assert truth().twice == set()
    assert Truth([*night(), night()[1]]).twice == {night()[1].id}


def test_cover_that_stands_already_is_not_late() -> None:
    held = longest()
    shown = [
        look(one.zone, "take_cover", one.from_s - 0.5) for one in sorted(truth().held(2), key=lambda one: one.from_s)
    ]
    assert late_s_max(shown, lambda at_s: at_s, truth(), BEGIN_S) == 0
    before = look(held.zone, "take_cover", held.from_s - 5, name="front-2")
    assert late_s_max([*shown, before], lambda at_s: at_s, truth(), BEGIN_S) == 0
