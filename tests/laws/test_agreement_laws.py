"""What several decide is published once: raising needs one of them, lowering needs all that live."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.told_zones import Teller, at
from tests.tried import tried
from tocsin.model.effect import Effect, Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.twins.agreement import Agreement
from tocsin.twins.voter import rank

ZONES = ("north", "south")
Wanted = Mapping[str, str]
Night = list[tuple[int, list[Wanted]]]
levels = st.sampled_from(["none", "none", "prepare", "take_cover", "lapse"])
gaps = st.sampled_from([1, 1, 2, 10, 70, 310])


@st.composite
def nights(draw: st.DrawFn, twins: int = 2, most: int = 7) -> Night:
    """Ticks, and at each how every voter's zones shall stand; often alike."""
    night: Night = []
    now_s = 0
    for _ in range(draw(st.integers(1, most))):
        now_s += draw(gaps)
        first: Wanted = {zone: draw(levels) for zone in ZONES}
        others: list[Wanted] = [
            first if draw(st.booleans()) else {zone: draw(levels) for zone in ZONES} for _ in range(twins - 1)
        ]
        night.append((now_s, [first, *others]))
    return night


class Heard:
    """What everybody has heard: the warnings in order, and how the zones are shown."""

    def __init__(self) -> None:
        self.warnings: list[Warning] = []
        self.states: dict[str, ZoneState] = {}

    def hear(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Warning):
                self.warnings.append(effect)
            elif isinstance(effect, Picture):
                self.states.update((state.zone, state) for state in effect.zones)

    def of(self, zone: str) -> list[Warning]:
        return [warning for warning in self.warnings if warning.zone == zone]

    def rank(self, zone: str) -> int:
        """How much the zone is asked by the last word."""
        said = self.of(zone)
        state = self.states.get(zone)
        return 0 if not said or state is None or state.level == "none" else rank(said[-1])


def ticks_of(night: Night, most_s: int = 25) -> Night:
    """The night with a tick at least so often."""
    found: Night = []
    for now_s, wanted in night:
        while found and now_s - found[-1][0] > most_s:
            found.append((found[-1][0] + most_s, found[-1][1]))
        found.append((now_s, wanted))
    return found


def twins(own: str | None = "a") -> Agreement:
    return Agreement({"a": "living", "b": "living"}, own=own)


@tried(60, nightly=2_000)
@given(nights(twins=1))
def test_what_a_lone_voter_says_is_published_as_it_is(night: Night) -> None:
    agreement, teller = Agreement({"a": "living"}, own="a"), Teller()
    for now_s, (wanted,) in ticks_of(night):
        said = teller.tick(now_s, wanted)
        assert agreement.take("a", said) == said
        assert set(agreement.standing()) >= {one for one in teller.shown.values() if one.level != "all_clear"}


@tried(60, nightly=2_000)
@given(nights(), st.integers(0, 1_000_000))
def test_at_every_moment_the_highest_of_all_living_voters_is_published(night: Night, seed: int) -> None:
    agreement, tellers, heard = twins(), {"a": Teller(), "b": Teller()}, Heard()
    chance = random.Random(seed)
    for now_s, wanted in ticks_of(night):
        for name in chance.sample(["a", "b"], 2):
            said = tellers[name].tick(now_s, wanted["ab".index(name)])
            told = agreement.take(name, said)
            heard.hear(told)
            for zone in ZONES:
                assert heard.rank(zone) >= max(teller.rank(zone) for teller in tellers.values())
                shown = heard.states.get(zone)
                assert shown is None or shown.level == "none" or heard.of(zone)[-1].id == shown.warning
            for warning in told:
                if isinstance(warning, Warning) and warning.level == "all_clear":
                    assert tellers["a"].rank(warning.zone) == tellers["b"].rank(warning.zone) == 0
        for zone in ZONES:
            # Once both have decided it is not more either.
            top = max(teller.rank(zone) for teller in tellers.values())
            assert heard.rank(zone) == top or (top == 0 and heard.rank(zone) == 1)
            # A warning that is held may not run out.
            assert heard.rank(zone) < 2 or heard.of(zone)[-1].expires > at(now_s)
    assert max(Counter(warning.id for warning in heard.warnings).values(), default=1) == 1
    for zone in ZONES:
        before = None
        for warning in heard.of(zone):
            assert warning.replaces == (before.id if before is not None and rank(before) > 0 else None) or (
                before is not None and rank(before) == 1 and warning.replaces is None
            )
            assert before is None or warning.time >= before.time
            before = warning


@tried(60, nightly=2_000)
@given(nights(twins=1), st.integers(0, 1_000_000))
def test_two_that_say_the_same_are_published_once_in_whatever_order_they_arrive(night: Night, seed: int) -> None:
    ticks, teller, chance = ticks_of(night), Teller(), random.Random(seed)
    said = [teller.tick(now_s, wanted) for now_s, (wanted,) in ticks]
    alone, both, agreement = Heard(), Heard(), twins()
    for effects in said:
        alone.hear(effects)
    waiting = {"a": list(said), "b": list(said)}
    while any(waiting.values()):
        # Neither may be late by more than a voter may be.
        behind = [name for name in waiting if waiting[name]]
        apart = len(waiting["a"]) - len(waiting["b"])
        if len(behind) == 2 and abs(apart) < 1:
            name = chance.choice(behind)
        else:
            name = max(waiting, key=lambda one: len(waiting[one]))
        both.hear(agreement.take(name, waiting[name].pop(0)))
    assert all(both.of(zone) == alone.of(zone) for zone in ZONES)
    assert {zone: state for zone, state in both.states.items() if state.level != "none"} == {
        zone: state for zone, state in alone.states.items() if state.level != "none"
    }
    assert not agreement.held()


@tried(60, nightly=2_000)
@given(nights(), st.integers(0, 1_000_000))
def test_the_order_of_arrival_does_not_change_what_is_published_in_the_end(night: Night, seed: int) -> None:
    ends, chance = [], random.Random(seed)
    for _ in range(2):
        agreement, tellers, heard = twins(own=None), {"a": Teller(), "b": Teller()}, Heard()
        for now_s, wanted in ticks_of(night):
            for name in chance.sample(["a", "b"], 2):
                heard.hear(agreement.take(name, tellers[name].tick(now_s, wanted["ab".index(name)])))
        last = {one.zone: (rank(one), one.time, one.expires) for one in agreement.standing()}
        ends.append((last, {zone: heard.rank(zone) for zone in ZONES}))
    assert ends[0] == ends[1]


@tried(60, nightly=2_000)
@given(nights(), st.integers(0, 40))
def test_an_all_clear_that_is_held_goes_out_when_the_other_is_declared_dead(night: Night, more_s: int) -> None:
    agreement, a, b, heard = twins(), Teller(), Teller(), Heard()
    ticks = ticks_of(night)
    for now_s, wanted in ticks:
        heard.hear(agreement.take("a", a.tick(now_s, wanted[0])))
        heard.hear(agreement.take("b", b.tick(now_s, wanted[1])))
    before = {zone: heard.rank(zone) for zone in ZONES}
    # b falls silent: as long as nobody says that it is dead, it holds what it held.
    silent_s = ticks[-1][0]
    for now_s in range(silent_s + 1, silent_s + min(more_s, 14)):
        told = agreement.take("a", a.tick(now_s, ticks[-1][1][0]))
        heard.hear(told)
        assert all(heard.rank(zone) >= min(before[zone], b.rank(zone)) for zone in ZONES)
    heard.hear(agreement.lose("b"))
    for zone in ZONES:
        # Where the survivor gave an all clear it is out; where it never warned, the other's warning ends by itself.
        assert heard.rank(zone) == max(a.rank(zone), 1 if heard.rank(zone) == 1 else 0)
    for later_s in range(silent_s + 20, silent_s + 1_000, 10):
        heard.hear(agreement.take("a", a.tick(later_s, ticks[-1][1][0])))
    assert all(heard.rank(zone) == a.rank(zone) for zone in ZONES)


@tried(40, nightly=1_000)
@given(nights())
def test_nothing_is_lowered_before_one_that_came_back_has_told_what_it_holds(
    night: Night,
) -> None:
    agreement, a, heard = Agreement({"a": "living", "b": "unheard"}, own="a"), Teller(), Heard()
    highest = dict.fromkeys(ZONES, 0)
    for now_s, wanted in ticks_of(night):
        heard.hear(agreement.take("a", a.tick(now_s, wanted[0])))
        for zone in ZONES:
            assert heard.rank(zone) >= highest[zone]
            highest[zone] = max(highest[zone], a.rank(zone))
    b = Teller()
    heard.hear(agreement.stand("b", *b.whole(now_s)))
    assert all(heard.rank(zone) in (a.rank(zone), max(a.rank(zone), 1)) for zone in ZONES)


@tried(40, nightly=1_000)
@given(nights(), st.integers(0, 30))
def test_one_that_is_late_neither_raises_nor_lowers(night: Night, late_s: int) -> None:
    agreement, a, b, heard = twins(), Teller(), Teller(), Heard()
    ticks = ticks_of(night, most_s=5)
    for now_s in range(ticks[0][0] - 45 - late_s, ticks[0][0]):
        agreement.take("a", a.tick(now_s, dict.fromkeys(ZONES, "none")))
    for now_s, wanted in ticks:
        heard.hear(agreement.take("a", a.tick(now_s, wanted[0])))
        heard.hear(agreement.take("b", b.tick(now_s - 20 - late_s, wanted[1])))
        assert all(heard.rank(zone) in (a.rank(zone), max(a.rank(zone), 1)) for zone in ZONES)


def test_one_whose_words_went_missing_raises_and_lowers_nothing() -> None:
    agreement, a, b = twins(), Teller(), Teller()
    for name, teller in (("a", a), ("b", b)):
        agreement.take(name, teller.tick(1, {"north": "take_cover"}))
    agreement.expect("b")
    cleared = [one for one in b.tick(50, {"north": "none", "south": "take_cover"}) if isinstance(one, Warning)]
    raised = [one for one in agreement.raised("b", cleared) if isinstance(one, Warning)]
    assert [(one.zone, one.level) for one in raised] == [("south", "take_cover")]
    told = agreement.take("a", a.tick(50, {"north": "none"}))
    assert not [one for one in told if isinstance(one, Warning)]
    held = next(one for one in agreement.held() if one.zone == "north")
    assert (held.zone, held.by, held.wanted) == ("north", ("b",), "all_clear")
    told = agreement.stand("b", *b.whole(51))
    assert [one.level for one in told if isinstance(one, Warning)] == ["all_clear"]


def test_an_all_clear_that_was_held_for_long_bears_the_time_at_which_it_goes_out() -> None:
    agreement, a, b, heard = twins(), Teller(), Teller(), Heard()
    for now_s in range(1, 400):
        wanted = "take_cover" if now_s < 20 else "none"
        heard.hear(agreement.take("a", a.tick(now_s, {"north": wanted})))
        heard.hear(agreement.take("b", b.tick(min(now_s, 390), {"north": "take_cover"})))
    assert heard.rank("north") == 3
    heard.hear(agreement.lose("b"))
    last = heard.of("north")[-1]
    assert (last.level, last.time) == ("all_clear", at(399))
    assert last.expires - last.time == timedelta(seconds=600)
    assert len(some(heard.of("north"))) == len({one.id for one in heard.of("north")})
