"""What operators order: a raise is a floor, a cancel takes back what stands, and neither outlives its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.event import Action, OperatorAct
from tocsin.model.observation import Alert, Impact
from tocsin.model.threat import Outlook, ThreatClass
from tocsin.model.track import Track
from tocsin.model.value import time_of
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Decision, Warner

NOW_S = 1_767_225_600.0
RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
INDEX = ZoneIndex([Zone(id="south", name="south", population=1_000, polygons=((RING,),))])
DAY_S = 86_400.0


def outlook(at_s: float, *chances: float, names: Sequence[str] = (), in_s: float = 120.0) -> Outlook:
    """One drone per chance of an attack, likely in `in_s`."""
    count = len(chances)
    threat: ThreatClass = "drone"
    return Outlook(
        at_s=at_s,
        zone=np.zeros(count, np.int32),
        track=np.arange(count, dtype=np.int32),
        probability=np.array(chances, float),
        eta_earliest_s=np.full(count, at_s + 0.5 * in_s),
        eta_likely_s=np.full(count, at_s + in_s),
        tracks=tuple(names) or tuple(f"T{n + 1}" for n in range(count)),
        classes=(threat,) * count,
    )


def seen(at_s: float, name: str) -> Track:
    return Track(
        id=name, time=time_of(at_s), updated=time_of(at_s), lat=49.9, lon=20.05, altitude_m=300.0, speed_mps=50.0,
        heading_deg=0.0, sigma_m=100.0, threat="drone", probability=0.9, classes={"drone": 0.9}, status="confirmed",
        sensors=1,
    )  # fmt: skip


class Desk:
    """A warner over one zone, and what it said."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.warner = Warner(INDEX, policy or Policy(), drill=False)
        self.acts = 0

    def at(self, second: float, view: Outlook | None = None, **what: Any) -> Decision:
        at_s = NOW_S + second
        what = {"impacts": (), "alerts": (), "acts": (), "blind": {}} | what
        view = view or outlook(at_s)
        return self.warner.decide(at_s, view, [seen(at_s, name) for name in view.tracks], **what)

    def order(self, second: float, action: Action, view: Outlook | None = None, **more: Any) -> Decision:
        self.acts += 1
        fields: dict[str, Any] = {"id": f"a{self.acts}", "operator": "desk", "zones": ("south",)} | more
        return self.at(second, view, acts=[OperatorAct(time=time_of(NOW_S + second), action=action, **fields)])

    @property
    def level(self) -> str:
        return self.warner.states()[0].level


def danger(second: float, *chances: float, **more: Any) -> Outlook:
    return outlook(NOW_S + second, *chances, **more)


def levels(decision: Decision) -> list[str]:
    return [warning.level for warning in decision.warnings]


def fell(second: float) -> Impact:
    return Impact(id=f"i{second}", time=time_of(NOW_S + second), lat=50.05, lon=20.05, sigma_m=50)


def told(second: float) -> Alert:
    end = time_of(NOW_S + second + 1_800)
    return Alert(
        id=f"c{second}", time=time_of(NOW_S + second), cap=f"<a{second}/>", zones=("south",), level="take_cover",
        expires=end,
    )  # fmt: skip


def test_a_cancel_of_a_quiet_zone_silences_nothing_eight_days_later() -> None:
    desk = Desk()
    assert desk.order(0, "cancel").warnings == ()
    assert desk.warner.orders() == ()
    assert levels(desk.at(8 * DAY_S, danger(8 * DAY_S, 0.9))) == ["take_cover"]


def test_a_cancel_takes_back_what_stands_until_it_ends_by_itself() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    cancelled = desk.order(10, "cancel", danger(10, 0.9), reason="a flock of cranes", public_reason="False alarm.")
    (warning,) = cancelled.warnings
    assert (warning.level, warning.public_reason) == ("all_clear", "False alarm.")
    assert warning.reason == "Cancelled by desk: a flock of cranes"
    (order,) = desk.warner.orders()
    assert (order.action, order.operator, order.tracks) == ("cancel", "desk", ("T1",))
    assert (order.ends, order.reason) == (time_of(NOW_S + 610), "a flock of cranes")
    for second in range(20, 610, 10):
        assert desk.at(second, danger(second, 0.9)).warnings == (), second
    assert levels(desk.at(610, danger(610, 0.9))) == ["take_cover"]
    assert desk.warner.orders() == ()


@pytest.mark.parametrize("new", ["track", "impact", "alert"])
def test_new_evidence_raises_again_while_a_cancel_is_in_force(new: str) -> None:
    desk = Desk()
    view = danger(0, 0.9)
    desk.at(0, view, alerts=[told(-10)], impacts=[fell(-5)])
    assert levels(desk.order(10, "cancel", danger(10, 0.9))) == ["all_clear"]
    assert desk.at(20, danger(20, 0.9)).warnings == ()
    if new == "track":
        decision = desk.at(30, danger(30, 0.9, 0.6))
        assert decision.warnings[0].tracks == ("T2",), "and only the new one is its evidence"
    elif new == "impact":
        decision = desk.at(30, danger(30, 0.9), impacts=[fell(25)])
    else:
        decision = desk.at(30, danger(30, 0.9), alerts=[told(25)])
    assert levels(decision) == ["take_cover"]


def test_what_arrives_with_a_cancel_was_not_seen_by_who_gave_it_and_counts() -> None:
    desk = Desk()
    desk.at(0, alerts=[told(-10)])
    act = OperatorAct(id="a", time=time_of(NOW_S + 9), operator="desk", action="cancel", zones=("south",))
    desk.at(10, acts=[act], impacts=[fell(9.5)])
    assert desk.level == "take_cover"


def test_a_track_that_weighed_little_when_the_zone_was_cancelled_raises_it_when_it_turns_in() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9, 0.0001, in_s=400))
    assert levels(desk.order(10, "cancel", danger(10, 0.9, 0.0001, in_s=390))) == ["all_clear"]
    assert levels(desk.at(20, danger(20, 0.9, 0.7))) == ["take_cover"]


def test_a_cancel_takes_back_every_track_that_could_have_called_for_cover_alone() -> None:
    desk = Desk()
    view = danger(0, 0.9, 0.005)
    assert levels(Desk().at(0, danger(0, 0.005))) == ["take_cover"]
    desk.at(0, view)
    assert levels(desk.order(10, "cancel", danger(10, 0.9, 0.005))) == ["all_clear"]


def test_cancelling_prepare_does_not_silence_the_same_track_once_it_means_cover() -> None:
    desk = Desk()
    assert levels(desk.at(0, danger(0, 0.1, in_s=850))) == ["prepare"]
    assert levels(desk.order(10, "cancel", danger(10, 0.1, in_s=840))) == ["all_clear"]
    assert desk.at(20, danger(20, 0.1, in_s=830)).warnings == ()
    assert levels(desk.at(30, danger(30, 0.9, in_s=120))) == ["take_cover"]


def test_a_cancelled_track_still_holds_a_later_all_clear_back() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9))
    desk.at(20, danger(20, 0.9), impacts=[fell(15)])
    seen = [level for second in range(30, 600, 10) for level in levels(desk.at(second, danger(second, 0.9)))]
    assert "prepare" in seen
    assert "all_clear" not in seen


def test_a_second_cancel_adds_to_the_first() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9))
    assert levels(desk.at(20, danger(20, 0.9, 0.6))) == ["take_cover"]
    assert levels(desk.order(30, "cancel", danger(30, 0.9, 0.6))) == ["all_clear"]
    (order,) = desk.warner.orders()
    assert set(order.tracks) == {"T1", "T2"}
    assert desk.at(40, danger(40, 0.9, 0.6)).warnings == ()


def test_cancelling_cover_for_one_track_silences_none_that_was_cancelled_while_it_meant_prepare() -> None:
    desk, far = Desk(), ["T1"]
    desk.at(0, danger(0, 0.035, in_s=890, names=far))
    desk.order(10, "cancel", danger(10, 0.035, in_s=885, names=far))

    def both(second: float, in_s: float, near: float) -> Outlook:
        view = danger(second, 0.035, near, names=["T1", "T2"])
        view.eta_likely_s[0] = view.eta_earliest_s[0] = NOW_S + second + in_s
        return view

    assert levels(desk.at(20, both(20, 885, 0.9))) == ["take_cover"]
    assert levels(desk.order(30, "cancel", both(30, 885, 0.9))) == ["all_clear"]
    assert desk.at(40, both(40, 885, 0.9)).warnings == ()
    assert levels(desk.at(50, both(50, 60, 0.9))) == ["take_cover"]


def test_a_cancel_takes_nothing_more_back_that_an_ended_one_took_back() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9), lasts_s=60.0)
    desk.at(20, danger(20, 0.6, names=["T2"]))
    desk.order(70, "cancel", danger(70, 0.6, names=["T2"]))
    assert desk.warner.orders()[0].tracks == ("T2",)
    assert levels(desk.at(71, danger(71, 0.9))) == ["take_cover"]


def test_a_cancel_may_end_sooner_than_the_policy_says_and_never_later() -> None:
    for lasts_s, ends_s in ((60.0, 60.0), (7_000.0, 600.0)):
        desk = Desk()
        desk.at(0, danger(0, 0.9))
        desk.order(10, "cancel", danger(10, 0.9), lasts_s=lasts_s)
        assert desk.warner.orders()[0].ends == time_of(NOW_S + 10 + ends_s)


def test_a_release_ends_a_cancel_and_a_raise() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9))
    assert levels(desk.order(20, "release", danger(20, 0.9))) == ["take_cover"]
    quiet = Desk()
    assert levels(quiet.order(0, "raise")) == ["take_cover"]
    assert levels(quiet.order(300, "release")) == ["all_clear"]
    assert quiet.warner.orders() == ()


def test_a_raise_ends_a_cancel() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9))
    assert levels(desk.order(20, "raise", danger(20, 0.9), level="prepare")) == ["take_cover"]
    assert [order.action for order in desk.warner.orders()] == ["raise"]


def test_a_cancel_given_in_the_second_of_a_raise_takes_it_back() -> None:
    desk = Desk()
    desk.order(0, "raise")
    same = OperatorAct(id="c", time=time_of(NOW_S), operator="desk", action="cancel", zones=("south",))
    assert levels(desk.at(1, acts=[same])) == ["all_clear"]


@pytest.mark.parametrize(("weight", "taken"), [(0.09, False), (0.11, True)])
def test_a_track_that_made_a_tenth_of_a_call_carried_it_however_heavy_another_is(weight: float, taken: bool) -> None:
    # Calls are proportional to the chance.
    chances = (1e-5 * k for k in range(1, 10_000))
    call = next(chance for chance in chances if levels(Desk().at(0, danger(0, chance))) == ["take_cover"])
    desk = Desk()
    desk.at(0, danger(0, 0.9, weight * call))
    desk.order(10, "cancel", danger(10, 0.9, weight * call))
    (order,) = desk.warner.orders()
    assert ("T2" in order.tracks) == taken


def test_a_raise_stands_until_it_is_released_or_until_the_end_it_was_given() -> None:
    for_ever, an_hour = Desk(), Desk()
    for desk, lasts_s in ((for_ever, None), (an_hour, 3_600.0)):
        desk.order(0, "raise", lasts_s=lasts_s)
        for second in range(60, 7_200, 60):
            desk.at(second)
    assert (for_ever.level, for_ever.warner.orders()[0].ends) == ("take_cover", None)
    assert (an_hour.level, an_hour.warner.orders()) == ("none", ())


def test_a_raise_given_again_is_renewed() -> None:
    desk = Desk()
    desk.order(0, "raise", lasts_s=600.0)
    desk.order(300, "raise", lasts_s=600.0)
    assert desk.warner.orders()[0].ends == time_of(NOW_S + 900)


def test_a_public_reason_is_told_at_once_and_taken_back_with_its_order() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    (warning,) = desk.order(5, "raise", danger(5, 0.9), public_reason="Gas: shut the windows.").warnings
    assert (warning.level, warning.public_reason) == ("take_cover", "Gas: shut the windows.")
    assert desk.warner.states()[0].public_reason == "Gas: shut the windows."
    (without,) = desk.order(10, "release", danger(10, 0.9)).warnings
    assert (without.level, without.public_reason or "") == ("take_cover", "")


def test_confirming_nothing_confirms_nothing_later() -> None:
    desk = Desk(Policy(mode={"drone": "confirm"}, confirm_s=20.0))
    desk.order(0, "confirm", danger(0, 0.0001))
    assert "take_cover" not in levels(desk.at(10, danger(10, 0.9, in_s=300)))
    assert len(desk.warner.proposals()) == 1
    assert levels(desk.order(12, "confirm", danger(12, 0.9, in_s=300))) == ["take_cover"]


def test_a_cancel_turns_a_proposal_down() -> None:
    desk = Desk(Policy(mode={"drone": "confirm"}, confirm_s=20.0))
    desk.at(0, danger(0, 0.9, in_s=300))
    desk.order(10, "cancel", danger(10, 0.9, in_s=300))
    for second in range(15, 200, 5):
        assert "take_cover" not in levels(desk.at(second, danger(second, 0.9, in_s=300)))
    assert desk.warner.proposals() == ()


@pytest.mark.parametrize("who", ["operator", "neighbour"])
def test_nobody_who_asks_for_less_lowers_what_the_policy_holds(who: str) -> None:
    desk, alone = Desk(), Desk()
    for second in range(0, 900, 10):
        view = danger(second, 0.9) if second < 300 else danger(second)
        what: dict[str, Any] = {}
        if second == 100:
            act = OperatorAct(
                id="p", time=time_of(NOW_S), operator="desk", action="raise", zones=("south",), level="prepare"
            )
            alert = Alert(id="p", time=time_of(NOW_S + 100), cap="<a/>", zones=("south",), level="prepare")
            what = {"acts": [act]} if who == "operator" else {"alerts": [alert]}
        desk.at(second, view, **what)
        alone.at(second, view)
        rank = {"none": 0, "all_clear": 0, "prepare": 1, "take_cover": 2}
        assert rank[desk.level] >= rank[alone.level], second


def test_a_restored_warner_keeps_orders_and_their_ends() -> None:
    desk = Desk()
    desk.at(0, danger(0, 0.9))
    desk.order(10, "cancel", danger(10, 0.9), reason="why")
    again = Warner.load(desk.warner.dump(), INDEX, Policy(), drill=False)
    assert again.orders() == desk.warner.orders()
    assert again.dump() == desk.warner.dump()
    raised = Desk()
    raised.order(0, "raise", reason="why")
    assert Warner.load(raised.warner.dump(), INDEX, Policy(), drill=False).orders() == raised.warner.orders()


@pytest.mark.parametrize(
    ("first", "second", "then"),
    [
        # (level, seconds; None: until released), twice, and the level at once, after a minute and after an hour
        (("take_cover", None), ("prepare", 1), ("take_cover", "take_cover", "take_cover")),
        (("take_cover", None), ("take_cover", 1), ("take_cover", "take_cover", "take_cover")),
        (("prepare", None), ("take_cover", 30), ("take_cover", "prepare", "prepare")),
        (("prepare", 600), ("take_cover", 30), ("take_cover", "prepare", "prepare")),
    ],
)
def test_no_raise_lowers_or_shortens_another(first: Any, second: Any, then: tuple[str, ...]) -> None:
    warner, blind = Warner(INDEX, Policy(), drill=False), {"south": "nobody looks"}
    for number, (level, lasts_s) in enumerate((first, second)):
        order = OperatorAct(
            id=f"raise-{number}", time=time_of(NOW_S), operator="desk", action="raise", zones=("south",), level=level,
            lasts_s=lasts_s,
        )  # fmt: skip
        warner.decide(NOW_S + number, outlook(NOW_S), (), impacts=(), alerts=(), acts=(order,), blind=blind)
    shown = []
    for at_s in (NOW_S + 2, NOW_S + 60, NOW_S + 590):
        warner.decide(at_s, outlook(at_s), (), impacts=(), alerts=(), acts=(), blind=blind)
        shown.append(warner.states()[0].level)
    assert tuple(shown) == then


def test_a_cancel_that_waited_takes_back_no_raise_that_came_after_it() -> None:
    warner = Warner(INDEX, Policy(), drill=False)

    def ordered(action: Action, asked_s: float, now_s: float) -> str:
        order = OperatorAct(
            id=f"{action}-{asked_s}", time=time_of(asked_s), operator="desk", action=action, zones=("south",)
        )
        warner.decide(now_s, outlook(now_s), (), impacts=(), alerts=(), acts=(order,), blind={})
        return warner.states()[0].level

    assert ordered("raise", NOW_S, NOW_S) == "take_cover"
    assert ordered("raise", NOW_S + 60, NOW_S + 60) == "take_cover"
    assert ordered("cancel", NOW_S + 30, NOW_S + 90) == "take_cover"
    assert ordered("cancel", NOW_S + 100, NOW_S + 100) == "all_clear"


def test_a_cancel_that_waited_leaves_a_later_raise_to_less_than_an_earlier_one() -> None:
    desk = Desk()
    desk.order(0, "raise", level="take_cover")
    desk.order(60, "raise", level="prepare")
    assert [order.level for order in desk.warner.orders()] == ["take_cover", "prepare"]
    waited = OperatorAct(id="w", time=time_of(NOW_S + 30), operator="desk", action="cancel", zones=("south",))
    desk.at(90, acts=[waited])
    assert desk.level == "prepare"


def test_of_two_raises_each_ends_when_its_own_time_is_over() -> None:
    desk = Desk()
    desk.order(0, "raise", level="take_cover", lasts_s=500.0)
    desk.order(60, "raise", level="prepare", lasts_s=100.0)
    ends = [len(desk.warner.orders()) for second in (159, 160, 499, 500) if desk.at(second)]
    assert ends == [2, 1, 1, 0]
