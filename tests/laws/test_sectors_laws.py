"""However a country is cut, its sectors together say what one engine says: no zone twice, and none by nobody."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.test_engine import ZONES, journals
from tests.some import some
from tests.tried import tried
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.engine import Engine
from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.event import Event
from tocsin.model.warning import Warning
from tocsin.model.wire import to_json
from tocsin.replay.sectors import differences, played_cut
from tocsin.sectors.cut import Cut, cut_from_json, cut_of, cut_to_json
from tocsin.sectors.moving import begun, finished
from tocsin.sectors.neighbours import neighbours_of, pieces_of
from tocsin.sectors.ours import Ours
from tocsin.sectors.planning import planned
from tocsin.simulate.places import invented_zones


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    count = draw(st.integers(1, 5))
    label = draw(st.lists(st.integers(0, count - 1), min_size=len(ZONES), max_size=len(ZONES)))
    held = sorted(set(label))
    return cut_of([f"s{one}" for one in held], [held.index(one) for one in label], ZONES)


@tried(15, 500)
@given(journals(), cuts())
def test_any_cut_says_what_one_engine_says_each_zone_once(events: list[Event], cut: Cut) -> None:
    engine = Engine()
    sectors = [Ours(zones) for zones in cut.sectors.values()]
    for event in events:
        effects = engine.step(event)
        said = [one.effects(effects) for one in sectors]
        warned = Counter(to_json(one) for effects in said for one in effects if isinstance(one, Warning))
        assert warned == Counter(to_json(one) for one in effects if isinstance(one, Warning))
        for kind in (Picture, Degraded):
            whole = [zone for one in effects if isinstance(one, kind) for zone in one.zones]
            parts = [zone for effects in said for one in effects if isinstance(one, kind) for zone in one.zones]
            assert Counter(map(repr, parts)) == Counter(map(repr, whole))


@tried(20, 500)
@given(cuts(), st.integers(0, 15), st.integers(0, 4), st.integers(0, 2), st.integers(0, 2))
def test_a_zone_on_its_way_always_has_somebody_as_long_as_the_receiver_goes_first(
    cut: Cut, zone: int, to: int, step: int, ahead: int
) -> None:
    names = list(cut.sectors)
    receiver, moved = names[to % len(names)], ZONES[zone].id
    giver = cut.owners()[moved][0]
    if receiver == giver or len(cut.sectors[giver]) == 1:
        return
    both = begun(cut, [moved], receiver)
    steps = [cut, both, finished(both)]
    assert all(cut_from_json(cut_to_json(one)) == one for one in some(steps))
    # Whichever file each machine has, the giver's being no newer than the receiver's.
    givers, receivers = steps[step], steps[min(step + ahead, 2)]
    assert moved in givers.sectors[giver] or moved in receivers.sectors[receiver]
    assert Counter(zone for zones in steps[2].sectors.values() for zone in zones) == Counter(z.id for z in ZONES)


@tried(6, 200)
@given(journals(), cuts(), st.data())
def test_sectors_that_start_again_and_give_zones_away_meanwhile_say_what_one_engine_says(
    events: list[Event], cut: Cut, data: st.DataObject
) -> None:
    uncut = tuple(one for effects in _stepped(events) for one in effects if isinstance(one, Warning))
    at = sorted(data.draw(st.lists(st.integers(1, len(events) - 1), min_size=2, max_size=2, unique=True)))
    cuts_by_event = {0: cut}
    giver, receiver = next(iter(cut.sectors)), list(cut.sectors)[-1]
    if len(cut.sectors[giver]) > 1 and giver != receiver:
        both = begun(cut, [data.draw(st.sampled_from(cut.sectors[giver]))], receiver)
        cuts_by_event |= {at[0]: both, at[1]: finished(both)}
    restarts = {name: data.draw(st.integers(1, len(events) - 1)) for name in cut.sectors}
    assert differences(uncut, played_cut(events, cuts_by_event, restarts)) == []


def _stepped(events: list[Event]) -> list[list[Effect]]:
    engine = Engine()
    return [engine.step(event) for event in events]


@tried(10, 200)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_sectors_are_in_one_piece_and_hold_each_zone_once_with_loads_that_are_alike(seed: int, count: int) -> None:
    index = ZoneIndex(invented_zones(40, seed=seed % 1_000))
    load = np.random.default_rng(seed).uniform(0.5, 1.5, 40)
    load /= load.sum()
    label = planned(index, load, count)
    beside = neighbours_of(index)
    for one in some(range(count)):
        assert len(pieces_of(np.flatnonzero(label == one).tolist(), beside)) == 1
    # No zone at a border could make the heaviest lighter and stay lighter itself: within a zone or two of even.
    assert np.bincount(label, load).max() <= 1 / count + 3 * load.max()
