"""Warnings against incidents: what was hit, missed or in vain, and what nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.incident import Incident
from tocsin.ledger.night_channels import on_channel
from tocsin.ledger.night_figures import UNSEEN, channel_figures, figures_of, sensor_figures
from tocsin.ledger.nights import Decided, Night, scored
from tocsin.ledger.window import Place, Window
from tocsin.model.geojson import zones_from_geojson
from tocsin.model.value import seconds_of
from tocsin.model.warning import Level, Warning

EVENING = datetime(2026, 5, 3, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _square(name: str, west: float) -> str:
    ring = [[west, 0.0], [west + 0.2, 0.0], [west + 0.2, 0.2], [west, 0.2], [west, 0.0]]
    properties = f'{{"id":"{name}","name":"{name}","population":1000,"shelter_s":90}}'
    return f'{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'


# 22 km wide each; b touches a, c lies 67 km from it.
ZONES = f'{{"type":"FeatureCollection","features":[{_square("a", 0)},{_square("b", 0.2)},{_square("c", 0.8)}]}}'
INDEX = ZoneIndex(zones_from_geojson(ZONES.encode()))


def warning(zone: str, at: datetime, level: Level = "take_cover", minutes: float = 30) -> Warning:
    name = f"{zone}/{at:%H%M%S}/1/{level}"
    return Warning(id=name, zone=zone, level=level, time=at, expires=at + minutes * MINUTE, threat="drone")


def incident(
    begin: datetime,
    minutes: float = 0,
    lon: float = 0.1,
    sigma_m: float = 100,
    *,
    drill: bool = False,
    released: bool = False,
) -> Incident:
    name = f"i-{seconds_of(begin)}-{lon}"
    return Incident(
        id=name, recorded=begin, by="desk", incident=name, drill=drill, released=released, struck="a bridge",
        place=Place(lat=0.1, lon=lon, sigma_m=sigma_m), window=Window(begin=begin, end=begin + minutes * MINUTE),
    )  # fmt: skip


def decided(*warnings: Warning, drill: bool = False) -> Decided:
    begin_s = seconds_of(EVENING)
    return Decided(warnings, INDEX, begin_s - 3_600, begin_s + 8 * 3_600, "default", drill)


def _outcomes(night: Night) -> tuple[list[str], list[str]]:
    return [row.outcome for row in night.cover], [row.outcome for row in night.struck]


@pytest.mark.parametrize(
    ("minutes_after", "told", "cover"),
    [(5, "warned in time", "hit"), (1, "warned too late", "hit"), (-10, "not warned", "in vain"),
     (31, "not warned", "hit"), (40, "not warned", "in vain")],
)  # fmt: skip
def test_what_fell_at_a_known_moment_was_warned_of_or_not(minutes_after: float, told: str, cover: str) -> None:
    night = scored(decided(warning("a", EVENING)), [incident(EVENING + minutes_after * MINUTE)])
    assert _outcomes(night) == ([cover], [told])


def test_what_holds_for_no_more_than_a_part_of_an_incidents_window_is_not_said() -> None:
    began, early = warning("a", EVENING), incident(EVENING - 10 * MINUTE, 30)
    assert _outcomes(scored(decided(began), [early])) == (["unverifiable"], ["unverifiable"])
    sure = incident(EVENING + 5 * MINUTE, 20)
    night = scored(decided(began), [sure])
    assert _outcomes(night) == (["hit"], ["warned in time"])
    # The least of what it may have been.
    assert night.struck[0].lead_s == 300.0


def test_what_may_have_fallen_in_either_of_two_zones_is_judged_where_both_agree() -> None:
    border = incident(EVENING + 5 * MINUTE, lon=0.199, sigma_m=1_000)
    assert scored(decided(warning("a", EVENING)), [border]).struck[0].outcome == "unverifiable"
    both = scored(decided(warning("a", EVENING), warning("b", EVENING + MINUTE)), [border]).struck[0]
    assert (both.outcome, both.lead_s, both.zones) == ("warned in time", 240.0, ("a", "b"))


def test_a_night_of_which_nothing_is_kept_proves_nothing() -> None:
    for others in (
        [],
        [incident(EVENING + timedelta(days=2))],
        [incident(EVENING, drill=True)],
        [incident(EVENING, lon=5)],
    ):
        assert _outcomes(scored(decided(warning("c", EVENING)), others))[0] == ["unverifiable"]
    assert _outcomes(scored(decided(warning("c", EVENING)), [incident(EVENING)]))[0] == ["in vain"]


def test_a_drill_is_held_against_what_the_drill_let_fall() -> None:
    night = scored(decided(warning("a", EVENING), drill=True), [incident(EVENING + 5 * MINUTE, drill=True)])
    assert _outcomes(night) == (["hit"], ["warned in time"])


def test_what_cannot_be_used_is_counted_with_its_reason() -> None:
    lasting = incident(EVENING + 5 * MINUTE)
    unplaced = Incident(id="u", recorded=EVENING, by="desk", incident="u", window=Window(begin=EVENING, end=EVENING))
    endless = Incident(
        id="e", recorded=EVENING, by="desk", incident="e", place=lasting.place, window=Window(begin=EVENING)
    )
    night = scored(decided(warning("a", EVENING)), [lasting, unplaced, endless, incident(EVENING, lon=0.5)])
    assert night.left_out == {
        "it has no place": 1, "nobody says by when it was": 1, "it fell outside every zone": 1,
    }  # fmt: skip


def test_what_everybody_reads_names_no_incident_that_nobody_released() -> None:
    fell = [incident(EVENING + 5 * MINUTE, released=True), incident(EVENING + 6 * MINUTE)]
    found = figures_of([scored(decided(warning("a", EVENING), warning("c", EVENING)), fell)])
    assert [one["incident"] for one in found["incidents"]] == [fell[0].incident]
    assert fell[1].incident not in str(found)
    total = found["total"]
    assert total["covers"] == {"hit": 1, "in vain": 1, "unverifiable": 0}
    assert total["person_minutes"] == {"hit": 30_000, "in vain": 30_000, "unverifiable": 0}
    assert (total["in_time"], total["lead_s"]["p50"]) == (1.0, 330.0)
    assert list(found["by_night"]) == ["2026-05-03"]
    assert found["by_policy"]["default"]["covers"]["hit"] == 1
    assert {name: one["covers"]["hit"] for name, one in found["by_zone"].items()} == {"a": 1, "c": 0}
    assert figures_of([])["total"]["in_time"] is None


def test_each_sensor_answers_for_what_it_had_seen_and_the_public_reads_of_none() -> None:
    called, alone = warning("a", EVENING), warning("c", EVENING)
    told = replace(decided(called, alone), sensors={called.id: ("north", "south"), alone.id: ("south",)})
    night = scored(told, [incident(EVENING + 5 * MINUTE), incident(EVENING + 5 * MINUTE, lon=0.3)])
    found = sensor_figures([night])
    assert {name: (one["covers"]["hit"], one["covers"]["in vain"]) for name, one in found.items()} == {
        "north": (1, 0), "south": (1, 1), UNSEEN: (0, 0),
    }  # fmt: skip
    assert found["north"]["incidents"]["warned in time"] == 1
    assert found[UNSEEN]["incidents"]["not warned"] == 1
    assert "south" not in str(figures_of([night]))


def test_who_hears_one_channel_alone_is_warned_when_the_warning_arrives_there() -> None:
    called, cleared = warning("a", EVENING), warning("a", EVENING + 20 * MINUTE, "all_clear")
    told = decided(called, cleared, warning("c", EVENING))
    fell = [incident(EVENING + 3 * MINUTE), incident(EVENING + 3 * MINUTE, lon=0.9)]
    at_once, late = EVENING + 0.1 * MINUTE, EVENING + 2.5 * MINUTE
    nights = {}
    arrivals: dict[str, dict[str, datetime | None]] = {
        "siren": {called.id: at_once, cleared.id: None},
        "push": {called.id: late, cleared.id: EVENING + 21 * MINUTE},
        "radio": {called.id: None},
        # The newer word came first: the older one changes nothing for anybody.
        "post": {called.id: EVENING + 22 * MINUTE, cleared.id: EVENING + 21 * MINUTE},
    }
    for name, arrived in arrivals.items():
        heard = on_channel(told, arrived)
        assert heard is not None
        nights[name] = [scored(heard, fell)]
    assert on_channel(told, {"of another service": at_once}) is None
    found = channel_figures(nights)
    outcomes = {name: {told for told, times in one["incidents"].items() if times} for name, one in found.items()}
    assert outcomes == {
        "siren": {"warned in time"}, "push": {"warned too late"}, "radio": {"not warned"}, "post": {"not warned"},
    }  # fmt: skip
    # Where the all clear never came, people sit until it would have lapsed.
    minutes = {name: sum(row.minutes for row in night.cover) for name, (night,) in nights.items()}
    assert minutes == pytest.approx({"siren": 29.9, "push": 18.5, "radio": 0, "post": 0})


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300)), max_size=6),
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 60), st.floats(0.01, 0.99), st.integers(1, 3_000)), max_size=4
    ),
    st.integers(0, 30),
    st.integers(0, 3_000),
)
@tried(40, 2_000)
def test_knowing_less_of_an_incident_turns_no_outcome_into_another_but_unverifiable(
    told: list[tuple[str, int]], fell: list[tuple[int, int, float, int]], wider: int, vaguer: int
) -> None:
    warnings = [warning(zone, EVENING + at * MINUTE) for zone, at in dict.fromkeys(told)]
    sharp = [incident(EVENING + at * MINUTE, length, lon, sigma) for at, length, lon, sigma in fell]
    blurred = [
        incident(EVENING + (at - wider) * MINUTE, length + 2 * wider, lon, sigma + vaguer)
        for at, length, lon, sigma in fell
    ]
    for one, other in zip(
        _outcomes(scored(decided(*warnings), sharp)), _outcomes(scored(decided(*warnings), blurred)), strict=True
    ):
        assert len(one) == len(other)
        assert [(a, b) for a, b in zip(one, other, strict=True) if a != b and "unverifiable" not in (a, b)] == []


def test_a_night_goes_from_noon_to_noon() -> None:
    late, noon = warning("a", EVENING + 6 * 60 * MINUTE), warning("a", EVENING - 9 * 60 * MINUTE)
    whole = Decided([late, noon], INDEX, seconds_of(noon.time), seconds_of(late.expires), "", False)
    assert sorted({row.night for row in some(scored(whole, []).cover)}) == ["2026-05-02", "2026-05-03"]
