"""The warner and a slow one, written from the document alone, over random nights: the same levels, always."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from tests.laws.random_nights import INDEX, NOW_S, Night, policy_of
from tests.laws.slow_evidence import NEVER
from tests.laws.slow_warner import SlowWarner
from tocsin.warn.warner import Warner

STEP_S, STEPS = 5.0, 160


def names(which: Iterable[bool]) -> set[str]:
    return {zone.id for zone, yes in zip(INDEX.zones, which, strict=True) if yes}


@pytest.mark.unfollowed
@pytest.mark.parametrize("seed", range(24))
def test_a_slow_warner_that_is_written_from_the_document_gives_the_same_levels(seed: int) -> None:
    night, chance = Night(seed), random.Random(-seed)
    policy = policy_of(chance)
    fast, slow = Warner(INDEX, policy, drill=False), SlowWarner(INDEX, policy)
    for step in range(STEPS):
        at_s = NOW_S + STEP_S * step
        now = night.step(at_s)
        fast.decide(at_s, now.outlook, now.tracks, **now.told)
        tracks = {track.id: track for track in now.tracks}
        wanted = slow.decide(at_s, now.outlook, tracks, now.heard, night.blind, night.unseen)
        assert [state.level for state in fast.states()] == wanted, f"at step {step}"
        assert {one.zone for one in fast.standing() if one.lapses is True} == names(place.ends for place in slow.places)
        assert {one.zone for one in fast.proposals()} == names(place.proposed_s < NEVER for place in slow.places)
        for one in fast.standing():
            assert one.expires.timestamp() > at_s, f"{one.zone} lapsed in silence"
        if chance.random() < 0.05:
            fast = Warner.load(fast.dump(), INDEX, policy, drill=False)
