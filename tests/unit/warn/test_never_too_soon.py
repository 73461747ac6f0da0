"""When cover and caution may not end yet, whatever else is true."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.warn.worlds import NOW_S, act, decided, levels, outlook_of, track_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.observation import Alert, Impact
from tocsin.model.value import time_of
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

QUICK = Policy(linger_s=10, min_on_s=10, clear_quiet_s=30, impact_hold_s=100, blind_hold_s=300)


@pytest.fixture
def index() -> ZoneIndex:
    return ZoneIndex([zone("north", 50.5), zone("south", 50.0)])


def level(warner: Warner) -> str:
    return warner.states()[1].level


def covered(index: ZoneIndex, policy: Policy = QUICK) -> Warner:
    """A warner that has just sent the south to cover for a drone."""
    warner = Warner(index, policy, drill=False)
    decided(warner, NOW_S, outlook_of(NOW_S, (1, 0.5, 120)), [track_of(NOW_S)])
    assert level(warner) == "take_cover"
    return warner


def test_cover_is_held_for_as_long_as_the_policy_says_where_we_are_blind_then_becomes_prepare(index: ZoneIndex) -> None:
    warner, held = covered(index), {}
    for second in range(5, 600, 5):
        decided(warner, NOW_S + second, blind={"south": "its radar is silent"})
        held[second] = level(warner)
    # The evidence falls at the first decision without it.
    assert {held[second] for second in range(5, 305, 5)} == {"take_cover"}
    assert {held[second] for second in range(305, 600, 5)} == {"prepare"}


@pytest.mark.parametrize("asks", ["operator", "neighbour"])
def test_what_an_operator_or_a_neighbour_asks_for_never_lowers_what_the_policy_holds(
    index: ZoneIndex, asks: str
) -> None:
    warner = covered(index)
    at_s = NOW_S + 5
    outlook = outlook_of(at_s, (1, 0.5, 120))
    if asks == "operator":
        decided(warner, at_s, outlook, [track_of(at_s)], acts=[act("raise", "prepare")])
    else:
        alert = Alert(id="c", time=time_of(at_s), cap="<alert/>", zones=("south",), level="prepare")
        decided(warner, at_s, outlook, [track_of(at_s)], alerts=[alert])
    assert level(warner) == "take_cover"


@pytest.mark.parametrize(("earliest_s", "cleared"), [(200, False), (220, True)])
def test_no_all_clear_while_a_hostile_track_could_be_there_at_its_utmost_however_unlikely(
    index: ZoneIndex, earliest_s: float, cleared: bool
) -> None:
    warner, told = covered(index), []
    for second in range(5, 400, 5):
        at_s = NOW_S + second
        # It flies away, and is likely nowhere near for an hour.
        outlook = outlook_of(at_s, (1, 1e-6, earliest_s / 0.7))
        away = track_of(at_s, heading_deg=180.0)
        told += [one for _, one in levels(decided(warner, at_s, outlook, [away]))]
    assert QUICK.clear_utmost_s == 210
    assert ("all_clear" in told) == cleared


def until_clear_s(warner: Warner, first_s: int, last_s: int) -> int | None:
    for second in range(first_s, last_s, 5):
        if ("south", "all_clear") in levels(decided(warner, NOW_S + second)):
            return second
    return None


def test_after_an_impact_ends_the_quiet_time_begins_only_then(index: ZoneIndex) -> None:
    warner = Warner(index, QUICK, drill=False)
    impact = Impact(id="i", time=time_of(NOW_S), lat=50.05, lon=20.05, sigma_m=50)
    decided(warner, NOW_S, impacts=[impact])
    clear_s = until_clear_s(warner, 5, 600)
    assert clear_s is not None
    assert QUICK.impact_hold_s + QUICK.clear_quiet_s <= clear_s <= QUICK.impact_hold_s + QUICK.clear_quiet_s + 15


def test_after_a_neighbours_alert_ends_the_quiet_time_begins_only_then(index: ZoneIndex) -> None:
    warner = Warner(index, QUICK, drill=False)
    ends = time_of(NOW_S + 200)
    alert = Alert(id="c", time=time_of(NOW_S), cap="<alert/>", zones=("south",), level="take_cover", expires=ends)
    decided(warner, NOW_S, alerts=[alert])
    clear_s = until_clear_s(warner, 5, 600)
    assert clear_s is not None
    assert 200 + QUICK.clear_quiet_s <= clear_s <= 200 + QUICK.clear_quiet_s + 15


@pytest.mark.parametrize(("threat", "cleared"), [("rocket", False), ("ballistic_missile", False), ("drone", True)])
def test_no_zone_gets_an_all_clear_while_anything_ballistic_flies(index: ZoneIndex, threat: str, cleared: bool) -> None:
    warner, told = covered(index), []
    for second in range(5, 400, 5):
        at_s = NOW_S + second
        # Bound for the north, and for an hour not even there.
        outlook = outlook_of(at_s, (0, 0.5, 3_600), threat=threat)  # type: ignore[arg-type]
        far = track_of(at_s, lat=51.9, heading_deg=0.0, threat=threat, classes={threat: 0.9})
        told += levels(decided(warner, at_s, outlook, [far]))
    assert (("south", "all_clear") in told) == cleared


def test_no_clock_takes_back_cover_that_still_is_called_for(index: ZoneIndex) -> None:
    policy = Policy(linger_s=10, min_on_s=10, max_on_s=100)
    unseen, faded = Warner(index, policy, drill=False), Warner(index, policy, drill=False)

    def shown(warner: Warner, second: int, probability: float) -> str:
        decided(warner, NOW_S + second, outlook_of(NOW_S + second, (1, probability, 120)))
        return level(warner)

    assert {shown(unseen, second, 0.5) for second in range(0, 400, 5)} == {"take_cover"}
    # Of evidence between what raises cover and what ends it a clock decides.
    call = next(
        p
        for p in (0.0001 * k for k in range(1, 1_000))
        if shown(Warner(index, policy, drill=False), 0, p) == "take_cover"
    )
    fading = [shown(faded, second, call if second == 0 else 0.8 * call) for second in range(0, 200, 5)]
    assert fading == ["take_cover"] * 21 + ["prepare"] * 19


@pytest.mark.parametrize(("later_s", "shown"), [(99, "all_clear"), (100, "prepare"), (101, "prepare")])
def test_after_an_all_clear_prepare_needs_more_evidence_until_the_cooling_down_is_over(
    index: ZoneIndex, later_s: int, shown: str
) -> None:
    policy = Policy(linger_s=0, min_on_s=0, clear_quiet_s=10, cooldown_s=100, cooldown_factor=2.0, clear_shown_s=600)
    warner = covered(index, policy)
    clear_s = until_clear_s(warner, 5, 100)
    assert clear_s is not None
    at_s = NOW_S + clear_s + later_s
    # One and a half times what means prepare otherwise; minutes away.
    decided(warner, at_s, outlook_of(at_s, (1, 0.045, 890)))
    assert level(warner) == shown


def test_what_was_seen_flying_after_something_fell_counts_on_however_late_the_impact_is_told(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(impact_hold_s=0, linger_s=0, min_on_s=0, clear_quiet_s=0), drill=False)
    for second in range(0, 60, 5):
        at_s = NOW_S + second
        told = [Impact(id="i", time=time_of(NOW_S + 10), lat=49.9, lon=20.05, sigma_m=50)] if second == 30 else []
        decided(warner, at_s, outlook_of(at_s, (1, 0.5, 60)), [track_of(at_s)], impacts=told)
        assert level(warner) == "take_cover"


def test_many_unlikely_attackers_together_mean_prepare_where_millions_live_too() -> None:
    whole = zone("city", 50.0)
    cities = ZoneIndex([msgspec.structs.replace(whole, population=3_000_000)])
    few, many = (Warner(cities, Policy(), drill=False) for _ in range(2))
    decided(few, NOW_S, outlook_of(NOW_S, (0, 0.008, 800)))
    decided(many, NOW_S, outlook_of(NOW_S, *[(0, 0.008, 800)] * 4))
    assert (few.states()[0].level, many.states()[0].level) == ("none", "prepare")


def test_a_proposal_is_no_warning_and_its_confirmation_is_one_at_once(index: ZoneIndex) -> None:
    warner = Warner(index, Policy(mode={"drone": "manual"}), drill=False)
    decided(warner, NOW_S, outlook_of(NOW_S, (1, 0.9, 300)), [track_of(NOW_S)])
    assert [proposal.zone for proposal in warner.proposals()] == ["south"]
    assert level(warner) == "prepare"
    later_s = NOW_S + 5
    decided(warner, later_s, outlook_of(later_s, (1, 0.9, 295)), [track_of(later_s)], acts=[act("confirm")])
    assert level(warner) == "take_cover"
    assert warner.proposals() == ()


def test_a_level_is_left_only_when_its_evidence_falls_to_a_share_of_what_raised_it(index: ZoneIndex) -> None:
    def held(probability: float) -> str:
        warner = covered(index, Policy(linger_s=0, min_on_s=0, miss_minutes=60, off_ratio=0.2))
        for second in range(5, 100, 5):
            at_s = NOW_S + second
            decided(warner, at_s, outlook_of(at_s, (1, probability, 120)), [track_of(at_s)])
        return level(warner)

    alone = Warner(index, Policy(linger_s=0, min_on_s=0, miss_minutes=60, off_ratio=0.2), drill=False)
    decided(alone, NOW_S, outlook_of(NOW_S, (1, 0.2, 120)), [track_of(NOW_S)])
    assert level(alone) != "take_cover"
    assert held(0.2) == "take_cover"
    assert held(0.001) != "take_cover"
