"""People's reports: one voice makes those near it prepare, two that fit send into cover those whom it can reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tests.unit.forecast.worlds import NOW_S, grid
from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.heard import APART_M, PAIR_S
from tocsin.forecast.limits import LIMITS
from tocsin.forecast.reported import (
    AHEAD_M_MAX,
    FELL_S,
    PER_TICK_MAX,
    PER_VOICE_MAX,
    PREPARE_S,
    SQUARE_DEG,
    SQUARE_M,
    STRANGERS_MAX,
    TAIL_S,
    WAITING_MAX,
    Reported,
)
from tocsin.model.observation import Impact, Launch, Observation, Plot, Position, Sighting
from tocsin.model.threat import Floor
from tocsin.model.value import time_of

INDEX = grid()
NEED_S = np.full(len(INDEX), 150.0)


def place(east_m: float, north_m: float) -> dict[str, Any]:
    """Degrees of a place in the frame of the grid, whose middle is (0, 0)."""
    lat, lon = INDEX.frame.to_geodetic(east_m, north_m)
    return {"lat": float(lat), "lon": float(lon)}


def seen(at_s: float, east_m: float, north_m: float, **fields: Any) -> Sighting:
    """A drone right over whoever reports it, unless told otherwise."""
    what: dict[str, Any] = {"id": f"{at_s}", "time": time_of(NOW_S + at_s), "threat": "drone", "distance_m": 300.0}
    return Sighting(**what | place(east_m, north_m) | fields)


def taken(*said: tuple[str, Observation], alone: bool = False) -> Reported:
    """Reports of (voice, observation), all used."""
    reported = Reported(INDEX)
    for voice, one in said:
        assert reported.take(one, voice, alone=alone) is None
    return reported


def under(floors: Sequence[Floor], level: str) -> set[str]:
    """Zones asked to stand at a level."""
    return {INDEX.zones[z].id for floor in floors if floor.level == level for z in floor.zones.tolist()}


def covered(*said: tuple[str, Observation], now_s: float = 200.0, alone: bool = False) -> set[str]:
    return under(taken(*said, alone=alone).floors(NOW_S + now_s, NEED_S), "take_cover")


def away_m(zone: str, east_m: float, north_m: float) -> float:
    z = INDEX.number[zone]
    return math.hypot(INDEX.east_m[z] - east_m, INDEX.north_m[z] - north_m) - float(INDEX.radius_m[z])


def test_one_voice_makes_those_near_it_prepare_and_nobody_take_cover() -> None:
    floors = taken(("anna", seen(0, 0, 0))).floors(NOW_S + 1, NEED_S)
    assert {floor.level for floor in floors} == {"prepare"}
    near = under(floors, "prepare")
    reach_m = LIMITS["drone"].speed_mps * 300 + 300
    assert near >= {zone.id for zone in INDEX.zones if away_m(zone.id, 0, 0) <= reach_m}
    assert near <= {zone.id for zone in INDEX.zones if away_m(zone.id, 0, 0) <= reach_m + math.sqrt(2) * SQUARE_M}
    assert 1 < len(near) < len(INDEX)


def test_who_prepares_tells_of_a_spotter_no_more_than_in_which_square_he_is() -> None:
    wide = grid(rows=21, columns=21)

    def prepares(lat: float, lon: float, distance_m: float | None = None) -> list[int]:
        reported = Reported(wide)
        reported.take(seen(0, 0, 0, distance_m=distance_m, lat=lat, lon=lon), "anna", alone=False)
        (floor,) = reported.floors(NOW_S + 1, np.full(len(wide), 150.0))
        return list(floor.zones.tolist())

    # A square near the middle of the grid.
    middle = place(0, 0)
    south = math.floor(middle["lat"] / SQUARE_DEG) * SQUARE_DEG
    wide_deg = SQUARE_DEG / math.cos(math.radians(south + SQUARE_DEG / 2))
    west = math.floor(middle["lon"] / wide_deg) * wide_deg
    places = [(south + y * SQUARE_DEG, west + x * wide_deg) for x, y in [(0.01, 0.01), (0.99, 0.01), (0.3, 0.99)]]
    assert len({tuple(prepares(*at)) for at in some(places)}) == 1
    assert prepares(*places[0]) != prepares(south - 0.1 * SQUARE_DEG, west + 0.01 * wide_deg)
    # However he describes how far off it is.
    assert prepares(*places[0], 2_000.0) == prepares(*places[1], 2_000.0)


def test_a_mistaken_missile_does_not_reach_across_a_country() -> None:
    wide = grid(rows=21, columns=21)
    reported = Reported(wide)
    reported.take(seen(0, 0, 0, threat="ballistic_missile"), "anna", alone=False)
    (floor,) = reported.floors(NOW_S + 1, np.full(len(wide), 150.0))
    reach = np.hypot(wide.east_m, wide.north_m)[floor.zones] - wide.radius_m[floor.zones]
    assert AHEAD_M_MAX - 5_000 < reach.max() <= AHEAD_M_MAX + 300 + math.sqrt(2) * SQUARE_M


def test_one_voice_however_often_it_speaks_is_one_voice() -> None:
    assert not covered(*[("anna", seen(10 * k, 0, 500.0 * k)) for k in range(15)])


def test_a_second_voice_from_another_place_sends_into_cover_those_whom_it_can_reach() -> None:
    found = covered(("anna", seen(0, 0, -8_000)), ("omar", seen(120, 0, -2_000)))
    reach_m = LIMITS["drone"].speed_mps * (150 + 60) + 300
    assert "r4c4" in found
    assert all(away_m(zone, 0, -2_000) <= reach_m for zone in some(found))
    # Northbound by what the two say together: nobody to the south of where it was seen last, but those below it.
    assert all(away_m(zone, 0, -2_000) <= 300 or INDEX.north_m[INDEX.number[zone]] > -2_000 for zone in some(found))


def test_each_zone_is_asked_once_a_level_for_as_long_as_the_last_of_what_is_said_lasts() -> None:
    said = [("anna", seen(at_s, 0, 0, id=f"{at_s}")) for at_s in (50, 100, 0)]
    floors = taken(*said).floors(NOW_S + 110, NEED_S)
    middle = INDEX.number["r4c4"]
    asked = [(floor.level, floor.until_s) for floor in floors if middle in floor.zones.tolist()]
    assert asked == [("prepare", NOW_S + 100 + PREPARE_S)]


def test_what_is_told_so_late_that_it_is_over_asks_for_nothing() -> None:
    both = [("anna", seen(0, 0, -1_500)), ("omar", seen(30, 0, 0))]
    assert covered(*both, now_s=100)
    assert not covered(*both, now_s=590)


def test_two_voices_of_the_same_second_are_two_voices() -> None:
    both = [
        ("anna", seen(60, 0, 0, id="a", bearing_deg=0.0, distance_m=1_000.0)),
        ("omar", seen(60, 0, 2_000, id="o", bearing_deg=180.0, distance_m=1_000.0)),
    ]
    assert "r4c4" in covered(*both)
    assert "r4c4" in covered(*reversed(both))


def test_who_needs_longer_to_shelter_is_sent_from_farther_off_wherever_his_zone_stands_in_the_file() -> None:
    # The file's order is neither that of the places nor the other way round.
    index = ZoneIndex([INDEX.zones[k] for k in np.random.default_rng(14).permutation(len(INDEX))])
    for slow in ("r5c4", "r6c4"):
        need_s = np.array([600.0 if zone.id == slow else 30.0 for zone in index.zones])
        reported = Reported(index)
        for voice, at_s, north_m in (("anna", 0, -3_000.0), ("omar", 60, 0.0)):
            assert reported.take(seen(at_s, 0, north_m), voice, alone=False) is None
        floors = reported.floors(NOW_S + 100, need_s)
        found = {index.zones[z].id for floor in floors if floor.level == "take_cover" for z in floor.zones.tolist()}
        # Northbound, and seven and eighteen kilometres off: a minute and a half of a drone's flight are four.
        assert {zone for zone in ("r5c4", "r6c4") if zone in found} == {slow}


def test_two_voices_on_one_spot_may_be_one_person_with_two_telephones() -> None:
    assert not covered(("anna", seen(0, 0, 0)), ("omar", seen(30, 0, APART_M - 50)))
    assert covered(("anna", seen(0, 0, 0)), ("omar", seen(30, 0, APART_M + 50)))


@pytest.mark.parametrize(
    ("second", "fits"),
    [
        (seen(60, 0, 3_000), True),
        (seen(60, 0, 3_000, threat="helicopter"), True),
        (seen(60, 0, 3_000, threat="unknown"), True),
        (seen(60, 0, 3_000, threat="jet"), False),
        # Faster than any drone: another one.
        (seen(60, 0, 6_000), False),
        (seen(60, 0, 6_000, threat="unknown"), False),
        # Too long ago to be the same story.
        (seen(PAIR_S + 1, 0, 3_000), False),
        (Impact(id="i", time=time_of(NOW_S + 60), **place(0, 3_000), sigma_m=100), False),
    ],
)
def test_a_second_voice_counts_where_it_may_be_about_the_same_thing(second: Observation, fits: bool) -> None:
    now_s = (second.time - time_of(NOW_S)).total_seconds() + 1
    assert bool(covered(("anna", seen(0, 0, 0)), ("omar", second), now_s=now_s)) == fits


def test_a_known_observer_needs_no_second_voice_and_covers_all_around() -> None:
    found = covered(("anna", seen(0, 0, 0)), alone=True)
    assert {"r3c4", "r4c4", "r5c4", "r4c3", "r4c5"} <= found


def test_what_is_said_of_the_course_spares_those_behind_it() -> None:
    north = covered(("anna", seen(0, 0, 0, heading_deg=0.0)), alone=True)
    assert "r5c4" in north
    assert "r3c4" not in north
    # Of one voice alone, those in its square and beside it are spared nothing.
    anywhere, ahead = (
        under(taken(("anna", seen(0, 0, 0, **course))).floors(NOW_S + 1, NEED_S), "prepare")
        for course in ({}, {"heading_deg": 0.0})
    )
    assert "r6c4" in ahead
    assert "r2c4" in anywhere - ahead


def test_a_liars_course_spares_nobody_whom_another_report_endangers() -> None:
    honest = [("anna", seen(0, 0, -8_000)), ("omar", seen(120, 0, -2_000))]
    lie = ("liar", seen(121, 0, -1_000, heading_deg=180.0))
    assert covered(*honest) <= covered(*honest, lie)
    assert covered(*honest) <= covered(lie, *honest)


def test_a_course_that_a_liar_adds_narrows_nothing_that_two_others_left_open() -> None:
    # Too near each other to tell a course: it may be bound anywhere.
    honest = [("anna", seen(0, 0, 0, distance_m=3_000)), ("omar", seen(30, 0, 600, distance_m=3_000))]
    everywhere = covered(*honest)
    assert {"r3c4", "r5c4"} <= everywhere
    assert everywhere <= covered(("liar", seen(0, 0, -6_000)), *honest)


def test_a_report_that_comes_late_confirms_what_was_said_after_it() -> None:
    early, late = ("anna", seen(0, 0, -8_000)), ("omar", seen(120, 0, -2_000))
    in_order, late_first = covered(early, late), covered(late, early)
    assert in_order
    assert late_first == in_order


def test_what_fell_makes_those_near_it_prepare_and_two_voices_keep_them_in_cover() -> None:
    def blow(at_s: float, north_m: float) -> Impact:
        return Impact(id=f"{at_s}", time=time_of(NOW_S + at_s), **place(0, north_m), sigma_m=100)

    one = taken(("anna", blow(0, 0))).floors(NOW_S + 1, NEED_S)
    assert under(one, "prepare") == {"r4c4"}
    assert not under(one, "take_cover")
    both = taken(("anna", blow(0, 0)), ("omar", blow(30, 900))).floors(NOW_S + 31, NEED_S)
    assert under(both, "take_cover") == {"r4c4"}
    assert {floor.until_s for floor in both if floor.level == "take_cover"} == {NOW_S + 30 + FELL_S}


def test_what_endangers_nobody_is_no_report() -> None:
    reported = Reported(INDEX)
    when = time_of(NOW_S)
    harmless: list[Observation] = [
        seen(0, 0, 0, threat="civil"),
        Position(id="p", time=when, **place(0, 0), altitude_m=900, cooperative=True),
        Plot(id="q", time=when, sensor="radar", range_m=1_000, azimuth_deg=1),
    ]
    assert all("endangers nobody" in str(reported.take(one, "anna", alone=True)) for one in some(harmless))
    assert not reported.waiting
    dangerous: list[Observation] = [
        Position(id="p", time=when, **place(0, 0), altitude_m=900),
        Launch(id="l", time=when, **place(0, 0), sigma_m=500, threat="rocket", azimuth_deg=0.0),
    ]
    assert [reported.take(one, "anna", alone=False) for one in dangerous] == [None] * 2
    assert under(reported.floors(NOW_S + 1, NEED_S), "prepare")


def test_everything_ends_by_itself() -> None:
    reported = taken(("anna", seen(0, 0, -8_000)), ("omar", seen(120, 0, -2_000)))
    floors = reported.floors(NOW_S + 121, NEED_S)
    assert all(floor.until_s <= NOW_S + 120 + PREPARE_S for floor in some(floors))
    longest_s = (LIMITS["drone"].speed_mps * 210 + 300) / LIMITS["drone"].speed_mps + TAIL_S
    assert all(some(floor.until_s <= NOW_S + 120 + longest_s for floor in floors if floor.level == "take_cover"))
    assert reported.floors(NOW_S + 122, NEED_S) == [], "what was said once asks once"
    reported.floors(NOW_S + 121 + PREPARE_S, NEED_S)
    assert reported.kept == []


def test_what_comes_after_its_time_asks_nothing() -> None:
    assert taken(("anna", seen(0, 0, 0))).floors(NOW_S + PREPARE_S + 1, NEED_S) == []


def test_a_voice_is_used_twenty_times_in_ten_minutes() -> None:
    reported = Reported(INDEX)
    answers = [reported.take(seen(k, 0, 0), "anna", alone=False) for k in range(PER_VOICE_MAX + 1)]
    assert answers[:-1] == [None] * PER_VOICE_MAX
    assert answers[-1] == "20 reports of one voice within 10 min are used; this is one more"
    reported.floors(NOW_S + PER_VOICE_MAX, NEED_S)
    assert reported.take(seen(PER_VOICE_MAX, 0, 0), "anna", alone=False), "those weighed already count as well"
    assert reported.take(seen(PER_VOICE_MAX, 0, 0), "omar", alone=False) is None
    assert reported.take(seen(PREPARE_S + 1, 0, 0), "anna", alone=False) is None


def test_under_a_flood_everybody_gets_his_turn_and_the_loudest_wait() -> None:
    reported = Reported(INDEX)
    loud = [f"loud-{k}" for k in range(2 * PER_TICK_MAX // PER_VOICE_MAX)]
    for voice in loud:
        for k in range(PER_VOICE_MAX):
            reported.take(seen(k, 0, 0), voice, alone=False)
    # Last in the queue, first report of its voice.
    reported.take(seen(0, 30_000, 30_000), "anna", alone=False)
    reported.floors(NOW_S + 20, NEED_S)
    weighed = [one.voice for one in reported.kept]
    assert len(weighed) == PER_TICK_MAX
    assert "anna" in weighed
    assert {weighed.count(voice) for voice in loud} <= {9, 10}
    assert len(reported.waiting) == PER_TICK_MAX + 1
    reported.floors(NOW_S + 21, NEED_S)
    reported.floors(NOW_S + 22, NEED_S)
    assert not reported.waiting, "what waits is not lost"


def test_late_confirmations_of_one_voice_hold_up_nobody_elses() -> None:
    reported = Reported(INDEX)
    # Sixty posts far to the east, and anna here, told in time.
    for k in range(60):
        assert (
            reported.take(seen(100 + k, 60_000, 600.0 * k, id=f"p{k}", threat="unknown"), f"post {k}", alone=False)
            is None
        )
    assert reported.take(seen(150, 0, 0), "anna", alone=False) is None
    reported.floors(NOW_S + 160, NEED_S)
    # A liar's old reports fit all of those posts; omar's late one fits anna's.
    for k in range(PER_VOICE_MAX):
        late = seen(90, 58_000, 600.0 * k, id=f"l{k}", threat="unknown")
        assert reported.take(late, "liar", alone=False) is None
    assert reported.take(seen(120, 0, 1_200), "omar", alone=False) is None
    floors = reported.floors(NOW_S + 162, NEED_S)
    at_once = under([floor for floor in floors if floor.threat == "drone"], "take_cover")
    assert at_once, "omar's confirmation of anna is weighed at once, whatever the liar has waiting"
    told = {report.id: why for report, why in reported.left_out}
    assert told and all(why.endswith("200 of one voice wait to be weighed") for why in some(told.values()))
    assert {name[0] for name in told} == {"l"}, "nothing of the others is left out"
    reported.floors(NOW_S + 163, NEED_S)
    assert not reported.left_out, "it is said once"


def test_when_too_many_wait_the_answer_says_so_and_who_has_said_nothing_yet_is_taken() -> None:
    reported = Reported(INDEX)
    too_many = "2000 reports are waiting to be weighed; nothing more is taken in"
    for k in range(WAITING_MAX):
        assert reported.take(seen(0, 0, 0), f"voice-{k}", alone=False) is None
    assert reported.take(seen(1, 0, 0), "voice-0", alone=False) == too_many
    assert reported.take(seen(0, 0, 0), "anna", alone=False) is None
    assert reported.take(seen(1, 0, 0), "anna", alone=False) == too_many
    for k in range(STRANGERS_MAX):
        reported.take(seen(0, 0, 0), f"stranger-{k}", alone=False)
    assert reported.take(seen(0, 0, 0), "omar", alone=False) == too_many


def test_whoever_has_said_little_goes_before_a_crowd_that_has_said_much() -> None:
    reported = Reported(INDEX)
    crowd = [f"crowd-{k}" for k in range(PER_TICK_MAX)]
    for at_s in range(3):
        for voice in crowd:
            assert reported.take(seen(at_s, 0, 0), voice, alone=False) is None
    reported.floors(NOW_S + 3, NEED_S)
    # The crowd's next are its first that wait, and came before hers.
    assert reported.take(seen(3, 0, 0), "anna", alone=False) is None
    reported.floors(NOW_S + 4, NEED_S)
    assert "anna" in [one.voice for one in reported.kept]


def test_a_snapshot_goes_on_where_it_was_taken() -> None:
    reported = taken(("anna", seen(0, 0, -8_000)))
    reported.floors(NOW_S + 1, NEED_S)
    assert reported.take(seen(120, 0, -2_000), "omar", alone=False) is None
    loaded = Reported.load(reported.dump(), INDEX)
    assert loaded.dump() == reported.dump()
    both = [one.floors(NOW_S + 121, NEED_S) for one in (loaded, reported)]
    assert under(both[0], "take_cover") == under(both[1], "take_cover") != set()
    # A voice's budget is remembered too.
    for k in range(PER_VOICE_MAX - 1):
        assert loaded.take(seen(130 + k, 0, 0), "omar", alone=False) is None
    assert loaded.take(seen(160, 0, 0), "omar", alone=False)
