"""Channels write what spotters saw, late, each in its own way; some of it they have from each other."""

from __future__ import annotations

import numpy as np

from tests.some import some
from tocsin.model.observation import Sighting
from tocsin.model.value import seconds_of, time_of
from tocsin.simulate.channels import CHANNELS, COPIED, COPIER, ECHO_S, Written, written
from tocsin.simulate.places import invented_zones

ZONES = invented_zones(40)
BEGIN_S = 1_772_000_000.0
SEEN = tuple(
    Sighting(
        id=f"s{k}", time=time_of(BEGIN_S + 20 * k), received=time_of(BEGIN_S + 20 * k + 45), lat=47.0 + 0.004 * k,
        lon=8.0, threat="drone", heading_deg=15.0, bearing_deg=40.0, distance_m=1_500.0,
    )
    for k in range(120)
)  # fmt: skip


def lines(seed: int = 1) -> tuple[Written, ...]:
    found: tuple[Written, ...] = some(written(SEEN, ZONES, seed))
    return found


def test_a_night_of_lines_is_an_integer() -> None:
    assert lines() == lines() != lines(2)


def test_lines_come_in_order_one_to_two_minutes_after_what_they_tell_of() -> None:
    seen = {one.id: seconds_of(one.time) for one in SEEN}
    times = [seconds_of(one.line.time) for one in lines()]
    assert times == sorted(times)
    own = [seconds_of(one.line.time) - seen[one.sighting] for one in lines() if one.echoes is None]
    assert 60 < float(np.median(own)) < 180
    assert len({(one.line.source, one.line.id) for one in lines()}) == len(lines())


def test_the_copier_has_nothing_of_its_own_and_echoes_come_after_what_they_repeat() -> None:
    assert {one.line.channel for one in lines()} == set(CHANNELS)
    copied = some([one for one in lines() if one.line.channel == COPIER])
    assert {one.echoes for one in copied} == {COPIED}
    for one in some([one for one in lines() if one.echoes is not None]):
        first = [
            seconds_of(other.line.time) for other in lines()
            if (other.line.channel, other.sighting, other.echoes) == (one.echoes, one.sighting, None)
        ]  # fmt: skip
        after_s = seconds_of(one.line.time) - some(first)[0]
        assert ECHO_S[0] - 0.01 <= after_s <= ECHO_S[1] + 0.01
