"""What a warning says besides its level: who comes and when, what it replaces, when it lapses, when it is said anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.some import some
from tests.unit.warn.worlds import NOW_S, act, decided, track_of, zone
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import Floor, Outlook, ThreatClass
from tocsin.model.value import time_of
from tocsin.model.warning import Warning
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Decision, Warner

INDEX = ZoneIndex([zone("north", 50.5), zone("south", 50.0)])


def warner(**policy: Any) -> Warner:
    return Warner(INDEX, Policy(**policy), drill=False)


def view(at_s: float, rows: Sequence[tuple[float, float, float]], classes: Sequence[ThreatClass] = ()) -> Outlook:
    """Of the south, rows of (probability, seconds to the earliest, to the likely attack), one track each."""
    count = len(rows)
    drone: ThreatClass = "drone"
    return Outlook(
        at_s=at_s, zone=np.ones(count, np.int32), track=np.arange(count, dtype=np.int32),
        probability=np.array([row[0] for row in rows]), eta_earliest_s=np.array([at_s + row[1] for row in rows]),
        eta_likely_s=np.array([at_s + row[2] for row in rows]), tracks=tuple(f"T{n + 1}" for n in range(count)),
        classes=tuple(classes) or (drone,) * count,
    )  # fmt: skip


def said(*rows: tuple[float, float, float], classes: Sequence[ThreatClass] = (), at_s: float = NOW_S) -> Warning:
    (warning,) = decided(warner(), at_s, view(at_s, rows, classes)).warnings
    return warning


def test_the_heaviest_track_says_what_comes_and_when_and_every_track_that_carries_the_call_how_soon() -> None:
    warning = said((0.1, 20.0, 300.0), (0.5, 90.6, 120.4), (0.2, 60.7, 130.0), classes=("jet", "drone", "unknown"))
    assert warning.tracks == ("T2", "T3"), "the jet is likely minutes away: a tenth of the heaviest carries"
    assert warning.threat == "drone"
    assert warning.eta_earliest == time_of(NOW_S + 60.0), "the soonest of those named, a second early sooner than late"
    assert warning.eta_likely == time_of(NOW_S + 120.0)
    assert warning.probability == round(1 - 0.9 * 0.5 * 0.8, 3)
    assert "1 drone, 1 unidentified object (T2, T3)" in warning.reason


def test_at_most_ten_tracks_are_named_the_heaviest_first() -> None:
    warning = said(*[(0.30 + 0.01 * number, 60.0, 120.0) for number in range(12)])
    assert warning.tracks == tuple(f"T{number}" for number in range(12, 2, -1))


def test_nothing_comes_before_now_nor_is_likely_before_it_is_possible() -> None:
    warning = said((0.5, -30.0, -20.0), at_s=NOW_S + 0.5)
    assert warning.eta_earliest == warning.eta_likely == time_of(NOW_S)
    later = said((0.5, 100.9, 120.0), (0.49, 119.0, 125.0))
    assert later.eta_earliest == time_of(NOW_S + 100.0)


def told(warner: Warner, second: float, *rows: tuple[float, float, float], **what: Any) -> list[Warning]:
    at_s = NOW_S + second
    tracks = [track_of(at_s, f"T{n + 1}", heading_deg=180.0) for n in range(len(rows))]
    return list(decided(warner, at_s, view(at_s, rows), tracks, **what).warnings)


@pytest.mark.parametrize(("valid_s", "renew_s"), [(300.0, 60.0), (100.0, 10.0)])
def test_a_warning_is_renewed_when_its_time_comes_and_not_a_second_before(valid_s: float, renew_s: float) -> None:
    one = warner(valid_s=valid_s, renew_s=renew_s)
    raised = [(second, warning) for second in range(700) for warning in told(one, second, (0.5, 60.0, 120.0))]
    # The likely time, said once, is wrong by and by: that is told sooner than what is only to be renewed.
    spans = {round(warning.expires.timestamp() - NOW_S - second) for second, warning in raised}
    assert spans == {valid_s}
    fixed = warner(valid_s=valid_s, renew_s=renew_s)
    seconds = [
        second for second in range(700) if told(fixed, second, (0.5, 60.0, 1_000.0 - second), acts=raises(second))
    ]
    assert seconds == list(range(0, 700, round(valid_s - renew_s)))


def raises(second: int) -> list[Any]:
    """Cover that is ordered once."""
    return [act("raise")] if second == 0 else []


def test_a_fraction_of_a_second_more_never_makes_a_warning_lapse_sooner() -> None:
    at_s = NOW_S + 0.4
    (warning,) = decided(warner(), at_s, view(at_s, [(0.5, 60.0, 120.0)])).warnings
    assert warning.expires == time_of(NOW_S + 301.0)


def revised(second: float, likely_s: float, *, said_s: float = 200.0, **policy: Any) -> bool:
    """Whether a likely time that was said to be in `said_s` is told anew when it turns out to be another."""
    one = warner(valid_s=3_600.0, **policy)
    assert told(one, 0, (0.9, 20.0, said_s))[0].level == "take_cover"
    return bool(told(one, second, (0.9, 10.0, likely_s - second)))


@pytest.mark.parametrize(
    ("second", "likely_s", "anew"),
    [
        (29.0, 60.0, False),  # told at most every half a minute
        (30.0, 60.0, True),
        (40.0, 141.0, False),  # an attack that comes sooner by more than `revise_s` is worth telling
        (40.0, 139.0, True),
        (40.0, 260.0, False),  # later, by three times that
        (40.0, 379.0, False),
        (40.0, 381.0, True),
    ],
)
def test_a_likely_time_that_changed_is_told_anew(second: float, likely_s: float, anew: bool) -> None:
    assert revised(second, likely_s) == anew


def test_far_ahead_only_what_changes_a_third_of_the_time_left_is_told_anew() -> None:
    # Of 640 s that are left, 30 % are 192 s.
    assert not revised(40.0, 680.0, said_s=871.0, miss_minutes=1e6)
    assert revised(40.0, 680.0, said_s=873.0, miss_minutes=1e6)


def test_cover_that_was_ordered_before_anything_was_seen_tells_what_comes_once_it_is() -> None:
    one = warner()
    assert told(one, 0, acts=[act("raise")])[0].eta_likely is None
    assert not told(one, 20, (0.9, 60.0, 120.0))
    (warning,) = told(one, 30, (0.9, 60.0, 120.0))
    assert warning.eta_likely == time_of(NOW_S + 150.0)
    assert warning.replaces == "south/1/1/take_cover"


def story(rows_until_s: float) -> list[tuple[int, Decision]]:
    one = warner(clear_shown_s=100.0)
    decisions = []
    for second in range(0, 600, 5):
        rows = [(0.5, 60.0, 120.0)] if second < rows_until_s or second >= 400 else []
        at_s = NOW_S + second
        tracks = [track_of(at_s, heading_deg=180.0)]
        decisions.append((second, decided(one, at_s, view(at_s, rows), tracks)))
    return decisions


def test_each_message_replaces_the_one_before_and_a_new_episode_begins_with_a_new_danger() -> None:
    messages = [warning for _, decision in story(100.0) for warning in decision.warnings]
    episodes = [[one for one in messages if one.id.startswith(f"south/{n}/")] for n in (1, 2)]
    assert sum(map(len, episodes)) == len(messages) > 4
    for episode in episodes:
        assert [one.id.split("/")[2] for one in episode] == [str(n + 1) for n in range(len(episode))]
        assert [one.replaces for one in episode] == [None, *(one.id for one in episode[:-1])]
    assert [episode[-1].level for episode in episodes] == ["all_clear", "take_cover"]


def test_an_all_clear_is_shown_for_its_time_and_says_nothing_of_a_threat() -> None:
    decisions = story(100.0)
    shown = {second: state for second, decision in decisions for state in decision.changed}
    (clear_s, none_s) = [s for s in sorted(shown) if shown[s].level in ("all_clear", "none")]
    assert none_s - clear_s == 100
    clear = shown[clear_s]
    assert (clear.level, clear.threat, clear.expires) == ("all_clear", None, time_of(NOW_S + none_s))
    assert clear.since == time_of(NOW_S + clear_s)
    (message,) = [w for s, decision in decisions if s == clear_s for w in decision.warnings]
    assert message.reason.startswith("Nothing hostile that we track can be here within 10 min")
    assert shown[none_s].warning is None and shown[none_s].since is None


def test_since_when_a_level_stands_does_not_change_with_what_is_said_of_it() -> None:
    one, since = warner(valid_s=60.0, renew_s=30.0), set()
    for second in range(0, 200, 5):
        told(one, second, (0.5, 60.0, 120.0))
        since.add(one.states()[1].since)
    assert since == {time_of(NOW_S)}


def test_only_tracks_that_call_where_people_are_in_cover_are_said_to_have_called() -> None:
    one = warner()
    outlook = Outlook(
        at_s=NOW_S, zone=np.array([0, 1, 1], np.int32), track=np.array([0, 1, 2], np.int32),
        probability=np.array([0.03, 0.5, 0.0]), eta_earliest_s=np.full(3, NOW_S + 60.0),
        eta_likely_s=NOW_S + np.array([890.0, 120.0, 120.0]), tracks=("T1", "T2", "T3"), classes=("drone",) * 3,
    )  # fmt: skip
    decision = decided(one, NOW_S, outlook)
    assert [state.level for state in one.states()] == ["prepare", "take_cover"]
    assert decision.called == frozenset({"T2"})


def test_a_report_says_what_was_reported_for_as_long_as_it_stands() -> None:
    one = warner(clear_quiet_s=100.0)
    floor = Floor(np.array([1]), "prepare", NOW_S + 50.0, "helicopter")
    (warning,) = told(one, 0, floors=[floor])
    assert (warning.threat, warning.level) == ("helicopter", "prepare")
    (renewed,) = told(one, 240)
    assert renewed.threat == "unknown"


def test_what_an_operator_tells_the_public_goes_with_the_order_and_not_with_a_later_all_clear() -> None:
    one = warner()
    first = act("raise")
    (warning,) = told(one, 0, acts=[msgspec.structs.replace(first, public_reason="Gas.", lasts_s=50.0)])
    assert warning.public_reason == "Gas."
    later = [warning for second in range(10, 200, 5) for warning in told(one, second)]
    assert later and later[-1].level == "all_clear"
    assert not any(warning.public_reason for warning in some(later))
