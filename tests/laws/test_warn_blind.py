from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.tried import tried
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import Outlook
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Decision, Warner

NOW_S = 1_767_225_600.0
RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
INDEX = ZoneIndex([Zone(id="z", name="z", population=1, polygons=((RING,),))])
STEP_S = 15.0
# What happens during one stretch: (steps it lasts, probability of an attack, how the zone is seen).
sights = st.sampled_from(["seen", "lost", "never"])
stretches = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from([0.0, 0.001, 0.02, 0.3, 0.9]), sights), min_size=2, max_size=12
)


def _outlook(at_s: float, probability: float) -> Outlook:
    rows = 1 if probability > 0 else 0
    return Outlook(
        at_s=at_s, zone=np.zeros(rows, np.int32), track=np.zeros(rows, np.int32),
        probability=np.full(rows, probability), eta_earliest_s=np.full(rows, at_s + 60.0),
        eta_likely_s=np.full(rows, at_s + 120.0), tracks=("T1",), classes=("drone",),
    )  # fmt: skip


def _decide(warner: Warner, at_s: float, probability: float, sight: str) -> Decision:
    return warner.decide(
        at_s, _outlook(at_s, probability), [], impacts=(), alerts=(), acts=(),
        blind={} if sight == "seen" else {"z": sight}, unseen={"z"} if sight == "never" else (),
    )  # fmt: skip


@tried(50, nightly=600)
@given(stretches)
def test_no_schedule_of_faults_brings_an_all_clear_out_of_blindness(schedule: list[tuple[int, float, str]]) -> None:
    warner, at_s, last, said = Warner(INDEX, Policy(), drill=False), NOW_S, "none", None
    for steps, probability, sight in schedule:
        for _ in range(steps):
            at_s += STEP_S
            for warning in _decide(warner, at_s, probability, sight).warnings:
                assert not (sight != "seen" and warning.level == "all_clear")
                assert (warning.lapses is True) == ("no all clear follows" in warning.reason)
                said = warning
            state = warner.states()[0]
            # And never silence either: where we see, or did, a warning ends by an all clear, and only by one; where
            # nobody ever saw it lapses, after it was said that it would, into "we may be blind here".
            if last in ("prepare", "take_cover") and state.level == "none":
                assert sight == "never" and "no all clear follows" in said.reason and said.lapses is True
                assert said.level == "prepare" and said.expires.timestamp() <= at_s
            last = state.level
            assert state.degraded == (sight != "seen")


@tried(20, nightly=200)
@given(stretches)
def test_where_nobody_ever_saw_no_warning_stands_for_ever(schedule: list[tuple[int, float, str]]) -> None:
    warner, at_s = Warner(INDEX, Policy(), drill=False), NOW_S
    for steps, probability, sight in schedule:
        for _ in range(steps):
            at_s += STEP_S
            _decide(warner, at_s, probability, sight)
    for _ in range(120):
        at_s += STEP_S
        _decide(warner, at_s, 0.0, "never")
    assert warner.states()[0].level == "none" and warner.states()[0].degraded
    assert warner.standing() == ()


@tried(20, nightly=200)
@given(stretches)
def test_sight_that_comes_back_must_watch_before_it_gives_an_all_clear(schedule: list[tuple[int, float, str]]) -> None:
    warner, at_s, seen_s = Warner(INDEX, Policy(), drill=False), NOW_S, 0.0
    for steps, probability, sight in schedule:
        for _ in range(steps):
            at_s += STEP_S
            seen_s = seen_s + STEP_S if sight == "seen" else -STEP_S
            for warning in _decide(warner, at_s, probability, sight).warnings:
                assert warning.level != "all_clear" or seen_s >= Policy().clear_quiet_s or at_s == NOW_S + seen_s


@tried(20, nightly=200)
@given(stretches)
def test_a_threat_at_hand_never_meets_an_all_clear_and_ids_never_repeat(schedule: list[tuple[int, float, str]]) -> None:
    warner, at_s, ids = Warner(INDEX, Policy(), drill=False), NOW_S, set()
    for steps, probability, _ in schedule:
        for _ in range(steps):
            at_s += STEP_S
            decision = _decide(warner, at_s, probability, "seen")
            for warning in decision.warnings:
                assert warning.id not in ids
                ids.add(warning.id)
                assert not (probability >= 0.3 and warning.level == "all_clear")
