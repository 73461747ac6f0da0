from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.threat import Outlook
from tocsin.model.zone import Zone
from tocsin.warn.policy import Policy
from tocsin.warn.warner import Warner

NOW_S = 1_767_225_600.0
RING = ((20.0, 50.0), (20.1, 50.0), (20.1, 50.1), (20.0, 50.1), (20.0, 50.0))
INDEX = ZoneIndex([Zone(id="z", name="z", population=1, polygons=((RING,),))])
STEP_S = 15.0
# What happens during one stretch: (steps it lasts, probability of an attack, whether the zone is blind).
stretches = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from([0.0, 0.001, 0.02, 0.3, 0.9]), st.booleans()), min_size=2, max_size=12
)


def _outlook(at_s: float, probability: float) -> Outlook:
    rows = 1 if probability > 0 else 0
    return Outlook(
        at_s=at_s, zone=np.zeros(rows, np.int32), track=np.zeros(rows, np.int32),
        probability=np.full(rows, probability), eta_earliest_s=np.full(rows, at_s + 60.0),
        eta_likely_s=np.full(rows, at_s + 120.0), tracks=("T1",), classes=("drone",),
    )  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(stretches)
def test_no_schedule_of_faults_brings_an_all_clear_out_of_blindness(schedule):
    warner, at_s, last = Warner(INDEX, Policy(), drill=False), NOW_S, "none"
    for steps, probability, blind in schedule:
        for _ in range(steps):
            at_s += STEP_S
            decision = warner.decide(
                at_s,
                _outlook(at_s, probability),
                [],
                impacts=(),
                alerts=(),
                acts=(),
                blind={"z": "lost"} if blind else {},
            )
            for warning in decision.warnings:
                assert not (blind and warning.level == "all_clear")
            level = warner.states()[0].level
            # And never silence either: a warning ends by an all clear, and only by one.
            assert not (last in ("prepare", "take_cover") and level == "none")
            last = level
            assert warner.states()[0].degraded == blind


@settings(deadline=None, max_examples=50)
@given(stretches)
def test_a_threat_at_hand_never_meets_an_all_clear_and_ids_never_repeat(schedule):
    warner, at_s, ids = Warner(INDEX, Policy(), drill=False), NOW_S, set()
    for steps, probability, _ in schedule:
        for _ in range(steps):
            at_s += STEP_S
            decision = warner.decide(at_s, _outlook(at_s, probability), [], impacts=(), alerts=(), acts=(), blind={})
            for warning in decision.warnings:
                assert warning.id not in ids
                ids.add(warning.id)
                assert not (probability >= 0.3 and warning.level == "all_clear")
